"""Crossroads and T-junctions."""

# ruff: noqa: RUF009 (distributions are frozen, so they may stand as defaults)

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.distributions import Choice, Flag, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.arms import Arm, compass, connect, joined, mouth_m, movements
from pairforge.scenes.roads.network import (
    Controller,
    Crosswalk,
    Cubic,
    Junction,
    LaneSection,
    Marking,
    Road,
    RoadNetwork,
    RoadSignal,
)
from pairforge.scenes.roads.pen import Pen, ramp
from pairforge.scenes.roads.profile import Side
from pairforge.scenes.roads.setting import RoadSetting, checked

CONTROLS = ("signals", "priority", "right_before_left")
CROSSWALK_M = 3.4
"""The middle of a crossing on an arm, from the junction."""
STOP_LINE_M = 6.2
POST_M = 0.75
"""Lights and signs stand this far behind the kerb."""
LEVEL_M = 16.0
"""Arms are level so far from the junction."""
_CLEARANCE = (3.0, 2.0)
"""Seconds of yellow, and of red for all."""


@dataclass(frozen=True, kw_only=True)
class Crossroads(RoadSetting):
    """Three or four arms that meet at the world's origin. They are named by where they lead: east, north, west and
    south (+x is east); with three, there is none to the north.

    ``lanes`` counts each direction (1 or 2). ``control``: "signals", "priority" (east and west go first) or
    "right_before_left". ``skew_deg`` turns north and south away from square, ``bend_deg`` is the most an arm bends
    further out. ``rise_m``: the most that an arm climbs or falls. Lights begin ``cycle_start`` (0..1) into their
    cycle: at 0 east and west just get green, at 0.5 north and south.
    """

    arms: Value[int] = 4
    lanes: Value[int] = 1
    control: Value[str] = "signals"
    arm_m: Value[float] = Uniform(80.0, 100.0)
    lane_width_m: Value[float] = Uniform(3.1, 3.5)
    pavement_m: Value[float] = Uniform(3.0, 4.2)
    corner_radius_m: Value[float] = Uniform(6.0, 9.0)
    speed_limit_mps: Value[float] = Choice(8.33, 13.89)
    parking: Value[bool] = Flag(0.7)
    crossings: Value[bool] = True
    skew_deg: Value[float] = Uniform(-12.0, 12.0)
    bend_deg: Value[float] = Uniform(0.0, 25.0)
    rise_m: Value[float] = 0.0
    green_s: Value[float] = Uniform(9.0, 16.0)
    cycle_start: Value[float] = Uniform(0.0, 1.0)

    def corner_m(self, draw: Draws) -> float:
        return checked(draw, self, "corner_radius_m", 3.0, 20.0)

    def lay(self, draw: Draws) -> RoadNetwork:
        """The network; SpecError when a drawn value is out of range."""
        plan = _Plan.drawn(self, draw)
        arms = [plan.arm(k, draw) for k in range(len(plan.angles))]
        ways = list(movements(arms))
        connecting, connections = connect(arms, ways, 0, 100, plan.level_m)
        first = tuple(
            (a.road.road_id, b.road.road_id)
            for a in arms
            for b in arms
            if plan.control == "priority" and plan.major(a.road.road_id) and not plan.major(b.road.road_id)
        )
        lights = plan.control == "signals"
        return RoadNetwork(
            roads=(*(joined(arm.road, 0) for arm in arms), *connecting),
            junctions=(Junction(0, connections, "crossroads", first),),
            controllers=plan.controllers(checked(draw, self, "cycle_start", 0.0, 1.0)) if lights else (),
            name="crossroads",
        )


