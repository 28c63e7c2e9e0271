"""Beams with a footprint: energies are areas, near things run together, far ones come back one by one."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.sensors.lidar_echoes import Echoes, footprint, reported
from pairforge.sensors.lidar_model import BeamModel
from tests.sensors.lidar_worlds import AT_NS, BEAM, GREY, RECEIVER, WHITE, azimuth, eye, take, wall
from tests.worlds import gliding_timeline, make_world


def test_the_rays_of_a_footprint_fill_its_disc_evenly() -> None:
    disc = footprint(BeamModel((2e-3, 1e-3), 127, 0.5, "last")) / (2e-3, 1e-3)
    radius = np.linalg.norm(disc, axis=1)
    assert radius.max() <= 1.0
    for inner in (0.3, 0.5, 0.7, 0.9):
        assert (radius < inner).mean() == pytest.approx(inner**2, abs=0.02)
    np.testing.assert_allclose(disc.mean(axis=0), 0.0, atol=0.01)
    assert footprint(BeamModel((2e-3, 2e-3), 1, 0.5, "last")).tolist() == [[0.0, 0.0]]


def test_an_edge_shares_the_energy_as_it_shares_the_area() -> None:
    """The near wall covers y > 0; a beam at angle a off its edge lights it with a segment of its disc."""
    near = wall("near", WHITE, 10.0, y_m=10.0, wide_m=20.0)
    far = wall("far", GREY, 20.0)
    half = 20e-3
    beam = {**BEAM, "divergence_mrad": 2e3 * half, "subrays": 127, "returns": 2}
    frame = take(make_world([near, far]), eye(columns=3600, beam=beam, labels=["incidence"]))
    off = azimuth(frame)
    at_edge = np.abs(off) < 0.95 * half
    x = np.clip(off / half, -1.0, 1.0)
    covered = 1.0 - (np.arccos(x) - x * np.sqrt(1.0 - x * x)) / np.pi
    first = at_edge & (frame.instance == 1)
    second = at_edge & (frame.instance == 2)
    assert first.sum() == second.sum() > 15
    np.testing.assert_allclose(
        frame.intensity[first], 0.8 * covered[first] * np.cos(off[first]), atol=0.8 * 0.025
    )
    np.testing.assert_allclose(
        frame.intensity[second], 0.3 * (1.0 - covered[second]) * np.cos(off[second]), atol=0.012
    )
    assert (frame.extra["return_number"][first] == 1).all()
    assert (frame.extra["return_number"][second] == 2).all()
    assert (frame.extra["returns_of_ray"][at_edge] == 2).all()
    np.testing.assert_allclose(frame.range_m[first], 10.0 / np.cos(off[first]), rtol=1e-3)
    alone = np.abs(off) > 1.05 * half
    assert (frame.extra["returns_of_ray"][alone] == 1).all()


def test_things_nearer_than_a_pulse_give_one_echo_between_them() -> None:
    near, far = wall("near", WHITE, 10.0, y_m=10.0, wide_m=20.0), wall("far", WHITE, 10.3)
    beam = {**BEAM, "divergence_mrad": 40.0, "subrays": 61, "returns": 2, "pulse_m": 0.75}
    frame = take(make_world([near, far]), eye(columns=3600, beam=beam))
    middle = np.abs(azimuth(frame)) < 2e-3
    assert (frame.extra["returns_of_ray"][middle] == 1).all()
    np.testing.assert_allclose(frame.range_m[middle], 10.15, atol=0.03)
    true = np.linalg.norm(frame.deskewed[middle], axis=1)
    assert (np.minimum(np.abs(true - 10.0), np.abs(true - 10.3)) < 2e-3).all(), "the label is a true hit"


def echoes(rows: list[tuple[int, float, float]]) -> Echoes:
    """Of (ray, range, power)."""
    ray, far, power = (np.array(c) for c in zip(*rows, strict=True))
    n = len(ray)
    none, zero, ids = np.zeros((n, 3)), np.zeros(n), np.zeros(n, np.uint16)
    return Echoes(
        ray.astype(np.int64),
        far,
        power,
        np.zeros(n, np.uint8),
        ids,
        zero,
        none,
        none,
        np.zeros(n, bool),
        ids,
        zero,
    )


@pytest.mark.parametrize(
    ("returns", "kept"),
    [
        ("strongest", [1, 3, 4]),
        ("last", [2, 3, 5]),
        ("dual", [1, 2, 3, 4, 5]),
        (1, [1, 3, 4]),
        (2, [0, 1, 3, 4, 5]),
        (3, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_what_a_device_reports(returns: str | int, kept: list[int]) -> None:
    rows = [(0, 5.0, 2.0), (0, 7.0, 9.0), (0, 9.0, 1.0), (4, 3.0, 1.0), (6, 2.0, 5.0), (6, 8.0, 3.0)]
    assert np.flatnonzero(reported(echoes(rows), returns)).tolist() == kept


def test_dual_gives_the_second_strongest_where_the_strongest_is_the_last() -> None:
    rows = [(0, 5.0, 2.0), (0, 7.0, 3.0), (0, 9.0, 9.0)]
    assert np.flatnonzero(reported(echoes(rows), "dual")).tolist() == [1, 2]


def test_a_narrow_beam_without_anything_else_is_the_plain_one() -> None:
    world = make_world([wall("near", WHITE, 10.0, y_m=5.0, wide_m=6.0), wall("far", GREY, 20.0)])
    noisy = {"range_noise_m": 0.03, "dropout": 0.1}
    plain = take(world, eye(**noisy))
    one = take(world, eye(**noisy, beam={**BEAM, "divergence_mrad": 0.0, "subrays": 1}))
    for name in ("points", "range_m", "times_ns", "instance", "deskewed"):
        np.testing.assert_allclose(getattr(one, name), getattr(plain, name), atol=1e-5, err_msg=name)
    np.testing.assert_allclose(one.intensity, plain.intensity, atol=1e-6)


def test_a_moving_thing_is_met_where_it_is_by_every_ray_of_a_beam() -> None:
    world = make_world([wall("door", WHITE, 10.0, motion="dynamic")])
    timeline = gliding_timeline(world, (8.0, 0.0, 0.0))
    frame = take(world, eye(beam={**BEAM, "returns": 2}, receiver=RECEIVER), timeline)
    at = frame.world_from_lidar.points(frame.deskewed.astype(float))
    np.testing.assert_allclose(at[:, 0], 10.0 + 8.0 * frame.times_ns * 1e-9, atol=1e-4)
    assert frame.times_ns.max() <= AT_NS
