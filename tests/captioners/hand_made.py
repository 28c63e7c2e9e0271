"""Keyframes made by hand: boxes on a plane, cast pixel by pixel with the slab test, told to nobody else.

No pairforge engine takes part, so that captions are tested on arrays whose truth is plain arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pairforge.frames import F64, Intrinsics, Pose, Track, look_at
from pairforge.sample import (
    Box2D,
    Box3D,
    CameraFrame,
    Contact,
    Controls,
    InstanceRow,
    Keyframe,
    LidarFrame,
    SceneRecord,
)
from pairforge.scenes.colours import PALETTE
from pairforge.scenes.taxonomy import BY_NAME

NOW_NS = 1_500_000_000
_GREY = (0.130, 0.135, 0.140)


@dataclass
class Thing:
    """A box of a class; ``velocity`` and ``acceleration`` along the world's axes."""

    noun: str
    semantic: str
    centre: tuple[float, float, float]
    size: tuple[float, float, float]
    colour: str = ""
    material: str = ""
    yaw: float = 0.0
    velocity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    acceleration: tuple[float, float, float] = (0.0, 0.0, 0.0)
    name: str = ""
    yaw_rate: float = 0.0

    @property
    def rotation(self) -> F64:
        return Pose.of(yaw=self.yaw).rotation


@dataclass
class HandScene:
    things: list[Thing]
    camera: Pose
    lens: Intrinsics
    ego: str | None = None
    lanes: tuple[tuple[int, float, F64], ...] = ()
    contacts: tuple[Contact, ...] = ()
    sky: dict[str, float] = field(default_factory=dict)
    controls: Controls | None = None
    lidar_at: tuple[float, float, float] | None = None


def slab(origin: F64, rays: F64, thing: Thing) -> F64:
    """Distance factor (...) along rays (..., 3) at which each enters the box; inf where it misses."""
    turn = thing.rotation
    start = (origin - np.asarray(thing.centre)) @ turn
    way = rays @ turn
    way = np.where(np.abs(way) < 1e-12, 1e-12, way)
    half = np.asarray(thing.size) / 2
    a, b = (-half - start) / way, (half - start) / way
    enter, leave = np.minimum(a, b).max(axis=-1), np.maximum(a, b).min(axis=-1)
    return np.where((enter <= leave) & (leave > 0) & (enter > 0), enter, np.inf)


def _ground(origin: F64, rays: F64) -> F64:
    with np.errstate(divide="ignore", invalid="ignore"):
        t = -origin[2] / rays[..., 2]
    return np.where((t > 0) & np.isfinite(t), t, np.inf)


def _paving(points: F64, lanes: Sequence[tuple[int, float, F64]]) -> F64:
    """Semantic ids of ground points (..., 3): road within 4 m of y = 0, pavement beyond, floor without lanes."""
    if not lanes:
        return np.full(points.shape[:-1], BY_NAME["floor"].semantic_id)
    return np.where(
        np.abs(points[..., 1]) < 4.0, BY_NAME["road"].semantic_id, BY_NAME["pavement"].semantic_id
    )


def shoot(scene: HandScene) -> CameraFrame:
    """The camera's arrays and 2D boxes."""
    lens, pose = scene.lens, scene.camera
    rays = lens.rays() @ pose.rotation.T
    hits = np.stack([slab(pose.position_m, rays, t) for t in scene.things])
    ground = _ground(pose.position_m, rays)
    depth, winner = hits.min(axis=0), hits.argmin(axis=0)
    is_thing = depth < ground
    instance = np.where(is_thing, winner + 1, 0).astype(np.uint16)
    classes = np.array([BY_NAME[t.semantic].semantic_id for t in scene.things])
    with np.errstate(invalid="ignore"):
        floor = pose.position_m + rays * np.where(np.isfinite(ground), ground, 0.0)[..., None]
    semantic = np.where(
        is_thing, classes[winner], np.where(np.isfinite(ground), _paving(floor, scene.lanes), 0)
    )
    boxes = tuple(
        b
        for k, t in enumerate(scene.things)
        if BY_NAME[t.semantic].boxed and (b := _box2d(scene, k, t, instance, hits[k], ground))
    )
    depth = np.minimum(depth, ground)
    shape = instance.shape
    return CameraFrame(
        sensor="front",
        time_ns=NOW_NS,
        flow_dt_ns=50_000_000,
        intrinsics=lens,
        world_from_camera=pose,
        world_from_camera_next=pose,
        rgb=np.zeros((*shape, 3), np.uint8),
        depth=depth.astype(np.float32),
        normal=np.zeros((*shape, 3), np.float16),
        part=instance,
        instance=instance,
        semantic=semantic.astype(np.uint8),
        flow=np.zeros((*shape, 2), np.float32),
        boxes=boxes,
    )


