"""One table of all figures, with their ratios.

    python -m benchmarks [--only rays,lidar] [--all] [--out out/benchmarks]

Quick without ``--all``, some five minutes on two idle cores; with it also the presets and, where ``make peers`` has
made their environments, others' renderers. CPU seconds are of all threads and hold on a busy machine; ratios compare
within one run. Writes ``figures.jsonl`` and ``figures.md``. A source that fails is named, and the others go on.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import traceback
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.figures import ALL, QUICK, Figure, as_json
from benchmarks.measuring import machine

Group = tuple[str, tuple[Figure, ...], float]
"""A source, its figures, and the seconds that it took."""


def gathered(names: list[str]) -> list[Group]:
    """Asks one source after another."""
    found: list[Group] = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        start, figures = time.perf_counter(), list[Figure]()
        try:
            for figure in ALL[name]():
                figures.append(figure)
        except (Exception, subprocess.CalledProcessError) as error:
            traceback.print_exc()
            print(f"{name} failed: {error}", file=sys.stderr)
        found.append((name, tuple(figures), time.perf_counter() - start))
    return found


def shown(value: float) -> str:
    """Four digits, and thousands apart."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"


def cells(figure: Figure) -> tuple[str, ...]:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}x"
    return figure.name, shown(figure.value), figure.unit, ratio, figure.to


COLUMNS = ("figure", "value", "unit", "ratio", "to")


def as_markdown(groups: list[Group]) -> str:
    """The table as a page shows it."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---|---|---|---|---|"]
    for name, figures, seconds in groups:
        lines.append(f"| **{name}** ({seconds:.0f} s) | | | | |")
        lines += ["| " + " | ".join(cells(f)) + " |" for f in figures]
    return "\n".join(lines) + "\n"


def show(groups: list[Group]) -> None:
    table = Table(title=machine(), title_justify="left")
    for column in COLUMNS:
        table.add_column(column, justify="right" if column in ("value", "ratio") else "left")
    for name, figures, seconds in groups:
        table.add_row(f"[bold]{name}[/bold] ({seconds:.0f} s)")
        for figure in figures:
            table.add_row(*cells(figure))
        table.add_section()
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--only", default="", help=f"sources, comma separated: {', '.join(ALL)}")
    ask.add_argument("--all", action="store_true")
    ask.add_argument("--out", type=Path, default=Path("out/benchmarks"))
    options = ask.parse_args()
    names = options.only.split(",") if options.only else list(ALL if options.all else QUICK)
    if unknown := [n for n in names if n not in ALL]:
        ask.error(f'unknown source "{unknown[0]}"; there are {", ".join(ALL)}')
    groups = gathered(names)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "figures.md").write_text(f"{machine()}\n\n{as_markdown(groups)}")
    (options.out / "figures.jsonl").write_text(as_json(f for _, figures, _ in groups for f in figures))
    show(groups)
    return 0 if all(figures for _, figures, _ in groups) else 1


if __name__ == "__main__":
    sys.exit(main())
