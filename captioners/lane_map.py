"""All lanes at once: which of them a point lies in, and what rules traffic there, from the record's centre lines and
the lane graph of the concrete scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.lanes import Lanes, Way
from pairforge.frames import F64, I64
from pairforge.sample import SceneRecord
from pairforge.scenes.signals import Programme

_FAR_M = 10.0


@dataclass(frozen=True, eq=False)
class LaneSpot:
    """A point in a lane: the lane's place in the record, metres off its centre line, metres along it, its direction
    (2,), and how far off the line one may be to count as in it."""

    k: int
    off_m: float
    along_m: float
    forward: F64
    limit_m: float


@dataclass(frozen=True)
class Gate:
    """Where a way meets a rule: the lane that ends there (its place in the record), and metres along the way to its
    line."""

    k: int
    line_m: float


@dataclass(frozen=True, eq=False)
class LaneMap:
    """The lanes of a scene, with their rows of the lane graph ({} where the scene has none)."""

    lanes: Lanes
    graph: Sequence[Mapping[str, Any]]
    lights: Mapping[str, tuple[int, Programme]]
    """Signal's name -> its instance id and programme."""

    @staticmethod
    def of(record: SceneRecord) -> LaneMap:
        rows = {row["lane_id"]: row for row in record.concrete.get("lanes", ())}
        ids = {r.name: r.instance_id for r in record.instances}
        lights = {
            item["name"]: (ids[item["name"]], Programme.of(item["behaviour"]))
            for item in record.concrete.get("items", ())
            if item["motion"] == "signal" and item["name"] in ids
        }
        return LaneMap(record.lanes, [rows.get(lane_id, {}) for lane_id, _, _ in record.lanes], lights)

    @cached_property
    def _pieces(self) -> tuple[F64, F64, F64, I64, F64]:
        """Of all pieces of all centre lines: start, edge, length, first piece of each lane, metres before each."""
        lines = [line[:, :2] for _, _, line in self.lanes]
        start, edge = (
            np.concatenate([x[:-1] for x in lines]),
            np.concatenate([np.diff(x, axis=0) for x in lines]),
        )
        length = np.maximum(np.linalg.norm(edge, axis=1), 1e-9)
        counts = np.array([len(x) - 1 for x in lines])
        firsts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        before = np.concatenate([[0.0], np.cumsum(length)[:-1]])
        return start, edge, length, firsts, before - np.repeat(before[firsts], counts)

    @cached_property
    def lengths_m(self) -> list[float]:
        return [
            float(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1).sum()) for _, _, line in self.lanes
        ]

    def nearest(self, xy: F64) -> list[LaneSpot]:
        """Of each lane, the nearest place on its centre line; lanes end where they end."""
        if not self.lanes:
            return []
        start, edge, length, firsts, before = self._pieces
        share = np.clip(((xy - start) * edge).sum(axis=1) / length**2, 0.0, 1.0)
        away = np.linalg.norm(xy - (start + share[:, None] * edge), axis=1)
        found = []
        for k, first in enumerate(firsts):
            last = firsts[k + 1] if k + 1 < len(firsts) else len(away)
            j = int(first + np.argmin(away[first:last]))
            limit = self.lanes[k][1] / 2 - policy.LANE_MARGIN_M
            along = float(before[j] + share[j] * length[j])
            found.append(LaneSpot(k, float(away[j]), along, edge[j] / length[j], limit))
        return found

    def holding(self, xy: F64) -> list[LaneSpot]:
        """The lanes that a point is clearly in: nearer to their middle than half their width less a margin."""
        return [spot for spot in self.nearest(xy) if spot.off_m <= spot.limit_m]

    def beside(self, points: F64) -> tuple[F64, F64, F64]:
        """Of each point (P, 2) and each of the L lanes: metres off its line, the same, left positive, and its
        direction there, (P, L), (P, L), (P, L, 2). Lanes end where they end; those far from all are inf off."""
        shape = (len(points), len(self.lanes))
        off, left, ways = np.full(shape, np.inf), np.zeros(shape), np.zeros((*shape, 2))
        low, high = points.min(axis=0) - _FAR_M, points.max(axis=0) + _FAR_M
        for k, (_, _, line) in enumerate(self.lanes):
            flat = line[:, :2]
            if (flat.max(axis=0) < low).any() or (flat.min(axis=0) > high).any():
                continue
            start, edge = flat[:-1], np.diff(flat, axis=0)
            length = np.maximum(np.linalg.norm(edge, axis=1), 1e-9)
            offset = points[:, None] - start
            share = np.clip((offset * edge).sum(axis=2) / length**2, 0.0, 1.0)
            offset = offset - share[..., None] * edge
            away = np.linalg.norm(offset, axis=2)
            j, row = np.argmin(away, axis=1), np.arange(len(points))
            off[:, k], ways[:, k] = away[row, j], edge[j] / length[j, None]
            side = ways[:, k, 0] * offset[row, j, 1] - ways[:, k, 1] * offset[row, j, 0]
            left[:, k] = np.copysign(away[row, j], side)
        return off, left, ways

    def gate(self, way: Way, front_m: float) -> Gate | None:
        """The next place along a way, from ``front_m`` on, where a light, a sign or a junction asks something."""
        starts = [0.0, *way.ends_m[:-1].tolist()]
        for k, start, end in zip(way.chain, starts, way.ends_m.tolist(), strict=True):
            row = self.graph[k]
            if row.get("stop_m") is None and row.get("signal") is None:
                continue
            line = start + float(row["stop_m"]) if row["stop_m"] is not None else end
            if line >= front_m - policy.OVER_LINE_M:
                return Gate(k, line)
        return None

    def light_at(self, k: int, time_ns: int) -> tuple[int, str, float] | None:
        """Of the light that rules a lane: its instance id, its state, and seconds to the nearest change before or
        after; None without one."""
        known = self.lights.get(self.graph[k].get("signal") or "")
        if known is None:
            return None
        light, programme = known
        return light, programme.at(time_ns * 1e-9)[0], steady_s(programme, time_ns * 1e-9)


def steady_s(programme: Programme, time_s: float) -> float:
    """Seconds to the nearest change of state, before or after; a whole cycle where it never changes."""
    into = (time_s + programme.offset_s) % programme.cycle_s
    names = [state for state, _ in programme.phases]
    ends = np.cumsum([seconds for _, seconds in programme.phases])
    turns = [e for e, here, after in zip(ends, names, [*names[1:], names[0]], strict=True) if here != after]
    gaps = [abs(into - e) for e in turns]
    return float(min((min(g, programme.cycle_s - g) for g in gaps), default=programme.cycle_s))
