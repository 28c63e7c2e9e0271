"""Colour, material and kind of one thing."""

from __future__ import annotations

from pairforge.captioners.questions import pools
from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.kinds import PEOPLE, PLAIN, Thing, alike, doubtful_sql, noticed
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import Query, literal

_PLAIN = ", ".join(literal(p) for p in sorted(PLAIN))


def of(at: Moment, thing: Thing, column: str) -> Query:
    """The program that reads a column of the one thing meant."""
    return Query(at.scope, column, clauses=thing.kind.clauses)


def named(at: Moment, thing: Thing) -> Check:
    """The colour on record is the nearest of the palette by a clear margin."""
    colour = f"(SELECT colour FROM seen WHERE instance_id = {thing.sql})"
    return Check("margin", f"{at.scope}\nSELECT count(*) > 0 FROM facts AS f\nWHERE f.key = {literal(at.key)}"
                 f" AND f.predicate = 'colour' AND f.subjects = [{thing.sql}] AND f.argument = {colour}")  # fmt: skip


def without_colour(at: Moment, instance_id: int) -> Thing | None:
    thing = at.the(instance_id)
    return None if thing is None or thing.kind.colour else thing


class Colour(Family):
    """What colour is the mug?"""

    name = "attributes.colour"
    answers = "word"
    candidates = """
        SELECT key, sensor, instance_id AS a FROM things
        WHERE colour <> '' AND semantic NOT IN ('table', 'shelf', 'furniture')"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = without_colour(at, row["a"])
        if thing is None or thing.kind.word == "orange":
            return None
        own = at.rows[thing.instance_id]["colour"]
        slots = {"thing": thing, "wears": thing.kind.word in PEOPLE}
        return Asked(
            slots,
            of(at, thing, "colour"),
            (*at.proofs(thing), named(at, thing)),
            pools.colours(own),
            blind=thing.kind.word,
        )


class IsColour(Family):
    """Is the mug red?"""

    name = "attributes.is_colour"
    answers = "yes_no"
    candidates = """
        SELECT DISTINCT t.key, t.sensor, t.instance_id AS a, c.colour
        FROM things AS t JOIN things AS c USING (key, sensor)
        WHERE t.colour <> '' AND c.colour <> '' AND t.semantic NOT IN ('table', 'shelf', 'furniture')"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, colour = without_colour(at, row["a"]), row["colour"]
        if thing is None or thing.kind.word == "orange":
            return None
        own = at.rows[thing.instance_id]["colour"]
        if own != colour and colour not in pools.colours(own):
            return None
        return Asked(
            {"thing": thing, "colour": colour, "wears": thing.kind.word in PEOPLE},
            of(at, thing, f"colour = {literal(colour)}"),
            (*at.proofs(thing), named(at, thing)),
            blind=colour,
        )


class Material(Family):
    """What is the ball made of? Asked of shapes that may be of anything."""

    name = "attributes.material"
    answers = "word"
    candidates = f"""
        SELECT key, sensor, instance_id AS a FROM things WHERE material <> '' AND noun IN ({_PLAIN})"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None or thing.kind.material:
            return None
        own = at.rows[thing.instance_id]["material"]
        return Asked(
            {"thing": thing},
            of(at, thing, "material"),
            at.proofs(thing),
            tuple(m for m in pools.MATERIALS if m != own),
            blind=thing.kind.word,
        )


class IsMaterial(Family):
    """Is the ball made of metal?"""

    name = "attributes.is_material"
    answers = "yes_no"
    candidates = f"""
        SELECT t.key, t.sensor, t.instance_id AS a, m.material FROM things AS t,
            (VALUES ('metal'), ('rubber'), ('wood'), ('plastic')) AS m(material)
        WHERE t.material <> '' AND t.noun IN ({_PLAIN})"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, material = at.the(row["a"]), row["material"]
        if thing is None or thing.kind.material:
            return None
        program = of(at, thing, f"material = {literal(material)}")
        return Asked({"thing": thing, "material": material}, program, at.proofs(thing), blind=material)


class WhatIs(Family):
    """What is the red thing?"""

    name = "attributes.what_is"
    answers = "word"
    candidates = "SELECT key, sensor, instance_id AS a FROM things WHERE semantic = 'object' AND colour <> ''"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        own = at.rows.get(row["a"])
        if own is None:
            return None
        colour, noun = own["colour"], own["noun"]
        where = f"semantic = 'object' AND colour = {literal(colour)}"
        alone = noticed(at.view, f"semantic = 'object' AND ({where} OR {doubtful_sql(colour)})")
        around = (r["noun"] for r in at.rows.values() if r["clear"] and r["semantic"] == "object")
        options = tuple(n for n in pools.nouns(noun, around) if n not in alike(noun))
        return Asked(
            {"colour": colour},
            f"{at.scope}\nSELECT noun\nFROM seen\nWHERE {where}",
            (Check("unique", f"SELECT ({alone}) = 1"),),
            options,
            blind=colour,
        )
