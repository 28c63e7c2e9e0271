"""Work must not grow with what has no part in it: knots of other times, pixels beside a thing, pairs of no cone."""

import numpy as np
import pytest

from pairforge.frames import Intrinsics
from pairforge.scenes.world import Sky, World
from pairforge.sensors import cones
from pairforge.sensors.timeline import Timeline


def test_a_velocity_is_what_interpolating_the_whole_table_gives() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    times = 3_000_000_000 + np.cumsum(rng.integers(1, 20_000_000, 50))
    table = rng.normal(size=(50, 3))
    timeline = Timeline(World((), (), (), Sky()), times, {}, {}, {5: table}, {})
    asked = [*times.tolist(), *rng.integers(times[0] - 10**8, times[-1] + 10**8, 200).tolist()]
    for t in asked:
        whole = [np.interp(float(t - times[0]), (times - times[0]).astype(float), c) for c in table.T]
        assert timeline.velocity(5, t).tolist() == whole


def test_windows_are_the_same_however_many_parts_are_compared_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    camera = Intrinsics.from_fov(160, 90, 70.0)
    centres = rng.normal(size=(40, 1, 3)) * [3.0, 2.0, 5.0] + [0.0, 0.0, 6.0]
    corners = centres + rng.uniform(-0.4, 0.4, (40, 8, 3))
    ids, tiles = np.arange(1, 41), cones.pixel_tiles(camera)
    at_once = cones.reaches(camera, ids, [cones.box_cones(camera, corners)], tiles)
    monkeypatch.setattr(cones, "_TOGETHER", 3 * tiles.angles.size)
    by_threes = cones.reaches(camera, ids, [cones.box_cones(camera, corners)], tiles)
    assert at_once == by_threes
    assert 10 < len(at_once) < 40
