"""What a sensor is mounted on: "ego" is the body of a thing, "arm:hand" one part of it, such as a robot's link."""

from __future__ import annotations

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import Pose
from pairforge.scenes.spec import Sensor
from pairforge.scenes.stage import Stage
from pairforge.scenes.typecheck import label
from pairforge.scenes.world import Shape


def split_mount(mount: str) -> tuple[str, str]:
    """The thing and the part ("" for its body) that a mount names.

    >>> split_mount("arm:hand"), split_mount("ego")
    (('arm', 'hand'), ('ego', ''))
    """
    thing, _, part = mount.partition(":")
    return thing, part


def part_index(shape: Shape, part: str, who: str) -> int:
    """Which of the shape's parts has that name; SpecError, which begins with ``who``, when none has."""
    names = [piece.name for piece in shape.parts]
    if part not in names:
        raise SpecError(f'{who} is mounted on part "{part}", which is not there. {did_you_mean(part, names)}')
    return names.index(part)


def mount_pose(sensor: Sensor, stage: Stage) -> Pose:
    """``world_from_mount`` as its thing is posed; the world itself without a mount. SpecError for an unknown part."""
    if sensor.mount is None:
        return Pose.of()
    name, part = split_mount(sensor.mount)
    body = stage.body(name)
    if not part:
        return body.pose
    index = part_index(body.shape, part, f"{label(sensor)}, by its mount {sensor.mount!r},")
    return body.pose @ body.shape.parts[index].body_from_part
