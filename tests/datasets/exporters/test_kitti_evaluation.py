"""The evaluations of KITTI's benchmarks on labels that our writer made of things at known places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.exporters.kitti_labels import Label, labels, object_line, tracking_line
from pairforge.datasets.exporters.kitti_rig import rig_of
from pairforge.frames import CAMERA_AXES_IN_BODY, Intrinsics, Pose
from pairforge.sample import Box2D, Box3D, CameraFrame, Keyframe
from tests import foreign

HERE = Path(__file__).parent
LENS = Intrinsics(1242, 375, 721.5, 721.5, 621.0, 187.5)
WORLD_FROM_CAMERA = Pose.from_matrix(
    np.block([[CAMERA_AXES_IN_BODY, np.array([[1.0], [0.0], [1.65]])], [np.zeros((1, 3)), np.ones((1, 1))]])
)
KINDS = {
    "car": (4.2, 1.8, 1.5),
    "pedestrian": (0.5, 0.6, 1.7),
    "cyclist": (1.7, 0.6, 1.7),
    "van": (5.0, 2.0, 2.2),
}
HIDDEN = (0.0, 0.3, 0.6)
"""Shares that make a thing easy, moderate and hard."""


@dataclass(frozen=True)
class Named:
    semantic: str


class Record:
    """What the writer asks of a scene's record."""

    def instance(self, instance_id: int) -> Named:
        return Named(tuple(KINDS)[instance_id % len(KINDS)])


def rig():
    pose = {"position_m": [1.0, 0.0, 1.65], "quaternion_wxyz": WORLD_FROM_CAMERA.quaternion_wxyz.tolist()}
    lens = {
        n: getattr(LENS, n) for n in ("width_px", "height_px", "fx", "fy", "cx", "cy", "model", "distortion")
    }
    camera = {"sensor": "front", "kind": "camera", "mount": "ego", "intrinsics": lens, **pose}
    lidar = {"sensor": "top", "kind": "lidar", "mount": "ego", "position_m": [0.0, 0.0, 1.7],
             "quaternion_wxyz": [1.0, 0.0, 0.0, 0.0]}  # fmt: skip
    return rig_of([camera, lidar], "", "")


def frame(index: int) -> Keyframe:
    """Sixteen things on a grid ahead, turned a little more in every frame; each keeps its id."""
    boxes, views = [], []
    for number in range(1, 17):
        size = KINDS[Record().instance(number).semantic]
        x, y = 8.0 + 2.0 * (number // 4) + 0.2 * index, 4.5 - 3.0 * (number % 4)
        pose = Pose.of((x, y, size[2] / 2), yaw=0.3 * index + number)
        boxes.append(
            Box3D(
                number,
                tuple(pose.position_m),
                size,
                tuple(pose.quaternion_wxyz),
                (0.0,) * 3,
                (0.0,) * 3,
                9,
                500,
            )
        )
        corners = pose.points(
            [
                [a * size[0] / 2, b * size[1] / 2, c * size[2] / 2]
                for a in (-1, 1)
                for b in (-1, 1)
                for c in (-1, 1)
            ]
        )
        uv = LENS.project(WORLD_FROM_CAMERA.inverse.points(corners))
        full = (*uv.min(axis=0), *uv.max(axis=0))
        views.append(Box2D(number, 500, 500, full, full, HIDDEN[(number // 4) % 3], 0.0))
    camera = CameraFrame(
        "front", 0, 1, LENS, WORLD_FROM_CAMERA, WORLD_FROM_CAMERA, *[np.zeros(0)] * 7, tuple(views)
    )
    return Keyframe(0, index, 0, {"front": camera}, {}, tuple(boxes))


@pytest.fixture(scope="module")
def told() -> list[list[Label]]:
    return [labels(frame(k), Record(), rig(), "") for k in range(45)]


def write(folder: Path, frames: list[list[Label]], score: str = "", **moved: float) -> Path:
    folder.mkdir()
    for k, found in enumerate(frames):
        lines = [object_line(_moved(label, **moved)) + score + "\n" for label in found]
        (folder / f"{k:06d}.txt").write_text("".join(lines))
    return folder


def _moved(label: Label, z: float = 0.0, ry: float = 0.0) -> Label:
    x, y, depth = label.bottom_m
    return replace(label, bottom_m=(x, y, depth + z), rotation_y=label.rotation_y + ry)


@pytest.mark.slow
def test_our_labels_against_themselves_reach_100_percent_and_moved_ones_do_not(
    told: list[list[Label]], tmp_path: Path
):
    truth = write(tmp_path / "truth", told)
    moves: dict[str, dict[str, float]] = {"same": {}, "off": {"z": 1.0}, "turned": {"ry": 1.5}}
    results = [write(tmp_path / name, told, " 0.9", **moved) for name, moved in moves.items()]
    ap = dict(zip(moves, foreign.run("av2", HERE / "kitti_evaluation.py", truth, *results), strict=True))
    for kind in ("Car", "Pedestrian", "Cyclist"):
        for difficulty in ("easy", "moderate", "hard"):
            for what in ("2D", "BEV", "3D"):
                name = f"KITTI/{kind}_{what}_AP40_{difficulty}_strict"
                assert ap["same"][name] == pytest.approx(100.0, abs=1e-6), name
            assert ap["off"][f"KITTI/{kind}_2D_AP40_{difficulty}_strict"] == pytest.approx(100.0, abs=1e-6)
            assert ap["off"][f"KITTI/{kind}_3D_AP40_{difficulty}_strict"] < 20.0
            if kind != "Pedestrian":  # as wide as long
                assert ap["turned"][f"KITTI/{kind}_3D_AP40_{difficulty}_strict"] < 20.0


@pytest.mark.slow
def test_trackeval_finds_our_tracks_whole_and_swapped_ones_broken(told: list[list[Label]], tmp_path: Path):
    truth, trackers = tmp_path / "truth", tmp_path / "trackers"
    (truth / "label_02").mkdir(parents=True)
    (truth / "evaluate_tracking.seqmap.training").write_text(f"0000 empty 000000 {len(told):06d}\n")
    (truth / "label_02/0000.txt").write_text(_tracks(told, swapped=False))
    for name in ("same", "swapped"):
        (trackers / name / "data").mkdir(parents=True)
        lines = _tracks(told, swapped=name == "swapped").splitlines()
        (trackers / name / "data/0000.txt").write_text("".join(f"{line} 0.9\n" for line in lines))
    found = foreign.run("av2", HERE / "kitti_tracking_evaluation.py", truth, trackers)
    for kind in ("car", "pedestrian"):
        assert found["same"][kind] == [1.0, 1.0, 1.0, 45 * 4]
        assert found["swapped"][kind][0] < 0.9
        assert found["swapped"][kind][2] < 0.9


def _tracks(frames: list[list[Label]], swapped: bool) -> str:
    """Halfway through, two of each kind take each other's ids."""
    lines = []
    for k, found in enumerate(frames):
        for label in found:
            other = (
                (label.instance_id + 3) % 16 + 1 if swapped and k >= len(frames) // 2 else label.instance_id
            )
            lines.append(tracking_line(k, replace(label, instance_id=other)) + "\n")
    return "".join(lines)