@dataclass(frozen=True)
class _Plan:
    """Everything drawn for the whole junction."""

    angles: tuple[float, ...]
    side: Side
    control: str
    arm_m: float
    radius_m: float
    limit_mps: float
    parking: bool
    crossings: bool
    bend: float
    rise_m: float
    green_s: float
    level_m: float

    @staticmethod
    def drawn(spec: Crossroads, draw: Draws) -> _Plan:
        arms, control = draw("arms", spec.arms), draw("control", spec.control)
        if arms not in (3, 4):
            raise SpecError(f"Crossroads(arms={arms}): give 3 or 4 arms")
        if control not in CONTROLS:
            raise SpecError(f'Crossroads(control="{control}"): unknown. {did_you_mean(control, CONTROLS)}')
        skew = np.radians(checked(draw, spec, "skew_deg", -25.0, 25.0))
        angles = (0.0, np.pi / 2 + skew, np.pi, 1.5 * np.pi + skew)
        lanes = draw("lanes", spec.lanes)
        if lanes not in (1, 2):
            raise SpecError(f"Crossroads(lanes={lanes}): give 1 or 2 lanes each way")
        rise_m = checked(draw, spec, "rise_m", 0.0, 12.0)
        return _Plan(
            angles=angles if arms == 4 else (angles[0], angles[2], angles[3]),
            side=Side(
                lanes,
                checked(draw, spec, "lane_width_m", 2.6, 5.0),
                checked(draw, spec, "pavement_m", 2.5, 10.0),
            ),
            control=control,
            arm_m=checked(draw, spec, "arm_m", 60.0, 400.0),
            radius_m=checked(draw, spec, "corner_radius_m", 3.0, 20.0),
            limit_mps=checked(draw, spec, "speed_limit_mps", 1.0, 70.0),
            parking=draw("parking", spec.parking),
            crossings=draw("crossings", spec.crossings),
            bend=np.radians(checked(draw, spec, "bend_deg", 0.0, 45.0)),
            rise_m=rise_m,
            green_s=checked(draw, spec, "green_s", 3.0, 120.0),
            level_m=rise_m,
        )

    def major(self, road_id: int) -> bool:
        """Whether the arm leads east or west."""
        return bool(abs(np.cos(self.angles[road_id])) > 0.7)

    def arm(self, k: int, draw: Draws) -> Arm:
        """Arm ``k``: straight, then bending, then turning away at its far end, so that no view runs out."""
        angle, name = self.angles[k], compass(self.angles[k])
        under = draw.under(name)
        half = [self.side.half_lanes_m] * len(self.angles)
        start = mouth_m(half, self.angles, self.radius_m, k)
        pen = Pen(float(start * np.cos(angle)), float(start * np.sin(angle)), float(angle)).line(25.0)
        bend = under("bend", Uniform(-1.0, 1.0)) * self.bend
        if abs(bend) > 0.02:
            pen = pen.bend(bend, max(45.0, 0.35 * self.arm_m / abs(bend)))
        if (rest := self.arm_m - pen.length_m) > 1.0:
            pen = pen.line(rest)
        away = np.radians(under("away_deg", Uniform(35.0, 60.0))) * under("away", Choice(-1.0, 1.0))
        pen = pen.bend(away, 40.0).line(12.0)
        length = pen.length_m
        parks = (STOP_LINE_M + 12.0, length - 8.0) if self.parking else None
        side = replace(self.side, parking=parks)
        centre: Marking = "solid_solid" if self.side.lanes > 1 else "broken"
        end_m = self.level_m + under("rise", Uniform(-1.0, 1.0)) * self.rise_m
        road = Road(
            road_id=k,
            length_m=length,
            geometries=pen.pieces,
            sections=(LaneSection(0.0, side.road_lanes(1), side.road_lanes(-1), centre),),
            name=name,
            elevation=(Cubic(0.0, self.level_m), *ramp(LEVEL_M, length - 20.0, self.level_m, end_m)),
            speed_limit_mps=self.limit_mps,
            crosswalks=(Crosswalk(CROSSWALK_M),) if self.crossings else (),
            signals=tuple(self._signals(k)),
        )
        return Arm(road, tuple(side.driving_ids(1)), tuple(side.driving_ids(-1)))

    def _signals(self, k: int) -> list[RoadSignal]:
        """Beside the stop line, for those who come in."""
        behind_m = STOP_LINE_M if self.crossings else 1.2
        at: tuple[float, float, Literal["-"]] = (behind_m, self.side.half_lanes_m + POST_M, "-")
        if self.control == "signals":
            return [RoadSignal(k, "light", *at, controller=0 if self.major(k) else 1)]
        if self.control == "priority":
            kind = "priority" if self.major(k) else "give_way"
            return [RoadSignal(k, kind, *at)]
        return []

    def controllers(self, cycle_start: float) -> tuple[Controller, ...]:
        """East and west in turn with the others; all wait between."""
        yellow, all_red = _CLEARANCE
        half = self.green_s + yellow + all_red
        phases = (
            ("green", self.green_s),
            ("yellow", yellow),
            ("red", 2 * half - self.green_s - yellow - 1.0),
            ("red_yellow", 1.0),
        )
        start = cycle_start * 2 * half
        return Controller(0, phases, start), Controller(1, phases, (start + half) % (2 * half))
