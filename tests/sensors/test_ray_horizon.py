"""Hulls against rays cast at the same triangles: a ray said to pass must miss, and most that miss must be said to."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.seeding import Stream
from pairforge.sensors.ray_horizon import Hull
from pairforge.sensors.ray_scene import TriangleScene
from tests.worlds import ball_shape, box_shape, car_shape


@pytest.mark.parametrize("place", [(3.0, 1.0, 2.0), (0.2, 0.1, 2.4), (-0.4, 0.0, 1.6), (40.0, -3.0, 0.5)])
@pytest.mark.parametrize("stray_m", [0.0, 5e-4])
def test_rays_said_to_pass_miss(place: tuple[float, float, float], stray_m: float) -> None:
    rng = Stream(4, "horizon").rng()
    for shape in (box_shape(1.2, "red"), car_shape(), ball_shape(1.5, "red")):
        mesh = shape.parts[0].mesh
        to = rng.normal(0.0, 1.0, (6000, 3)) + mesh.vertices.mean(axis=0) - place
        units = (to / np.linalg.norm(to, axis=1, keepdims=True)).astype(np.float32)
        astray = rng.uniform(-1, 1, (len(to), 3)) * stray_m / np.sqrt(3)
        met = np.isfinite(TriangleScene(mesh.vertices, mesh.faces).first_hits(place + astray, units)[0])
        passed = Hull(mesh.vertices.astype(np.float64)).passed(np.array(place), stray_m, units.T)
        assert not (passed & met).any()


def test_most_rays_beside_a_box_are_seen_to_pass() -> None:
    mesh = box_shape(1.0, "red").parts[0].mesh
    rng = Stream(5, "horizon").rng()
    to = rng.uniform([2, -2, -2], [2, 2, 2], (4000, 3))
    units = (to / np.linalg.norm(to, axis=1, keepdims=True)).astype(np.float32)
    place = mesh.vertices.mean(axis=0) - np.array([2.0, 0.0, 0.0])
    met = np.isfinite(
        TriangleScene(mesh.vertices, mesh.faces).first_hits(np.tile(place, (4000, 1)), units)[0]
    )
    passed = Hull(mesh.vertices.astype(np.float64)).passed(place, 0.0, units.T)
    assert 0.05 < met.mean() < 0.5
    assert passed[~met].mean() > 0.98


def test_inside_and_beside_flat_things_nothing_is_proven() -> None:
    units = np.eye(3, dtype=np.float32)
    square = np.array([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    assert not Hull(square).passed(np.array([5.0, 5.0, 5.0]), 0.0, units).any()
    box = box_shape(1.0, "red").parts[0].mesh.vertices.astype(np.float64)
    assert not Hull(box).passed(box.mean(axis=0), 0.0, units).any()
