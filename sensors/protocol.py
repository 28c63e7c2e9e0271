"""What every sensor model does, and which there are: a new sensor is one file and one row here.

A model turns a moving world into one frame of a keyframe. Its rays come from the one ray engine, its pose from
``mount``, its randomness from the stream it is given; it knows nothing of files, renderers or words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pairforge.frames import Pose
from pairforge.registry import Registry
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.seeding import Stream
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline

Sense = Callable[[RayEngine, Timeline, ConcreteSensor, int, Stream], Any]
"""(engine, timeline, sensor, time_ns, stream) -> frame. Same arguments, same bytes."""


@dataclass(frozen=True)
class SensorModel:
    """One kind of sensor. ``kind`` is ``ConcreteSensor.kind``; ``sense`` makes a frame, of class ``gives``, which
    has at least ``sensor``, ``time_ns`` and the pose named by ``pose`` (world from sensor at ``time_ns``)."""

    kind: str
    gives: type
    pose: str
    sense: Sense

    def pose_of(self, frame: Any) -> Pose:
        """The sensor's pose in the world at the frame's time stamp."""
        found: Pose = getattr(frame, self.pose)
        return found


SENSORS = Registry(
    "sensor",
    {
        "camera": "pairforge.sensors.labels:CAMERA",
        "lidar": "pairforge.sensors.lidar:LIDAR",
    },
)
