"""KITTI's raw drives and tracking sequences: oxts, calibration, and tracklets or labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image
from scipy.spatial.transform import Rotation

from pairforge.datasets.exporters.protocol import Option
from pairforge.datasets.importers.kitti_files import (
    BoxAt,
    Thing,
    calibration,
    lines_of,
    numbers,
    stamps_ns,
    tracklets,
    tracks,
)
from pairforge.datasets.importers.protocol import LogError, LoggedActor, LoggedScene, LoggedSensor
from pairforge.errors import did_you_mean
from pairforge.frames import F64, Intrinsics, Pose, Track, wxyz

EARTH_RADIUS_M = 6378137.0
HALF_PX = 0.5
"""KITTI's first pixel has its centre at 0, ours at 0.5."""
LEAST_RATE_HZ = 5.0
ACTORS: Mapping[str, tuple[str, str]] = {
    "Car": ("car", ""),
    "Van": ("van", ""),
    "Truck": ("truck", ""),
    "Pedestrian": ("pedestrian", ""),
    "Person": ("pedestrian", ""),
    "Person_sitting": ("pedestrian", ""),
    "Person (sitting)": ("pedestrian", ""),
    "Cyclist": ("cyclist", ""),
    "Tram": ("bus", "box"),
}
"""Type -> class and shape. All else is a box."""
_CAMERAS = tuple(f"image_{n:02d}" for n in range(4))


@dataclass(frozen=True, eq=False)
class Calibration:
    """``projections`` (4): P of each camera; ``sizes``: width and height by camera, of those that are there."""

    velo_from_imu: Pose
    rect_from_velo: Pose
    projections: tuple[F64, ...]
    sizes: Mapping[str, tuple[int, int]]


class Kitti:
    """See the module."""

    name: ClassVar[str] = "kitti"
    summary: ClassVar[str] = "a drive of KITTI's raw data or a sequence of its tracking benchmark"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "imu": Option(
            "0.05,0,0.93",
            "where the OXTS unit is: metres ahead of the rear axle, left of the middle, above the ground",
        ),
        "rate_hz": Option("10", "frames a second of a tracking sequence, which has no time stamps"),
        "earth": Option(
            "mercator",
            "degrees to metres as KITTI's own tools do it, or by the ellipsoid",
            ("mercator", "wgs84"),
        ),
    }

    def scenes(self, root: Path, options: Mapping[str, str]) -> tuple[str, ...]:
        if tracking := _tracking(root):
            return tuple(sorted(p.stem for p in (tracking / "label_02").glob("*.txt")))
        drives = [p for p in sorted(root.glob("*/*_drive_*_sync")) if (p / "oxts").is_dir()]
        if not drives:
            raise LogError(
                f"{root} holds neither drives of KITTI's raw data (DATE/DATE_drive_NNNN_sync with oxts) nor its "
                "tracking benchmark (label_02). Give the folder above them."
            )
        return tuple(sorted(p.name.removesuffix("_sync") for p in drives))

    def read(self, root: Path, scene: str, options: Mapping[str, str]) -> LoggedScene:
        known = self.scenes(root, options)
        if scene not in known:
            raise LogError(f'{root} has no drive "{scene}". {did_you_mean(scene, known)}')
        imu = numbers(options["imu"].split(","), 3, f'imu "{options["imu"]}"')
        tracking = _tracking(root)
        drive = _sequence(tracking, scene, options) if tracking else _raw(root, scene, options)
        return _scene(scene, drive, Pose.of(imu))


@dataclass(frozen=True, eq=False)
class Drive:
    """What both layouts hold. ``world_from_imu`` at ``ego_ns``; ``frame_ns``: stamps of the labelled frames;
    ``velo_from_box``: the pose of a box's centre."""

    source: str
    ego_ns: tuple[int, ...]
    world_from_imu: tuple[Pose, ...]
    frame_ns: tuple[int, ...]
    calibration: Calibration
    things: tuple[Thing, ...]
    velo_from_box: Callable[[BoxAt], Pose]


def _tracking(root: Path) -> Path | None:
    return next((p for p in (root, root / "training") if (p / "label_02").is_dir()), None)


def _raw(root: Path, scene: str, options: Mapping[str, str]) -> Drive:
    day = root / scene[:10]
    folder = day / f"{scene}_sync"
    packets = [lines_of(p)[0] for p in sorted((folder / "oxts/data").glob("*.txt"))]
    stamps = stamps_ns(folder / "oxts/timestamps.txt")
    if len(packets) != len(stamps):
        raise LogError(f"{folder}/oxts has {len(packets)} packets and {len(stamps)} time stamps.")
    labels = folder / "tracklet_labels.xml"
    return Drive(
        "KITTI raw",
        tuple(stamps),
        _poses(packets, options["earth"], str(folder / "oxts")),
        tuple(stamps_ns(folder / "velodyne_points/timestamps.txt")),
        _raw_calibration(day, folder),
        tuple(tracklets(labels) if labels.is_file() else ()),
        _of_tracklet,
    )


