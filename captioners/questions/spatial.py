"""Where things are: for the viewer, for us who drive, and for the thing itself."""

from __future__ import annotations

from pairforge.captioners.questions import pools
from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.comparison import column
from pairforge.captioners.questions.kinds import VEHICLES, noticed
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

FACING_COS = 0.8
BESIDE_SHARE = 0.6
"""Beside a vehicle: at least this many metres across for each metre along it."""
BESIDE_M = 0.5
GAP_SHARE = 0.06
"""Leftmost and rightmost by this share of the width."""
_LOOSE_BOTH = (
    "NOT EXISTS (SELECT 1 FROM instances AS i WHERE i.scene_index = facts.scene_index "
    "AND list_contains(facts.subjects, i.instance_id) AND i.semantic IN ('table', 'shelf', 'furniture'))"
)
_VEHICLES = ", ".join(literal(v) for v in VEHICLES)


def _argument(at: Moment, predicate: str, subject: str, seen: bool = True) -> str:
    return f"{at.facts_of(predicate, seen=seen)}\n  AND f.subjects[1] = {subject}"


class LeftOrRight(Family):
    """Is the mug to the left or to the right of the can?"""

    name = "spatial.left_or_right"
    answers = "word"
    candidates = f"""
        SELECT key, sensor, subjects[1] AS a, subjects[2] AS b FROM facts
        WHERE predicate IN ('left_of', 'right_of') AND {_LOOSE_BOTH}"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None:
            return None
        one, other = both
        program = (
            f"{at.scope}\nSELECT CASE f.predicate WHEN 'left_of' THEN 'left' ELSE 'right' END FROM facts AS f\n"
            f"WHERE f.key = {literal(at.key)} AND f.sensor = {literal(at.sensor)} AND f.predicate IN ('left_of', "
            f"'right_of')\n  AND f.subjects = [{one.sql}, {other.sql}]"
        )
        return Asked({"a": one, "b": other}, program, at.proofs(one, other), ("left", "right"))


class InFrontOrBehind(Family):
    """Seen from the camera, is the ball in front of the box or behind it?"""

    name = "spatial.in_front_or_behind"
    answers = "word"
    candidates = f"""
        SELECT key, sensor, subjects[1] AS a, subjects[2] AS b FROM facts
        WHERE predicate IN ('in_front_of', 'behind') AND {_LOOSE_BOTH}"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None:
            return None
        one, other = both
        program = (
            f"{at.scope}\nSELECT CASE f.predicate WHEN 'behind' THEN 'behind' ELSE 'in front' END FROM facts AS f\n"
            f"WHERE f.key = {literal(at.key)} AND f.sensor = {literal(at.sensor)} AND f.predicate IN ('in_front_of', "
            f"'behind')\n  AND f.subjects = [{one.sql}, {other.sql}]"
        )
        return Asked({"a": one, "b": other}, program, at.proofs(one, other), ("in front", "behind"))


class SideOfPicture(Family):
    """On which side of the picture is the plant?"""

    name = "spatial.side_of_picture"
    answers = "word"
    candidates = "SELECT key, sensor, subjects[1] AS a FROM facts WHERE predicate = 'side'"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\n{_argument(at, 'side', thing.sql)}"
        return Asked({"thing": thing}, program, at.proofs(thing), ("left", "right"), blind=thing.kind.word)


