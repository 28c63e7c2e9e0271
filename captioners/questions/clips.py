"""What changes from keyframe to keyframe on the road."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.kinds import Kind, noticed, word_sql
from pairforge.captioners.questions.lidar import USERS
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import CLEAR, Query, literal

NEARER_M, NEARER_SHARE = 3.0, 0.2
FASTER_KMH = 5.0
_USERS = ", ".join(literal(u) for u in USERS)
_SEEN = f"SELECT scene_index, sensor, instance_id AS a FROM things WHERE semantic IN ({_USERS}) GROUP BY ALL"


def each(at: Moment, predicate: str, subject: str, select: str, tail: str = "") -> str:
    """A SELECT over the facts of a predicate about a thing at every keyframe of the clip."""
    return (
        f"(SELECT {select} FROM facts AS f WHERE f.scene_index = {at.scene_index}"
        f" AND f.predicate = {literal(predicate)}"
        f"\n    AND f.subjects[1] = {subject}{tail})"
    )


class ComesNearer(Family):
    """Over the clip, does the van come nearer to us or move away?"""

    name = "clips.comes_nearer"
    about = "clip"
    answers = "word"
    candidates = _SEEN

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        here = (
            " AND f.key IN (SELECT b.key FROM boxes2d AS b JOIN instances AS i USING (scene_index, instance_id)\n"
            f"      WHERE {at.view} AND {CLEAR} AND b.instance_id = {thing.sql})"
        )
        first = each(at, "distance", thing.sql, "arg_min(f.value, f.t0_ns)", here)
        last = each(at, "distance", thing.sql, "arg_max(f.value, f.t0_ns)", here)
        enough = f"greatest({NEARER_M}, {NEARER_SHARE} * greatest({first}, {last}))"
        clear = f"{at.scope}\nSELECT abs({first} - {last})\n  >= {enough}"
        program = f"{at.scope}\nSELECT CASE WHEN {last}\n  < {first}\n  THEN 'nearer' ELSE 'further away' END"
        checks = (*at.proofs(thing), Check("margin", clear))
        return Asked({"thing": thing}, program, checks, ("nearer", "further away"), blind=thing.kind.word)


class Stops(Family):
    """Does the car come to a stop during the clip?"""

    name = "clips.stops"
    about = "clip"
    answers = "yes_no"
    candidates = f"""
        SELECT DISTINCT t.scene_index, t.sensor, t.instance_id AS a FROM things AS t JOIN facts AS f
        ON f.key = t.key AND f.subjects[1] = t.instance_id AND f.predicate = 'moving'
        WHERE t.semantic IN ({_USERS})"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        moved = each(at, "moving", thing.sql, "min(f.t0_ns)")
        stood = each(at, "still", thing.sql, "max(f.t0_ns)")
        steps = each(at, "moving", thing.sql, "count(*)")
        every = f"(SELECT count(*) FROM frames WHERE scene_index = {at.scene_index})"
        program = f"{at.scope}\nSELECT coalesce({stood} > {moved}, FALSE)"
        clear = f"{at.scope}\nSELECT {steps} = {every} OR coalesce({stood} > {moved}, FALSE)"
        return Asked(
            {"thing": thing}, program, (*at.proofs(thing), Check("margin", clear)), blind=thing.kind.word
        )


class WeAreFaster(Family):
    """Are we faster at the end of the clip than at its start?"""

    name = "clips.we_are_faster"
    about = "clip"
    answers = "word"
    candidates = """
        SELECT f.scene_index, (SELECT min(sensor) FROM sensors WHERE kind = 'camera') AS sensor FROM facts AS f
        WHERE f.predicate = 'ego_speed' GROUP BY ALL"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        speeds = f"FROM frames WHERE scene_index = {at.scene_index}"
        first, last = (f"(SELECT 3.6 * {c}(speed_mps, frame_index) {speeds})" for c in ("arg_min", "arg_max"))
        program = f"SELECT CASE WHEN {last}\n  > {first}\n  THEN 'faster' ELSE 'slower' END"
        clear = Check("margin", f"SELECT abs({last} - {first}) >= {FASTER_KMH}")
        return Asked({}, program, (clear,), ("faster", "slower"))


class HowManyCome(Family):
    """How many different pedestrians come into view during the clip?"""

    name = "clips.how_many_come"
    about = "clip"
    answers = "count"
    candidates = """
        SELECT DISTINCT t.scene_index, w.sensor, w.word
        FROM words AS w JOIN things AS t USING (key, sensor, instance_id)
        WHERE w.word IN ('pedestrian', 'cyclist', 'truck', 'bus', 'van')"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind = Kind(row["word"])
        program = Query(at.scope, "count(*)", clauses=kind.clauses)
        all_noticed = noticed(at.view, word_sql(kind.word))
        sure = Check("sure", f"{at.scope}\nSELECT ({program.sql(scoped=False)}) = ({all_noticed})")
        return Asked({"kind": kind}, program, (sure,), blind=kind.word)
