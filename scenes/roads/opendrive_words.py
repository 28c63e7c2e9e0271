"""OpenDRIVE's names for kinds of lanes, markings and signals, and ours."""

from __future__ import annotations

from typing import NamedTuple

from pairforge.scenes.roads.network import LaneKind, Marking

LANES: dict[str, LaneKind] = {
    "driving": "driving",
    "entry": "driving",
    "exit": "driving",
    "onRamp": "driving",
    "offRamp": "driving",
    "connectingRamp": "driving",
    "slipLane": "driving",
    "bidirectional": "driving",
    "bus": "driving",
    "taxi": "driving",
    "HOV": "driving",
    "mwyEntry": "driving",
    "mwyExit": "driving",
    "parking": "parking",
    "sidewalk": "sidewalk",
    "walking": "sidewalk",
    "shoulder": "shoulder",
    "stop": "shoulder",
    "biking": "biking",
    "border": "border",
    "median": "median",
    "curb": "kerb",
    "none": "none",
    "restricted": "none",
    "special1": "none",
    "special2": "none",
    "special3": "none",
    "roadWorks": "none",
    "tram": "none",
    "rail": "none",
}
"""OpenDRIVE's lane types -> ours."""

LANES_WRITTEN: dict[LaneKind, str] = {
    "driving": "driving",
    "parking": "parking",
    "sidewalk": "sidewalk",
    "shoulder": "shoulder",
    "biking": "biking",
    "border": "border",
    "median": "median",
    "kerb": "curb",
    "none": "none",
}

MARKS: dict[str, Marking] = {
    "none": "none",
    "solid": "solid",
    "broken": "broken",
    "solid solid": "solid_solid",
    "solid broken": "solid_broken",
    "broken solid": "broken_solid",
    "broken broken": "broken",
    "botts dots": "broken",
    "edge": "solid",
    "grass": "none",
    "curb": "none",
    "custom": "none",
}
"""OpenDRIVE's road marks -> ours."""


class Sign(NamedTuple):
    """How a signal is written: ``country`` by ISO 3166-1 (or "OpenDRIVE"), ``type``, ``subtype``, a value in km/h."""

    country: str
    type: str
    subtype: str
    value_kmh: float | None = None


LIGHT = Sign("OpenDRIVE", "1000001", "-1")
LIGHTS = frozenset({"1000001", "1000008", "1000009", "1000010", "1000011", "1000012"})
"""Traffic lights for vehicles, plain and with arrows."""
_GERMAN = {
    "stop": "206",
    "give_way": "205",
    "priority": "306",
    "no_stopping": "283",
    "parking": "314",
    "crossing": "350",
    "roundabout": "215",
    "one_way": "220",
    "no_entry": "267",
    "road_works": "123",
}
_AMERICAN = {"R1-1": "stop", "R1-2": "give_way", "W11-2": "crossing", "R6-1": "one_way", "R5-1": "no_entry"}
_NAMES = {number: name for name, number in _GERMAN.items()} | _AMERICAN
KIND = "pairforge.kind"
"""The user data that names a kind for which OpenDRIVE has no number."""
PHASES, OFFSET = "pairforge.phases", "pairforge.offset_s"
"""The user data of a controller that says when its lights switch."""


def sign_of(kind: str) -> Sign | None:
    """A signal's numbers, or None where there are none.

    >>> sign_of("speed_50")
    Sign(country='DE', type='274', subtype='50', value_kmh=50.0)
    """
    if kind == "light":
        return LIGHT
    if kind in _GERMAN:
        return Sign("DE", _GERMAN[kind], "-1")
    word, _, number = kind.partition("_")
    if word == "speed" and number.isdecimal() and len(number) <= 3:
        return Sign("DE", "274", str(int(number)), float(number))
    return None


def kind_of(type_: str, subtype: str, value_kmh: float | None) -> str | None:
    """What the numbers mean, or None for a signal that we do not know.

    >>> kind_of("274", "-1", 30.0), kind_of("274-50", "-1", None), kind_of("R1-1", "-1", None)
    ('speed_30', 'speed_50', 'stop')
    """
    if type_ in LIGHTS:
        return "light"
    number, _, suffix = type_.partition("-")
    if number in ("274", "R2") or type_ == "R2-1":
        for text in (suffix if number == "274" else "", subtype):
            if text.isdecimal() and value_kmh is None:
                value_kmh = float(text)
        return f"speed_{round(value_kmh)}" if value_kmh is not None and 1 <= value_kmh < 1000 else None
    return _NAMES.get(type_)
