"""How large things are."""

from __future__ import annotations

from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.comparison import column
from pairforge.captioners.questions.kinds import VEHICLES
from pairforge.captioners.questions.moment import Moment
from pairforge.captioners.questions.protocol import Asked, Family, Row
from pairforge.captioners.questions.query import literal

LONG = (
    *(
        "banana",
        "book",
        "bottle",
        "box",
        "bracket",
        "carrot",
        "cereal box",
        "crate",
        "cutting board",
        "cylinder",
    ),
    *("fork", "knife", "loaf", "milk carton", "plank", "spoon", "vase", "wine glass"),
)
"""Things of which a longest side, or a length, is plain."""
_LONG = ", ".join(literal(n) for n in LONG)
_VEHICLES = ", ".join(literal(v) for v in VEHICLES)
_LARGE = "SELECT key, sensor, instance_id AS a FROM things WHERE visible_px >= 400 AND semantic IN ({})"


class LongestSide(Family):
    """How long is the box, along its longest side?"""

    name = "sizes.longest_side"
    answers = "number"
    candidates = f"SELECT key, sensor, instance_id AS a FROM things WHERE noun IN ({_LONG})"

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        exact = column(thing, "100 * greatest(size_m[1], size_m[2], size_m[3])")
        clear = f"{at.scope}\nSELECT abs({exact} - round({exact})) <= 0.4 AND {exact} >= 3"
        program = f"{at.scope}\nSELECT round({exact})"
        checks = (*at.proofs(thing), Check("margin", clear))
        return Asked({"thing": thing}, program, checks, blind=thing.kind.word, unit="cm", step=1.0)


class Height(Family):
    """How tall is the van?"""

    name = "sizes.height"
    answers = "number"
    candidates = _LARGE.format(f"{_VEHICLES}, 'pedestrian'")

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        exact = column(thing, "10 * size_m[3]")
        clear = f"{at.scope}\nSELECT abs({exact} - round({exact})) <= 0.4"
        program = f"{at.scope}\nSELECT round({exact}) / 10"
        checks = (*at.proofs(thing), Check("margin", clear))
        return Asked({"thing": thing}, program, checks, blind=thing.kind.word, unit="m", step=0.1)


class VehicleLength(Family):
    """How long is the truck?"""

    name = "sizes.vehicle_length"
    answers = "number"
    candidates = _LARGE.format(_VEHICLES)

    def ask(self, at: Moment, row: Row) -> Asked | None:
        thing = at.the(row["a"])
        if thing is None:
            return None
        exact = column(thing, "2 * size_m[1]")
        clear = f"{at.scope}\nSELECT abs({exact} - round({exact})) <= 0.4"
        program = f"{at.scope}\nSELECT round({exact}) / 2"
        checks = (*at.proofs(thing), Check("margin", clear))
        return Asked({"thing": thing}, program, checks, blind=thing.kind.word, unit="m", step=0.5)
