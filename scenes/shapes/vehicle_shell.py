"""Cutting regions out of a skin: windows, lamps, wheel arches and seams follow the body exactly as they do on a car.

A region is a convex prism; triangles of the skin are split along its planes, and what lies inside is recoloured,
set in, or removed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pairforge.scenes.shapes.meshing import combine, unit_normals, welded
from pairforge.scenes.world import Material, Mesh

F64 = NDArray[np.float64]
_ZERO_M = 1e-7
_CORNERS = np.arange(3)
_NO_AREA = 1e-18
"""Twice an area, squared."""


def prism(axis: str, polygon: ArrayLike, *limits: tuple[str, float]) -> F64:
    """Planes (K, 4) of a convex prism: ``polygon`` (N, 2) drawn in the two other axes (in x, y, z order).

    A point p is inside where normal . p <= offset for each row (normal, offset). ``limits`` are extra bounds such as
    ("y>", 0.5) or ("x<", 1.0).
    """
    others = [k for k in range(3) if k != "xyz".index(axis)]
    p = np.asarray(polygon, dtype=np.float64)
    nxt = np.roll(p, -1, axis=0)
    edge = nxt - p
    area = float((p[:, 0] * nxt[:, 1] - p[:, 1] * nxt[:, 0]).sum())
    normal2 = np.stack([edge[:, 1], -edge[:, 0]], axis=1) * np.sign(area)
    normal2 /= np.linalg.norm(normal2, axis=1, keepdims=True)
    planes = np.zeros((len(p) + len(limits), 4))
    planes[: len(p), others] = normal2
    planes[: len(p), 3] = (normal2 * p).sum(axis=1)
    for row, (bound, value) in zip(planes[len(p) :], limits, strict=True):
        sign = 1.0 if bound[1] == "<" else -1.0
        row["xyz".index(bound[0])] = sign
        row[3] = sign * value
    return planes


def circle(centre: tuple[float, float], radius: float, sides: int = 20) -> F64:
    """A regular polygon (sides, 2)."""
    a = (np.arange(sides) + 0.5) * (2 * np.pi / sides)
    return np.stack([centre[0] + radius * np.cos(a), centre[1] + radius * np.sin(a)], axis=1)


def carve(
    skin: Mesh,
    planes: F64,
    *,
    facing: Sequence[float] | None = None,
    facing_min: float = 0.25,
    material: Material | None = None,
    depth_m: float = 0.0,
    direction: Sequence[float] | None = None,
    wall: Material | None = None,
    remove: bool = False,
) -> Mesh:
    """The skin with the region inside ``planes`` changed.

    Only faces whose normal . ``facing`` exceeds ``facing_min`` take part. What lies inside gets ``material``, is set
    back by ``depth_m`` along ``direction`` (default: against its mean normal) with side walls of ``wall`` (default:
    the ``material``), or is removed.
    """
    inside, outside = split(skin, planes, facing, facing_min)
    if inside is None:
        return skin
    pieces = [] if outside is None else [outside]
    if not remove:
        inside = inside if material is None else painted(inside, material)
        pieces += _set_in(inside, depth_m, direction, wall) if depth_m else [inside]
    return combine(pieces)


def painted(m: Mesh, material: Material) -> Mesh:
    """The same surface in one material."""
    return Mesh(m.vertices, m.faces, np.zeros(len(m.faces), np.uint8), (material,), m.smooth)


def split(
    skin: Mesh, planes: F64, facing: Sequence[float] | None = None, facing_min: float = 0.25
) -> tuple[Mesh | None, Mesh | None]:
    """(inside, outside) of a convex region; None for an empty side."""
    corners = skin.vertices.astype(np.float64)
    # Most of a skin stays as it is: all that is looked at are the coordinates of its faces, (3, F) each.
    x, y, z = (np.take(corners[:, k], skin.faces.T) for k in range(3))
    source = _touched(x, y, z, planes)
    inner = corners[skin.faces[source]]
    if facing is not None:
        towards = unit_normals(inner) @ np.asarray(facing, dtype=np.float64) > facing_min
        inner, source = inner[towards], source[towards]
    if not len(source):
        return None, skin
    untouched = ~_too_small(x, y, z)
    untouched[source] = False
    nothing = np.zeros(0, np.intp)
    rest, rest_source = [np.zeros((0, 3, 3))], [nothing]
    for plane in planes:
        if not len(inner):
            break
        inner, source, outer, outer_source = _split_by_plane(inner, source, plane)
        rest.append(outer)
        rest_source.append(outer_source)
    outside = _soup(skin, np.flatnonzero(untouched), np.concatenate(rest), np.concatenate(rest_source))
    return _soup(skin, nothing, inner, source), outside


def _touched(x: F64, y: F64, z: F64, planes: F64) -> NDArray[np.intp]:
    """Rows of the triangles, corners (3, F) each, that no plane has wholly on its outer side; each plane looks only
    at what the last ones left. Bounds come last among the planes and leave least, so they look first."""
    left = np.arange(x.shape[1])
    for *normal, offset in planes[::-1].tolist():
        along = sum((n * v for n, v in zip(normal, (x, y, z), strict=True) if n), np.zeros(()))
        a, b, c = along - offset < -_ZERO_M
        within = np.flatnonzero(a | b | c)
        if len(within) < len(left):
            left, x, y, z = left[within], *(np.take(v, within, axis=1) for v in (x, y, z))
    return left


def _too_small(x: F64, y: F64, z: F64) -> NDArray[np.bool_]:
    """Which triangles, corners (3, F) each, have no area to speak of."""
    ax, ay, az, bx, by, bz = (v[k] - v[0] for k in (1, 2) for v in (x, y, z))
    nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
    return np.asarray(nx * nx + ny * ny + nz * nz <= _NO_AREA)


def _split_by_plane(
    triangles: F64, source: NDArray[np.intp], plane: F64
) -> tuple[F64, NDArray[np.intp], F64, NDArray[np.intp]]:
    """(inside, its sources, outside, its sources) of triangles (F, 3, 3) cut by one plane."""
    s = triangles @ plane[:3] - plane[3]
    s[np.abs(s) < _ZERO_M] = 0.0
    a, b, c = (s <= 0).T
    within = a & b & c
    if within.all():
        return triangles, source, triangles[:0], source[:0]
    a, b, c = (s >= 0).T
    beyond = a & b & c & ~within
    cross = ~(within | beyond)
    if not cross.any():
        return triangles[within], source[within], triangles[beyond], source[beyond]
    t, sc, src = triangles[cross], s[cross], source[cross]
    # The lone vertex is the one alone on its side (zeros count as inside).
    out = sc > 0
    lone_out = out.sum(axis=1) == 1
    lone = np.where(lone_out, out.argmax(axis=1), (~out).argmax(axis=1))
    order = (lone[:, None] + _CORNERS) % 3
    rows = np.arange(len(t))[:, None]
    (a, b, c), (sa, sb, sc3) = t[rows, order].transpose(1, 0, 2), sc[rows, order].T
    p = a + (b - a) * (sa / (sa - sb))[:, None]
    q = a + (c - a) * (sa / (sa - sc3))[:, None]
    # The tip, and the two triangles that the rest is.
    pieces = np.empty((3, len(t), 3, 3))
    for piece, corners in zip(pieces, ((a, p, q), (p, b, c), (p, c, q)), strict=True):
        piece[:, 0], piece[:, 1], piece[:, 2] = corners
    pieces, sources = pieces.reshape(-1, 3, 3), np.concatenate([src, src, src])
    kept = np.concatenate([~lone_out, lone_out, lone_out])
    return (
        np.concatenate([triangles[within], pieces[kept]]),
        np.concatenate([source[within], sources[kept]]),
        np.concatenate([triangles[beyond], pieces[~kept]]),
        np.concatenate([source[beyond], sources[~kept]]),
    )


def _soup(skin: Mesh, kept: NDArray[np.intp], new: F64, source: NDArray[np.intp]) -> Mesh | None:
    """Triangles that share no vertices: faces ``kept`` of the skin, then ``new`` (F, 3, 3) with the attributes of
    their ``source`` faces; None when there are none."""
    sound = ~_too_small(*new.transpose(2, 1, 0))
    faces = np.concatenate([kept, source[sound]])
    if not len(faces):
        return None
    as_they_were = np.take(skin.vertices, skin.faces[kept], axis=0)
    return Mesh(
        np.concatenate([as_they_were, new[sound].astype(np.float32)]).reshape(-1, 3),
        np.arange(3 * len(faces), dtype=np.int32).reshape(-1, 3),
        skin.face_material[faces],
        skin.materials,
        skin.smooth[faces],
    )


def _set_in(m: Mesh, depth_m: float, direction: Sequence[float] | None, wall: Material | None) -> list[Mesh]:
    """The patch moved back, and walls from its old rim to its new one."""
    m = welded(m)
    v = m.vertices.astype(np.float64)[m.faces]
    if direction is None:
        back = -np.cross(v[:, 1] - v[:, 0], v[:, 2] - v[:, 0]).sum(axis=0)
    else:
        back = np.asarray(direction, dtype=np.float64)
    offset = (back / np.linalg.norm(back) * depth_m).astype(np.float32)
    rim = _boundary(m)
    on_middle = np.abs(m.vertices[rim, 1]).max(axis=1) < 1e-5  # the mirror image continues there
    rim = rim[~on_middle]
    n = len(m.vertices)
    sides = np.concatenate(
        [
            np.stack([rim[:, 0], rim[:, 1], rim[:, 1] + n], 1),
            np.stack([rim[:, 0], rim[:, 1] + n, rim[:, 0] + n], 1),
        ]
    ).astype(np.int32)
    moved_patch = Mesh(m.vertices + offset, m.faces, m.face_material, m.materials, m.smooth)
    walls = Mesh(
        np.concatenate([m.vertices, m.vertices + offset]),
        sides,
        np.zeros(len(sides), np.uint8),
        (wall or m.materials[0],),
        np.zeros(len(sides), np.bool_),
    )
    return [moved_patch, walls]


def _boundary(m: Mesh) -> NDArray[np.int32]:
    """Directed edges (E, 2) that belong to one triangle only."""
    edges = np.concatenate([m.faces[:, [0, 1]], m.faces[:, [1, 2]], m.faces[:, [2, 0]]]).astype(np.int64)
    n = len(m.vertices)
    forward, backward = edges[:, 0] * n + edges[:, 1], edges[:, 1] * n + edges[:, 0]
    rim: NDArray[np.int32] = edges[~np.isin(forward, backward)].astype(np.int32)
    return rim
