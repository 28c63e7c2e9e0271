"""Mesh toolkit for shape families: primitives, lofts, revolves, extrusions, cutting; all faces wind outward.

Every function returns a ``Mesh`` (see ``pairforge.scenes.world``) in metres. Pieces that are not combined share no
vertices, so smooth shading never bleeds across them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from shapely.geometry import Polygon

from pairforge.frames import Pose
from pairforge.scenes.world import Material, Mesh

F64 = NDArray[np.float64]
Axis = Literal["x", "y", "z"]
_AXES: dict[str, int] = {"x": 0, "y": 1, "z": 2}


def mesh(vertices: ArrayLike, faces: ArrayLike, material: Material, smooth: bool = False) -> Mesh:
    """A mesh of one material from vertices (V, 3) and triangles (F, 3)."""
    f = np.asarray(faces, dtype=np.int32).reshape(-1, 3)
    return Mesh(
        vertices=np.asarray(vertices, dtype=np.float32).reshape(-1, 3),
        faces=f,
        face_material=np.zeros(len(f), np.uint8),
        materials=(material,),
        smooth=np.full(len(f), smooth, np.bool_),
    )


def combine(meshes: Iterable[Mesh]) -> Mesh:
    """One mesh of many; equal materials become one. Vertices are not merged. ValueError when there is none."""
    pieces = [m for m in meshes if len(m.faces)]
    if not pieces:
        raise ValueError("combine needs at least one mesh with faces")
    slots: dict[Material, int] = {}
    tables = [np.array([slots.setdefault(x, len(slots)) for x in m.materials], np.uint8) for m in pieces]
    starts = np.cumsum([0, *(len(m.vertices) for m in pieces[:-1])])
    return Mesh(
        vertices=np.concatenate([m.vertices for m in pieces]),
        faces=np.concatenate([m.faces + np.int32(s) for m, s in zip(pieces, starts, strict=True)]),
        face_material=np.concatenate([t[m.face_material] for t, m in zip(tables, pieces, strict=True)]),
        materials=tuple(slots),
        smooth=np.concatenate([m.smooth for m in pieces]),
    )


def transformed(m: Mesh, matrix: ArrayLike) -> Mesh:
    """Through a (4, 4) affine matrix; a reflection flips the winding so that normals stay outward."""
    a = np.asarray(matrix, dtype=np.float64)
    vertices = (m.vertices.astype(np.float64) @ a[:3, :3].T + a[:3, 3]).astype(np.float32)
    faces = m.faces[:, ::-1] if np.linalg.det(a[:3, :3]) < 0 else m.faces
    return Mesh(vertices, np.ascontiguousarray(faces), m.face_material, m.materials, m.smooth)


def moved(m: Mesh, pose: Pose | Sequence[float]) -> Mesh:
    """Carried by a pose, or just by an offset (x, y, z)."""
    return transformed(m, (pose if isinstance(pose, Pose) else Pose.of(pose)).matrix)


def turned(m: Mesh, axis: Axis, angle: float) -> Mesh:
    """Rotated by ``angle`` radians about a coordinate axis."""
    return transformed(m, trimesh.transformations.rotation_matrix(angle, np.eye(3)[_AXES[axis]]))


def scaled(m: Mesh, factors: Sequence[float]) -> Mesh:
    """Stretched along x, y, z about the origin."""
    return transformed(m, np.diag([*factors, 1.0]))


def mirrored(m: Mesh, axis: Axis = "y") -> Mesh:
    """Reflected in the plane through the origin across ``axis``; still outward."""
    factors = [1.0, 1.0, 1.0]
    factors[_AXES[axis]] = -1.0
    return scaled(m, factors)


def both_sides(m: Mesh) -> Mesh:
    """The mesh together with its mirror image across y = 0."""
    return combine([m, mirrored(m, "y")])


def grid(points: ArrayLike, material: Material, *, closed: bool = False, smooth: bool = True) -> Mesh:
    """A surface through rows of points (S, N, 3); ``closed`` joins the last column to the first.

    The outside is where row direction x column direction points (rows s -> s+1, columns n -> n+1).
    """
    p = np.asarray(points, dtype=np.float64)
    s, n = p.shape[:2]
    row = np.arange(s - 1)[:, None] * n
    col = np.arange(n if closed else n - 1)[None, :]
    a, b = row + col, row + (col + 1) % n
    quads = np.stack([a, a + n, b + n, b], axis=-1).reshape(-1, 4)
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    return _without_slivers(mesh(p.reshape(-1, 3), faces, material, smooth))


def loft(sections: ArrayLike, material: Material, *, smooth: bool = True) -> Mesh:
    """A closed skin through rings (S, N, 3), each wound counter-clockwise seen from the last ring's side.

    (Rings stacked upwards in z wind counter-clockwise seen from above.) Fans close both ends.
    """
    p = np.asarray(sections, dtype=np.float64)
    # Columns wind ccw about the loft direction, so the outside is column x row: reverse the rows for `grid`.
    side = grid(p[::-1], material, closed=True, smooth=smooth)
    return combine([side, fan(p[-1], material), fan(p[0][::-1], material)])


def fan(ring: ArrayLike, material: Material, smooth: bool = False) -> Mesh:
    """A filled ring (N, 3), star-shaped about its mean, facing the side from which it winds counter-clockwise."""
    r = np.asarray(ring, dtype=np.float64)
    n = len(r)
    i = np.arange(n)
    faces = np.stack([i, (i + 1) % n, np.full(n, n)], axis=1)
    return _without_slivers(mesh(np.vstack([r, r.mean(axis=0)]), faces, material, smooth))


def tube(
    path: ArrayLike, radii: float | ArrayLike, material: Material, *, sides: int = 10, smooth: bool = True
) -> Mesh:
    """A round tube along points (S, 3) with one radius or one a point (a pair (S, 2) makes ellipses).

    Frames are carried along without twist (parallel transport).
    """
    p = np.asarray(path, dtype=np.float64)
    r = np.broadcast_to(np.asarray(radii, dtype=np.float64), (len(p),)) if np.ndim(radii) < 2 else None
    rr = np.stack([r, r], axis=1) if r is not None else np.asarray(radii, dtype=np.float64)
    tangents = np.gradient(p, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    u = np.cross(tangents[0], np.eye(3)[np.argmin(np.abs(tangents[0]))])
    angle = np.arange(sides) * (2 * np.pi / sides)
    rings = []
    for k in range(len(p)):
        u = u - tangents[k] * (u @ tangents[k])
        u /= np.linalg.norm(u)
        v = np.cross(tangents[k], u)
        rings.append(
            p[k]
            + rr[k, 0] * np.cos(angle)[:, None] * u[None, :]
            + rr[k, 1] * np.sin(angle)[:, None] * v[None, :]
        )
    return loft(rings, material, smooth=smooth)


def revolve(
    profile: ArrayLike, material: Material, *, segments: int = 24, axis: Axis = "z", smooth: bool = True
) -> Mesh:
    """A profile (N, 2) of (radius, along-axis) turned about ``axis``; open ends of radius > 0 are left open.

    Going along the profile the outside is on the right (an outer wall runs upwards, a top runs inwards).
    """
    rz = np.asarray(profile, dtype=np.float64)
    angle = np.arange(segments) * (2 * np.pi / segments)
    points = np.stack(
        [
            rz[:, None, 0] * np.cos(angle)[None, :],
            rz[:, None, 0] * np.sin(angle)[None, :],
            np.broadcast_to(rz[:, None, 1], (len(rz), segments)),
        ],
        axis=-1,
    )
    made = grid(points[::-1], material, closed=True, smooth=smooth)
    cycles = {"z": (0, 1, 2), "x": (2, 0, 1), "y": (1, 2, 0)}
    return Mesh(
        np.ascontiguousarray(made.vertices[:, cycles[axis]]),
        made.faces,
        made.face_material,
        made.materials,
        made.smooth,
    )


def box(
    size_m: Sequence[float],
    material: Material,
    centre_m: Sequence[float] = (0.0, 0.0, 0.0),
    *,
    bevel_m: float = 0.0,
) -> Mesh:
    """An upright box of full extents (x, y, z); ``bevel_m`` chamfers its edges and corners."""
    half = np.asarray(size_m, dtype=np.float64) / 2
    if bevel_m <= 0.0:
        vertices, faces = _unit_box()
        return moved(mesh(vertices * half, faces, material), centre_m)
    b = min(bevel_m, 0.49 * float(half.min()) * 2)
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    inner = half - b * (1 - np.eye(3))
    points = (signs[:, None, :] * inner[None]).reshape(-1, 3)
    hull = trimesh.convex.convex_hull(points)
    return moved(mesh(hull.vertices, hull.faces, material), centre_m)


@cache
def _unit_box() -> tuple[F64, NDArray[np.int64]]:
    """Vertices at -1 and 1, and faces."""
    made = trimesh.creation.box(extents=(2.0, 2.0, 2.0))
    return np.array(made.vertices), np.array(made.faces)


def cylinder(
    radius_m: float,
    length_m: float,
    material: Material,
    *,
    top_radius_m: float | None = None,
    axis: Axis = "z",
    segments: int = 24,
    bevel_m: float = 0.0,
) -> Mesh:
    """A solid cylinder (a cone with ``top_radius_m``) centred on the origin, its round side smooth."""
    top = radius_m if top_radius_m is None else top_radius_m
    h, b = length_m / 2, bevel_m
    side = [(radius_m, -h + b), (top, h - b)]
    caps = [[(top, h - b), (top - b, h), (0.0, h)], [(0.0, -h), (radius_m - b, -h), (radius_m, -h + b)]]
    pieces = [revolve(side, material, segments=segments, axis=axis)]
    pieces += [revolve(c, material, segments=segments, axis=axis, smooth=False) for c in caps]
    return combine(pieces)


def ellipsoid(radii_m: Sequence[float], material: Material, *, segments: int = 16, rings: int = 10) -> Mesh:
    """A closed ellipsoid about the origin, poles on z."""
    t = np.linspace(-np.pi / 2, np.pi / 2, rings + 1)
    profile = np.stack([np.cos(t), np.sin(t)], axis=1)
    profile[[0, -1], 0] = 0.0
    return scaled(revolve(profile, material, segments=segments), radii_m)


def extrude(polygon: Polygon | ArrayLike, height_m: float, material: Material, *, axis: Axis = "z") -> Mesh:
    """A polygon (shapely, holes allowed, or (N, 2) points) raised from 0 to ``height_m`` along ``axis``.

    Its plane is (x, y) for "z", (x, z) for "y", (y, z) for "x". ValueError when it is not simple.
    """
    shape = polygon if isinstance(polygon, Polygon) else Polygon(np.asarray(polygon, dtype=np.float64))
    if not shape.is_valid or shape.is_empty:
        raise ValueError(f"extrude needs a simple polygon with an area, not {shape.wkt[:80]}")
    solid = trimesh.creation.extrude_polygon(shape, height_m, engine="earcut")
    made = mesh(solid.vertices, solid.faces, material)
    # (x, y, z) -> axes: for "y" the swap of two coordinates is a reflection, which `transformed` rewinds.
    order = {"z": (0, 1, 2), "y": (0, 2, 1), "x": (2, 0, 1)}[axis]
    matrix = np.eye(4)
    matrix[:3, :3] = np.eye(3)[list(order)]
    return made if axis == "z" else transformed(made, matrix)


def rounded(points: ArrayLike, radii: float | ArrayLike, *, steps: int = 4, closed: bool = True) -> F64:
    """A polyline or polygon (N, 2) with its corners filleted by quadratic curves, ``steps`` segments a corner.

    The count of points depends on N and ``steps`` only, so rings of equal N can be lofted.
    """
    p = np.asarray(points, dtype=np.float64)
    r = np.broadcast_to(np.asarray(radii, dtype=np.float64), (len(p),))
    before, after = np.roll(p, 1, axis=0) - p, np.roll(p, -1, axis=0) - p
    la = np.array([np.linalg.norm(edge) for edge in before])
    lb = np.array([np.linalg.norm(edge) for edge in after])
    a = p + before / np.maximum(la, 1e-9)[:, None] * np.minimum(r, 0.48 * la)[:, None]
    b = p + after / np.maximum(lb, 1e-9)[:, None] * np.minimum(r, 0.48 * lb)[:, None]
    t = np.linspace(0.0, 1.0, steps + 1)[:, None]
    corners = (1 - t) ** 2 * a[:, None] + 2 * t * (1 - t) * p[:, None] + t**2 * b[:, None]
    if closed:
        return np.asarray(corners.reshape(-1, 2))
    return np.concatenate([p[:1], corners[1:-1].reshape(-1, 2), p[-1:]])


def creased(m: Mesh, angle_deg: float = 35.0) -> Mesh:
    """Vertices split along edges sharper than ``angle_deg``, so that smooth shading keeps the edge crisp."""
    merged = welded(m)
    f = merged.faces.astype(np.int64)
    normals = face_normals(merged)
    corner = np.arange(3 * len(f)).reshape(-1, 3)
    after = [1, 2, 0]
    (start, end), (low, high) = ((x.T.ravel(), x[:, after].T.ravel()) for x in (f, corner))
    # Each edge from its lower to its higher vertex: its corners, and one number that names it.
    swap = start > end
    start, end = np.where(swap, end, start), np.where(swap, start, end)
    low, high = np.where(swap, high, low), np.where(swap, low, high)
    edge = start * len(merged.vertices) + end
    order = np.argsort(edge, kind="stable")
    same = np.flatnonzero(edge[order[1:]] == edge[order[:-1]])
    a, b = order[same], order[same + 1]
    soft = (normals[low[a] // 3] * normals[low[b] // 3]).sum(axis=1) > np.cos(np.radians(angle_deg))
    a, b = a[soft], b[soft]
    links = np.concatenate([np.stack([x[a], x[b]], axis=1) for x in (low, high)])
    n = 3 * len(f)
    graph = coo_matrix((np.ones(len(links), np.int8), (links[:, 0], links[:, 1])), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    vertices = np.zeros((count, 3), np.float32)
    vertices[label] = merged.vertices[f.reshape(-1)]
    faces = label.reshape(-1, 3).astype(np.int32)
    return replace(merged, vertices=vertices, faces=faces, smooth=np.ones(len(f), np.bool_))


def welded(m: Mesh, tolerance_m: float = 1e-5) -> Mesh:
    """Vertices closer than about ``tolerance_m`` merged; faces that collapse are dropped."""
    keys = np.round(m.vertices.astype(np.float64) / tolerance_m).astype(np.int64)
    _, first, inverse = np.unique(_packed(keys), return_index=True, return_inverse=True)
    faces = inverse.reshape(-1)[m.faces].astype(np.int32)
    return _without_slivers(replace(m, vertices=m.vertices[first], faces=faces))


def _packed(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows (N, 3) of whole numbers as single ones in the same order, where they span little enough; numpy sorts these
    several times as fast."""
    low = keys.min(axis=0)
    span = keys.max(axis=0) - low + 1
    if float(span[0]) * float(span[1]) * float(span[2]) >= 2.0**62:
        _, rows = np.unique(keys, axis=0, return_inverse=True)
        return rows.reshape(-1).astype(np.int64)
    x, y, z = (keys - low).T
    packed: NDArray[np.int64] = (x * span[1] + y) * span[2] + z
    return packed


