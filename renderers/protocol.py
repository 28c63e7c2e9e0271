"""What every renderer does: open a world once, then give one picture a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Intrinsics, Pose
from pairforge.scenes.world import World

Quality = Literal["draft", "standard", "high"]


@dataclass(frozen=True, eq=False)
class View:
    """One picture to take: the camera, and where each moving part is (part id -> world_from_part)."""

    intrinsics: Intrinsics
    world_from_camera: Pose
    part_poses: Mapping[int, Pose]


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
