"""Rules of the road: lights, limits, lanes, who has to wait."""

from __future__ import annotations

from pairforge.captioners.nouns import METRES
from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.distances import of_users, spoken
from pairforge.captioners.questions.driving import of_us
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

SIGNALS = {"green": "green", "yellow": "yellow", "red": "red", "red_yellow": "red and yellow"}
LANES = {"ours": "in our lane", "left": "in the lane on our left", "right": "in the lane on our right",
         "oncoming": "in a lane of the other direction"}  # fmt: skip


def _said(at: Moment, predicate: str, words: dict[str, str], subject: str = "") -> str:
    """The program that gives a fact's argument in other words."""
    cases = " ".join(f"WHEN {literal(k)} THEN {literal(w)}" for k, w in words.items())
    about = f"\n  AND f.subjects[1] = {subject}" if subject else ""
    return f"{at.facts_of(predicate, f'CASE f.argument {cases} END')}{about}"


class SignalState(Family):
    """What does our traffic light show?"""

    name = "rules.signal_state"
    about = "driving"
    answers = "word"
    candidates = """
        SELECT f.key, v.sensor FROM facts AS f JOIN facts AS v ON v.key = f.key AND v.predicate = 'signal_shows'
            AND v.subjects[1] = f.subjects[1] AND v.value >= 12
        WHERE f.predicate = 'signal_state' AND f.argument <> 'off' GROUP BY ALL"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        return Asked({}, _said(at, "signal_state", SIGNALS), (), tuple(SIGNALS.values()))


class MayGo(Family):
    """Does our traffic light let us go?"""

    name = "rules.may_go"
    about = "driving"
    answers = "yes_no"
    candidates = SignalState.candidates

    def ask(self, at: Moment, row: Row) -> Asked | None:
        program = at.facts_of("signal_state", "f.argument = 'green'")
        clear = Check(
            "margin", f"{at.facts_of('signal_state', 'count(*) = 1')} AND f.argument IN ('green', 'red')"
        )
        return Asked({}, program, (clear,))


class SpeedLimit(Family):
    """What is the speed limit here?"""

    name = "rules.speed_limit"
    about = "driving"
    answers = "number"
    candidates = of_us("'speed_limit'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        program = at.facts_of("speed_limit", "CAST(f.argument AS DOUBLE)")
        return Asked({}, program, (), unit="km/h", step=5.0)


class TooFast(Family):
    """Are we driving too fast?"""

    name = "rules.too_fast"
    about = "driving"
    answers = "yes_no"
    candidates = of_us("'speed_limit'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        us = str(at.stage.ego_id)
        over, within = (
            f"EXISTS ({at.facts_of(p, '1')} AND f.subjects[1] = {us})" for p in ("over_limit", "within_limit")
        )
        return Asked({}, f"SELECT {over}", (Check("margin", f"SELECT {over} OR {within}"),))


class StopLine(Family):
    """How far is it to our stop line?"""

    name = "rules.stop_line"
    about = "driving"
    answers = "number"
    candidates = of_us("'stop_line'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        _, clear, step = spoken(at, "stop_line", str(at.stage.ego_id))
        program = at.facts_of("stop_line", "CAST(f.argument AS DOUBLE)")
        ahead = Check("margin", f"SELECT ({program}) > 0")  # nobody asks how far it is when one stands on it
        return Asked({}, program, (clear, ahead), unit="m", step=step, grains=METRES)


class WhichLane(Family):
    """Which lane is the van in?"""

    name = "rules.which_lane"
    about = "driving"
    answers = "word"
    candidates = of_users("in_lane")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\n{_said(at, 'in_lane', LANES, thing.sql)}"
        return Asked(
            {"thing": thing}, program, at.proofs(thing), tuple(LANES.values()), blind=thing.kind.word
        )


class WhoYields(Family):
    """Who has to wait for the other, we or the van?"""

    name = "rules.who_yields"
    about = "driving"
    answers = "word"
    candidates = """
        SELECT t.key, t.sensor, t.instance_id AS a FROM facts AS f JOIN things AS t
        ON t.key = f.key AND list_contains(f.subjects, t.instance_id) WHERE f.predicate = 'must_yield_to'"""

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = (
            f"{at.scope}\nSELECT CASE WHEN f.subjects[1] = {thing.sql}\n  THEN 'it does' ELSE 'we do' END\n"
            f"FROM facts AS f WHERE f.key = {literal(at.key)} AND f.predicate = 'must_yield_to'"
            f" AND list_contains(f.subjects, {thing.sql})"
        )
        return Asked({"thing": thing}, program, at.proofs(thing), ("we do", "it does"))


class WrongWay(Family):
    """Does anybody drive on the wrong side?"""

    name = "rules.wrong_way"
    about = "driving"
    answers = "yes_no"
    candidates = of_users("in_lane")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        wrong, moving = at.fact("wrong_way", thing.sql), at.fact("moving", thing.sql)
        clear = Check("margin", f"{at.scope}\nSELECT {moving}")
        checks = (*at.proofs(thing), clear)
        return Asked({"thing": thing}, f"{at.scope}\nSELECT {wrong}", checks, blind=thing.kind.word)


class Bearing(Family):
    """In which direction from us is the van?"""

    name = "rules.bearing"
    about = "driving"
    answers = "word"
    candidates = of_users("bearing")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        program = f"{at.scope}\n{at.facts_of('bearing')}\n  AND f.subjects[1] = {thing.sql}"
        ways = (
            "ahead",
            "ahead on the left",
            "left",
            "behind on the left",
            "behind",
            "behind on the right",
            "right",
        )
        options = (*ways, "ahead on the right")
        return Asked({"thing": thing}, program, at.proofs(thing), options, blind=thing.kind.word)


class WaitsAtRed(Family):
    """Is the van waiting at a red light?"""

    name = "rules.waits_at_red"
    about = "driving"
    answers = "yes_no"
    candidates = f"{of_users('waits_at_red')} UNION ALL {of_users('in_lane')} AND t.semantic <> 'pedestrian'"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        some = f"({at.facts_of('waits_at_red', 'count(*)')})"
        moving = at.fact("moving", thing.sql)
        waits = f"EXISTS ({at.facts_of('waits_at_red', '1')} AND f.subjects[1] = {thing.sql})"
        clear = Check("margin", f"{at.scope}\nSELECT {waits} OR ({moving} AND {some} > 0)")
        return Asked(
            {"thing": thing}, f"{at.scope}\nSELECT {waits}", (*at.proofs(thing), clear), blind=thing.kind.word
        )
