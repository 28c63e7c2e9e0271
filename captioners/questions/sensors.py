"""Several sensors at once: which camera sees what, how much a radar reports."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.kinds import noticed
from pairforge.captioners.questions.lidar import USERS
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import CLEAR, literal

_USERS = ", ".join(literal(u) for u in USERS)
MORE_RATIO = 1.3


def cameras(at: Moment, select: str, more: str = "") -> str:
    """A SELECT over what the cameras of a keyframe show enough of."""
    us = f" AND i.name <> {literal(at.stage.ego)}" if at.stage.ego else ""
    return (
        f"SELECT {select} FROM boxes2d AS b JOIN instances AS i USING (scene_index, instance_id)\n"
        f"WHERE b.key = {literal(at.key)} AND {CLEAR}{us}{more}"
    )


class WhichCamera(Family):
    """Which camera sees the bus? Only one does."""

    name = "sensors.which_camera"
    about = "sensors"
    answers = "word"
    candidates = f"""
        SELECT key, '' AS sensor, any_value(instance_id) AS a, any_value(noun) AS noun
        FROM (SELECT key, instance_id, any_value(noun) AS noun, any_value(semantic) AS semantic FROM noticed
            GROUP BY key, instance_id)
        WHERE semantic IN ({_USERS}) AND key IN (SELECT key FROM sensors WHERE kind = 'camera' AND sweep = 0
            GROUP BY key HAVING count(*) > 2)
        GROUP BY key, noun HAVING count(*) = 1"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        where = f"\n  AND {thing.kind.where}"
        names = at.stage.tables.rows(
            f"SELECT sensor FROM sensors WHERE key = {literal(at.key)} AND kind = 'camera' AND sweep = 0 ORDER BY 1"
        )
        alone = f"SELECT ({noticed(at.view, thing.kind.where, 'count(DISTINCT b.sensor)')}) = 1"
        checks = (*at.proofs(thing), Check("sure", alone))
        return Asked(
            {"thing": thing}, cameras(at, "b.sensor", where), checks, tuple(r["sensor"] for r in names)
        )


class HowManyCameras(Family):
    """How many of the cameras see the bus?"""

    name = "sensors.how_many_cameras"
    about = "sensors"
    answers = "count"
    candidates = WhichCamera.candidates

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        where = f"\n  AND {thing.kind.where}"
        program = cameras(at, "count(DISTINCT b.sensor)", where)
        everyone = noticed(at.view, thing.kind.where, "count(DISTINCT b.sensor)")
        checks = (*at.proofs(thing), Check("sure", f"SELECT ({program})\n  = ({everyone})"))
        return Asked({"thing": thing}, program, checks, blind=thing.kind.word)


class BusiestCamera(Family):
    """Which camera sees the most road users?"""

    name = "sensors.busiest_camera"
    about = "sensors"
    answers = "word"
    candidates = """
        SELECT key, '' AS sensor FROM sensors WHERE kind = 'camera' AND sweep = 0 GROUP BY key HAVING count(*) > 2"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        users = f"\n  AND i.semantic IN ({_USERS})\nGROUP BY b.sensor ORDER BY count(*) DESC, b.sensor"
        first, second = (f"({cameras(at, 'count(*)', f'{users} LIMIT 1 OFFSET {k}')})" for k in (0, 1))
        names = at.stage.tables.rows(
            f"SELECT sensor FROM sensors WHERE key = {literal(at.key)} AND kind = 'camera' AND sweep = 0 ORDER BY 1"
        )
        clear = Check("margin", f"SELECT {first}\n  >= 2 + coalesce({second}, 0)")
        return Asked(
            {}, cameras(at, "b.sensor", f"{users} LIMIT 1"), (clear,), tuple(r["sensor"] for r in names)
        )


class MoreDetections(Family):
    """Which radar reports more detections?"""

    name = "sensors.more_detections"
    about = "sensors"
    answers = "either"
    candidates = """
        SELECT x.key, '' AS sensor, x.sensor AS one, y.sensor AS other FROM sensors AS x JOIN sensors AS y USING (key)
        WHERE x.kind = 'radar' AND y.kind = 'radar' AND x.sweep = 0 AND y.sweep = 0 AND x.sensor <> y.sensor"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        a, b = (
            f"(SELECT points FROM sensors WHERE key = {literal(at.key)} AND sensor = {literal(row[n])} AND sweep = 0)"
            for n in ("one", "other")
        )
        clear = Check("margin", f"SELECT greatest({a}, {b}) >= {MORE_RATIO} * least({a}, {b}) + 3")
        program = f"SELECT CASE WHEN {a}\n  > {b} THEN {literal(row['one'])} ELSE {literal(row['other'])} END"
        return Asked(
            {"one": row["one"], "other": row["other"]}, program, (clear,), (row["one"], row["other"])
        )
