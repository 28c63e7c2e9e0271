"""Every registered sensor model keeps the promises of the protocol."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.seeding import Stream
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.protocol import SENSORS, SensorModel
from pairforge.sensors.ray_engine import RayEngine
from tests.worlds import Thing, box_shape, camera, gliding_timeline, lidar, make_world, small_things

AT_NS = 500_000_000
STREAM = Stream(5, "protocol")


def examples(kind: str, mount: str | None) -> ConcreteSensor:
    """One small sensor of each kind; a new kind adds its own here."""
    return {"camera": camera(mount=mount), "lidar": lidar(mount=mount, range_noise_m=0.02, dropout=0.1)}[kind]


@pytest.mark.parametrize("mount", [None, "cart"])
@pytest.mark.parametrize("kind", SENSORS.names())
def test_a_model_keeps_its_promises(kind: str, mount: str | None) -> None:
    cart = Thing("cart", box_shape(0.4, "grey"), (0.0, -3.0, 0.0), motion="dynamic")
    world = make_world([*small_things(), cart])
    timeline, sensor = gliding_timeline(world), examples(kind, mount)
    model: SensorModel = SENSORS.load(kind)
    first, second = (model.sense(RayEngine(world), timeline, sensor, AT_NS, STREAM) for _ in range(2))
    assert model.kind == sensor.kind == kind
    assert isinstance(first, model.gives)
    assert (first.sensor, first.time_ns) == (sensor.name, AT_NS)
    want = world_from_sensor(world, timeline, sensor, AT_NS)
    np.testing.assert_array_equal(model.pose_of(first).matrix, want.matrix)
    assert first.instance.dtype == first.part.dtype == np.uint16
    np.testing.assert_array_equal(world.instance_of_part[first.part], first.instance)
    np.testing.assert_array_equal(world.semantic_of_part[first.part], first.semantic)
    for f in fields(first):
        a, b = getattr(first, f.name), getattr(second, f.name)
        if isinstance(a, np.ndarray):
            assert a.tobytes() == b.tobytes(), f.name


def test_an_unknown_sensor_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(SpecError, match='Did you mean "lidar"'):
        SENSORS.load("lider")
