"""The multi-body of a wheeled vehicle: a chassis on uprights that slide, knuckles that steer and hinges that roll.

Each wheel hangs on a slider along the chassis' vertical (its suspension), then, if it is steered, on a knuckle about
the vertical, then on a hinge about its axle. Tyres grip by friction alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pairforge.frames import F64, Pose
from pairforge.scenes.world import Collider, Instance, Shape, Wheel
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.physics_bodies import collision_shape, compound, fixed_links, set_surface, xyzw

TYRE_DENSITY_KG_M3 = 330.0
"""Mass of a wheel over its cylinder's volume: 21 kg at 0.32 m by 0.2 m."""
CLEARANCE_M = 0.12
TREAD_SHARE = 0.25
"""A tyre gives where a cylinder stands on its edge: one as wide as the tyre would hold the body upright in bends."""
UNSPRUNG_SHARE = 0.1
"""Wheel, brake and axle together weigh a tenth of what rests on them (Gillespie 1992, chapter 5)."""


@dataclass(frozen=True)
class Axle:
    """One wheel's joints: link indices of its slider, its hinge and, when steered, its knuckle; ``load_kg`` is the
    share of the chassis that its spring carries."""

    wheel: Wheel
    slider: int
    hinge: int
    knuckle: int | None
    load_kg: float


def centre_of_mass(shape: Shape) -> F64:
    """(3,) in the body frame: midway between the axles, at two fifths of the height."""
    x = [w.centre_m[0] for w in shape.wheels]
    return np.array([(min(x) + max(x)) / 2, 0.0, 0.38 * shape.size_m[2]])


def wheel_loads_kg(shape: Shape, mass_kg: float) -> F64:
    """(W,) how a mass at the centre of mass rests on the wheels, as evenly as balance allows."""
    centre = centre_of_mass(shape)
    at = np.array([w.centre_m for w in shape.wheels]) - centre
    balance = np.stack([np.ones(len(at)), at[:, 0], at[:, 1]])
    return np.asarray(np.linalg.pinv(balance) @ [mass_kg, 0.0, 0.0], dtype=np.float64)


def lifted(collider: Collider) -> Collider:
    """The collider with its underside at least ``CLEARANCE_M`` above the ground: only tyres touch the road."""
    if collider.kind == "hull" and collider.points is not None:
        points = collider.body_from_collider.points(collider.points)
        points[:, 2] = np.maximum(points[:, 2], CLEARANCE_M)
        return Collider("hull", Pose.of(), points=points)
    z, tall = float(collider.body_from_collider.position_m[2]), collider.size_m[-1]
    if collider.kind != "box" or z - tall / 2 >= CLEARANCE_M:
        return collider
    top = z + tall / 2
    centre = (*collider.body_from_collider.position_m[:2].tolist(), (top + CLEARANCE_M) / 2)
    pose = Pose.of(centre, collider.body_from_collider.quaternion_wxyz)
    return replace(collider, body_from_collider=pose, size_m=(*collider.size_m[:2], top - CLEARANCE_M))


def build_vehicle(
    client: int, instance: Instance, centre: F64, friction: float
) -> tuple[int, tuple[Axle, ...]]:
    """The multi-body at rest in its starting pose, its base frame at ``centre`` of the body; tyres have
    ``friction``. Returns its PyBullet id and the joints of its wheels."""
    shape = instance.shape
    frame_from_body = Pose.of(centre).inverse
    colliders = [lifted(c) for c in (shape.colliders or (_cabin(shape),))]
    base = compound(client, colliders, frame_from_body)
    links = _Links(client)
    if base is None:
        links.extend(fixed_links(client, colliders, frame_from_body))
    unsprung = UNSPRUNG_SHARE * wheel_loads_kg(shape, instance.mass_kg)
    chassis_kg = instance.mass_kg - float(unsprung.sum())
    loads = wheel_loads_kg(shape, chassis_kg)
    axles = tuple(
        links.hang(wheel, centre, float(kg), float(load))
        for wheel, kg, load in zip(shape.wheels, unsprung, loads, strict=True)
    )
    start = instance.world_from_body @ Pose.of(centre)
    body = p.createMultiBody(
        chassis_kg,
        -1 if base is None else base,
        basePosition=start.position_m.tolist(),
        baseOrientation=xyzw(start.quaternion_wxyz),
        physicsClientId=client,
        **links.arguments,
    )
    _tune(client, int(body), shape, chassis_kg, axles, friction)
    return int(body), axles


def _cabin(shape: Shape) -> Collider:
    return Collider("box", Pose.of(shape.centre_m), shape.size_m)


