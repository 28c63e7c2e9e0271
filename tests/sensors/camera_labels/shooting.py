"""Cameras and questions for tests of camera labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pairforge.sample import CameraFrame
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.labels import CAMERA
from pairforge.sensors.protocol import Sensing
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from tests.sensors.test_labels import AT_NS, level_camera
from tests.worlds import gliding_timeline, make_concrete


def asking(*labels: str, **pose: Any) -> ConcreteSensor:
    """A level camera, 64 x 36, that asks for labels."""
    return with_labels_asked(level_camera(**pose), *labels)


def with_labels_asked(sensor: ConcreteSensor, *labels: str) -> ConcreteSensor:
    return replace(sensor, settings={**sensor.settings, "labels": list(labels)})


def shoot(
    world: World,
    sensor: ConcreteSensor,
    timeline: Timeline | None = None,
    time_ns: int = AT_NS,
    keyframes: tuple[float, float, float] = (0.2, 5.0, 1.0),
) -> CameraFrame:
    """The camera's frame; ``keyframes``: warm-up in seconds, rate, duration in seconds."""
    warm_up_s, rate_hz, duration_s = keyframes
    concrete = make_concrete(
        (), (), (sensor,), duration_s=duration_s, keyframe_rate_hz=rate_hz, warm_up_s=warm_up_s
    )
    streams: Sequence[Stream] = (Stream(5, "frame"), Stream(5, "whole"))
    timeline = timeline or gliding_timeline(world)
    asked = Sensing(RayEngine(world), timeline, concrete, sensor, time_ns, 0, *streams)
    frame: CameraFrame = CAMERA.sense(asked)
    return frame
