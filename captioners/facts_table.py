"""Small things under gravity: falling, at rest, moving, on top of what, how high, what has just been hit."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.motion import Approach, approach_of
from pairforge.captioners.nouns import CENTIMETRES, STANDING, TILTABLE, noun_of, rounded
from pairforge.captioners.view import Body
from pairforge.sample import Contact


def table_facts(scene: Scene, found: FactList) -> None:
    """Motion, support and contacts of every seen thing of class "object"."""
    tables = [b for b in scene.others if b.row.semantic == "table" and b.instance_id in scene.seen]
    for body in scene.others:
        if body.row.semantic != "object" or body.instance_id not in scene.seen:
            continue
        touched = sorted(scene.touching.get(body.instance_id, ()))
        _state(body, touched, found)
        for other in touched:
            if other in scene.bodies and other in scene.seen:
                _support(body, scene.bodies[other], found)
                _propped(body, scene.bodies[other], touched, found)
        _height(tables, body, touched, found)
        _lying(body, touched, found)
    _hits(scene, found)


def _state(body: Body, touched: list[int], found: FactList) -> None:
    down, evidence = -float(body.velocity[2]), ("boxes3d", "trajectories", "events")
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
            evidence=("boxes3d", "events"),
        )


def _height(tables: list[Body], body: Body, touched: list[int], found: FactList) -> None:
    if touched or len(tables) != 1:
        return
    table = tables[0]
    height = body.bottom - table.top
    local = (body.centre - table.centre) @ table.rotation
    over = bool(np.all(np.abs(local[:2]) <= np.asarray(table.size[:2]) / 2))
    if over and height * 100 >= policy.AIRBORNE_CM:
        found.add(
            "airborne",
            body.instance_id,
            frame="world",
            value=height * 100,
            unit="cm",
            threshold=policy.AIRBORNE_CM,
            evidence=("boxes3d", "events"),
        )
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
            evidence=("boxes3d",),
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
            evidence=("boxes3d", "events"),
        )


def _propped(body: Body, under: Body, touched: list[int], found: FactList) -> None:
    """Leaning against: a flat thing, tilted and hardly moving, that touches the other and something else as well."""
    tilt = float(np.degrees(np.arccos(np.clip(abs(body.rotation[2, 2]), 0.0, 1.0))))
    if noun_of(body.row) not in TILTABLE or under.row.semantic in ("table", "shelf"):
        return
    held = len(touched) > 1 and body.speed <= policy.STIRRING_MPS
    if held and policy.PROPPED_DEG <= tilt <= policy.PROPPED_MOST_DEG:
        found.add(
            "leans_on",
            body.instance_id,
            under.instance_id,
            frame="world",
            value=tilt,
            unit="deg",
            threshold=policy.PROPPED_DEG,
            evidence=("boxes3d", "events"),
        )


def _hits(scene: Scene, found: FactList) -> None:
    """Contacts that began a moment ago, after a while apart: who ran into whom, from above or from the side."""
    for contact in scene.recent(policy.JUST_NS):
        a, b = contact.instance_a, contact.instance_b
        if _fresh(scene, contact) and {a, b} <= scene.seen and contact.peak_force_n >= policy.HIT_FORCE_N:
            first, second = (approach_of(scene.record, i, contact.t0_ns) for i in (a, b))
            if first is not None and second is not None:
                if first.speed < second.speed:
                    a, b, first, second = b, a, second, first
                _strike(scene, contact, (a, b), first, second, found)


def _fresh(scene: Scene, contact: Contact) -> bool:
    now, pair = scene.frame.time_ns, {contact.instance_a, contact.instance_b}
    earlier = (
        c
        for c in scene.recent(2 * policy.JUST_NS)
        if {c.instance_a, c.instance_b} == pair
        and c.t0_ns < contact.t0_ns
        and c.t1_ns > now - 2 * policy.JUST_NS
    )
    return 0 <= now - contact.t0_ns <= policy.JUST_NS and next(earlier, None) is None


def _strike(
    scene: Scene, contact: Contact, pair: tuple[int, int], one: Approach, other: Approach, found: FactList
) -> None:
    """``pair[0]``, the faster, strikes ``pair[1]``: lands on it, hits it and comes off again, or bumps into it."""
    closing = one.velocity - other.velocity
    speed = float(np.linalg.norm(closing))
    if speed <= 0.0 or one.speed - other.speed < policy.STRIKER_LEAD_MPS:
        return
    down = -float(closing[2]) / speed
    predicate, threshold = "", policy.STRIKE_MPS
    if down >= policy.DOWN_SHARE and one.centre[2] > other.centre[2]:
        still_on = any({c.instance_a, c.instance_b} == set(pair) for c in scene.contacts)
        predicate = "just_landed" if still_on else "just_hit"
    elif abs(down) <= policy.SIDE_SHARE:
        predicate, threshold = "just_bumped", policy.BUMP_MPS
    if predicate and speed >= threshold:
        found.add(
            predicate,
            *pair,
            frame="world",
            value=speed,
            unit="m/s",
            threshold=threshold,
            span_ns=(contact.t0_ns, scene.frame.time_ns),
            evidence=("events", "trajectories"),
        )
