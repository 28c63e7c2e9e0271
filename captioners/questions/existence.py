"""Is there one? Only what could well be there is asked after."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check, sure
from pairforge.captioners.questions.counting import colours_clear, of_word
from pairforge.captioners.questions.kinds import Kind, word_sql
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import Clause, Query


class OfKind(Family):
    """Is there a truck?"""

    name = "existence.of_kind"
    answers = "yes_no"
    candidates = """
        SELECT v.key, v.sensor, p.word FROM (SELECT DISTINCT key, sensor, semantic FROM things) AS v
        JOIN plausible AS p ON p.near_semantic = v.semantic GROUP BY ALL"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind = Kind(row["word"])
        program = Query(at.scope, "count(*) > 0", clauses=kind.clauses)
        return Asked({"kind": kind}, program, sure(at.view, kind.word), blind=kind.word)


class OfColourAndKind(Family):
    """Is there a red mug? There is a mug, and there is something red."""

    name = "existence.of_colour_and_kind"
    answers = "yes_no"
    candidates = f"""
        SELECT DISTINCT w.key, w.sensor, w.word, c.colour FROM words AS w JOIN words AS c USING (key, sensor)
        WHERE {of_word("w")}
          AND c.colour <> '' AND w.colour <> '' AND c.semantic NOT IN ('table', 'shelf') AND w.word <> 'orange'"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind = Kind(row["word"], row["colour"])
        program = Query(at.scope, "count(*) > 0", clauses=kind.clauses, optional=kind.optional)
        checks = (*sure(at.view, kind.word), *colours_clear(at, word_sql(kind.word), kind.colour))
        return Asked({"kind": kind}, program, checks, blind=kind.word)


class Beside(Family):
    """Is there a can to the left of the mug? There is a can."""

    name = "existence.beside"
    answers = "yes_no"
    candidates = """
        SELECT DISTINCT p.key, p.sensor, p.a, w.word, s.side
        FROM pairs AS p JOIN words AS w ON w.key = p.key AND w.sensor = p.sensor AND w.instance_id = p.b,
            (VALUES ('left'), ('right')) AS s(side)
        WHERE w.semantic NOT IN ('table', 'shelf', 'furniture') AND (w.semantic <> 'car' OR w.word = 'car')"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, kind, side = at.the(row["a"]), Kind(row["word"]), row["side"]
        if thing is None or at.rows[thing.instance_id]["semantic"] in ("table", "shelf", "furniture"):
            return None
        if thing.kind.word == kind.word:
            return None
        stands = at.fact(f"{side}_of", "seen.instance_id", thing.sql, seen=True)
        other = at.fact(
            f"{'right' if side == 'left' else 'left'}_of", "seen.instance_id", thing.sql, seen=True
        )
        clauses = (*kind.clauses, Clause("side", stands))
        program = Query(at.scope, "count(*) > 0", clauses=clauses, optional=("side",))
        between = Query(
            at.scope, "count(*) = 0", clauses=(*kind.clauses, Clause("", f"NOT ({stands} OR {other})"))
        )
        checks = (*sure(at.view, kind.word), *at.proofs(thing), Check("margin", between.sql()))
        return Asked(
            {"kind": kind, "thing": thing, "side": side}, program, checks, blind=f"{kind.word} {side}"
        )
