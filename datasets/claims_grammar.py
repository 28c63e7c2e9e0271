"""Every sentence that a caption may hold, with what it claims.

A pattern is literal text with ``{A}`` for a phrase, ``{A is|are}`` for a phrase with the verb that agrees with it,
``{is|are A}`` for the verb before it, ``<distance>`` and its like for numbers with their unit, ``[...]`` for what may
be left out and ``(?P<name>...)`` as in ``re``. A claim is "predicate subject... [argument]": subjects are letters or
``ego``; ``$name`` takes a group's text (the claim is dropped when it is missing), ``=word`` is that word, ``?name``
asks that a group be there.
"""

from __future__ import annotations

import re

_SIDE = "(?P<side>left|right)"
_GROUND = "(?P<ground>pavement|road)"
_LINED = " lined with (?P<lined>trees|buildings|trees and buildings)"
_MOTION = " and (?P<braking>braking)| and (?P<faster>speeding up)"
_MOTION_2 = ", and we are (?P<braking>braking)|, and we are (?P<faster>speeding up)"
_TURN = " in a bend to the (?P<turn>left|right)"
_SKY = "(?P<weather>sunny|foggy|overcast)"
_A = "(?:a(?! overcast)|an(?= overcast))"
_SKY_AND_WET = f"(?:{_SKY} (?:and (?P<wet>wet) )?|(?P<wet2>wet) )?"
_STREET = ("weather $weather", "weather =wet ?wet", "weather =wet ?wet2", "scenery $lined")
_PARKED = ("parked A", "roadside A $side", "distance A ego $distance")
_EGO = (
    "ego_speed ego $speed",
    "ego_braking ego ?braking",
    "ego_accelerating ego ?faster",
    "ego_turning ego $turn",
)
_LEAD = ("lead A", "same_lane_ahead A", "distance A ego $distance")
_WALK = ("roadside A $side", "stands_on A $ground", "distance A ego $distance")
_AWAY = "[, <distance> away]"
_WHERE = f"(?: on the {_GROUND}(?: to our {_SIDE})?| on the (?P<side2>left|right))"


