"""What road users do to lanes: change them, cut in, cross the road on foot, drive over a line at red."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.clip import Clip, Mover, bridged, runs
from pairforge.captioners.happenings_found import Found
from pairforge.captioners.happenings_road import ALONG_COS, DRIVERS
from pairforge.captioners.lane_map import steady_s
from pairforge.captioners.nouns import VEHICLES
from pairforge.frames import F64, I64
from pairforge.sample import Happening

LOOK_KNOTS = 5
"""Lanes are looked at every so many knots."""
IN_LANE_M, SETTLED_M, SETTLES_S = 0.4, 0.5, 8.0
OUTSIDE_M = 0.5
APART_LEAST, APART_MOST = 0.6, 1.5
CUT_IN_M, CUT_IN_BESIDE_M, CUT_IN_FROM_M = 20.0, 1.2, 2.0
SIDEWAYS_MPS, SIDEWAYS_BRIDGE_S, SIDEWAYS_M = 0.3, 0.1, 0.6
CROSSED_M, BETWEEN_LANES_S = 1.0, 0.5
LINE_MPS, LINE_COS = 1.0, 0.7


def lane_happenings(clip: Clip, found: Found) -> None:
    """Of every road user with a track, where there are lanes."""
    if not clip.record.lanes:
        return
    for mover in clip.movers.values():
        if mover.row.semantic in VEHICLES:
            before = len(found.happenings)
            _lane_changes(clip, mover, found)
            for change in found.happenings[before:]:
                _cutting_in(clip, mover, change, found)
        if mover.row.semantic in DRIVERS:
            _moving_over(clip, mover, found)
            _ran_red(clip, mover, found)
        if mover.row.semantic in ("pedestrian", "animal"):
            _crossing_road(clip, mover, found)


def _lane_changes(clip: Clip, mover: Mover, found: Found) -> None:
    knots = np.arange(0, len(mover.times_ns), LOOK_KNOTS)
    off, left, ways = clip.lanes.beside(mover.centres[knots, :2])
    cos = (ways * mover.forward[knots, None]).sum(axis=2)
    widths = np.array([width for _, width, _ in clip.lanes.lanes])
    near = np.where((np.abs(cos) >= ALONG_COS) & (off <= widths / 2 + OUTSIDE_M), off, np.inf)
    mine = np.where(np.isfinite(near.min(axis=1)), near.argmin(axis=1), -1)
    ours = left * np.sign(cos)
    known = np.flatnonzero(mine >= 0)
    for p, q in pairwise(known.tolist()):
        a, b = int(mine[p]), int(mine[q])
        apart = float(ours[q, a] - ours[q, b])
        width = float(widths[a] + widths[b]) / 2
        if a == b or not np.isfinite(off[q, a]) or not APART_LEAST <= abs(apart) / width <= APART_MOST:
            continue
        start, end = _left_at(near, mine, p), _settled_at(near, q, mover.times_ns[knots])
        if start is not None and end is not None:
            found.add(
                "lane_change",
                mover.row.instance_id,
                argument="left" if apart > 0 else "right",
                span_ns=(mover.times_ns[knots[start]], mover.times_ns[knots[end]]),
                value=abs(apart),
                unit="m",
                threshold=width / 2,
                evidence=("trajectories", "scenes"),
            )


def _left_at(near: F64, mine: I64, p: int) -> int | None:
    """The last look, up to ``p``, at which it was well in the old lane or in one that leads there."""
    for k in range(p, -1, -1):
        if mine[k] >= 0 and near[k, mine[k]] <= IN_LANE_M:
            return k
    return None


def _settled_at(near: F64, q: int, times_ns: I64) -> int | None:
    """The first look, from ``q`` on, at which it is well in a lane; None when that takes too long."""
    for k in range(q, len(near)):
        if (times_ns[k] - times_ns[q]) * 1e-9 > SETTLES_S:
            return None
        if near[k].min() <= SETTLED_M:
            return k
    return None


def _moving_over(clip: Clip, mover: Mover, found: Found) -> None:
    """Sideways over the lanes, or within one: a swerve, or a change. Where lanes overlap, over all of them."""
    knots = np.arange(0, len(mover.times_ns), LOOK_KNOTS)
    off, _, ways = clip.lanes.beside(mover.centres[knots, :2])
    cos = (ways * mover.forward[knots, None]).sum(axis=2)
    widths = np.array([width for _, width, _ in clip.lanes.lanes])
    holds = (np.abs(cos) >= ALONG_COS) & (off <= widths / 2 + OUTSIDE_M)
    velocity = mover.velocity[knots, None, :2]
    across = np.sign(cos) * (ways[..., 0] * velocity[..., 1] - ways[..., 1] * velocity[..., 0])
    step_s = LOOK_KNOTS * mover.step_ns * 1e-9
    for side, sign in (("left", 1.0), ("right", -1.0)):
        least = np.where(holds, sign * across, np.inf).min(axis=1)
        mask = holds.any(axis=1) & (least >= SIDEWAYS_MPS)
        for a, b in runs(bridged(mask, round(SIDEWAYS_BRIDGE_S / step_s))):
            moved = float(np.where(holds.any(axis=1), least, 0.0)[a : b + 1].sum() * step_s)
            found.add(
                "moving_over",
                mover.row.instance_id,
                argument=side,
                span_ns=(mover.times_ns[knots[a]], mover.times_ns[knots[b]]),
                value=moved,
                unit="m",
                threshold=SIDEWAYS_M,
                evidence=("trajectories", "scenes"),
            )


def _cutting_in(clip: Clip, mover: Mover, change: Happening, found: Found) -> None:
    """A lane change that ends close before us, of one who was beside our lane when it began."""
    ego = clip.movers.get(clip.ego_id or 0)
    if ego is None or ego is mover or change.kind != "lane_change":
        return
    k0, k1 = (int(np.searchsorted(ego.times_ns, t)) for t in (change.t0_ns, change.t1_ns))
    between = mover.centres[:, :2] - ego.centres[:, :2]
    left = ego.forward[:, 0] * between[:, 1] - ego.forward[:, 1] * between[:, 0]
    gap = float(between[k1] @ ego.forward[k1]) - (mover.row.size_m[0] + ego.row.size_m[0]) / 2
    along = float(mover.forward[k1] @ ego.forward[k1]) >= ALONG_COS
    if along and gap >= 0.0 and abs(left[k1]) <= CUT_IN_BESIDE_M and abs(left[k0]) >= CUT_IN_FROM_M:
        found.add(
            "cutting_in",
            mover.row.instance_id,
            ego.row.instance_id,
            argument="left" if left[k0] > 0 else "right",
            span_ns=(change.t0_ns, change.t1_ns),
            value=gap,
            unit="m",
            threshold=CUT_IN_M,
            at_most=True,
            evidence=("trajectories", "scenes"),
        )


def _ran_red(clip: Clip, mover: Mover, found: Found) -> None:
    """Its front goes over the line of a lane whose light is red."""
    for k, row in enumerate(clip.lanes.graph):
        known = clip.lanes.lights.get(row.get("signal") or "")
        if known is None:
            continue
        (light, programme), line = known, clip.lanes.lanes[k][2]
        at, way = _point_at(line, row["stop_m"])
        ahead = (mover.fronts - at) @ way
        beside = np.abs((mover.fronts - at) @ np.array([-way[1], way[0]]))
        good = (beside <= clip.lanes.lanes[k][1] / 2) & (mover.forward @ way >= LINE_COS)
        for j in np.flatnonzero((ahead[:-1] < 0.0) & (ahead[1:] >= 0.0) & good[1:]) + 1:
            now = float(mover.times_ns[j]) * 1e-9
            if programme.at(now)[0] != "red" or steady_s(programme, now) < policy.STEADY_S:
                continue
            through = np.flatnonzero((mover.rears[j:] - at) @ way >= 0.0)
            end = j + int(through[0]) if len(through) else len(ahead) - 1
            found.add(
                "ran_red",
                mover.row.instance_id,
                light,
                span_ns=(mover.times_ns[j], mover.times_ns[end]),
                value=float(mover.speed[j]),
                unit="m/s",
                threshold=LINE_MPS,
                evidence=("trajectories", "scenes"),
            )


def _point_at(line: F64, along_m: float | None) -> tuple[F64, F64]:
    """A place on a centre line (its end when None), and the line's direction there."""
    edge = np.diff(line[:, :2], axis=0)
    length = np.linalg.norm(edge, axis=1)
    at = np.concatenate([[0.0], np.cumsum(length)])
    along = at[-1] if along_m is None else min(along_m, at[-1])
    k = int(np.clip(np.searchsorted(at, along) - 1, 0, len(edge) - 1))
    way: F64 = edge[k] / length[k]
    return line[k, :2] + (along - at[k]) * way, way


def _crossing_road(clip: Clip, mover: Mover, found: Found) -> None:
    """On foot over lanes, across their direction."""
    knots = np.arange(0, len(mover.times_ns), LOOK_KNOTS)
    off, _, ways = clip.lanes.beside(mover.centres[knots, :2])
    clear = off - np.array([width for _, width, _ in clip.lanes.lanes]) / 2
    bridge = round(BETWEEN_LANES_S * 1e9 / (LOOK_KNOTS * mover.step_ns))
    for a, b in runs(bridged(clear.min(axis=1) <= -policy.CROSSING_M, bridge)):
        way = mover.centres[knots[b], :2] - mover.centres[knots[a], :2]
        walked = float(np.linalg.norm(way))
        lane = ways[(a + b) // 2, int(clear[(a + b) // 2].argmin())]
        if abs(float(way @ lane)) <= policy.CROSSING_COS * walked:
            found.add(
                "crossing_road",
                mover.row.instance_id,
                span_ns=(mover.times_ns[knots[a]], mover.times_ns[knots[b]]),
                value=walked,
                unit="m",
                threshold=CROSSED_M,
                evidence=("trajectories", "scenes"),
            )
