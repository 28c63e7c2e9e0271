"""Rigid bodies in PyBullet: colliders as collision shapes, masses and inertias, the body frame and back.

PyBullet reports a body's inertial frame and speaks xyzw. Here each body is built with its base frame *on* its
principal inertial frame, so that the pose it reports is ``world_from_inertial`` and the body frame is one constant
transform away. xyzw never leaves the ``physics*`` modules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import trimesh

from pairforge.frames import F64, Pose
from pairforge.scenes.world import Collider, Shape
from pairforge.sensors.bullet import pybullet as p

HULL_MARGIN_M = 0.001
COMPOUND_MOST = 16
ROLLING = 0.05


def xyzw(quaternion_wxyz: F64) -> list[float]:
    """wxyz to PyBullet's order."""
    w, x, y, z = (float(v) for v in quaternion_wxyz)
    return [x, y, z, w]


@dataclass(frozen=True, eq=False)
class MassProperties:
    """``body_from_inertial``: centre of mass and principal axes; ``diagonal`` (3,) kg m^2 about them."""

    mass_kg: float
    body_from_inertial: Pose
    diagonal: tuple[float, float, float]


def bounds_collider(shape: Shape) -> Collider:
    """The box of a shape's bounds, for a thing without colliders of its own."""
    return Collider("box", Pose.of(shape.centre_m), tuple(max(s, 1e-3) for s in shape.size_m))


def colliders_of(shape: Shape) -> tuple[Collider, ...]:
    return shape.colliders or (bounds_collider(shape),)


def mass_properties(colliders: Sequence[Collider], mass_kg: float) -> MassProperties:
    """Of a body of even density that fills its colliders (overlaps count twice)."""
    solids = [_solid(c) for c in colliders]
    volumes = np.array([s[0] for s in solids])
    share = mass_kg * volumes / volumes.sum()
    centre = (share[:, None] * np.array([s[1] for s in solids])).sum(axis=0) / mass_kg
    inertia = np.zeros((3, 3))
    for mass, (volume, c, unit_inertia) in zip(share, solids, strict=True):
        d = c - centre
        inertia += unit_inertia * (mass / volume) + mass * (float(d @ d) * np.eye(3) - np.outer(d, d))
    off_axis = np.abs(inertia - np.diag(np.diag(inertia))).max()
    if off_axis < 1e-3 * np.diag(inertia).max():
        diagonal, axes = np.diag(inertia), np.eye(3)
    else:
        diagonal, axes = np.linalg.eigh(inertia)
        if np.linalg.det(axes) < 0:
            axes = axes * np.array([1.0, 1.0, -1.0])
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = axes, centre
    return MassProperties(
        mass_kg, Pose.from_matrix(matrix), (float(diagonal[0]), float(diagonal[1]), float(diagonal[2]))
    )


def _solid(collider: Collider) -> tuple[float, F64, F64]:
    """Volume, centroid and inertia at unit density, about the centroid, in body axes."""
    pose = collider.body_from_collider
    if collider.kind == "hull":
        hull = trimesh.convex.convex_hull(np.asarray(collider.points))
        volume, centre = float(hull.volume), np.asarray(hull.center_mass, dtype=np.float64)
        local = np.asarray(hull.moment_inertia, dtype=np.float64)
    else:
        volume, diagonal = _unit_density(collider)
        centre, local = np.zeros(3), np.diag(diagonal)
    turn = pose.rotation
    return volume, pose.points(centre), turn @ local @ turn.T


def _unit_density(collider: Collider) -> tuple[float, F64]:
    """Volume and inertia diagonal of a box, sphere, cylinder or capsule (as a cylinder of its full length)."""
    if collider.kind == "box":
        x, y, z = collider.size_m
        volume = x * y * z
        return volume, volume / 12 * np.array([y * y + z * z, x * x + z * z, x * x + y * y])
    radius = collider.size_m[0]
    if collider.kind == "sphere":
        volume = 4 / 3 * np.pi * radius**3
        return volume, np.full(3, 0.4 * volume * radius**2)
    length = collider.size_m[1] + (2 * radius if collider.kind == "capsule" else 0.0)
    volume = np.pi * radius**2 * length
    across = volume * (3 * radius**2 + length**2) / 12
    return volume, np.array([across, across, volume * radius**2 / 2])


