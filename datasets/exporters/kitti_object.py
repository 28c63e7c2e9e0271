"""The object benchmark: one frame of six digits each, numbered through all scenes, and lists of frames by split."""

from __future__ import annotations

from collections.abc import Iterator

from pairforge.datasets.exporters.kitti_drive import Drive, text
from pairforge.datasets.exporters.kitti_labels import labels, object_line
from pairforge.datasets.exporters.kitti_text import object_calibration
from pairforge.datasets.exporters.protocol import Part
from pairforge.datasets.exporters.target import Target

SETS = {
    "": ("train", "trainval"),
    "train": ("train", "trainval"),
    "val": ("val", "trainval"),
    "test": ("test",),
}
"""Part of a split -> lists it stands in. Scenes of no split are for training."""


def write(drive: Drive, target: Target) -> Part:
    """The files of a scene's frames."""
    names = []
    for frame, members in drive.frames():
        name = f"{drive.first_frame + frame.frame_index:06d}"
        for number, png in drive.pictures(frame, members):
            target.write(f"{drive.folder}/image_{number}/{name}.png", png)
        target.write(f"{drive.folder}/velodyne/{name}.bin", drive.scan(frame))
        text(target, f"{drive.folder}/calib/{name}.txt", object_calibration(drive.rig))
        lines = [
            object_line(x) + "\n" for x in labels(frame, drive.record, drive.rig, drive.options["others"])
        ]
        text(target, f"{drive.folder}/label_2/{name}.txt", "".join(lines))
        names.append(name)
    return {"frames": names, "lists": SETS.get(drive.part, SETS[""])}


def finish(parts: Iterator[Part], target: Target) -> None:
    """ImageSets, a line a frame."""
    with (
        target.file("ImageSets/train.txt") as train,
        target.file("ImageSets/val.txt") as val,
        target.file("ImageSets/trainval.txt") as trainval,
        target.file("ImageSets/test.txt") as test,
    ):
        paths = {"train": train, "val": val, "trainval": trainval, "test": test}
        for path in paths.values():
            path.touch()
        for part in parts:
            for name in part["lists"]:
                with paths[name].open("a") as file:
                    file.writelines(f"{frame}\n" for frame in part["frames"])
