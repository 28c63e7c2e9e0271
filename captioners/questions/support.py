"""What stands on, lies in and leans against what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pairforge.captioners.questions import pools
from pairforge.captioners.questions.checks import Check, sure
from pairforge.captioners.questions.kinds import Kind, Thing, noticed
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import Clause, Query, literal

WORD = f"CASE WHEN semantic IN ({', '.join(literal(c) for c in pools.ROAD)}) THEN semantic ELSE noun END"
"""What a thing is called in an answer: of road users the class, since few tell a hatchback from an estate car."""
UPRIGHT_COS = 0.94
STANDING = (
    *(
        "bottle",
        "can",
        "carafe",
        "cup",
        "glass",
        "jar",
        "jug",
        "kettle",
        "milk carton",
        "mug",
        "teapot",
        "tin",
    ),
    *("vase", "wine glass"),
)
"""Things with a base, that stand or lie on their side."""
_STANDING = ", ".join(literal(n) for n in STANDING)


def relation(predicate: str) -> str:
    """Candidates: both subjects of a relation, where a camera shows them."""
    return (
        f"SELECT t.key, t.sensor, f.subjects[1] AS a, f.subjects[2] AS b FROM facts AS f JOIN things AS t "
        f"ON t.key = f.key AND t.instance_id = f.subjects[1] WHERE f.predicate = '{predicate}'"
    )


def other_of(at: Moment, predicate: str, subjects: str, seen: bool = False) -> str:
    """The program of the noun of the one other thing in a relation; ``subjects``: the list, with seen.instance_id
    where the other stands."""
    sensor = f"\n    AND f.sensor = {literal(at.sensor)}" if seen else ""
    return (
        f"{at.scope}\nSELECT {WORD}\nFROM seen JOIN facts AS f ON f.subjects = [{subjects}]\n"
        f"WHERE f.key = {literal(at.key)} AND f.predicate = {literal(predicate)}{sensor}"
    )


def others(at: Moment, instance_id: int, but: str = "") -> tuple[str, ...]:
    """Nouns of other things that the thing cannot be taken for, those in view first; ``but``: not this one."""
    row = at.rows.get(instance_id)
    if row is None:
        return ()
    around = [_word(r) for r in at.rows.values() if r["clear"]]
    return tuple(n for n in pools.nouns(_word(row), around) if n != but)


def _word(row: Mapping[str, Any]) -> str:
    return str(row["semantic"] if row["semantic"] in pools.ROAD else row["noun"])


def _of(at: Moment, predicate: str, thing: Thing | None, other: int, subjects: str) -> Asked | None:
    if thing is None:
        return None
    subjects = subjects.replace("{thing}", thing.sql)
    program = other_of(at, predicate, subjects)
    return Asked(
        {"thing": thing}, program, at.proofs(thing), others(at, other, thing.kind.word), blind=thing.kind.word
    )


class OnWhat(Family):
    """What is the mug standing on?"""

    name = "support.on_what"
    answers = "word"
    candidates = relation("on_top_of")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        return _of(at, "on_top_of", thing, row["b"], "{thing}, seen.instance_id")


class WhatIsOn(Family):
    """What lies on the book?"""

    name = "support.what_is_on"
    answers = "word"
    candidates = relation("on_top_of")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["b"])
        if thing is None or at.rows[thing.instance_id]["semantic"] != "object":
            return None
        return _of(at, "on_top_of", thing, row["a"], "seen.instance_id, {thing}")


class WhatIsInside(Family):
    """What is in the bowl?"""

    name = "support.what_is_inside"
    answers = "word"
    candidates = relation("inside")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["b"])
        return _of(at, "inside", thing, row["a"], "seen.instance_id, {thing}")


class InWhat(Family):
    """What is the apple in?"""

    name = "support.in_what"
    answers = "word"
    candidates = relation("inside")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        return _of(at, "inside", thing, row["b"], "{thing}, seen.instance_id")


class LeansOnWhat(Family):
    """What does the book lean against?"""

    name = "support.leans_on_what"
    answers = "word"
    candidates = relation("leans_on")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        return _of(at, "leans_on", thing, row["b"], "{thing}, seen.instance_id")


class IsOn(Family):
    """Is the mug on the book? It lies on one thing, and on no other."""

    name = "support.is_on"
    answers = "yes_no"
    candidates = """
        SELECT p.key, p.sensor, p.a, p.b FROM pairs AS p
        JOIN things AS x ON x.key = p.key AND x.sensor = p.sensor AND x.instance_id = p.a AND x.semantic = 'object'
        JOIN things AS y ON y.key = p.key AND y.sensor = p.sensor AND y.instance_id = p.b AND y.semantic = 'object'
        WHERE EXISTS (SELECT 1 FROM facts AS f JOIN things AS o ON o.key = f.key AND o.instance_id = f.subjects[2]
            WHERE f.key = p.key AND f.predicate = 'on_top_of' AND o.semantic = 'object'
                AND (p.a IN f.subjects OR p.b IN f.subjects))"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None:
            return None
        one, other = both
        program = f"{at.scope}\nSELECT {at.fact('on_top_of', one.sql, other.sql)}"
        touching = (
            "SELECT count(*) FROM facts AS f WHERE f.key = "
            f"{literal(at.key)} AND f.predicate IN ('leans_on', 'inside', 'across', 'upon')"
            f" AND f.subjects[1] = {one.sql}"
            f" AND list_contains(f.subjects, {other.sql})"
        )
        rests = at.fact("at_rest", one.sql)
        known = f"{at.facts_of('on_top_of', 'count(*)')} AND f.subjects[1] = {one.sql}"
        checks = (
            *at.proofs(one, other),
            Check("margin", f"{at.scope}\nSELECT ({touching}) = 0 AND {rests} AND ({known}) > 0"),
        )
        return Asked({"a": one, "b": other}, program, checks, blind=other.kind.word)


