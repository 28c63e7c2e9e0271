"""Where a vehicle's wheels, lamps, roof corners and number plates are, read off its own triangles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import triple
from pairforge.scenes.keypoints import Keypoint
from pairforge.scenes.shapes.vehicle_materials import PLATE
from pairforge.scenes.world import Mesh, Wheel

F64 = NDArray[np.float64]

_ROOF = 0.92
"""The roof is what looks up above this share of the vehicle's height."""
_CORNER_M, _LAMP_M, _PLATE_M, _WHEEL_M, _CONTACT_M = 0.05, 0.04, 0.03, 0.06, 0.08
"""How far before the point the surface may lie that one sees of it."""


def vehicle_keypoints(body: Mesh, wheels: tuple[Wheel, ...]) -> tuple[Keypoint, ...]:
    """The keypoints of ``keypoints.VEHICLE`` that this vehicle has; part "body" lies in the body frame."""
    faces = _Faces(body)
    found = [*_wheels(wheels), *_lamps(faces), *_roof(faces)]
    half_way = float(body.vertices[:, 0].min() + body.vertices[:, 0].max()) / 2
    for name, front in (("front_plate", 1.0), ("rear_plate", -1.0)):
        plate = faces.of([m == PLATE for m in body.materials])
        outside = (front * faces.normal[:, 0] > 0.5) & (front * (faces.centre[:, 0] - half_way) > 0)
        middle = faces.middle(plate & outside)
        if middle is not None:
            found.append(Keypoint(name, "body", triple(middle), _PLATE_M))
    return tuple(found)


class _Faces:
    """Normals, centres and areas of a mesh's triangles."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self.corners = mesh.vertices[mesh.faces].astype(np.float64)
        cross = np.cross(self.corners[:, 1] - self.corners[:, 0], self.corners[:, 2] - self.corners[:, 0])
        self.area = np.linalg.norm(cross, axis=1) / 2
        self.normal = cross / np.maximum(2 * self.area, 1e-12)[:, None]
        self.centre = self.corners.mean(axis=1)

    def of(self, wanted: list[bool]) -> NDArray[np.bool_]:
        """(F,) whether a triangle is of a material that is wanted, one answer a material."""
        return np.isin(self.mesh.face_material, np.flatnonzero(wanted))

    def middle(self, wanted: NDArray[np.bool_]) -> F64 | None:
        """(3,) the point of these triangles that is nearest to their common centre of area; None for no triangle."""
        own = np.flatnonzero(wanted)
        if not len(own) or self.area[own].sum() <= 0:
            return None
        middle = np.average(self.centre[own], axis=0, weights=self.area[own])
        points = np.concatenate([self.corners[own].reshape(-1, 3), self.centre[own]])
        return np.asarray(_nearest(self.corners[own], middle, points))


def _nearest(corners: F64, point: F64, points: F64) -> F64:
    """The point of triangles (F, 3, 3) nearest to a point: its foot where that lies in one, else the nearest of
    ``points``."""
    a, b, c = (corners[:, k] for k in range(3))
    normal = np.cross(b - a, c - a)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    foot = point - np.einsum("fk,fk->f", point - a, normal)[:, None] * normal
    inside = np.ones(len(a), dtype=bool)
    for p, q in ((a, b), (b, c), (c, a)):
        inside &= np.einsum("fk,fk->f", np.cross(q - p, foot - p), normal) >= 0
    options = np.concatenate([foot[inside], points])
    return np.asarray(options[np.linalg.norm(options - point, axis=1).argmin()])


def _wheels(wheels: tuple[Wheel, ...]) -> list[Keypoint]:
    front, rear = max(w.centre_m[0] for w in wheels), min(w.centre_m[0] for w in wheels)
    found = []
    for w in wheels:
        x, y, z = w.centre_m
        if x not in (front, rear):
            continue
        where = f"{'front' if x == front else 'rear'}_{'left' if y > 0 else 'right'}"
        outside = float(np.sign(y)) * w.width_m / 2
        found.append(Keypoint(f"{where}_wheel", w.part, (0.0, outside, 0.0), _WHEEL_M))
        tread = y + 0.6 * outside  # the outer edge of the tread, which is what one sees of where it stands
        found.append(Keypoint(f"{where}_contact", "body", (x, tread, z - w.radius_m), _CONTACT_M))
    return found


def _lamps(faces: _Faces) -> list[Keypoint]:
    found = []
    for lamp, name, front in (("head", "headlamp", 1.0), ("tail", "tail_lamp", -1.0)):
        lens = faces.of([m.lamp == lamp for m in faces.mesh.materials]) & (front * faces.normal[:, 0] > 0.2)
        for side, sign in (("left", 1.0), ("right", -1.0)):
            middle = faces.middle(lens & (sign * faces.centre[:, 1] > 0))
            if middle is not None:
                found.append(Keypoint(f"{side}_{name}", "body", triple(middle), _LAMP_M))
    return found


def _roof(faces: _Faces) -> list[Keypoint]:
    """The corners of the largest surface of one material that looks up, high up: rails and signs are smaller."""
    upward = faces.normal[:, 2] > 0.5
    top = float(faces.corners[..., 2].max())
    high = upward & (faces.centre[:, 2] > 0.75 * top)
    count = len(faces.mesh.materials)
    per_material = np.bincount(faces.mesh.face_material[high], weights=faces.area[high], minlength=count)
    own = high & (faces.mesh.face_material == per_material.argmax())
    own &= faces.centre[:, 2] > _ROOF * float(faces.corners[own][..., 2].max(initial=0.0))
    if not own.any():
        return []
    points = faces.corners[own].reshape(-1, 3)
    found = []
    for end, x in (("front", 1.0), ("rear", -1.0)):
        for side, y in (("left", 1.0), ("right", -1.0)):
            corner = points[(x * points[:, 0] + y * points[:, 1]).argmax()]
            found.append(Keypoint(f"roof_{end}_{side}", "body", triple(corner), _CORNER_M))
    return found
