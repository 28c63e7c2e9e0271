"""Where a logged drive happens: level ground, asphalt where the log's map or its traffic says that one drives."""

# ruff: noqa: RUF009 (distributions are frozen, so they may stand as defaults)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from pairforge.datasets.importers.protocol import LoggedActor, LoggedScene
from pairforge.errors import SpecError
from pairforge.frames import F64, Pose
from pairforge.scenes.concrete import ConcreteItem, ConcreteLane
from pairforge.scenes.distributions import Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.area import polygons
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.shapes.road_pieces import KERB_HEIGHT_M
from pairforge.scenes.surfaces import Rectangle

RIDING = ("car", "van", "truck", "bus", "bicycle", "cyclist")
EGO_ROAD_M = 5.5
"""Half the width of the road that an ego is taken to drive on."""
TRAFFIC_ROAD_M = 2.0
BESIDE_PARKED_M = 0.6
CLOSED_M = 3.0
"""Gaps narrower than twice this are road, too."""
AHEAD_M, BEHIND_M = 60.0, 30.0
LANE_M = 3.5
HORIZON_M = 700.0
LEAST_PATH_M = 5.0
BEHIND_PAVEMENT_M = 1.6
CLEAR_M = 1.5
"""Trees stand so far behind the pavement, and so far from every logged box."""
MOST_TREES = 60

Rings = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, kw_only=True)
class LoggedGround(Setting):
    """Level ground at height 0: asphalt over ``drivable`` areas (each an outline and its holes), pavements
    ``pavement_m`` wide around them, a tree every ``tree_spacing_m`` behind those (0: none; 60 at most), grass out to
    the hills. ``lanes`` are its lanes; ``lines`` dashed lines; ``busy`` circles (x, y, radius) without trees."""

    drivable: tuple[Rings, ...]
    lines: tuple[tuple[tuple[float, float], ...], ...] = ()
    lanes: tuple[ConcreteLane, ...] = ()
    busy: tuple[tuple[float, float, float], ...] = ()
    pavement_m: Value[float] = Uniform(2.2, 3.5)
    tree_spacing_m: Value[float] = Uniform(10.0, 18.0)

    def expand(self, draw: Draws) -> SettingPlan:
        area = shapely.union_all([Polygon(rings[0], rings[1:]) for rings in self.drivable])
        x0, y0, x1, y1 = area.bounds
        middle, reach = ((x0 + x1) / 2, (y0 + y1) / 2), max(x1 - x0, y1 - y0)
        pavement_m = draw("pavement_m", self.pavement_m)
        ground = draw.item(
            "ground",
            "logged_ground",
            params={
                "drivable": [[list(map(list, ring)) for ring in rings] for rings in self.drivable],
                "lines": [list(map(list, line)) for line in self.lines],
                "pavement_m": pavement_m,
            },
        )
        land = draw.item(
            "horizon",
            "horizon",
            position_m=(*middle, 0.0),
            params={"radius_m": max(HORIZON_M, 1.5 * reach)},
        )
        floor = Rectangle("ground", (*middle, 0.0), (x1 - x0, y1 - y0))
        trees = self._trees(draw, area.buffer(pavement_m + BEHIND_PAVEMENT_M, quad_segs=4))
        return SettingPlan(items=(land, ground, *trees), surfaces=(floor,), lanes=self.lanes)

    def _trees(self, draw: Draws, around: Any) -> Iterator[ConcreteItem]:
        """Along the outline of an area; their numbers are those of their places, whatever is left out."""
        spacing_m = float(draw("tree_spacing_m", self.tree_spacing_m))
        if not 0.0 <= spacing_m <= 1000.0:
            raise SpecError(f"LoggedGround: tree_spacing_m is {spacing_m:g}; it must lie in 0..1000")
        rims = [ring for polygon in polygons(around) for ring in (polygon.exterior, *polygon.interiors)]
        if spacing_m == 0.0 or not rims:
            return
        spacing_m = max(spacing_m, sum(rim.length for rim in rims) / MOST_TREES)
        busy = np.asarray(self.busy, dtype=np.float64).reshape(-1, 3)
        places = [rim.interpolate(s) for rim in rims for s in np.arange(spacing_m / 2, rim.length, spacing_m)]
        for k, place in enumerate(places):
            gaps = np.hypot(busy[:, 0] - place.x, busy[:, 1] - place.y) - busy[:, 2]
            if gaps.min(initial=np.inf) > CLEAR_M:
                yield draw.item(f"tree_{k}", "tree", position_m=(place.x, place.y, KERB_HEIGHT_M))


