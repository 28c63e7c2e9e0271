"""A modeller for street-side shapes: quads, boxes, tubes and ribbons gathered into one ``Mesh``.

Every closed piece winds its faces counter-clockwise seen from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pairforge.frames import F64, Pose
from pairforge.scenes.world import Collider, Material, Mesh, Shape, ShapePart

# Corner k of a box has x from bit 0, y from bit 1, z from bit 2; faces -x, +x, -y, +y, -z, +z.
_BOX_SIDES = np.array([[0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6]])
_BOX_CORNERS = (np.arange(8)[:, None] >> np.arange(3)) & 1
_HALVES = np.array([[0, 1, 2], [0, 2, 3]])
"""The two triangles of a quad."""


@cache
def _sides_but(skip: str) -> NDArray[np.int64]:
    """Corners (S, 4) of a box's sides, without those named."""
    names = ("-x", "+x", "-y", "+y", "-z", "+z")
    left_out = {skip[i : i + 2] for i in range(0, len(skip), 2)}
    return _BOX_SIDES[[k for k, name in enumerate(names) if name not in left_out]]


class Modeller:
    """Gathers triangles; ``mesh()`` gives them as one mesh."""

    def __init__(self) -> None:
        self._vertices: list[F64] = []
        self._faces: list[NDArray[np.int64]] = []
        self._materials: list[Material] = []
        self._looks: list[tuple[int, bool, int]] = []
        """(material slot, smooth, how many faces)."""
        self._count = 0

    def triangles(
        self, vertices: ArrayLike, faces: ArrayLike, material: Material, smooth: bool = False
    ) -> None:
        """Vertices (V, 3) metres and faces (F, 3) indices into them."""
        v = np.asarray(vertices, dtype=np.float64).reshape(-1, 3)
        f = np.asarray(faces, dtype=np.int64).reshape(-1, 3)
        self._vertices.append(v)
        self._faces.append(f + self._count)
        self._looks.append((self._slot(material), smooth, len(f)))
        self._count += len(v)

    def quads(self, corners: ArrayLike, material: Material, smooth: bool = False) -> None:
        """Quads (N, 4, 3), each counter-clockwise seen from the side that shows."""
        c = np.asarray(corners, dtype=np.float64).reshape(-1, 3)
        self.triangles(c, _halves(len(c) // 4), material, smooth)

    def boxes(self, low_m: ArrayLike, high_m: ArrayLike, material: Material, skip: str = "") -> None:
        """Upright boxes between corners (N, 3) and (N, 3). ``skip`` names unseen sides to leave out: "-z+y"."""
        low = np.asarray(low_m, dtype=np.float64).reshape(-1, 3)
        high = np.asarray(high_m, dtype=np.float64).reshape(-1, 3)
        corners = np.where(_BOX_CORNERS, high[:, None], low[:, None])
        self.quads(corners[:, _sides_but(skip)], material)

    def box(self, low_m: ArrayLike, high_m: ArrayLike, material: Material, skip: str = "") -> None:
        """One upright box."""
        self.boxes(low_m, high_m, material, skip)

    def tube(
        self,
        path_m: ArrayLike,
        radii_m: ArrayLike,
        material: Material,
        sides: int = 8,
        caps: bool = True,
        smooth: bool = True,
    ) -> None:
        """A round bar along points (N, 3) with radii (N,) or one radius."""
        path = np.asarray(path_m, dtype=np.float64)
        radii = np.broadcast_to(np.asarray(radii_m, dtype=np.float64), (len(path),))
        rings = _rings(path, radii, sides)
        n = len(path)
        index = np.arange(n * sides).reshape(n, sides)
        a, b = index[:-1], index[1:]
        a1, b1 = np.roll(a, -1, axis=1), np.roll(b, -1, axis=1)
        faces = np.concatenate(
            [np.stack([a, a1, b1], -1).reshape(-1, 3), np.stack([a, b1, b], -1).reshape(-1, 3)]
        )
        self.triangles(rings.reshape(-1, 3), faces, material, smooth)
        if caps:
            fan = np.array([[0, k, k + 1] for k in range(1, sides - 1)])
            self.triangles(rings[0], fan[:, ::-1], material)
            self.triangles(rings[-1], fan, material)

    def ribbon(self, left_m: ArrayLike, right_m: ArrayLike, material: Material) -> None:
        """A band between two lines (N, 3), seen from above when ``left_m`` is left of ``right_m``."""
        left, right = np.asarray(left_m, dtype=np.float64), np.asarray(right_m, dtype=np.float64)
        self.quads(np.stack([right[:-1], right[1:], left[1:], left[:-1]], axis=1), material)

    def prism(self, outline_m: ArrayLike, start: float, stop: float, axis: str, material: Material) -> None:
        """A convex outline (N, 2), counter-clockwise, extruded along an axis from ``start`` to ``stop``.

        The outline's plane is (y, z) for "x", (z, x) for "y" and (x, y) for "z".
        """
        flat = np.asarray(outline_m, dtype=np.float64)
        along = "xyz".index(axis)
        ends = np.empty((2, len(flat), 3))
        ends[:, :, (along + 1) % 3] = flat[:, 0]
        ends[:, :, (along + 2) % 3] = flat[:, 1]
        ends[0, :, along], ends[1, :, along] = start, stop
        low, high = ends
        sides = np.stack([low, np.roll(low, -1, 0), np.roll(high, -1, 0), high], axis=1)
        self.quads(sides, material)
        fan = np.array([[0, k, k + 1] for k in range(1, len(flat) - 1)])
        self.triangles(low, fan[:, ::-1], material)
        self.triangles(high, fan, material)

    def disc(self, centre_m: ArrayLike, radius_m: float, material: Material, sides: int = 24) -> None:
        """A level disc seen from above."""
        angle = 2 * np.pi * np.arange(sides) / sides
        ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(sides)], axis=1) * radius_m
        fan = np.array([[0, k, k + 1] for k in range(1, sides - 1)])
        self.triangles(ring + np.asarray(centre_m), fan, material)

    def put(self, mesh: Mesh, pose: Pose) -> None:
        """Another mesh, carried by a pose."""
        points = pose.points(mesh.vertices)
        for slot, material in enumerate(mesh.materials):
            for smooth in (False, True):
                faces = mesh.faces[(mesh.face_material == slot) & (mesh.smooth == smooth)]
                if len(faces):
                    used, index = np.unique(faces, return_inverse=True)
                    self.triangles(points[used], index.reshape(-1, 3), material, smooth)

    @property
    def empty(self) -> bool:
        return self._count == 0

    def mesh(self) -> Mesh:
        """What was gathered so far."""
        slots, smooth, counts = zip(*self._looks, strict=True)
        return Mesh(
            vertices=np.concatenate(self._vertices).astype(np.float32),
            faces=np.concatenate(self._faces).astype(np.int32),
            face_material=np.repeat(np.array(slots, dtype=np.uint8), counts),
            materials=tuple(self._materials),
            smooth=np.repeat(np.array(smooth, dtype=np.bool_), counts),
        )

    def _slot(self, material: Material) -> int:
        for slot, known in enumerate(self._materials):
            if known is material or known == material:
                return slot
        self._materials.append(material)
        return len(self._materials) - 1


