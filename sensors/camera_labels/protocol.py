"""What every optional camera label does, and which there are: a new label is one file and one row here.

A label turns a finished camera frame, and what its pixels hit, into arrays of ``CameraFrame.extra``. It casts on the
same geometry as all others, and knows nothing of pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.errors import SpecError, did_you_mean
from pairforge.registry import Registry

if TYPE_CHECKING:  # the ray engine is slow to import, and the schema only wants to know the arrays
    from pairforge.sensors.camera_labels.shot import Shot

Arrays = Mapping[str, NDArray[Any]]

ALL = "all"
"""Stands for every label there is."""
GIVEN = frozenset({"boxes2d", "depth", "flow", "instance", "normal", "part", "rgb", "semantic"})
"""What every camera has without being asked."""


@dataclass(frozen=True)
class CameraLabel:
    """One label: the ``arrays`` it gives, and ``make``, which makes them all. ``about``: one line for
    ``pairforge list labels``. ``looks_back``: it asks where things were one camera period before."""

    name: str
    about: str
    arrays: tuple[ArraySpec, ...]
    make: Callable[[Shot], Arrays]
    looks_back: bool = False


LABELS = Registry(
    "camera label",
    {
        "albedo": "pairforge.sensors.camera_labels.albedo:ALBEDO",
        "amodal": "pairforge.sensors.camera_labels.amodal:AMODAL",
        "backward_flow": "pairforge.sensors.camera_labels.flows:BACKWARD_FLOW",
        "backward_flow_occluded": "pairforge.sensors.camera_labels.flows:BACKWARD_FLOW_OCCLUDED",
        "disparity": "pairforge.sensors.camera_labels.disparity:DISPARITY",
        "flow_occluded": "pairforge.sensors.camera_labels.flows:FLOW_OCCLUDED",
        "keypoints": "pairforge.sensors.camera_labels.keypoints:KEYPOINTS",
        "material": "pairforge.sensors.camera_labels.material:MATERIAL",
        "nocs": "pairforge.sensors.camera_labels.nocs:NOCS",
        "occlusion_order": "pairforge.sensors.camera_labels.occlusion_order:OCCLUSION_ORDER",
        "panoptic": "pairforge.sensors.camera_labels.panoptic:PANOPTIC",
        "range": "pairforge.sensors.camera_labels.range:RANGE",
        "scene_flow": "pairforge.sensors.camera_labels.scene_flow:SCENE_FLOW",
        "tracks": "pairforge.sensors.camera_labels.tracks:TRACKS",
    },
)


def chosen(names: str | Iterable[str]) -> tuple[str, ...]:
    """The names of the labels asked for, each once, in order of the alphabet; "all" is all of them. SpecError for an
    unknown one."""
    names = {names} if isinstance(names, str) else set(names)
    for name in sorted(names - {ALL}):
        if name not in LABELS.rows:
            if name in GIVEN:
                raise SpecError(f'labels: every camera has "{name}" without asking; leave it out')
            raise SpecError(f'labels: unknown label "{name}". {did_you_mean(name, [*LABELS.rows, ALL])}')
    return LABELS.names() if ALL in names else tuple(sorted(names))


@cache
def label_arrays() -> tuple[ArraySpec, ...]:
    """The arrays of all labels, in order of the labels' names."""
    return tuple(array for name in LABELS.names() for array in LABELS.load(name).arrays)
