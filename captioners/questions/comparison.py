"""Two things, or two kinds, held against each other."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check, sure
from pairforge.captioners.questions.counting import COUNTED
from pairforge.captioners.questions.english import name
from pairforge.captioners.questions.kinds import CLASSES, NEAR_COLOURS, PLAIN, Kind, Thing
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

_LOOSE = "semantic NOT IN ('table', 'shelf', 'furniture')"
_USERS = "'bus', 'car', 'cyclist', 'pedestrian', 'truck', 'van'"
_PLAIN = ", ".join(literal(p) for p in sorted(PLAIN))
LARGER_RATIO, LONGER_RATIO = 2.0, 1.25
"""One thing is larger than another by volume and by its longest side."""
TALLER_RATIO = 1.1
_WIDE = "greatest(size_m[1], size_m[2])"
NEARER_SHARE, NEARER_M = 0.15, 0.06
FASTER_KMH, FASTER_SHARE = 5.0, 0.25


def pairs(where: str, and_of_both: str = "") -> str:
    """Candidates: ordered pairs of things in view, each of which ``where`` holds of."""
    own = " AND ".join(f"{t}.{_LOOSE}" for t in "xy")
    both = " AND ".join(where.replace("*.", f"{t}.") for t in "xy") if where else "TRUE"
    return (
        "SELECT x.key, x.sensor, x.instance_id AS a, y.instance_id AS b FROM things AS x "
        f"JOIN things AS y USING (key, sensor) WHERE x.instance_id <> y.instance_id AND {own} AND {both}{and_of_both}"
    )


def column(thing: Thing, expression: str) -> str:
    """An expression over the row of one thing."""
    return f"(SELECT {expression} FROM seen WHERE {thing.kind.where})"


def which(at: Moment, one: Thing, other: Thing, measure: str, placed: bool = True) -> str:
    """The program that names the one with more of a measure."""
    return (
        f"{at.placed if placed else at.scope}\nSELECT CASE WHEN {column(one, measure)}\n"
        f"    > {column(other, measure)}\n"
        f"  THEN {literal(name(one))} ELSE {literal(name(other))} END"
    )


def apart(at: Moment, one: Thing, other: Thing, measure: str, ratio: float, least: float = 0.0) -> Check:
    """The greater is ``ratio`` times the lesser, and ``least`` more."""
    a, b = column(one, measure), column(other, measure)
    return Check(
        "margin",
        f"{at.placed}\nSELECT greatest({a}, {b}) >= {ratio!r} * least({a}, {b})\n"
        f"  AND abs({a} - {b}) >= {least!r}",
    )


def either(at: Moment, row: Row, measure: str, *margins: tuple[str, float, float]) -> Asked | None:
    """Which of two has more of ``measure``; each of ``margins`` (expression, ratio, least) must tell them apart."""
    both = at.both(row["a"], row["b"])
    if both is None:
        return None
    one, other = both
    checks = (*at.proofs(one, other), *(apart(at, one, other, *m) for m in margins))
    program = which(at, one, other, measure)
    return Asked({"a": one, "b": other}, program, checks, (name(one), name(other)), blind="")


class More(Family):
    """Are there more cars than pedestrians?"""

    name = "comparison.more"
    answers = "yes_no"
    candidates = f"""
        WITH w AS (SELECT key, sensor, word FROM words WHERE {COUNTED} GROUP BY ALL)
        SELECT x.key, x.sensor, x.word AS one, y.word AS other FROM w AS x JOIN w AS y USING (key, sensor)
        WHERE x.word <> y.word AND NOT (x.word IN ('car', 'van', 'truck', 'bus', 'vehicle') AND y.word = 'vehicle')
          AND NOT (y.word IN ('car', 'van', 'truck', 'bus', 'vehicle') AND x.word = 'vehicle')"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        one, other = Kind(row["one"]), Kind(row["other"])
        if one.word.endswith(f" {other.word}") or other.word.endswith(f" {one.word}"):
            return None
        if any(_called(r, one.word) and _called(r, other.word) for r in at.rows.values()):
            return None  # of sedans and cars there is nothing to ask
        a, b = (f"(SELECT count(*) FROM seen WHERE {k.where})" for k in (one, other))
        checks = (
            *sure(at.view, one.word),
            *sure(at.view, other.word),
            Check("margin", f"{at.scope}\nSELECT {a} <> {b} AND greatest({a}, {b}) > 1"),
        )
        slots = {"one": one, "other": other}
        return Asked(slots, f"{at.scope}\nSELECT {a}\n  > {b}", checks, blind=f"{one.word} {other.word}")


