"""Every registered sensor model keeps the promises of the protocol."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from pairforge.datasets.codec import encode
from pairforge.errors import SpecError
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.sample import CameraFrame, LidarFrame, Reading
from pairforge.scenes.aim import settings_of
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.draws import Draws
from pairforge.seeding import Stream
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.protocol import SENSORS, Sensing, SensorModel
from pairforge.sensors.ray_engine import RayEngine
from tests.worlds import (
    Thing,
    box_shape,
    camera,
    gliding_timeline,
    lidar,
    make_concrete,
    make_world,
    small_things,
)

AT_NS, SINCE_NS = 500_000_000, 250_000_000
POSES = {CameraFrame: "world_from_camera", LidarFrame: "world_from_lidar", Reading: "world_from_sensor"}


def example(model: SensorModel, mount: str | None) -> ConcreteSensor:
    """A sensor of a kind: as small as it comes for cameras and LiDARs, else what its spec's defaults say."""
    if model.spec is None:
        return {"camera": camera(mount=mount), "lidar": lidar(mount=mount, range_noise_m=0.02)}[model.kind]
    spec: Any = model.spec(name="example", mount=mount)
    settings = settings_of(spec, Draws(Stream(3)))
    return ConcreteSensor("example", model.kind, mount, (0.1, 0.0, 1.2), (1.0, 0.0, 0.0, 0.0), settings)


def arrays(frame: Any) -> dict[str, Any]:
    if isinstance(frame, Reading):
        return dict(frame.arrays)
    own = {f.name: getattr(frame, f.name) for f in fields(frame)}
    return {n: a for n, a in own.items() if isinstance(a, np.ndarray)} | dict(frame.extra)


@pytest.mark.parametrize("mount", [None, "cart"])
@pytest.mark.parametrize("kind", SENSORS.names())
def test_a_model_keeps_its_promises(kind: str, mount: str | None) -> None:
    cart = Thing("cart", box_shape(0.4, "grey"), (0.0, -3.0, 0.0), motion="dynamic")
    world = make_world([*small_things(), cart])
    model: SensorModel = SENSORS.load(kind)
    timeline, sensor = gliding_timeline(world), example(model, mount)
    concrete = make_concrete(small_things(), sensors=(sensor,))
    streams = (Stream(5, "protocol"), Stream(5, "whole"))
    asked = Sensing(RayEngine(world), timeline, concrete, sensor, AT_NS, SINCE_NS, *streams)
    if model.views is not None:
        renderer = RaycastRenderer()
        renderer.open(world, "draft")
        asked = replace(asked, pictures=tuple(renderer.render(v) for v in model.views(asked)))
    first, second = model.sense(asked), model.sense(asked)
    assert model.kind == sensor.kind == kind
    assert isinstance(first, model.gives)
    assert (first.sensor, first.time_ns) == (sensor.name, AT_NS)
    want = world_from_sensor(world, timeline, sensor, AT_NS)
    np.testing.assert_array_equal(getattr(first, POSES[model.gives]).matrix, want.matrix)
    made, again = arrays(first), arrays(second)
    assert {n: a.tobytes() for n, a in made.items()} == {n: a.tobytes() for n, a in again.items()}
    if "part" in made:
        assert made["instance"].dtype == made["part"].dtype == np.uint16
        np.testing.assert_array_equal(world.instance_of_part[made["part"]], made["instance"])
        np.testing.assert_array_equal(world.semantic_of_part[made["part"]], made["semantic"])
    if isinstance(first, Reading):
        assert first.kind == kind
        assert {s.name for s in model.arrays if not s.optional} <= set(made) <= {s.name for s in model.arrays}
        for spec in model.arrays:
            assert spec.name not in made or encode(spec, made[spec.name], spec.name)
    if "times_ns" in made:
        assert (np.diff(made["times_ns"]) >= 0).all()
        assert made["times_ns"].size == 0 or made["times_ns"].max() <= AT_NS


def test_an_unknown_sensor_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(SpecError, match='Did you mean "lidar"'):
        SENSORS.load("lider")