def face_normals(m: Mesh) -> F64:
    """Unit outward normals (F, 3); zero for triangles without area."""
    return unit_normals(m.vertices.astype(np.float64)[m.faces])


def unit_normals(triangles: F64) -> F64:
    """Of triangles (F, 3, 3); zero for those without area."""
    outward = normals(triangles)
    length = np.linalg.norm(outward, axis=1, keepdims=True)
    return np.divide(outward, length, out=np.zeros_like(outward), where=length > 0)


def normals(triangles: F64) -> F64:
    """Outward normals (F, 3) of triangles (F, 3, 3), as long as twice their areas; ``np.cross`` is half as fast."""
    a, b = triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    (ax, ay, az), (bx, by, bz) = a.T, b.T
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=1)


def volume_m3(m: Mesh) -> float:
    """Signed volume; positive when a closed mesh winds outward."""
    v = m.vertices.astype(np.float64)[m.faces]
    return float((v[:, 0] * np.cross(v[:, 1], v[:, 2])).sum() / 6.0)


def _without_slivers(m: Mesh) -> Mesh:
    f = m.faces
    x, y, z = (np.take(m.vertices[:, k], f.T) for k in range(3))
    equal = [(x[i] == x[j]) & (y[i] == y[j]) & (z[i] == z[j]) for i, j in ((0, 1), (1, 2), (2, 0))]
    keep = ~(equal[0] | equal[1] | equal[2])
    if keep.all():
        return m
    uv = None if m.uv is None else m.uv[keep]
    return replace(m, faces=f[keep], face_material=m.face_material[keep], smooth=m.smooth[keep], uv=uv)
