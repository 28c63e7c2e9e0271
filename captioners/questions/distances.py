"""How far: from us, and from each other."""

from __future__ import annotations

from pairforge.captioners.nouns import METRES
from pairforge.captioners.questions.checks import Check, sure
from pairforge.captioners.questions.comparison import column, pairs
from pairforge.captioners.questions.kinds import Kind
from pairforge.captioners.questions.lidar import NEAREST_M, NEAREST_SHARE, USERS
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import Clause, Query, literal

CLEAR_OF_ROUNDING = 0.2
"""Share of its rounding by which a number is away from where it would be said otherwise."""
WITHIN_SHARE = 0.15
"""Nothing lies so near to a limit that is asked about."""
_USERS = ", ".join(literal(u) for u in USERS)


def of_users(predicate: str) -> str:
    """Candidates: whom a fact is about first, where a camera shows it."""
    return (
        "SELECT t.key, t.sensor, t.instance_id AS a FROM facts AS f JOIN things AS t "
        f"ON t.key = f.key AND t.instance_id = f.subjects[1] WHERE f.predicate = '{predicate}'"
    )


def spoken(at: Moment, predicate: str, subject: str) -> tuple[str, Check, float]:
    """The program that reads a rounded number, the proof that it is clear of its rounding, and its step."""
    where = f"f.subjects[1] = {subject}"
    program = f"{at.scope}\n{at.facts_of(predicate, 'CAST(f.argument AS DOUBLE)')}\n  AND {where}"
    clear = f"{at.scope}\n{at.facts_of(predicate, f'f.margin >= {CLEAR_OF_ROUNDING} * f.threshold')}\n  AND {where}"
    step = at.stage.tables.value(
        f"{at.scope}\n{at.facts_of(predicate, 'any_value(2 * f.threshold)')} AND {where}"
    )
    return program, Check("margin", clear), float(step or 1.0)


class ToUs(Family):
    """How far away is the cyclist?"""

    name = "distances.to_us"
    about = "driving"
    answers = "number"
    candidates = of_users("distance")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program, clear, step = spoken(at, "distance", thing.sql)
        return Asked(
            {"thing": thing},
            program,
            (*at.proofs(thing), clear),
            blind=thing.kind.word,
            unit="m",
            step=step,
            grains=METRES,
        )


class Within(Family):
    """Is the cyclist less than 20 metres away?"""

    name = "distances.within"
    about = "driving"
    answers = "yes_no"
    candidates = of_users("distance").replace(
        "t.instance_id AS a FROM facts AS f",
        "t.instance_id AS a, l.limit_m FROM (VALUES (10), (20), (30), (40)) AS l(limit_m), facts AS f",
    )

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing, limit = at.the(row["a"]), int(row["limit_m"])
        if thing is None:
            return None
        away = f"({at.facts_of('distance', 'f.value')}\n  AND f.subjects[1] = {thing.sql})"
        clear = f"{at.scope}\nSELECT abs({away} - {limit}) BETWEEN {WITHIN_SHARE} * {limit} AND {limit}"
        checks = (*at.proofs(thing), Check("margin", clear))
        program = f"{at.scope}\nSELECT {away} < {limit}"
        return Asked({"thing": thing, "limit": str(limit)}, program, checks, blind=str(limit))


class CountWithin(Family):
    """How many vehicles in view are less than 30 metres away?"""

    name = "distances.count_within"
    about = "driving"
    answers = "count"
    candidates = f"""
        SELECT w.key, w.sensor, w.word, l.limit_m FROM words AS w, (VALUES (10), (20), (30), (40)) AS l(limit_m)
        WHERE w.word IN ('car', 'vehicle', 'pedestrian') AND w.semantic IN ({_USERS})
          AND EXISTS (SELECT 1 FROM facts AS f WHERE f.key = w.key AND f.predicate = 'distance') GROUP BY ALL"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind, limit = Kind(row["word"]), int(row["limit_m"])
        near = (
            "EXISTS (SELECT 1 FROM facts AS f WHERE f.key = "
            f"{literal(at.key)} AND f.predicate = 'distance' AND f.subjects[1] = seen.instance_id AND f.value {{}})"
        )
        clauses = (*kind.clauses, Clause("within", near.format(f"< {limit}")))
        program = Query(at.scope, "count(*)", clauses=clauses, optional=("within", "kind"))
        band = f"BETWEEN {(1 - WITHIN_SHARE) * limit:g} AND {(1 + WITHIN_SHARE) * limit:g}"
        doubtful = Query(at.scope, "count(*) = 0", clauses=(*kind.clauses, Clause("", near.format(band))))
        checks = (*sure(at.view, kind.word), Check("margin", doubtful.sql()))
        return Asked({"kind": kind, "limit": str(limit)}, program, checks, blind=f"{kind.word} {limit}")


class Nearest(Family):
    """What kind of road user in the picture is nearest to us?"""

    name = "distances.nearest"
    about = "driving"
    answers = "word"
    candidates = f"""
        SELECT key, sensor FROM things AS t WHERE semantic IN ({_USERS})
          AND EXISTS (SELECT 1 FROM facts AS f WHERE f.key = t.key AND f.predicate = 'distance')
        GROUP BY ALL HAVING count(DISTINCT semantic) > 1"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        away = (
            f"{at.scope}, away AS (\n  SELECT seen.semantic, seen.instance_id, f.value AS away_m\n"
            "  FROM seen JOIN facts AS f ON f.subjects[1] = seen.instance_id\n"
            f"  WHERE f.key = {literal(at.key)} AND f.predicate = 'distance'\n)"
        )
        first = "(SELECT min(away_m) FROM away)"
        clear = (
            f"{away}\nSELECT count(DISTINCT semantic) = 1 FROM away\n"
            f"WHERE away_m < {first} + greatest({NEAREST_M}, {NEAREST_SHARE} * {first})"
        )
        program = f"{away}\nSELECT semantic FROM away ORDER BY away_m, instance_id LIMIT 1"
        return Asked({}, program, (Check("margin", clear),), USERS)


class Between(Family):
    """How far apart are the mug and the can?"""

    name = "distances.between"
    answers = "number"
    candidates = pairs("*.semantic = 'object'", " AND x.instance_id < y.instance_id")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        both = at.both(row["a"], row["b"])
        if both is None:
            return None
        one, other = both
        exact = f"100 * list_distance({column(one, 'at_m')}, {column(other, 'at_m')})"
        program = f"{at.placed}\nSELECT 5 * round({exact} / 5)"
        clear = f"{at.placed}\nSELECT abs({exact} / 5 - round({exact} / 5)) <= 0.4 AND {exact} >= 10"
        checks = (*at.proofs(one, other), Check("margin", clear))
        return Asked({"a": one, "b": other}, program, checks, unit="cm", step=5.0)
