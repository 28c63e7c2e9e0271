"""The odometry benchmark: pictures, scans and times of a sequence, and the poses of rectified camera 0."""

from __future__ import annotations

from collections.abc import Iterator

from pairforge.datasets.exporters.kitti_drive import Drive, text
from pairforge.datasets.exporters.kitti_text import numbers, odometry_calibration, top
from pairforge.datasets.exporters.protocol import Part
from pairforge.datasets.exporters.target import Target
from pairforge.frames import Pose


def write(drive: Drive, target: Target) -> Part:
    """The files of one sequence. No file has an empty line: readers make a frame of it."""
    folder, poses, times = f"sequences/{drive.number:02d}", [], []
    first: tuple[Pose, int] | None = None
    for frame, members in drive.frames():
        for number, png in drive.pictures(frame, members):
            target.write(f"{folder}/image_{number}/{frame.frame_index:06d}.png", png)
        target.write(f"{folder}/velodyne/{frame.frame_index:06d}.bin", drive.scan(frame))
        first = first or (drive.world_from_rect(frame).inverse, frame.time_ns)
        poses.append(numbers(top(first[0] @ drive.world_from_rect(frame))) + "\n")
        times.append(f"{(frame.time_ns - first[1]) * 1e-9:.9e}\n")
    text(target, f"{folder}/calib.txt", odometry_calibration(drive.rig))
    text(target, f"{folder}/times.txt", "".join(times))
    text(target, f"poses/{drive.number:02d}.txt", "".join(poses))
    return {}


def finish(parts: Iterator[Part], target: Target) -> None:
    """Nothing joins the sequences."""
