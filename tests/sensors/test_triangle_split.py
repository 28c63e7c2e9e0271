"""Cutting long triangles must change nothing but the speed."""

from __future__ import annotations

import numpy as np

from pairforge.scenes.world import Mesh
from pairforge.seeding import Stream
from pairforge.sensors.ray_engine import RayEngine, Snapshot
from pairforge.sensors.triangle_split import split
from tests.worlds import Thing, box_shape, make_world


def test_pieces_are_short_cover_their_triangle_and_know_where_they_lie() -> None:
    corners = Stream(1, "long").rng().uniform(-40, 40, (5, 3, 3))
    pieces = split(corners, 7.0)
    edges = np.linalg.norm(pieces.corners - np.roll(pieces.corners, 1, axis=1), axis=2)
    assert edges.max() <= 7.0

    def areas(c: np.ndarray) -> np.ndarray:
        return np.linalg.norm(np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0]), axis=1)

    np.testing.assert_allclose(np.bincount(pieces.source, areas(pieces.corners)), areas(corners), rtol=1e-9)
    a, b, c = (corners[pieces.source][:, k, None] for k in range(3))
    u, v = pieces.uv[..., :1], pieces.uv[..., 1:]
    np.testing.assert_allclose(a * (1 - u - v) + b * u + c * v, pieces.corners, atol=1e-9)


def test_neighbours_are_cut_at_the_same_points() -> None:
    """Two triangles share an edge; the corners of their pieces on it must be the same to the last bit."""
    p = Stream(2, "edge").rng().uniform(-50, 50, (4, 3))
    pieces = split(np.stack([p[[0, 1, 2]], p[[1, 0, 3]]]), 3.0)
    on_edge = []
    for which, (a, b) in enumerate(((0, 1), (1, 0))):
        mine = pieces.source == which
        uv, xyz = pieces.uv[mine].reshape(-1, 2), pieces.corners[mine].reshape(-1, 3)
        on_edge.append({tuple(x) for x in xyz[uv[:, 1] == 0]})  # v = 0 is the edge from corner 0 to corner 1
        assert {tuple(p[a]), tuple(p[b])} <= on_edge[-1]
    assert on_edge[0] == on_edge[1]
    assert len(on_edge[0]) > 10


def test_a_long_floor_is_still_one_mesh_to_those_who_ask() -> None:
    """A plate of 120 m: its pieces answer with the triangle and the coordinates of the mesh they came from."""
    world = make_world([Thing("plate", box_shape(120.0, "red", 120.0, 1.0))])
    mesh: Mesh = world.parts[0].mesh
    rng = Stream(3, "down").rng()
    o = np.column_stack([rng.uniform(-55, 55, (2000, 2)), np.full(2000, 5.0)])
    d = np.tile([0.1, -0.2, -1.0], (2000, 1))
    engine = RayEngine(world)
    assert len(engine.still.part) > len(mesh.faces) + 1, "nothing was cut, so this shows nothing"
    for hits in (engine.cast(o, d, {}), Snapshot(engine, {}).cast(o, d)):
        assert hits.hit.all()
        assert hits.triangle.max() < len(mesh.faces)
        corners = world.parts[0].world_from_part.points(mesh.vertices)[mesh.faces[hits.triangle]]
        u, v = hits.uv[:, :1], hits.uv[:, 1:]
        by_uv = corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v
        # (u, v) are float32, of a triangle of 120 m.
        np.testing.assert_allclose(by_uv, o + d * hits.distance[:, None], atol=2e-2)
