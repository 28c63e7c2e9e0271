"""A part as it is meant to be: its solid, and the faces, edges, holes and prints that defects are placed on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from manifold3d import Manifold
from shapely import MultiPolygon

from pairforge.frames import F64
from pairforge.scenes.inspection.finishes import Stock
from pairforge.scenes.inspection.workshop import Frame
from pairforge.scenes.world import Material, Mesh


@dataclass(frozen=True, eq=False)
class Face:
    """A flat face: ``region`` is where a defect may lie, in the frame's plane (mm). ``material``: of a face that has
    not the stock's own, as a machined one of a casting."""

    name: str
    frame: Frame
    region: MultiPolygon
    material: Material | None = None


@dataclass(frozen=True, eq=False)
class Edge:
    """A sharp edge from ``start`` to ``end`` (mm). ``outward`` (3,) bisects the outside of the two faces that meet;
    ``normal`` is that of the face it is told by."""

    face: str
    start: F64
    end: F64
    outward: F64
    normal: F64


@dataclass(frozen=True, eq=False)
class Hole:
    """A drilled hole: ``frame`` on its rim, z out of the part. ``key`` leaves it out of ``Design.solid``."""

    name: str
    key: str
    face: str
    frame: Frame
    radius: float


@dataclass(frozen=True, eq=False)
class Print:
    """A line of characters on a face. ``depth`` mm below it, ``key`` leaves it out of ``Design.solid``."""

    text: str
    key: str
    face: str
    frame: Frame
    height: float
    weight: float
    depth: float


@dataclass(frozen=True, eq=False)
class Design:
    """``solid(key)``: the part without the hole or print of that key ("" leaves out nothing). ``beside``: closed
    meshes in metres that no defect touches. ``features``: names of places (mm) that a defect may be near."""

    stock: Stock
    solid: Callable[[str], Manifold]
    faces: tuple[Face, ...]
    edges: tuple[Edge, ...] = ()
    holes: tuple[Hole, ...] = ()
    prints: tuple[Print, ...] = ()
    features: Mapping[str, F64] = field(default_factory=dict)
    beside: tuple[Mesh, ...] = ()
    density_kg_m3: float = 2700.0

    def material(self, face: str) -> Material:
        """What a face of that name is made of."""
        return next((f.material for f in self.faces if f.name == face and f.material), self.stock.face)

    def face(self, name: str) -> Face:
        return next(f for f in self.faces if f.name == name)


def corners(x: float, y: float) -> dict[str, tuple[float, float]]:
    """Corner names as one reads them with +y up."""
    return {"lower left": (-x, -y), "lower right": (x, -y), "upper right": (x, y), "upper left": (-x, y)}


def features_of(points: Mapping[str, tuple[float, float]], z: float) -> dict[str, F64]:
    return {name: np.array([x, y, z]) for name, (x, y) in points.items()}
