"""A sample: what one keyframe of one scene holds, in memory exactly as on disk.

The pipeline makes these, the store writes them, the reader gives the same ones back, and facts are measured from
them. Shapes: H, W image rows and columns; N points. See docs/store.md for file names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Intrinsics, Pose, Track


@dataclass(frozen=True)
class Box2D:
    """One instance in one camera. Boxes are (x_min, y_min, x_max, y_max) in pixels, edges of pixels, so a lone
    pixel (0, 0) is (0, 0, 1, 1).

    ``visible_px``: pixels of the instance mask; ``solo_px``: pixels it would have alone in the scene, inside the
    image. ``visible_box`` bounds the mask; ``full_box`` bounds the whole unoccluded object, reaching past the
    image. ``occlusion`` = 1 - visible_px / solo_px; ``truncation`` = 1 - area(full_box within image) /
    area(full_box).
    """

    instance_id: int
    visible_px: int
    solo_px: int
    visible_box: tuple[float, float, float, float]
    full_box: tuple[float, float, float, float]
    occlusion: float
    truncation: float


@dataclass(frozen=True, eq=False)
class CameraFrame:
    """One camera at one keyframe.

    rgb (H, W, 3) uint8 sRGB. depth (H, W) float32 metres (``Intrinsics.depth_of``: z-depth,
    or the range of cameras that may look behind), inf where nothing is hit. normal (H, W, 3)
    float16 unit geometric normals in camera axes facing the camera, 0 where nothing is hit. part, instance
    (H, W) uint16, semantic (H, W) uint8. flow (H, W, 2) float32: pixels (du, dv) that the surface point moves
    by until ``time_ns + flow_dt_ns``; nan where nothing is hit or the point ends behind the camera. ``extra``: array
    name -> array, for the labels that the camera's ``labels`` asked for beside these.
    """

    sensor: str
    time_ns: int
    flow_dt_ns: int
    intrinsics: Intrinsics
    world_from_camera: Pose
    world_from_camera_next: Pose
    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32]
    normal: NDArray[np.float16]
    part: NDArray[np.uint16]
    instance: NDArray[np.uint16]
    semantic: NDArray[np.uint8]
    flow: NDArray[np.float32]
    boxes: tuple[Box2D, ...]
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LidarFrame:
    """One sweep that ends at the keyframe time ``time_ns``; N returns in firing order.

    points (N, 3) float32 metres, as measured (with noise), in the sensor frame (x forward, y left, z up) of the
    moment each was fired. deskewed (N, 3) float32: the noise-free hit, carried by the ego motion alone into the
    sensor frame at ``time_ns``. times_ns (N,) int64. range_m (N,) float32 measured range. intensity (N,) float32
    0..1. ring (N,) uint8, 0 the lowest beam. instance, part (N,) uint16, semantic (N,) uint8. kind (N,) uint8: 0 a
    surface, 1 the air (a drop, flake or patch of fog: instance, part and class 0), 2 a ghost (seen in a mirror,
    and not where it seems; its ids are those of what was seen), 3 blooming (stray light of the retro-reflector that
    its ids name), 4 a surface behind glass. ``extra``: arrays that the sensor's settings ask for.
    """

    sensor: str
    time_ns: int
    world_from_lidar: Pose
    points: NDArray[np.float32]
    deskewed: NDArray[np.float32]
    times_ns: NDArray[np.int64]
    range_m: NDArray[np.float32]
    intensity: NDArray[np.float32]
    ring: NDArray[np.uint8]
    instance: NDArray[np.uint16]
    part: NDArray[np.uint16]
    semantic: NDArray[np.uint8]
    kind: NDArray[np.uint8]
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def touched(self) -> NDArray[np.uint16]:
        """(N,) instance ids of the points that lie where they seem, on a thing; 0 for ghosts and all else."""
        there = (self.kind == 0) | (self.kind == 4)
        return np.where(there, self.instance, 0).astype(np.uint16)


@dataclass(frozen=True, eq=False)
class Reading:
    """What any other sensor gives at a keyframe: the arrays that its model declares (``SensorModel.arrays``).

    ``world_from_sensor`` is its pose at ``time_ns``. A sensor that is faster than the keyframes gives all its samples
    since the last one, N of them, with their ``times_ns`` among the arrays.
    """

    sensor: str
    kind: str
    time_ns: int
    world_from_sensor: Pose
    arrays: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Box3D:
    """The upright 3D box of one boxed instance at a keyframe, in the world.

    ``centre_m`` (3,) its centre, ``size_m`` length (x), width (y), height (z), ``quaternion_wxyz`` world from box.
    ``velocity_mps`` (3,) and ``acceleration_mps2`` (3,) of the body in the world. ``lidar_points`` returns over
    all LiDARs of this keyframe; ``visible_px`` the most pixels in any camera.
    """

    instance_id: int
    centre_m: tuple[float, float, float]
    size_m: tuple[float, float, float]
    quaternion_wxyz: tuple[float, float, float, float]
    velocity_mps: tuple[float, float, float]
    acceleration_mps2: tuple[float, float, float]
    lidar_points: int
    visible_px: int


@dataclass(frozen=True)
class Controls:
    """Ego controls at a time stamp: throttle and brake 0..1, steering angle of the front wheels in radians
    (left positive), speed along the body's x axis."""

    throttle: float
    brake: float
    steering: float
    speed_mps: float