def ground_of(log: LoggedScene) -> LoggedGround:
    """The ground of a log: its map's, or, where it has none, what its traffic was seen to drive on."""
    path, busy = _path(log), tuple(_busy(log))
    drivable = log.drivable or _rings(_driven(log, path))
    if log.lanes:
        lanes = tuple(
            ConcreteLane(n, tuple(_flat(p) for p in lane.centre_m), lane.width_m, lane.speed_limit_mps)
            for n, lane in enumerate(log.lanes)
        )
        return LoggedGround(drivable=drivable, lanes=lanes, busy=busy)
    if path.length < LEAST_PATH_M or log.drivable:
        return LoggedGround(drivable=drivable, busy=busy)
    ahead = _extended(path)
    own = ConcreteLane(0, tuple(_flat((*p, 0.0)) for p in ahead.coords), LANE_M, 13.89)
    left = ahead.offset_curve(LANE_M / 2)
    line = tuple((float(x), float(y)) for x, y in left.coords) if isinstance(left, LineString) else ()
    lines = (line,) if len(line) > 1 else ()
    return LoggedGround(drivable=drivable, lanes=(own,), lines=lines, busy=busy)


def _busy(log: LoggedScene) -> Iterator[tuple[float, float, float]]:
    """Circles around every logged box, and along the ego's way."""
    for actor in log.actors:
        for pose in actor.world_from_box:
            x, y, _ = (float(v) for v in pose.position_m)
            yield x, y, float(np.hypot(*actor.size_m[:2])) / 2
    for x, y in _path(log).coords:
        yield float(x), float(y), EGO_ROAD_M / 2


def _flat(point: Any) -> tuple[float, float, float]:
    return float(point[0]), float(point[1]), 0.0


def _path(log: LoggedScene) -> LineString:
    """The ego's way, to the decimetre; one that stands still has a short one ahead."""
    points = np.array([pose.position_m[:2] for pose in log.world_from_ego])
    keep = [0]
    for k in range(1, len(points)):
        if np.linalg.norm(points[k] - points[keep[-1]]) > 1.0:
            keep.append(k)
    if len(keep) == 1:
        return LineString([points[0], log.world_from_ego[0].points([1.0, 0.0, 0.0])[:2]])
    return LineString(points[keep]).simplify(0.05)


def _extended(path: LineString) -> LineString:
    """The way with straight ends."""
    points = shapely.get_coordinates(path)
    back, ahead = (_unit(a - b) for a, b in ((points[0], points[1]), (points[-1], points[-2])))
    return LineString([points[0] + back * BEHIND_M, *points, points[-1] + ahead * AHEAD_M])


def _unit(v: F64) -> F64:
    return np.asarray(v / np.linalg.norm(v), dtype=np.float64)


def _driven(log: LoggedScene, path: LineString) -> Any:
    """The area that the ego's way and the boxes of everything that rides cover, its gaps closed."""
    areas = [_extended(path).buffer(EGO_ROAD_M, cap_style="flat")]
    for actor in log.actors:
        if actor.semantic in RIDING:
            areas += _swept(actor)
    area = shapely.union_all(areas)
    closed = area.buffer(CLOSED_M + 1.0, quad_segs=4).buffer(-CLOSED_M - 2.0, quad_segs=4)
    opened = closed.buffer(1.0, quad_segs=4)
    return shapely.union_all([polygon for polygon in polygons(opened) if polygon.area > 20.0]).simplify(0.1)


def _swept(actor: LoggedActor) -> Iterator[Any]:
    feet = [_foot(pose, actor.size_m) for pose in actor.world_from_box]
    yield from (foot.buffer(BESIDE_PARKED_M) for foot in feet)
    line = LineString([pose.position_m[:2] for pose in actor.world_from_box] * (2 if len(feet) == 1 else 1))
    if line.length > LEAST_PATH_M:
        yield line.buffer(TRAFFIC_ROAD_M)


def _foot(pose: Pose, size_m: tuple[float, float, float]) -> Polygon:
    x, y = size_m[0] / 2, size_m[1] / 2
    return Polygon(pose.points([(x, y, 0.0), (-x, y, 0.0), (-x, -y, 0.0), (x, -y, 0.0)])[:, :2])


def _rings(area: Any) -> tuple[Rings, ...]:
    return tuple(
        tuple(
            tuple((float(x), float(y)) for x, y in ring.coords)
            for ring in (polygon.exterior, *polygon.interiors)
        )
        for polygon in polygons(area)
    )
