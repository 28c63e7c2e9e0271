"""Roundabouts: a ring that one drives round to the left of its island, and arms that give way to it."""

# ruff: noqa: RUF009 (distributions are frozen, so they may stand as defaults)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Choice, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.arms import Arm, compass
from pairforge.scenes.roads.network import (
    Connection,
    Crosswalk,
    Cubic,
    Junction,
    LaneSection,
    Road,
    RoadLane,
    RoadLink,
    RoadNetwork,
    RoadSignal,
)
from pairforge.scenes.roads.pen import Pen, ramp
from pairforge.scenes.roads.profile import Side
from pairforge.scenes.roads.reference_line import line_at
from pairforge.scenes.roads.setting import RoadSetting, checked

RING_LANE_M = 5.2
ARM_LANE_M = 3.4
SPLITTER_M = 1.6
"""Half the width of the island that parts an arm's two ways, where it meets the ring."""
SPLITTER_LENGTH_M = (14.0, 26.0)
"""It keeps its width so far from the ring and has vanished there."""
CROSSWALK_M = 9.0
FIRST_RING, FIRST_JUNCTION_ROAD = 20, 100
_Lanes = tuple[tuple[RoadLane, ...], tuple[RoadLane, ...]]


@dataclass(frozen=True, kw_only=True)
class Roundabout(RoadSetting):
    """A roundabout about the world's origin with 3 or 4 arms, named as those of ``Crossroads`` by where they lead.

    ``radius_m`` is that of the middle of its one lane. Who comes in gives way. The parts of the ring between arms are
    roads of their own, "ring_0" behind the east arm and so on counter-clockwise.
    """

    arms: Value[int] = 4
    radius_m: Value[float] = Uniform(16.0, 21.0)
    arm_m: Value[float] = Uniform(70.0, 90.0)
    pavement_m: Value[float] = Uniform(2.8, 3.6)
    speed_limit_mps: Value[float] = Choice(8.33, 13.89)
    crossings: Value[bool] = True

    def lay(self, draw: Draws) -> RoadNetwork:
        """The network; SpecError when a drawn value is out of range."""
        arms = draw("arms", self.arms)
        if arms not in (3, 4):
            raise SpecError(f"Roundabout(arms={arms}): give 3 or 4 arms")
        plan = _Plan(
            angles=tuple(2 * np.pi * k / 4 for k in range(4) if arms == 4 or k != 1),
            radius_m=checked(draw, self, "radius_m", 13.0, 60.0),
            arm_m=checked(draw, self, "arm_m", 50.0, 400.0),
            pavement_m=checked(draw, self, "pavement_m", 2.5, 8.0),
            limit_mps=checked(draw, self, "speed_limit_mps", 1.0, 70.0),
            crossings=draw("crossings", self.crossings),
        )
        return plan.lay(draw)

    def corner_m(self, draw: Draws) -> float:
        return 9.0


