"""Named points of people and vehicles: which there are, in which order, and what joins them.

Shapes say where their own lie (``world.Shape.keypoints``). Orders are on disk: only ever append.
"""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.errors import SpecError, did_you_mean


@dataclass(frozen=True)
class Keypoint:
    """A named point fixed in a part of a shape: ``at_m`` in the part's frame.

    ``depth_m``: so far the surface that one sees of it may lie before it, as a joint lies inside its limb.
    """

    name: str
    part: str
    at_m: tuple[float, float, float]
    depth_m: float


@dataclass(frozen=True)
class Skeleton:
    """The keypoints of a kind of thing in order, and the pairs of them (indices from 0) that are drawn joined."""

    name: str
    keypoints: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]


def _joined(names: tuple[str, ...], *pairs: str) -> tuple[tuple[int, int], ...]:
    found = [tuple(names.index(n) for n in pair.split(" ")) for pair in pairs]
    return tuple((a, b) for a, b in found)


_PERSON = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip
_VEHICLE = (
    "front_left_wheel", "front_right_wheel", "rear_left_wheel", "rear_right_wheel",
    "front_left_contact", "front_right_contact", "rear_left_contact", "rear_right_contact",
    "left_headlamp", "right_headlamp", "left_tail_lamp", "right_tail_lamp",
    "roof_front_left", "roof_front_right", "roof_rear_left", "roof_rear_right", "front_plate", "rear_plate",
)  # fmt: skip

PERSON = Skeleton(
    "person",
    _PERSON,
    _joined(
        _PERSON, "left_ankle left_knee", "left_knee left_hip", "right_ankle right_knee", "right_knee right_hip",
        "left_hip right_hip", "left_shoulder left_hip", "right_shoulder right_hip", "left_shoulder right_shoulder",
        "left_shoulder left_elbow", "right_shoulder right_elbow", "left_elbow left_wrist", "right_elbow right_wrist",
        "left_eye right_eye", "nose left_eye", "nose right_eye", "left_eye left_ear", "right_eye right_ear",
        "left_ear left_shoulder", "right_ear right_shoulder",
    ),
)  # fmt: skip
"""The 17 of COCO (Lin et al., "Microsoft COCO: Common Objects in Context", 2014), in its order; left and right are
the person's own. Shoulders, elbows, hips, knees and ankles are the joints that the limbs turn about; wrists are where
hand and forearm meet; the nose is its tip, ears are their outside."""

VEHICLE = Skeleton(
    "vehicle",
    _VEHICLE,
    _joined(
        _VEHICLE, "front_left_wheel rear_left_wheel", "front_right_wheel rear_right_wheel",
        "front_left_wheel front_left_contact", "front_right_wheel front_right_contact",
        "rear_left_wheel rear_left_contact", "rear_right_wheel rear_right_contact",
        "left_headlamp right_headlamp", "left_tail_lamp right_tail_lamp", "roof_front_left roof_front_right",
        "roof_rear_left roof_rear_right", "roof_front_left roof_rear_left", "roof_front_right roof_rear_right",
        "left_headlamp roof_front_left", "right_headlamp roof_front_right", "left_tail_lamp roof_rear_left",
        "right_tail_lamp roof_rear_right", "left_headlamp front_left_wheel", "right_headlamp front_right_wheel",
        "left_tail_lamp rear_left_wheel", "right_tail_lamp rear_right_wheel",
    ),
)  # fmt: skip
"""Wheels are the middles of the hubs' outsides, contacts where their tyres stand (at
the outer edge of the tread), lamps the middles of the lenses, plates those of the
number plates. Left and right are the driver's."""

SKELETONS: tuple[Skeleton, ...] = (PERSON, VEHICLE)
"""Their indices are on disk."""

MOST = max(len(s.keypoints) for s in SKELETONS)
"""Columns that an array needs for the keypoints of any kind."""


def skeleton_of(names: frozenset[str]) -> Skeleton:
    """The skeleton that has all of these keypoints; SpecError when none has."""
    for skeleton in SKELETONS:
        if names <= set(skeleton.keypoints):
            return skeleton
    known = [n for s in SKELETONS for n in s.keypoints]
    strange = sorted(names - set(known)) or sorted(names)
    raise SpecError(f'unknown keypoint "{strange[0]}". {did_you_mean(strange[0], known)}')
