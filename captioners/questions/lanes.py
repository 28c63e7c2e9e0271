"""Who is where on the road: parked, oncoming, crossing, on the pavement."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check, sure
from pairforge.captioners.questions.distances import of_users
from pairforge.captioners.questions.kinds import VEHICLES, Kind
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import Clause, Query, literal

_VEHICLES = ", ".join(literal(v) for v in VEHICLES)


class Parked(Family):
    """Is the white van parked?"""

    name = "lanes.parked"
    about = "driving"
    answers = "yes_no"
    candidates = f"{of_users('parked')} UNION ALL {of_users('moving')} AND t.semantic IN ({_VEHICLES})"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        parked = at.fact("parked", thing.sql)
        clear = Check("margin", f"{at.scope}\nSELECT {parked} OR {at.fact('moving', thing.sql)}")
        return Asked(
            {"thing": thing},
            f"{at.scope}\nSELECT {parked}",
            (*at.proofs(thing), clear),
            blind=thing.kind.word,
        )


class Oncoming(Family):
    """How many vehicles are coming towards us?"""

    name = "lanes.oncoming"
    about = "driving"
    answers = "count"
    candidates = (
        f"{of_users('oncoming')} AND t.semantic IN ({_VEHICLES})".replace(
            "t.instance_id AS a ", "'vehicle' AS word ", 1
        )
        + " GROUP BY ALL"
    )

    def ask(self, at: Moment, row: Row) -> Asked | None:
        kind = Kind(row["word"])
        oncoming = at.fact("oncoming", "seen.instance_id")
        program = Query(
            at.scope,
            "count(*)",
            clauses=(*kind.clauses, Clause("oncoming", oncoming)),
            optional=("oncoming",),
        )
        known = " OR ".join(at.fact(p, "seen.instance_id") for p in ("oncoming", "still", "same_lane_ahead"))
        doubtful = Query(at.scope, "count(*) = 0", clauses=(*kind.clauses, Clause("", f"NOT ({known})")))
        checks = (*sure(at.view, kind.word), Check("margin", doubtful.sql()))
        return Asked({"kind": kind}, program, checks)


class AnyoneCrossing(Family):
    """Is anybody crossing the road in front of us?"""

    name = "lanes.anyone_crossing"
    about = "driving"
    answers = "yes_no"
    candidates = """
        SELECT t.key, t.sensor FROM things AS t WHERE t.semantic = 'pedestrian'
          AND EXISTS (SELECT 1 FROM facts AS f WHERE f.key = t.key AND f.predicate = 'place') GROUP BY ALL"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        crossing = at.fact("crossing", "seen.instance_id")
        walkers = (Clause("kind", "semantic = 'pedestrian'"), Clause("crossing", crossing))
        program = Query(at.scope, "count(*) > 0", clauses=walkers)
        kept = (
            f"{at.fact('crossing', 'seen.instance_id')} OR ({at.fact('still', 'seen.instance_id')}"
            f" AND NOT {at.fact('stands_on', 'seen.instance_id', argument='road', seen=True)})"
            f" OR {at.fact('stands_on', 'seen.instance_id', argument='pavement', seen=True)}"
        )
        heading = at.fact("heading_for_road", "seen.instance_id")
        doubtful = Query(
            at.scope, "count(*) = 0", clauses=(walkers[0], Clause("", f"(NOT ({kept}) OR {heading})"))
        )
        hidden = Check("sure", f"SELECT NOT EXISTS (SELECT 1 FROM facts AS f WHERE f.key = {literal(at.key)} "
                       "AND f.predicate = 'unseen')")  # fmt: skip
        checks = (*sure(at.view, "pedestrian"), Check("margin", doubtful.sql()), hidden)
        return Asked({}, program, checks)


class CrossingFrom(Family):
    """From which side is the pedestrian in red crossing?"""

    name = "lanes.crossing_from"
    about = "driving"
    answers = "word"
    candidates = of_users("crossing")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\n{at.facts_of('crossing')}\n  AND f.subjects[1] = {thing.sql}"
        return Asked({"thing": thing}, program, at.proofs(thing), ("left", "right"))


class RoadOrPavement(Family):
    """Is the pedestrian in red on the road or on the pavement?"""

    name = "lanes.road_or_pavement"
    about = "driving"
    answers = "word"
    candidates = """
        SELECT f.key, f.sensor, f.subjects[1] AS a FROM facts AS f JOIN things AS t
        ON t.key = f.key AND t.sensor = f.sensor AND t.instance_id = f.subjects[1]
        WHERE f.predicate = 'stands_on' AND t.semantic = 'pedestrian'"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\n{at.facts_of('stands_on', seen=True)}\n  AND f.subjects[1] = {thing.sql}"
        return Asked({"thing": thing}, program, at.proofs(thing), ("road", "pavement"))
