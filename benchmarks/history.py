"""The history of what pairforge costs in counts, which no machine's noise touches: ``benchmarks/history.csv``.

    python -m benchmarks.history            # print the figures beside the last ones kept
    python -m benchmarks.history --check    # the same, and fail when one grew by more than its tolerance (CI does)
    python -m benchmarks.history --append "why"   # keep today's as the new ones

A slowdown is then a decision: somebody appended it, and said why.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.history_figures import TOLERANCE, Counted, figures

HISTORY = Path(__file__).with_name("history.csv")


@dataclass(frozen=True)
class Row:
    """A line of the history. ``date`` is ISO 8601; ``why`` says what changed."""

    date: str
    version: str
    figure: str
    unit: str
    value: int
    why: str


def read(path: Path = HISTORY) -> list[Row]:
    """All rows, oldest first; none when there is no file."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [Row(**{**row, "value": int(row["value"])}) for row in csv.DictReader(file)]


def append(counted: Iterable[Counted], why: str, path: Path = HISTORY) -> None:
    """Keeps the figures under today's date, those that did not change left out."""
    last = {row.figure: row.value for row in read(path)}
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        if fresh:
            out.writerow(f.name for f in fields(Row))
        for one in counted:
            if last.get(one.figure) != one.value:
                out.writerow(
                    (date.today().isoformat(), version("pairforge"), one.figure, one.unit, one.value, why)
                )


def problems(rows: Sequence[Row], counted: Iterable[Counted]) -> list[str]:
    """What grew by more than its tolerance since it was last kept, or was never kept."""
    last = {row.figure: row for row in rows}
    found = []
    for one in counted:
        if one.figure not in last:
            found.append(f'"{one.figure}" is not in the history yet')
        elif one.value > last[one.figure].value * (1 + TOLERANCE[one.unit]):
            kept = last[one.figure]
            found.append(
                f'"{one.figure}" grew from {kept.value:,} to {one.value:,} {one.unit} ({_change(kept, one)}; '
                f"{TOLERANCE[one.unit]:.0%} is let pass) since {kept.date}"
            )
    return found


def _change(kept: Row, now: Counted) -> str:
    return f"{now.value / kept.value - 1:+.1%}" if kept.value else "from nothing"


def _show(rows: Sequence[Row], counted: Sequence[Counted]) -> None:
    last = {row.figure: row for row in rows}
    table = Table(title="Costs in counts", title_justify="left")
    for k, column in enumerate(("figure", "unit", "kept", "now", "change")):
        table.add_column(column, justify="right" if k > 1 else "left")
    for one in counted:
        kept = last.get(one.figure)
        was, change = (f"{kept.value:,}", _change(kept, one)) if kept else ("", "new")
        table.add_row(one.figure, one.unit, was, f"{one.value:,}", change)
    Console(width=120).print(table)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--check", action="store_true")
    ask.add_argument("--append", metavar="WHY")
    options = ask.parse_args()
    rows, counted = read(), list(figures())
    _show(rows, counted)
    if options.append:
        append(counted, options.append)
    wrong = problems(rows, counted) if options.check else []
    for problem in wrong:
        print(problem, file=sys.stderr)
    if wrong:
        print(
            "Make it cheaper; or, if it is worth that, run python -m benchmarks.history --append WHY and commit "
            "benchmarks/history.csv",
            file=sys.stderr,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
