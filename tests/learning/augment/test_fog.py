"""Fog in a picture: how much light comes through is told from the picture, and the scene says that there is fog."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.learning.augment.clip import AugmentError, Clip
from pairforge.learning.augment.fog import Fog, RandomFog, air_light
from pairforge.learning.augment.paint import linear
from pairforge.learning.augment.proof import faults
from pairforge.learning.augment.protocol import Augment
from pairforge.seeding import Stream
from tests.learning.augment.clips import one


def test_what_is_left_of_contrast_falls_off_with_the_metres_between_camera_and_surface() -> None:
    before = one("orbit")
    old, new = (c.frame.cameras["cam_left"] for c in (before, Fog(0.3)(before)))
    air = air_light(old, linear(old.rgb))
    contrast = [np.abs(linear(c.rgb) - air).max(axis=-1) for c in (old, new)]
    told = np.isfinite(old.depth) & (contrast[0] > 0.2)
    rows, columns = np.nonzero(told)
    k = old.intrinsics
    across = np.stack([(columns + 0.5 - k.cx) / k.fx, (rows + 0.5 - k.cy) / k.fy], axis=1)
    metres = old.depth[told] * np.sqrt(1.0 + (across**2).sum(axis=1))
    assert told.sum() > 50
    # a byte of the darkest colours is 0.001 of light, and of the brightest 0.009
    assert np.allclose(contrast[1][told], contrast[0][told] * np.exp(-0.3 * metres), atol=0.006)


def test_where_nothing_is_hit_there_is_only_the_air() -> None:
    new = Fog(0.05)(one("orbit")).frame.cameras["cam_left"]
    sky = new.rgb[~np.isfinite(new.depth)]
    assert len(sky) > 100
    assert np.ptp(sky) == 0


def test_the_scene_says_so_and_the_pair_verifies_without_what_measures_by_light() -> None:
    before = one("yard")
    assert before.frame.lidars
    after = Augment([Fog(0.04)])(before, Stream(1))
    assert faults(after) == []
    assert after.record.concrete["sky"]["fog_per_m"] == 0.04
    assert not after.frame.lidars
    assert set(after.record.extra["left_out"]) == {*before.frame.lidars, *before.frame.readings}
    assert {s["name"] for s in after.record.concrete["sensors"]} == set(after.frame.cameras)


@pytest.mark.parametrize(
    ("sky", "why"), [({"sun_elevation": -0.2}, "by night"), ({"rain_mm_h": 2.0}, "holds")]
)
def test_no_fog_by_night_nor_where_the_air_holds_rain(sky: dict[str, float], why: str) -> None:
    whole = one("orbit")
    concrete = {**whole.record.concrete, "sky": {**whole.record.concrete["sky"], **sky}}
    other = Clip(replace(whole.record, concrete=concrete), whole.frames)
    with pytest.raises(AugmentError, match=why):
        Fog(0.02)(other)
    assert RandomFog(chance=1.0).draw(other, Stream(1)) is None


def test_fog_that_is_drawn_lies_between_its_bounds() -> None:
    found = [RandomFog(0.01, 0.02, 1.0).draw(one("orbit"), Stream(k)) for k in range(20)]
    assert all(isinstance(f, Fog) and 0.01 <= f.per_m <= 0.02 for f in found)
    assert len(set(found)) == 20
    with pytest.raises(SpecError, match="per metre"):
        Fog(0.0)
