"""What road users do: brake, stop, start, turn, overtake and pass; from their tracks."""

from __future__ import annotations

import numpy as np

from pairforge.captioners.clip import Clip, Mask, Mover, bridged, runs
from pairforge.captioners.happenings_found import Found
from pairforge.captioners.nouns import ROAD_USERS, VEHICLES
from pairforge.frames import F64

STILL_MPS, MOVING_MPS = 0.15, 0.70
BRAKING_MPS2, SPEEDING_MPS2, CHANGED_MPS = 1.0, 0.8, 1.5
BRIDGE_S, STANDS_S = 0.3, 0.3
YAW_RADPS, TURNED_DEG = 0.06, 25.0
ALONG_COS = 0.9
BESIDE_M, PASSED_M = 6.0, 10.0
DRIVERS = VEHICLES | {"cyclist"}
MOVERS = ROAD_USERS | {"animal"}


def road_happenings(clip: Clip, found: Found) -> None:
    """Of every road user with a track, alone and beside others."""
    for mover in clip.movers.values():
        if mover.row.semantic in DRIVERS:
            _changes_of_speed(mover, found)
            _turning(mover, found)
        if mover.row.semantic in MOVERS:
            _stops_and_starts(mover, found)
    drivers = [m for m in clip.movers.values() if m.row.semantic in DRIVERS]
    for one in drivers:
        for other in drivers:
            if one is not other:
                _overtaking(one, other, found)
    if clip.ego_id in clip.movers:
        _passing_by(clip, clip.movers[clip.ego_id], found)


def _changes_of_speed(mover: Mover, found: Found) -> None:
    """Stretches of braking and of speeding up."""
    for kind, sign, least in (("braking", -1.0, BRAKING_MPS2), ("speeding_up", 1.0, SPEEDING_MPS2)):
        for a, b in runs(bridged(sign * mover.acceleration >= least, _knots(mover, BRIDGE_S))):
            changed = sign * float(mover.speed[b] - mover.speed[a])
            span = (mover.times_ns[a], mover.times_ns[b])
            found.add(
                kind, mover.row.instance_id, span_ns=span, value=changed, unit="m/s", threshold=CHANGED_MPS
            )


def _knots(mover: Mover, seconds: float) -> int:
    return round(seconds * 1e9 / mover.step_ns)


def _stops_and_starts(mover: Mover, found: Found) -> None:
    """From moving to standing and back, with a dead band between."""
    times, state, edge = mover.times_ns, "", 0
    stands_from = 0
    for k, kind in _states(mover):
        if kind == "stands":
            if state == "moves":
                stands_s = _until(mover, k)
                span = (times[edge], times[k])
                _add_timed("stopping", mover, span, stands_s, found)
            if state != "stands":
                stands_from = k
        elif state == "stands":
            stood_s = float(times[edge] - times[stands_from]) * 1e-9
            _add_timed("starting", mover, (times[edge], times[k]), stood_s, found)
        state, edge = kind, _last(mover, k, kind)


def _add_timed(kind: str, mover: Mover, span: tuple[int, int], seconds: float, found: Found) -> None:
    found.add(kind, mover.row.instance_id, span_ns=span, value=seconds, unit="s", threshold=STANDS_S)


def _states(mover: Mover) -> list[tuple[int, str]]:
    """Knots at which a body begins to stand, or to move, by turns."""
    standing, moving = mover.speed <= STILL_MPS, mover.speed >= MOVING_MPS
    found: list[tuple[int, str]] = []
    for k in np.flatnonzero(standing | moving):
        kind = "stands" if standing[k] else "moves"
        if not found or found[-1][1] != kind:
            found.append((int(k), kind))
    return found


def _last(mover: Mover, k: int, kind: str) -> int:
    """The last knot of a state that began at a knot, before the other one begins."""
    same = mover.speed <= STILL_MPS if kind == "stands" else mover.speed >= MOVING_MPS
    other = mover.speed >= MOVING_MPS if kind == "stands" else mover.speed <= STILL_MPS
    later = np.flatnonzero(other[k:])
    end = k + int(later[0]) if len(later) else len(same)
    return k + int(np.flatnonzero(same[k:end])[-1])


