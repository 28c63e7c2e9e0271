"""What a file of someone's else says, before it is made a shape: links of triangles, surfaces, joints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.scenes.world import Rgb, Texture

I64 = NDArray[np.int64]
Kind = Literal["fixed", "revolute", "continuous", "prismatic"]


@dataclass(frozen=True)
class Surface:
    """A material as far as the file tells. ``base`` is its name there; one with colours by vertex is several surfaces
    of one base. ``colour`` is linear RGB in 0..1, times the texture where there is one."""

    base: str
    colour: Rgb
    roughness: float = 0.6
    metallic: float = 0.0
    texture: Texture | None = None


@dataclass(frozen=True, eq=False)
class Triangles:
    """vertices (V, 3) in the link's frame and the file's unit, faces (F, 3), surface (F,) into the model's; ``uv``
    (F, 3, 2) texture coordinates of the faces' corners, where any surface has a texture."""

    vertices: F64
    faces: I64
    surface: I64
    uv: F64 | None = None


@dataclass(frozen=True, eq=False)
class Joint:
    """How a link hangs on its parent. ``parent_from_joint`` (4, 4) in the file's unit; limits in radians (or the
    file's unit for "prismatic"); a "continuous" one has limits of half a turn either way."""

    name: str
    kind: Kind
    parent_from_joint: F64
    axis: tuple[float, float, float]
    lower: float
    upper: float

    @property
    def moves(self) -> bool:
        return self.kind != "fixed"

    @property
    def rest(self) -> float:
        """Zero, or the limit nearest to it."""
        return min(max(0.0, self.lower), self.upper) if self.moves else 0.0


@dataclass(frozen=True, eq=False)
class Link:
    """A rigid piece; ``parent`` indexes the model's links (-1: none), and comes before this one."""

    name: str
    triangles: Triangles
    parent: int = -1
    joint: Joint | None = None


@dataclass(frozen=True)
class Verdict:
    """One check's outcome: "ok", "note" (works, but look), "repaired" or "refused", and why, with the remedy."""

    check: str
    level: Literal["ok", "note", "repaired", "refused"]
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.level}: {self.text}"


@dataclass(frozen=True, eq=False)
class Model:
    """A file read. ``mass_kg`` is what it says it weighs (None: it does not); ``metres`` whether its format fixes
    the unit; ``up`` and ``front`` the axes its format fixes or is usually given."""

    links: tuple[Link, ...]
    surfaces: tuple[Surface, ...]
    up: str
    front: str
    metres: bool
    mass_kg: float | None = None
    notes: tuple[Verdict, ...] = field(default=())

    @property
    def triangle_count(self) -> int:
        return sum(len(link.triangles.faces) for link in self.links)

    @property
    def joints(self) -> tuple[Joint, ...]:
        """Those that move."""
        return tuple(link.joint for link in self.links if link.joint is not None and link.joint.moves)


def posed(model: Model, positions: dict[str, float] | None = None) -> list[F64]:
    """The pose (4, 4) of every link in the file's own frame with joints at ``positions`` (missing: at rest)."""
    positions = positions or {}
    poses: list[F64] = []
    for link in model.links:
        parent = poses[link.parent] if link.parent >= 0 else np.eye(4)
        if link.joint is None:
            poses.append(parent)
            continue
        at = positions.get(link.joint.name, link.joint.rest)
        poses.append(parent @ link.joint.parent_from_joint @ _motion(link.joint, at))
    return poses


def extent(model: Model, poses: list[F64] | None = None) -> tuple[F64, F64]:
    """Lowest and highest corner (3,) of all triangles in the file's own frame and unit."""
    poses = posed(model) if poses is None else poses
    corners = [
        link.triangles.vertices @ pose[:3, :3].T + pose[:3, 3]
        for link, pose in zip(model.links, poses, strict=True)
        if len(link.triangles.faces)
    ]
    points = np.concatenate(corners)
    return points.min(axis=0), points.max(axis=0)


def _motion(joint: Joint, at: float) -> F64:
    """Rodrigues' rotation about the axis, or a slide along it (4, 4)."""
    matrix = np.eye(4)
    axis = np.asarray(joint.axis, dtype=np.float64)
    if joint.kind == "prismatic":
        matrix[:3, 3] = axis * at
    elif joint.moves:
        x, y, z = axis
        cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
        matrix[:3, :3] += np.sin(at) * cross + (1 - np.cos(at)) * (cross @ cross)
    return matrix
