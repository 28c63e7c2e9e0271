"""What the camera shows of things: hidden by what, cut off where."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.comparison import column
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.support import other_of, others

WHOLE = 0.03
"""Less of a thing than this hidden or cut off, and it is in full view."""
_LOOSE = "semantic NOT IN ('table', 'shelf', 'furniture')"


class PartlyHidden(Family):
    """Is the box partly hidden?"""

    name = "visibility.partly_hidden"
    answers = "yes_no"
    candidates = f"SELECT key, sensor, instance_id AS a FROM things WHERE {_LOOSE}"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        hidden = column(thing, "occlusion")
        clear = f"{at.scope}\nSELECT {hidden} >= {policy.PARTLY_HIDDEN} OR {hidden} <= {WHOLE}"
        program = f"{at.scope}\nSELECT {hidden} >= {policy.PARTLY_HIDDEN}"
        return Asked(
            {"thing": thing}, program, (*at.proofs(thing), Check("margin", clear)), blind=thing.kind.word
        )


class HiddenByWhat(Family):
    """What hides part of the box?"""

    name = "visibility.hidden_by_what"
    answers = "word"
    candidates = """
        SELECT key, sensor, subjects[1] AS a, subjects[2] AS b FROM facts WHERE predicate = 'hidden_behind'"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = other_of(at, "hidden_behind", f"{thing.sql}, seen.instance_id", seen=True)
        return Asked(
            {"thing": thing},
            program,
            at.proofs(thing),
            others(at, row["b"], thing.kind.word),
            blind=thing.kind.word,
        )


class WhatIsBehind(Family):
    """What is partly hidden by the van?"""

    name = "visibility.what_is_behind"
    answers = "word"
    candidates = HiddenByWhat.candidates

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["b"])
        if thing is None:
            return None
        program = other_of(at, "hidden_behind", f"seen.instance_id, {thing.sql}", seen=True)
        return Asked(
            {"thing": thing},
            program,
            at.proofs(thing),
            others(at, row["a"], thing.kind.word),
            blind=thing.kind.word,
        )


class CutOff(Family):
    """Is the car cut off by the edge of the picture?"""

    name = "visibility.cut_off"
    answers = "yes_no"
    candidates = PartlyHidden.candidates

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        outside = column(thing, "truncation")
        clear = f"{at.scope}\nSELECT {outside} >= {policy.TRUNCATED} OR {outside} = 0"
        program = f"{at.scope}\nSELECT {outside} >= {policy.TRUNCATED}"
        return Asked(
            {"thing": thing}, program, (*at.proofs(thing), Check("margin", clear)), blind=thing.kind.word
        )


class CutOffSide(Family):
    """Which edge of the picture cuts the car off?"""

    name = "visibility.cut_off_side"
    answers = "word"
    candidates = "SELECT key, sensor, subjects[1] AS a FROM facts WHERE predicate = 'cut_off'"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\n{at.facts_of('cut_off', seen=True)}\n  AND f.subjects = [{thing.sql}]"
        return Asked({"thing": thing}, program, at.proofs(thing), ("left", "right"), blind=thing.kind.word)
