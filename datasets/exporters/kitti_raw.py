"""The raw data, synchronized and rectified: a day of its own for every scene, since a day has one calibration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from pairforge.datasets.exporters.kitti_drive import Drive, text
from pairforge.datasets.exporters.kitti_oxts import FORMAT
from pairforge.datasets.exporters.kitti_text import raw_calibrations
from pairforge.datasets.exporters.kitti_tracklets import Tracklets
from pairforge.datasets.exporters.protocol import Part
from pairforge.datasets.exporters.target import Target

FIRST_DAY = date(2000, 1, 1)
"""Nominal: of the first scene of a dataset. The clock starts at noon."""


def write(drive: Drive, target: Target) -> Part:
    """The files of one drive and its day."""
    day = f"{FIRST_DAY + timedelta(days=drive.number):%Y_%m_%d}"
    folder = f"{day}/{day}_drive_0001_sync"
    times: dict[str, str] = {}
    unit = drive.unit()
    tracklets = Tracklets(drive.rig, drive.record, drive.options["others"], drive.options["tilt"] == "yes")

    def stamp(name: str, time_ns: int) -> None:
        times[name] = times.get(name, "") + f"{clock(drive.number, time_ns)}\n"

    for frame, members in drive.frames():
        file = f"data/{frame.frame_index:010d}"
        for number, png in drive.pictures(frame, members):
            target.write(f"{folder}/image_{number:02d}/{file}.png", png)
            stamp(
                f"image_{number:02d}/timestamps.txt", frame.cameras[drive.rig.cameras[number].sensor].time_ns
            )
        sweep = frame.lidars[drive.rig.lidar["sensor"]]
        target.write(f"{folder}/velodyne_points/{file}.bin", drive.scan(frame))
        stamp("velodyne_points/timestamps.txt", sweep.time_ns)
        stamp("velodyne_points/timestamps_start.txt", min(map(int, sweep.times_ns), default=sweep.time_ns))
        stamp("velodyne_points/timestamps_end.txt", sweep.time_ns)
        text(target, f"{folder}/oxts/{file}.txt", unit.packet(frame))
        stamp("oxts/timestamps.txt", frame.time_ns)
        tracklets.add(frame)
    for name, content in {
        **times,
        "oxts/dataformat.txt": FORMAT,
        "tracklet_labels.xml": tracklets.xml(),
    }.items():
        text(target, f"{folder}/{name}", content)
    for name, content in raw_calibrations(drive.rig).items():
        text(target, f"{day}/{name}", content)
    return {}


def finish(parts: Iterator[Part], target: Target) -> None:
    """Nothing joins the drives."""


def clock(number: int, time_ns: int) -> str:
    """A time stamp of a scene's day, with nine decimals."""
    seconds, rest = divmod(time_ns, 1_000_000_000)
    noon = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 12) + timedelta(
        days=number, seconds=seconds
    )
    return f"{noon:%Y-%m-%d %H:%M:%S}.{rest:09d}"
