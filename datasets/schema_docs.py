"""The schema as Markdown: ``python -m pairforge.datasets.schema_docs`` prints what docs/store.md holds."""

from __future__ import annotations

from collections.abc import Iterator

from pairforge.datasets.schema import ARRAYS, TABLES

_ARRAY_TITLES = {"camera": "Camera arrays", "lidar": "LiDAR arrays"}


def markdown() -> str:
    """One Markdown table for each kind of sensor and each table of the store."""
    return "\n".join([*_arrays(), *_tables()])


def _arrays() -> Iterator[str]:
    for kind, specs in ARRAYS.items():
        yield from (
            f"### {_ARRAY_TITLES[kind]}",
            "",
            "| member | dtype | shape | unit | frame | holds |",
            "|---|---|---|---|---|---|",
        )
        for s in specs:
            shape = ", ".join(str(d) for d in s.shape)
            yield f"| `{s.suffix}` | {s.dtype} | ({shape}) | {s.unit} | {s.frame} | {s.description} |"
        yield ""


def _tables() -> Iterator[str]:
    for name, schema in TABLES.items():
        yield from (
            f"### Table `{name}`",
            "",
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
    print(markdown())