def _called(row: Row, word: str) -> bool:
    return row["noun"] == word or row["semantic"] in CLASSES.get(word, ())


class SameColour(Family):
    """Do the mug and the can have the same colour?"""

    name = "comparison.same_colour"
    answers = "yes_no"
    candidates = pairs("*.colour <> ''", " AND x.instance_id < y.instance_id")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None or any(t.kind.colour for t in both):
            return None
        one, other = both
        a, b = column(one, "colour"), column(other, "colour")
        named = " AND ".join(
            at.fact("colour", t.sql).replace(
                f"f.subjects = [{t.sql}]", f"f.subjects = [{t.sql}] AND f.argument = {c}"
            )
            for t, c in ((one, a), (other, b))
        )
        alike = " OR ".join(
            f"({a} = {literal(x)} AND {b} = {literal(y)})"
            for pair in NEAR_COLOURS
            for x, y in (sorted(pair), sorted(pair, reverse=True))
        )
        checks = (
            *at.proofs(one, other),
            Check("margin", f"{at.scope}\nSELECT {named}"),
            Check("margin", f"{at.scope}\nSELECT NOT ({alike})"),
        )
        return Asked({"a": one, "b": other}, f"{at.scope}\nSELECT {a}\n  = {b}", checks)


class SameMaterial(Family):
    """Are the ball and the cone made of the same material?"""

    name = "comparison.same_material"
    answers = "yes_no"
    candidates = pairs(f"*.material <> '' AND *.noun IN ({_PLAIN})", " AND x.instance_id < y.instance_id")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None or any(t.kind.material for t in both):
            return None
        program = f"{at.scope}\nSELECT {column(both[0], 'material')}\n  = {column(both[1], 'material')}"
        return Asked({"a": both[0], "b": both[1]}, program, at.proofs(*both))


class Larger(Family):
    """Which is larger, the box or the ball?"""

    name = "comparison.larger"
    answers = "either"
    candidates = pairs("*.semantic = 'object'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        volume = "size_m[1] * size_m[2] * size_m[3]"
        longest = "greatest(size_m[1], size_m[2], size_m[3])"
        return either(at, row, volume, (volume, LARGER_RATIO, 0.0), (longest, LONGER_RATIO, 0.0))


class Taller(Family):
    """Which is taller, the pedestrian in red or the pedestrian in blue? Of one class: else one need not look."""

    name = "comparison.taller"
    answers = "either"
    candidates = pairs(f"*.semantic IN ({_USERS})", " AND x.semantic = y.semantic")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        return either(at, row, "size_m[3]", ("size_m[3]", TALLER_RATIO, 0.12))


class Nearer(Family):
    """Which is nearer to the camera, the mug or the can?"""

    name = "comparison.nearer"
    answers = "either"
    candidates = pairs("")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None:
            return None
        one, other = both
        camera = f"(SELECT position_m FROM sensors WHERE {at.place.replace('b.', '')} AND sweep = 0)"
        near = f"-list_distance(at_m, {camera})"
        a, b = column(one, near), column(other, near)
        clear = Check(
            "margin",
            f"{at.placed}\nSELECT abs({a} - {b}) >= greatest({NEARER_M}, {NEARER_SHARE} * least(-{a}, -{b}),\n"
            f"  ({column(one, _WIDE)} + {column(other, _WIDE)}) / 2)",
        )
        program = which(at, one, other, near)
        return Asked(
            {"a": one, "b": other}, program, (*at.proofs(one, other), clear), (name(one), name(other))
        )


class Faster(Family):
    """Which is moving faster, the white van or the cyclist?"""

    name = "comparison.faster"
    about = "driving"
    answers = "either"
    candidates = pairs("*.semantic IN ('car', 'van', 'truck', 'bus', 'pedestrian', 'cyclist')")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        speed = "3.6 * sqrt(velocity_mps[1] ^ 2 + velocity_mps[2] ^ 2)"
        return either(at, row, speed, (speed, 1.0 + FASTER_SHARE, FASTER_KMH))
