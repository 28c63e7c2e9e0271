"""What moves, how fast and which way."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.distances import of_users, spoken
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal
from pairforge.captioners.questions.support import others


def one_of(at: Moment, subject: str, words: dict[str, str]) -> str:
    """The program that says which of several facts holds of a thing, in the word of each."""
    cases = " ".join(f"WHEN {literal(p)} THEN {literal(w)}" for p, w in words.items())
    among = ", ".join(literal(p) for p in words)
    return (
        f"{at.scope}\nSELECT CASE f.predicate {cases} END FROM facts AS f\n"
        f"WHERE f.key = {literal(at.key)} AND f.predicate IN ({among}) AND f.subjects[1] = {subject}"
    )


class MovingOrStill(Family):
    """Is the van moving or standing still?"""

    name = "motion.moving_or_still"
    about = "driving"
    answers = "word"
    candidates = f"{of_users('moving')} UNION ALL {of_users('still')}"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        words = {"moving": "moving", "still": "standing still"}
        program = one_of(at, thing.sql, words)
        return Asked(
            {"thing": thing}, program, at.proofs(thing), tuple(words.values()), blind=thing.kind.word
        )


class Speed(Family):
    """How fast is the van going?"""

    name = "motion.speed"
    about = "driving"
    answers = "number"
    candidates = of_users("speed")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program, clear, step = spoken(at, "speed", thing.sql)
        checks = (*at.proofs(thing), clear)
        return Asked({"thing": thing}, program, checks, blind=thing.kind.word, unit="km/h", step=step)


class WhichWay(Family):
    """Is the van coming towards us or driving ahead of us in our lane?"""

    name = "motion.which_way"
    about = "driving"
    answers = "word"
    candidates = f"{of_users('oncoming')} UNION ALL {of_users('same_lane_ahead')}"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        words = {"oncoming": "towards us", "same_lane_ahead": "the same way as us"}
        moves = Check("margin", f"{at.scope}\nSELECT {at.fact('moving', thing.sql)}")
        program = one_of(at, thing.sql, words)
        checks = (*at.proofs(thing), moves)
        return Asked({"thing": thing}, program, checks, tuple(words.values()), blind=thing.kind.word)


class State(Family):
    """Is the apple falling, moving on something, or at rest?"""

    name = "motion.state"
    answers = "word"
    candidates = f"""
        SELECT * FROM ({of_users("falling")} UNION ALL {of_users("at_rest")} UNION ALL {of_users("stirring")}) AS s
        WHERE EXISTS (SELECT 1 FROM facts AS f WHERE f.key = s.key AND f.predicate IN ('falling', 'stirring'))"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        words = {"falling": "falling", "stirring": "moving", "at_rest": "at rest"}
        program = one_of(at, thing.sql, words)
        return Asked(
            {"thing": thing}, program, at.proofs(thing), tuple(words.values()), blind=thing.kind.word
        )


class WhatFalls(Family):
    """What is falling?"""

    name = "motion.what_falls"
    answers = "word"
    candidates = of_users("falling")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        falling = f"f.key = {literal(at.key)} AND f.predicate = 'falling'"
        program = (
            f"{at.scope}\nSELECT noun\n"
            f"FROM seen JOIN facts AS f ON f.subjects[1] = seen.instance_id\nWHERE {falling}"
        )
        alone = Check("unique", f"SELECT count(*) = 1 FROM facts AS f WHERE {falling}")
        return Asked({}, program, (alone,), others(at, row["a"]))
