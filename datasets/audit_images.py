"""What blind image models see of a picture: brightness, colours and edges of a small copy."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pairforge.datasets.audit_trial import Model
from pairforge.datasets.files import read_bytes
from pairforge.datasets.reader import Dataset, parse_key
from pairforge.datasets.store import shard_path
from pairforge.errors import DatasetError
from pairforge.frames import F64

SMALL_PX = (64, 36)
_CELLS = 3
_BINS = 4

Shown = tuple[str, str]
"""Which picture: key of its keyframe, camera."""
Picture = NDArray[np.uint8]
"""(36, 64, 3) sRGB."""


def models(pictures: Sequence[Picture]) -> list[Model]:
    """The blind image models over these pictures."""
    things = np.array([statistics(one) for one in pictures]).reshape(len(pictures), -1)
    return [Model("picture statistics", things), Model("picture statistics, trees", things, "trees")]


def picture(dataset: Dataset, key: str, sensor: str) -> Picture:
    """A camera's picture made small, by the mean over areas. DatasetError when there is none."""
    scene_index, frame_index = parse_key(key)
    for row in dataset.rows("sensors", scene_index, frame_index):
        if row["sensor"] == sensor and row["kind"] == "camera" and row["sweep"] == 0:
            member = next((m for m in row["members"] if m["name"].endswith(".rgb.png")), None)
            if member is not None:
                path = dataset.root / shard_path(dataset.scene(scene_index).slug)
                return _small(read_bytes(path, member["offset"], member["size"]), f"{path} {member['name']}")
    raise DatasetError(f'{key} has no picture of a camera "{sensor}". Make the contrasts again.')


def _small(data: bytes, where: str) -> Picture:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image.convert("RGB").resize(SMALL_PX, Image.Resampling.BOX))
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise DatasetError(f"{where}: damaged ({error}). Generate this scene again.") from error


def statistics(small: Picture) -> F64:
    """(88,): mean and spread of each channel, 4 x 4 x 4 colours, brightness and steepness in 3 x 3 cells."""
    rgb = small.astype(np.float64) / 255.0
    grey = rgb @ np.array([0.2126, 0.7152, 0.0722])
    steep = np.hypot(*np.gradient(grey))
    bins = np.minimum((rgb * _BINS).astype(int), _BINS - 1) @ np.array([_BINS * _BINS, _BINS, 1])
    colours = np.bincount(bins.ravel(), minlength=_BINS**3) / bins.size
    cells = [_cells(grey), _cells(steep)]
    return np.concatenate([rgb.mean(axis=(0, 1)), rgb.std(axis=(0, 1)), colours, *cells])


def _cells(values: F64) -> F64:
    height, width = values.shape
    rows, columns = height // _CELLS, width // _CELLS
    cut = values[: rows * _CELLS, : columns * _CELLS].reshape(_CELLS, rows, _CELLS, columns)
    means: F64 = cut.mean(axis=(1, 3)).ravel()
    return means
