"""Ourselves and the vehicle ahead: speeds, gaps, time to collision."""

from __future__ import annotations

from pairforge.captioners.nouns import SECONDS
from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.distances import spoken
from pairforge.captioners.questions.lidar import USERS
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.motion import one_of
from pairforge.captioners.questions.pools import colours
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

NOT_SLOWING_MPS2 = 0.25
BUSY_LANE_M = 25.0


def of_lead(predicates: str) -> str:
    """Candidates: keyframes with such a fact whose vehicle ahead a camera shows."""
    return (
        "SELECT t.key, t.sensor, t.instance_id AS a FROM facts AS l JOIN things AS t "
        "ON t.key = l.key AND t.instance_id = l.subjects[1] WHERE l.predicate = 'lead' "
        f"AND EXISTS (SELECT 1 FROM facts AS f WHERE f.key = l.key AND f.predicate IN ({predicates}))"
    )


def of_us(predicates: str) -> str:
    """Candidates: keyframes with such a fact, with the first camera."""
    return (
        "SELECT f.key, (SELECT min(s.sensor) FROM sensors AS s WHERE s.key = f.key AND s.kind = 'camera' "
        f"AND s.sensor ILIKE '%front') AS sensor FROM facts AS f WHERE f.predicate IN ({predicates}) "
        "AND sensor IS NOT NULL GROUP BY ALL"
    )


def lead(at: Moment) -> str:
    return f"({at.facts_of('lead', 'f.subjects[1]')})"


class TimeToCollision(Family):
    """If neither changes speed, how long until we reach the vehicle ahead?"""

    name = "driving.time_to_collision"
    about = "driving"
    answers = "number"
    candidates = of_lead("'time_to_collision'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        program, clear, step = spoken(at, "time_to_collision", lead(at))
        return Asked({}, program, (clear,), unit="s", step=step, grains=SECONDS)


class Gap(Family):
    """Is the gap to the vehicle ahead getting shorter, longer, or staying the same?"""

    name = "driving.gap"
    about = "driving"
    answers = "word"
    candidates = of_lead("'closing', 'pulling_away', 'same_speed'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        words = {
            "closing": "getting shorter",
            "pulling_away": "getting longer",
            "same_speed": "staying the same",
        }
        return Asked({}, one_of(at, lead(at), words), (), tuple(words.values()))


class LeadSlowing(Family):
    """Is the vehicle ahead slowing down?"""

    name = "driving.lead_slowing"
    about = "driving"
    answers = "yes_no"
    candidates = of_lead("'lead'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        slowing = at.fact("slowing", lead(at))
        along = (
            "(SELECT (acceleration_mps2[1] * velocity_mps[1] + acceleration_mps2[2] * velocity_mps[2])\n"
            "    / sqrt(velocity_mps[1] ^ 2 + velocity_mps[2] ^ 2)\n"
            f"  FROM boxes3d WHERE key = {literal(at.key)} AND instance_id = {lead(at)})"
        )
        clear = f"SELECT {at.fact('moving', lead(at))} AND ({slowing} OR {along} > -{NOT_SLOWING_MPS2})"
        return Asked({}, f"SELECT {slowing}", (Check("margin", clear),))


class LeadKind(Family):
    """What kind of road user is ahead of us in our lane?"""

    name = "driving.lead_kind"
    about = "driving"
    answers = "word"
    candidates = of_lead("'lead'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        program = f"{at.scope}\nSELECT semantic\nFROM seen\nWHERE instance_id = {lead(at)}"
        return Asked({}, program, (), USERS)


class LeadColour(Family):
    """What colour is the vehicle ahead of us in our lane?"""

    name = "driving.lead_colour"
    about = "driving"
    answers = "word"
    candidates = of_lead("'lead'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        own = at.rows.get(row["a"])
        if own is None or not own["colour"] or own["semantic"] not in ("car", "van", "truck", "bus"):
            return None
        program = f"{at.scope}\nSELECT colour\nFROM seen\nWHERE instance_id = {lead(at)}"
        named = Check("margin", f"SELECT {at.fact('colour', lead(at), argument=own['colour'])}")
        return Asked({}, program, (named,), colours(own["colour"]))


class LaneClear(Family):
    """Is our lane free for the next 30 metres?"""

    name = "driving.lane_clear"
    about = "driving"
    answers = "yes_no"
    candidates = of_us("'lane_clear', 'lead'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        clear = at.fact("lane_clear")
        near = f"coalesce(({at.facts_of('lead', 'f.value')}) <= {BUSY_LANE_M}, FALSE)"
        return Asked({}, f"SELECT {clear}", (Check("margin", f"SELECT {clear} OR {near}"),))


class OurSpeed(Family):
    """How fast are we driving?"""

    name = "driving.our_speed"
    about = "driving"
    answers = "number"
    candidates = of_us("'ego_speed'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        program, clear, step = spoken(at, "ego_speed", str(at.stage.ego_id))
        program = at.facts_of("ego_speed", "CAST(f.argument AS DOUBLE)")
        return Asked({}, program, (clear,), unit="km/h", step=max(step, 2.0), grains=((1e9, 1.0),))


class WeDo(Family):
    """Are we braking or accelerating?"""

    name = "driving.we_do"
    about = "driving"
    answers = "word"
    candidates = of_us("'ego_braking', 'ego_accelerating'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        program = (
            "SELECT CASE f.predicate WHEN 'ego_braking' THEN 'braking' ELSE 'accelerating' END FROM facts AS f\n"
            f"WHERE f.key = {literal(at.key)} AND f.predicate IN ('ego_braking', 'ego_accelerating')"
        )
        return Asked({}, program, (), ("braking", "accelerating"))