def _sequence(folder: Path, scene: str, options: Mapping[str, str]) -> Drive:
    file = folder / "oxts" / f"{scene}.txt"
    poses = _poses(lines_of(file), options["earth"], str(file))
    period = 1e9 / float(numbers([options["rate_hz"]], 1, f'rate_hz "{options["rate_hz"]}"')[0])
    stamps = tuple(round(k * period) for k in range(len(poses)))
    found = _sequence_calibration(folder, scene)
    velo_from_rect = found.rect_from_velo.inverse
    return Drive(
        "KITTI tracking",
        stamps,
        poses,
        stamps,
        found,
        tuple(tracks(folder / "label_02" / f"{scene}.txt")),
        lambda box: velo_from_rect @ _of_label(box),
    )


def _of_tracklet(box: BoxAt) -> Pose:
    turned = Rotation.from_euler("ZYX", box.angles[::-1])
    return Pose(box.xyz + np.array([0.0, 0.0, box.size_m[2] / 2.0]), wxyz(turned))


def _of_label(box: BoxAt) -> Pose:
    """In rectified camera 0: x along the length, z up against the camera's y."""
    c, s = np.cos(box.angles[1]), np.sin(box.angles[1])
    matrix = np.eye(4)
    matrix[:3, :3] = np.array([[c, s, 0.0], [0.0, 0.0, -1.0], [-s, c, 0.0]])
    matrix[:3, 3] = box.xyz - np.array([0.0, box.size_m[2] / 2.0, 0.0])
    return Pose.from_matrix(matrix)


def _poses(packets: list[str], earth: str, where: str) -> tuple[Pose, ...]:
    """The unit's poses, east, north, up of its first; angles as Rz(yaw) Ry(pitch) Rx(roll)."""
    rows = [numbers(line.split(), 30, f"{where}: packet {k}") for k, line in enumerate(packets)]
    if len(rows) < 2:
        raise LogError(f"{where} has {len(rows)} packets; a drive needs two.")
    at = np.array([row[:6] for row in rows])
    xyz = _mercator(at) if earth == "mercator" else _ellipsoid(at)
    return tuple(
        Pose(p, wxyz(Rotation.from_euler("ZYX", a[[5, 4, 3]]))) for p, a in zip(xyz, at, strict=True)
    )


def _mercator(at: F64) -> F64:
    """As the raw data's development kit: a sphere's, scaled by the cosine of the first latitude."""
    scale = np.cos(np.radians(at[0, 0])) * EARTH_RADIUS_M
    north = np.log(np.tan(np.radians(90.0 + at[:, 0]) / 2.0))
    xyz = np.column_stack([scale * np.radians(at[:, 1]), scale * north, at[:, 2]])
    return np.asarray(xyz - xyz[0])


def _ellipsoid(at: F64) -> F64:
    import pymap3d

    return np.column_stack(pymap3d.geodetic2enu(*at[:, :3].T, *at[0, :3]))


def _rigid(path: Path) -> Pose:
    found = calibration(path, {"R": 9, "T": 3})
    return _pose(np.column_stack([found["R"].reshape(3, 3), found["T"]]))


def _pose(top: F64) -> Pose:
    return Pose.from_matrix(np.vstack([top, [0.0, 0.0, 0.0, 1.0]]))


def _turned(rectification: F64, pose: Pose) -> Pose:
    return _pose(rectification.reshape(3, 3) @ pose.matrix[:3])


def _raw_calibration(day: Path, folder: Path) -> Calibration:
    names = {f"{n}_{k:02d}": c for k in range(4) for n, c in (("S_rect", 2), ("P_rect", 12), ("R_rect", 9))}
    found = calibration(day / "calib_cam_to_cam.txt", names)
    return Calibration(
        velo_from_imu=_rigid(day / "calib_imu_to_velo.txt"),
        rect_from_velo=_turned(found["R_rect_00"], _rigid(day / "calib_velo_to_cam.txt")),
        projections=tuple(found[f"P_rect_{k:02d}"].reshape(3, 4) for k in range(4)),
        sizes={
            name: (int(found[f"S_rect_{k:02d}"][0]), int(found[f"S_rect_{k:02d}"][1]))
            for k, name in enumerate(_CAMERAS)
            if (folder / name).is_dir()
        },
    )


