"""The radar's cells, noise and thresholds: false alarms as stated, noise as stated, resolution, ambiguity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from pairforge.frames import F64
from pairforge.seeding import Stream
from pairforge.sensors import radar_detect
from pairforge.sensors.radar_detect import Peaks, peaks
from pairforge.sensors.radar_frame import ACROSS_STD, CELL_STD
from pairforge.sensors.radar_model import RadarModel
from pairforge.sensors.radar_paths import Paths
from pairforge.sensors.radar_signal import beams, cube
from tests.sensors.radar_worlds import ball, radar, seen
from tests.worlds import Thing


def points(range_m: F64, rate_mps: F64, across: F64, phase: F64 | float = 0.0) -> Paths:
    """Bare points (N,) that send something back."""
    n = len(range_m)
    towards = np.stack([np.sqrt(1 - across**2), across, 0 * across], axis=1)
    nowhere = np.full((n, 3), np.nan)
    none = np.zeros(n, np.uint16)
    return Paths(
        np.ones(n), range_m, rate_mps, towards, towards, nowhere, none + 1, nowhere, none,
        none.astype(np.uint8), np.broadcast_to(phase, n),
    )  # fmt: skip


def detected(paths: Paths, snr_db: float, model: RadarModel, seed: int = 1) -> Peaks:
    cells = cube(paths, np.full(len(paths), 10 ** (snr_db / 10)), model, Stream(seed))
    return peaks(cells, beams(cells, model), model)


def at(*values: float) -> F64:
    return np.array(values, dtype=np.float64)


NOTHING = points(at(), at(), at())


@pytest.mark.parametrize("cfar", ["ca", "os"])
@pytest.mark.parametrize("false_alarm", [1e-2, 1e-3])
def test_noise_alone_passes_the_threshold_as_often_as_stated(cfar: str, false_alarm: float) -> None:
    """Over 200,000 cells and more, within what a binomial of that chance gives 999 times in 1000. Cells that
    overlap are alike, so only every third of range and Doppler and every third beam counts."""
    model = RadarModel.of(radar(max_range_m=190.0, azimuth_channels=16))
    passed, tried = 0, 0
    for seed in range(10):
        power = beams(cube(NOTHING, at(), model, Stream(seed)), model)
        grid = np.meshgrid(*(np.arange(0, n, 3) for n in power.shape), indexing="ij")
        r, d, b = (g.ravel() for g in grid)
        ratio = power[r, d, b] / radar_detect.references(power, (r, d, b), cfar)
        passed += int(np.sum(ratio > radar_detect.factor(cfar, false_alarm)))
        tried += len(r)
    low, high = binom.interval(0.999, tried, false_alarm)
    assert tried > 200_000
    assert low <= passed <= high


def test_the_noise_of_a_beam_has_power_one_and_no_favourite() -> None:
    model = RadarModel.of(radar(max_range_m=100.0, elevation_channels=2))
    power = beams(cube(NOTHING, at(), model, Stream(3)), model)
    assert power.mean() == pytest.approx(1.0, abs=0.01)
    for axis in ((1, 2), (0, 2), (0, 1)):
        mean = power.mean(axis=axis)
        assert np.abs(mean - 1.0).max() < 6.0 * 2.3 / np.sqrt(power.size / len(mean))


def test_a_lone_echo_is_measured_within_the_stated_noise() -> None:
    """Deviations over 720 echoes within 3 of their standard errors, and no bias."""
    model = RadarModel.of(radar(max_range_m=60.0, chirps=64))
    errors = []
    for seed in range(60):
        rng = Stream(seed, "points").rng()
        range_m = np.linspace(8, 54, 12) + rng.uniform(-0.3, 0.3, 12)
        rate, across = rng.uniform(-20, 20, 12), rng.uniform(-0.6, 0.6, 12)
        found = detected(points(range_m, rate, across, rng.uniform(0, 6, 12)), 30.0, model, seed)
        cell = found.range_cell * model.range_cell_m
        for k in range(12):
            j = int(np.abs(cell - range_m[k]).argmin())
            off = model.wrapped_mps(found.doppler_cell[j] * model.doppler_cell_mps - rate[k], model.span_mps)
            errors.append(
                (
                    (cell[j] - range_m[k]) / model.range_cell_m,
                    float(off) / model.doppler_cell_mps,
                    (found.across[j] - across[k]) / model.beam_cell,
                )
            )
    table, amplitude = np.array(errors), 10**1.5
    stated = np.array([CELL_STD, CELL_STD, ACROSS_STD]) / amplitude
    assert np.abs(table).max() < 6 * stated.max()
    error = 1.0 / np.sqrt(2 * len(table))
    np.testing.assert_allclose(table.std(axis=0) / stated, 1.0, atol=4 * error)
    assert (np.abs(table.mean(axis=0)) < 4 * stated / np.sqrt(len(table))).all()


@pytest.mark.parametrize("apart", ["range", "doppler", "azimuth"])
def test_two_echoes_are_told_apart_when_they_are_more_than_a_cell_apart(apart: str) -> None:
    """Windows widen a cell to some two; half a cell apart they are one, three cells apart two."""
    model = RadarModel.of(radar(max_range_m=60.0))
    cell = {"range": model.range_cell_m, "doppler": model.doppler_cell_mps, "azimuth": model.beam_cell}[apart]
    for cells, due in ((0.5, 1), (3.0, 2)):
        step = at(0.0, cells * cell)
        given = [at(30.0, 30.0), at(2.0, 2.0), at(0.1, 0.1)]
        given[("range", "doppler", "azimuth").index(apart)] += step
        found = detected(points(*given, phase=at(0.3, 1.2)), 30.0, model)
        assert np.sum(found.snr > 10**1.5) == due


def test_cells_are_those_of_bandwidth_train_and_aperture() -> None:
    model = RadarModel.of(radar())
    assert model.range_cell_m == pytest.approx(299_792_458.0 / 600e6)
    wavelength = 299_792_458.0 / 76.5e9
    assert model.doppler_cell_mps == pytest.approx(wavelength / (2 * 128 * 36e-6))
    assert model.span_mps == pytest.approx(128 * model.doppler_cell_mps)
    assert model.beam_cell == pytest.approx(1 / 12)


def test_range_rates_beyond_the_span_wrap_and_a_second_train_unfolds_them() -> None:
    things = [Thing("ball", ball(0.5), (40.0, 0.0, 0.0), motion="dynamic")]
    fast = (-45.0, 0.0, 0.0)  # at 17.5 m after half a second
    span = RadarModel.of(radar()).span_mps
    for second, due, fold, state in ((0.0, -45.0 + span, 0, 1), (41.0, -45.0, -1, 3)):
        found = seen(things, radar(second_period_us=second, bounces=0), velocity_mps=fast).arrays
        k = int(found["snr_db"].argmax())
        assert found["doppler_mps"][k] == pytest.approx(due, abs=0.3)
        assert (found["fold"][k], found["ambig_state"][k]) == (fold, state)
        assert found["true_doppler_mps"][k] == pytest.approx(-45.0, abs=0.1)


def test_elevation_is_measured_with_more_than_one_row() -> None:
    things = [Thing("ball", ball(0.4), (30.0, 4.0, 2.0))]
    flat = seen(things, radar(bounces=0)).arrays
    assert (flat["elevation_rad"] == 0).all()
    assert (flat["position_m"][:, 2] == 0).all()
    found = seen(things, radar(bounces=0, elevation_channels=4)).arrays
    k = int(found["snr_db"].argmax())
    assert found["elevation_rad"][k] == pytest.approx(np.arctan2(2.0, np.hypot(30.0, 4.0)), abs=0.02)
    np.testing.assert_allclose(found["position_m"][k], found["true_position_m"][k], atol=0.7)


def test_the_raw_map_is_there_when_asked_for_and_shows_the_thing_in_its_cell() -> None:
    things = [Thing("ball", ball(1.0), (30.0, 0.0, 0.0), motion="dynamic")]
    sensor, speed = radar(bounces=0, raw=True), (6.0, 0.0, 0.0)
    frame, model = seen(things, sensor, velocity_mps=speed).arrays, RadarModel.of(sensor)
    raw = frame["range_doppler"]
    assert raw.shape == (model.range_cells, model.chirps)
    r, d = np.unravel_index(int(raw.argmax()), raw.shape)
    assert r * model.range_cell_m == pytest.approx(32.0, abs=model.range_cell_m)
    assert (d - model.chirps / 2) * model.doppler_cell_mps == pytest.approx(6.0, abs=model.doppler_cell_mps)
    assert "range_doppler" not in seen(things, radar(bounces=0), velocity_mps=speed).arrays


def test_what_one_thing_draws_does_not_depend_on_the_others() -> None:
    """The rays at a ball, and the noise, are the same when another ball comes."""
    one = Thing("ball", ball(0.5), (30.0, 5.0, 0.0))
    other = Thing("far", ball(0.5), (60.0, -20.0, 0.0))
    alone, both = seen([one], radar(bounces=0)).arrays, seen([one, other], radar(bounces=0)).arrays
    mine = [a["range_m"][a["instance"] == 1] for a in (alone, both)]
    np.testing.assert_array_equal(*mine)
