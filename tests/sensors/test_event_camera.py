"""The event camera as a whole: pictures in, events out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import Sky
from pairforge.seeding import Stream
from pairforge.sensors import event_motion
from pairforge.sensors.event_camera import EventCamera, rendered_times_ns, sense, views
from pairforge.sensors.protocol import Sensing
from pairforge.sensors.ray_engine import RayEngine
from tests.worlds import FLOOR, Thing, box_shape, camera, gliding_timeline, make_concrete, make_world

QUIET = {"leak_hz": 0.0, "shot_hz": 0.0, "hot_share": 0.0, "threshold_sigma": 0.0, "refractory_s": 0.0}
AT_NS, SINCE_NS = 500_000_000, 250_000_000


def event_camera(width_px: int, height_px: int, **settings: Any) -> ConcreteSensor:
    aimed = camera(width_px=width_px, height_px=height_px)
    spec = EventCamera(name="events", look_at=(0.0, 0.0, 0.0))
    own = {name: getattr(spec, name) for name in EventCamera.BOUNDS if name not in ("width_px", "height_px")}
    return replace(aimed, name="events", kind="event_camera", settings={**aimed.settings, **own, **settings})


def asked(sensor: ConcreteSensor, speed_mps: float = 0.0) -> Sensing:
    """A plate passes the middle of the picture at ``AT_NS``."""
    start_m = -speed_mps * AT_NS * 1e-9
    plate = Thing("plate", box_shape(0.8, "blue"), (3.0, start_m, 0.0), colour="blue", motion="dynamic")
    world = make_world([FLOOR, plate], sky=Sky(sun_strength=0.0, cloudiness=1.0))
    timeline = gliding_timeline(world, (0.0, speed_mps, 0.0))
    concrete = make_concrete([FLOOR, plate], sensors=(sensor,))
    streams = Stream(5, "events"), Stream(5, "scene")
    return Sensing(RayEngine(world), timeline, concrete, sensor, AT_NS, SINCE_NS, *streams)


def grey(linear: float, height_px: int, width_px: int) -> np.ndarray:
    """A picture of one luminance, by the sRGB curve written out."""
    value = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return np.full((height_px, width_px, 3), round(value * 255), np.uint8)


def test_a_picture_that_brightens_fires_every_pixel_as_often_as_the_logarithm_has_thresholds() -> None:
    sensor = event_camera(16, 9, **QUIET, threshold_on=0.3, dark_level=0.001)
    at = asked(sensor)
    times = rendered_times_ns(at)
    assert times.tolist() == [450_000_000 + 10_000_000 * k for k in range(6)]
    levels = np.geomspace(0.1, 0.8, 6)
    made = sense(replace(at, pictures=tuple(grey(v, 9, 16) for v in levels))).arrays
    # ln 8 = 2.079 holds six thresholds of 0.3.
    counts = np.zeros((9, 16), int)
    np.add.at(counts, (made["y"], made["x"]), 1)
    assert (counts == 6).all()
    assert (made["polarity"] == 1).all()
    rate = np.log(8.0) / 50e6  # of the logarithm, per nanosecond
    due = 450e6 + 0.3 * np.arange(1, 7) / rate
    np.testing.assert_allclose(
        np.unique(made["times_ns"]), due, atol=0.4e6
    )  # 8 bits move a level by half a step


def test_nothing_moves_nothing_fires_but_noise() -> None:
    sensor = event_camera(32, 18, **QUIET)
    at = asked(sensor)
    renderer = RaycastRenderer()
    renderer.open(at.engine.world, "draft")
    pictures = tuple(renderer.render(v) for v in views(at))
    assert len(sense(replace(at, pictures=pictures)).arrays["times_ns"]) == 0
    loud = replace(sensor, settings={**sensor.settings, "hot_share": 0.1, "hot_hz": 500.0})
    noisy = sense(replace(at, sensor=loud, pictures=pictures)).arrays
    later = sense(replace(at, sensor=loud, pictures=pictures, stream=Stream(6, "later"))).arrays
    assert set(noisy["kind"].tolist()) == {3}
    pixels = [set(zip(a["x"].tolist(), a["y"].tolist(), strict=True)) for a in (noisy, later)]
    assert pixels[0] == pixels[1], "hot pixels are the same ones all through a scene"
    assert len(pixels[0]) == pytest.approx(0.1 * 32 * 18, abs=25)


def test_events_of_a_moving_thing_are_its_own_and_along_its_motion_better_than_blended() -> None:
    sensor = event_camera(64, 36, **QUIET, rendered_hz=40.0, window_s=0.05)
    at = asked(sensor, speed_mps=8.0)
    renderer = RaycastRenderer()
    renderer.open(at.engine.world, "high")

    def made(rendered_hz: float) -> dict[str, Any]:
        one = replace(sensor, settings={**sensor.settings, "rendered_hz": rendered_hz})
        question = replace(at, sensor=one)
        pictures = tuple(renderer.render(v) for v in views(question))
        return dict(sense(replace(question, pictures=pictures)).arrays)

    def rebuilt(a: dict[str, Any]) -> np.ndarray:
        """What the events say of each pixel so far, in thresholds, every 5 ms."""
        grid = np.zeros((10, 36, 64))
        bins = ((a["times_ns"] - a["window_ns"][0] - 1) // 5_000_000).astype(int)
        np.add.at(grid, (bins, a["y"], a["x"]), a["polarity"])
        return np.cumsum(grid, axis=0)

    true = made(200.0)
    moving, blended = made(40.0), None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_motion, "between", _blend)
        blended = made(40.0)
    errors = [np.abs(rebuilt(a) - rebuilt(true)).sum() for a in (moving, blended)]
    assert errors[0] < 0.6 * errors[1], (errors, np.abs(rebuilt(true)).sum())
    assert (moving["instance"] == 1).mean() > 0.3
    assert len(true["x"]) > 300


def _blend(now: Any, first: Any, last: Any, before: Any, after: Any) -> Any:
    share = (now.time_ns - first.time_ns) / (last.time_ns - first.time_ns)
    return before + share * (after - before)
