"""Every rig makes a scene that checks, goes the whole way on a street, and refuses words it does not know."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.errors import SpecError
from pairforge.generate import Request, generate
from pairforge.rigs import RIGS, rig
from pairforge.scenes.check import check
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Camera, Lidar
from tests.farm.here import Here

SPEC = """
from dataclasses import replace
from pairforge.rigs import rig
from pairforge.scenes.library.driving import STREET

SEEN = replace(
    STREET,
    name="seen",
    sensors=rig("nuscenes", mount="ego", scale=0.06, leave_out=["RADAR_BACK_LEFT"]),
    require=[],
    duration_s=0.5,
    captions=["short"],
)
LESS = {"lidar": {"columns": 120}, "radar": {"rays": 6000, "chirps": 32}}
SEEN = replace(SEEN, sensors=[replace(s, **LESS.get(s.KIND, {})) for s in SEEN.sensors])
"""


@pytest.mark.parametrize("name", RIGS.names())
def test_a_rig_makes_a_scene_that_checks(name: str) -> None:
    world, mount = ("robot.pick", "arm") if name == "robot_arm" else ("driving.street", "ego")
    sensors = rig(name, mount=mount)
    check(replace(load_scene(world).scene, sensors=sensors, require=[]))
    assert len({s.name for s in sensors}) == len(sensors) > 1
    assert {(s.mount or "").partition(":")[0] for s in sensors} == {mount}


def test_a_rig_is_changed_by_field_kind_and_name() -> None:
    sensors = rig(
        "nuscenes",
        mount="ego",
        scale=0.1,
        leave_out=["radar", "imu", "gnss", "can_bus"],
        sweeps=True,
        dropout=0.25,
    )
    cameras = [s for s in sensors if isinstance(s, Camera)]
    assert [(c.width_px, c.height_px) for c in cameras] == [(160, 90)] * 6
    (lidar,) = (s for s in sensors if isinstance(s, Lidar))
    assert lidar.dropout == 0.25
    assert all(s.sweeps for s in (*cameras, lidar))
    assert [s.name for s in rig("nuscenes", mount="ego", only=["CAM_BACK"])] == ["CAM_BACK"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"name": "nuscene"}, 'Did you mean "nuscenes"'),
        ({"name": "kitti", "leave_out": ["image_9"]}, 'has no "image_9"'),
        ({"name": "kitti", "dropuot": 0.0}, 'Did you mean "dropout"'),
        ({"name": "kitti", "scale": 0.001}, "raise it"),
    ],
)
def test_what_a_rig_does_not_know_is_refused(words: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        rig(mount="ego", **words)  # type: ignore[arg-type]


def test_a_robots_rig_sits_on_its_links() -> None:
    scene = replace(load_scene("robot.pick").scene, sensors=rig("robot_arm", mount="arm"), require=[])
    mounts = {s.name: s.mount for s in resolve(scene, 1).sensors}
    assert mounts["wrist"] == mounts["wrist_force"] == "arm:hand"
    assert mounts["joints"] == "arm"


@pytest.mark.slow
def test_the_nuscenes_rig_sees_all_round_and_proves_clean(tmp_path: Path) -> None:
    (tmp_path / "seen.py").write_text(SPEC)
    request = Request(f"{tmp_path / 'seen.py'}:SEEN", tmp_path / "out", renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    assert verify(tmp_path / "out").findings == ()
    frame = Dataset(tmp_path / "out").frame(0, 0)
    assert len(frame.cameras) == 6
    ego = next(i.instance_id for i in Dataset(tmp_path / "out").record(0).instances if i.name == "ego")
    for camera in frame.cameras.values():
        assert np.mean(camera.instance == ego) < 0.2, camera.sensor
