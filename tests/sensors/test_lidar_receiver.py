"""What a receiver reports, recovered from 100,000 samples within its confidence interval."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pairforge.seeding import Stream
from pairforge.sensors.air import surface_power
from pairforge.sensors.lidar_echoes import Echoes
from pairforge.sensors.lidar_model import BeamModel, LidarModel, ReceiverModel, SurfacesModel
from pairforge.sensors.lidar_receiver import Measured, measured
from tests.sensors.lidar_worlds import RECEIVER, WHITE, eye, take, wall
from tests.worlds import make_world

N = 100_000
GRID = (1000, 100)
SIGMAS = 4.5
"""One run in 100,000 would fall outside by chance; the draws are the same each time."""


def model(range_noise_m: float = 0.0, **receiver: Any) -> LidarModel:
    made = ReceiverModel(**{**RECEIVER, **receiver})
    return LidarModel(
        {}, 500.0, range_noise_m, 0.0, BeamModel.of(None), made, SurfacesModel(), None, frozenset()
    )


def heard(told: LidarModel, reflectance: float, range_m: float, seed: int = 1) -> Measured:
    """100,000 echoes of one surface in clear air, one a ray."""
    far = np.full(N, range_m)
    none, ids, zero = np.zeros((N, 3)), np.zeros(N, np.uint16), np.zeros(N)
    power = surface_power(np.full(N, reflectance), far)
    kind, no = np.zeros(N, np.uint8), np.zeros(N, bool)
    echoes = Echoes(np.arange(N), far, power, kind, ids, zero, none, none, no, ids, zero)
    return measured(echoes, told, 0.0, GRID, Stream(seed, "receiver"))


def test_a_tenth_is_detected_at_the_rated_range_as_often_as_it_is_rated_for() -> None:
    for probability in (0.5, 0.9):
        found = heard(model(reach_probability=probability), 0.1, 80.0).detected.mean()
        assert abs(found - probability) < SIGMAS * np.sqrt(probability * (1 - probability) / N)


def test_detection_falls_with_distance_as_the_normal_distribution_says() -> None:
    from math import erf, sqrt

    told = model()
    rated = 5.0 + 1.2815515655446004  # the threshold, and the 90 % quantile of the normal distribution
    for range_m in (75.0, 85.0, 92.0, 100.0):
        s = rated * (80.0 / range_m) ** 2
        want = 0.5 * (1 + erf((s - 5.0) / sqrt(2)))
        found = heard(told, 0.1, range_m).detected.mean()
        assert abs(found - want) < SIGMAS * np.sqrt(want * (1 - want) / N) + 1e-9
    assert heard(told, 0.8, 80.0).detected.all(), "a white wall is far from the threshold"
    assert heard(told, 0.8, 200.0).detected.mean() > 0.5 > heard(told, 0.8, 270.0).detected.mean()


@pytest.mark.parametrize("range_m", [10.0, 40.0, 79.0])
def test_range_noise_grows_as_returns_get_weaker(range_m: float) -> None:
    error = heard(model(0.01), 0.1, range_m).range_m - range_m
    s = (5.0 + 1.2815515655446004) * (80.0 / range_m) ** 2
    want = np.hypot(0.01, 0.15 / s)
    assert abs(error.mean()) < SIGMAS * want / np.sqrt(N)
    assert abs(error.std() / want - 1) < SIGMAS / np.sqrt(2 * N)


def test_ranges_are_rounded_to_the_quantum_and_no_further() -> None:
    plain, rounded = (heard(model(0.02, quantum_m=q), 0.5, 30.0).range_m for q in (0.0, 0.004))
    off = rounded - plain
    assert np.abs(off).max() <= 0.002 + 1e-12
    np.testing.assert_allclose(rounded / 0.004, np.round(rounded / 0.004), atol=1e-6)
    assert abs(off.std() / (0.004 / np.sqrt(12)) - 1) < 0.01, "an even error, as rounding makes"
    assert abs(off.mean()) < SIGMAS * 0.004 / np.sqrt(12 * N)


def test_intensity_is_the_reflectance_when_calibrated_and_power_when_not() -> None:
    near, far = (heard(model(), 0.4, r).intensity for r in (10.0, 30.0))
    assert near.mean() == pytest.approx(0.4, rel=1e-3)
    assert far.mean() == pytest.approx(0.4, rel=1e-2)
    near, far = (heard(model(intensity="physical"), 0.4, r).intensity for r in (10.0, 30.0))
    assert near.mean() == pytest.approx(0.4, rel=1e-3)
    assert far.mean() == pytest.approx(0.4 / 9, rel=1e-2)
    bright = heard(model(full_scale=2.0), 0.4, 10.0).intensity
    assert bright.mean() == pytest.approx(0.2, rel=1e-3)


def test_eight_bits_hold_256_intensities() -> None:
    found = np.concatenate([heard(model(bits=8), k / 20, 70.0).intensity for k in range(1, 21)])
    levels = np.unique(found) * 255
    np.testing.assert_allclose(levels, np.round(levels), atol=1e-4)
    assert 200 < len(levels) <= 256


def test_plain_dropout_and_plain_noise_of_a_sweep_are_as_stated() -> None:
    """The walls of a room all round: 100,800 rays, all of which meet a wall."""
    world = make_world([wall(f"wall_{k}", WHITE, x, y, yaw=yaw) for k, (x, y, yaw) in enumerate(ROOM)])
    base = eye(columns=6300, beams=16)
    sensor = replace(base, settings={**base.settings, "elevation_deg": [-20.0, 20.0]})
    whole = take(world, sensor)
    lossy = take(world, replace(sensor, settings={**sensor.settings, "dropout": 0.05, "range_noise_m": 0.03}))
    n = len(whole.range_m)
    assert n == 6300 * 16
    assert abs(1 - len(lossy.range_m) / n - 0.05) < SIGMAS * np.sqrt(0.05 * 0.95 / n)
    error = lossy.range_m.astype(float) - np.linalg.norm(lossy.deskewed.astype(float), axis=1)
    assert abs(error.std() / 0.03 - 1) < SIGMAS / np.sqrt(2 * len(error))
    assert abs(error.mean()) < SIGMAS * 0.03 / np.sqrt(len(error))


ROOM = ((8.0, 0.0, 0.0), (-8.0, 0.0, np.pi), (0.0, 8.0, np.pi / 2), (0.0, -8.0, -np.pi / 2))
