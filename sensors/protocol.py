"""What every sensor model does, and which there are: a new sensor is one file and one row here.

A model turns a moving world into one frame of a keyframe. Its rays come from the one ray engine, its pose from
``mount``, its randomness from the streams it is given; it knows nothing of files, renderers or words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.frames import I64
from pairforge.registry import Registry
from pairforge.renderers.protocol import View
from pairforge.scenes.concrete import ConcreteScene, ConcreteSensor
from pairforge.scenes.spec import Sensor
from pairforge.seeding import Stream
from pairforge.sensors.timeline import Timeline

if TYPE_CHECKING:  # Open3D is slow to import, and whoever only reads or writes a spec does without
    from pairforge.sensors.ray_engine import RayEngine


@dataclass(frozen=True, eq=False)
class Sensing:
    """What a model is asked for: the frame of ``sensor`` at ``time_ns``.

    ``since_ns``: the keyframe before (for the first, one keyframe period back, or the clock's start): a sensor that
    is faster than the keyframes gives its samples in (since_ns, time_ns]. ``stream`` is this sensor's at this
    keyframe; ``scene_stream`` is the same at every keyframe, for what goes on from one to the next, such as a bias:
    frames are made in any order, or alone, so draw such a process whole and take the part that is asked for.
    ``pictures``: what the renderer shows in the model's ``views``, each (H, W, 3) uint8 sRGB; none while it is asked
    for those.
    """

    engine: RayEngine
    timeline: Timeline
    concrete: ConcreteScene
    sensor: ConcreteSensor
    time_ns: int
    since_ns: int
    stream: Stream
    scene_stream: Stream
    pictures: tuple[NDArray[np.uint8], ...] = ()

    def sample_times_ns(self, rate_hz: float) -> I64:
        """(N,) the time stamps in (since_ns, time_ns] of a sensor that samples ``rate_hz`` times a second from the
        clock's start on: round(k 1e9 / rate_hz)."""
        first, last = (int(np.floor(t * rate_hz / 1e9)) for t in (self.since_ns, self.time_ns))
        k = np.arange(max(first - 1, 0), last + 2, dtype=np.float64)
        times: I64 = np.rint(k * (1e9 / rate_hz)).astype(np.int64)
        within: I64 = times[(times > self.since_ns) & (times <= self.time_ns)]
        return within


Sense = Callable[[Sensing], Any]
"""Same question, same bytes."""


@dataclass(frozen=True)
class SensorModel:
    """One kind of sensor. ``kind`` is ``ConcreteSensor.kind``; ``sense`` makes a frame, of class ``gives``, which
    has at least ``sensor``, ``time_ns`` and the sensor's pose in the world at that time.

    Cameras and LiDARs have frames of their own; all others give a ``sample.Reading`` that holds the ``arrays``
    declared here. ``views``: the pictures that a model needs to make its frame; it is then asked twice, first for the
    views, then with their ``pictures`` for the frame. ``spec``: what a scene author writes. ``about``: one line for
    ``pairforge list sensors``.
    """

    kind: str
    gives: type
    sense: Sense
    arrays: tuple[ArraySpec, ...] = ()
    spec: type[Sensor] | None = None
    about: str = ""
    views: Callable[[Sensing], tuple[View, ...]] | None = None


SENSORS = Registry(
    "sensor",
    {
        "camera": "pairforge.sensors.labels:CAMERA",
        "can_bus": "pairforge.sensors.can_bus:CAN_BUS",
        "contact": "pairforge.sensors.contact:CONTACT",
        "depth_camera": "pairforge.sensors.depth_camera:DEPTH_CAMERA",
        "ego_state": "pairforge.sensors.ego_state:EGO_STATE",
        "event_camera": "pairforge.sensors.event_camera:EVENT_CAMERA",
        "force_torque": "pairforge.sensors.force_torque:FORCE_TORQUE",
        "gnss": "pairforge.sensors.gnss:GNSS",
        "imu": "pairforge.sensors.imu:IMU",
        "joint_states": "pairforge.sensors.joint_states:JOINT_STATES",
        "lidar": "pairforge.sensors.lidar:LIDAR",
        "radar": "pairforge.sensors.radar:RADAR",
        "ultrasonic": "pairforge.sensors.ultrasonic:ULTRASONIC",
        "wheel_odometry": "pairforge.sensors.wheel_odometry:WHEEL_ODOMETRY",
    },
)
