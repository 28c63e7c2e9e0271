"""The street is drivable: lanes lie on the road, nothing stands in them, and every family builds sound shapes."""

from __future__ import annotations

import json
from functools import lru_cache

import numpy as np
import pytest
from shapely import LineString, MultiPoint, Polygon

from pairforge.errors import SpecError
from pairforge.frames import F64, Pose
from pairforge.scenes.build import shape_of
from pairforge.scenes.colours import PALETTE, colour_rgb, nearest_colour, oklab
from pairforge.scenes.draws import Draws
from pairforge.scenes.families import family
from pairforge.scenes.materials import KINDS, material
from pairforge.scenes.settings import SettingPlan
from pairforge.scenes.shapes.building_facade import REVEAL_M
from pairforge.scenes.shapes.centreline import Centreline
from pairforge.scenes.street import Street
from pairforge.scenes.surfaces import Strip
from pairforge.scenes.world import Mesh, Shape
from pairforge.seeding import Stream

SEEDS = (0, 1, 2)
FAMILIES = (
    "road",
    "horizon",
    "building",
    "tree",
    "hedge",
    "lamp_post",
    "bench",
    "litter_bin",
    "bollard",
    "traffic_cone",
    "traffic_sign",
    "street_name",
    "bus_shelter",
)
CLOSED = ("lamp_post", "bench", "bollard", "traffic_cone", "bus_shelter")


@lru_cache(maxsize=8)
def _plan(seed: int, lanes: int = 2) -> SettingPlan:
    return Street(lanes=lanes).expand(Draws(Stream(seed), path="setting"))


def _corners(mesh: Mesh) -> F64:
    return mesh.vertices.astype(np.float64)[mesh.faces]


def _areas(mesh: Mesh) -> F64:
    """Twice the area vectors (F, 3)."""
    c = _corners(mesh)
    return np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("lanes", [2, 4])
