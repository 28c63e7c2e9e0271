"""What the LiDAR touches, and what it touches that the camera does not see."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.questions import pools
from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.comparison import column, either, pairs
from pairforge.captioners.questions.kinds import VEHICLES
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

MORE_RATIO = 1.5
NEAREST_M, NEAREST_SHARE = 1.0, 0.10
USERS = (*VEHICLES, "cyclist", "pedestrian")
_USERS = ", ".join(literal(u) for u in USERS)
_LOOSE = "semantic NOT IN ('table', 'shelf', 'furniture')"
_SWEPT = "EXISTS (SELECT 1 FROM sensors AS s WHERE s.key = {t}.key AND s.kind = 'lidar' AND s.sweep = 0)"


class MoreReturns(Family):
    """Which gets more LiDAR returns, the van or the cyclist?"""

    name = "lidar.more_returns"
    about = "lidar"
    answers = "either"
    candidates = pairs("", f" AND {_SWEPT.format(t='x')}")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        points = "lidar_points"
        return either(at, row, points, (points, MORE_RATIO, float(2 * policy.LIDAR_RETURNS)))


class Returns(Family):
    """About how many LiDAR returns come from the van?"""

    name = "lidar.returns"
    about = "lidar"
    answers = "number"
    candidates = f"""
        SELECT t.key, t.sensor, t.instance_id AS a FROM things AS t JOIN boxes3d AS p USING (key, instance_id)
        WHERE p.lidar_points >= 40 AND t.{_LOOSE}"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        value = f"{at.placed}\nSELECT round(lidar_points, -1) FROM seen WHERE {thing.kind.where}"
        step = max(10.0, 0.1 * float(at.stage.tables.value(value)))
        return Asked(
            {"thing": thing}, value, at.proofs(thing), blind=thing.kind.word, unit="returns", step=step
        )


class Hit(Family):
    """Does the LiDAR touch the pedestrian?"""

    name = "lidar.hit"
    about = "lidar"
    answers = "yes_no"
    candidates = f"""
        SELECT t.key, t.sensor, t.instance_id AS a FROM things AS t
        WHERE t.{_LOOSE} AND {_SWEPT.format(t="t")}"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        points = column(thing, "lidar_points")
        clear = f"{at.placed}\nSELECT {points} = 0 OR {points} >= {policy.LIDAR_RETURNS}"
        checks = (*at.proofs(thing), Check("margin", clear))
        return Asked({"thing": thing}, f"{at.placed}\nSELECT {points} > 0", checks, blind=thing.kind.word)


class Unseen(Family):
    """What does the LiDAR touch that the camera cannot see?"""

    name = "lidar.unseen"
    about = "lidar"
    answers = "word"
    candidates = """
        SELECT f.key, f.sensor, i.semantic AS kind
        FROM facts AS f JOIN instances AS i ON i.instance_id = f.subjects[1]
        WHERE f.predicate = 'unseen'"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        pool = USERS if row["kind"] in USERS else pools.TABLE
        column_ = "semantic" if row["kind"] in USERS else "noun"
        program = (
            f"SELECT i.{column_}\nFROM facts AS f JOIN instances AS i\n"
            "  ON i.scene_index = f.scene_index AND i.instance_id = f.subjects[1]\n"
            f"WHERE f.key = {literal(at.key)} AND f.predicate = 'unseen' AND f.sensor = {literal(at.sensor)}"
        )
        return Asked({}, program, (), pool)


class Nearest(Family):
    """What is the nearest road user that the LiDAR touches, all round?"""

    name = "lidar.nearest"
    about = "lidar"
    answers = "word"
    candidates = f"""
        SELECT t.key, min(t.sensor) AS sensor FROM things AS t
        WHERE t.semantic IN ({_USERS}) AND {_SWEPT.format(t="t")}
        GROUP BY t.key"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        touched = (
            "WITH touched AS (\n  SELECT i.semantic, d.value AS away_m, i.instance_id\n"
            "  FROM facts AS d JOIN boxes3d AS p ON p.key = d.key AND p.instance_id = d.subjects[1]\n"
            "    JOIN instances AS i ON i.scene_index = p.scene_index AND i.instance_id = p.instance_id\n"
            f"  WHERE d.key = {literal(at.key)} AND d.predicate = 'distance'\n"
            f"    AND p.lidar_points >= {policy.LIDAR_RETURNS}\n)"
        )
        first = "(SELECT min(away_m) FROM touched)"
        clear = (
            f"{touched}\nSELECT count(DISTINCT semantic) = 1 FROM touched\n"
            f"WHERE away_m < {first} + greatest({NEAREST_M}, {NEAREST_SHARE} * {first})"
        )
        # Touched too seldom to be spoken of, it might be nearer still.
        faint = (
            f"{touched}\nSELECT count(*) = 0 FROM facts AS d\n"
            f"WHERE d.key = {literal(at.key)} AND d.predicate = 'distance'\n"
            f"  AND d.value < {first} AND d.subjects[1] NOT IN (SELECT instance_id FROM touched)"
        )
        program = f"{touched}\nSELECT semantic FROM touched ORDER BY away_m, instance_id LIMIT 1"
        return Asked({}, program, (Check("margin", clear), Check("sure", faint)), USERS)
