"""Counterfactual quads as the audit reads them: which pictures, which texts, which group."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pairforge.datasets.files import is_file, read_bytes
from pairforge.datasets.parquet import table_of
from pairforge.errors import DatasetError

QUADS = "contrasts/quads.parquet"
_COLUMNS = {
    "quad_id": pa.int64(),
    "kind": pa.string(),
    "label": pa.string(),
    "language": pa.string(),
    "group": pa.int32(),
    "sensor": pa.string(),
    "key_0": pa.string(),
    "key_1": pa.string(),
    "text_0": pa.string(),
    "text_1": pa.string(),
}


@dataclass(frozen=True)
class Quad:
    """Two pictures and two texts: ``texts[k]`` is true of the keyframe ``keys[k]`` and false of the other."""

    quad_id: int
    kind: str
    label: str
    language: str
    group: int
    sensor: str
    keys: tuple[str, str]
    texts: tuple[str, str]


def read_quads(root: Path) -> list[Quad]:
    """The quads of a dataset in stored order; none where it has no contrasts. DatasetError when they are damaged."""
    path = root / QUADS
    if not is_file(path):
        return []
    data = read_bytes(path)
    try:
        table = table_of(data)
        missing = [name for name in _COLUMNS if name not in table.column_names]
        if missing:
            raise DatasetError(f'{path} has no column "{missing[0]}". Make the contrasts again.')
        rows = table.select(list(_COLUMNS)).cast(pa.schema(_COLUMNS)).to_pylist()
    except (pa.ArrowException, ValueError) as error:
        raise DatasetError(
            f"{path}: damaged ({type(error).__name__}: {error}). Make the contrasts again."
        ) from error
    quads = [
        Quad(
            **{n: r[n] for n in ("quad_id", "kind", "label", "language", "group", "sensor")},
            keys=(r["key_0"], r["key_1"]),
            texts=(r["text_0"], r["text_1"]),
        )
        for r in rows
    ]
    for quad in quads:
        values = (quad.kind, quad.language, quad.sensor, quad.group, *quad.keys, *quad.texts)
        if None in values or "" in values:
            raise DatasetError(f"{path}: quad {quad.quad_id} lacks a value. Make the contrasts again.")
    return quads
