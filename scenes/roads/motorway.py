"""A motorway: two carriageways of several lanes, a slip road that joins one of them and another that leaves it."""

# ruff: noqa: RUF009 (distributions are frozen, so they may stand as defaults)

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Choice, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.network import (
    Connection,
    Cubic,
    Geometry,
    Junction,
    LaneSection,
    Marking,
    Road,
    RoadLane,
    RoadLink,
    RoadNetwork,
)
from pairforge.scenes.roads.pen import Pen, ramp
from pairforge.scenes.roads.reference_line import line_at
from pairforge.scenes.roads.setting import RoadSetting, checked

MEDIAN_M = 3.4
SHOULDERS_M = (0.9, 2.4)
"""Paved strips on the inside and on the outside."""
NOSE_M = 24.0
"""Length of the junctions where slip roads join and leave."""
TAPER_M = 55.0
RAMP_LANE_M = 3.6
MAIN, MIDDLE, ONWARD, OPPOSITE, ON_RAMP, OFF_RAMP = range(6)


@dataclass(frozen=True, kw_only=True)
class Motorway(RoadSetting):
    """Its roads, eastwards: "motorway", then "merge" (the slip road "on_ramp" has joined; its lane ends, and further
    on another begins for those who leave), then "onward" and "off_ramp"; "opposite" is the other carriageway.

    ``lanes`` each way (2 to 4). ``curvature_per_m`` bends all of it (left positive).
    """

    town: Value[bool] = False
    tree_spacing_m: Value[float] = Uniform(20.0, 30.0)
    lanes: Value[int] = Choice(2, 3)
    lane_width_m: Value[float] = Uniform(3.5, 3.75)
    speed_limit_mps: Value[float] = Choice(27.78, 33.33)
    ramp_limit_mps: Value[float] = 16.67
    merge_m: Value[float] = Uniform(150.0, 190.0)
    between_m: Value[float] = Uniform(60.0, 100.0)
    exit_m: Value[float] = Uniform(100.0, 130.0)
    curvature_per_m: Value[float] = Uniform(-0.0006, 0.0006)

    def corner_m(self, draw: Draws) -> float:
        return 3.0

    def barriers(self, network: RoadNetwork) -> list[list[float]]:
        """Along the middle of the median."""
        road = network.road(OPPOSITE)
        return [[float(OPPOSITE), SHOULDERS_M[0] + MEDIAN_M / 2, 0.0, road.length_m]]

    def lay(self, draw: Draws) -> RoadNetwork:
        """The network; SpecError when a drawn value is out of range."""
        lanes = draw("lanes", self.lanes)
        if lanes not in (2, 3, 4):
            raise SpecError(f"Motorway(lanes={lanes}): give 2 to 4 lanes each way")
        plan = _Plan(
            lanes=lanes,
            width_m=checked(draw, self, "lane_width_m", 3.0, 5.0),
            limit_mps=checked(draw, self, "speed_limit_mps", 10.0, 70.0),
            ramp_mps=checked(draw, self, "ramp_limit_mps", 5.0, 40.0),
            merge_m=checked(draw, self, "merge_m", 60.0, 400.0),
            between_m=checked(draw, self, "between_m", 20.0, 400.0),
            exit_m=checked(draw, self, "exit_m", 60.0, 400.0),
            curvature=checked(draw, self, "curvature_per_m", -0.001, 0.001),
        )
        return plan.network()