def test_lanes_keep_right_and_do_not_overlap(seed: int, lanes: int) -> None:
    plan = _plan(seed, lanes)
    assert [lane.lane_id for lane in plan.lanes] == list(range(lanes))
    bands = []
    for lane in plan.lanes:
        line = np.array(lane.centre_m)
        assert (line[:, 2] == 0.0).all()
        bands.append(LineString(line[:, :2]).buffer(lane.width_m / 2 - 0.01, cap_style="flat"))
        ahead, middle = line[1] - line[0], line[len(line) // 2]
        opposite = np.array(plan.lanes[(lane.lane_id + 1) % 2].centre_m)
        nearest = opposite[np.argmin(np.linalg.norm(opposite - middle, axis=1))]
        here = line[len(line) // 2 + 1] - middle
        # Right-hand traffic: who comes the other way is on the left.
        assert here[0] * (nearest - middle)[1] - here[1] * (nearest - middle)[0] > 0
        assert np.linalg.norm(ahead) > 1.0
    for k, band in enumerate(bands):
        for other in bands[k + 1 :]:
            assert band.intersection(other).area < 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_asphalt_lies_at_zero_below_every_lane(seed: int) -> None:
    plan = _plan(seed)
    road = next(item for item in plan.items if item.family == "road")
    mesh = next(p.mesh for p in shape_of(road).parts if p.name == "road")
    flat = [Polygon(c[:, :2]).buffer(1e-4) for c in _corners(mesh) if abs(c[:, 2]).max() < 1e-6]
    for lane in plan.lanes:
        for point in np.array(lane.centre_m)[1:-1]:
            assert any(tile.covers(MultiPoint([point[:2]])) for tile in flat)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_fixed_stands_in_a_driving_lane(seed: int) -> None:
    plan = _plan(seed)
    lanes = [
        LineString(np.array(x.centre_m)[:, :2]).buffer(x.width_m / 2, cap_style="flat") for x in plan.lanes
    ]
    assert len(plan.items) > 60
    for item in plan.items:
        if family(item.family).stuff:
            continue
        pose = Pose.of(item.position_m, item.quaternion_wxyz)
        for piece in shape_of(item).parts:
            points = pose.points(piece.mesh.vertices)
            low = points[points[:, 2] < 4.2]  # boughs and lamps may reach over the road, above any lorry
            if len(low):
                hull = MultiPoint(low[:, :2]).convex_hull
                assert not any(hull.intersects(lane) for lane in lanes), item.name


@pytest.mark.parametrize("seed", SEEDS)
def test_pavement_strips_are_clear_of_trunks_posts_and_walls(seed: int) -> None:
    plan = _plan(seed)
    strips = [s for s in plan.surfaces if isinstance(s, Strip) and s.side in ("left", "right")]
    ways = [LineString(np.array(s.centre_m)[:, :2]).buffer(0.35) for s in strips if s.kind == "pavement"]
    assert len(ways) == 2
    for item in plan.items:
        if family(item.family).stuff:
            continue
        pose = Pose.of(item.position_m, item.quaternion_wxyz)
        for collider in shape_of(item).colliders:
            half = np.array(collider.size_m) / 2 if collider.kind == "box" else np.full(3, collider.size_m[0])
            signs = np.array([[x, y, 0] for x in (-1, 1) for y in (-1, 1)])
            foot = pose.points(collider.body_from_collider.points(signs * half))[:, :2]
            assert not any(MultiPoint(foot).convex_hull.intersects(way) for way in ways), item.name


def test_parked_cars_head_as_the_traffic_beside_them() -> None:
    plan = Street(parking="both", lanes=2).expand(Draws(Stream(5), path="setting"))
    parking = {
        s.side: np.array(s.centre_m) for s in plan.surfaces if isinstance(s, Strip) and s.kind == "parking"
    }
    for side, lane in (("right", plan.lanes[0]), ("left", plan.lanes[1])):
        ahead, beside = np.diff(parking[side], axis=0)[5], np.diff(np.array(lane.centre_m), axis=0)[5]
        assert ahead @ beside > 0


def test_the_same_seed_gives_the_same_street_and_another_seed_another() -> None:
    first, again, other = (Street().expand(Draws(Stream(s), path="setting")) for s in (3, 3, 4))
    assert first == again
    assert first.items != other.items


def test_a_tree_more_leaves_every_other_draw_alone() -> None:
    dense = Street(tree_spacing_m=11.0).expand(Draws(Stream(3), path="setting"))
    sparse = Street(tree_spacing_m=22.0).expand(Draws(Stream(3), path="setting"))
    houses = [[item for item in plan.items if item.family == "building"] for plan in (dense, sparse)]
    assert houses[0] == houses[1]


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lanes": 3},
        {"parking": "botth"},
        {"length_m": 20.0},
        {"curvature_per_m": 0.1},
        {"building_density": 1.5},
        {"tree_spacing_m": 0.5},
        {"lane_width_m": 1.0},
    ],
)
def test_an_impossible_street_is_refused_with_its_value(wrong: dict[str, object]) -> None:
    with pytest.raises(SpecError, match=_shown(next(iter(wrong.values())))):
        Street(**wrong).expand(Draws(Stream(0), path="setting"))  # type: ignore[arg-type]


def _shapes(name: str, draws: int) -> list[Shape]:
    kind = family(name)
    params = [json.loads(json.dumps(kind.draw(Stream(k) / "draw"))) for k in range(draws)]
    return [kind.build(p, None) for p in params]


@pytest.mark.parametrize("name", FAMILIES)
def test_families_build_finite_tight_and_undegenerate_shapes(name: str) -> None:
    for shape in _shapes(name, 20):
        cloud = np.concatenate([p.body_from_part.points(p.mesh.vertices) for p in shape.parts])
        assert np.isfinite(cloud).all()
        low, high = (
            np.array(shape.centre_m) - np.array(shape.size_m) / 2,
            np.array(shape.centre_m) + np.array(shape.size_m) / 2,
        )
        np.testing.assert_allclose(cloud.min(axis=0), low, atol=1e-4)
        np.testing.assert_allclose(cloud.max(axis=0), high, atol=1e-4)
        for piece in shape.parts:
            assert piece.mesh.faces.max() < len(piece.mesh.vertices)
            assert piece.mesh.face_material.max() < len(piece.mesh.materials)
            assert np.linalg.norm(_areas(piece.mesh), axis=1).min() > 1e-9, piece.name


