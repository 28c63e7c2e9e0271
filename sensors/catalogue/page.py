"""The catalogue as Markdown: ``python -m pairforge.sensors.catalogue.page docs/sensors/catalogue.md`` writes it."""

from __future__ import annotations

import sys
from pathlib import Path

from pairforge.sensors.catalogue import CatalogueEntry, entry, names

_HEAD = """# Real sensors

Each is one TOML file in `sensors/catalogue/`, apart from the code, its values from the public document that it names.
Where a document does not say what a model needs, the note says what was derived or left at the model's default.

```python
Lidar.like("velodyne_hdl_32e", name="LIDAR_TOP", mount="ego", position_m=(0.94, 0.0, 1.84))
```

Any field can be given beside, and then replaces the catalogue's. `pairforge list catalogue` prints the names. To add
one, add a file: `kind`, `title`, `source`, `note`, and `[fields]` of the kind's spec.
"""


def markdown() -> str:
    """One section a kind, one entry a model."""
    found = [entry(name) for name in names()]
    parts = [_HEAD]
    for kind in sorted({e.kind for e in found}):
        parts.append(f"## {kind}\n")
        parts += [_entry(e) for e in found if e.kind == kind]
    return "\n".join(parts)


def _entry(e: CatalogueEntry) -> str:
    fields = ", ".join(f"`{key}` {_said(value)}" for key, value in e.fields.items())
    return f"### `{e.name}`: {e.title}\n{fields}.\n\nSource: {e.source}. {e.note}\n"


def _said(value: object) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{k} {_said(v)}" for k, v in value.items()) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(f"{v:g}" for v in value) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(markdown(), "utf-8")
