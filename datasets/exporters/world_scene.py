"""The world of a stored scene with its motion and its cameras, as glTF and USD take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pairforge.datasets.reader import Dataset
from pairforge.frames import F64, Intrinsics, Pose, Track
from pairforge.sample import InstanceRow, SceneRecord
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.world import Mesh

GL_FROM_CV = np.diag([1.0, -1.0, -1.0])
"""A camera of OpenGL, glTF and USD (y up, looking along -z) in axes of OpenCV's."""


@dataclass(frozen=True, eq=False)
class Motion:
    """World from a frame at ``seconds`` (T,): ``positions_m`` (T, 3), ``quaternions_wxyz`` (T, 4), each in the half
    space of the one before, so that whoever interpolates goes the short way. One knot stands for ever."""

    seconds: F64
    positions_m: F64
    quaternions_wxyz: F64

    @property
    def moves(self) -> bool:
        return len(self.seconds) > 1


@dataclass(frozen=True, eq=False)
class Piece:
    """A rigid part: its triangles in its own frame, and its way."""

    part_id: int
    instance_id: int
    name: str
    mesh: Mesh
    motion: Motion


@dataclass(frozen=True, eq=False)
class Viewer:
    """A camera of z-depth: its optics, and its way with -z forward and y up."""

    name: str
    intrinsics: Intrinsics
    motion: Motion


@dataclass(frozen=True, eq=False)
class WorldScene:
    """Pieces in order of part id; ``instances`` are those that own any."""

    record: SceneRecord
    pieces: tuple[Piece, ...]
    instances: tuple[InstanceRow, ...]
    viewers: tuple[Viewer, ...]


def world_scene(dataset: Dataset, scene_index: int) -> WorldScene:
    """Built again from the stored concrete scene; the motion is the stored one."""
    record = dataset.record(scene_index)
    world = build(ConcreteScene.from_json(dict(record.concrete)))
    pieces = tuple(
        Piece(p.part_id, p.instance_id, p.name, p.mesh, _motion_of(record, p.part_id)) for p in world.parts
    )
    owners = {p.instance_id for p in pieces}
    rows = tuple(r for r in record.instances if r.instance_id in owners)
    return WorldScene(record, pieces, rows, tuple(_viewers(dataset, scene_index)))


def _motion_of(record: SceneRecord, part_id: int) -> Motion:
    if part_id in record.part_tracks:
        track: Track = record.part_tracks[part_id]
        return _motion(track.times_ns, track.positions_m, track.quaternions_wxyz)
    pose = record.part_poses[part_id]
    return _motion([0], [pose.position_m], [pose.quaternion_wxyz])


def _motion(times_ns: Any, positions_m: Any, quaternions_wxyz: Any) -> Motion:
    q = np.array(quaternions_wxyz, dtype=np.float64)
    turns = np.where((q[1:] * q[:-1]).sum(axis=1) < 0.0, -1.0, 1.0)
    q[1:] *= np.cumprod(turns)[:, None]
    return Motion(np.asarray(times_ns, dtype=np.int64) * 1e-9, np.array(positions_m, dtype=np.float64), q)


def _viewers(dataset: Dataset, scene_index: int) -> list[Viewer]:
    """Of the cameras that a perspective can stand for; their way through all of their pictures, sweeps too."""
    rows = [r for r in dataset.table("sensors", scene_index).to_pylist() if r["kind"] == "camera"]
    found = []
    for name in sorted({r["sensor"] for r in rows}):
        own = sorted((r for r in rows if r["sensor"] == name), key=lambda r: r["time_ns"])
        r = own[0]
        optics = Intrinsics(
            r["width_px"], r["height_px"], r["fx"], r["fy"], r["cx"], r["cy"], r["model"],
            tuple(r["distortion"] or ()),
        )  # fmt: skip
        if not optics.z_depth:
            continue
        poses = [_turned(Pose.of(o["position_m"], o["quaternion_wxyz"])) for o in own]
        still = all(np.allclose(p.matrix, poses[0].matrix, rtol=0.0, atol=1e-12) for p in poses)
        kept = poses[:1] if still else poses
        times = [o["time_ns"] for o in own][: len(kept)]
        found.append(
            Viewer(
                name, optics, _motion(times, [p.position_m for p in kept], [p.quaternion_wxyz for p in kept])
            )
        )
    return found


def _turned(world_from_camera: Pose) -> Pose:
    m = world_from_camera.matrix
    m[:3, :3] = m[:3, :3] @ GL_FROM_CV
    return Pose.from_matrix(m)