def corners(thing: Thing) -> F64:
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return np.asarray(thing.centre) + (signs * np.asarray(thing.size) / 2) @ thing.rotation.T


def _box2d(scene: HandScene, k: int, thing: Thing, ids: F64, alone: F64, ground: F64) -> Box2D | None:
    local = (corners(thing) - scene.camera.position_m) @ scene.camera.rotation
    if (local[:, 2] < 0.05).any():
        return None
    mask, solo = ids == k + 1, int((alone < ground).sum())
    uv = scene.lens.project(local)
    x0, y0, x1, y1 = (*uv.min(axis=0), *uv.max(axis=0))
    height, width = ids.shape
    inside = max(0.0, min(x1, width) - max(x0, 0)) * max(0.0, min(y1, height) - max(y0, 0))
    rows, columns = np.nonzero(mask)
    seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) if mask.any() else (0, 0, 0, 0)
    if solo == 0:
        return None
    return Box2D(
        k + 1,
        int(mask.sum()),
        solo,
        tuple(float(v) for v in seen),
        (float(x0), float(y0), float(x1), float(y1)),
        1 - int(mask.sum()) / solo,
        float(1 - inside / ((x1 - x0) * (y1 - y0))),
    )


def _sweep(scene: HandScene) -> LidarFrame:
    """16 beams of 360 rays from ``lidar_at``, no noise."""
    assert scene.lidar_at is not None
    origin = np.asarray(scene.lidar_at)
    yaw, pitch = np.meshgrid(np.linspace(-np.pi, np.pi, 360, endpoint=False), np.linspace(-0.4, 0.15, 16))
    rays = np.stack([np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)], -1).reshape(
        -1, 3
    )
    mine = [k for k, t in enumerate(scene.things) if t.name == "ego"]
    hits = np.stack([slab(origin, rays, t) for t in scene.things])
    hits[mine] = np.inf
    reach = np.minimum(hits.min(axis=0), _ground(origin, rays))
    ids = np.where(hits.min(axis=0) < _ground(origin, rays), hits.argmin(axis=0) + 1, 0)
    kept = reach < 100.0
    n = int(kept.sum())
    points = (rays[kept] * reach[kept, None]).astype(np.float32)
    return LidarFrame(
        "roof",
        NOW_NS,
        Pose.of(origin),
        points,
        points,
        np.full(n, NOW_NS),
        reach[kept].astype(np.float32),
        np.ones(n, np.float32),
        np.zeros(n, np.uint8),
        ids[kept].astype(np.uint16),
        ids[kept].astype(np.uint16),
        np.zeros(n, np.uint8),
        np.zeros(n, np.uint8),
    )


def _row(k: int, thing: Thing) -> InstanceRow:
    return InstanceRow(
        instance_id=k + 1,
        name=thing.name or f"thing_{k}",
        family=thing.noun,
        semantic=thing.semantic,
        noun=thing.noun,
        colour=thing.colour,
        colour_rgb=PALETTE.get(thing.colour, _GREY),
        material=thing.material,
        size_m=thing.size,
        centre_m=(0.0, 0.0, thing.size[2] / 2),
        has_front=thing.semantic in ("car", "van", "truck", "bus", "cyclist", "pedestrian"),
        moves=True,
        mass_kg=1.0,
        behaviour="",
    )


def _track(thing: Thing) -> Track:
    """Constant acceleration and yaw rate about NOW_NS, knots every 10 ms."""
    times = np.arange(0, 3_000_000_001, 10_000_000, dtype=np.int64)
    s = ((times - NOW_NS) / 1e9)[:, None]
    base = np.asarray(thing.centre) - [0, 0, thing.size[2] / 2]
    at = base + np.asarray(thing.velocity) * s + 0.5 * np.asarray(thing.acceleration) * s**2
    yaw = thing.yaw + thing.yaw_rate * s[:, 0]
    quaternions = np.stack([np.cos(yaw / 2), 0 * yaw, 0 * yaw, np.sin(yaw / 2)], axis=1)
    return Track(times, at, quaternions)


def make(scene: HandScene) -> tuple[Keyframe, SceneRecord]:
    """The keyframe (no facts yet) and the scene record."""
    camera = shoot(scene)
    lidars = {"roof": _sweep(scene)} if scene.lidar_at else {}
    boxes = tuple(
        Box3D(
            k + 1,
            t.centre,
            t.size,
            tuple(float(q) for q in Pose.of(yaw=t.yaw).quaternion_wxyz),
            t.velocity,
            t.acceleration,
            int(sum((x.instance == k + 1).sum() for x in lidars.values())),
            int((camera.instance == k + 1).sum()),
        )
        for k, t in enumerate(scene.things)
        if BY_NAME[t.semantic].boxed
    )
    frame = Keyframe(0, 0, NOW_NS, {"front": camera}, lidars, boxes, scene.controls)
    record = SceneRecord(
        scene_index=0,
        scene="hand",
        seed=0,
        concrete={"sky": scene.sky} if scene.sky else {},
        instances=tuple(_row(k, t) for k, t in enumerate(scene.things)),
        parts=(),
        part_tracks={},
        instance_tracks={k + 1: _track(t) for k, t in enumerate(scene.things)},
        part_poses={},
        instance_poses={},
        lanes=scene.lanes,
        contacts=scene.contacts,
        ego=scene.ego,
    )
    return frame, record


