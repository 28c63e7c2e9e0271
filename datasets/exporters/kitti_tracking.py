"""The tracking benchmark: a folder of frames and one file of labels, calibration and oxts a sequence."""

from __future__ import annotations

from collections.abc import Iterator

from pairforge.datasets.exporters.kitti_drive import Drive, text
from pairforge.datasets.exporters.kitti_labels import labels, tracking_line
from pairforge.datasets.exporters.kitti_text import tracking_calibration
from pairforge.datasets.exporters.protocol import Part
from pairforge.datasets.exporters.target import Target

_SEQMAP = "evaluate_tracking.seqmap"


def write(drive: Drive, target: Target) -> Part:
    """The files of one sequence; oxts where there are an inertial unit and a receiver."""
    name, unit, told, packets = f"{drive.number:04d}", drive.unit(), "", ""
    for frame, members in drive.frames():
        file = f"{name}/{frame.frame_index:06d}"
        for number, png in drive.pictures(frame, members):
            target.write(f"{drive.folder}/image_{number:02d}/{file}.png", png)
        target.write(f"{drive.folder}/velodyne/{file}.bin", drive.scan(frame))
        for label in labels(frame, drive.record, drive.rig, drive.options["others"]):
            told += tracking_line(frame.frame_index, label) + "\n"
        packets += unit.packet(frame) if unit.aboard else ""
    text(target, f"{drive.folder}/label_02/{name}.txt", told)
    text(target, f"{drive.folder}/calib/{name}.txt", tracking_calibration(drive.rig))
    if packets:
        text(target, f"{drive.folder}/oxts/{name}.txt", packets)
    return {"name": name, "folder": drive.folder, "frames": drive.dataset.scene(drive.scene_index).frames}


def finish(parts: Iterator[Part], target: Target) -> None:
    """The evaluation's list of sequences and their lengths, one a folder."""
    with (
        target.file(f"training/{_SEQMAP}.training") as training,
        target.file(f"testing/{_SEQMAP}.testing") as testing,
    ):
        paths = {"training": training, "testing": testing}
        for path in paths.values():
            path.touch()
        for part in parts:
            with paths[part["folder"]].open("a") as file:
                file.write(f"{part['name']} empty 000000 {part['frames']:06d}\n")
