"""What a training loop is given of one keyframe: the sensors, arrays, boxes and words that were selected.

A ``Keyframe`` holds all or nothing; a ``Sample`` holds the part that was read. Values are numpy arrays as stored, or,
after ``tensors``, torch tensors of the same names. K: boxes, N: points, H, W: image rows and columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Intrinsics
from pairforge.sample import Caption, Fact

Array: TypeAlias = Any
"""A numpy array, or a torch tensor after ``tensors``; torch is not imported for a name."""

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Boxes2D:
    """The instances in one camera, a row each; boxes (x_min, y_min, x_max, y_max) in pixels (``sample.Box2D``).

    instance_id, class_id (ids of scenes/taxonomy.py), visible_px, solo_px (K,) int64; visible_box, full_box (K, 4),
    occlusion, truncation (K,) float64.
    """

    instance_id: Array
    class_id: Array
    visible_px: Array
    solo_px: Array
    visible_box: Array
    full_box: Array
    occlusion: Array
    truncation: Array

    def __len__(self) -> int:
        return len(self.instance_id)


@dataclass(frozen=True, eq=False)
class Boxes3D:
    """The boxed instances of a keyframe, a row each, in the world (``sample.Box3D``).

    instance_id, class_id, lidar_points, visible_px (K,) int64; centre_m, size_m, velocity_mps, acceleration_mps2
    (K, 3), quaternion_wxyz (K, 4) world from box, float64.
    """

    instance_id: Array
    class_id: Array
    centre_m: Array
    size_m: Array
    quaternion_wxyz: Array
    velocity_mps: Array
    acceleration_mps2: Array
    lidar_points: Array
    visible_px: Array

    def __len__(self) -> int:
        return len(self.instance_id)


@dataclass(frozen=True, eq=False)
class View:
    """One frame of one sensor: its pose, for cameras its calibration, and the selected arrays by name.

    ``position_m`` (3,) and ``quaternion_wxyz`` (4,) are world from sensor at ``time_ns``, float64. Cameras also have
    ``intrinsics``, the pose at ``time_ns + flow_dt_ns`` (``next_…``) and, if selected, ``boxes``. Arrays have the
    dtypes and shapes of docs/store.md.
    """

    sensor: str
    kind: str
    time_ns: int
    position_m: Array
    quaternion_wxyz: Array
    arrays: Mapping[str, Array]
    intrinsics: Intrinsics | None = None
    flow_dt_ns: int | None = None
    next_position_m: Array | None = None
    next_quaternion_wxyz: Array | None = None
    boxes: Boxes2D | None = None


@dataclass(frozen=True, eq=False)
class Sample:
    """One keyframe as selected. ``sweeps``: the frames since the keyframe before, in order of time.

    ``text`` is the caption chosen for this epoch ("" when none was asked for, or the keyframe has none).
    """

    key: str
    scene_index: int
    frame_index: int
    time_ns: int
    views: Mapping[str, View]
    sweeps: Mapping[str, tuple[View, ...]] = field(default_factory=dict)
    boxes: Boxes3D | None = None
    captions: tuple[Caption, ...] = ()
    facts: tuple[Fact, ...] = ()
    text: str = ""

    def __getitem__(self, place: tuple[str, str]) -> Array:
        """An array by sensor and name: ``sample["cam_front", "rgb"]``; KeyError when it was not selected."""
        sensor, name = place
        return self.views[sensor].arrays[name]


def tensors(value: T) -> T:
    """The same with torch tensors for arrays, in dtypes that torch computes with: float64 becomes float32, uint16
    int32. Tensors share memory with arrays whose dtype stays. Needs the extra ``torch``."""
    import torch

    return mapped(value, lambda array: torch.from_numpy(_computable(array)))


def mapped(value: T, change: Callable[[NDArray[Any]], Any]) -> T:
    """A copy of a sample, or any part of one, with every numpy array passed through ``change``."""
    return _mapped(value, change)  # type: ignore[no-any-return]  # what went in, changed inside


def _mapped(value: Any, change: Callable[[NDArray[Any]], Any]) -> Any:
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, View | Sample | Boxes2D | Boxes3D):
        return replace(value, **{f.name: _mapped(getattr(value, f.name), change) for f in fields(value)})
    if isinstance(value, Mapping):
        return {k: _mapped(v, change) for k, v in value.items()}
    if isinstance(value, tuple) and any(is_dataclass(v) for v in value):
        return tuple(_mapped(v, change) for v in value)
    return value


def _computable(array: NDArray[Any]) -> NDArray[Any]:
    swapped = {"float64": np.float32, "uint16": np.int32, "uint32": np.int64}.get(array.dtype.name)
    changed = array.astype(swapped) if swapped is not None else array
    return changed if changed.flags.writeable and changed.flags.c_contiguous else changed.copy()