def bottom_m(collider: Collider) -> float:
    """Height in the body frame of a collider's lowest point."""
    pose, size = collider.body_from_collider, collider.size_m
    if collider.points is not None:
        return float(pose.points(collider.points)[:, 2].min())
    down = -pose.rotation[2]
    if collider.kind == "box":
        reach = float(np.abs(down) @ np.asarray(size)) / 2
    elif collider.kind == "sphere":
        reach = size[0]
    elif collider.kind == "capsule":
        reach = abs(down[2]) * size[1] / 2 + size[0]
    else:
        reach = abs(down[2]) * size[1] / 2 + size[0] * float(np.hypot(down[0], down[1]))
    return float(pose.position_m[2]) - reach


def collision_shape(client: int, collider: Collider, frame_from_body: Pose) -> int:
    """One collision shape whose frame is ``frame`` (the inertial frame of the body, or the world)."""
    pose = frame_from_body @ collider.body_from_collider
    where = {
        "collisionFramePosition": pose.position_m.tolist(),
        "collisionFrameOrientation": xyzw(pose.quaternion_wxyz),
        "physicsClientId": client,
    }
    size = collider.size_m
    if collider.kind == "box":
        return int(p.createCollisionShape(p.GEOM_BOX, halfExtents=[s / 2 for s in size], **where))
    if collider.kind == "sphere":
        return int(p.createCollisionShape(p.GEOM_SPHERE, radius=size[0], **where))
    if collider.kind == "cylinder":
        return int(p.createCollisionShape(p.GEOM_CYLINDER, radius=size[0], height=size[1], **where))
    if collider.kind == "capsule":
        return int(p.createCollisionShape(p.GEOM_CAPSULE, radius=size[0], height=size[1], **where))
    if collider.kind == "mesh":
        triangles = np.asarray(collider.faces).ravel().tolist()
        flags = p.GEOM_FORCE_CONCAVE_TRIMESH
        points = np.asarray(collider.points).tolist()
        return int(
            p.createCollisionShape(p.GEOM_MESH, vertices=points, indices=triangles, flags=flags, **where)
        )
    # Only the hull's corners matter; inner points would slow every contact query.
    corners = _within_margin(np.asarray(trimesh.convex.convex_hull(np.asarray(collider.points)).vertices))
    return int(p.createCollisionShape(p.GEOM_MESH, vertices=corners.tolist(), **where))


def _within_margin(corners: F64) -> F64:
    """Hull corners drawn in by the millimetre of margin that Bullet puts around every hull."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    shrink = np.maximum(1.0 - 2.0 * HULL_MARGIN_M / np.maximum(high - low, 1e-9), 0.5)
    return np.asarray((corners - (low + high) / 2) * shrink + (low + high) / 2, dtype=np.float64)


def compound(client: int, colliders: Sequence[Collider], frame_from_body: Pose) -> int | None:
    """One collision shape of all colliders, or None where PyBullet has none: with a hull among several, or for more
    than 16 (it drops the rest without a word)."""
    if len(colliders) == 1:
        return collision_shape(client, colliders[0], frame_from_body)
    if any(c.kind == "hull" for c in colliders) or len(colliders) > COMPOUND_MOST:
        return None
    kinds = {
        "box": p.GEOM_BOX,
        "sphere": p.GEOM_SPHERE,
        "cylinder": p.GEOM_CYLINDER,
        "capsule": p.GEOM_CAPSULE,
    }
    poses = [frame_from_body @ c.body_from_collider for c in colliders]
    none = [0.0, 0.0, 0.0]
    return int(
        p.createCollisionShapeArray(
            shapeTypes=[kinds[c.kind] for c in colliders],
            halfExtents=[[s / 2 for s in c.size_m] if c.kind == "box" else none for c in colliders],
            radii=[0.0 if c.kind == "box" else c.size_m[0] for c in colliders],
            lengths=[c.size_m[1] if c.kind in ("cylinder", "capsule") else 0.0 for c in colliders],
            collisionFramePositions=[q.position_m.tolist() for q in poses],
            collisionFrameOrientations=[xyzw(q.quaternion_wxyz) for q in poses],
            physicsClientId=client,
        )
    )


def add_static(
    client: int, colliders: Sequence[Collider], world_from_body: Pose, friction: float, restitution: float
) -> list[int]:
    """Immovable bodies, one a collider; returns their PyBullet ids."""
    bodies = []
    for collider in colliders:
        shape = collision_shape(client, collider, Pose.of())
        body = p.createMultiBody(
            0.0,
            shape,
            basePosition=world_from_body.position_m.tolist(),
            baseOrientation=xyzw(world_from_body.quaternion_wxyz),
            useMaximalCoordinates=1,
            physicsClientId=client,
        )
        p.changeDynamics(body, -1, lateralFriction=friction, restitution=restitution, physicsClientId=client)
        bodies.append(int(body))
    return bodies


def add_dynamic(
    client: int, shape: Shape, mass_kg: float, world_from_body: Pose
) -> tuple[int, MassProperties]:
    """A free rigid body of the shape's colliders; returns its PyBullet id and mass properties."""
    colliders = colliders_of(shape)
    properties = mass_properties(colliders, mass_kg)
    frame_from_body = properties.body_from_inertial.inverse
    base = compound(client, colliders, frame_from_body)
    start = world_from_body @ properties.body_from_inertial
    links = fixed_links(client, colliders, frame_from_body) if base is None else {}
    body = p.createMultiBody(
        mass_kg,
        -1 if base is None else base,
        basePosition=start.position_m.tolist(),
        baseOrientation=xyzw(start.quaternion_wxyz),
        physicsClientId=client,
        **links,
    )
    p.changeDynamics(
        body,
        -1,
        localInertiaDiagonal=properties.diagonal,
        linearDamping=0.0,
        angularDamping=0.0,
        physicsClientId=client,
    )
    for link in range(-1, p.getNumJoints(body, physicsClientId=client)):
        set_surface(client, body, link, shape.friction, shape.restitution, _rolling_friction_m(shape))
    return int(body), properties


