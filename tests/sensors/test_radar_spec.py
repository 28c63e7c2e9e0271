"""What a radar's or an ultrasonic sensor's spec refuses, and how it says so."""

from __future__ import annotations

from typing import Any

import pytest

from pairforge.errors import SpecError
from pairforge.scenes.check import check
from pairforge.scenes.spec import Scene
from pairforge.sensors.radar import Radar
from pairforge.sensors.ultrasonic import Ultrasonic


def checked(sensor: Any, warm_up_s: float = 1.0) -> None:
    check(Scene(name="yard", sensors=[sensor], warm_up_s=warm_up_s))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"chirp_us": 50.0}, "raise chirp_period_us"),
        ({"second_period_us": 10.0}, "make it 0 to go without"),
        ({"min_range_m": 2.0, "max_range_m": 1.0}, "is not below max_range_m"),
        ({"false_alarm": 0.5}, "must lie in"),
        ({"azimuth_channels": 1}, "must lie in 2..256"),
    ],
)
def test_a_radar_that_cannot_be_is_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        checked(Radar(name="front", **changes))


def test_a_radar_needs_time_for_its_chirps_before_the_first_keyframe() -> None:
    checked(Radar(name="front"), warm_up_s=0.01)
    with pytest.raises(SpecError, match="raise warm_up_s"):
        checked(Radar(name="front"), warm_up_s=0.004)
    with pytest.raises(SpecError, match="raise warm_up_s"):
        checked(Radar(name="front", phase_s=0.0), warm_up_s=0.08)


def test_an_ultrasonic_sensor_that_cannot_be_is_refused() -> None:
    with pytest.raises(SpecError, match="is not below max_range_m"):
        checked(Ultrasonic(name="rear", min_range_m=1.0, max_range_m=0.5))
