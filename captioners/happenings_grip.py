"""What a robot does with its gripper: picks a thing up, holds it, lets it go; from contacts alone."""

from __future__ import annotations

from pairforge.captioners.clip import Clip, runs
from pairforge.captioners.happenings_found import Found
from pairforge.captioners.happenings_things import is_free
from pairforge.sample import Contact

HELD_S, GRIP_N = 0.2, 0.2


def grip_happenings(clip: Clip, found: Found) -> None:
    """Of every free thing that a robot's fingers touch while nothing else bears it."""
    for one, mover in clip.movers.items():
        if mover.row.semantic != "object" or not is_free(clip, one):
            continue
        for contact in clip.touches.get(one, ()):
            holder = contact.instance_b if contact.instance_a == one else contact.instance_a
            if holder in clip.movers and not is_free(clip, holder):
                _grip(clip, one, holder, contact, found)


def _grip(clip: Clip, one: int, holder: int, contact: Contact, found: Found) -> None:
    """Within one touch of the holder: from when it alone touches the thing until something else does."""
    times = clip.movers[one].times_ns
    within = (times >= contact.t0_ns) & (times <= contact.t1_ns)
    alone = within & ~clip.touching(one, but=holder)
    spans = [(int(times[a]), int(times[b])) for a, b in runs(alone)]
    spans = [(t0, t1) for t0, t1 in spans if (t1 - t0) * 1e-9 >= HELD_S]
    if not spans:
        return
    for t0, t1 in spans:
        held_s = (t1 - t0) * 1e-9
        found.add(
            "held",
            one,
            holder,
            span_ns=(t0, t1),
            value=held_s,
            unit="s",
            threshold=HELD_S,
            evidence=("events",),
        )
    ends = {
        "picked_up": (contact.t0_ns, spans[0][0]),
        "released": (spans[-1][1], contact.t1_ns),
    }
    over = contact.t1_ns >= int(times[-1])
    for kind, span in ends.items():
        if kind == "released" and over:
            continue
        found.add(
            kind,
            one,
            holder,
            span_ns=span,
            value=contact.peak_force_n,
            unit="N",
            threshold=GRIP_N,
            evidence=("events",),
        )
