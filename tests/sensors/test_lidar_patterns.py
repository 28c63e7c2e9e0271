"""Where beams look and when: tables, rasters and rosettes against what they are written down to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pybullet
import pytest

from pairforge.errors import SpecError
from pairforge.scenes.aim import settings_of
from pairforge.scenes.beams import Beam, Raster, Receiver, Rosette, Spin
from pairforge.scenes.check import check
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Lidar, Scene
from pairforge.seeding import Stream
from pairforge.sensors.lidar_patterns import scan
from tests.sensors.lidar_worlds import AT_NS, take
from tests.worlds import Thing, box_shape, make_world


def settings(**fields: Any) -> dict[str, Any]:
    return settings_of(Lidar(name="top", **fields), Draws(Stream(3)))


def angles(directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.degrees(np.arctan2(directions[..., 1], directions[..., 0])), np.degrees(
        np.arcsin(directions[..., 2])
    )


def test_beams_of_a_table_stand_as_it_says() -> None:
    table = Spin(elevations_deg=(-25.0, -3.0, 0.5, 15.0), azimuths_deg=(1.4, -4.2, 4.2, 0.0))
    found = scan(settings(pattern=table, columns=360), AT_NS)
    azimuth, elevation = angles(found.directions)
    np.testing.assert_allclose(elevation, np.broadcast_to(table.elevations_deg, (360, 4)), atol=1e-9)
    np.testing.assert_allclose(azimuth[179], table.azimuths_deg, atol=1e-9)
    np.testing.assert_allclose(azimuth[89], 90.0 + np.array(table.azimuths_deg), atol=1e-9)
    assert found.ring.tolist()[0] == [0, 1, 2, 3]


def test_an_even_table_is_the_plain_head() -> None:
    even = Spin(elevations_deg=tuple(float(v) for v in np.linspace(-30.67, 10.67, 32)))
    a, b = scan(settings(pattern=even), AT_NS), scan(settings(), AT_NS)
    np.testing.assert_allclose(a.directions, b.directions, atol=1e-12)
    np.testing.assert_array_equal(a.times_ns, b.times_ns)


def test_a_raster_goes_to_and_fro_point_by_point() -> None:
    raster = Raster(rows=3, columns=5, azimuth_deg=(-60.0, 60.0), elevation_deg=(-10.0, 10.0))
    found = scan(settings(pattern=raster, rate_hz=10.0), AT_NS)
    azimuth, elevation = angles(found.directions[:, 0])
    forth = [-60.0, -30.0, 0.0, 30.0, 60.0]
    np.testing.assert_allclose(azimuth, [*forth, *forth[::-1], *forth], atol=1e-9)
    np.testing.assert_allclose(elevation, np.repeat([-10.0, 0.0, 10.0], 5), atol=1e-9)
    assert found.ring[:, 0].tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert (np.diff(found.times_ns) > 0).all()
    assert found.times_ns[-1] == AT_NS
    assert found.times_ns[0] == AT_NS - 100_000_000 + 100_000_000 // 15


def test_a_rosette_stays_in_its_field_of_view_and_does_not_repeat() -> None:
    rosette = Rosette()
    told = settings(pattern=rosette, rate_hz=10.0)
    frames = [scan(told, k * 100_000_000).directions[:, 0] for k in range(10, 20)]
    off = np.degrees(np.arccos(np.concatenate(frames)[:, 0]))
    assert len(frames[0]) == 10_000
    assert off.max() <= 19.2 + 1e-6
    assert off.max() > 19.0
    seen: set[tuple[int, int]] = set()
    counts = []
    for d in frames:
        cells = np.floor(np.degrees(np.arctan2(d[:, 1:], d[:, :1])) / 0.4).astype(int)
        seen |= set(map(tuple, cells.tolist()))
        counts.append(len(seen))
    assert counts[-1] > 1.8 * counts[0], "later frames fill the gaps of the first"


def test_a_rosette_is_two_turning_vectors() -> None:
    told = settings(
        pattern=Rosette(fov_deg=40.0, first_hz=10.0, second_hz=-5.0, points_per_s=1000, lines=2, line_deg=1.0)
    )
    found = scan(told, 50_000_000)  # a quarter of a second turns 2.5 and 1.25 times
    t = found.times_ns * 1e-9
    bend = np.radians(10.0) * (np.exp(20j * np.pi * t) + np.exp(-10j * np.pi * t))
    for line, up in enumerate((-0.5, 0.5)):
        want = bend + 1j * np.radians(up)
        d = found.directions[:, line]
        np.testing.assert_allclose(np.arccos(d[:, 0]), np.abs(want), atol=1e-9)
        np.testing.assert_allclose(np.arctan2(d[:, 2], d[:, 1]), np.angle(want), atol=1e-6)


@pytest.mark.parametrize("pattern", [Raster(rows=40, columns=60), Rosette(points_per_s=20_000, fov_deg=70.0)])
def test_points_of_any_pattern_are_where_bullets_own_rays_meet_boxes(pattern: Any) -> None:
    places = ((6.0, 0.0, -0.5), (9.0, 3.0, -1.0), (5.0, -2.5, -0.7))
    things = [Thing(f"box_{k}", box_shape(1.0 + k, "white"), p) for k, p in enumerate(places)]
    told = settings(pattern=pattern, rate_hz=10.0, range_noise_m=0.0, dropout=0.0)
    sensor = ConcreteSensor("top", "lidar", None, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0), told)
    frame = take(make_world(things), sensor)
    assert len(frame.points) > 100
    client = pybullet.connect(pybullet.DIRECT)
    try:
        for k, thing in enumerate(things):
            mesh = thing.shape.parts[0].mesh
            shape = pybullet.createCollisionShape(
                pybullet.GEOM_MESH, vertices=mesh.vertices.tolist(), indices=mesh.faces.ravel().tolist(),
                flags=pybullet.GEOM_FORCE_CONCAVE_TRIMESH, physicsClientId=client,
            )  # fmt: skip
            pybullet.createMultiBody(0, shape, basePosition=places[k], physicsClientId=client)
        d = scan(told, AT_NS).directions.reshape(-1, 3)
        hits = []
        for chunk in np.array_split(d, len(d) // 5000 + 1):
            ends = (chunk * 50.0).tolist()
            hits += pybullet.rayTestBatch([[0, 0, 0]] * len(ends), ends, physicsClientId=client)
        want = np.array([h[2] * 50.0 for h in hits if h[0] >= 0])
    finally:
        pybullet.disconnect(client)
    assert abs(len(want) - len(frame.range_m)) <= 2
    if len(want) == len(frame.range_m):
        np.testing.assert_allclose(np.sort(frame.range_m), np.sort(want), atol=2e-3)


BAD = {
    "rise from the lowest": {"pattern": Spin(elevations_deg=(3.0, -3.0))},
    "give as many": {"pattern": Spin(elevations_deg=(-3.0, 3.0), azimuths_deg=(1.0,))},
    "has 0 beams": {"pattern": Spin(elevations_deg=())},
    "must rise within": {"pattern": Raster(azimuth_deg=(10.0, -10.0))},
    "points_per_s of Rosette is 10": {"pattern": Rosette(points_per_s=10)},
    'returns is 0; give "strongest"': {"beam": Beam(returns=0)},
    "threshold of Receiver is 0.5": {"receiver": Receiver(threshold=Uniform(0.5, 2.0))},
    'Did you mean "incidence"': {"labels": ["incidense"]},
}


@pytest.mark.parametrize("message", BAD)
def test_what_no_lidar_can_be_is_said_before_anything_is_drawn(message: str) -> None:
    scene = Scene(name="bad", sensors=[Lidar(name="top", **BAD[message])], captions=[])
    with pytest.raises(SpecError, match=message):
        check(scene)


def test_every_number_of_a_part_is_a_named_draw() -> None:
    draws = Draws(Stream(3), do={"beam.divergence_mrad": 9.0})
    told = settings_of(Lidar(name="top", beam=Beam(divergence_mrad=Uniform(1.0, 2.0))), draws)
    assert told["beam"]["divergence_mrad"] == 9.0
    assert "pattern" not in told
    assert "receiver" not in told
