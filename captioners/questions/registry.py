"""Every family of questions, by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pairforge.captioners.questions.protocol import Family
from pairforge.registry import Registry

_WHERE = "pairforge.captioners.questions"
_ROWS: dict[str, tuple[str, ...]] = {
    "attributes": (
        "Colour",
        "IsColour",
        "Material",
        "IsMaterial",
        "WhatIs",
    ),
    "clips": (
        "ComesNearer",
        "Stops",
        "WeAreFaster",
        "HowManyCome",
    ),
    "comparison": (
        "More",
        "SameColour",
        "SameMaterial",
        "Larger",
        "Taller",
        "Nearer",
        "Faster",
    ),
    "counting": (
        "OfKind",
        "OfColourAndKind",
        "OfColour",
        "OnSide",
        "Moving",
        "Parked",
    ),
    "distances": (
        "ToUs",
        "Within",
        "CountWithin",
        "Nearest",
        "Between",
    ),
    "driving": (
        "TimeToCollision",
        "Gap",
        "LeadSlowing",
        "LeadKind",
        "LeadColour",
        "LaneClear",
        "OurSpeed",
        "WeDo",
    ),
    "events": (
        "TouchFirst",
        "Touch",
        "When",
        "AtTheEnd",
    ),
    "existence": (
        "OfKind",
        "OfColourAndKind",
        "Beside",
    ),
    "happenings": ("Does", "WhichSide", "WhatFirst"),
    "inspection": (
        "Passes",
        "CountDefects",
        "HasDefect",
        "WhichDefect",
        "WhichFace",
        "Severity",
        "Size",
    ),
    "lanes": (
        "Parked",
        "Oncoming",
        "AnyoneCrossing",
        "CrossingFrom",
        "RoadOrPavement",
    ),
    "lidar": (
        "MoreReturns",
        "Returns",
        "Hit",
        "Unseen",
        "Nearest",
    ),
    "motion": (
        "MovingOrStill",
        "Speed",
        "WhichWay",
        "State",
        "WhatFalls",
    ),
    "multihop": (
        "ColourBeside",
        "MaterialBeside",
        "CountBeside",
        "ColourOnTop",
        "ColourOfNearest",
        "ColourOfLargest",
        "CountSameColour",
    ),
    "rules": (
        "SignalState",
        "MayGo",
        "SpeedLimit",
        "TooFast",
        "StopLine",
        "WhichLane",
        "WhoYields",
        "WrongWay",
        "Bearing",
        "WaitsAtRed",
    ),
    "sensors": (
        "WhichCamera",
        "HowManyCameras",
        "BusiestCamera",
        "MoreDetections",
    ),
    "sizes": (
        "LongestSide",
        "Height",
        "VehicleLength",
    ),
    "spatial": (
        "LeftOrRight",
        "InFrontOrBehind",
        "SideOfPicture",
        "SideOfUs",
        "SideOfIt",
        "Facing",
        "Outermost",
    ),
    "support": (
        "OnWhat",
        "WhatIsOn",
        "WhatIsInside",
        "InWhat",
        "LeansOnWhat",
        "IsOn",
        "OnItsSide",
        "WhichShelf",
        "CountOnShelf",
        "CountOnTable",
    ),
    "visibility": (
        "PartlyHidden",
        "HiddenByWhat",
        "WhatIsBehind",
        "CutOff",
        "CutOffSide",
    ),
    "weather": (
        "Sky",
        "IsIt",
        "TimeOfDay",
        "Ground",
    ),
}


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).removeprefix("_")


FAMILIES = Registry(
    "question family",
    {f"{noun}.{_snake(c)}": f"{_WHERE}.{noun}:{c}" for noun, classes in _ROWS.items() for c in classes},
)


@cache
def family(name: str) -> Family:
    """The family of that name; SpecError with a suggestion when there is none."""
    made: Family = FAMILIES.load(name)()
    return made


def chosen(names: Sequence[str] = ()) -> tuple[Family, ...]:
    """Families by name or by noun ("counting"), all of them when none is named, in order of name.

    SpecError with a suggestion for a name that is neither.
    """
    wanted: set[str] = set()
    for name in names or FAMILIES.names():
        group = [n for n in FAMILIES.names() if n.partition(".")[0] == name]
        wanted |= set(group) if group else {family(name).name}
    return tuple(family(n) for n in sorted(wanted))