@pytest.mark.parametrize("name", CLOSED)
def test_closed_shapes_wind_outwards(name: str) -> None:
    """The divergence theorem: a closed outward surface encloses a positive volume, each lump of it too."""
    for shape in _shapes(name, 5):
        for piece in shape.parts:
            c, area = _corners(piece.mesh), _areas(piece.mesh)
            assert np.abs(area.sum(axis=0)).max() < 1e-3 * np.abs(area).sum()
            assert np.einsum("fi,fi->", c[:, 0], area) / 6 > 0.0


@pytest.mark.parametrize("seed", range(8))
def test_fronts_of_buildings_are_seen_from_the_street(seed: int) -> None:
    """The wall's face and the panes behind it look at the street; what stands proud of them has backs too."""
    shape = _shapes("building", seed + 1)[-1]
    mesh = shape.parts[0].mesh
    c, area = _corners(mesh), _areas(mesh)
    flat = np.ptp(c[:, :, 0], axis=1) < 1e-6
    front = flat & (np.isclose(c[:, 0, 0], 0.0, atol=1e-6) | np.isclose(c[:, 0, 0], -REVEAL_M, atol=1e-6))
    assert front.sum() > 30
    assert (area[front, 0] > 0).all()


def test_ground_faces_up() -> None:
    for shape in _shapes("road", 5):
        for piece in shape.parts:
            assert _areas(piece.mesh)[:, 2].min() > -1e-9 or piece.name == "kerb"
            assert piece.semantic == piece.name


def test_equal_params_share_one_mesh() -> None:
    kind = family("tree")
    params = {"species": "lime", "variant": 1, "height_m": 8.0, "lift_m": 2.5}
    assert kind.build(dict(params), None).parts[1].mesh is kind.build(dict(params), None).parts[1].mesh


def test_a_centreline_is_an_arc_of_its_length_and_curvature() -> None:
    line = Centreline(100.0, 0.004, (3.0, -2.0), 0.5)
    s = np.linspace(0.0, 100.0, 20001)
    points = line.points(s)
    assert np.linalg.norm(np.diff(points, axis=0), axis=1).sum() == pytest.approx(100.0, abs=1e-4)
    centre = np.array([3.0, -2.0, 0.0]) + 250.0 * np.array([-np.sin(0.5), np.cos(0.5), 0.0])
    np.testing.assert_allclose(np.linalg.norm(points - centre, axis=1), 250.0, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(line.points(s, 5.0) - centre, axis=1), 245.0, atol=1e-9)


def test_colour_names_are_told_apart_and_found_again() -> None:
    names = list(PALETTE)
    lab = oklab([PALETTE[n] for n in names])
    gaps = np.linalg.norm(lab[:, None] - lab[None], axis=2) + 9 * np.eye(len(names))
    assert gaps.min() > 0.08
    for name in names:
        assert nearest_colour(colour_rgb(name)) == name
        assert nearest_colour(np.array(colour_rgb(name)) * 0.93) == name


def test_oklab_knows_white_and_black() -> None:
    np.testing.assert_allclose(oklab((1.0, 1.0, 1.0)), [1.0, 0.0, 0.0], atol=1e-4)
    np.testing.assert_allclose(oklab((0.0, 0.0, 0.0)), 0.0, atol=1e-9)


def test_misspelt_colours_and_materials_get_suggestions() -> None:
    with pytest.raises(SpecError, match='"silver"'):
        colour_rgb("sliver")
    with pytest.raises(SpecError, match='"ceramic"'):
        material("ceramics", "red")


def test_brighter_things_send_more_of_the_laser_back() -> None:
    for kind in KINDS:
        black, white = (material(kind, c).lidar_reflectivity for c in ("black", "white"))
        assert 0.0 < black < white <= 1.0
