"""How many: of a kind, of a colour, on a side, parked or moving."""

from __future__ import annotations

from dataclasses import replace

from pairforge.captioners.questions.checks import Check, sure
from pairforge.captioners.questions.kinds import VEHICLES, Kind, doubtful_sql, noticed, word_sql
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import Clause, Query, literal

COUNTED = (
    "semantic NOT IN ('table', 'shelf', 'furniture') AND (semantic <> 'car' OR word IN ('car', 'vehicle'))"
)


def of_word(alias: str) -> str:
    """What is counted, over a row of ``words`` by that name."""
    return COUNTED.replace("semantic", f"{alias}.semantic").replace("OR word", f"OR {alias}.word")


_VEHICLES = ", ".join(literal(v) for v in VEHICLES)


class OfKind(Family):
    """How many mugs are there?"""

    name = "counting.of_kind"
    answers = "count"
    candidates = f"SELECT key, sensor, word FROM words WHERE {COUNTED} GROUP BY ALL"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind = Kind(row["word"])
        program = Query(at.scope, "count(*)", clauses=kind.clauses)
        return Asked({"kind": kind}, program, sure(at.view, kind.word), blind=kind.word)


class OfColourAndKind(Family):
    """How many red cars are there?"""

    name = "counting.of_colour_and_kind"
    answers = "count"
    candidates = f"""
        SELECT key, sensor, word, colour FROM words
        WHERE {COUNTED} AND colour <> '' AND word NOT IN ('orange') GROUP BY ALL"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind = Kind(row["word"], row["colour"])
        program = Query(at.scope, "count(*)", clauses=kind.clauses, optional=kind.optional)
        checks = (*sure(at.view, kind.word), *colours_clear(at, word_sql(kind.word), kind.colour))
        return Asked({"kind": kind}, program, checks, blind=kind.word)


class OfColour(Family):
    """How many red things are there?"""

    name = "counting.of_colour"
    answers = "count"
    candidates = """
        SELECT key, sensor, colour FROM things WHERE semantic = 'object' AND colour <> '' GROUP BY ALL"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        colour, things = row["colour"], "semantic = 'object'"
        clauses = (Clause("kind", things), Clause("colour", f"colour = {literal(colour)}"))
        program = Query(at.scope, "count(*)", clauses=clauses, optional=("colour",))
        clear = (
            Check("sure", f"SELECT ({noticed(at.view, f'{things} AND NOT (b.visible_px >= 40)')}) = 0"),
            *colours_clear(at, things, colour),
        )
        return Asked({"colour": colour}, program, clear, blind=colour)


class OnSide(Family):
    """How many cars are on the left of the picture?"""

    name = "counting.on_side"
    answers = "count"
    candidates = f"""
        SELECT w.key, w.sensor, w.word, s.side FROM words AS w, (VALUES ('left'), ('right')) AS s(side)
        WHERE {COUNTED} GROUP BY ALL HAVING count(*) > 1"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind, side = Kind(row["word"]), row["side"]
        on_it = at.fact("side", "seen.instance_id", argument=side, seen=True)
        program = Query(
            at.scope, "count(*)", clauses=(*kind.clauses, Clause("side", on_it)), optional=("side", "kind")
        )
        placed = at.fact("side", "seen.instance_id", seen=True)
        between = Query(at.scope, "count(*) = 0", clauses=(*kind.clauses, Clause("between", f"NOT {placed}")))
        checks = (*sure(at.view, kind.word), Check("margin", between.sql()))
        return Asked({"kind": kind, "side": side}, program, checks, blind=f"{kind.word} {side}")


class Moving(Family):
    """How many of the vehicles are moving?"""

    name = "counting.moving"
    answers = "count"
    about = "driving"
    candidates = f"""
        SELECT key, sensor, word FROM words
        WHERE semantic IN ({_VEHICLES}, 'pedestrian', 'cyclist') AND word IN ('car', 'vehicle', 'pedestrian')
        GROUP BY ALL HAVING count(*) > 1"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind = Kind(row["word"])
        moving, still = (at.fact(p, "seen.instance_id") for p in ("moving", "still"))
        program = Query(
            at.scope,
            "count(*)",
            clauses=(*kind.clauses, Clause("moving", moving)),
            optional=("moving", "kind"),
        )
        between = replace(
            program, select="count(*) = 0", clauses=(*kind.clauses, Clause("", f"NOT ({moving} OR {still})"))
        )
        return Asked(
            {"kind": kind},
            program,
            (*sure(at.view, kind.word), Check("margin", between.sql())),
            blind=kind.word,
        )


class Parked(Family):
    """How many parked vehicles are there?"""

    name = "counting.parked"
    answers = "count"
    about = "driving"
    candidates = "SELECT key, sensor, word FROM words WHERE word IN ('car', 'vehicle') GROUP BY ALL"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind = Kind(row["word"])
        parked, settled = at.fact("parked", "seen.instance_id"), at.fact("moving", "seen.instance_id")
        program = Query(
            at.scope, "count(*)", clauses=(*kind.clauses, Clause("parked", parked)), optional=("parked",)
        )
        between = replace(
            program,
            select="count(*) = 0",
            clauses=(*kind.clauses, Clause("", f"NOT ({parked} OR {settled})")),
        )
        return Asked(
            {"kind": kind},
            program,
            (*sure(at.view, kind.word), Check("margin", between.sql())),
            blind=kind.word,
        )


def colours_clear(at: Moment, where: str, colour: str) -> tuple[Check, ...]:
    """Nothing of the kind has a colour without a name, or one that may be taken for this one."""
    named = Query(
        at.scope,
        "count(*) = 0",
        clauses=(
            Clause("kind", where),
            Clause("colour", f"colour = {literal(colour)}"),
            Clause("unnamed", f"NOT {at.fact('colour', 'seen.instance_id', argument=colour)}"),
        ),
    )
    return (
        Check("sure", f"SELECT ({noticed(at.view, f'{where} AND {doubtful_sql(colour)}')}) = 0"),
        Check("sure", named.sql()),
    )
