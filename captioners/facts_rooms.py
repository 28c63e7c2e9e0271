"""Where things are among other things: in a vessel, on which shelf, across a gap, fallen off the table."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.nouns import VESSELS, noun_of
from pairforge.captioners.view import Body

_BEARERS = ("table", "shelf", "furniture")
_STATIC = 0
_ORDINALS = ("", "second", "third", "fourth", "fifth")


def room_facts(scene: Scene, found: FactList) -> None:
    """inside, on_shelf, across and fallen_off of every seen thing of class "object"."""
    touching = scene.touching
    for body in scene.others:
        if body.row.semantic == "object" and body.instance_id in scene.seen:
            _inside(scene, body, touching, found)
            _on_shelf(scene, body, touching, found)
            _across(scene, body, touching, found)
            _fallen_off(scene, body, touching, found)


def _borne_by(scene: Scene, body: Body, touching: dict[int, set[int]]) -> set[int]:
    """Everything that contacts join it to, by way of small things alone."""
    reached, front = {body.instance_id}, [body.instance_id]
    while front:
        for other in sorted(touching.get(front.pop(), set()) - reached):
            reached.add(other)
            if other in scene.bodies and scene.bodies[other].row.semantic not in _BEARERS:
                front.append(other)
    return reached - {body.instance_id}


def _inside(scene: Scene, body: Body, touching: dict[int, set[int]], found: FactList) -> None:
    """In a vessel that stands upright: its centre over the mouth, its foot below the rim, joined to it by contacts,
    and touching nothing that bears the vessel itself."""
    touched = touching.get(body.instance_id, set())
    if any(i == _STATIC or (i in scene.bodies and scene.bodies[i].row.semantic in _BEARERS) for i in touched):
        return
    for other in sorted(_borne_by(scene, body, touching)):
        vessel = scene.bodies.get(other)
        if vessel is None or other not in scene.seen or noun_of(vessel.row) not in VESSELS:
            continue
        local = (body.centre - vessel.centre) @ vessel.rotation
        reach = policy.MOUTH_SHARE * np.asarray(vessel.size[:2])
        over = float(((local[:2] / reach) ** 2).sum()) <= 1.0
        least = policy.SUNK_SHARE * min(body.top - body.bottom, vessel.top - vessel.bottom)
        sunk = vessel.top - body.bottom
        if (
            over
            and vessel.rotation[2, 2] >= policy.ALIGNED_COS
            and body.bottom > vessel.bottom
            and sunk >= least
        ):
            found.add(
                "inside",
                body.instance_id,
                other,
                frame="world",
                value=sunk,
                unit="m",
                threshold=least,
                evidence=("boxes3d", "events"),
            )


def _on_shelf(scene: Scene, body: Body, touching: dict[int, set[int]], found: FactList) -> None:
    """On one of several shelves above each other; ``argument`` says which."""
    joined = _borne_by(scene, body, touching)
    boards = [b for b in scene.others if b.row.semantic == "shelf"]
    mine = [b for b in boards if b.instance_id in joined]
    if len(mine) != 1 or not _over(body, mine[0]):
        return
    stack = sorted((b for b in boards if _over(b, mine[0])), key=lambda b: b.top)
    above = float(body.centre[2]) - mine[0].top
    if len(stack) > 1 and above >= 0.0:
        place = [b.instance_id for b in stack].index(mine[0].instance_id)
        found.add(
            "on_shelf",
            body.instance_id,
            argument=shelf_words(place, len(stack)),
            frame="world",
            value=above,
            unit="m",
            threshold=0.0,
            evidence=("boxes3d", "events"),
        )


def shelf_words(place: int, count: int) -> str:
    """Which shelf, by its place from below among so many: "top shelf", "second shelf from the bottom"."""
    if place == count - 1:
        return "top shelf"
    if place == 0:
        return "bottom shelf"
    if 2 * place == count - 1:
        return "middle shelf"
    from_top = count - 1 - place
    return (
        f"{_ORDINALS[from_top]} shelf from the top"
        if from_top < place
        else f"{_ORDINALS[place]} shelf from the bottom"
    )


def _over(body: Body, under: Body) -> bool:
    local = (body.centre - under.centre) @ under.rotation
    return bool(np.all(np.abs(local[:2]) <= np.asarray(under.size[:2]) / 2))


def _across(scene: Scene, body: Body, touching: dict[int, set[int]], found: FactList) -> None:
    """From one thing to another: touching both, lying on both, and its middle between them along its length."""
    length = max(body.size[:2])
    axis = body.rotation[:, 0 if body.size[0] >= body.size[1] else 1]
    ends = [
        scene.bodies[i]
        for i in sorted(touching.get(body.instance_id, set()) & scene.seen)
        if i in scene.bodies and scene.bodies[i].row.semantic == "object"
    ]
    # One that slopes has its lowest corner well below its higher end.
    allowed = max(policy.GROUND_M, policy.SLOPE_SHARE * (body.top - body.bottom))
    bearing = [b for b in ends if b.top - body.bottom <= allowed and b.top < body.top]
    for a, b in combinations(bearing, 2):
        along = [float((e.centre - body.centre) @ axis) / length for e in (a, b)]
        apart = min(abs(x) for x in along)
        if along[0] * along[1] < 0.0 and apart >= policy.SPAN_SHARE:
            found.add(
                "across",
                body.instance_id,
                a.instance_id,
                b.instance_id,
                frame="world",
                value=apart,
                unit="share",
                threshold=policy.SPAN_SHARE,
                evidence=("boxes3d", "events"),
            )


def _fallen_off(scene: Scene, body: Body, touching: dict[int, set[int]], found: FactList) -> None:
    """Off a table that it lay on before: wholly below its top, and touching it no longer."""
    for table in scene.others:
        if table.row.semantic != "table" or table.instance_id not in scene.seen:
            continue
        before = frozenset((body.instance_id, table.instance_id)) in scene.parted
        below = table.top - body.top
        touched = table.instance_id in touching.get(body.instance_id, set())
        if before and not touched and below >= policy.FALLEN_M:
            found.add(
                "fallen_off",
                body.instance_id,
                table.instance_id,
                frame="world",
                value=below,
                unit="m",
                threshold=policy.FALLEN_M,
                evidence=("boxes3d", "events"),
            )
