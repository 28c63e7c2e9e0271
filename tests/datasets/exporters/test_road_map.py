"""What maps of others say of a road, held against the road as it is drawn: paint, island, lanes that go on."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import shapely

from pairforge.datasets.exporters import argoverse_map
from pairforge.datasets.exporters.argoverse_map import write_map
from pairforge.datasets.exporters.nuscenes_map import Land, expansion
from pairforge.datasets.exporters.road_map import crossings, dividers, lanes_of, stop_lines
from pairforge.frames import Pose
from pairforge.sample import SceneRecord
from pairforge.scenes.build import build, shape_of
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.resolve import resolve
from pairforge.scenes.roads.crossroads import Crossroads
from pairforge.scenes.roads.motorway import Motorway
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.reference_line import line_at
from pairforge.scenes.roads.roundabout import Roundabout
from pairforge.scenes.spec import Scene
from pairforge.scenes.street import Street

NOWHERE = Land(np.zeros(3), (1.0, 1.0), np.zeros((0, 3, 2)), np.zeros((0, 3, 2)))
"""Land without any road, where only lanes are asked about."""


def record_of(setting: Any) -> SceneRecord:
    """The record of an empty scene of that setting, and nothing simulated."""
    concrete = resolve(Scene(name="place", setting=setting), seed=2)
    world = build(concrete)
    return SceneRecord(
        scene_index=0,
        scene="place",
        seed=2,
        concrete=json.loads(json.dumps(concrete.to_json())),
        instances=tuple(world.instances),  # type: ignore[arg-type]
        parts=(),
        part_tracks={},
        instance_tracks={},
        part_poses={},
        instance_poses={i.instance_id: Pose.of() for i in world.instances},
        lanes=tuple((n.lane_id, n.width_m, n.centre_m) for n in world.lanes),
        contacts=(),
    )


class _Kept:
    """Stands for an export's folder: keeps what is written."""

    def __init__(self) -> None:
        self.files: dict[str, Any] = {}

    def write(self, name: str, data: Any) -> None:
        self.files[name] = data

    write_json = write


@pytest.fixture(scope="module")
def crossroads() -> SceneRecord:
    return record_of(Crossroads(arms=4, lanes=2, control="signals", arm_m=60.0))


@pytest.fixture(scope="module")
def roundabout() -> SceneRecord:
    return record_of(Roundabout(arms=3, arm_m=50.0))


def _argoverse(record: SceneRecord) -> dict[str, Any]:
    kept = _Kept()
    ego = np.asarray(record.lanes[0][2][:1])
    write_map(kept, "map", "log", record, [], ego)  # type: ignore[arg-type]
    return next(v for k, v in kept.files.items() if "log_map_archive" in k)


def _polygon(points: list[dict[str, float]]) -> Any:
    return shapely.Polygon([(p["x"], p["y"]) for p in points])


def _painted(record: SceneRecord) -> Any:
    """Triangles of the road's markings, in the plane."""
    concrete = ConcreteScene.from_json(dict(record.concrete))
    road = next(i for i in concrete.items if i.family in ("road", "road_network"))
    part = next(p for p in shape_of(road).parts if (p.semantic or p.name) == "lane_marking")
    pose = Pose.of(road.position_m, road.quaternion_wxyz) @ part.body_from_part
    return shapely.polygons(pose.points(part.mesh.vertices)[:, :2][part.mesh.faces])


def _there(triangles: Any, where: Any) -> Any:
    """Those of the triangles that lie there at least partly, as one area."""
    return shapely.union_all(triangles[shapely.intersects(triangles, where)])


@pytest.mark.parametrize("name", ["crossroads", "street"])
def test_crossings_lie_where_stripes_are_painted_right_across_the_road(
    name: str, request: pytest.FixtureRequest
):
    record = (
        request.getfixturevalue(name)
        if name == "crossroads"
        else record_of(Street(length_m=80.0, crossing=True))
    )
    found, painted = crossings(lanes_of(record).values()), _painted(record)
    assert len(found) == (4 if name == "crossroads" else 1)
    for crossing in found:
        near, far = crossing.edges
        across, paint = np.linalg.norm(near[1] - near[0]), _there(painted, crossing.area.buffer(1.0))
        assert across == pytest.approx((4 if name == "crossroads" else 2) * record.lanes[0][1], abs=0.3)
        assert np.linalg.norm(far - near, axis=1) == pytest.approx(3.2, abs=0.1)
        striped = paint.intersection(crossing.area).area / crossing.area.area
        assert 0.35 < striped < 0.65, "a zebra is half paint"
        beside = crossing.area.buffer(0.8).difference(crossing.area.buffer(0.1))
        assert paint.intersection(beside).area < 0.1 * beside.area


