"""What small things do under gravity: fall, land, hit, roll, come to rest; from their tracks and contacts."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.clip import Clip, Mover, bridged, runs
from pairforge.captioners.happenings_found import Found
from pairforge.captioners.motion import approach_of
from pairforge.frames import F64
from pairforge.sample import Contact

FALL_MPS, DROPPED_M = 0.5, 0.03
APART_NS = 200_000_000
ROLL_MPS, ROLL_LEAST, ROLL_MOST, ROLLED_DEG, ROLL_BRIDGE_S = 0.10, 0.5, 1.6, 45.0, 0.1
REST_MPS, STIR_MPS, RESTS_S = 0.02, 0.10, 0.3
BOTH = ("trajectories", "events")


def thing_happenings(clip: Clip, found: Found) -> None:
    """Of every object that moves freely: one whose parts move within it (a robot) does none of this."""
    free = {i: m for i, m in clip.movers.items() if m.row.semantic == "object" and is_free(clip, i)}
    for mover in free.values():
        _falling(clip, mover, found)
        _rolling(clip, mover, found)
        _coming_to_rest(clip, mover, found)
    for contact in clip.record.contacts:
        if {contact.instance_a, contact.instance_b} & free.keys():
            _strikes(clip, contact, found)


def is_free(clip: Clip, one: int) -> bool:
    """Whether a body is one rigid piece, or several that keep together: no robot."""
    return one not in clip.fingered


def _falling(clip: Clip, mover: Mover, found: Found) -> None:
    alone = ~clip.touching(mover.row.instance_id)
    for a, b in runs(alone & (mover.velocity[:, 2] <= -FALL_MPS)):
        found.add(
            "falling",
            mover.row.instance_id,
            span_ns=(mover.times_ns[a], mover.times_ns[b]),
            value=float(mover.centres[a, 2] - mover.centres[b, 2]),
            unit="m",
            threshold=DROPPED_M,
            evidence=BOTH,
        )


def spin(mover: Mover) -> F64:
    """(T,) rad/s about level axes: how fast the body's turn over 50 ms before and after tips it."""
    n, last = max(1, round(50_000_000 / mover.step_ns)), len(mover.turns) - 1
    k = np.arange(len(mover.turns))
    a, b = np.maximum(k - n, 0), np.minimum(k + n, last)
    turn = mover.turns[b] @ np.swapaxes(mover.turns[a], 1, 2)
    angle = np.arccos(np.clip((np.trace(turn, axis1=1, axis2=2) - 1.0) / 2.0, -1.0, 1.0))
    axis = np.stack([turn[:, 2, 1] - turn[:, 1, 2], turn[:, 0, 2] - turn[:, 2, 0]], axis=1)
    whole = np.linalg.norm(np.column_stack([axis, turn[:, 1, 0] - turn[:, 0, 1]]), axis=1)
    level = np.linalg.norm(axis, axis=1) / np.maximum(whole, 1e-9)
    seconds = (mover.times_ns[b] - mover.times_ns[a]) * 1e-9
    return np.asarray(angle * level / seconds)


def _rolling(clip: Clip, mover: Mover, found: Found) -> None:
    touched = clip.touching(mover.row.instance_id)
    fast = mover.speed >= ROLL_MPS
    if not (touched & fast).any():
        return
    rate = spin(mover)
    share = rate * min(mover.row.size_m) / 2 / np.maximum(mover.speed, 1e-9)
    mask = touched & fast & (share >= ROLL_LEAST) & (share <= ROLL_MOST)
    bridge = round(ROLL_BRIDGE_S * 1e9 / mover.step_ns)
    for a, b in runs(bridged(mask, bridge)):
        turned = float(np.degrees(rate[a : b + 1].sum() * mover.step_ns * 1e-9))
        found.add(
            "rolling",
            mover.row.instance_id,
            span_ns=(mover.times_ns[a], mover.times_ns[b]),
            value=turned,
            unit="deg",
            threshold=ROLLED_DEG,
            evidence=BOTH,
        )


def _coming_to_rest(clip: Clip, mover: Mover, found: Found) -> None:
    """The last time it stirred before it lies still for a while."""
    whole = np.linalg.norm(mover.velocity, axis=1)
    resting = (whole <= REST_MPS) & clip.touching(mover.row.instance_id)
    stirring = whole >= STIR_MPS
    last_rest = -1
    for a, b in runs(resting):
        before = np.flatnonzero(stirring[last_rest + 1 : a])
        stirs_after = np.flatnonzero(stirring[b:])
        end = b + int(stirs_after[0]) if len(stirs_after) else len(whole)
        if len(before):
            rest_end = a + int(np.flatnonzero(resting[a:end])[-1])
            found.add(
                "coming_to_rest",
                mover.row.instance_id,
                span_ns=(mover.times_ns[last_rest + 1 + int(before[-1])], mover.times_ns[a]),
                value=float(mover.times_ns[rest_end] - mover.times_ns[a]) * 1e-9,
                unit="s",
                threshold=RESTS_S,
                evidence=BOTH,
            )
        last_rest = b


def _strikes(clip: Clip, contact: Contact, found: Found) -> None:
    """Contacts after a while apart: who came down on whom, and who ran into whom from the side."""
    a, b = contact.instance_a, contact.instance_b
    if 0 in (a, b) or contact.peak_force_n < policy.HIT_FORCE_N or not _apart_before(clip, contact):
        return
    one, other = (approach_of(clip.record, i, contact.t0_ns) for i in (a, b))
    if one is None or other is None:
        return
    if one.speed < other.speed:
        a, b, one, other = b, a, other, one
    closing = one.velocity - other.velocity
    speed = float(np.linalg.norm(closing))
    if speed <= 0.0 or one.speed - other.speed < policy.STRIKER_LEAD_MPS:
        return
    down = -float(closing[2]) / speed
    kind, least = "", policy.STRIKE_MPS
    if down >= policy.DOWN_SHARE and one.centre[2] > other.centre[2]:
        kind = "landing"
    elif abs(down) <= policy.SIDE_SHARE:
        kind, least = "hitting", policy.BUMP_MPS
    if kind:
        found.add(
            kind,
            a,
            b,
            span_ns=(contact.t0_ns, contact.t1_ns),
            value=speed,
            unit="m/s",
            threshold=least,
            evidence=("events", "trajectories"),
        )


def _apart_before(clip: Clip, contact: Contact) -> bool:
    pair = {contact.instance_a, contact.instance_b}
    return not any(
        {c.instance_a, c.instance_b} == pair
        and c is not contact
        and c.t0_ns < contact.t0_ns
        and c.t1_ns > contact.t0_ns - APART_NS
        for c in min((clip.touches[i] for i in pair), key=len)
    )