@lru_cache(maxsize=256)
def _halves(quads: int) -> NDArray[np.int64]:
    """The faces of so many quads, one half of all and then the other."""
    first = np.arange(0, 4 * quads, 4)[:, None]
    return np.concatenate([first + _HALVES[0], first + _HALVES[1]])


def whole(
    parts: dict[str, Modeller],
    mass_kg: float,
    colliders: Sequence[Collider] = (),
    semantics: dict[str, str] | None = None,
) -> Shape:
    """The shape of named part models, all in the body frame; its tight box is measured from the vertices."""
    built = tuple(
        ShapePart(name, model.mesh(), Pose.of(), (semantics or {}).get(name, ""))
        for name, model in parts.items()
        if not model.empty
    )
    low = np.min([p.mesh.vertices.min(axis=0) for p in built], axis=0).astype(np.float64)
    high = np.max([p.mesh.vertices.max(axis=0) for p in built], axis=0).astype(np.float64)
    size, centre = (high - low).tolist(), ((high + low) / 2).tolist()
    return Shape(
        parts=built,
        size_m=(size[0], size[1], size[2]),
        centre_m=(centre[0], centre[1], centre[2]),
        mass_kg=mass_kg,
        colliders=tuple(colliders),
    )


def box_collider(low_m: ArrayLike, high_m: ArrayLike, yaw: float = 0.0) -> Collider:
    """A box collider between two corners (before turning by ``yaw`` about its own centre)."""
    low, high = np.asarray(low_m, dtype=np.float64), np.asarray(high_m, dtype=np.float64)
    size = (high - low).tolist()
    return Collider("box", Pose.of((low + high) / 2, yaw=yaw), (size[0], size[1], size[2]))


def post_collider(radius_m: float, height_m: float) -> Collider:
    """An upright cylinder standing at the body's origin."""
    return Collider("cylinder", Pose.of((0.0, 0.0, height_m / 2)), (radius_m, height_m))


def _rings(path: F64, radii: F64, sides: int) -> F64:
    """Rings (N, sides, 3) of points square to a path, turned as little as possible from one to the next."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    angle = 2 * np.pi * np.arange(sides) / sides
    out = np.empty((len(path), sides, 3))
    side = np.array([1.0, 0.0, 0.0]) if abs(tangent[0, 0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    for k, forward in enumerate(tangent):
        side = side - forward * (side @ forward)
        side /= np.linalg.norm(side)
        other = np.cross(forward, side)
        out[k] = path[k] + radii[k] * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other)
    return out