def _sequence_calibration(folder: Path, scene: str) -> Calibration:
    names = {**{f"P{k}": 12 for k in range(4)}, "R_rect": 9, "Tr_velo_cam": 12, "Tr_imu_velo": 12}
    found = calibration(folder / "calib" / f"{scene}.txt", names)
    return Calibration(
        velo_from_imu=_pose(found["Tr_imu_velo"].reshape(3, 4)),
        rect_from_velo=_turned(found["R_rect"], _pose(found["Tr_velo_cam"].reshape(3, 4))),
        projections=tuple(found[f"P{k}"].reshape(3, 4) for k in range(4)),
        sizes={name: _size(folder / name / scene) for name in _CAMERAS if (folder / name / scene).is_dir()},
    )


def _size(folder: Path) -> tuple[int, int]:
    """Width and height of the first picture."""
    for path in sorted(folder.glob("*.png"))[:1]:
        try:
            with Image.open(path) as picture:
                return picture.size
        except OSError:
            raise LogError(f"{path} is no picture. The file is damaged.") from None
    raise LogError(f"{folder} has no pictures, and nothing else tells their size.")


def _scene(name: str, drive: Drive, ego_from_imu: Pose) -> LoggedScene:
    """The world's axes are east, north, up, its origin the ground under the first ego."""
    start = min(drive.ego_ns[0], drive.frame_ns[0])
    egos = [pose @ ego_from_imu.inverse for pose in drive.world_from_imu]
    origin = egos[0].position_m
    egos = [Pose(p.position_m - origin, p.quaternion_wxyz) for p in egos]
    times = np.array([t - start for t in drive.ego_ns], dtype=np.int64)
    track = Track(times, np.array([p.position_m for p in egos]), np.array([p.quaternion_wxyz for p in egos]))
    ego_from_velo = ego_from_imu @ drive.calibration.velo_from_imu.inverse
    frames = [t - start for t in drive.frame_ns]
    # Sensors of one frame are stamped milliseconds apart: the first may be before the first packet.
    world_from_velo = [track.at(int(np.clip(t, times[0], times[-1]))) @ ego_from_velo for t in frames]
    return LoggedScene(
        name=name,
        source=drive.source,
        start_ns=start,
        origin_m=(float(origin[0]), float(origin[1]), float(origin[2])),
        ego_times_ns=tuple(int(t) for t in times),
        world_from_ego=tuple(egos),
        keyframe_times_ns=tuple(frames),
        sensors=_sensors(drive.calibration, ego_from_imu, ego_from_velo, frames),
        actors=tuple(_actor(t, drive, frames, world_from_velo) for t in drive.things if t.boxes),
    )


def _actor(thing: Thing, drive: Drive, frames: list[int], world_from_velo: list[Pose]) -> LoggedActor:
    last = max(box.frame for box in thing.boxes)
    if min(box.frame for box in thing.boxes) < 0 or last >= len(frames):
        raise LogError(f"{thing.name} is labelled in frame {last}, and there are {len(frames)} frames.")
    semantic, shape = ACTORS.get(thing.kind, ("object", "box"))
    sizes = np.array([box.size_m for box in thing.boxes]).max(axis=0)
    return LoggedActor(
        name=thing.name,
        category=thing.kind,
        semantic=semantic,
        size_m=(float(sizes[0]), float(sizes[1]), float(sizes[2])),
        times_ns=tuple(frames[box.frame] for box in thing.boxes),
        world_from_box=tuple(world_from_velo[b.frame] @ drive.velo_from_box(b) for b in thing.boxes),
        shape=shape,
    )


def _sensors(
    found: Calibration, ego_from_imu: Pose, ego_from_velo: Pose, frames: list[int]
) -> tuple[LoggedSensor, ...]:
    gap_s = float(np.median(np.diff(frames))) * 1e-9 if len(frames) > 1 else np.inf
    rate = round(1.0 / gap_s, 3) if 1.0 / gap_s >= LEAST_RATE_HZ else None
    cameras = [
        _camera(
            name, found.projections[k], found.sizes[name], ego_from_velo @ found.rect_from_velo.inverse, rate
        )
        for k, name in enumerate(_CAMERAS)
        if name in found.sizes
    ]
    return (
        *cameras,
        LoggedSensor("velodyne", "lidar", ego_from_velo, None, rate, "velodyne_hdl_64e"),
        LoggedSensor("oxts_imu", "imu", ego_from_imu),
        LoggedSensor("oxts_gnss", "gnss", ego_from_imu),
    )


def _camera(
    name: str, p: F64, size: tuple[int, int], ego_from_rect: Pose, rate: float | None
) -> LoggedSensor:
    offset = -np.linalg.solve(p[:, :3], p[:, 3])
    fx, fy, cx, cy = (float(v) for v in (p[0, 0], p[1, 1], p[0, 2] + HALF_PX, p[1, 2] + HALF_PX))
    return LoggedSensor(
        name, "camera", ego_from_rect @ Pose.of(offset), Intrinsics(*size, fx, fy, cx, cy), rate
    )