class SideOfUs(Family):
    """Is the cyclist on our left or on our right?"""

    name = "spatial.side_of_us"
    about = "driving"
    answers = "word"
    candidates = """
        SELECT t.key, t.sensor, t.instance_id AS a FROM facts AS f JOIN things AS t
        ON t.key = f.key AND t.instance_id = f.subjects[1] WHERE f.predicate = 'roadside'"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\n{_argument(at, 'roadside', thing.sql, seen=False)}"
        return Asked({"thing": thing}, program, at.proofs(thing), ("left", "right"), blind=thing.kind.word)


class SideOfIt(Family):
    """For the driver of the white van, is the pedestrian on the left or on the right?"""

    name = "spatial.side_of_it"
    about = "driving"
    answers = "word"
    candidates = f"""
        SELECT x.key, x.sensor, x.instance_id AS a, y.instance_id AS b FROM things AS x JOIN things AS y
        USING (key, sensor) WHERE x.instance_id <> y.instance_id AND y.semantic IN ({_VEHICLES})
          AND x.semantic IN ({_VEHICLES}, 'pedestrian', 'cyclist') AND y.has_front"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None:
            return None
        one, other = both
        way = (
            "1 - 2 * (o.turn[3] ^ 2 + o.turn[4] ^ 2) AS fx, "
            "2 * (o.turn[2] * o.turn[3] + o.turn[1] * o.turn[4]) AS fy"
        )
        frame = (
            f"{at.placed}, own AS (\n  SELECT fx * (t.at_m[1] - at_x) + fy * (t.at_m[2] - at_y) AS ahead_m,\n"
            "    fx * (t.at_m[2] - at_y) - fy * (t.at_m[1] - at_x) AS left_m\n"
            f"  FROM seen AS t, (SELECT {way},\n      o.at_m[1] AS at_x, o.at_m[2] AS at_y\n    FROM seen AS o "
            f"WHERE o.instance_id = {other.sql})\n  WHERE t.instance_id = {one.sql}\n)"
        )
        half = column(other, "size_m[2] / 2")
        checks = (
            *at.proofs(one, other),
            Check(
                "margin",
                f"{frame}\nSELECT abs(left_m) >= {half} + {BESIDE_M}\n"
                f"  AND abs(left_m) >= {BESIDE_SHARE} * abs(ahead_m) FROM own",
            ),
        )
        program = f"{frame}\nSELECT CASE WHEN left_m > 0 THEN 'left' ELSE 'right' END FROM own"
        return Asked({"a": one, "b": other}, program, checks, ("left", "right"))


class Facing(Family):
    """Does the car face towards the camera or away from it?"""

    name = "spatial.facing"
    answers = "word"
    candidates = f"""
        SELECT key, sensor, instance_id AS a FROM things
        WHERE has_front AND visible_px >= 200 AND semantic IN ({_VEHICLES}, 'cyclist')"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        camera = f"(SELECT position_m FROM sensors WHERE {at.place.replace('b.', '')} AND sweep = 0)"
        frame = (
            f"{at.placed}, own AS (\n  SELECT (fx * dx + fy * dy) / sqrt(dx ^ 2 + dy ^ 2) AS cosine\n  FROM (\n"
            "    SELECT 1 - 2 * (turn[3] ^ 2 + turn[4] ^ 2) AS fx,\n"
            "      2 * (turn[2] * turn[3] + turn[1] * turn[4]) AS fy,\n"
            f"      {camera}[1] - at_m[1] AS dx,\n      {camera}[2] - at_m[2] AS dy\n"
            f"    FROM seen WHERE {thing.kind.where}\n  )\n)"
        )
        clear = Check("margin", f"{frame}\nSELECT abs(cosine) >= {FACING_COS} FROM own")
        program = f"{frame}\nSELECT CASE WHEN cosine > 0 THEN 'towards it' ELSE 'away from it' END FROM own"
        options = ("towards it", "away from it")
        return Asked({"thing": thing}, program, (*at.proofs(thing), clear), options)


class Outermost(Family):
    """What is furthest to the left?"""

    name = "spatial.outermost"
    answers = "word"
    candidates = """
        SELECT t.key, t.sensor, s.side FROM things AS t, (VALUES ('left'), ('right')) AS s(side)
        WHERE t.semantic = 'object' GROUP BY ALL HAVING count(*) > 2"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        side, order = row["side"], "ASC" if row["side"] == "left" else "DESC"
        middle = "(visible_box[1] + visible_box[3]) / 2"
        ranked = f"FROM seen WHERE semantic = 'object'\nORDER BY {middle} {order}, instance_id"
        gap = (
            f"{at.scope}\nSELECT abs((SELECT {middle} {ranked} LIMIT 1)\n"
            f"  - (SELECT {middle} {ranked} LIMIT 1 OFFSET 1))\n"
            f"  >= {GAP_SHARE} * (SELECT width_px FROM sensors WHERE {at.place.replace('b.', '')} AND sweep = 0)"
        )
        half_seen = noticed(at.view, "semantic = 'object' AND NOT (b.visible_px >= 40)")
        around = [r["noun"] for r in at.rows.values() if r["clear"] and r["semantic"] == "object"]
        answer = at.stage.tables.value(f"{at.scope}\nSELECT noun {ranked} LIMIT 1")
        return Asked(
            {"side": side},
            f"{at.scope}\nSELECT noun\n{ranked}\nLIMIT 1",
            (Check("margin", gap), Check("sure", f"SELECT ({half_seen}) = 0")),
            pools.nouns(answer, around),
            blind=side,
        )