CAR, VAN, PERSON = (4.2, 1.8, 1.5), (5.0, 2.0, 2.2), (0.5, 0.5, 1.75)
SUNNY = {
    "sun_elevation": 0.8,
    "sun_azimuth": 0.5,
    "sun_strength": 1.0,
    "sky_strength": 1.0,
    "cloudiness": 0.1,
    "fog_per_m": 0.0,
    "wetness": 0.0,
}


def lanes() -> tuple[tuple[int, float, F64], ...]:
    """Our lane along +x at y = -1.6, the other one back along y = 1.6."""
    x = np.linspace(-50, 150, 21)
    ours = np.stack([x, np.full(21, -1.6), np.zeros(21)], 1)
    theirs = np.stack([x[::-1], np.full(21, 1.6), np.zeros(21)], 1)
    return ((0, 3.2, ours), (1, 3.2, theirs))


def street(things: Sequence[Thing], *, speed: float = 9.0, width: int = 320, **more: object) -> HandScene:
    """An ego at (0, -1.6) driving along +x, looking ahead, and these things."""
    brake = float(more.pop("brake", 0.0))
    acceleration = float(more.pop("acceleration", 0.0))
    yaw_rate = float(more.pop("yaw_rate", 0.0))
    ego = Thing(
        "hatchback",
        "car",
        (0.0, -1.6, 0.75),
        CAR,
        "red",
        velocity=(speed, 0, 0),
        name="ego",
        yaw_rate=yaw_rate,
    )
    ego.acceleration = (acceleration, 0, 0)
    return HandScene(
        [ego, *things],
        look_at((2.2, -1.6, 1.5), (12.0, -1.6, 1.3)),
        Intrinsics.from_fov(width, width * 9 // 16, 70.0),
        ego="ego",
        lanes=lanes(),
        sky=dict(SUNNY, **dict(more.pop("sky", {}))),
        controls=Controls(0.1, brake, 0.0, speed),
        lidar_at=(0.0, -1.6, 2.6),
    )


TABLE_TOP_M = 0.75


def on_table(
    noun: str, colour: str, x: float, y: float, size: float = 0.1, material: str = "", **more: object
) -> Thing:
    """A thing that stands on the table top at (x, y)."""
    lift = float(more.pop("lift", 0.0))
    centre = (x, y, TABLE_TOP_M + size / 2 + lift)
    return Thing(noun, "object", centre, (size, size, size), colour, material, **more)


def tabletop(things: Sequence[Thing], *, width: int = 320, contacts: Sequence[Contact] = ()) -> HandScene:
    """A wooden table (instance 1) with these things, seen from above its near edge."""
    table = Thing("table", "table", (0.0, 0.0, TABLE_TOP_M / 2), (1.4, 0.9, TABLE_TOP_M), "", "wood")
    resting = tuple(
        Contact(1, k + 2, 0, NOW_NS + 100_000_000, 5.0)
        for k, t in enumerate(things)
        if abs(t.centre[2] - t.size[2] / 2 - TABLE_TOP_M) < 1e-6
    )
    return HandScene(
        [table, *things],
        look_at((-1.3, 0.0, 1.5), (0.0, 0.0, 0.8)),
        Intrinsics.from_fov(width, width * 9 // 16, 60.0),
        contacts=(*resting, *contacts),
    )


def standing(
    noun: str, colour: str, x: float, y: float, size: float = 0.4, material: str = "", **more: object
) -> Thing:
    """A thing that stands on the ground at (x, y), or ``lift`` above it."""
    lift, semantic = float(more.pop("lift", 0.0)), str(more.pop("semantic", "object"))
    return Thing(noun, semantic, (x, y, size / 2 + lift), (size, size, size), colour, material, **more)


def outdoors(things: Sequence[Thing], *, width: int = 320, contacts: Sequence[Contact] = ()) -> HandScene:
    """These things on the bare ground, with neither a road nor a table."""
    resting = tuple(
        Contact(0, k + 1, 0, NOW_NS + 100_000_000, 5.0)
        for k, t in enumerate(things)
        if abs(t.centre[2] - t.size[2] / 2) < 1e-6
    )
    return HandScene(
        list(things),
        look_at((-4.0, 0.0, 2.0), (0.0, 0.0, 0.4)),
        Intrinsics.from_fov(width, width * 9 // 16, 60.0),
        contacts=(*resting, *contacts),
    )