@dataclass(frozen=True)
class _Plan:
    """Everything drawn for the whole motorway. Stations run along its eastward carriageway."""

    lanes: int
    width_m: float
    limit_mps: float
    ramp_mps: float
    merge_m: float
    between_m: float
    exit_m: float
    curvature: float
    before_m: float = 150.0
    after_m: float = 130.0

    @property
    def middle_m(self) -> float:
        return self.merge_m + TAPER_M + self.between_m + TAPER_M + self.exit_m

    @property
    def total_m(self) -> float:
        return self.before_m + NOSE_M + self.middle_m + NOSE_M + self.after_m

    def network(self) -> RoadNetwork:
        stations = np.cumsum([0.0, self.before_m, NOSE_M, self.middle_m, NOSE_M])
        main = replace(
            self._main(MAIN, "motorway", stations[0], self.before_m), successor=RoadLink("junction", 0)
        )
        onward = replace(
            self._main(ONWARD, "onward", stations[4], self.after_m), predecessor=RoadLink("junction", 1)
        )
        middle = self._middle(float(stations[2]))
        on_ramp, off_ramp = self._on_ramp(float(stations[1])), self._off_ramp(float(stations[3]))
        joins = self._nose(0, 100, float(stations[1]), (MAIN, MIDDLE), on_ramp)
        leaves = self._nose(1, 200, float(stations[3]), (MIDDLE, ONWARD), off_ramp)
        roads = (main, middle, onward, self._opposite(), on_ramp, off_ramp, *joins[0], *leaves[0])
        return RoadNetwork(roads, (joins[1], leaves[1]), name="motorway")

    def _pen(self, station: float, t: float = 0.0) -> Pen:
        """At a station of the eastward carriageway, ``t`` left of its inner edge; the middle of all is the origin."""
        whole = Pen(-self.total_m / 2, -MEDIAN_M / 2 - SHOULDERS_M[0], -self.curvature * self.total_m / 2)
        piece = whole.arc(self.total_m, self.curvature) if self.curvature else whole.line(self.total_m)
        on = line_at(Road(0, self.total_m, piece.pieces, (LaneSection(0.0),)), station)
        x, y, _ = on.beside(t)[0]
        return Pen(float(x), float(y), float(on.heading[0]))

    def _run(self, pen: Pen, length: float) -> tuple[Geometry, ...]:
        return (pen.arc(length, self.curvature) if self.curvature else pen.line(length)).pieces

    def _lane(self, k: int, marking: Marking, linked: bool = True) -> RoadLane:
        own = -k if linked else None
        return RoadLane(-k, "driving", (Cubic(0.0, self.width_m),), own, own, marking)

    def _inner(self) -> tuple[RoadLane, ...]:
        return (RoadLane(1, "shoulder", (Cubic(0.0, SHOULDERS_M[0]),), 1, 1),)

    def _outer(self, k: int) -> RoadLane:
        return RoadLane(-k, "shoulder", (Cubic(0.0, SHOULDERS_M[1]),))

    def _carriageway(
        self, s: float, extra: tuple[RoadLane, ...] = (), last: Marking = "solid"
    ) -> LaneSection:
        """All through lanes, then ``extra`` ones, then the hard shoulder."""
        through = tuple(self._lane(k, "broken" if k < self.lanes else last) for k in range(1, self.lanes + 1))
        shoulder = self._outer(self.lanes + len(extra) + 1)
        return LaneSection(s, self._inner(), (*through, *extra, shoulder), "solid")

    def _main(self, road_id: int, name: str, station: float, length: float) -> Road:
        return Road(
            road_id,
            length,
            self._run(self._pen(float(station)), length),
            (self._carriageway(0.0),),
            name=name,
            elevation=(Cubic(0.0, 0.0),),
            speed_limit_mps=self.limit_mps,
        )

    def _middle(self, station: float) -> Road:
        """An extra lane that ends, none, and one that begins."""
        extra, w = self.lanes + 1, self.width_m
        ends = RoadLane(-extra, "driving", (Cubic(0.0, w),), -extra, -extra, "solid")
        shrinks = replace(ends, widths=ramp(0.0, TAPER_M, w, 0.0), successor=None)
        grows = replace(ends, widths=ramp(0.0, TAPER_M, 0.0, w), predecessor=None)
        starts = np.cumsum([0.0, self.merge_m, TAPER_M, self.between_m, TAPER_M])
        sections = (
            self._carriageway(0.0, (ends,), "broken"),
            self._carriageway(float(starts[1]), (shrinks,), "broken"),
            self._carriageway(float(starts[2])),
            self._carriageway(float(starts[3]), (grows,), "broken"),
            self._carriageway(float(starts[4]), (ends,), "broken"),
        )
        return Road(
            MIDDLE,
            self.middle_m,
            self._run(self._pen(station), self.middle_m),
            sections,
            name="merge",
            elevation=(Cubic(0.0, 0.0),),
            predecessor=RoadLink("junction", 0),
            successor=RoadLink("junction", 1),
            speed_limit_mps=self.limit_mps,
        )

    def _opposite(self) -> Road:
        """Westwards, its inner edge a median's width to the left."""
        apart = MEDIAN_M + 2 * SHOULDERS_M[0]
        pen = self._pen(self.total_m, apart)
        pen = replace(pen, heading=pen.heading + np.pi)
        # Beside an arc lengths are as the radii.
        length = self.total_m * (1.0 - apart * self.curvature)
        curvature = -self.curvature / (1.0 - apart * self.curvature)
        drawn = pen.arc(length, curvature) if curvature else pen.line(length)
        return Road(
            OPPOSITE,
            length,
            drawn.pieces,
            (self._carriageway(0.0),),
            name="opposite",
            elevation=(Cubic(0.0, 0.0),),
            speed_limit_mps=self.limit_mps,
        )

    @property
    def _ramp_t(self) -> float:
        """Where a slip road's left edge is at the nose: outside the shoulder."""
        return -(self.lanes * self.width_m + SHOULDERS_M[1] + 0.6)

    def _ramp_lanes(self) -> LaneSection:
        inner = (RoadLane(1, "shoulder", (Cubic(0.0, 0.5),), 1, 1),)
        lane = RoadLane(-1, "driving", (Cubic(0.0, RAMP_LANE_M),), -1, -1, "solid")
        return LaneSection(0.0, inner, (lane, RoadLane(-2, "shoulder", (Cubic(0.0, 0.9),))), "solid")

    def _on_ramp(self, station: float) -> Road:
        """From the right, drawn backwards from the nose and then turned round."""
        at = self._pen(station, self._ramp_t)
        away = replace(at, heading=at.heading + np.pi).line(20.0).bend(np.radians(32.0), 110.0).line(45.0)
        away = away.bend(np.radians(-18.0), 90.0).line(15.0)
        return replace(self._ramp(ON_RAMP, "on_ramp", _reversed(away)), successor=RoadLink("junction", 0))

    def _off_ramp(self, station: float) -> Road:
        at = self._pen(station + NOSE_M, self._ramp_t)
        away = at.line(20.0).bend(np.radians(-32.0), 110.0).line(45.0).bend(np.radians(18.0), 90.0).line(15.0)
        return replace(self._ramp(OFF_RAMP, "off_ramp", away), predecessor=RoadLink("junction", 1))

    def _ramp(self, road_id: int, name: str, pen: Pen) -> Road:
        return Road(
            road_id,
            pen.length_m,
            pen.pieces,
            (self._ramp_lanes(),),
            name=name,
            elevation=(Cubic(0.0, 0.0),),
            speed_limit_mps=self.ramp_mps,
        )

    def _nose(
        self, junction: int, first_id: int, station: float, through: tuple[int, int], ramp_road: Road
    ) -> tuple[tuple[Road, ...], Junction]:
        """The through lanes go straight on; the slip road's lane becomes the extra one, or comes of it."""
        before, after = through
        joins = junction == 0
        section = self._carriageway(0.0)
        straight = Road(
            first_id,
            NOSE_M,
            self._run(self._pen(station), NOSE_M),
            (replace(section, right=section.right[:-1]),),
            elevation=(Cubic(0.0, 0.0),),
            predecessor=RoadLink("road", before, "end"),
            successor=RoadLink("road", after, "start"),
            junction=junction,
            speed_limit_mps=self.limit_mps,
        )
        edge, extra = -self.lanes * self.width_m, -(self.lanes + 1)
        if joins:
            end = self._pen(station + NOSE_M, edge)
            pen = self._pen(station, self._ramp_t).to(end.x_m, end.y_m, end.heading)
            links = RoadLink("road", ON_RAMP, "end"), RoadLink("road", after, "start")
            widths = _taper(pen.length_m, RAMP_LANE_M, self.width_m)
            lane = RoadLane(-1, "driving", widths, -1, extra, "solid")
        else:
            end = self._pen(station + NOSE_M, self._ramp_t)
            pen = self._pen(station, edge).to(end.x_m, end.y_m, end.heading)
            links = RoadLink("road", before, "end"), RoadLink("road", OFF_RAMP, "start")
            widths = _taper(pen.length_m, self.width_m, RAMP_LANE_M)
            lane = RoadLane(-1, "driving", widths, extra, -1, "solid")
        shoulder = RoadLane(-2, "shoulder", _taper(pen.length_m, *((0.9, 2.4) if joins else (2.4, 0.9))))
        slip = Road(
            first_id + 1,
            pen.length_m,
            pen.pieces,
            (LaneSection(0.0, (), (lane, shoulder), "none"),),
            elevation=(Cubic(0.0, 0.0),),
            predecessor=links[0],
            successor=links[1],
            junction=junction,
            speed_limit_mps=ramp_road.speed_limit_mps,
        )
        pairs = tuple((-k, -k) for k in range(1, self.lanes + 1))
        connections = (
            Connection(0, before, first_id, "start", pairs),
            Connection(
                1, ON_RAMP if joins else before, first_id + 1, "start", ((-1 if joins else extra, -1),)
            ),
        )
        name = "joining" if joins else "leaving"
        return (straight, slip), Junction(
            junction, connections, name, ((first_id, first_id + 1),) if joins else ()
        )


def _taper(length: float, start: float, end: float) -> tuple[Cubic, ...]:
    return (Cubic(0.0, start), *ramp(0.01, length - 0.01, start, end))


def _reversed(pen: Pen) -> Pen:
    """The same line driven the other way."""
    x, y, heading = pen.x_m, pen.y_m, pen.heading + np.pi
    back = Pen(x, y, float(np.arctan2(np.sin(heading), np.cos(heading))))
    for piece in reversed(pen.pieces):
        a, b = -piece.curvature_end, -piece.curvature_start
        if piece.kind == "line":
            back = back.line(piece.length_m)
        elif piece.kind == "arc":
            back = back.arc(piece.length_m, a)
        else:
            back = back.spiral(piece.length_m, a, b)
    return back
