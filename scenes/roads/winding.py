"""One road that winds: straights, clothoids and arcs, through a town or open country, level or over hills."""

# ruff: noqa: RUF009 (distributions are frozen, so they may stand as defaults)

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Choice, Flag, Integer, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.network import (
    Crosswalk,
    Cubic,
    LaneSection,
    Marking,
    Road,
    RoadNetwork,
    RoadSignal,
)
from pairforge.scenes.roads.pen import Pen, ramp
from pairforge.scenes.roads.profile import Side
from pairforge.scenes.roads.setting import RoadSetting, checked

LATERAL_MPS2 = 3.0
"""Bends are at least so wide that the speed limit asks for no more sideways acceleration."""
STEEPEST = 0.12


@dataclass(frozen=True, kw_only=True)
class WindingRoad(RoadSetting):
    """A road of about ``length_m`` from the world's origin along +x, with ``bends`` bends to either side by up to
    ``bend_deg``, eased by clothoids. With one lane each way lane 0 runs along it and lane 1 comes back.

    ``hills_m``: how much it rises and falls between its crests and dips, never steeper than 12 %. In a ``town`` it
    has pavements (and ``parking`` where it may), else verges.
    """

    town: Value[bool] = False
    length_m: Value[float] = Uniform(320.0, 380.0)
    bends: Value[int] = Integer(3, 5)
    bend_deg: Value[float] = Uniform(25.0, 55.0)
    lanes: Value[int] = 1
    lane_width_m: Value[float] = Uniform(3.1, 3.5)
    pavement_m: Value[float] = Uniform(2.8, 3.8)
    speed_limit_mps: Value[float] = Choice(11.11, 13.89)
    hills_m: Value[float] = 0.0
    parking: Value[bool] = False
    crossing: Value[bool] = False

    def lay(self, draw: Draws) -> RoadNetwork:
        """The network; SpecError when a drawn value is out of range."""
        limit = checked(draw, self, "speed_limit_mps", 1.0, 70.0)
        lanes = draw("lanes", self.lanes)
        if lanes not in (1, 2):
            raise SpecError(f"WindingRoad(lanes={lanes}): give 1 or 2 lanes each way")
        pen = self._line(draw, limit)
        town = draw("town", self.town)
        pavement = checked(draw, self, "pavement_m", 2.5, 10.0)
        parks = (8.0, pen.length_m - 8.0) if draw("parking", self.parking) and town else None
        side = Side(
            lanes, checked(draw, self, "lane_width_m", 2.6, 5.0), pavement if town else 0.0, parking=parks
        )
        centre: Marking = "solid_solid" if lanes > 1 else "broken"
        crossing = draw("crossing", self.crossing)
        at = draw("crossing_s_m", Uniform(0.42, 0.58)) * pen.length_m
        road = Road(
            0,
            pen.length_m,
            pen.pieces,
            (LaneSection(0.0, side.road_lanes(1), side.road_lanes(-1), centre),),
            name="road",
            elevation=self._hills(draw, pen.length_m),
            speed_limit_mps=limit,
            crosswalks=(Crosswalk(at),) if crossing else (),
            signals=self._signs(at, side.half_lanes_m + 0.8) if crossing else (),
        )
        return RoadNetwork((road,), name="winding")

    def _line(self, draw: Draws, limit: float) -> Pen:
        length = checked(draw, self, "length_m", 80.0, 1500.0)
        bends = draw("bends", self.bends)
        if not 1 <= bends <= 20:
            raise SpecError(f"WindingRoad(bends={bends}): give 1 to 20")
        most = np.radians(checked(draw, self, "bend_deg", 3.0, 90.0))
        tightest = max(30.0, limit**2 / LATERAL_MPS2)
        pen = Pen(0.0, 0.0, 0.0).line(30.0)
        side = draw("first", Choice(-1.0, 1.0))
        share = (length - 50.0) / bends
        for k in range(bends):
            under = draw.under(f"bend_{k}")
            # The heading swings about +x, so that the road never comes back upon itself.
            goal = side * (-1.0) ** k * most * under("share", Uniform(0.5, 1.0))
            angle = goal - pen.heading
            radius = max(tightest, 0.8 * share / (1.5 * abs(angle)))
            pen = pen.bend(angle, radius)
            if (rest := 50.0 + share * (k + 1) - 20.0 - pen.length_m) > 2.0:
                pen = pen.line(rest)
        return pen.line(20.0)

    def _hills(self, draw: Draws, length: float) -> tuple[Cubic, ...]:
        """Crests and dips a hundred metres or so apart, level at both ends."""
        rise = checked(draw, self, "hills_m", 0.0, 60.0)
        if rise == 0.0:
            return (Cubic(0.0, 0.0),)
        count = max(2, round(length / 95.0))
        s = np.linspace(12.0, length - 12.0, count + 1)
        up = draw("rises_first", Flag(0.5))
        heights = [0.0]
        for k in range(count):
            share = draw(f"hill_{k}", Uniform(0.5, 1.0))
            step = (rise if (k % 2 == 0) == up else -rise) * share
            # A smooth ramp is 1.5 times as steep in its middle as on the whole.
            limit = STEEPEST * float(s[k + 1] - s[k]) / 1.5
            heights.append(heights[-1] + float(np.clip(step, -limit, limit)))
        base = -min(heights)
        found = [Cubic(0.0, heights[0] + base)]
        for k in range(count):
            found.append(ramp(float(s[k]), float(s[k + 1]), heights[k] + base, heights[k + 1] + base)[0])
        return (*found, Cubic(float(s[-1]), heights[-1] + base))

    def _signs(self, s: float, t: float) -> tuple[RoadSignal, ...]:
        return RoadSignal(0, "crossing", s - 2.6, -t, "+"), RoadSignal(1, "crossing", s + 2.6, t, "-")
