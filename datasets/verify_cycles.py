"""Does Cycles see what the labels say? The one check that rebuilds the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pairforge import __version__
from pairforge.datasets.finding import Problem
from pairforge.datasets.measurements import Measurements
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import sensor_slug, shard_path, table_path
from pairforge.datasets.verify_rows import readout_s
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import Pose, wxyz
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_passes import cycles_passes
from pairforge.renderers.protocol import Instant, ShutterTimes, View
from pairforge.sample import CameraFrame, SceneRecord
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.world import World
from pairforge.sensors.pixels import cast_pixels
from pairforge.sensors.ray_engine import RayEngine

ID_SHARE = 0.995
DEPTH_TOLERANCE_M = 5e-3
DEPTH_SHARE = 0.995
INSTANTS = 17
"""Moments at which Cycles is told where things are while rows are read."""


def cycles(dataset: Dataset, key: str, turn: int, measured: Measurements) -> Iterator[Problem]:
    """Part ids of at least 99.5 % of pixels, and the depth of 99.5 % of those (5 mm + 0.1 %), are those of Cycles.

    One camera is looked at, the ``turn``-th (round and round). The world is built again from the stored concrete
    scene; moving parts stand where the stored tracks put them. Pixels on a silhouette may fall to either side. When
    this version's shapes are not those that the scene was made with, that is the finding. Raises RenderError when
    Blender cannot start.
    """
    frame = dataset.frame_by_key(key)
    record = dataset.record(frame.scene_index)
    slug = dataset.scene(frame.scene_index).slug
    try:
        world = build(ConcreteScene.from_json(dict(record.concrete)))
    except Exception as error:  # whatever the shape code of today makes of the parameters of yesterday
        yield Problem(
            table_path("scenes", slug), f"cannot be built again ({_said(error)}): {_made_by(dataset)}"
        )
        return
    if other := _other_parts(world, record):
        yield Problem(table_path("parts", slug), f"{other}: {_made_by(dataset)}")
        return
    cameras = list(frame.cameras.values())
    if not cameras:
        return
    camera = cameras[turn % len(cameras)]
    view = _view(SceneView(dataset, frame.scene_index, record), camera)
    member = f"{shard_path(slug)}:{key}.{sensor_slug(camera.sensor)}"
    problems = list(_compared(camera, *_seen(world, view), member, measured))
    if problems and not _rebuilt(world, view, camera):
        message = f"this version casts other labels from the stored scene: {_made_by(dataset)}"
        problems.insert(0, Problem(f"{member}.part.png", message))
    yield from problems


def _view(scene: SceneView, camera: CameraFrame) -> View:
    """The camera as it was, by the stored tracks: each row at its time, nothing blurred."""
    record, sensor = scene.record, scene.sensor(camera.sensor)
    view = View(camera.intrinsics, camera.world_from_camera, _poses(record, camera.time_ns))
    readout = readout_s(sensor)
    if sensor is None or readout <= 0.0:
        return view
    half_ns = readout * (1.0 - 1.0 / camera.intrinsics.height_px) / 2 * 1e9
    times = camera.time_ns + np.rint(np.linspace(-half_ns, half_ns, INSTANTS)).astype(np.int64)
    positions, turns = scene.world_from_sensor_over(sensor, times)
    instants = tuple(
        Instant((int(t) - camera.time_ns) * 1e-9, Pose(at, wxyz(turn)), _poses(record, int(t)))
        for t, at, turn in zip(times, positions, turns, strict=True)
    )
    return replace(view, shutter=ShutterTimes(0.0, readout), instants=instants)


def _seen(world: World, view: View) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    renderer = BlenderRenderer()
    try:
        renderer.open(world, "draft")
        return cycles_passes(world, view, renderer)
    finally:
        renderer.close()


def _rebuilt(world: World, view: View, camera: CameraFrame) -> bool:
    """Whether this version's own rays give the stored part ids: then a difference is Cycles', not the shapes'. Of a
    rolling shutter that is not asked."""
    if view.shutter is not None:
        return True
    hits = cast_pixels(RayEngine(world), view.intrinsics, view.world_from_camera, view.part_poses)
    return bool((hits.part.reshape(camera.part.shape) == camera.part).mean() >= ID_SHARE)


def _other_parts(world: World, record: SceneRecord) -> str:
    """What parts the world of today has that the stored one has not, or the reverse; "" when they are the same."""
    now = {p.part_id: (p.instance_id, p.name) for p in world.parts}
    then = {p.part_id: (p.instance_id, p.name) for p in record.parts}
    differing = sorted(i for i in now.keys() | then.keys() if now.get(i) != then.get(i))
    return f"{len(differing)} of {len(then)} parts are not those built again" if differing else ""


def _made_by(dataset: Dataset) -> str:
    then = dataset.manifest.versions.get("pairforge", "an unknown version")
    which = f"pairforge {then}" if then != __version__ else f"another state of pairforge {then}"
    return f"made by other shape code ({which}; this is {__version__}). Cross-check it with the version that made it"


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _poses(record: SceneRecord, time_ns: int) -> dict[int, Pose]:
    return {part: track.at(time_ns) for part, track in record.part_tracks.items()}


def _compared(
    camera: CameraFrame,
    depth: NDArray[np.float32],
    part: NDArray[np.uint16],
    member: str,
    measured: Measurements,
) -> Iterator[Problem]:
    same = part == camera.part
    measured.add("cycles_other_id_share", np.array([1.0 - same.mean()]))
    if same.mean() < ID_SHARE:
        yield Problem(f"{member}.part.png", f"{1 - same.mean():.2%} of pixels have another part id in Cycles")
    both = same & (part > 0) & np.isfinite(depth) & np.isfinite(camera.depth)
    if not both.any():
        return
    off = np.abs(depth[both].astype(np.float64) - camera.depth[both])
    measured.add("cycles_depth_error_m", off)
    wrong = float((off > DEPTH_TOLERANCE_M + 1e-3 * camera.depth[both]).mean())
    if wrong > 1 - DEPTH_SHARE:
        yield Problem(f"{member}.depth.npy", f"{wrong:.2%} of pixels have another depth in Cycles")
