"""The schema as Markdown: ``python -m pairforge.datasets.schema_docs docs/store.md`` brings that page up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pairforge.datasets.contrast_tables import QUADS, TEXTS
from pairforge.datasets.question_table import QUESTIONS
from pairforge.datasets.schema import TABLES
from pairforge.datasets.shard_arrays import all_arrays

_ARRAY_TITLES = {"camera": "Camera arrays", "lidar": "LiDAR arrays"}


def markdown() -> str:
    """One Markdown table for each kind of sensor and each table of the store."""
    return "\n".join([*_arrays(), *_tables()])


def _arrays() -> Iterator[str]:
    for kind, specs in all_arrays().items():
        yield from (
            f"### {_ARRAY_TITLES.get(kind, f'Arrays of {kind}')}",
            "",
            "| member | dtype | shape | unit | frame | holds |",
            "|---|---|---|---|---|---|",
        )
        for s in specs:
            shape = ", ".join(str(d) for d in s.shape)
            holds = f"{s.description} (if asked for)" if s.optional else s.description
            yield f"| `{s.suffix}` | {s.dtype} | ({shape}) | {s.unit} | {s.frame} | {holds} |"
        yield ""


_WRITTEN_LATER = {
    "questions": ("`pairforge ask` writes it to questions/questions.parquet", QUESTIONS),
    "quads": ("`pairforge contrast` writes it to contrasts/quads.parquet", QUADS),
    "texts": ("`pairforge contrast` writes it to contrasts/texts.parquet", TEXTS),
}
"""Tables that a dataset may have beside those of its scenes: who writes them, and their schema."""


def _tables() -> Iterator[str]:
    shown = {name: ("", schema) for name, schema in TABLES.items()} | _WRITTEN_LATER
    for name, (writer, schema) in shown.items():
        yield from (
            f"### Table `{name}`",
            "",
            *((f"{writer}.", "") if writer else ()),
            "| column | type | unit | frame | holds |",
            "|---|---|---|---|---|",
        )
        for field in schema:
            told = {k.decode(): v.decode() for k, v in (field.metadata or {}).items()}
            null = " or null" if field.nullable else ""
            kind = str(field.type).replace("element: ", "").replace("item: ", "")
            cells = (f"{kind}{null}", told.get("unit", ""), told.get("frame", ""), told["description"])
            yield f"| `{field.name}` | {' | '.join(cells)} |"
        yield ""


if __name__ == "__main__":
    page = Path(sys.argv[1])
    kept = page.read_text("utf-8").partition("### Camera arrays")[0]
    page.write_text(kept + markdown().rstrip() + "\n", "utf-8")
