from __future__ import annotations

from pathlib import Path

import numpy as np
import pykitti
import pytest
from PIL import Image
from scipy import ndimage

from pairforge.datasets.export import export
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from pairforge.sample import CameraFrame, Keyframe
from tests.datasets.exporters import kitti_eyes as eyes
from tests.datasets.exporters.check_exporter import check_exporter

pytestmark = pytest.mark.slow
LAYOUTS = ("object", "tracking", "odometry", "raw")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_keeps_the_promises_of_an_exporter(layout: str, surround: Path, tmp_path: Path):
    check_exporter("kitti", surround, tmp_path, {"layout": layout})


@pytest.fixture(scope="module")
def tracking(surround: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return (
        export(surround, "kitti", tmp_path_factory.mktemp("kitti") / "t", {"layout": "tracking"}).out
        / "training"
    )


@pytest.fixture(scope="module")
def stereo(kitti_drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return (
        export(kitti_drive, "kitti", tmp_path_factory.mktemp("kitti") / "s", {"layout": "tracking"}).out
        / "training"
    )


class Seen:
    """A frame of a tracking export beside the keyframe that it was made from."""

    def __init__(self, out: Path, number: int, frame: Keyframe, camera: str, lidar: str) -> None:
        calib = eyes.calibration(out / f"calib/{number:04d}.txt")
        scan = np.fromfile(out / f"velodyne/{number:04d}/{frame.frame_index:06d}.bin", np.float32).reshape(
            -1, 4
        )
        self.p2 = calib["P2"]
        self.rect = eyes.to_rect(calib, scan[:, :3])
        self.uv = eyes.to_image(calib["P2"], self.rect)
        self.ids = frame.lidars[lidar].touched
        self.camera: CameraFrame = frame.cameras[camera]
        told = (out / f"label_02/{number:04d}.txt").read_text()
        self.things = [t for t in eyes.things(told, True) if t.frame == frame.frame_index]


def frames_of(source: Path, out: Path, camera: str, lidar: str) -> list[Seen]:
    dataset = Dataset(source)
    return [
        Seen(out, n, frame, camera, lidar)
        for n, i in enumerate(dataset.scenes)
        for frame in dataset.frames(i)
    ]


@pytest.fixture(scope="module")
def seen(surround: Path, tracking: Path, kitti_drive: Path, stereo: Path) -> list[Seen]:
    """Of two rigs."""
    return frames_of(surround, tracking, "CAM_FRONT", "LIDAR_TOP") + frames_of(
        kitti_drive, stereo, "image_2", "velodyne"
    )


def on_mask(s: Seen, uv: np.ndarray) -> tuple[int, int]:
    """Points, of those that the camera can see, more than 2 px inside one instance of its mask: how many, and how
    many of them hit another instance."""
    mask = s.camera.instance.astype(int)
    height, width = mask.shape
    u, v = np.round(uv).astype(int).T
    there = (s.rect[:, 2] > 0) & (u >= 0) & (v >= 0) & (u < width) & (v < height)
    u, v, z, ids = u[there], v[there], s.rect[there, 2], s.ids[there]
    inner = (ndimage.maximum_filter(mask, 5) == ndimage.minimum_filter(mask, 5))[v, u]
    hidden = z > s.camera.depth[v, u] * 1.02 + 0.3
    counted = inner & ~hidden
    return int(counted.sum()), int((counted & (mask[v, u] != ids)).sum())


def test_points_through_kittis_chain_fall_on_the_instance_that_the_mask_says(seen: list[Seen]):
    counted, wrong = np.sum([on_mask(s, s.uv) for s in seen], axis=0)
    assert counted > 10_000
    assert wrong <= counted * 0.001
    mirrored = np.sum(
        [on_mask(s, [s.camera.intrinsics.width_px - 1, 0] + s.uv * [-1, 1]) for s in seen], axis=0
    )
    assert mirrored[1] > mirrored[0] * 0.05, "the test cannot tell left from right"


def test_a_pictures_first_pixel_has_its_centre_at_zero(seen: list[Seen]):
    """Half a pixel is less than the masks can tell: the ray of our first pixel, so far off that baselines vanish."""
    for s in seen:
        ray = s.camera.intrinsics.rays()[0, 0] * 1e9
        assert eyes.to_image(s.p2, ray[None])[0] == pytest.approx([0, 0], abs=1e-6)


def test_what_the_lidar_hit_lies_in_its_box_and_nothing_else_does(seen: list[Seen]):
    hits, inside, turned, own, all_inside = 0, 0, 0, 0, 0
    for s in seen:
        for t in s.things:
            hit = s.ids == t.track
            hits += hit.sum()
            inside += (t.inside(s.rect, 0.1) & hit).sum()
            aside = eyes.Thing(**{**vars(t), "ry": t.ry + np.pi / 2})
            turned += (aside.inside(s.rect, 0.1) & hit).sum()
            all_inside += t.inside(s.rect, -0.1).sum()
            own += (t.inside(s.rect, -0.1) & hit).sum()
    assert hits > 1000
    assert inside >= 0.999 * hits
    assert own >= 0.95 * all_inside
    assert turned < 0.8 * hits, "the test cannot tell a box from one turned by a right angle"


def test_alpha_tells_from_which_side_a_thing_is_seen(seen: list[Seen]):
    """At alpha -90 degrees one sees it from behind, at 0 its right side: hits lie on that side of its middle."""
    tried = 0
    for s in seen:
        for t in s.things:
            hit = s.ids == t.track
            if t.kind in ("Car", "Van", "Truck") and hit.sum() >= 8:
                x, _, z = t.own_axes(s.rect[hit]).mean(axis=0)
                forwards, right = np.sin(t.alpha), np.cos(t.alpha)
                assert x * forwards - z * right > 0.3
                tried += 1
    assert tried >= 15


def test_moving_things_head_where_they_go(surround: Path, tracking: Path):
    """Between frames, in the first frame's camera by the ego's stored poses: tells front from back."""
    dataset, tried = Dataset(surround), 0
    for n, i in enumerate(dataset.scenes):
        poses = [f.cameras["CAM_FRONT"].world_from_camera for f in dataset.frames(i)]
        found = eyes.things((tracking / f"label_02/{n:04d}.txt").read_text(), True)
        for one in found:
            for other in found:
                if (other.track, other.frame) != (one.track, one.frame + 1):
                    continue
                gone = poses[other.frame].points(other.xyz) - poses[one.frame].points(one.xyz)
                heading = poses[one.frame].vectors([np.cos(one.ry), 0, -np.sin(one.ry)])
                if np.linalg.norm(gone) > 1.0:
                    assert heading @ gone > 0.98 * np.linalg.norm(gone)
                    tried += 1
    assert tried >= 4


def test_boxes_projected_hold_their_masks_and_2d_boxes_bound_them(seen: list[Seen]):
    tried = 0
    for s in seen:
        for t in s.things:
            v, u = np.nonzero(s.camera.instance == t.track)
            assert len(u)
            assert t.box[0] <= u.min() + 0.5
            assert t.box[1] <= v.min() + 0.5
            assert t.box[2] >= u.max() - 0.5
            assert t.box[3] >= v.max() - 0.5
            if t.corners()[:, 2].min() > 0.5:
                corners = eyes.to_image(s.p2, t.corners())
                slack = 1.5
                assert corners[:, 0].min() <= u.min() + slack
                assert corners[:, 1].min() <= v.min() + slack
                assert corners[:, 0].max() >= u.max() - slack
                assert corners[:, 1].max() >= v.max() - slack
                tried += 1
    assert tried >= 30


def test_pykitti_reads_raw_drives_and_gets_our_poses(kitti_drive: Path, tmp_path: Path):
    export(kitti_drive, "kitti", tmp_path / "raw", {"layout": "raw"})
    read = pykitti.raw(str(tmp_path / "raw"), "2000_01_01", "0001")
    dataset = Dataset(kitti_drive)
    frames = list(dataset.frames(dataset.scenes[0]))
    first = frames[0].readings["oxts_imu"].world_from_sensor
    for k, frame in enumerate(frames):
        now = frame.readings["oxts_imu"].world_from_sensor
        assert read.oxts[k].T_w_imu[:3, 3] == pytest.approx(now.position_m - first.position_m, abs=2e-6)
        assert read.oxts[k].T_w_imu[:3, :3] == pytest.approx(now.rotation, abs=1e-9)
        told = read.timestamps[k] - read.timestamps[0]
        assert told.total_seconds() == pytest.approx((frame.time_ns - frames[0].time_ns) * 1e-9, abs=2e-6)
        packet = read.oxts[k].packet
        turned = now.rotation.T @ [packet.ve, packet.vn, packet.vu]
        assert turned[0] == pytest.approx(packet.vf, rel=0.01)
        assert (packet.af, packet.al, packet.au) == pytest.approx((packet.ax, packet.ay, packet.az), abs=0.5)
        assert packet.au == pytest.approx(9.8, abs=1.5)
    imu = frames[0].readings["oxts_imu"].world_from_sensor
    for number in range(4):
        camera = frames[0].cameras[f"image_{number}"].world_from_camera
        assert getattr(read.calib, f"T_cam{number}_imu") == pytest.approx(
            (camera.inverse @ imu).matrix, abs=1e-6
        )
        picture = np.asarray(getattr(read, f"get_cam{number}")(1))
        rgb = frames[1].cameras[f"image_{number}"].rgb
        assert (picture == (rgb if number >= 2 else np.asarray(Image.fromarray(rgb).convert("L")))).all()
    assert read.calib.b_rgb == pytest.approx(0.54, abs=1e-9)
    assert read.calib.b_gray == pytest.approx(0.54, abs=1e-9)
    sweep = frames[2].lidars["velodyne"]
    scan = read.get_velo(2)
    assert (scan[:, 3] == sweep.intensity).all()
    still = sweep.instance == 0
    assert scan[still, :3] == pytest.approx(sweep.deskewed[still], abs=0.15), (
        "not carried to the frame's time"
    )


def test_pykitti_reads_odometry_and_its_poses_lay_scans_over_each_other(kitti_drive: Path, tmp_path: Path):
    export(kitti_drive, "kitti", tmp_path / "odometry", {"layout": "odometry", "points": "exact"})
    read = pykitti.odometry(str(tmp_path / "odometry"), "00")
    frames = list(Dataset(kitti_drive).frames(0))
    assert len(read.timestamps) == len(read.poses) == len(read.velo_files) == len(frames)
    assert (read.poses[0] == np.eye(4)).all()
    for k, frame in enumerate(frames):
        now = (
            frames[0].cameras["image_0"].world_from_camera.inverse
            @ frame.cameras["image_0"].world_from_camera
        )
        assert read.poses[k] == pytest.approx(now.matrix, abs=1e-9)
        assert read.timestamps[k].total_seconds() == pytest.approx(k * 0.1, abs=1e-6)
        sweep = frame.lidars["velodyne"]
        scan = np.column_stack([read.get_velo(k)[:, :3], np.ones(len(sweep.points))])
        in_first = (read.poses[k] @ read.calib.T_cam0_velo @ scan.T).T[:, :3]
        world = frames[0].cameras["image_0"].world_from_camera.points(in_first)
        assert world == pytest.approx(sweep.world_from_lidar.points(sweep.deskewed), abs=1e-4)


def test_the_ellipsoids_degrees_are_those_of_the_receiver(kitti_drive: Path, tmp_path: Path):
    """Antenna and unit are 0.67 m apart in height; an RTK fix is good to centimetres."""
    export(kitti_drive, "kitti", tmp_path / "raw", {"layout": "raw", "earth": "wgs84"})
    read = pykitti.raw(str(tmp_path / "raw"), "2000_01_01", "0001")
    for packet, frame in zip(read.oxts, Dataset(kitti_drive).frames(0), strict=True):
        lat, lon, alt = frame.readings["oxts_gnss"].arrays["geodetic"][-1]
        assert packet.packet.lat == pytest.approx(lat, abs=2e-6)
        assert packet.packet.lon == pytest.approx(lon, abs=2e-6)
        assert packet.packet.alt == pytest.approx(alt - 0.67, abs=0.2)


def test_a_measured_position_is_the_fixs_less_the_lever(kitti_drive: Path, tmp_path: Path):
    for oxts in ("true", "measured"):
        export(kitti_drive, "kitti", tmp_path / oxts, {"layout": "raw", "oxts": oxts, "earth": "wgs84"})
    true, measured = (pykitti.raw(str(tmp_path / o), "2000_01_01", "0001").oxts for o in ("true", "measured"))
    for one, other in zip(true, measured, strict=True):
        assert one.packet.lat != other.packet.lat
        assert other.packet.lat == pytest.approx(one.packet.lat, abs=1e-6)
        assert other.packet.alt == pytest.approx(one.packet.alt, abs=0.2)
        assert other.packet[3:6] == one.packet[3:6]


def test_time_stamps_have_nine_decimals(surround: Path, tmp_path: Path):
    out = export(surround, "kitti", tmp_path / "raw", {"layout": "raw"}).out
    folder = out / "2000_01_02/2000_01_02_drive_0001_sync"
    sweep = Dataset(surround).frame(1, 0).lidars["LIDAR_TOP"]
    begun = (folder / "velodyne_points/timestamps_start.txt").read_text().splitlines()[0]
    assert begun == f"2000-01-02 12:00:0{sweep.times_ns.min() / 1e9:.9f}"
    assert (
        (folder / "velodyne_points/timestamps.txt").read_text().startswith("2000-01-02 12:00:01.000000000\n")
    )


def test_one_camera_and_one_lidar_are_enough(table: Path, tmp_path: Path):
    """A table is no road, but it has a camera and a LiDAR fixed in one world."""
    out = export(table, "kitti", tmp_path / "out", {"others": "Misc", "cameras": "2=front"}).out
    told = [eyes.things(p.read_text(), False) for p in sorted((out / "training/label_2").iterdir())]
    assert {t.kind for frame in told for t in frame} == {"Misc"}
    frames = (out / "ImageSets/train.txt").read_text().split()
    assert [f"{n}.txt" for n in frames] == sorted(p.name for p in (out / "training/label_2").iterdir())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cameras": "2=CAM_FORNT"}, 'no camera "CAM_FORNT". Did you mean "CAM_FRONT"'),
        ({"cameras": "3=CAM_FRONT"}, "leaves out image_2"),
        ({"cameras": "4=CAM_FRONT"}, "image_0 to image_3 once"),
        ({"cameras": "0=CAM_BACK,2=CAM_FRONT"}, "do not look the same way"),
        ({"lidar": "LIDAR"}, 'no LiDAR "LIDAR". Did you mean "LIDAR_TOP"'),
        ({"others": "a thing"}, "a type is one word"),
        ({"layout": "raws"}, 'Did you mean "raw"'),
    ],
)
def test_what_does_not_fit_is_said_in_a_line(
    options: dict[str, str], said: str, surround: Path, tmp_path: Path
):
    with pytest.raises(ExportError) as error:
        export(surround, "kitti", tmp_path / "out", options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


def test_raw_without_an_inertial_unit_is_refused(table: Path, tmp_path: Path):
    with pytest.raises(ExportError, match="needs an imu and a gnss"):
        export(table, "kitti", tmp_path / "out", {"layout": "raw", "cameras": "2=front"})
    assert not (tmp_path / "out").exists()