def _until(mover: Mover, k: int) -> float:
    """Seconds from a knot to the last one at which it still stands."""
    return float(mover.times_ns[_last(mover, k, "stands")] - mover.times_ns[k]) * 1e-9


def _turning(mover: Mover, found: Found) -> None:
    for side, sign in (("left", 1.0), ("right", -1.0)):
        mask = (sign * mover.yaw_rate >= YAW_RADPS) & (mover.speed >= MOVING_MPS)
        for a, b in runs(bridged(mask, _knots(mover, BRIDGE_S))):
            turned = float(np.degrees(sign * (mover.heading[b] - mover.heading[a])))
            span = (mover.times_ns[a], mover.times_ns[b])
            found.add(
                "turning",
                mover.row.instance_id,
                argument=side,
                span_ns=span,
                value=turned,
                unit="deg",
                threshold=TURNED_DEG,
            )


def _abreast(ahead: F64, half_m: float, good: Mask) -> list[tuple[int, int, int]]:
    """Where something that grows (T,) from below -half to above half is near 0: the last knot below, the first above,
    and the first from 0 on; all knots between must be good."""
    found = []
    for a, b in runs((ahead > -half_m) & (ahead < half_m)):
        whole = a > 0 and b + 1 < len(ahead) and ahead[a - 1] <= -half_m and ahead[b + 1] >= half_m
        if whole and bool(good[a - 1 : b + 2].all()):
            found.append((a - 1, b + 1, a + int(np.argmax(ahead[a : b + 2] >= 0.0))))
    return found


def _overtaking(one: Mover, other: Mover, found: Found) -> None:
    """Comes from behind another that drives the same way, and gets before it, no more than so far beside it."""
    between = one.centres[:, :2] - other.centres[:, :2]
    ahead = (between * other.forward).sum(axis=1)
    half = (one.row.size_m[0] + other.row.size_m[0]) / 2
    if not (ahead.min() <= -half and ahead.max() >= half):
        return
    left = other.forward[:, 0] * between[:, 1] - other.forward[:, 1] * between[:, 0]
    same = (one.forward * other.forward).sum(axis=1) >= ALONG_COS
    good = same & (other.speed >= MOVING_MPS) & (np.abs(left) <= BESIDE_M)
    for a, b, middle in _abreast(ahead, half, good):
        found.add(
            "overtaking",
            one.row.instance_id,
            other.row.instance_id,
            span_ns=(one.times_ns[a], one.times_ns[b]),
            value=abs(float(left[middle])),
            unit="m",
            threshold=BESIDE_M,
            at_most=True,
        )


def _passing_by(clip: Clip, ego: Mover, found: Found) -> None:
    """What we drive past: it stands, walks or comes towards us."""
    for row in clip.record.instances:
        if row.instance_id == clip.ego_id or row.semantic not in MOVERS:
            continue
        other = clip.movers.get(row.instance_id)
        if other is None:
            pose = clip.record.instance_poses[row.instance_id]
            centres = np.broadcast_to(pose.points(row.centre_m)[:2], (len(ego.times_ns), 2))
            good = np.ones(len(ego.times_ns), dtype=bool)
        else:
            centres = other.centres[:, :2]
            towards = (ego.forward * other.forward).sum(axis=1) <= -ALONG_COS
            good = towards | (other.speed <= STILL_MPS) | (row.semantic in ("pedestrian", "animal"))
        _one_passed(ego, row.instance_id, row.size_m[0], centres, good, found)


def _one_passed(ego: Mover, one: int, length_m: float, centres: F64, good: Mask, found: Found) -> None:
    between = ego.centres[:, :2] - centres
    ahead, half = (between * ego.forward).sum(axis=1), (ego.row.size_m[0] + length_m) / 2
    left = ego.forward[:, 0] * between[:, 1] - ego.forward[:, 1] * between[:, 0]
    for a, b, middle in _abreast(ahead, half, good):
        found.add(
            "passing_by",
            ego.row.instance_id,
            one,
            span_ns=(ego.times_ns[a], ego.times_ns[b]),
            value=abs(float(left[middle])),
            unit="m",
            threshold=PASSED_M,
            at_most=True,
        )
