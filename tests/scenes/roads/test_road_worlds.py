"""Road networks as ground: no hole and no step in a lane, no kerb or house in the way, everything at its height."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import open3d as o3d
import pytest
import shapely
from shapely import LineString, MultiPoint

from pairforge.errors import SpecError
from pairforge.frames import F64, Pose
from pairforge.scenes.build import shape_of
from pairforge.scenes.concrete import ConcreteItem
from pairforge.scenes.draws import Draws
from pairforge.scenes.families import family
from pairforge.scenes.roads.crossroads import Crossroads
from pairforge.scenes.roads.motorway import Motorway
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.reference_line import line_at
from pairforge.scenes.roads.roads import Roads
from pairforge.scenes.roads.roundabout import Roundabout
from pairforge.scenes.roads.setting import RoadSetting
from pairforge.scenes.roads.winding import WindingRoad
from pairforge.scenes.settings import SettingPlan
from pairforge.scenes.surfaces import Strip
from pairforge.seeding import Stream

SETTINGS: dict[str, RoadSetting] = {
    "crossroads": Crossroads(lanes=2, building_density=0.3),
    "t_junction": Crossroads(arms=3, control="priority", rise_m=6.0, building_density=0.3),
    "roundabout": Roundabout(building_density=0.3),
    "winding": WindingRoad(tree_spacing_m=40.0),
    "town_hills": WindingRoad(town=True, hills_m=6.0, parking=True, crossing=True, building_density=0.3),
    "motorway": Motorway(tree_spacing_m=90.0),
}


@lru_cache(maxsize=12)
def _plan(name: str, seed: int = 3) -> SettingPlan:
    return SETTINGS[name].expand(Draws(Stream(seed), path="setting"))


def _road(plan: SettingPlan) -> ConcreteItem:
    return next(item for item in plan.items if item.family == "road_network")


class _Ground:
    """The road's meshes under straight-down rays of Open3D, apart from the project's own ray engine."""

    def __init__(self, plan: SettingPlan) -> None:
        self.scene = o3d.t.geometry.RaycastingScene()
        self.names: dict[int, str] = {}
        for part in shape_of(_road(plan)).parts:
            vertices = o3d.core.Tensor(part.mesh.vertices.astype(np.float32))
            faces = o3d.core.Tensor(part.mesh.faces.astype(np.uint32))
            self.names[self.scene.add_triangles(vertices, faces)] = part.name

    def below(self, xy: F64) -> tuple[F64, list[str]]:
        """Height (N,) and part under each point; inf where there is nothing."""
        rays = np.column_stack([xy, np.full(len(xy), 100.0), np.tile([0.0, 0.0, -1.0], (len(xy), 1))])
        hits = self.scene.cast_rays(o3d.core.Tensor(rays.astype(np.float32)))
        height = 100.0 - hits["t_hit"].numpy().astype(np.float64)
        return height, [self.names.get(int(k), "") for k in hits["geometry_ids"].numpy()]


@lru_cache(maxsize=12)
def _ground(name: str) -> _Ground:
    return _Ground(_plan(name))


def _across(centre: F64, width: float) -> F64:
    """Points (N, 3) all over a lane, level across."""
    step = np.gradient(centre[:, :2], axis=0)
    left = np.stack([-step[:, 1], step[:, 0]], axis=1) / np.linalg.norm(step, axis=1, keepdims=True)
    rows = []
    for share in (-0.45, -0.2, 0.0, 0.2, 0.45):
        row = centre.copy()
        row[:, :2] += left * share * width
        rows.append(row)
    return np.concatenate(rows)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_under_every_lane_is_asphalt_at_the_height_of_the_lane(name: str) -> None:
    plan, ground = _plan(name), _ground(name)
    led = {k for lane in plan.lanes for k in lane.successors}
    for lane in plan.lanes:
        centre = np.array(lane.centre_m)
        arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(centre, axis=0), axis=1))])
        # A road that goes nowhere ends at the land's edge.
        ends = (0.0 if lane.lane_id in led else 0.1, arc[-1] - (0.0 if lane.successors else 0.1))
        fine = np.linspace(*ends, max(3, int(arc[-1] / 0.7)))
        points = np.stack([np.interp(fine, arc, centre[:, k]) for k in range(3)], axis=1)
        narrow = lane.width_m if len(plan.lanes) < 20 or name != "motorway" else 0.3
        wanted = _across(points, narrow)
        height, parts = ground.below(wanted[:, :2])
        assert set(parts) <= {"road", "lane_marking"}, (lane.lane_id, set(parts))
        assert np.abs(height - wanted[:, 2]).max() < 0.01, lane.lane_id


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_no_ray_falls_through_the_road_or_the_land_beside_it(name: str) -> None:
    plan, ground = _plan(name), _ground(name)
    lanes = [LineString(np.array(x.centre_m)[:, :2]).buffer(9.0) for x in plan.lanes]
    area = shapely.union_all(lanes)
    x0, y0, x1, y1 = area.bounds
    rng = Stream(0).rng()
    xy = rng.uniform((x0, y0), (x1, y1), size=(60_000, 2))
    xy = xy[shapely.contains_xy(area, xy[:, 0], xy[:, 1])]
    assert len(xy) > 2000
    height, parts = ground.below(xy)
    assert np.isfinite(height).all()
    assert "" not in parts
    # No ditch: the land meets the road within a kerb's height wherever one may look.
    low = min(np.array(lane.centre_m)[:, 2].min() for lane in plan.lanes)
    assert height.min() > low - 0.6


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_kerbs_and_barriers_keep_out_of_lanes(name: str) -> None:
    plan = _plan(name)
    lanes = shapely.union_all(
        [
            LineString(np.array(x.centre_m)[:, :2]).buffer(x.width_m / 2 - 0.12, cap_style="flat")
            for x in plan.lanes
            if name != "motorway"
        ]
    )
    for part in shape_of(_road(plan)).parts:
        if part.name in ("kerb", "wall", "pavement"):
            v = part.mesh.vertices.astype(np.float64)
            raised = v[v[:, 2] > -0.3] if part.name == "kerb" else v
            assert not shapely.contains_xy(lanes, raised[:, 0], raised[:, 1]).any(), part.name


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_nothing_stands_in_a_lane_and_nothing_in_anything_else(name: str) -> None:
    plan = _plan(name)
    lanes = shapely.union_all(
        [LineString(np.array(x.centre_m)[:, :2]).buffer(x.width_m / 2, cap_style="flat") for x in plan.lanes]
    )
    houses = []
    assert len({item.name for item in plan.items}) == len(plan.items)
    for item in plan.items:
        if family(item.family).stuff:
            continue
        pose = Pose.of(item.position_m, item.quaternion_wxyz)
        points = np.concatenate([pose.points(p.mesh.vertices) for p in shape_of(item).parts])
        low = points[points[:, 2] < item.position_m[2] + 4.2]
        hull = MultiPoint(low[:, :2]).convex_hull
        assert not hull.intersects(lanes), item.name
        if item.family == "building":
            houses.append(MultiPoint(points[:, :2]).convex_hull.buffer(-0.5))
    tree = shapely.STRtree(houses)
    for k, house in enumerate(houses):
        assert all(int(j) == k for j in tree.query(house, "intersects"))


@pytest.mark.slow
@pytest.mark.parametrize("name", [n for n in SETTINGS if n not in ("winding", "motorway")])
def test_pavements_and_crossings_are_where_people_can_walk(name: str) -> None:
    plan, ground = _plan(name), _ground(name)
    strips = [s for s in plan.surfaces if isinstance(s, Strip) and s.kind == "pavement"]
    assert len(strips) >= 3
    for strip in strips:
        points = np.array(strip.centre_m)
        arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        fine = np.linspace(0.0, arc[-1], 60)
        if "crossing" in strip.name:  # islands are cut through where people cross
            steps = np.abs(np.interp(fine, arc, points[:, 2]) - points[:, 2].min()) < 1e-9
            fine = fine[steps]
        points = np.stack([np.interp(fine, arc, points[:, k]) for k in range(3)], axis=1)
        height, parts = ground.below(points[:, :2])
        assert np.abs(height - points[:, 2]).max() < 0.03, strip.name
        if "crossing" not in strip.name:
            assert set(parts) == {"pavement"}, strip.name
    for a, b in pairwise(sorted(s.name for s in strips)):
        assert a != b


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("name", SETTINGS)
def test_lane_ends_meet_for_every_seed(name: str, seed: int) -> None:
    from pairforge.scenes.roads.lane_graph import lane_graph
    from tests.scenes.roads.test_lane_graph import assert_ends_meet

    assert_ends_meet(lane_graph(SETTINGS[name].lay(Draws(Stream(seed)))).lanes)


def test_the_ring_goes_first_and_runs_round() -> None:
    from pairforge.scenes.roads.lane_graph import lane_graph
    from pairforge.scenes.roads.routes import lanes_ahead

    network = Roundabout().lay(Draws(Stream(0)))
    graph = lane_graph(network)
    ring = [k for k, key in enumerate(graph.keys) if network.road(key[0]).name.startswith("ring")]
    middle = np.array(graph.lanes[ring[0]].centre_m)[:, :2]
    assert np.ptp(np.linalg.norm(middle, axis=1)) < 0.01
    entries = [lane for lane in graph.lanes if lane.yields_to]
    assert len(entries) == 4
    # Who always keeps to the ring comes by where he started.
    way = lanes_ahead(graph.lanes, ring[0], 6.3 * 22.0, ["straight"] * 8)
    assert ring[0] in way[1:] or len(set(way)) >= 8


def test_a_motorway_joins_ends_and_leaves() -> None:
    from pairforge.scenes.roads.lane_graph import lane_graph
    from pairforge.scenes.roads.routes import route

    network = Motorway(lanes=2).lay(Draws(Stream(0)))
    graph = lane_graph(network)
    named = {network.road(key[0]).name: key[0] for key in graph.keys}
    on = graph.lane_at(named["on_ramp"], 0, -1)
    ahead = graph.lane_at(named["onward"], 0, -2)
    away = graph.lane_at(named["off_ramp"], 0, -1)
    start = graph.lane_at(named["motorway"], 0, -1)
    assert None not in (on, ahead, away, start)
    # The slip road's lane ends: only a change of lane leads on.
    assert route(graph.lanes, on or 0, ahead or 0, changes=False) is None
    assert route(graph.lanes, on or 0, ahead or 0) is not None
    assert route(graph.lanes, start or 0, away or 0) is not None
    assert route(graph.lanes, start or 0, graph.lane_at(named["opposite"], 0, -1) or 0) is None


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        (Crossroads(arms=5), "arms=5"),
        (Crossroads(control="signal"), 'Did you mean "signals"'),
        (Crossroads(lanes=3), "lanes=3"),
        (Crossroads(arm_m=10.0), "arm_m=10): give 60 to 400"),
        (Roundabout(radius_m=5.0), "radius_m=5"),
        (WindingRoad(bends=0), "bends=0"),
        (WindingRoad(hills_m=-1.0), "hills_m=-1"),
        (Motorway(lanes=1), "lanes=1"),
        (Motorway(curvature_per_m=0.1), "curvature_per_m=0.1"),
        (Roads(network=RoadNetwork(())), "no roads"),
    ],
)
def test_a_wrong_value_is_named_with_its_remedy(setting: RoadSetting, says: str) -> None:
    with pytest.raises(SpecError) as error:
        setting.expand(Draws(Stream(0), path="setting"))
    assert says in str(error.value)


def test_hills_stay_within_the_steepest_grade_and_level_out_at_the_ends() -> None:
    for seed in range(8):
        (road,) = WindingRoad(hills_m=12.0).lay(Draws(Stream(seed))).roads
        on = line_at(road, np.linspace(0.0, road.length_m, 400))
        assert np.abs(on.slope).max() <= 0.1201
        assert abs(on.slope[[0, -1]]).max() < 1e-9
        assert np.ptp(on.xyz_m[:, 2]) > 2.0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["crossroads", "roundabout", "motorway"])
def test_no_asphalt_lies_on_asphalt_or_it_renders_black(name: str) -> None:
    mesh = next(p.mesh for p in shape_of(_road(_plan(name))).parts if p.name == "road")
    corners = mesh.vertices.astype(np.float64)[mesh.faces]
    level = corners[np.abs(corners[..., 2]).max(axis=1) < 1e-4][..., :2]
    triangles = shapely.polygons(level)
    overlap = shapely.area(triangles).sum() - shapely.union_all(triangles).area
    assert overlap < 1e-3 * shapely.area(triangles).sum()
