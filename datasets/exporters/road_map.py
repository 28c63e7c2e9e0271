"""What maps of others ask of a scene's roads, beyond lanes: where people cross, where one stops, what divides lanes.

All of it follows from the lane graph that the concrete scene keeps (``scenes.concrete.ConcreteLane``) and from the
stored centre lines. Lengths along a lane are counted in the plane.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.ops import substring

from pairforge.frames import F64
from pairforge.sample import SceneRecord

STOP_M = 0.4
"""How wide a stop line is; traffic halts before its near edge, ``stop_m`` is its far one."""
_SEAM_M = 0.1
"""Lanes side by side leave a gap of less than twice this between them."""


@dataclass(frozen=True, eq=False)
class MapLane:
    """A lane of the store with its row of the lane graph. ``centre_m`` (N, 3) in driving direction."""

    lane_id: int
    width_m: float
    centre_m: F64
    row: Mapping[str, Any]

    @property
    def in_junction(self) -> bool:
        return self.row.get("junction") is not None

    @property
    def line(self) -> Any:
        """The centre line in the plane."""
        return LineString(self.centre_m[:, :2])

    def band(self, start_m: float, end_m: float, wider_m: float = 0.0) -> Any:
        """The lane's surface between two lengths along it."""
        piece = substring(self.line, start_m, end_m)
        return piece.buffer(self.width_m / 2 + wider_m, cap_style="flat")

    def edge(self, side: float) -> F64:
        """(N, 3) the border to the left (``side`` 1) or to the right (-1)."""
        along = np.gradient(self.centre_m[:, :2], axis=0)
        left = np.column_stack([-along[:, 1], along[:, 0]])
        left /= np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)
        return self.centre_m + np.pad(left * side * self.width_m / 2, ((0, 0), (0, 1)))


@dataclass(frozen=True, eq=False)
class Crossing:
    """A place where people cross. ``area``: its polygon in the plane. ``edges`` (2, 2, 3): its two borders across the
    road, each from one side of it to the other."""

    area: Any
    edges: F64


@dataclass(frozen=True, eq=False)
class StopLine:
    """Where a lane's traffic halts. ``why``: "signal", "stop", "yield" or "crossing"; ``signal``: the instance that
    rules it, if one does; ``crossing``: the crossing behind it, its place among the scene's, if there is one."""

    lane_id: int
    area: Any
    why: str
    signal: str | None
    crossing: int | None


def lanes_of(record: SceneRecord) -> dict[int, MapLane]:
    """The stored lanes by their ids."""
    rows = {int(row["lane_id"]): row for row in record.concrete["lanes"]}
    return {n: MapLane(n, width, centre, rows.get(n, {})) for n, width, centre in record.lanes}


def followers(lanes: Mapping[int, MapLane], lane_id: int) -> list[int]:
    """The stored lanes that go on where this one ends."""
    return [n for n in lanes[lane_id].row.get("successors", ()) if n in lanes]


def predecessors(lanes: Mapping[int, MapLane]) -> dict[int, list[int]]:
    """Lane -> the stored lanes that it goes on from."""
    found: dict[int, list[int]] = {lane_id: [] for lane_id in lanes}
    for lane_id in lanes:
        for after in followers(lanes, lane_id):
            found[after].append(lane_id)
    return found


def crossings(lanes: Iterable[MapLane]) -> list[Crossing]:
    """Crossings over all lanes side by side, in order of place."""
    pieces = [
        (lane, start, lane.band(start, end, _SEAM_M))
        for lane in lanes
        for start, end in lane.row.get("crossings_m", ())
    ]
    whole = shapely.union_all([band for _, _, band in pieces])
    found = []
    for part in sorted(shapely.get_parts(whole), key=lambda p: p.bounds):
        lane, start, _ = next(piece for piece in pieces if piece[2].intersects(part))
        found.append(_crossing(part, lane, start))
    return found


def _crossing(part: Any, lane: MapLane, start_m: float) -> Crossing:
    (x0, y0), (x1, y1) = (lane.line.interpolate(start_m + k).coords[0] for k in (0.0, 0.5))
    along = np.array([x1 - x0, y1 - y0]) / max(np.hypot(x1 - x0, y1 - y0), 1e-9)
    axes = np.array([along, [-along[1], along[0]]])
    local = shapely.get_coordinates(part) @ axes.T
    (near, right), (far, left) = local.min(axis=0), local.max(axis=0)
    corners = np.array([[[near, right], [near, left]], [[far, right], [far, left]]])
    corners[..., 1] += [_SEAM_M, -_SEAM_M]
    flat = corners @ axes
    gap = np.linalg.norm(flat[:, :, None] - lane.centre_m[None, None, :, :2], axis=-1)
    height = lane.centre_m[gap.argmin(axis=-1), 2]
    area = shapely.Polygon([*flat[0], *flat[1][::-1]])
    return Crossing(area, np.concatenate([flat, height[..., None]], axis=-1))


def stop_lines(lanes: Mapping[int, MapLane], found: list[Crossing]) -> Iterator[StopLine]:
    """Where lanes have their stop lines; ``found``: the scene's ``crossings``."""
    for lane in lanes.values():
        stop = lane.row.get("stop_m")
        if stop is None:
            continue
        ahead = lane.band(stop, stop + 6.0)
        crossing = next((k for k, c in enumerate(found) if c.area.intersects(ahead)), None)
        signal = lane.row.get("signal")
        yields = any(lanes[n].row.get("yields_to") for n in followers(lanes, lane.lane_id))
        why = (
            "signal" if signal else "stop" if lane.row.get("must_stop") else "yield" if yields else "crossing"
        )
        if why == "crossing" and crossing is None:
            why = "yield"
        area = lane.band(max(stop - STOP_M, 0.0), stop)
        yield StopLine(lane.lane_id, area, why, signal, crossing)


def dividers(lanes: Mapping[int, MapLane]) -> tuple[list[F64], list[F64]]:
    """Lines (N, 3) between lanes of one direction, and those between lanes of both."""
    same = [lane.edge(1.0) for lane in lanes.values() if lane.row.get("left") in lanes]
    both = [
        lane.edge(1.0)
        for lane in lanes.values()
        if (other := lane.row.get("opposing")) in lanes and other is not None and lane.lane_id < other
    ]
    return same, both
