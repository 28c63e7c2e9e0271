"""Pixels of an event camera fire when and as often as closed forms say; noise comes at its rates."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.seeding import Stream
from pairforge.sensors.event_pixels import HOT, SHOT, SIGNAL, Events, Pixels, noise, rested

MS = 1e6


def ramp(refractory_ms: float = 0.0, threshold: float = 0.2, steps: int = 1, to: float = 1.0) -> Events:
    """Events of one pixel whose log intensity goes from 0 to ``to`` within 100 ms, in so many segments."""
    one = np.ones(1)
    pixels = Pixels(np.zeros(1), threshold * one, threshold * one, refractory_ms * MS)
    ends = np.linspace(0.0, 100 * MS, steps + 1)
    levels = to * ends / (100 * MS)
    return Events.joined(
        [pixels.segment(ends[k], ends[k + 1], levels[k : k + 1], levels[k + 1 : k + 2]) for k in range(steps)]
    )


@pytest.mark.parametrize("steps", [1, 7, 100])
def test_a_ramp_fires_once_a_threshold_at_the_moment_it_is_crossed(steps: int) -> None:
    up, down = ramp(threshold=0.2501, steps=steps), ramp(threshold=0.2501, steps=steps, to=-1.0)
    np.testing.assert_allclose(up.time_ns, np.array([25.01, 50.02, 75.03]) * MS, rtol=1e-9)
    np.testing.assert_allclose(down.time_ns, up.time_ns, rtol=1e-9)
    assert (up.polarity == 1).all()
    assert (down.polarity == -1).all()


@pytest.mark.parametrize("steps", [1, 9, 100])
def test_a_blind_pixel_remembers_what_it_sees_when_it_wakes(steps: int) -> None:
    # Fires at 0.2, wakes 10 ms later at 0.3, so fires again at 0.5, then at 0.8.
    np.testing.assert_allclose(ramp(10.0, steps=steps).time_ns, np.array([20.0, 50.0, 80.0]) * MS, rtol=1e-9)


def test_a_moving_edge_fires_each_pixel_in_turn_as_often_as_its_contrast_has_thresholds() -> None:
    width, speed_px_s, contrast = 50, 500.0, 1.05
    on = np.full(width, 0.2)
    pixels, found = Pixels(np.zeros(width), on, on, 0.0), []

    def light(time_ns: float) -> np.ndarray:
        """Pixel i is crossed from i / speed to (i + 1) / speed, its log intensity rising evenly."""
        return contrast * np.clip(speed_px_s * time_ns * 1e-9 - np.arange(width), 0.0, 1.0)

    for k in range(100):  # each pixel is crossed in two milliseconds: a segment's kinks fall on its ends
        found.append(pixels.segment(k * MS, (k + 1) * MS, light(k * MS), light((k + 1) * MS)))
    events = Events.joined(found)
    assert (np.bincount(events.pixel, minlength=width) == 5).all()
    order = np.lexsort((events.time_ns, events.pixel))
    due = (np.repeat(np.arange(width), 5) + np.tile([0.2, 0.4, 0.6, 0.8, 1.0], width) / contrast) / speed_px_s
    np.testing.assert_allclose(events.time_ns[order] * 1e-9, due, atol=1e-9)


def test_noise_comes_at_its_rate_either_way_and_evenly_over_time() -> None:
    pixels, rate_hz, seconds = 50_000, 4.0, 1.0
    rng = Stream(7, "noise").rng()
    found = noise(rng, 0.0, seconds * 1e9, np.full(pixels, rate_hz), 0, SHOT)
    expected = pixels * rate_hz * seconds
    assert len(found.time_ns) > 100_000
    assert abs(len(found.time_ns) - expected) < 3.3 * np.sqrt(expected)  # 99.9 % of Poisson's spread
    assert abs(found.polarity.mean()) < 3.3 / np.sqrt(expected)
    per_pixel = np.bincount(found.pixel, minlength=pixels)
    assert per_pixel.var() == pytest.approx(rate_hz * seconds, rel=0.03), (
        "a Poisson count's variance is its mean"
    )
    halves = np.histogram(found.time_ns, bins=4, range=(0.0, 1e9))[0]
    assert np.abs(halves - expected / 4).max() < 4 * np.sqrt(expected / 4)


def test_noise_gives_way_to_signal_and_no_pixel_fires_twice_within_its_blind_time() -> None:
    signal = Events(np.array([50 * MS]), np.array([3]), np.array([1]), np.array([SIGNAL]))
    rng = Stream(9, "hot").rng()
    both = Events.joined([signal, noise(rng, 0.0, 100 * MS, np.full(5, 2000.0), 1, HOT)])
    kept = rested(both, 1 * MS)
    assert (kept.kind == SIGNAL).sum() == 1
    assert 200 < len(kept.time_ns) < len(both.time_ns), "dead time of 1 ms leaves 2/3 of 2 kHz"
    for pixel in range(5):
        assert np.diff(kept.time_ns[kept.pixel == pixel]).min() >= 1 * MS
