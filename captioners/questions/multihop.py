"""From one thing to the next: the answer is found by way of another thing."""

from __future__ import annotations

from pairforge.captioners.questions import pools
from pairforge.captioners.questions.checks import Check, sure
from pairforge.captioners.questions.counting import of_word
from pairforge.captioners.questions.kinds import PEOPLE, PLAIN, Kind, doubtful_sql, near, noticed, word_sql
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import Clause, Query, literal
from pairforge.captioners.questions.support import relation

_OPPOSITE = {"left": "right", "right": "left"}
_PLAIN = ", ".join(literal(p) for p in sorted(PLAIN))


def _beside(at: Moment, row: Row, select: str) -> tuple[Query, dict[str, object], tuple[Check, ...]] | None:
    """What is of a kind and on a side of another thing."""
    thing, kind, side = at.the(row["a"]), Kind(row["word"]), row["side"]
    if thing is None or at.rows[thing.instance_id]["semantic"] in ("table", "shelf", "furniture"):
        return None
    if thing.kind.word == kind.word and not thing.kind.colour:
        return None
    there = at.fact(f"{side}_of", "seen.instance_id", thing.sql, seen=True)
    elsewhere = at.fact(f"{_OPPOSITE[side]}_of", "seen.instance_id", thing.sql, seen=True)
    clauses = (*kind.clauses, Clause("side", there))
    program = Query(at.scope, select, clauses=clauses, optional=("side",))
    known = f"{there} OR {elsewhere} OR seen.instance_id = {thing.sql}"
    lost = Query(at.scope, "count(*) = 0", clauses=(*kind.clauses, Clause("", f"NOT ({known})")))
    checks = (*sure(at.view, kind.word), *at.proofs(thing), Check("margin", lost.sql()))
    return program, {"thing": thing, "kind": kind, "side": side}, checks


def beside(where: str) -> str:
    return f"""
        SELECT DISTINCT p.key, p.sensor, p.a, w.word, f.side
        FROM pairs AS p JOIN words AS w ON w.key = p.key AND w.sensor = p.sensor AND w.instance_id = p.b
        JOIN (SELECT key, sensor, subjects, CASE predicate WHEN 'left_of' THEN 'left' ELSE 'right' END AS side
            FROM facts WHERE predicate IN ('left_of', 'right_of')) AS f
            ON f.key = p.key AND f.sensor = p.sensor AND f.subjects = [p.b, p.a]
        WHERE {of_word("w")} AND {where}"""


