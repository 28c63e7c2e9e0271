"""The house's own verifier over an augmented clip in memory: everything that ``pairforge verify`` would ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from pairforge.datasets import verify
from pairforge.datasets.manifest import slug_of
from pairforge.datasets.measurements import Measurements
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import frame_members
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.datasets.verify_view import FrameView
from pairforge.learning.augment.clip import Clip

STORED = ("sample_index", "frame_rows", "concrete_scene", "calibration_table", "happening_relations")
"""Scene checks of files, not of what is in them."""

MIRRORED = frozenset(("beams", "deskewed", "materials", "base_colours"))
"""Not asked of a mirrored world: its LiDARs turn the other way round, and its triangles are the mirror images
of those
that the concrete scene builds."""
SCALED = frozenset(("materials",))
"""Not asked of a scaled world: its triangles are not of the size that the concrete scene builds."""


@dataclass(frozen=True)
class _Entry:
    slug: str
    frames: int


@dataclass(frozen=True)
class _Unstored:
    """Names for what is in no file."""

    clip: Clip

    def scene(self, index: int) -> _Entry:
        return _Entry(slug_of(self.clip.record.scene, index), len(self.clip.frames))


def faults(clip: Clip, only: Callable[[str], bool] = lambda name: True) -> list[str]:
    """What the verifier finds wrong, each as "check: message"; [] when all holds. ``only``: which checks, by name.

    Not asked: files; the beams of a LiDAR in a mirrored world, which turns the other way round than any that is made;
    and what compares with triangles of the world as it was built, where that is not the clip's any more.
    """
    dataset = cast(Dataset, _Unstored(clip))
    scene, measured = SceneView(dataset, clip.record.scene_index, clip.record), Measurements()
    found: list[str] = []
    left = _not_asked(clip)
    for frame in clip.frames:
        view = FrameView(scene, frame, measured, frame_members(frame))
        for check in verify.FRAME_CHECKS:
            if check.__name__ not in left and only(check.__name__):
                found += _said(check, view)
        for sweep in view.between():
            for check in verify.SWEEP_CHECKS:
                if check.__name__ not in left and only(check.__name__):
                    found += _said(check, sweep)
        scene.remember(frame)
    for scene_check in verify.SCENE_CHECKS:
        if scene_check.__name__ not in {*STORED, *left} and only(scene_check.__name__):
            found += _said(scene_check, scene)
    return found


def _said(check: Any, view: FrameView | SceneView) -> Iterator[str]:
    try:
        for problem in check(view):
            yield f"{check.__name__}: {problem.message}"
    except Exception as error:  # what a check makes of wrong arrays is a fault of theirs
        yield f"{check.__name__}: could not be carried out: {type(error).__name__}: {error}"


def _not_asked(clip: Clip) -> frozenset[str]:
    mirrored = sum(done["transform"] == "flip" for done in clip.history) % 2 == 1
    scaled = any(done.get("scale", 1.0) != 1.0 for done in clip.history)
    return (MIRRORED if mirrored else frozenset()) | (SCALED if scaled else frozenset())
