"""What comes to pass over a clip: who does what, to which side, and what comes first."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.events import end, start
from pairforge.captioners.questions.kinds import Thing
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

DOES = {
    "braking": "brake",
    "speeding_up": "speed up",
    "stopping": "come to a stop",
    "lane_change": "change lanes",
    "turning": "turn at a junction",
    "crossing_road": "cross the road",
    "falling": "fall",
    "rolling": "roll",
    "picked_up": "get picked up",
}
"""What is asked about, as one says "does it …?"."""
NEARLY = {"lane_change": "moving_over", "picked_up": "held"}
"""What is asked with yes or no, and what somebody might take for it: where that is all there is, nothing is asked."""
SIDED = {"lane_change": "change lanes", "turning": "turn"}
APART_NS = 300_000_000
"""One happening begins clearly before another."""
_KINDS = ", ".join(literal(k) for k in DOES)
_DOERS = "SELECT DISTINCT t.scene_index, t.sensor, t.instance_id, t.semantic FROM things AS t"


def of(at: Moment, kind: str, subject: str, select: str) -> str:
    """A SELECT over a thing's happenings of a kind within the clip."""
    return (
        f"(SELECT {select} FROM happenings AS h WHERE h.scene_index = {at.scene_index} AND h.kind = {literal(kind)}\n"
        f"    AND h.subjects[1] = {subject} AND h.t1_ns >= {start(at)} AND h.t0_ns <= {end(at)})"
    )


class Does(Family):
    """Does the silver car change lanes during the clip? Somebody of its class does such a thing."""

    name = "happenings.does"
    about = "clip"
    answers = "yes_no"
    candidates = f"""
        SELECT DISTINCT d.scene_index, d.sensor, d.instance_id AS a, h.kind
        FROM ({_DOERS}) AS d JOIN happenings AS h USING (scene_index)
        JOIN instances AS i ON i.scene_index = h.scene_index AND i.instance_id = h.subjects[1]
        WHERE h.kind IN ({", ".join(literal(k) for k in NEARLY)}) AND i.semantic = d.semantic"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, kind = at.the(row["a"]), row["kind"]
        if thing is None:
            return None
        does, nearly = (f"{of(at, k, thing.sql, 'count(*)')} > 0" for k in (kind, NEARLY[kind]))
        clear = Check("margin", f"{at.scope}\nSELECT {does} OR NOT {nearly}")
        checks = (*at.proofs(thing), clear)
        return Asked({"thing": thing, "does": DOES[kind]}, f"{at.scope}\nSELECT {does}", checks, blind=kind)


class WhichSide(Family):
    """To which side does the silver car change lanes?"""

    name = "happenings.which_side"
    about = "clip"
    answers = "word"
    candidates = f"""
        SELECT DISTINCT d.scene_index, d.sensor, d.instance_id AS a, h.kind
        FROM ({_DOERS}) AS d JOIN happenings AS h ON h.scene_index = d.scene_index AND h.subjects[1] = d.instance_id
        WHERE h.kind IN ({", ".join(literal(k) for k in SIDED)})"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, kind = at.the(row["a"]), row["kind"]
        if thing is None:
            return None
        once = Check("unique", f"{at.scope}\nSELECT {of(at, kind, thing.sql, 'count(*)')} = 1")
        program = f"{at.scope}\nSELECT {of(at, kind, thing.sql, 'any_value(h.argument)')}"
        slots = {"thing": thing, "does": SIDED[kind]}
        return Asked(slots, program, (*at.proofs(thing), once), ("left", "right"), blind=kind)


class WhatFirst(Family):
    """What does the silver car do first, change lanes or brake?"""

    name = "happenings.what_first"
    about = "clip"
    answers = "either"
    candidates = f"""
        SELECT DISTINCT d.scene_index, d.sensor, d.instance_id AS a, x.kind AS one, y.kind AS other
        FROM ({_DOERS}) AS d JOIN happenings AS x ON x.scene_index = d.scene_index AND x.subjects[1] = d.instance_id
        JOIN happenings AS y ON y.scene_index = d.scene_index AND y.subjects[1] = d.instance_id
        WHERE x.kind <> y.kind AND x.kind IN ({_KINDS}) AND y.kind IN ({_KINDS})"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        one, other = DOES[row["one"]], DOES[row["other"]]
        a, b = (self._begins(at, row[n], thing) for n in ("one", "other"))
        clear = f"{at.scope}\nSELECT abs({a} - {b}) >= {APART_NS}"
        program = (
            f"{at.scope}\nSELECT CASE WHEN {a}\n  < {b}\n  THEN {literal(one)} ELSE {literal(other)} END"
        )
        slots = {"thing": thing, "one": one, "other": other}
        return Asked(slots, program, (*at.proofs(thing), Check("margin", clear)), (one, other))

    @staticmethod
    def _begins(at: Moment, kind: str, thing: Thing) -> str:
        return of(at, kind, thing.sql, "min(h.t0_ns)")