def wheel_mass_kg(wheel: Wheel) -> float:
    return float(TYRE_DENSITY_KG_M3 * np.pi * wheel.radius_m**2 * wheel.width_m)


class _Links:
    """Collects ``createMultiBody``'s parallel lists link by link."""

    def __init__(self, client: int) -> None:
        self._client = client
        self.arguments: dict[str, list[object]] = {}
        self._count = 0

    def extend(self, rows: dict[str, list[object]]) -> None:
        for key, values in rows.items():
            self.arguments.setdefault(key, []).extend(values)
        self._count += len(rows["linkMasses"])

    def hang(self, wheel: Wheel, centre: F64, unsprung_kg: float, load_kg: float) -> Axle:
        """A slider, a knuckle when it is steered, and a hinge, all at the wheel's centre."""
        rolling_kg = min(wheel_mass_kg(wheel), 0.6 * unsprung_kg)
        upright_kg = unsprung_kg - rolling_kg
        at, still, up = (np.asarray(wheel.centre_m) - centre).tolist(), [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]
        slider = self._add((0.5 if wheel.steered else 1.0) * upright_kg, -1, at, 0, up, p.JOINT_PRISMATIC)
        parent, knuckle = slider + 1, None
        if wheel.steered:
            knuckle = self._add(0.5 * upright_kg, -1, still, parent, up)
            parent = knuckle + 1
        hinge = self._add(rolling_kg, _tyre(self._client, wheel), still, parent, [0.0, 1.0, 0.0])
        return Axle(wheel, slider, hinge, knuckle, load_kg)

    def _add(
        self,
        mass: float,
        shape: int,
        at: Sequence[float],
        parent: int,
        axis: Sequence[float],
        kind: int = p.JOINT_REVOLUTE,
    ) -> int:
        self.extend(
            {
                "linkMasses": [mass],
                "linkCollisionShapeIndices": [shape],
                "linkVisualShapeIndices": [-1],
                "linkPositions": [list(at)],
                "linkOrientations": [[0.0, 0.0, 0.0, 1.0]],
                "linkInertialFramePositions": [[0.0, 0.0, 0.0]],
                "linkInertialFrameOrientations": [[0.0, 0.0, 0.0, 1.0]],
                "linkParentIndices": [parent],
                "linkJointTypes": [kind],
                "linkJointAxis": [list(axis)],
            }
        )
        return self._count - 1


def _tyre(client: int, wheel: Wheel) -> int:
    lying = Pose.of(quaternion_wxyz=(np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0))
    size = (wheel.radius_m, wheel.width_m * TREAD_SHARE)
    return collision_shape(client, Collider("cylinder", lying, size), Pose.of())


def _tune(
    client: int, body: int, shape: Shape, chassis_kg: float, axles: Sequence[Axle], friction: float
) -> None:
    """Inertias, damping, grip; no motor until the first plan."""
    x, y, z = shape.size_m[0], shape.size_m[1], 0.6 * shape.size_m[2]
    inertia = [
        chassis_kg / 12 * (y * y + z * z),
        chassis_kg / 12 * (x * x + z * z),
        chassis_kg / 12 * (x * x + y * y),
    ]
    p.changeDynamics(
        body,
        -1,
        localInertiaDiagonal=inertia,
        activationState=p.ACTIVATION_STATE_DISABLE_SLEEPING,
        physicsClientId=client,
    )
    for link in range(-1, p.getNumJoints(body, physicsClientId=client)):
        p.changeDynamics(
            body,
            link,
            linearDamping=0.0,
            angularDamping=0.0,
            jointDamping=0.0,
            maxJointVelocity=1000.0,
            physicsClientId=client,
        )
        set_surface(client, body, link, shape.friction, shape.restitution)
    for axle in axles:
        _tune_wheel(client, body, axle, friction)


def _tune_wheel(client: int, body: int, axle: Axle, friction: float) -> None:
    r, w = axle.wheel.radius_m, axle.wheel.width_m
    set_surface(client, body, axle.hinge, friction, 0.0)
    # Bullet would brace the wheel against the edge of the next triangle before it gets there, and throw it up.
    p.changeDynamics(body, axle.hinge, contactProcessingThreshold=0.0, physicsClientId=client)
    for joint in (axle.slider, axle.knuckle, axle.hinge):
        if joint is not None:
            mass = float(p.getDynamicsInfo(body, joint, physicsClientId=client)[0])
            across = mass * (3 * r * r + w * w) / 12
            diagonal = [across, mass * r * r / 2, across]
            p.changeDynamics(body, joint, localInertiaDiagonal=diagonal, physicsClientId=client)
            p.setJointMotorControl2(body, joint, p.VELOCITY_CONTROL, force=0.0, physicsClientId=client)
