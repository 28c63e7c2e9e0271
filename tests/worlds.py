"""Tiny hand-made worlds for tests: built straight from shapes, without the scene language.

``small_world()`` and ``small_concrete()`` are the common pair: a floor, four coloured boxes, one sphere that moves,
one camera and one LiDAR. ``make_world`` takes any list of ``Thing``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pairforge.frames import F64, Intrinsics, Pose, Track, look_at
from pairforge.scenes.concrete import ConcreteItem, ConcreteLane, ConcreteScene, ConcreteSensor
from pairforge.scenes.gait import body_box
from pairforge.scenes.shapes import primitives
from pairforge.scenes.shapes.meshing import combine, cylinder
from pairforge.scenes.shapes.solids import box_collider, rounded_box
from pairforge.scenes.taxonomy import semantic
from pairforge.scenes.world import (
    Collider,
    Instance,
    Lane,
    Limb,
    Material,
    Mesh,
    Part,
    Rgb,
    Shape,
    ShapePart,
    Sky,
    Wheel,
    World,
)
from pairforge.sensors.timeline import Timeline

PAINTS: dict[str, Rgb] = {
    "red": (0.60, 0.03, 0.03),
    "green": (0.03, 0.40, 0.06),
    "blue": (0.03, 0.08, 0.55),
    "yellow": (0.75, 0.55, 0.02),
    "white": (0.80, 0.80, 0.80),
    "grey": (0.30, 0.30, 0.30),
}


def paint(colour: str, material: str = "plastic") -> Material:
    return Material(f"{colour} {material}", PAINTS[colour], roughness=0.5, lidar_reflectivity=0.5)


@dataclass(frozen=True)
class Thing:
    """One instance (or stuff) to put in a world."""

    name: str
    shape: Shape
    position_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    quaternion_wxyz: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    semantic: str = "object"
    noun: str = "box"
    colour: str = "grey"
    motion: str = "static"
    stuff: bool = False
    behaviour: Mapping[str, Any] = field(default_factory=dict)


def make_world(things: Sequence[Thing], lanes: Sequence[Lane] = (), sky: Sky | None = None) -> World:
    """Numbers parts and instances in the order given, exactly as a built world has them."""
    parts: list[Part] = []
    instances: list[Instance] = []
    for thing in things:
        instance_id = 0 if thing.stuff else len(instances) + 1
        pose = Pose.of(thing.position_m, thing.quaternion_wxyz)
        moves = thing.motion != "static"
        ids = []
        for piece in thing.shape.parts:
            ids.append(len(parts) + 1)
            class_id = semantic(piece.semantic or thing.semantic).semantic_id
            where = pose @ piece.body_from_part
            parts.append(Part(ids[-1], piece.name, instance_id, class_id, piece.mesh, where, moves))
        if not thing.stuff:
            instances.append(_instance(thing, instance_id, pose, tuple(ids), moves))
    return World(tuple(parts), tuple(instances), tuple(lanes), sky or Sky())


def _instance(thing: Thing, instance_id: int, pose: Pose, ids: tuple[int, ...], moves: bool) -> Instance:
    size_m, centre_m = body_box(thing.shape, thing.motion)
    return Instance(
        instance_id=instance_id,
        name=thing.name,
        family=f"hand_made_{thing.noun}",
        semantic_id=semantic(thing.semantic).semantic_id,
        noun=thing.noun,
        colour=thing.colour,
        colour_rgb=PAINTS[thing.colour],
        material="plastic",
        size_m=size_m,
        centre_m=centre_m,
        has_front=thing.semantic in ("car", "pedestrian", "cyclist"),
        moves=moves,
        mass_kg=thing.shape.mass_kg,
        world_from_body=pose,
        part_ids=ids,
        shape=thing.shape,
        behaviour={"motion": thing.motion, **thing.behaviour},
    )


def make_concrete(
    things: Sequence[Thing],
    lanes: Sequence[Lane] = (),
    sensors: Sequence[ConcreteSensor] = (),
    duration_s: float = 1.0,
    keyframe_rate_hz: float = 5.0,
    warm_up_s: float = 0.2,
) -> ConcreteScene:
    """The concrete scene that goes with ``make_world`` of the same things."""
    items = tuple(
        ConcreteItem(
            name=t.name,
            family=f"hand_made_{t.noun}",
            params={},
            colour=t.colour,
            material="plastic",
            position_m=t.position_m,
            quaternion_wxyz=t.quaternion_wxyz,
            motion=t.motion,
            mass_kg=t.shape.mass_kg,
            behaviour=dict(t.behaviour),
        )
        for t in things
    )
    rows = tuple(
        ConcreteLane(
            lane.lane_id,
            tuple((float(x), float(y), float(z)) for x, y, z in lane.centre_m),
            lane.width_m,
            lane.speed_limit_mps,
            lane.kind,
        )
        for lane in lanes
    )
    return ConcreteScene(
        scene="test",
        seed=0,
        attempt=0,
        do={},
        draws={},
        items=items,
        sensors=tuple(sensors),
        lanes=rows,
        sky=Sky(),
        duration_s=duration_s,
        keyframe_rate_hz=keyframe_rate_hz,
        warm_up_s=warm_up_s,
        captions=("short",),
    )


def floor_shape(size_m: float = 40.0) -> Shape:
    """A flat square on z = 0 with a slab below it as its collider."""
    h = size_m / 2
    vertices = np.array([[-h, -h, 0], [h, -h, 0], [h, h, 0], [-h, h, 0]], dtype=np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
    mesh = Mesh(
        vertices, faces, np.zeros(2, np.uint8), (Material("floor", (0.4, 0.38, 0.35)),), np.zeros(2, bool)
    )
    slab = box_collider((size_m, size_m, 1.0), (0.0, 0.0, -0.5))
    return Shape(
        parts=(ShapePart("floor", mesh, Pose.of()),),
        size_m=(size_m, size_m, 0.0),
        centre_m=(0.0, 0.0, 0.0),
        mass_kg=0.0,
        colliders=(slab,),
        friction=1.0,
        restitution=0.5,
    )


FLOOR = Thing("floor", floor_shape(), semantic="floor", noun="floor", stuff=True)


def box_shape(size_m: float, colour: str, width_ratio: float = 1.0, height_ratio: float = 1.0) -> Shape:
    params = {"size_m": size_m, "width_ratio": width_ratio, "height_ratio": height_ratio}
    return primitives.BOX.build(params, paint(colour))


def ball_shape(diameter_m: float, colour: str) -> Shape:
    return primitives.SPHERE.build({"size_m": diameter_m}, paint(colour, "rubber"))


def small_things() -> tuple[Thing, ...]:
    """A floor, four boxes (one partly hidden from the camera), a ball thrown up by nothing but falling."""
    return (
        FLOOR,
        Thing("red_box", box_shape(1.0, "red"), (4.0, 0.8, 0.0), colour="red"),
        Thing("blue_box", box_shape(0.6, "blue"), (3.0, -1.0, 0.0), colour="blue"),
        Thing("green_box", box_shape(1.4, "green", height_ratio=1.2), (6.0, 0.2, 0.0), colour="green"),
        Thing(
            "yellow_box",
            box_shape(0.5, "yellow"),
            (2.4, 0.4, 0.0),
            (0.9, 0.0, 0.0, 0.4358899),
            colour="yellow",
        ),
        Thing(
            "ball", ball_shape(0.5, "white"), (3.5, -0.2, 1.0), noun="ball", colour="white", motion="dynamic"
        ),
    )


def camera(
    eye_m: tuple[float, float, float] = (-1.0, 0.0, 1.5),
    target_m: tuple[float, float, float] = (4.0, 0.0, 0.3),
    width_px: int = 64,
    height_px: int = 36,
    mount: str | None = None,
    name: str = "front",
) -> ConcreteSensor:
    pose = look_at(eye_m, target_m)
    k = Intrinsics.from_fov(width_px, height_px, 70.0)
    settings = {
        "width_px": width_px,
        "height_px": height_px,
        "fx": k.fx,
        "fy": k.fy,
        "cx": k.cx,
        "cy": k.cy,
        "rate_hz": 12.0,
    }
    return ConcreteSensor(
        name, "camera", mount, _three(pose.position_m), _four(pose.quaternion_wxyz), settings
    )


def lidar(
    position_m: tuple[float, float, float] = (0.0, 0.0, 1.2),
    mount: str | None = None,
    beams: int = 8,
    columns: int = 90,
    range_noise_m: float = 0.0,
    dropout: float = 0.0,
    max_range_m: float = 60.0,
) -> ConcreteSensor:
    settings = {
        "beams": beams,
        "elevation_deg": [-30.0, 10.0],
        "columns": columns,
        "rate_hz": 20.0,
        "max_range_m": max_range_m,
        "range_noise_m": range_noise_m,
        "dropout": dropout,
    }
    return ConcreteSensor("top", "lidar", mount, position_m, (1.0, 0.0, 0.0, 0.0), settings)


def _three(v: Any) -> tuple[float, float, float]:
    return (float(v[0]), float(v[1]), float(v[2]))


def _four(v: Any) -> tuple[float, float, float, float]:
    return (float(v[0]), float(v[1]), float(v[2]), float(v[3]))


def small_world() -> World:
    return make_world(small_things())


def small_concrete() -> ConcreteScene:
    return make_concrete(small_things(), sensors=(camera(), lidar()))


def gliding_timeline(
    world: World, velocity_mps: Sequence[float] = (0.0, 1.0, 0.0), end_s: float = 2.0
) -> Timeline:
    """Every moving instance glides at one velocity from its rest pose: motion with an exact answer, no physics."""
    times = np.arange(0, round(end_s * 100) + 1, dtype=np.int64) * 10_000_000
    shift = (times[:, None] * 1e-9) * np.asarray(velocity_mps, dtype=np.float64)

    def track(pose: Pose) -> Track:
        return Track(times, pose.position_m + shift, np.tile(pose.quaternion_wxyz, (len(times), 1)))

    movers = [i for i in world.instances if i.moves]
    speed = np.tile(np.asarray(velocity_mps, dtype=np.float64), (len(times), 1))
    return Timeline(
        world=world,
        times_ns=times,
        parts={p.part_id: track(p.world_from_part) for p in world.parts if p.moves},
        bodies={i.instance_id: track(i.world_from_body) for i in movers},
        velocities={i.instance_id: speed for i in movers},
        accelerations={i.instance_id: np.zeros_like(speed) for i in movers},
    )


def outside_box_m(timeline: Timeline, instance_id: int) -> F64:
    """How far any vertex is outside its instance's 3D box, at every eighth knot, by the tracks of body and parts."""
    world, out = timeline.world, []
    instance = world.instance(instance_id)
    for time_ns in timeline.times_ns[::8]:
        body_from_world = timeline.world_from_body(instance_id, int(time_ns)).inverse
        for part_id in instance.part_ids:
            body_from_part = body_from_world @ timeline.world_from_part(part_id, int(time_ns))
            local = body_from_part.points(world.part(part_id).mesh.vertices) - instance.centre_m
            out.append((np.abs(local) - np.array(instance.size_m) / 2).max())
    return np.array(out)


