"""Where in the shards a keyframe's members lie: an audit opens tens of thousands of scenes, and little of each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pyarrow as pa

from pairforge.datasets.files import read_bytes
from pairforge.datasets.parquet import table_of
from pairforge.datasets.reader import Dataset, parse_key
from pairforge.datasets.store import shard_path, table_path
from pairforge.errors import DatasetError

_COLUMNS = ["frame_index", "sensor", "kind", "sweep", "members"]


class Members:
    """The members of a dataset's sensors, by key."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._rows = lru_cache(maxsize=256)(self._read)

    def find(
        self, key: str, kind: str, sensor: str = "", endings: tuple[str, ...] = ()
    ) -> dict[str, bytes] | None:
        """The bytes of the first sensor of a kind (of that name, if one is given) at a keyframe: of its own sweep the
        members with these endings, by ending. None where there is no such sensor; DatasetError when a member or the
        scene is missing or damaged."""
        scene_index, frame_index = parse_key(key)
        for row in self._rows(scene_index):
            here = row["frame_index"] == frame_index and row["kind"] == kind and row["sweep"] == 0
            if not here or row["sensor"] != (sensor or row["sensor"]):
                continue
            path = self._dataset.root / shard_path(self._dataset.scene(scene_index).slug)
            found = {e: m for m in row["members"] for e in endings if m["name"].endswith(e)}
            if len(found) < len(endings):
                raise DatasetError(
                    f"{path} lists no {endings} of {row['sensor']}. Generate this scene again."
                )
            return {e: read_bytes(path, m["offset"], m["size"]) for e, m in found.items()}
        return None

    def _read(self, scene_index: int) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = columns_of(self._dataset, "sensors", scene_index, _COLUMNS).to_pylist()
        return rows


def columns_of(dataset: Dataset, name: str, scene_index: int, columns: list[str]) -> pa.Table:
    """Some columns of a scene's table; DatasetError when it is missing or damaged."""
    path = dataset.root / table_path(name, dataset.scene(scene_index).slug)
    data = read_bytes(path)
    try:
        return table_of(data, columns)
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise DatasetError(f"{path}: damaged ({error}). Generate this scene again.") from error
