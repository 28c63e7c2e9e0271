"""What touches what, and when: contacts of a clip and their order."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.english import name
from pairforge.captioners.questions.kinds import Thing
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

APART_NS = 80_000_000
"""Of two events one is called the first when it leads by this."""
_OBJECTS = "SELECT scene_index, sensor, instance_id FROM things WHERE semantic = 'object' GROUP BY ALL"
_MOVED = (
    "EXISTS (SELECT 1 FROM events AS e WHERE e.kind = 'contact' AND {t}.instance_id IN (e.instance_a, e.instance_b) "
    "AND e.t0_ns > (SELECT min(time_ns) FROM frames) AND e.t0_ns < (SELECT max(time_ns) FROM frames))"
)


def start(at: Moment) -> str:
    return f"(SELECT min(time_ns) FROM frames WHERE scene_index = {at.scene_index})"


def end(at: Moment) -> str:
    return f"(SELECT max(time_ns) FROM frames WHERE scene_index = {at.scene_index})"


def contact(at: Moment, a: str, b: str, select: str, more: str = "") -> str:
    """A SELECT over the contacts of two things, by SQL of their ids, that begin within the clip."""
    return (
        f"(SELECT {select} FROM events AS e WHERE e.scene_index = {at.scene_index} AND e.kind = 'contact'\n"
        f"    AND ((e.instance_a = {a} AND e.instance_b = {b}) OR (e.instance_a = {b} AND e.instance_b = {a}))\n"
        f"    AND e.t0_ns <= {end(at)}{more})"
    )


def _begins(at: Moment, thing: Thing, other: Thing) -> str:
    return contact(at, thing.sql, other.sql, "min(e.t0_ns)")


class TouchFirst(Family):
    """Which comes to touch the table first, the mug or the ball?"""

    name = "events.touch_first"
    about = "clip"
    answers = "either"
    candidates = f"""
        SELECT x.scene_index, x.sensor, x.instance_id AS a, y.instance_id AS b, t.instance_id AS c
        FROM ({_OBJECTS}) AS x JOIN ({_OBJECTS}) AS y USING (scene_index, sensor),
            (SELECT DISTINCT instance_id FROM things WHERE semantic = 'table') AS t
        WHERE x.instance_id <> y.instance_id AND {_MOVED.format(t="x")} AND {_MOVED.format(t="y")}"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both, table = at.both(row["a"], row["b"]), at.the(row["c"])
        if both is None or table is None:
            return None
        one, other = both
        a, b = _begins(at, one, table), _begins(at, other, table)
        clear = f"{at.scope}\nSELECT abs({a} - {b}) >= {APART_NS} AND {a} > {start(at)} AND {b} > {start(at)}"
        said = f"THEN {literal(name(one))} ELSE {literal(name(other))} END"
        program = f"{at.scope}\nSELECT CASE WHEN {a}\n  < {b}\n  {said}"
        checks = (*at.proofs(one, other, table), Check("margin", clear))
        return Asked({"a": one, "b": other, "table": table}, program, checks, (name(one), name(other)))


class Touch(Family):
    """Do the mug and the ball touch at any time?"""

    name = "events.touch"
    about = "clip"
    answers = "yes_no"
    candidates = f"""
        SELECT x.scene_index, x.sensor, x.instance_id AS a, y.instance_id AS b
        FROM ({_OBJECTS}) AS x JOIN ({_OBJECTS}) AS y USING (scene_index, sensor)
        WHERE x.instance_id < y.instance_id AND {_MOVED.format(t="x")} AND {_MOVED.format(t="y")}"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None:
            return None
        one, other = both
        times = contact(at, one.sql, other.sql, "count(*)", f" AND e.t1_ns >= {start(at)}")
        felt = contact(
            at,
            one.sql,
            other.sql,
            "count(*)",
            f" AND e.t1_ns >= {start(at)} AND e.peak_force_n >= {policy.HIT_FORCE_N}",
        )
        clear = Check("margin", f"{at.scope}\nSELECT {times} = 0 OR {felt} > 0")
        program = f"{at.scope}\nSELECT {times} > 0"
        return Asked({"a": one, "b": other}, program, (*at.proofs(one, other), clear))


class When(Family):
    """How long after the start does the mug first touch the table?"""

    name = "events.when"
    about = "clip"
    answers = "number"
    candidates = f"""
        SELECT x.scene_index, x.sensor, x.instance_id AS a, t.instance_id AS c
        FROM ({_OBJECTS}) AS x, (SELECT DISTINCT instance_id FROM things WHERE semantic = 'table') AS t
        WHERE {_MOVED.format(t="x")}"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, table = at.the(row["a"]), at.the(row["c"])
        if thing is None or table is None:
            return None
        waited = f"({_begins(at, thing, table)} - {start(at)}) / 1e8"
        clear = f"{at.scope}\nSELECT {waited} >= 1 AND abs({waited} - round({waited})) <= 0.4"
        program = f"{at.scope}\nSELECT round({waited}) / 10"
        checks = (*at.proofs(thing, table), Check("margin", clear))
        return Asked({"thing": thing, "table": table}, program, checks, unit="s", step=0.1)


class AtTheEnd(Family):
    """At the end of the clip, is the ball at rest or still moving?"""

    name = "events.at_the_end"
    about = "clip"
    answers = "word"
    candidates = (
        f"SELECT scene_index, sensor, instance_id AS a FROM ({_OBJECTS}) AS x WHERE {_MOVED.format(t='x')}"
    )

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = (
            f"{at.scope}\nSELECT CASE f.predicate WHEN 'at_rest' THEN 'at rest' ELSE 'moving' END FROM facts AS f\n"
            f"WHERE f.scene_index = {at.scene_index} AND f.predicate IN ('at_rest', 'stirring', 'falling')\n"
            f"  AND f.subjects[1] = {thing.sql}\n"
            f"  AND f.frame_index = (SELECT max(frame_index) FROM frames WHERE scene_index = {at.scene_index})"
        )
        return Asked(
            {"thing": thing}, program, at.proofs(thing), ("at rest", "moving"), blind=thing.kind.word
        )