def _road_users(doing: str, moving: str, claim: str, on: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    claims = (claim, "roadside A $side2", *_WALK)
    where = f"(?: {on} the {_GROUND})?"
    return (
        (f"{{A {doing}}}{_WHERE}{_AWAY}.", claims),
        (f"(?:to our {_SIDE}, )?{{A {moving}}}{where}{_AWAY}.", claims),
    )


SENTENCES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The street
    (f"it is {_A} {_SKY} day on a (?P<wet>wet )?street[{_LINED}].", _STREET),
    (f"this is a (?P<wet>wet )?street[{_LINED}].", _STREET),
    (f"{_A} [{_SKY} ]street[{_LINED}] lies ahead[, its (?P<wet>surface wet)].", _STREET),
    (
        f"{_A} {_SKY_AND_WET}street[{_LINED}](?:, with {{A}} ahead(?:, and {{B}})?|, with {{C}})?.",
        (*_STREET, "lead A"),
    ),
    (
        f"{{A}} ahead on {_A} {_SKY_AND_WET}street[{_LINED}](?:, with {{B}})?.",
        (*_STREET, "lead A"),
    ),
    # The vehicle ahead
    ("{A is driving|are driving} ahead in our lane, <distance> away.", (*_LEAD, "moving A")),
    ("in our lane, <distance> ahead, {drives|drive A}.", (*_LEAD, "moving A")),
    ("we are following {A}, <distance> ahead in our lane.", (*_LEAD, "moving A")),
    (
        "{A is slowing down|are slowing down} ahead in our lane, <distance> away.",
        (*_LEAD, "slowing A", "moving A"),
    ),
    (
        "in our lane, <distance> ahead, {A is slowing down|are slowing down}.",
        (*_LEAD, "slowing A", "moving A"),
    ),
    ("{A is standing still|are standing still} ahead in our lane, <distance> away.", (*_LEAD, "still A")),
    ("in our lane, <distance> ahead, {A has come to a stop|have come to a stop}.", (*_LEAD, "still A")),
    ("our lane is clear for the next <reach>.", ("lane_clear ego $reach",)),
    ("there is nothing in our lane for the next <reach>.", ("lane_clear ego $reach",)),
    (
        "we are closing in, and at this rate would reach {A} in <ttc>.",
        ("closing A ego", "time_to_collision A ego $ttc"),
    ),
    (
        "the gap is shrinking: at this rate we would reach {A} in <ttc>.",
        ("closing A ego", "time_to_collision A ego $ttc"),
    ),
    ("we are catching up with {A}.", ("closing A ego",)),
    ("we are closing in on {A}.", ("closing A ego",)),
    ("{A is pulling away|are pulling away} from us.", ("pulling_away A ego",)),
    ("{A is drawing ahead|are drawing ahead} of us.", ("pulling_away A ego",)),
    ("{A is keeping|are keeping} the same pace as us.", ("same_speed A ego",)),
    ("we are neither gaining on {A} nor falling back.", ("same_speed A ego",)),
    # Ourselves
    (f"we are doing <speed>[{_MOTION}][{_TURN}].", _EGO),
    (f"our own speed is <speed>[{_MOTION_2}][{_TURN}].", _EGO),
    ("we are standing still.", ("ego_still ego",)),
    ("we have come to a stop.", ("ego_still ego",)),
    # Others
    (
        "{A is coming|are coming} towards us[, <distance> away].",
        ("oncoming A", "moving A", "distance A ego $distance"),
    ),
    (
        "{A approaches|approach} in the opposite direction[, <distance> ahead].",
        ("oncoming A", "moving A", "distance A ego $distance"),
    ),
    (f"{{A is parked|are parked}} on the {_SIDE}{_AWAY}.", _PARKED),
    (f"on the {_SIDE}{_AWAY}, {{A stands parked|stand parked}}.", _PARKED),
    ("{A line|line} both sides of the road.", ("both_sides A",)),
    ("{A stand|stand} on both sides of the road.", ("both_sides A",)),
    *_road_users("is walking|are walking", "walks|walk", "moving A", "along"),
    *_road_users("is standing|are standing", "stands|stand", "still A", "on"),
    *_road_users("is riding|are riding", "rides|ride", "moving A", "along"),
    (f"{{A has stopped|have stopped}}{_WHERE}{_AWAY}.", ("still A", "roadside A $side2", *_WALK)),
    # Who hides whom, who is seen by what
    ("{A is|are} partly hidden behind {B}.", ("hidden_behind A B", "partly_hidden A")),
    ("{B hides|hide} part of {A}.", ("hidden_behind A B", "partly_hidden A")),
    (
        "the LiDAR also hits {A}, hidden from the camera, with (?P<returns>[0-9]+) returns.",
        ("unseen A", "lidar_hits A $returns"),
    ),
    (
        "out of the camera's sight, {A sends|send} back (?P<returns>[0-9]+) LiDAR returns.",
        ("unseen A", "lidar_hits A $returns"),
    ),
    # Things on a table
    ("{A rests|rest} on {B}.", ("at_rest A", "on_top_of A B")),
    ("on {B} {lies|lie A}.", ("at_rest A", "on_top_of A B")),
    ("{A sits|sit} on top of {B}.", ("on_top_of A B",)),
    ("{A is falling|are falling}, <height> above {B}.", ("falling A", "height_above A B $height")),
    (
        "{A is|are} still in the air, <height> above {B}, and falling.",
        ("falling A", "height_above A B $height"),
    ),
    ("{A has just hit|have just hit} {B}.", ("just_hit A B",)),
    ("{A has just struck|have just struck} {B}.", ("just_hit A B",)),
    ("{A lies on its side|lie on their sides}.", ("on_its_side A",)),
    ("{A is still moving|are still moving}.", ("stirring A",)),
    ("{A has not come to rest yet|have not come to rest yet}.", ("stirring A",)),
    *(
        row
        for words, predicate in (
            ("to the left of", "left_of"),
            ("to the right of", "right_of"),
            ("in front of", "in_front_of"),
            ("behind", "behind"),
        )
        for row in (
            (f"{{A is|are}} {words} {{B}}.", (f"{predicate} A B",)),
            (f"{words} {{B}} {{is|are A}}.", (f"{predicate} A B",)),
        )
    ),
    ("{A} on {B}, with {C} falling.", ("at_rest A", "on_top_of A B", "falling C")),
    ("{A} on {B}.", ("at_rest A", "on_top_of A B")),
    ("{A falls|fall} towards {B}.", ("falling A",)),
)

_NUMBERS = {
    "distance": r"(?P<distance>1 metre|(?!1 )[0-9]+(?:\.5)? metres)",
    "reach": r"(?P<reach>[0-9]+ metres)",
    "speed": r"(?P<speed>[0-9]+ km/h)",
    "ttc": r"(?P<ttc>1 second|(?!1 )[0-9]+(?:\.5)? seconds)",
    "height": r"(?P<height>1 centimetre|(?!1 )[0-9]+ centimetres)",
}


def compile_sentence(pattern: str) -> re.Pattern[str]:
    """The regular expression over a sentence whose phrases are tokens "@0s" (singular) or "@0p" (plural)."""
    pattern = pattern.removesuffix(".") + r"\."
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found.group(0))
        return f"\0{len(kept) - 1}\0"

    # Groups and classes of `re` are set aside while the pattern's own brackets are translated.
    pattern = re.sub(r"\[0-9\]", keep, pattern)
    pattern = re.sub(r"\[([^\[\]]*)\]", r"(?:\1)?", pattern)
    pattern = re.sub(r"\0(\d+)\0", lambda m: kept[int(m.group(1))], pattern)
    pattern = re.sub(r"\{([A-D]) ([^|{}]+)\|([^{}]+)\}", r"(?P<\1>@\\d+s \2|@\\d+p \3)", pattern)
    pattern = re.sub(r"\{([^|{}]+)\|([^{} ]+) ([A-D])\}", r"(?P<\3>\1 @\\d+s|\2 @\\d+p)", pattern)
    pattern = re.sub(r"\{([A-D])\}", r"(?P<\1>@\\d+[sp])", pattern)
    for name, number in _NUMBERS.items():
        pattern = number.join(re.split(f"(?<!P)<{name}>", pattern))
    return re.compile(pattern)
