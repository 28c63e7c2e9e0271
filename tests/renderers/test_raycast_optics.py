"""Preview pictures through bent lenses, open shutters and wide apertures, against closed forms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.frames import Intrinsics, Pose
from pairforge.renderers.protocol import Quality, ShutterTimes, ThinLens, View
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.renderers.raycast_exposure import rows_of, sample_times
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import World
from pairforge.sensors.labels import camera_frame
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from pairforge.views import view_of
from tests.worlds import FLOOR, Thing, box_shape, camera, gliding_timeline, make_world, small_world

TIME_NS = 1_000_000_000


def shot(world: World, view: View, quality: Quality = "draft") -> NDArray[np.float64]:
    renderer = RaycastRenderer()
    renderer.open(world, quality)
    return renderer.render(view).astype(np.float64)


def wall(speed_mps: float) -> tuple[World, Timeline]:
    world = make_world([Thing("wall", box_shape(4.0, "red"), (12.0, 0.0, 0.0), motion="dynamic")])
    return world, gliding_timeline(world, (0.0, speed_mps, 0.0))


def with_settings(sensor: ConcreteSensor, **more: Any) -> ConcreteSensor:
    return replace(sensor, settings={**sensor.settings, **more})


def crossing(row: NDArray[np.float64]) -> tuple[float, float]:
    """Where along a row the level falls from 90 % to 10 % of its range: the middle, and the width."""
    low, high = row.min(), row.max()
    level = (row - low) / (high - low)
    first = np.flatnonzero(level < 0.9)[0]
    last = np.flatnonzero(level < 0.1)[0]
    return (first + last) / 2, last - first


def ends(row: NDArray[np.float64]) -> tuple[float, float]:
    """Where along a row the level leaves that of one side and reaches that of the other: the middle, and the width.
    The tone curve bends what lies between, by how bright the two are, and leaves the ends where they are."""
    level = (row - row[-1]) / (row[0] - row[-1])
    first, last = np.flatnonzero(level < 0.98)[0], np.flatnonzero(level > 0.02)[-1] + 1
    return (first + last) / 2, last - first


def test_an_open_shutter_blurs_an_edge_by_speed_times_exposure() -> None:
    world, timeline = wall(8.0)
    eye = camera((0.0, 8.0, 2.0), (10.0, 8.0, 2.0), 320, 60)
    k = eye.settings["fx"]
    open_s = 0.05
    blurred = with_settings(eye, shutter={"exposure_s": open_s, "readout_s": 0.0})
    still, moving = (
        shot(world, view_of(world, timeline, s, TIME_NS), "high")[28:32, :160, 2].mean(axis=0)
        for s in (eye, blurred)
    )
    trail = k * 8.0 * open_s / 10.0
    assert ends(still)[1] <= 2
    assert ends(moving)[1] == pytest.approx(trail, rel=0.25)
    assert ends(moving)[0] == pytest.approx(ends(still)[0], abs=0.15 * trail)


def test_a_rolling_picture_slants_as_its_labels_do() -> None:
    world, timeline = wall(30.0)
    eye = camera((0.0, 30.0, 2.0), (10.0, 30.0, 2.0), 320, 180)
    rolling = with_settings(eye, shutter={"exposure_s": 0.0, "readout_s": 0.03})
    picture = shot(world, view_of(world, timeline, rolling, TIME_NS))[..., 2]
    frame = camera_frame(RayEngine(world), timeline, rolling, TIME_NS)
    rows = range(60, 140, 8)
    shown = [crossing(picture[r, :160])[0] for r in rows]
    cast = [int((frame.part[r] > 0).argmax()) for r in rows]
    assert abs(cast[-1] - cast[0]) >= 6
    assert np.abs(np.array(shown) - cast).max() <= 1.5


def test_rows_take_part_in_the_instants_of_their_own_exposure() -> None:
    shutter = ShutterTimes(exposure_s=0.01, readout_s=0.03)
    times = sample_times(shutter, 100, "standard")
    first, last = rows_of(shutter, 100, times)
    middle = ((np.arange(100) + 0.5) / 100 - 0.5) * 0.03
    took = np.array([(first <= r) & (r < last) for r in range(100)])
    assert (took.sum(axis=1) >= 3).all()
    for r in range(100):
        assert np.abs(times[took[r]] - middle[r]).max() <= 0.005 + 1e-12


@pytest.mark.parametrize(
    "bent",
    [
        Intrinsics(96, 64, 26.0, 26.0, 48.0, 32.0, "kannala_brandt", (-0.02, 0.003, 0.0, 0.0), 150.0),
        Intrinsics(96, 48, 96 / (2 * np.pi), 48 / np.pi, 48.0, 24.0, "equirectangular"),
        Intrinsics(96, 64, 40.0, 40.0, 48.0, 32.0, "brown_conrady", (-0.3, 0.02, 0.0, 0.0)),
    ],
    ids=lambda k: k.model,
)
@pytest.mark.parametrize("quality", ["draft", "standard"])
def test_bent_pictures_are_black_where_the_lens_sees_nothing(bent: Intrinsics, quality: Quality) -> None:
    world = small_world()
    picture = shot(world, View(bent, Pose.of((-1.0, 0.0, 1.5), (0.5, -0.5, 0.5, -0.5)), {}), quality)
    seen = np.isfinite(bent.rays()[..., 0])
    assert not picture[~seen].any()
    assert (picture[seen].sum(axis=1) > 0).mean() > 0.99


def test_a_wide_aperture_blurs_what_is_out_of_focus_alone() -> None:
    near = Thing("near", box_shape(0.5, "red"), (2.0, 0.5, 0.0), motion="static")
    far = Thing("far", box_shape(4.0, "red"), (20.0, -4.0, 0.0), motion="static")
    world = make_world([FLOOR, near, far])
    eye = camera((0.0, 0.0, 0.3), (10.0, 0.0, 0.3), 160, 40)
    timeline = gliding_timeline(world)
    sharp = view_of(world, timeline, eye, TIME_NS)
    focused = replace(sharp, lens=ThinLens(f_number=1.0, focus_m=20.0, focal_length_mm=60.0))
    a, b = (shot(world, v, "high").mean(axis=2) for v in (sharp, focused))
    change = np.abs(a - b)
    labels = camera_frame(RayEngine(world), timeline, eye, TIME_NS)
    edges = {k: np.abs(np.diff((labels.instance == k).astype(int), axis=1)) > 0 for k in (1, 2)}
    of = {i.name: i.instance_id for i in world.instances}
    assert change[:, 1:][edges[of["near"]]].mean() > 3 * change[:, 1:][edges[of["far"]]].mean()