def _rolling_friction_m(shape: Shape) -> float:
    """Balls and cans come to rest within a hand's breadth or two: 5 mm of rolling resistance per 10 cm of size.

    That of a soft ball on cloth rather than of steel on glass, for things should stay on the table."""
    return ROLLING * max(shape.size_m)


def set_surface(
    client: int, body: int, link: int, friction: float, restitution: float, rolling_m: float = 0.0
) -> None:
    p.changeDynamics(
        body,
        link,
        lateralFriction=friction,
        restitution=restitution,
        rollingFriction=rolling_m,
        spinningFriction=rolling_m,
        physicsClientId=client,
    )


def fixed_links(client: int, colliders: Sequence[Collider], frame_from_body: Pose) -> dict[str, list[object]]:
    """``createMultiBody`` arguments that hang the colliders on the base as massless fixed links."""
    plain = [c for c in colliders if c.kind != "hull"]
    groups = [plain[k : k + COMPOUND_MOST] for k in range(0, len(plain), COMPOUND_MOST)]
    groups += [[c] for c in colliders if c.kind == "hull"]
    shapes: list[object] = [compound(client, group, frame_from_body) for group in groups]
    count = len(shapes)
    return {
        "linkMasses": [0.0] * count,
        "linkCollisionShapeIndices": shapes,
        "linkVisualShapeIndices": [-1] * count,
        "linkPositions": [[0.0, 0.0, 0.0]] * count,
        "linkOrientations": [[0.0, 0.0, 0.0, 1.0]] * count,
        "linkInertialFramePositions": [[0.0, 0.0, 0.0]] * count,
        "linkInertialFrameOrientations": [[0.0, 0.0, 0.0, 1.0]] * count,
        "linkParentIndices": [0] * count,
        "linkJointTypes": [p.JOINT_FIXED] * count,
        "linkJointAxis": [[0.0, 0.0, 1.0]] * count,
    }


def turn(orientation_xyzw: Sequence[float], vector: Sequence[float]) -> tuple[float, float, float]:
    """A vector (3,) turned by a unit quaternion, in plain floats: scipy's call costs more than a simulation step."""
    x, y, z, w = orientation_xyzw
    a, b, c = vector
    # v + 2 w (q x v) + 2 q x (q x v)
    i, j, k = 2 * (y * c - z * b), 2 * (z * a - x * c), 2 * (x * b - y * a)
    return a + w * i + y * k - z * j, b + w * j + z * i - x * k, c + w * k + x * j - y * i