@dataclass(frozen=True)
class Fact:
    """A measured truth about one keyframe.

    ``subjects``: instance ids, the first the one spoken of. ``value`` with ``unit`` was measured; the predicate
    holds because value passes ``threshold`` by ``margin`` (both in the unit). ``frame``: "viewer", "ego",
    "world" or "" where none is needed. ``sensor``: which one it was measured in ("" for the world). ``argument``:
    the word the predicate is about (a colour, a class, a count as text, …). ``evidence``: member names of the
    shard and tables that prove it.
    """

    fact_id: int
    predicate: str
    subjects: tuple[int, ...]
    argument: str = ""
    frame: str = ""
    sensor: str = ""
    value: float | None = None
    unit: str = ""
    threshold: float | None = None
    margin: float | None = None
    t0_ns: int = 0
    t1_ns: int = 0
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True)
class Phrase:
    """Characters [start, end) of a caption that name these instances."""

    start: int
    end: int
    instance_ids: tuple[int, ...]


@dataclass(frozen=True)
class Statement:
    """Characters [start, end) of a caption that state these facts (ids within the keyframe)."""

    start: int
    end: int
    fact_ids: tuple[int, ...]


@dataclass(frozen=True)
class Caption:
    """One text about one keyframe. ``kind``: short, dense, driving, …; ``template`` names its template."""

    kind: str
    language: str
    sensor: str
    text: str
    phrases: tuple[Phrase, ...]
    statements: tuple[Statement, ...]
    template: str