class OnItsSide(Family):
    """Is the bottle standing upright or lying on its side?"""

    name = "support.on_its_side"
    answers = "word"
    candidates = f"SELECT key, sensor, instance_id AS a FROM things WHERE noun IN ({_STANDING})"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        side, up = at.fact("on_its_side", thing.sql), "1 - 2 * (turn[2] ^ 2 + turn[3] ^ 2)"
        upright = f"(SELECT {up} FROM seen WHERE {thing.kind.where}) >= {UPRIGHT_COS}"
        still = f"({at.fact('at_rest', thing.sql)} OR {at.fact('on_shelf', thing.sql)})"
        checks = (
            *at.proofs(thing),
            Check("margin", f"{at.placed}\nSELECT {side} OR ({upright} AND {still})"),
        )
        program = (
            f"{at.scope}\nSELECT CASE WHEN {side}\n  THEN 'lying on its side' ELSE 'standing upright' END"
        )
        options = ("standing upright", "lying on its side")
        return Asked({"thing": thing}, program, checks, options, blind=thing.kind.word)


class WhichShelf(Family):
    """Which shelf is the jar on?"""

    name = "support.which_shelf"
    answers = "word"
    candidates = """
        SELECT t.key, t.sensor, t.instance_id AS a FROM facts AS f JOIN things AS t
        ON t.key = f.key AND t.instance_id = f.subjects[1] WHERE f.predicate = 'on_shelf'"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\n{at.facts_of('on_shelf')}\n  AND f.subjects = [{thing.sql}]"
        found = at.stage.tables.rows(f"{at.facts_of('on_shelf', 'DISTINCT f.argument AS shelf')} ORDER BY 1")
        return Asked(
            {"thing": thing},
            program,
            at.proofs(thing),
            tuple(r["shelf"] for r in found),
            blind=thing.kind.word,
        )


class CountOnShelf(Family):
    """How many tins are on the top shelf?"""

    name = "support.count_on_shelf"
    answers = "count"
    candidates = """
        SELECT w.key, w.sensor, w.word, f.argument AS shelf FROM facts AS f JOIN words AS w
        ON w.key = f.key AND w.instance_id = f.subjects[1] WHERE f.predicate = 'on_shelf' GROUP BY ALL"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind, shelf = Kind(row["word"]), row["shelf"]
        on_it = at.fact("on_shelf", "seen.instance_id", argument=shelf)
        clauses = (*kind.clauses, Clause("shelf", on_it))
        program = Query(at.scope, "count(*)", clauses=clauses, optional=("shelf", "kind"))
        somewhere = f"NOT {at.fact('on_shelf', 'seen.instance_id')}"
        lost = replace(program, select="count(*) = 0", clauses=(*kind.clauses, Clause("", somewhere)))
        checks = (*sure(at.view, kind.word), Check("margin", lost.sql()))
        return Asked({"kind": kind, "shelf": shelf}, program, checks, blind=kind.word)


class CountOnTable(Family):
    """How many things are on the table?"""

    name = "support.count_on_table"
    answers = "count"
    candidates = """
        SELECT t.key, t.sensor, t.instance_id AS a FROM things AS t WHERE t.semantic = 'table'
          AND EXISTS (SELECT 1 FROM facts AS f WHERE f.key = t.key AND f.predicate = 'upon')"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        table = at.the(row["a"])
        if table is None:
            return None
        upon = at.fact("upon", "seen.instance_id", table.sql)
        clauses = (Clause("kind", "semantic = 'object'"), Clause("upon", upon))
        program = Query(at.scope, "count(*)", clauses=clauses)
        off = " OR ".join(at.fact(p, "seen.instance_id") for p in ("airborne", "falling"))
        off += " OR " + at.fact("fallen_off", "seen.instance_id", table.sql)
        lost = Query(at.scope, "count(*) = 0", clauses=(clauses[0], Clause("", f"NOT ({upon} OR {off})")))
        hidden = noticed(
            at.view, "semantic = 'object' AND NOT (b.visible_px >= 40 AND b.visible_px >= 0.15 * b.solo_px)"
        )
        checks = (Check("sure", f"SELECT ({hidden}) = 0"), Check("margin", lost.sql()), *at.proofs(table))
        return Asked({"table": table}, program, checks)