def straight_lane(length_m: float = 120.0, y_m: float = 0.0, lane_id: int = 1) -> Lane:
    x = np.linspace(-10.0, length_m - 10.0, round(length_m / 2) + 1)
    return Lane(lane_id, np.column_stack([x, np.full_like(x, y_m), np.zeros_like(x)]), 3.5, 13.9)


def curved_lane(radius_m: float = 30.0, angle: float = 2.0, lead_m: float = 10.0, lane_id: int = 1) -> Lane:
    """Straight along +x for ``lead_m`` from the origin, then a left arc."""
    x = np.arange(0.0, lead_m, 1.0)
    a = np.arange(0.0, angle, 1.0 / radius_m)
    arc = np.column_stack([lead_m + radius_m * np.sin(a), radius_m * (1 - np.cos(a))])
    xy = np.vstack([np.column_stack([x, 0 * x]), arc])
    return Lane(lane_id, np.column_stack([xy, np.zeros(len(xy))]), 3.5, 13.9)


def car_shape(colour: str = "red", wheelbase_m: float = 2.6, radius_m: float = 0.32) -> Shape:
    """A box car on four wheels; body origin on the ground under the rear axle."""
    track, length = 1.5, 4.2
    middle = wheelbase_m / 2
    hull = rounded_box((length, 1.75, 0.75), 0.1, paint(colour), (middle, 0.0, 0.75))
    cabin = rounded_box((2.0, 1.5, 0.5), 0.15, paint(colour), (middle - 0.2, 0.0, 1.3))
    parts = [ShapePart("body", combine([hull, cabin]), Pose.of())]
    tyre = Material("rubber", (0.02, 0.02, 0.02), pattern="rubber", roughness=0.9)
    wheels = []
    for name, x, y, front in (
        ("wheel_fl", wheelbase_m, track / 2, True),
        ("wheel_fr", wheelbase_m, -track / 2, True),
        ("wheel_rl", 0.0, track / 2, False),
        ("wheel_rr", 0.0, -track / 2, False),
    ):
        mesh = cylinder(radius_m, 0.2, tyre, axis="y")
        parts.append(ShapePart(name, mesh, Pose.of((x, y, radius_m))))
        wheels.append(Wheel(name, (x, y, radius_m), radius_m, 0.2, steered=front, driven=not front))
    return Shape(
        parts=tuple(parts),
        size_m=(length, 1.75, 1.55),
        centre_m=(middle, 0.0, 0.775),
        mass_kg=1300.0,
        colliders=(
            box_collider((length, 1.75, 0.75), (middle, 0.0, 0.75)),
            box_collider((2.0, 1.5, 0.5), (middle - 0.2, 0.0, 1.3)),
        ),
        wheels=tuple(wheels),
        friction=0.4,
    )


def person_shape(colour: str = "blue") -> Shape:
    """A capsule torso with two swinging legs."""
    torso = rounded_box((0.25, 0.45, 0.9), 0.08, paint(colour), (0.0, 0.0, 1.3))
    leg = rounded_box((0.14, 0.14, 0.85), 0.03, paint("grey"), (0.0, 0.0, -0.425))
    parts = (
        ShapePart("torso", torso, Pose.of()),
        ShapePart("leg_l", leg, Pose.of((0.0, 0.1, 0.85))),
        ShapePart("leg_r", leg, Pose.of((0.0, -0.1, 0.85))),
    )
    return Shape(
        parts=parts,
        size_m=(0.3, 0.5, 1.75),
        centre_m=(0.0, 0.0, 0.875),
        mass_kg=75.0,
        colliders=(Collider("capsule", Pose.of((0.0, 0.0, 0.875)), (0.25, 1.25)),),
        limbs=(Limb("leg_l", 0.5, 0.0), Limb("leg_r", 0.5, float(np.pi))),
        stride_m=1.4,
    )
