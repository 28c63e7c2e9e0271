"""Small things under gravity: falling, at rest, moving, on top of what, how high, what has just been hit."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.nouns import CENTIMETRES, STANDING, noun_of, rounded
from pairforge.captioners.view import Body
from pairforge.sample import Contact


def table_facts(scene: Scene, found: FactList) -> None:
    """Motion, support and contacts of every seen thing of class "object"."""
    time_ns = scene.frame.time_ns
    now = [c for c in scene.record.contacts if _touching(c, time_ns)]
    for body in scene.others:
        if body.row.semantic != "object" or body.instance_id not in scene.seen:
            continue
        touched = sorted({_other(c, body.instance_id) for c in now if _about(c, body.instance_id)})
        _state(body, touched, found)
        for other in touched:
            if other in scene.bodies and other in scene.seen:
                _support(body, scene.bodies[other], found)
        _height(scene, body, touched, found)
        _lying(body, touched, found)
    _hits(scene, found)


def _touching(contact: Contact, time_ns: int) -> bool:
    return contact.t0_ns - policy.CONTACT_SLACK_NS <= time_ns <= contact.t1_ns + policy.CONTACT_SLACK_NS


def _about(contact: Contact, instance_id: int) -> bool:
    return instance_id in (contact.instance_a, contact.instance_b)


def _other(contact: Contact, instance_id: int) -> int:
    return contact.instance_b if contact.instance_a == instance_id else contact.instance_a


def _state(body: Body, touched: list[int], found: FactList) -> None:
    down, evidence = -float(body.velocity[2]), ("boxes", "trajectories", "events")
    if not touched and down >= policy.FALLING_MPS:
        found.add(
            "falling",
            body.instance_id,
            frame="world",
            value=down,
            unit="m/s",
            threshold=policy.FALLING_MPS,
            evidence=evidence,
        )
    elif touched and body.speed <= policy.RESTING_MPS:
        found.add(
            "at_rest",
            body.instance_id,
            frame="world",
            value=body.speed,
            unit="m/s",
            threshold=policy.RESTING_MPS,
            at_most=True,
            evidence=evidence,
        )
    elif touched and body.speed >= policy.STIRRING_MPS:
        found.add(
            "stirring",
            body.instance_id,
            frame="world",
            value=body.speed,
            unit="m/s",
            threshold=policy.STIRRING_MPS,
            evidence=evidence,
        )


def _support(body: Body, under: Body, found: FactList) -> None:
    """On top of: touching, its centre above the other's outline, its lowest corner near the other's top."""
    sink = under.top - body.bottom
    local = (body.centre - under.centre) @ under.rotation
    upright = abs(float(under.rotation[2, 2])) >= policy.ALIGNED_COS
    over = abs(local[0]) <= under.size[0] / 2 and abs(local[1]) <= under.size[1] / 2
    allowed = max(0.02, (body.top - body.bottom) / 4)
    if upright and over and body.centre[2] > under.top and sink <= allowed:
        found.add(
            "on_top_of",
            body.instance_id,
            under.instance_id,
            frame="world",
            value=sink,
            unit="m",
            threshold=allowed,
            at_most=True,
            evidence=("boxes", "events"),
        )


def _height(scene: Scene, body: Body, touched: list[int], found: FactList) -> None:
    tables = [b for b in scene.others if b.row.semantic == "table" and b.instance_id in scene.seen]
    if touched or len(tables) != 1:
        return
    table = tables[0]
    height = body.bottom - table.top
    local = (body.centre - table.centre) @ table.rotation
    over = bool(np.all(np.abs(local[:2]) <= np.asarray(table.size[:2]) / 2))
    if over and height >= 0.02:
        spoken, tolerance = rounded(height * 100, CENTIMETRES)
        found.add_rounded(
            "height_above",
            body.instance_id,
            table.instance_id,
            value=height * 100,
            spoken=spoken,
            tolerance=tolerance,
            unit="cm",
            frame="world",
            evidence=("boxes",),
        )


def _lying(body: Body, touched: list[int], found: FactList) -> None:
    """On its side: a thing with a base whose up axis is nearly level, touching something and hardly moving."""
    tilt = float(np.degrees(np.arccos(np.clip(body.rotation[2, 2], -1.0, 1.0))))
    level = min(tilt, 180.0 - tilt)
    if (
        noun_of(body.row) in STANDING
        and touched
        and body.speed <= policy.RESTING_MPS
        and level >= policy.LYING_DEG
    ):
        found.add(
            "on_its_side",
            body.instance_id,
            frame="world",
            value=level,
            unit="deg",
            threshold=policy.LYING_DEG,
            evidence=("boxes", "events"),
        )


def _hits(scene: Scene, found: FactList) -> None:
    """Contacts that began a moment ago, after a while apart."""
    now = scene.frame.time_ns
    for contact in scene.record.contacts:
        a, b = contact.instance_a, contact.instance_b
        fresh = 0 <= now - contact.t0_ns <= policy.JUST_NS
        if not fresh or not {a, b} <= scene.seen or contact.peak_force_n < policy.HIT_FORCE_N:
            continue
        if any(
            {c.instance_a, c.instance_b} == {a, b}
            and c.t0_ns < contact.t0_ns
            and c.t1_ns > now - 2 * policy.JUST_NS
            for c in scene.record.contacts
        ):
            continue
        if scene.record.instance(a).semantic == "table":
            a, b = b, a
        found.add(
            "just_hit",
            a,
            b,
            frame="world",
            value=contact.peak_force_n,
            unit="N",
            threshold=policy.HIT_FORCE_N,
            span_ns=(contact.t0_ns, now),
            evidence=("events",),
        )
