"""A tiny street of boxes whose every label has a closed form: the oracle that store and verifier are tested with.

Rays meet boxes by the slab method, in numpy alone: nothing of the ray engine, the sensors or the simulator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.frames import Intrinsics, Pose, Track, look_at, rotation
from pairforge.sample import (
    Box2D,
    Box3D,
    CameraFrame,
    Contact,
    Controls,
    InstanceRow,
    Keyframe,
    LidarFrame,
    PartRow,
    SceneRecord,
)
from pairforge.scenes.concrete import ConcreteItem, ConcreteLane, ConcreteScene, ConcreteSensor
from pairforge.scenes.taxonomy import BY_NAME
from pairforge.scenes.world import Sky
from pairforge.seeding import Stream

RATE_HZ, LIDAR_HZ, BEAMS, COLUMNS = 5.0, 20.0, 12, 120
FLOW_DT_NS = 100_000_000
CAMERA = Intrinsics.from_fov(96, 54, 75.0)


@dataclass(frozen=True)
class Block:
    """A box part: ``half_m`` about ``centre_m`` in the part frame, itself at ``offset_m`` in the body frame."""

    part_id: int
    instance_id: int
    semantic: str
    half_m: tuple[float, float, float]
    centre_m: tuple[float, float, float]
    offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    swings: float = 0.0


@dataclass(frozen=True)
class Body:
    instance_id: int
    name: str
    semantic: str
    noun: str
    colour: str
    rgb: tuple[float, float, float]
    start_m: tuple[float, float, float]
    yaw: float
    speed_mps: float
    size_m: tuple[float, float, float]
    centre_m: tuple[float, float, float]


BODIES = (
    Body(1, "ego", "car", "car", "white", (0.8, 0.8, 0.8), (0, 0, 0), 0.0, 6.0, (4.0, 1.8, 1.4), (1.3, 0, 0.7)),
    Body(2, "van", "van", "van", "blue", (0.03, 0.1, 0.6), (14, 3.2, 0), 3.0, 5.0, (4.4, 1.9, 2.0), (1.4, 0, 1.0)),
    Body(3, "crate", "object", "box", "red", (0.6, 0.02, 0.02), (11, -2.0, 0), 0.4, 0.0, (1.4, 1, 1.2), (0, 0, 0.6)),
    Body(
        4, "walker", "pedestrian", "person", "green", (0.02, 0.5, 0.05), (9.5, -4.0, 0), 1.5, 1.2,
        (1.0, 0.5, 1.7), (0, 0, 0.85),
    ),
)  # fmt: skip
BLOCKS = (
    Block(1, 0, "road", (200, 200, 0.5), (0, 0, -0.5)),
    Block(2, 1, "car", (2.0, 0.9, 0.7), (1.3, 0, 0.7)),
    Block(3, 2, "van", (2.2, 0.95, 1.0), (1.4, 0, 1.0)),
    Block(4, 3, "object", (0.7, 0.5, 0.6), (0, 0, 0.6)),
    Block(5, 4, "pedestrian", (0.15, 0.25, 0.4), (0, 0, 1.3)),
    Block(6, 4, "pedestrian", (0.1, 0.1, 0.42), (0, 0, -0.42), offset_m=(0, 0.1, 0.9), swings=0.5),
)
SIZES = {b.part_id: b for b in BLOCKS}


class Tiny:
    """The street number ``scene_index``; other indices shift the still crate."""

    def __init__(self, scene_index: int = 0, keyframes: int = 3) -> None:
        self.index = scene_index
        self.concrete = _concrete(11 + scene_index, keyframes)
        self.record = self._record()

    def _record(self) -> SceneRecord:
        times = np.arange(0, 2_000_000_001, 25_000_000, dtype=np.int64)
        instances, parts, bodies, still = {}, {}, {}, {}
        for body in BODIES:
            track = self._body_track(body, times)
            instances[body.instance_id] = track
        for block in BLOCKS:
            if block.instance_id == 0:
                still[block.part_id] = Pose.of()
                continue
            track = instances[block.instance_id]
            swing = block.swings * np.sin(times * 1e-9 * 6.0)
            poses = [
                track.at(int(t)) @ Pose.of(block.offset_m, (np.cos(a / 2), 0, np.sin(a / 2), 0))
                for t, a in zip(times, swing, strict=True)
            ]
            parts[block.part_id] = Track(
                times, np.stack([p.position_m for p in poses]), np.stack([p.quaternion_wxyz for p in poses])
            )
        for still_id, part_id in ((3, 4),):
            bodies[still_id] = instances.pop(still_id).at(0)
            still[part_id] = parts.pop(part_id).at(0)
        return SceneRecord(
            scene_index=self.index,
            scene="tiny.street",
            seed=11 + self.index,
            concrete=self.concrete.to_json(),
            instances=tuple(
                InstanceRow(
                    b.instance_id,
                    b.name,
                    b.noun,
                    b.semantic,
                    b.noun,
                    b.colour,
                    b.rgb,
                    "paint",
                    _floats(b.size_m),
                    _floats(b.centre_m),
                    b.semantic != "object",
                    b.speed_mps > 0,
                    70.0,
                    "drive" if b.speed_mps else "",
                )
                for b in BODIES
            ),
            parts=tuple(PartRow(b.part_id, b.instance_id, b.semantic, f"block{b.part_id}") for b in BLOCKS),
            part_tracks=parts,
            instance_tracks=instances,
            part_poses=still,
            instance_poses=bodies,
            lanes=((1, 3.5, np.array([[-20.0, 0, 0], [20, 0, 0], [80, 0, 0]])),),
            contacts=(Contact(2, 0, 100_000_000, 300_000_000, 812.5),),
            ego="ego",
            extra={"note": ["tiny", 1.5]},
        )

    def _body_track(self, body: Body, times: np.ndarray) -> Track:
        step = np.array([np.cos(body.yaw), np.sin(body.yaw), 0.0]) * body.speed_mps
        start = np.array(body.start_m) + np.array([0.3 * self.index * (body.name == "crate"), 0, 0])
        positions = start + (times * 1e-9)[:, None] * step
        return Track(times, positions, np.tile(Pose.of(yaw=body.yaw).quaternion_wxyz, (len(times), 1)))

    def frames(self) -> Iterator[Keyframe]:
        yield from self.made

    @cached_property
    def made(self) -> tuple[Keyframe, ...]:
        return tuple(self._frames())

    def _frames(self) -> Iterator[Keyframe]:
        for k, time_ns in enumerate(self.concrete.keyframe_times_ns):
            yield self.frame(k, time_ns)

    def frame(self, k: int, time_ns: int) -> Keyframe:
        camera, lidar = self._camera(time_ns), self._lidar(time_ns)
        boxes = tuple(self._box3d(b, time_ns, camera, lidar) for b in BODIES if b.name != "ego")
        bare = Keyframe(
            self.index,
            k,
            time_ns,
            {"cam.Front": camera},
            {"top": lidar},
            boxes,
            Controls(0.25, 0.0, 0.01, 6.0),
        )
        told = replace(bare, facts=measure(bare, self.record))
        return replace(told, captions=write(told, self.record, self.concrete.captions, Stream(11) / k))

    # ------------------------------------------------------------ rays

    def cast(self, origins: np.ndarray, directions: np.ndarray, times_ns: np.ndarray, only: int = 0) -> tuple:
        """Nearest t (N,), part id (N,) and outward normal in the world (N, 3) of rays at their own times."""
        best = np.full(len(origins), np.inf)
        part = np.zeros(len(origins), dtype=np.uint16)
        normal = np.zeros((len(origins), 3))
        for block in BLOCKS:
            if only and block.instance_id != only:
                continue
            rot, pos = self._part_pose(block.part_id, times_ns)
            o = np.einsum("nji,nj->ni", rot, origins - pos) - np.array(block.centre_m)
            d = np.einsum("nji,nj->ni", rot, directions)
            t, axis, sign = _slab(o, d, np.array(block.half_m))
            closer = t < best
            best[closer], part[closer] = t[closer], block.part_id
            n = np.zeros((len(o), 3))
            n[np.arange(len(o)), axis] = sign
            normal[closer] = np.einsum("nij,nj->ni", rot, n)[closer]
        return best, part, normal

    def _part_pose(self, part_id: int, times_ns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        unique, where = np.unique(times_ns, return_inverse=True)
        track = self.record.part_tracks.get(part_id)
        if track is None:
            still = self.record.part_poses[part_id]
            return np.tile(still.rotation, (len(where), 1, 1)), np.tile(still.position_m, (len(where), 1))
        positions, quaternions = track.sample(unique)
        return rotation(quaternions).as_matrix()[where], positions[where]

    def sensor_pose(self, name: str, time_ns: int) -> Pose:
        sensor = next(s for s in self.concrete.sensors if s.name == name)
        return self.record.world_from_body(1, time_ns) @ Pose.of(sensor.position_m, sensor.quaternion_wxyz)

    def _camera(self, time_ns: int) -> CameraFrame:
        pose = self.sensor_pose("cam.Front", time_ns)
        following = self.sensor_pose("cam.Front", time_ns + FLOW_DT_NS)
        h, w = CAMERA.height_px, CAMERA.width_px
        rays = CAMERA.rays().reshape(-1, 3)
        origins, times = np.tile(pose.position_m, (h * w, 1)), np.full(h * w, time_ns)
        depth, part, normal = self.cast(origins, pose.vectors(rays), times)
        hit = part > 0
        inward = pose.inverse.vectors(normal)
        points = origins + pose.vectors(rays) * np.where(hit, depth, 0)[:, None]
        flow = np.full((h * w, 2), np.nan)
        for i in np.unique(part[hit]):
            own = part == i
            moved = self.record.world_from_part(int(i), time_ns + FLOW_DT_NS)
            local = self.record.world_from_part(int(i), time_ns).inverse.points(points[own])
            seen = following.inverse.points(moved.points(local))
            ahead = seen[:, 2] > 1e-3
            uv = CAMERA.project(np.where(ahead[:, None], seen, 1.0)) - CAMERA.project(rays[own])
            flow[own] = np.where(ahead[:, None], uv, np.nan)
        lookup = np.array([0, *(b.instance_id for b in BLOCKS)], dtype=np.uint16)
        classes = np.array([0, *(BY_NAME[b.semantic].semantic_id for b in BLOCKS)], dtype=np.uint8)
        shade = 0.55 + 0.45 * np.abs(normal @ np.array([0.3, 0.5, 0.8]))
        paint = np.array([(0.5, 0.7, 0.95), *(_paint(b) for b in BLOCKS)])[part]
        rgb = (255 * np.clip(paint * np.where(hit, shade, 1.0)[:, None], 0, 1) ** (1 / 2.2)).astype(np.uint8)
        instance = lookup[part].reshape(h, w)
        return CameraFrame(
            "cam.Front",
            time_ns,
            FLOW_DT_NS,
            CAMERA,
            pose,
            following,
            rgb.reshape(h, w, 3),
            depth.astype(np.float32).reshape(h, w),
            inward.astype(np.float16).reshape(h, w, 3),
            part.reshape(h, w),
            instance,
            classes[part].reshape(h, w),
            flow.astype(np.float32).reshape(h, w, 2),
            tuple(b for x in BODIES if (b := self._box2d(x, instance, pose, time_ns)) is not None),
        )

    def _box2d(self, body: Body, instance: np.ndarray, pose: Pose, time_ns: int) -> Box2D | None:
        rows, cols = np.nonzero(instance == body.instance_id)
        if not len(rows):
            return None
        h, w = instance.shape
        rays = pose.vectors(CAMERA.rays().reshape(-1, 3))
        alone, _, _ = self.cast(
            np.tile(pose.position_m, (h * w, 1)), rays, np.full(h * w, time_ns), body.instance_id
        )
        corners = []
        for block in (b for b in BLOCKS if b.instance_id == body.instance_id):
            signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
            local = np.array(block.centre_m) + signs * np.array(block.half_m)
            corners.append(self.record.world_from_part(block.part_id, time_ns).points(local))
        uv = CAMERA.project(pose.inverse.points(np.concatenate(corners)))
        full = (*uv.min(axis=0), *uv.max(axis=0))
        inside = (max(full[0], 0), max(full[1], 0), min(full[2], w), min(full[3], h))
        area = (full[2] - full[0]) * (full[3] - full[1])
        solo = int(np.isfinite(alone).sum())
        return Box2D(
            body.instance_id,
            len(rows),
            solo,
            (float(cols.min()), float(rows.min()), float(cols.max() + 1), float(rows.max() + 1)),
            tuple(float(x) for x in full),
            1 - len(rows) / solo,
            float(1 - (inside[2] - inside[0]) * (inside[3] - inside[1]) / area),
        )

    def _lidar(self, time_ns: int) -> LidarFrame:
        period = round(1e9 / LIDAR_HZ)
        column = np.repeat(np.arange(COLUMNS), BEAMS)
        ring = np.tile(np.arange(BEAMS), COLUMNS)
        fired = time_ns - period + (column + 1) * period // COLUMNS
        azimuth = np.pi - 2 * np.pi * (column + 1) / COLUMNS
        elevation = np.radians(np.linspace(-25.0, 5.0, BEAMS))[ring]
        beam = np.stack(
            [np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)],
            axis=1,
        )
        poses = [self.sensor_pose("top", int(t)) for t in fired]
        origins = np.stack([p.position_m for p in poses])
        directions = np.stack([p.vectors(b) for p, b in zip(poses, beam, strict=True)])
        t, part, normal = self.cast(origins, directions, fired)
        keep = (part > 0) & (t < 60.0)
        now = self.sensor_pose("top", time_ns)
        lookup = np.array([0, *(b.instance_id for b in BLOCKS)], dtype=np.uint16)
        classes = np.array([0, *(BY_NAME[b.semantic].semantic_id for b in BLOCKS)], dtype=np.uint8)
        noise = 0.01 * np.sin(np.arange(len(t)) * 12.9898)
        measured = t + noise
        return LidarFrame(
            "top",
            time_ns,
            now,
            (beam * measured[:, None])[keep].astype(np.float32),
            now.inverse.points((origins + directions * t[:, None])[keep]).astype(np.float32),
            fired[keep].astype(np.int64),
            measured[keep].astype(np.float32),
            (0.3 * np.abs(np.sum(directions * normal, axis=1)))[keep].astype(np.float32),
            ring[keep].astype(np.uint8),
            lookup[part][keep],
            part[keep],
            classes[part][keep],
            np.zeros(int(keep.sum()), dtype=np.uint8),
        )

    def _box3d(self, body: Body, time_ns: int, camera: CameraFrame, lidar: LidarFrame) -> Box3D:
        pose = self.record.world_from_body(body.instance_id, time_ns)
        velocity = pose.vectors([body.speed_mps, 0.0, 0.0])
        return Box3D(
            body.instance_id,
            tuple(float(x) for x in pose.points(body.centre_m)),
            _floats(body.size_m),
            tuple(float(x) for x in pose.quaternion_wxyz),
            tuple(float(x) for x in velocity),
            (0.0, 0.0, 0.0),
            int((lidar.instance == body.instance_id).sum()),
            int((camera.instance == body.instance_id).sum()),
        )


def _floats(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(x) for x in values)


def _slab(o: np.ndarray, d: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entry distance (inf: none), axis and sign of the face met, for rays that start outside the box."""
    with np.errstate(divide="ignore", invalid="ignore"):
        near, far = (-np.sign(d) * half - o) / d, (np.sign(d) * half - o) / d
    near, far = np.where(d == 0, -np.inf, near), np.where(d == 0, np.inf, far)
    miss = ((d == 0) & (np.abs(o) > half)).any(axis=1)
    axis = near.argmax(axis=1)
    entry = near.max(axis=1)
    hit = (entry <= far.min(axis=1)) & (entry > 0) & ~miss
    return np.where(hit, entry, np.inf), axis, -np.sign(d[np.arange(len(d)), axis])