@dataclass(frozen=True, eq=False)
class Keyframe:
    """Everything sensed, measured and said at one keyframe.

    ``sweeps``: of the sensors that were asked for them, the frames since the keyframe before, in order of time, this
    keyframe's own left out. They hold arrays alone: boxes, facts and captions are of keyframes.
    """

    scene_index: int
    frame_index: int
    time_ns: int
    cameras: Mapping[str, CameraFrame]
    lidars: Mapping[str, LidarFrame]
    boxes: tuple[Box3D, ...]
    controls: Controls | None = None
    facts: tuple[Fact, ...] = ()
    captions: tuple[Caption, ...] = ()
    readings: Mapping[str, Reading] = field(default_factory=dict)
    sweeps: Mapping[str, tuple[CameraFrame | LidarFrame | Reading, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The sample's key in its shard: scene and frame, no dots."""
        return f"{self.scene_index:06d}-{self.frame_index:06d}"

    def __repr__(self) -> str:
        """What there is in a line: a notebook would print every array."""
        sensors = ", ".join([*self.cameras, *self.lidars, *self.readings]) or "no sensors"
        return f"<Keyframe {self.key} at {self.time_ns / 1e9:g} s: {sensors}; {len(self.captions)} captions>"


@dataclass(frozen=True)
class InstanceRow:
    """What is true of an instance for the whole scene (names, class, size); see ``scenes.world.Instance``."""

    instance_id: int
    name: str
    family: str
    semantic: str
    noun: str
    colour: str
    colour_rgb: tuple[float, float, float]
    material: str
    size_m: tuple[float, float, float]
    centre_m: tuple[float, float, float]
    has_front: bool
    moves: bool
    mass_kg: float
    behaviour: str


@dataclass(frozen=True)
class PartRow:
    """A rigid part: which instance it belongs to (0: none) and its class."""

    part_id: int
    instance_id: int
    semantic: str
    name: str


@dataclass(frozen=True)
class Contact:
    """Two instances touching (0: the static world) from t0 to t1, with the largest normal force."""

    instance_a: int
    instance_b: int
    t0_ns: int
    t1_ns: int
    peak_force_n: float


@dataclass(frozen=True)
class Happening:
    """Something that comes to pass over a stretch of a scene's time, from ``t0_ns`` to ``t1_ns``.

    ``kind`` and ``subjects`` (instance ids, the one who does it first) as in ``datasets/happening_schema.py``;
    ``value`` (in ``unit``) was measured in the tracks and passes ``threshold`` by ``margin``. Ids run from 1 in order
    of time.
    """

    happening_id: int
    kind: str
    subjects: tuple[int, ...]
    argument: str
    t0_ns: int
    t1_ns: int
    value: float
    unit: str
    threshold: float
    margin: float
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Cause:
    """Why something happens: simulated again without ``item``, the scene lacks the happening ``effect_id``.

    ``subject``: the instance id of that item; ``cause_id``: what of it came about (0: its mere presence).
    ``value`` is the effect's with it, ``value_without`` the most that comes about of the same kind, of the same
    subject and at the same time, without it; both in ``unit``, and ``margin`` is by how much that stays below the
    ``threshold`` of the kind.
    """

    effect_id: int
    cause_id: int
    subject: int
    item: str
    value: float
    value_without: float
    unit: str
    threshold: float
    margin: float


@dataclass(frozen=True, eq=False)
class SceneRecord:
    """What a scene holds beside its keyframes. Tracks are the full simulated ones: part id -> world_from_part for
    every moving part, instance id -> world_from_body for every moving instance; still ones have one-knot poses in
    ``part_poses`` and ``instance_poses``."""

    scene_index: int
    scene: str
    seed: int
    concrete: Mapping[str, Any]
    instances: tuple[InstanceRow, ...]
    parts: tuple[PartRow, ...]
    part_tracks: Mapping[int, Track]
    instance_tracks: Mapping[int, Track]
    part_poses: Mapping[int, Pose]
    instance_poses: Mapping[int, Pose]
    lanes: tuple[tuple[int, float, NDArray[np.float64]], ...]
    contacts: tuple[Contact, ...]
    ego: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    happenings: tuple[Happening, ...] = ()
    causes: tuple[Cause, ...] = ()

    def instance(self, instance_id: int) -> InstanceRow:
        return self.instances[instance_id - 1]

    def world_from_body(self, instance_id: int, time_ns: int) -> Pose:
        """The body pose of an instance at a time stamp."""
        track = self.instance_tracks.get(instance_id)
        return track.at(time_ns) if track is not None else self.instance_poses[instance_id]

    def world_from_part(self, part_id: int, time_ns: int) -> Pose:
        """The pose of a part at a time stamp."""
        track = self.part_tracks.get(part_id)
        return track.at(time_ns) if track is not None else self.part_poses[part_id]
