"""Solid modelling of parts, in millimetres: manifold3d cuts, and every surface remembers the tool that made it.

A tool is a solid with a finish. After any number of cuts each triangle still knows which tool it came from
(manifold's "original id"), and so which material it has, and whether it belongs to a defect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from manifold3d import CrossSection, FillRule, Manifold, Mesh64, OpType
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from pairforge.frames import F64
from pairforge.scenes.world import Material, Mesh

MM = 1e-3
SEGMENTS = 64
"""Of a full turn: a 20 mm bore then departs from round by 0.012 mm."""


@dataclass(frozen=True)
class Finish:
    """What a tool leaves: ``face`` where the surface is level in the part's frame, ``side`` elsewhere.

    ``smooth``: curved surfaces interpolate normals; level and upright planes never do.
    """

    face: Material
    side: Material
    smooth: bool = True

    @staticmethod
    def of(material: Material, smooth: bool = True) -> Finish:
        return Finish(material, material, smooth)


@dataclass(eq=False)
class Workshop:
    """Keeps the finish of every tool."""

    finishes: dict[int, Finish] = field(default_factory=dict)

    def tool(self, solid: Manifold, finish: Finish | Material) -> Manifold:
        """The solid as one tool of that finish."""
        own = solid.as_original()
        self.finishes[own.original_id()] = finish if isinstance(finish, Finish) else Finish.of(finish)
        return own

    def mesh(self, solids: Iterable[Manifold], keep: frozenset[int] | None = None) -> Mesh | None:
        """The solids' triangles in metres, those of unregistered tools (walls between pieces of one part) left
        out; with ``keep`` only the triangles of these tools. None when nothing is left."""
        pieces = [_triangles(s) for s in solids if not s.is_empty()]
        corners = np.concatenate([p[0] for p in pieces]) if pieces else np.zeros((0, 3, 3))
        tools = np.concatenate([p[1] for p in pieces]) if pieces else np.zeros(0, np.int64)
        wanted = np.isin(tools, sorted(self.finishes if keep is None else keep))
        return _mesh(corners[wanted], tools[wanted], self.finishes) if wanted.any() else None


def _triangles(solid: Manifold) -> tuple[F64, NDArray[np.int64]]:
    """Corners (F, 3, 3) in mm and the tool (F,) of each triangle."""
    made = solid.to_mesh64()
    faces = np.asarray(made.tri_verts, dtype=np.int64)
    runs = np.asarray(made.run_index, dtype=np.int64) // 3
    tool = np.repeat(np.asarray(made.run_original_id, dtype=np.int64), np.diff(runs))
    return np.asarray(made.vert_properties, dtype=np.float64)[:, :3][faces], tool


def _mesh(corners: F64, tools: NDArray[np.int64], finishes: dict[int, Finish]) -> Mesh:
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(cross, axis=1)
    solid = length > 1e-12
    corners, tools, cross = corners[solid], tools[solid], cross[solid] / length[solid, None]
    level = np.abs(cross[:, 2]) > 0.999
    plane = np.abs(cross).max(axis=1) > 1 - 1e-9
    smooth = np.array([finishes[t].smooth for t in tools.tolist()], dtype=np.bool_) & ~plane
    slots: dict[Material, int] = {}
    own = {t: (finishes[t].side, finishes[t].face) for t in np.unique(tools).tolist()}
    index = np.array(
        [slots.setdefault(own[t][int(up)], len(slots)) for t, up in zip(tools.tolist(), level, strict=True)],
        dtype=np.uint8,
    )
    points = (corners.reshape(-1, 3) * MM).astype(np.float32) + np.float32(0)
    vertices, faces = np.unique(points, axis=0, return_inverse=True)
    faces = faces.reshape(-1, 3).astype(np.int32)
    whole = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    return Mesh(vertices, faces[whole], index[whole], tuple(slots), smooth[whole])


# ---------------------------------------------------------------- solids


def section(shape: BaseGeometry) -> CrossSection:
    """A shapely polygon or several as a cross-section."""
    polygons = (
        [shape]
        if isinstance(shape, Polygon)
        else [g for g in getattr(shape, "geoms", ()) if isinstance(g, Polygon)]
    )
    rings = [np.asarray(r.coords)[:-1, :2] for p in polygons for r in (p.exterior, *p.interiors)]
    return CrossSection(rings, FillRule.EvenOdd)


def prism(shape: BaseGeometry | CrossSection, low: float, high: float) -> Manifold:
    """A flat shape raised from ``low`` to ``high`` along z."""
    flat = shape if isinstance(shape, CrossSection) else section(shape)
    return Manifold.extrude(flat, high - low).translate((0.0, 0.0, low))


def disc(
    radius: float, low: float, high: float, top_radius: float | None = None, segments: int = SEGMENTS
) -> Manifold:
    """A cylinder or cone about z."""
    top = radius if top_radius is None else top_radius
    return Manifold.cylinder(high - low, radius, top, segments).translate((0.0, 0.0, low))


def block(low: Sequence[float], high: Sequence[float]) -> Manifold:
    size = [b - a for a, b in zip(low, high, strict=True)]
    return Manifold.cube((size[0], size[1], size[2])).translate((low[0], low[1], low[2]))


def turned(profile: ArrayLike, segments: int = SEGMENTS) -> Manifold:
    """A profile (N, 2) of (radius, z), counter-clockwise, revolved about z."""
    return Manifold.revolve(CrossSection([np.asarray(profile, dtype=np.float64)]), segments)


def bevelled(shape: Polygon, low: float, high: float, bevel: float) -> Manifold:
    """A convex flat shape raised, its upper and lower rims chamfered by ``bevel``."""
    inner = shape.buffer(-bevel, join_style="mitre")
    rings = [(shape, low + bevel), (shape, high - bevel), (inner, low), (inner, high)]
    points = [
        np.column_stack([np.asarray(s.exterior.coords)[:-1], np.full(len(s.exterior.coords) - 1, z)])
        for s, z in rings
    ]
    return Manifold.hull_points(np.concatenate(points))


def from_triangles(vertices: ArrayLike, faces: ArrayLike) -> Manifold:
    """A closed triangle mesh as a solid."""
    v = np.ascontiguousarray(vertices, dtype=np.float64)
    return Manifold(Mesh64(v, np.ascontiguousarray(faces, dtype=np.uint64)))


def skin(rings: ArrayLike) -> Manifold:
    """The solid between rings (S, N, 3) that wind counter-clockwise seen from the last, closed by fans."""
    p = np.asarray(rings, dtype=np.float64)
    s, n = p.shape[:2]
    i, j = np.meshgrid(np.arange(s - 1) * n, np.arange(n), indexing="ij")
    a, b = i + j, i + (j + 1) % n
    sides = np.concatenate(
        [np.stack([a, b, b + n], -1).reshape(-1, 3), np.stack([a, b + n, a + n], -1).reshape(-1, 3)]
    )
    k = np.arange(n)
    first = np.stack([np.full(n, s * n), (k + 1) % n, k], -1)
    last = np.stack([np.full(n, s * n + 1), (s - 1) * n + k, (s - 1) * n + (k + 1) % n], -1)
    vertices = np.concatenate([p.reshape(-1, 3), p[0].mean(0)[None], p[-1].mean(0)[None]])
    return from_triangles(vertices, np.concatenate([sides, first, last]))


def union(solids: Sequence[Manifold]) -> Manifold:
    return Manifold.batch_boolean(list(solids), OpType.Add) if solids else Manifold()


def cut(solid: Manifold, tools: Sequence[Manifold]) -> Manifold:
    """The solid without the tools."""
    return Manifold.batch_boolean([solid, *tools], OpType.Subtract) if tools else solid


# ---------------------------------------------------------------- frames


@dataclass(frozen=True, eq=False)
class Frame:
    """A right-handed frame in the part: origin (3,) mm and unit axes (3, 3) as columns; z is the outward normal."""

    origin: F64
    axes: F64

    @staticmethod
    def of(origin: ArrayLike, normal: ArrayLike, across: ArrayLike) -> Frame:
        """``across`` is about where the x axis points."""
        z = np.asarray(normal, dtype=np.float64)
        z = z / np.linalg.norm(z)
        x = np.asarray(across, dtype=np.float64)
        x = x - z * (x @ z)
        x = x / np.linalg.norm(x)
        return Frame(np.asarray(origin, dtype=np.float64), np.column_stack([x, np.cross(z, x), z]))

    def put(self, solid: Manifold) -> Manifold:
        """A solid modelled in this frame, in the part."""
        return solid.transform(np.column_stack([self.axes, self.origin]))

    def point(self, x: float, y: float, z: float = 0.0) -> F64:
        return np.asarray(self.origin + self.axes @ np.array([x, y, z]))

    def at(self, x: float, y: float, turn: float = 0.0) -> Frame:
        """The frame moved within its plane, and turned by radians."""
        c, s = np.cos(turn), np.sin(turn)
        spin = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        return Frame(self.point(x, y), self.axes @ spin)


def level(z: float) -> Frame:
    """The part's own axes, at a height."""
    return Frame(np.array([0.0, 0.0, z]), np.eye(3))


def rectangle(x: float, y: float, radius: float = 0.0) -> Polygon:
    """Centred, of full sizes, its corners rounded."""
    half = np.array([x, y]) / 2
    radius = min(radius, 0.98 * float(half.min()))
    sharp = Polygon(
        [
            (-half[0] + radius, -half[1] + radius),
            (half[0] - radius, -half[1] + radius),
            (half[0] - radius, half[1] - radius),
            (-half[0] + radius, half[1] - radius),
        ]
    )
    return sharp.buffer(radius, quad_segs=10) if radius > 0 else sharp


def circle(x: float, y: float, radius: float) -> Polygon:
    angle = np.arange(SEGMENTS) * (2 * np.pi / SEGMENTS)
    return Polygon(np.column_stack([x + radius * np.cos(angle), y + radius * np.sin(angle)]))


def pieces(shape: BaseGeometry) -> MultiPolygon:
    """The polygons of any geometry."""
    found = (
        [shape]
        if isinstance(shape, Polygon)
        else [g for g in getattr(shape, "geoms", ()) if isinstance(g, Polygon)]
    )
    return MultiPolygon([p for p in found if not p.is_empty])