def _paint(block: Block) -> tuple[float, float, float]:
    return next((b.rgb for b in BODIES if b.instance_id == block.instance_id), (0.25, 0.25, 0.25))


def _concrete(seed: int, keyframes: int) -> ConcreteScene:
    camera, eye = look_at((3.6, 0.0, 1.3), (12.0, 0.0, 0.8)), CAMERA
    settings = {n: getattr(eye, n) for n in ("width_px", "height_px", "fx", "fy", "cx", "cy")} | {
        "rate_hz": 10.0
    }
    beams = {
        "beams": BEAMS,
        "elevation_deg": [-25.0, 5.0],
        "columns": COLUMNS,
        "rate_hz": LIDAR_HZ,
        "max_range_m": 60.0,
        "range_noise_m": 0.01,
        "dropout": 0.0,
    }
    sensors = (
        ConcreteSensor(
            "cam.Front",
            "camera",
            "ego",
            tuple(float(x) for x in camera.position_m),
            tuple(float(x) for x in camera.quaternion_wxyz),
            settings,
        ),
        ConcreteSensor("top", "lidar", "ego", (1.3, 0.0, 1.9), (1.0, 0.0, 0.0, 0.0), beams),
    )
    items = tuple(
        ConcreteItem(
            b.name, b.noun, {}, b.colour, "paint", tuple(float(x) for x in b.start_m), (1.0, 0.0, 0.0, 0.0)
        )
        for b in BODIES
    )
    lanes = (ConcreteLane(1, ((-20.0, 0.0, 0.0), (20.0, 0.0, 0.0), (80.0, 0.0, 0.0)), 3.5, 13.9),)
    return ConcreteScene(
        "tiny.street",
        seed,
        0,
        {},
        {},
        items,
        sensors,
        lanes,
        Sky(),
        keyframes / RATE_HZ,
        RATE_HZ,
        0.2,
        ("short", "driving"),
    )


@cache
def tiny(scene_index: int = 0, keyframes: int = 3) -> Tiny:
    """One street for all tests; they do not write into its arrays."""
    return Tiny(scene_index, keyframes)