@dataclass(frozen=True)
class _Plan:
    """Everything drawn for the whole roundabout."""

    angles: tuple[float, ...]
    radius_m: float
    arm_m: float
    pavement_m: float
    limit_mps: float
    crossings: bool

    @property
    def mouth_m(self) -> float:
        """Where arms begin, from the middle."""
        return self.radius_m + RING_LANE_M / 2 + 9.0

    @property
    def half(self) -> float:
        """Half the angle of the ring that an arm's junction takes."""
        return float(min((ARM_LANE_M + SPLITTER_M + 9.0) / self.radius_m, np.pi / 4 - 0.1))

    def lay(self, draw: Draws) -> RoadNetwork:
        count = len(self.angles)
        arms = [self._arm(k, draw) for k in range(count)]
        rings = [self._ring(k) for k in range(count)]
        inside: list[Road] = []
        junctions: list[Junction] = []
        for k, arm in enumerate(arms):
            roads, connections = self._ways(k, arm)
            inside += roads
            first = tuple((roads[0].road_id, road.road_id) for road in roads[2:])
            junctions.append(Junction(k, connections, f"{arm.road.name}_entry", first))
        return RoadNetwork(
            roads=(*(arm.road for arm in arms), *rings, *inside),
            junctions=tuple(junctions),
            name="roundabout",
        )

    def _arm(self, k: int, draw: Draws) -> Arm:
        angle, name = self.angles[k], compass(self.angles[k])
        under = draw.under(name)
        pen = Pen(float(self.mouth_m * np.cos(angle)), float(self.mouth_m * np.sin(angle)), float(angle))
        pen = pen.line(SPLITTER_LENGTH_M[1] + 4.0)
        bend = under("bend", Uniform(-0.4, 0.4))
        if abs(bend) > 0.02:
            pen = pen.bend(bend, max(50.0, 20.0 / abs(bend)))
        if (rest := self.arm_m - pen.length_m) > 1.0:
            pen = pen.line(rest)
        away = np.radians(under("away_deg", Uniform(35.0, 60.0))) * under("away", Choice(-1.0, 1.0))
        pen = pen.bend(away, 40.0).line(12.0)
        start, end = SPLITTER_LENGTH_M
        median = (Cubic(0.0, SPLITTER_M), *ramp(start - 8.0, end, SPLITTER_M, 0.0))
        side = Side(1, ARM_LANE_M, self.pavement_m, median_m=median)
        road = Road(
            k,
            pen.length_m,
            pen.pieces,
            (LaneSection(0.0, side.road_lanes(1), side.road_lanes(-1), "none"),),
            name=name,
            elevation=(Cubic(0.0, 0.0),),
            predecessor=RoadLink("junction", k),
            speed_limit_mps=self.limit_mps,
            crosswalks=(Crosswalk(CROSSWALK_M),) if self.crossings else (),
            signals=(RoadSignal(k, "give_way", 0.8, SPLITTER_M + ARM_LANE_M + 0.8, "-"),),
        )
        return Arm(road, tuple(side.driving_ids(1)), tuple(side.driving_ids(-1)))

    def _lanes(self) -> _Lanes:
        """Of the ring: the reference line is the island's edge; the island's rim is a median on the left."""
        rim = self._edge_m - 0.4
        left = (RoadLane(1, "median", (Cubic(0.0, rim),), 1, 1),)
        right = (
            RoadLane(-1, "driving", (Cubic(0.0, RING_LANE_M),), -1, -1, "none"),
            RoadLane(-2, "sidewalk", (Cubic(0.0, self.pavement_m),)),
        )
        return left, right

    @property
    def _edge_m(self) -> float:
        return self.radius_m - RING_LANE_M / 2

    def _arc(self, start: float, end: float) -> Pen:
        """Counter-clockwise along the island's edge."""
        r = self._edge_m
        pen = Pen(float(r * np.cos(start)), float(r * np.sin(start)), float(start + np.pi / 2))
        return pen.arc(float(r * (end - start)), 1.0 / r)

    def _ring(self, k: int) -> Road:
        """From arm ``k``'s junction to the next one's."""
        count = len(self.angles)
        start, end = self.angles[k] + self.half, self.angles[(k + 1) % count] - self.half
        pen = self._arc(start, end + (2 * np.pi if end < start else 0.0))
        left, right = self._lanes()
        return Road(
            FIRST_RING + k,
            pen.length_m,
            pen.pieces,
            (LaneSection(0.0, left, right, "none"),),
            name=f"ring_{k}",
            elevation=(Cubic(0.0, 0.0),),
            predecessor=RoadLink("junction", k),
            successor=RoadLink("junction", (k + 1) % count),
            speed_limit_mps=min(self.limit_mps, 8.33),
        )

    def _ways(self, k: int, arm: Arm) -> tuple[tuple[Road, ...], tuple[Connection, ...]]:
        """Round, out and in, in this order."""
        count = len(self.angles)
        before, after = FIRST_RING + (k - 1) % count, FIRST_RING + k
        first = FIRST_JUNCTION_ROAD + 10 * k
        angle = self.angles[k]
        start, end = angle - self.half, angle + self.half
        left, right = self._lanes()
        through = self._arc(start, end)
        edge = self._edge_m
        enter_from = arm.inner_edge(arm.incoming[0])
        leave_to = arm.inner_edge(arm.outgoing[0])
        on_ring = [
            (float(edge * np.cos(a)), float(edge * np.sin(a)), float(a + np.pi / 2)) for a in (start, end)
        ]
        leaving = Pen(*on_ring[0]).to(*leave_to, angle)
        entering = Pen(*enter_from, float(angle + np.pi)).to(*on_ring[1])
        links = [
            (through, RoadLink("road", before, "end"), RoadLink("road", after, "start"), (left, right[:1])),
            (
                leaving,
                RoadLink("road", before, "end"),
                RoadLink("road", k, "start"),
                self._taper(leaving, -1, arm.outgoing[0], angle),
            ),
            (
                entering,
                RoadLink("road", k, "start"),
                RoadLink("road", after, "start"),
                self._taper(entering, arm.incoming[0], -1, angle),
            ),
        ]
        roads = tuple(
            Road(
                first + n,
                pen.length_m,
                pen.pieces,
                (LaneSection(0.0, lanes[0], lanes[1], "none"),),
                elevation=(Cubic(0.0, 0.0),),
                predecessor=a,
                successor=b,
                junction=k,
                speed_limit_mps=min(self.limit_mps, 8.33),
            )
            for n, (pen, a, b, lanes) in enumerate(links)
        )
        connections = (
            Connection(0, before, first, "start", ((-1, -1),)),
            Connection(1, before, first + 1, "start", ((-1, -1),)),
            Connection(2, k, first + 2, "start", ((arm.incoming[0], -1),)),
        )
        return roads, connections

    def _taper(self, pen: Pen, lane: int, target: int, angle: float) -> _Lanes:
        """One lane, as wide as the ring at one end and as the arm at the other, and the splitter on its left."""
        a, b = (RING_LANE_M, ARM_LANE_M) if lane == -1 else (ARM_LANE_M, RING_LANE_M)
        widths = (Cubic(0.0, a), *ramp(0.01, pen.length_m - 0.01, a, b))
        splitter = RoadLane(1, "median", self._splitter(pen, angle))
        return (splitter,), (RoadLane(-1, "driving", widths, lane, target),)

    def _splitter(self, pen: Pen, angle: float) -> tuple[Cubic, ...]:
        """The room left of a way between ring and arm: as far as the arm's axis, and clear of the ring."""
        probe = Road(0, pen.length_m, pen.pieces, (LaneSection(0.0),))
        s = np.linspace(0.0, pen.length_m, 15)
        line = line_at(probe, s)
        axis = np.array([-np.sin(angle), np.cos(angle)])
        clear = self.radius_m + RING_LANE_M / 2 + 0.7
        widths = []
        for (x, y), heading in zip(line.xyz_m[:, :2], line.heading, strict=True):
            left = np.array([-np.sin(heading), np.cos(heading)])
            point = np.array([x, y])
            slant, off = float(left @ axis), float(point @ axis)
            to_axis = -off / slant if abs(slant) > 1e-6 else 1e9
            near = float(point @ left)
            inside = near**2 - float(point @ point) + clear**2
            to_ring = -near - np.sqrt(inside) if inside > 0.0 and near < 0.0 else 1e9
            outside = float(np.hypot(x, y)) > clear
            widths.append(max(0.0, min(to_axis, to_ring)) if outside and to_axis > 0.0 else 0.0)
        steps = zip(s[:-1], widths[:-1], widths[1:], strict=True)
        return tuple(Cubic(float(at), w, (v - w) / float(s[1])) for at, w, v in steps)
