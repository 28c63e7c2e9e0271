"""Arms that meet in a junction, and the connecting roads between them.

An arm's reference line starts at the junction and runs outwards, so its s is the distance from the junction; its left
lanes come in, its right lanes go out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pairforge.scenes.roads.network import Connection, Cubic, LaneSection, Road, RoadLane, RoadLink
from pairforge.scenes.roads.pen import Pen
from pairforge.scenes.roads.reference_line import lane_borders, line_at

COMPASS = ("east", "north_east", "north", "north_west", "west", "south_west", "south", "south_east")
STRAIGHT_ON = np.pi / 5
"""Radians up to which the way across a junction counts as straight on."""


def compass(angle: float) -> str:
    """The nearest of eight directions to a heading (radians from +x = east; +y is north)."""
    return COMPASS[round(angle / (np.pi / 4)) % 8]


@dataclass(frozen=True)
class Arm:
    """A road that starts at the junction. ``incoming``, ``outgoing``: ids of its driving lanes, outwards."""

    road: Road
    incoming: tuple[int, ...]
    outgoing: tuple[int, ...]

    @property
    def angle(self) -> float:
        """Where it leads, radians from +x."""
        return float(line_at(self.road, 0.0).heading[0])

    def inner_edge(self, lane_id: int) -> tuple[float, float]:
        """(x, y) of a lane's inner edge at the junction."""
        inner, _ = lane_borders(self.road, 0, 0.0)[lane_id]
        x, y, _ = line_at(self.road, 0.0).beside(inner)[0]
        return float(x), float(y)

    def width_m(self, lane_id: int) -> float:
        inner, outer = lane_borders(self.road, 0, 0.0)[lane_id]
        return float(abs(outer - inner)[0])


def mouth_m(half_widths: Sequence[float], angles: Sequence[float], radius_m: float, k: int) -> float:
    """How far from the middle arm ``k`` begins so that kerbs of ``radius_m`` fit between it and its neighbours."""
    reach = [half_widths[k] + 2.0]
    for other in (k - 1, (k + 1) % len(angles)):
        gap = abs(float(np.angle(np.exp(1j * (angles[k] - angles[other])))))
        if gap < np.radians(150.0):
            # Where the two kerbs' lines meet, and from there to where the arc touches.
            corner = (half_widths[other] + half_widths[k] * np.cos(gap)) / np.sin(gap)
            reach.append(corner + radius_m / np.tan(gap / 2))
    return max(reach)


def turn_of(incoming: Arm, outgoing: Arm) -> float:
    """Radians by which one turns (left positive) coming in on one arm and going out on another."""
    return float(np.angle(np.exp(1j * (outgoing.angle - incoming.angle - np.pi))))


def movements(arms: Sequence[Arm]) -> Iterator[tuple[Arm, int, Arm, int]]:
    """(from arm, its lane, to arm, its lane) of every way across: left from the inner lane, right from the outer."""
    for incoming in arms:
        for outgoing in arms:
            if outgoing is incoming:
                continue
            turn, lanes, targets = turn_of(incoming, outgoing), incoming.incoming, outgoing.outgoing
            if turn > STRAIGHT_ON:
                yield incoming, lanes[0], outgoing, targets[0]
            elif turn < -STRAIGHT_ON:
                yield incoming, lanes[-1], outgoing, targets[-1]
            else:
                for k, lane in enumerate(lanes):
                    yield incoming, lane, outgoing, targets[min(k, len(targets) - 1)]


def connect(
    arms: Sequence[Arm],
    ways: Iterable[tuple[Arm, int, Arm, int]],
    junction_id: int,
    first_id: int,
    z_m: float,
) -> tuple[tuple[Road, ...], tuple[Connection, ...]]:
    """The connecting roads of a junction, numbered from ``first_id``, each one lane wide."""
    roads, connections = [], []
    for k, (incoming, lane, outgoing, target) in enumerate(ways):
        road_id = first_id + k
        x, y = incoming.inner_edge(lane)
        ahead = incoming.angle + np.pi
        end = outgoing.inner_edge(target)
        pen = Pen(x, y, float(np.arctan2(np.sin(ahead), np.cos(ahead)))).to(*end, outgoing.angle)
        a, b = incoming.width_m(lane), outgoing.width_m(target)
        length = pen.length_m
        widths = (Cubic(0.0, a),) if abs(a - b) < 1e-9 else (Cubic(0.0, a, (b - a) / length),)
        roads.append(
            Road(
                road_id,
                length,
                pen.pieces,
                (LaneSection(0.0, right=(RoadLane(-1, "driving", widths, lane, target),)),),
                elevation=(Cubic(0.0, z_m),),
                predecessor=RoadLink("road", incoming.road.road_id, "start"),
                successor=RoadLink("road", outgoing.road.road_id, "start"),
                junction=junction_id,
                speed_limit_mps=min(incoming.road.speed_limit_mps, outgoing.road.speed_limit_mps),
            )
        )
        connections.append(Connection(k, incoming.road.road_id, road_id, "start", ((lane, -1),)))
    return tuple(roads), tuple(connections)


def joined(road: Road, junction_id: int) -> Road:
    """An arm's road, its start linked to the junction."""
    return replace(road, predecessor=RoadLink("junction", junction_id))