def test_stop_lines_are_the_painted_bars_and_name_their_light_and_crossing(crossroads: SceneRecord):
    lanes = lanes_of(crossroads)
    found, painted = list(stop_lines(lanes, crossings(lanes.values()))), _painted(crossroads)
    assert len(found) == 8, "two lanes come in on each of four arms"
    for stop in found:
        assert stop.why == "signal"
        assert crossroads.instances[[r.name for r in crossroads.instances].index(str(stop.signal))]
        assert stop.crossing is not None
        assert _there(painted, stop.area).intersection(stop.area).area > 0.8 * stop.area.area


def test_dividers_run_between_the_lanes(crossroads: SceneRecord):
    lanes = lanes_of(crossroads)
    same, both = dividers(lanes)
    assert (len(same), len(both)) == (8, 4)
    for line in (*same, *both):
        middle = shapely.LineString(line[:, :2])
        away = sorted(middle.distance(lane.line) - lane.width_m / 2 for lane in lanes.values())
        assert away[:2] == pytest.approx([0.0, 0.0], abs=0.05)


def test_nuscenes_layers_are_filled_and_refer_to_each_other(crossroads: SceneRecord):
    told = expansion(crossroads, NOWHERE, lambda *words: "/".join(map(str, words)))
    lights = {row["token"] for row in told["traffic_light"]}
    assert len(lights) == 4
    assert len(told["ped_crossing"]) == 4
    for row in told["stop_line"]:
        assert row["stop_line_type"] == "TRAFFIC_LIGHT"
        assert set(row["traffic_light_tokens"]) <= lights
        assert len(row["ped_crossing_tokens"]) == 1
    nodes = {row["token"]: (row["x"], row["y"]) for row in told["node"]}
    lines = {row["token"]: [nodes[n] for n in row["node_tokens"]] for row in told["line"]}
    width = crossroads.lanes[0][1]
    for lane in told["lane"]:
        assert shapely.LineString(lines[lane["from_edge_line_token"]]).length == pytest.approx(width)


def test_argoverse_knows_junctions_neighbours_and_what_follows(
    crossroads: SceneRecord, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(argoverse_map, "land_of", lambda record: NOWHERE)
    told = _argoverse(crossroads)
    segments = told["lane_segments"]
    rows = {int(r["lane_id"]): r for r in crossroads.concrete["lanes"]}
    assert {n for n, s in segments.items() if s["is_intersection"]} == {
        str(n) for n, r in rows.items() if r["junction"] is not None
    }
    for number, segment in segments.items():
        assert segment["successors"] == list(rows[int(number)]["successors"])
        for after in segment["successors"]:
            assert int(number) in segments[str(after)]["predecessors"]
        assert segment["left_neighbor_id"] == rows[int(number)]["left"]
    assert any(segment["left_neighbor_id"] is not None for segment in segments.values())
    assert len(told["pedestrian_crossings"]) == 4


def test_a_roundabouts_island_is_not_drivable_on_any_map(roundabout: SceneRecord):
    areas = [_polygon(a["area_boundary"]) for a in _argoverse(roundabout)["drivable_areas"].values()]
    whole = shapely.union_all(areas)
    island = shapely.Point(0, 0).buffer(15.0)
    assert whole.intersection(island).area == 0.0
    assert whole.buffer(0.1).covers(
        shapely.MultiPoint([p[:2] for _, _, c in roundabout.lanes for p in c[1:-1]])
    )


@pytest.mark.parametrize("name", ["roundabout", "motorway"])
def test_patches_and_covers_lie_on_driving_lanes(name: str, request: pytest.FixtureRequest):
    record = request.getfixturevalue("roundabout") if name == "roundabout" else record_of(Motorway())
    lanes = shapely.union_all([lane.band(0.0, lane.line.length, 0.3) for lane in lanes_of(record).values()])
    road = next(item for item in record.concrete["items"] if item["family"] == "road_network")
    network = RoadNetwork.from_json(road["params"]["network"])
    patches = [(r, s, t + width / 2) for r, s, t, _, width in road["params"]["patches"]]
    spots = [*patches, *road["params"]["manholes"]]
    assert len(spots) > 8
    for number, s, t in spots:
        place = line_at(network.road(int(number)), s).beside(t)[0]
        assert lanes.buffer(0.5).covers(shapely.Point(place[:2]))
