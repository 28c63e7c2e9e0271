"""What every renderer does: open a world once, then give one picture a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Intrinsics, Pose
from pairforge.scenes.world import World

Quality = Literal["draft", "standard", "high"]


@dataclass(frozen=True, eq=False)
class Instant:
    """Where everything is ``offset_s`` after the middle of the exposure."""

    offset_s: float
    world_from_camera: Pose
    part_poses: Mapping[int, Pose]


@dataclass(frozen=True)
class ShutterTimes:
    """A shutter that is not instant: see ``scenes.optics.Shutter`` for what the two mean."""

    exposure_s: float
    readout_s: float


@dataclass(frozen=True)
class ThinLens:
    """Depth of field: aperture diameter ``focal_length_mm / f_number``, sharp at z-depth ``focus_m``."""

    f_number: float
    focus_m: float
    focal_length_mm: float


@dataclass(frozen=True, eq=False)
class View:
    """One picture to take: the camera, and where each moving part is (part id -> world_from_part).

    The two poses are those at the middle of the exposure. With a ``shutter``, ``instants`` are evenly spaced from the
    start of the first row's exposure to the end of the last row's, both included, the middle one among them. Between
    instants everything moves as between a track's knots. ``lens`` None is a pinhole's depth of field.
    """

    intrinsics: Intrinsics
    world_from_camera: Pose
    part_poses: Mapping[int, Pose]
    shutter: ShutterTimes | None = None
    instants: tuple[Instant, ...] = ()
    lens: ThinLens | None = None


class Renderer(Protocol):
    """Give the same bytes for the same world, quality and view, whatever was rendered before, on any number of
    threads."""

    name: str

    def open(self, world: World, quality: Quality) -> None:
        """Build the world; raises RenderError when the renderer cannot start."""

    def render(self, view: View) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 sRGB; raises RenderError."""

    def close(self) -> None:
        """Free everything; safe to call twice."""


@runtime_checkable
class Sleeper(Protocol):
    """A renderer that takes long to start."""

    def wake(self) -> None:
        """Begin to start, and return at once; a failure is told by ``open``."""


@runtime_checkable
class Foreseer(Protocol):
    """A renderer that can do a part of opening a world beside whatever it is at."""

    def foresee(self, world: World) -> Any:
        """That part, as what ``open_foreseen`` takes. Asks nothing of the renderer, and its class has it too."""

    def open_foreseen(self, foreseen: Any, quality: Quality) -> None:
        """``Renderer.open``, the rest of it."""
