"""What blind image models see of a picture: brightness, colours and edges of a small copy."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pairforge.datasets.audit_members import Members
from pairforge.datasets.audit_trial import Model
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


def picture(members: Members, key: str, sensor: str) -> Picture:
    """A camera's picture made small, by the mean over areas. DatasetError when there is none."""
    found = members.find(key, "camera", sensor, (".rgb.png",))
    if found is None:
        raise DatasetError(f'{key} has no picture of a camera "{sensor}". Make the contrasts again.')
    return _small(found[".rgb.png"], f"{key} {sensor}.rgb.png")


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