class ColourBeside(Family):
    """What colour is the box to the left of the mug?"""

    name = "multihop.colour_beside"
    answers = "word"
    candidates = beside("w.colour <> '' AND w.word <> 'vehicle'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        found = _beside(at, row, "colour")
        if found is None or row["word"] == "orange":
            return None
        program, slots, checks = found
        told = at.stage.tables.rows(program.sql())
        if len(told) != 1:
            return None
        own = str(told[0]["colour"])
        named = Query(
            at.scope,
            "count(*) = 1",
            clauses=(*program.clauses, Clause("", at.fact("colour", "seen.instance_id", argument=own))),
        )
        slots["wears"] = row["word"] in PEOPLE
        return Asked(
            slots, program, (*checks, Check("margin", named.sql())), pools.colours(own), blind=row["word"]
        )


class MaterialBeside(Family):
    """What is the box to the left of the mug made of?"""

    name = "multihop.material_beside"
    answers = "word"
    candidates = beside(f"w.word IN ({_PLAIN})")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        found = _beside(at, row, "material")
        if found is None:
            return None
        program, slots, checks = found
        return Asked(slots, program, checks, pools.MATERIALS, blind=row["word"])


class CountBeside(Family):
    """How many cars are to the left of the bus?"""

    name = "multihop.count_beside"
    answers = "count"
    candidates = beside("TRUE")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        found, thing = _beside(at, row, "count(*)"), at.the(row["a"])
        if found is None or thing is None or (row["word"] == "vehicle" and thing.kind.word in pools.ROAD):
            return None
        program, slots, checks = found
        return Asked(slots, program, checks, blind=row["word"])


class ColourOnTop(Family):
    """What colour is the thing on top of the book?"""

    name = "multihop.colour_on_top"
    answers = "word"
    candidates = relation("on_top_of")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, top = at.the(row["b"]), at.rows.get(row["a"])
        if thing is None or top is None or not top["colour"]:
            return None
        if at.rows[thing.instance_id]["semantic"] != "object":
            return None
        on_it = at.fact("on_top_of", "seen.instance_id", thing.sql)
        program = Query(at.scope, "colour", clauses=(Clause("on", on_it),))
        named = Check("margin", f"{at.scope}\nSELECT count(*) = 1 FROM seen WHERE {on_it}\n  AND "
                      f"{at.fact('colour', 'seen.instance_id', argument=top['colour'])}")  # fmt: skip
        return Asked(
            {"thing": thing},
            program,
            (*at.proofs(thing), named),
            pools.colours(top["colour"]),
            blind=thing.kind.word,
        )


class ColourOfNearest(Family):
    """What colour is the nearest car?"""

    name = "multihop.colour_of_nearest"
    answers = "word"
    candidates = """
        SELECT key, sensor, argument AS word, subjects[1] AS a FROM facts WHERE predicate = 'nearest'"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        own, kind = at.rows.get(row["a"]), Kind(row["word"])
        if own is None or not own["colour"] or kind.word == "orange":
            return None
        nearest = at.fact("nearest", "seen.instance_id", argument=kind.word, seen=True)
        clauses = (*kind.clauses, Clause("nearest", nearest))
        program = Query(at.scope, "colour", clauses=clauses, optional=("nearest",))
        named = Query(
            at.scope,
            "count(*) = 1",
            clauses=(*clauses, Clause("", at.fact("colour", "seen.instance_id", argument=own["colour"]))),
        )
        rivals = ", ".join(literal(c) for c in ("", own["colour"], *near(own["colour"])))
        others = noticed(at.view, f"{word_sql(kind.word)} AND colour NOT IN ({rivals})")
        checks = (
            *sure(at.view, kind.word),
            Check("margin", named.sql()),
            Check("needed", f"SELECT ({others}) > 0"),
        )
        slots = {"kind": kind, "wears": kind.word in PEOPLE}
        return Asked(slots, program, checks, pools.colours(own["colour"]), blind=kind.word)


class ColourOfLargest(Family):
    """What colour is the largest box?"""

    name = "multihop.colour_of_largest"
    answers = "word"
    candidates = (
        "SELECT key, sensor, argument AS word, subjects[1] AS a FROM facts WHERE predicate = 'largest'"
    )

    def ask(self, at: Moment, row: Row) -> Asked | None:
        own, kind = at.rows.get(row["a"]), Kind(row["word"])
        if own is None or not own["colour"]:
            return None
        largest = at.fact("largest", "seen.instance_id", argument=kind.word, seen=True)
        clauses = (*kind.clauses, Clause("largest", largest))
        program = Query(at.scope, "colour", clauses=clauses, optional=("largest",))
        named = Query(
            at.scope,
            "count(*) = 1",
            clauses=(*clauses, Clause("", at.fact("colour", "seen.instance_id", argument=own["colour"]))),
        )
        return Asked(
            {"kind": kind},
            program,
            (*sure(at.view, kind.word), Check("margin", named.sql())),
            pools.colours(own["colour"]),
            blind=kind.word,
        )


class CountSameColour(Family):
    """How many other things have the colour of the mug?"""

    name = "multihop.count_same_colour"
    answers = "count"
    candidates = "SELECT key, sensor, instance_id AS a FROM things WHERE semantic = 'object' AND colour <> ''"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, own = at.the(row["a"]), at.rows.get(row["a"])
        if thing is None or own is None or thing.kind.colour:
            return None
        same = f"colour = (SELECT colour FROM seen WHERE {thing.kind.where})"
        others = Clause("other", f"semantic = 'object' AND instance_id <> {thing.sql}")
        program = Query(at.scope, "count(*)", clauses=(others, Clause("colour", same)), optional=("colour",))
        unclear = noticed(at.view, f"semantic = 'object' AND {doubtful_sql(own['colour'])}")
        half = noticed(at.view, "semantic = 'object' AND NOT (b.visible_px >= 40)")
        checks = (
            *at.proofs(thing),
            Check("sure", f"SELECT ({unclear}) = 0"),
            Check("sure", f"SELECT ({half}) = 0"),
        )
        return Asked({"thing": thing}, program, checks, blind=thing.kind.word)
