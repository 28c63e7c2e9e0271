"""Does Cycles see what the labels say? The one check that rebuilds the world."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.measurements import Measurements
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import sensor_slug, shard_path
from pairforge.datasets.verify_view import Problem
from pairforge.frames import Pose
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_passes import cycles_passes
from pairforge.renderers.protocol import View
from pairforge.sample import CameraFrame, SceneRecord
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene

ID_SHARE = 0.995
DEPTH_TOLERANCE_M = 5e-3
DEPTH_SHARE = 0.995


def cycles(dataset: Dataset, key: str, measured: Measurements) -> Iterator[Problem]:
    """Part ids of at least 99.5 % of pixels, and the depth of 99.5 % of those (5 mm + 0.1 %), are those of Cycles.

    The world is built again from the stored concrete scene; moving parts stand where the stored tracks put them.
    Pixels on a silhouette may fall to either side. Raises RenderError when Blender cannot start.
    """
    frame = dataset.frame_by_key(key)
    record = dataset.record(frame.scene_index)
    world = build(ConcreteScene.from_json(dict(record.concrete)))
    renderer = BlenderRenderer()
    try:
        renderer.open(world, "draft")
        for name, camera in frame.cameras.items():
            view = View(camera.intrinsics, camera.world_from_camera, _poses(record, camera.time_ns))
            depth, part = cycles_passes(world, view, renderer)
            member = f"{shard_path(dataset.scene(frame.scene_index).slug)}:{key}.{sensor_slug(name)}"
            yield from _compared(camera, depth, part, member, measured)
    finally:
        renderer.close()


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
