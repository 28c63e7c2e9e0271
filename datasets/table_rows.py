"""What tables of scenes and of keyframes share: dataclasses, poses and JSON as values of a row, and back, exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from pairforge.datasets.schema import TABLES
from pairforge.errors import DatasetError
from pairforge.frames import Pose

Row = dict[str, Any]
T = TypeVar("T")


def to_json(value: object, where: str) -> str:
    """Canonical JSON; DatasetError when the value has anything JSON lacks."""
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise DatasetError(f"{where} cannot be stored as JSON: {error}. Use plain JSON values.") from error


def table(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows as an Arrow table of the schema; DatasetError when a value does not fit its column."""
    try:
        return pa.Table.from_pylist(list(rows), schema=TABLES[name])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise DatasetError(f"table {name}: a value does not fit its column ({error})") from error


def made(kind: type[T], row: Row, tuples: tuple[str, ...] = ()) -> T:
    """A dataclass of a row with its fields; ``tuples`` are those that the row holds as lists."""
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]  # it is a dataclass
    return kind(**{n: tuple(row[n]) if n in tuples else row[n] for n in names})


def pose_row(pose: Pose | None, prefix: str = "") -> Row:
    """The two columns of a pose; none stands for none."""
    if pose is None:
        return {f"{prefix}position_m": None, f"{prefix}quaternion_wxyz": None}
    return {
        f"{prefix}position_m": pose.position_m.tolist(),
        f"{prefix}quaternion_wxyz": pose.quaternion_wxyz.tolist(),
    }


def pose_of(row: Row, prefix: str = "") -> Pose | None:
    position, quaternion = row[f"{prefix}position_m"], row[f"{prefix}quaternion_wxyz"]
    if position is None or quaternion is None:
        return None
    return Pose(np.array(position, dtype=np.float64), np.array(quaternion, dtype=np.float64))
