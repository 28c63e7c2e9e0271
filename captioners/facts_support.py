"""What bears a thing: the floor, or a table by way of whatever lies between."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene, member
from pairforge.captioners.view import Body
from pairforge.scenes.taxonomy import CLASSES

_UNDERFOOT = [c.semantic_id for c in CLASSES if c.name in ("floor", "terrain", "road", "pavement")]
_WALL = [c.semantic_id for c in CLASSES if c.name == "wall"]
_STANDING = ("object", "street_furniture", "table")
_STATIC = 0
"""The instance id of the static world among contacts."""


def support_facts(scene: Scene, found: FactList) -> None:
    """on_ground by camera, and upon a table, of all seen things that lie or stand about."""
    pairs = scene.touching
    for sensor, ids in sorted(scene.visible.items()):
        word = _ground_word(scene, sensor)
        for body in (scene.bodies[i] for i in ids if i in scene.bodies):
            if word and body.row.semantic in _STANDING:
                _on_ground(scene, sensor, body, word, pairs, found)
    tables = [b for b in scene.others if b.row.semantic == "table" and b.instance_id in scene.seen]
    for body in scene.others:
        if body.row.semantic == "object" and body.instance_id in scene.seen:
            for table in tables:
                _upon(body, table, pairs, found)


def _ground_word(scene: Scene, sensor: str) -> str:
    """ "floor" where walls are seen, "ground" elsewhere, "" where the picture shows too little of any."""
    semantic = scene.eyes[sensor].camera.semantic
    if int(np.isin(semantic, _UNDERFOOT).sum()) < policy.SCENERY_PX:
        return ""
    return "floor" if int(np.isin(semantic, _WALL).sum()) >= policy.SCENERY_PX else "ground"


def _on_ground(
    scene: Scene, sensor: str, body: Body, word: str, pairs: dict[int, set[int]], found: FactList
) -> None:
    """On the ground, which is at height 0: touching the static world, or fixed there, the lowest corner near 0."""
    touched = pairs.get(body.instance_id, set())
    fixed = not touched and body.instance_id not in scene.record.instance_tracks
    # The box of a ball that rolled reaches below the ball.
    allowed = max(policy.GROUND_M, (body.top - body.bottom) / 4) if _STATIC in touched else policy.GROUND_M
    if (fixed or _STATIC in touched) and abs(body.bottom) <= allowed:
        found.add(
            "on_ground",
            body.instance_id,
            argument=word,
            frame="world",
            sensor=sensor,
            value=abs(body.bottom),
            unit="m",
            threshold=allowed,
            at_most=True,
            evidence=(member(sensor, "semantic"), "boxes3d", "events"),
        )


def _upon(body: Body, table: Body, pairs: dict[int, set[int]], found: FactList) -> None:
    """On the table, maybe by way of other things: joined to it by contacts, the centre over and above its top."""
    reached, front = {body.instance_id}, [body.instance_id]
    while front:
        touched = pairs.get(front.pop(), set()) - reached - {_STATIC}
        reached |= touched
        front += sorted(touched - {table.instance_id})
    local = (body.centre - table.centre) @ table.rotation
    over = bool(np.all(np.abs(local[:2]) <= np.asarray(table.size[:2]) / 2))
    above = float(body.centre[2]) - table.top
    if table.instance_id in reached and over and above >= 0.0:
        found.add(
            "upon",
            body.instance_id,
            table.instance_id,
            frame="world",
            value=above,
            unit="m",
            threshold=0.0,
            evidence=("boxes3d", "events"),
        )
