"""Inspected parts: which defects, where, how large, and whether the part passes."""

from __future__ import annotations

from typing import ClassVar

from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.kinds import Thing
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Answers, Asked, Family, Row
from pairforge.captioners.questions.query import literal

KINDS = ("burr", "chip", "crack", "dent", "misprint", "missing_hole", "scratch", "stain")
SAID = {k: k.replace("_", " ") for k in KINDS}
GRADES = ("minor", "major", "critical")
_PARTS = "SELECT t.key, t.sensor, t.instance_id AS a{more} FROM parts AS t{source}"


def defects(at: Moment, thing: Thing, predicate: str = "defect", seen: bool = True) -> str:
    """The facts of a part's defects: FROM and WHERE, as ``f``."""
    own = f" AND f.sensor = {literal(at.sensor)}" if seen else ""
    return (
        f"FROM facts AS f WHERE f.key = {literal(at.key)} AND f.predicate = {literal(predicate)}{own}\n"
        f"  AND f.subjects[1] = {thing.sql}"
    )


def field(number: int) -> str:
    """The n-th piece of what a defect is called: kind, face, nearest feature."""
    return f"split_part(f.argument, '|', {number})"


def on_record(at: Moment, thing: Thing) -> str:
    """How many defects the part has, seen or not."""
    return (
        "(SELECT json_array_length(extra::JSON -> 'notes' -> CAST("
        f"{thing.sql} AS VARCHAR) -> 'defects') FROM scenes WHERE scene_index = {at.scene_index})"
    )


def all_seen(at: Moment, thing: Thing) -> Check:
    """Each defect on record is a fact of this camera's, or known to be out of its view."""
    shown = f"(SELECT count(DISTINCT f.argument) {defects(at, thing)})"
    hidden = f"coalesce((SELECT max(f.value) {defects(at, thing, 'defect_unseen')}), 0)"
    return Check("sure", f"{at.scope}\nSELECT {shown} + {hidden} = {on_record(at, thing)}")


def one_seen(at: Moment, thing: Thing) -> Check:
    return Check("unique", f"{at.scope}\nSELECT count(DISTINCT f.argument) = 1 {defects(at, thing)}")


class Passes(Family):
    """Does the gear pass inspection?"""

    name = "inspection.passes"
    about = "inspection"
    answers = "yes_no"
    candidates = _PARTS.format(more="", source="")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\nSELECT f.argument = 'pass' {defects(at, thing, 'verdict', seen=False)}"
        unseen = f"(SELECT count(*) {defects(at, thing, 'defect_unseen')})"
        fair = Check("sure", f"{at.scope}\nSELECT {unseen} = 0")
        return Asked(
            {"thing": thing}, program, (*at.proofs(thing), all_seen(at, thing), fair), blind=thing.kind.word
        )


class CountDefects(Family):
    """How many defects does the picture show?"""

    name = "inspection.count_defects"
    about = "inspection"
    answers = "count"
    candidates = _PARTS.format(more="", source="")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\nSELECT count(DISTINCT f.argument) {defects(at, thing)}"
        return Asked(
            {"thing": thing}, program, (*at.proofs(thing), all_seen(at, thing)), blind=thing.kind.word
        )


class HasDefect(Family):
    """Is there a scratch on the gear?"""

    name = "inspection.has_defect"
    about = "inspection"
    answers = "yes_no"
    candidates = _PARTS.format(
        more=", k.kind", source=f", (VALUES {', '.join(f'({literal(k)})' for k in KINDS)}) AS k(kind)"
    )

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, kind = at.the(row["a"]), row["kind"]
        if thing is None:
            return None
        program = f"{at.scope}\nSELECT count(*) > 0 {defects(at, thing)}\n  AND {field(1)} = {literal(kind)}"
        checks = (*at.proofs(thing), all_seen(at, thing))
        return Asked({"thing": thing, "defect": SAID[kind]}, program, checks, blind=kind)


class WhichDefect(Family):
    """What is wrong with the gear?"""

    name = "inspection.which_defect"
    about = "inspection"
    answers = "word"
    candidates = _PARTS.format(more="", source="")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\nSELECT DISTINCT replace({field(1)}, '_', ' ') {defects(at, thing)}"
        checks = (*at.proofs(thing), all_seen(at, thing), one_seen(at, thing))
        return Asked({"thing": thing}, program, checks, tuple(SAID.values()), blind=thing.kind.word)


class _OfOneDefect(Family):
    """Questions about the only defect that a camera shows, by its kind."""

    about = "inspection"
    answers: ClassVar[Answers] = "word"
    candidates = f"""
        SELECT f.key, f.sensor, f.subjects[1] AS a, any_value({field(1)}) AS kind FROM facts AS f
        WHERE f.predicate = 'defect' GROUP BY ALL HAVING count(DISTINCT f.argument) = 1"""

    def one(self, at: Moment, row: Row) -> tuple[dict[str, object], Thing, tuple[Check, ...]] | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        kind = Check(
            "needed",
            f"{at.scope}\nSELECT count(*) > 0 {defects(at, thing)}\n  AND {field(1)} = {literal(row['kind'])}",
        )
        checks = (*at.proofs(thing), all_seen(at, thing), one_seen(at, thing), kind)
        return {"thing": thing, "defect": SAID[row["kind"]]}, thing, checks


class WhichFace(_OfOneDefect):
    """On which face is the scratch?"""

    name = "inspection.which_face"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        found = self.one(at, row)
        if found is None:
            return None
        slots, thing, checks = found
        kind = f"{field(1)} = {literal(row['kind'])}"
        program = f"{at.scope}\nSELECT {field(2)} {defects(at, thing)}\n  AND {kind}"
        noted = (
            "SELECT unnest(json_keys(extra::JSON -> 'notes' -> "
            f"'{thing.instance_id}' -> 'faces')) AS face FROM scenes WHERE scene_index = {at.scene_index} ORDER BY 1"
        )
        faces = tuple(r["face"] for r in at.stage.tables.rows(noted))
        return Asked(slots, program, checks, faces, blind=str(slots["defect"]))


class Severity(_OfOneDefect):
    """How severe is the scratch?"""

    name = "inspection.severity"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        found = self.one(at, row)
        if found is None:
            return None
        slots, thing, checks = found
        program = (
            f"{at.scope}\nSELECT DISTINCT {field(4)} {defects(at, thing, 'defect_severity', seen=False)}\n"
            f"  AND {field(1)} = {literal(row['kind'])}"
        )
        return Asked(slots, program, checks, GRADES, blind=str(slots["defect"]))


class Size(_OfOneDefect):
    """How large is the scratch?"""

    name = "inspection.size"
    answers = "number"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        found = self.one(at, row)
        if found is None:
            return None
        slots, thing, checks = found
        kind = f"{field(1)} = {literal(row['kind'])}"
        program = (
            f"{at.scope}\nSELECT CAST({field(4)} AS DOUBLE) {defects(at, thing, 'defect_size')}\n  AND {kind}"
        )
        said = at.stage.tables.rows(program)
        if len(said) != 1:
            return None
        step = max(0.5, 0.1 * float(next(iter(said[0].values()))))
        return Asked(
            slots,
            program,
            checks,
            blind=str(slots["defect"]),
            unit="mm",
            step=step,
            grains=((10.0, 0.5), (1e9, 1.0)),
        )
