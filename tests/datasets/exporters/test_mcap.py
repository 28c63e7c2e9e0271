from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mcap.reader import make_reader
from mcap_protobuf.decoder import DecoderFactory
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter
from scipy.spatial.transform import Rotation

from pairforge.datasets.reader import Dataset
from tests.datasets.exporters.check_exporter import check_exporter

pytestmark = pytest.mark.slow
TYPES = {1: "<u1", 2: "<i1", 3: "<u2", 4: "<i2", 5: "<u4", 6: "<i4", 7: "<f4", 8: "<f8"}


@pytest.fixture(scope="module")
def exported(surround: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return check_exporter("mcap", surround, tmp_path_factory.mktemp("mcap"), {"labels": "yes"})


@pytest.fixture(scope="module")
def log(exported: Path) -> dict[str, list[tuple[int, int, Any]]]:
    """Topic -> (log time, publish time, message) of scene 0, as MCAP's own reader gives them."""
    return _read(exported / "surround-000000.mcap")


def _read(path: Path) -> dict[str, list[tuple[int, int, Any]]]:
    found: dict[str, list[tuple[int, int, Any]]] = {}
    with path.open("rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()])
        for _, channel, message in reader.iter_messages():
            if channel.message_encoding == "json":
                body: Any = json.loads(message.data)
            else:
                body = DecoderFactory().decoder_for(
                    "protobuf", reader.get_summary().schemas[channel.schema_id]
                )(message.data)
            found.setdefault(channel.topic, []).append((message.log_time, message.publish_time, body))
    return found


def _ns(message: Any) -> int:
    return message.timestamp.seconds * 1_000_000_000 + message.timestamp.nanos


def _columns(cloud: Any) -> NDArray[Any]:
    kind = np.dtype(
        {
            "names": [f.name for f in cloud.fields],
            "formats": [TYPES[f.type] for f in cloud.fields],
            "offsets": [f.offset for f in cloud.fields],
            "itemsize": cloud.point_stride,
        }
    )
    return np.frombuffer(cloud.data, kind)


def _hung(log: Any, name: str, time_ns: int) -> NDArray[Any]:
    """(4, 4) world from frame, of the transform of that very stamp."""
    for _, _, message in log["/tf"]:
        for t in message.transforms:
            if t.child_frame_id == name and t.parent_frame_id == "world" and _ns(t) == time_ns:
                matrix = np.eye(4)
                q = [t.rotation.x, t.rotation.y, t.rotation.z, t.rotation.w]
                matrix[:3, :3] = Rotation.from_quat(q).as_matrix()
                matrix[:3, 3] = [t.translation.x, t.translation.y, t.translation.z]
                return matrix
    raise AssertionError(f"{name} hangs nowhere at {time_ns}")


def test_pictures_points_and_samples_come_back_equal(log: Any, surround: Path):
    dataset = Dataset(surround)
    seen = 0
    for frame in dataset.frames(0):
        views = [*frame.cameras.values(), *(v for s in frame.sweeps.values() for v in s if hasattr(v, "rgb"))]
        for view in views:
            image = next(m for t, _, m in log[f"/{view.sensor}/image"] if t == view.time_ns)
            assert (np.asarray(Image.open(io.BytesIO(image.data))) == view.rgb).all()
            raw = next(m for t, _, m in log[f"/{view.sensor}/depth"] if t == view.time_ns)
            depth = np.frombuffer(raw.data, "<f4").reshape(raw.height, raw.width)
            assert (depth == view.depth).all()
            seen += 1
        for view in (*frame.lidars.values(), *frame.sweeps.get("LIDAR_TOP", ())):
            cloud = next(m for t, _, m in log[f"/{view.sensor}/points"] if t == view.time_ns)
            got = _columns(cloud)
            assert (np.stack([got["x"], got["y"], got["z"]], axis=1) == view.points).all()
            assert (got["instance"] == view.instance).all()
            assert (got["time_offset_ns"] + _ns(cloud) == view.times_ns).all()
        radar = frame.readings["RADAR_FRONT"]
        got = _columns(next(m for t, _, m in log["/RADAR_FRONT/points"] if t == radar.time_ns))
        assert (got["doppler_mps"] == radar.arrays["doppler_mps"]).all()
        imu = frame.readings["IMU"].arrays
        samples = {m["time_ns"]: m for _, _, m in log["/IMU/samples"]}
        for t, force in zip(imu["times_ns"].tolist(), imu["specific_force_mps2"].tolist(), strict=True):
            assert samples[t]["specific_force_mps2"] == force
        fixes = {_ns(m): (logged, m) for logged, _, m in log["/GNSS/fix"]}
        gnss = frame.readings["GNSS"].arrays
        for n, t in enumerate(gnss["times_ns"].tolist()):
            logged, fix = fixes[t]
            assert [fix.latitude, fix.longitude, fix.altitude] == gnss["geodetic"][n].tolist()
            assert logged == gnss["available_ns"][n]
        assert {m.message for t, _, m in log["/captions"] if t == frame.time_ns} == {
            c.text for c in frame.captions
        }
    assert seen > 6 * 3, "no sweep was seen"


def test_points_carried_by_the_logs_own_transforms_fall_on_the_masks(log: Any):
    """Quaternion order, axes and pixels at once: nothing here is ours but the ids."""
    right = on = visible = 0
    for t, _, cloud in log["/LIDAR_TOP/deskewed"]:
        for camera in ("CAM_FRONT", "CAM_BACK", "CAM_BACK_LEFT"):
            found = [m for time, _, m in log[f"/{camera}/instance"] if time == t]
            if not found:
                continue
            ids = np.frombuffer(found[0].data, "<u2").reshape(found[0].height, found[0].width)
            raw = next(m for time, _, m in log[f"/{camera}/depth"] if time == t)
            depth = np.frombuffer(raw.data, "<f4").reshape(ids.shape)
            k = next(m for time, _, m in log[f"/{camera}/calibration"] if time == t).K
            got = _columns(cloud)
            points = np.stack([got["x"], got["y"], got["z"], np.ones(len(got))], axis=1).astype(np.float64)
            inside = points @ (np.linalg.inv(_hung(log, camera, t)) @ _hung(log, "LIDAR_TOP", t)).T
            ahead = (inside[:, 2] > 0.5) & (got["kind"] == 0)
            inside, wanted = inside[ahead], got["instance"][ahead]
            # OpenCV's pixels: 0 is the centre of the first.
            u = np.rint(k[0] * inside[:, 0] / inside[:, 2] + k[2]).astype(int)
            v = np.rint(k[4] * inside[:, 1] / inside[:, 2] + k[5]).astype(int)
            there = (u >= 0) & (v >= 0) & (u < ids.shape[1]) & (v < ids.shape[0])
            u, v, z, wanted = u[there], v[there], inside[there, 2], wanted[there]
            calm = (maximum_filter(ids, 5) == minimum_filter(ids, 5))[v, u]
            u, v, z, wanted = u[calm], v[calm], z[calm], wanted[calm]
            seen = np.abs(z - depth[v, u]) < 0.02 * z + 0.2  # not the ego's roof, which no camera sees
            on += len(seen)
            visible += int(seen.sum())
            right += int((ids[v, u] == wanted)[seen].sum())
    assert visible > 2000
    assert visible / on > 0.85
    assert right / visible > 0.999


def test_boxes_hold_the_points_of_their_own_things(log: Any):
    t, _, cloud = log["/LIDAR_TOP/deskewed"][-1]
    got = _columns(cloud)
    world = np.stack([got["x"], got["y"], got["z"], np.ones(len(got))], axis=1) @ _hung(log, "LIDAR_TOP", t).T
    update = next(m for time, _, m in log["/boxes"] if time == t)
    assert [d.type for d in update.deletions] == [1]
    held = 0
    for entity in update.entities:
        told = {pair.key: pair.value for pair in entity.metadata}
        own = world[(got["instance"] == int(told["instance_id"])) & (got["kind"] == 0)]
        if len(own) < 5 or told["velocity_mps"] != "[0.0, 0.0, 0.0]":
            continue
        pose, size = entity.cubes[0].pose, entity.cubes[0].size
        q = pose.orientation
        turned = Rotation.from_quat([q.x, q.y, q.z, q.w]).inv()
        local = turned.apply(own[:, :3] - [pose.position.x, pose.position.y, pose.position.z])
        assert (np.abs(local) <= np.array([size.x, size.y, size.z]) / 2 + 0.03).mean() > 0.97, told
        held += len(own)
    assert held > 100


def test_every_message_has_its_own_time_and_comes_in_order(log: Any):
    for topic, messages in log.items():
        times = [t for t, _, _ in messages]
        assert times == sorted(times), topic
        for logged, published, body in messages:
            stamp = body["time_ns"] if isinstance(body, dict) else published
            assert stamp <= logged
            if hasattr(body, "timestamp"):
                assert _ns(body) == published
    assert max(t for t, _, _ in log["/CAM_FRONT/image"]) == max(t for t, _, _ in log["/boxes"])


def test_the_scene_itself_goes_along(exported: Path, surround: Path):
    with (exported / "surround-000001.mcap").open("rb") as file:
        reader = make_reader(file)
        attachment = next(iter(reader.iter_attachments()))
        metadata = next(iter(reader.iter_metadata()))
    record = Dataset(surround).record(1)
    assert json.loads(attachment.data) == record.concrete
    assert metadata.metadata["seed"] == str(record.seed)
