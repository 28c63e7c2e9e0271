"""The schema of facts as Markdown: ``python -m pairforge.datasets.fact_docs docs/captions.md`` brings that page up to
date between its marks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pairforge.datasets.fact_schema import GROUPS, PREDICATES, Predicate
from pairforge.datasets.happening_schema import KINDS


def happenings() -> str:
    """One table, a row a kind."""
    lines = ["| kind | argument | value | from, to |", "|---|---|---|---|"]
    for row in KINDS.values():
        cells = (f"`{row.name}` ({', '.join(row.subjects)})", ", ".join(row.arguments))
        lines.append(f"| {' | '.join(cells)} | {row.meaning} {row.unit} | {row.from_to} |")
    return "\n".join(lines)


def facts() -> str:
    """One table, predicates in the order of their groups."""
    lines = ["| predicate | argument | frame | value | holds when |", "|---|---|---|---|---|"]
    for group in GROUPS:
        lines += [f"| *{group}* | | | | |", *_rows(group)]
    return "\n".join(lines)


def _rows(group: str) -> Iterator[str]:
    for row in PREDICATES.values():
        if row.group == group:
            frame = ", ".join(f for f in row.frames if f)
            cells = (_signature(row), _argument(row), frame, _value(row), row.description)
            yield "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def _signature(row: Predicate) -> str:
    subjects = ", ".join(row.subjects)
    return f"`{row.name}` ({subjects})" + (", in a sensor" if row.sensed else "")


def _argument(row: Predicate) -> str:
    if row.value == "rounded":
        return "the number said"
    return "a word" if row.arguments is None else ", ".join(row.arguments)


def _value(row: Predicate) -> str:
    unit = f", {row.unit}" if row.unit not in ("", "of the argument") else ""
    return f"{row.meaning}{unit}"


def page(text: str) -> str:
    """The page with its tables as they must be; ValueError when the marks around one are missing."""
    for name, made in (("facts", facts), ("happenings", happenings)):
        start, end = f"<!-- {name}: made by fact_docs -->", f"<!-- end of {name} -->"
        before, _, rest = text.partition(start)
        _, mark, after = rest.partition(end)
        if not mark:
            raise ValueError(f"the page lacks {start} or {end}")
        text = f"{before}{start}\n\n{made()}\n\n{end}{after}"
    return text


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")
