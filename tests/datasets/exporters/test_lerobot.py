from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.export import export
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from tests import foreign
from tests.datasets.exporters.check_exporter import check_exporter

READER = Path(__file__).with_name("lerobot_reader.py")


@pytest.mark.slow
def test_lerobots_own_dataset_gives_equal_pictures_states_and_actions(surround: Path, tmp_path: Path):
    out = check_exporter("lerobot", surround, tmp_path)
    said = foreign.run("lerobot", READER, out, tmp_path / "found.npz")
    found = np.load(tmp_path / "found.npz")
    dataset = Dataset(surround)
    frames = [frame for i in dataset.scenes for frame in dataset.frames(i)]
    assert len(said["tasks"]) == len(frames)
    assert (said["episodes"], said["fps"], said["batch"]) == (2, 2, [2, 3])
    reds = []
    for n, frame in enumerate(frames):
        for name, view in frame.cameras.items():
            picture = np.rint(found[f"observation.images.{name.lower()}"][n] * 255).astype(np.uint8)
            assert (picture.transpose(1, 2, 0) == view.rgb).all()
        assert frame.controls is not None
        action = [frame.controls.throttle, frame.controls.brake, frame.controls.steering]
        assert (found["action"][n] == np.array(action, np.float32)).all()
        record = dataset.record(frame.scene_index)
        ego = next(r.instance_id for r in record.instances if r.name == "ego")
        pose = record.instance_tracks[ego].at(frame.time_ns)
        state = [*pose.position_m, *pose.quaternion_wxyz, frame.controls.speed_mps]
        assert (found["observation.state"][n] == np.array(state, np.float32)).all()
        assert found["episode_index"][n] == frame.scene_index
        assert found["timestamp"][n] == np.float32(frame.frame_index / 2)
        assert found["index"][n] == n
        reds.append(frame.cameras["CAM_FRONT"].rgb[..., 0] / 255.0)
        first = dataset.frame(frame.scene_index, 0)
        assert said["tasks"][n] in {c.text for c in first.captions}
    assert said["stats"]["observation.images.cam_front"][0] == pytest.approx(np.mean(reds), abs=1e-6)
    assert said["stats"]["action"] == pytest.approx(found["action"].mean(axis=0), abs=1e-6)


@pytest.mark.slow
def test_an_arms_state_is_its_joints_and_its_action_where_they_are_next(pick: Path, tmp_path: Path):
    export(pick, "lerobot", tmp_path / "out")
    foreign.run("lerobot", READER, tmp_path / "out", tmp_path / "found.npz")
    found = np.load(tmp_path / "found.npz")
    frames = list(Dataset(pick).frames(0))
    joints = np.array([f.readings["joints"].arrays["position"][-1] for f in frames], np.float32)
    assert joints.std(axis=0).max() > 0.01, "an arm that stands still proves nothing"
    assert (found["observation.state"] == joints).all()
    assert (found["action"] == joints[[*range(1, len(joints)), -1]]).all()


@pytest.mark.slow
def test_scenes_without_actions_are_refused(table: Path, tmp_path: Path):
    with pytest.raises(ExportError, match="neither an arm's joint states nor an ego's controls"):
        export(table, "lerobot", tmp_path / "out")
    assert not (tmp_path / "out").exists()
