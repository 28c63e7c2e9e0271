"""Every sentence that an English caption may hold, with what it claims, as rows of ``patterns``."""

from __future__ import annotations

from pairforge.datasets.claims_inspection import FLAW
from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.patterns import rows as _rows
from pairforge.datasets.readers.rules import ENGLISH

_SIDE = "(?P<side>left|right)"
_OWN = "(?:its|their) own"
_GROUND = "(?P<ground>pavement|road)"
_LINES = "(?P<lined>trees|buildings|trees and buildings)"
_LINED = f" lined with {_LINES}"
_CHANGE = " and (?P<braking>braking)| and (?P<faster>speeding up)"
_CHANGE_2 = ", and we are (?P<braking>braking)|, and we are (?P<faster>speeding up)"
_TURN = " in a bend to the (?P<turn>left|right)"
_SKY = "(?P<weather>sunny|foggy|overcast|cloudy|rainy|snowy|dusty)"
_WHEN = "[ (?P<when>at night|at twilight)]"
_MOODS = "in sunshine|in low sun|under a cloudy sky|under an overcast sky|in fog|in rain|in falling snow|in dusty air"
_MOOD = f"[ (?P<mood>{_MOODS})]{_WHEN}"
_A = "(?:a(?! overcast)|an(?= overcast))"
_UNDER = "(?:(?P<wet>wet)|(?P<white>covered with snow))"
_WET = f"[, its surface {_UNDER}]"
_WET_TOO = f"[, and the road is {_UNDER}]"
_PLACE = "(?P<place>street|road|motorway)"
_STREET = (
    *("weather $weather", "weather $mood", "weather $when", "weather =wet ?wet", "weather =wet ?wet2"),
    *("weather =snow-covered ?white", "weather =snow-covered ?white2", "scenery $lined", "place $place"),
)
_PARKED = ("parked A", "roadside A $side", "distance A ego $distance")
_EGO = (
    "ego_speed ego $speed",
    "ego_braking ego ?braking",
    "ego_accelerating ego ?faster",
    "ego_turning ego $turn",
)
_WHAT = (
    "(?P<what>are braking|braked|are stopping|stopped|(?:are changing lanes|changed lanes|are moving over|moved over)"
    "(?: to the left| to the right)?)"
)
_MADE = "(?P<what>brake|stop|(?:change lanes|move over)(?: to the left| to the right)?)"
_ACT = (
    "(?P<act> crossing the road| cutting in| running a red light| changing lanes| moving over| coming to a stop|"
    " slowing down| setting off| turning)?"
)
_NEXT = (
    *(f"ego_next ego ={word} ?{word}" for word in ("stop", "set_off", "slow", "speed_up", "keep")),
    *(f"ego_next_speed ego ${speed}" for speed in ("speed", "speed2", "speed3")),
    "ego_next_turn ego $turn",
    "ego_next_turn ego $turn2",
)
_WILL = (
    "(?:(?:(?P<stop>come to a stop)|(?P<set_off>set off and reach <speed>)|(?P<slow>slow down to <speed2>)|"
    "(?P<speed_up>speed up to <speed3>)|(?P<keep>keep our speed))[ and turn (?P<turn>left|right)]|"
    "turn (?P<turn2>left|right))"
)
_REGION = (
    "side A $side",
    "distance A ego $distance",
    "hidden_behind A B",
    "partly_hidden A ?cover",
    "cut_off A $cut",
)
_COVERED = "[, (?P<cover>partly hidden behind) {B}]"
_CUT = "[, cut off at the (?P<cut>left|right) edge]"
_LEAD = ("lead A", "same_lane_ahead A", "distance A ego $distance")
_AWAY, _AHEAD = "[, <distance> away]", "[, <distance> ahead]"
_WHERE = f"(?: on the {_GROUND}(?: to our {_SIDE})?| on the (?P<side2>left|right))"
_GROUND_TOO = "(?: and (?:(?P<wet>wet)|(?P<white>snow-covered)))?"
_A_STREET = (
    f"{_A} (?:{_SKY}{_GROUND_TOO} |(?P<wet2>wet) |(?P<white2>snow-covered) )?{_PLACE}[{_LINED}]"
    f"[ (?P<mood>in low sun|in falling snow)]{_WHEN}"
)
_BOTH = "(?:(?P<both>on both sides)|on the (?P<row_side>left|right))"
_BOTH_2 = "(?:(?P<both2>on both sides)|on the (?P<row_side2>left|right))"
_TAIL = f"(?:, with {{B}}(?:, and {{C}} {_BOTH})?|, with {{D}} {_BOTH_2})?"
_TAILED = (
    *_STREET,
    "both_sides C ?both",
    "roadside C $row_side",
    "both_sides D ?both2",
    "roadside D $row_side2",
)
_DOES = "(?:(?P<drives>drives)|(?P<stands>stands)|is)"
_AHEAD_OF_US = (*_TAILED, "lead A", "moving A ?drives", "still A ?stands")
_BRAKING = "[, and we are (?P<braking>braking)]"
_ACROSS = ("moving A", "distance A ego $distance", "ego_braking ego ?braking")
_UNDERFOOT = "(?P<ground>ground|floor)"
_STANDING = f"(?: on the {_UNDERFOOT})?"
_DROPPING = "[, with {B} falling]"
_BESIDES = f"[, with {{C}}{_STANDING}][, while {{D is|are}} falling]"

_ONE = "(?P<unseen>one) defect"
_MORE = r"(?P<unseen>(?!one )\w+) defects"
_MORE_2 = r"(?P<unseen2>(?!one )\w+) defects"

_SHELVES = "(?:top|bottom|middle) shelf|(?:second|third|fourth|fifth) shelf from the (?:top|bottom)"
_SHELF, _SHELF_2 = f"(?P<shelf>{_SHELVES})", f"(?P<shelf2>{_SHELVES})"


def _people(doing: str, does: str, claim: str, on: str) -> tuple[Row, ...]:
    claims = (
        claim,
        "roadside A $side",
        "roadside A $side2",
        "stands_on A $ground",
        "distance A ego $distance",
    )
    where, singular, plural = f"(?: {on} the {_GROUND})?", f"is {doing}", f"are {doing}"
    return tuple(
        (pattern + f"{_AWAY}.", claims)
        for pattern in (
            f"{{A {singular}|{plural}}}{_WHERE}",
            f"(?:to our {_SIDE}, )?{{A {does}}}{where}",
            f"(?:(?:on the|to our) {_SIDE}, )?{{A {singular}|{plural}}}{where}",
            f"there {{is|are ^A}} {doing}{_WHERE}",
            f"(?:on the {_SIDE}, )?we see {{A}} {doing}{where}",
        )
    )


_PART_2 = "(?: (?P<start2>at the start)| (?P<end2>towards the end))?"
_WHEN_ROWS = {"start": ("?start", "?start2"), "end": ("?end", "?end2")}


def _happened(
    kind: str, who: str, told: tuple[str, ...], sides: bool = False, also: tuple[str, ...] = ()
) -> tuple[Row, ...]:
    """Sentences about a happening of the clip: ``who`` are the subjects of its claims (letters or "ego"); with
    ``sides`` one row a side, for {S}; ``also``: further claims."""
    made: list[Row] = []
    for side in ("left", "right") if sides else ("",):
        argument = f"{kind}|{side}" if side else kind
        claims = [f"happened {who} ={argument}", *also]
        for part, asked in _WHEN_ROWS.items():
            claims += [f"happened_when {who} ={argument}@{part} {ask}" for ask in asked]
        for sentence in told:
            said = sentence.replace("{S}", side)
            made += [(f"(?:(?:(?P<start>at the start)|(?P<end>towards the end)), )?{said}.", tuple(claims))]
            made += [(f"{said}{_PART_2}.", tuple(claims))]
    return tuple(made)


def _clips() -> tuple[Row, ...]:
    alone = {
        "braking": ("braked", "slowed down"),
        "speeding_up": ("sped up", "gathered speed"),
        "stopping": ("came to a stop", "stopped"),
        "starting": ("set off", "moved off"),
        "falling": ("fell", "dropped"),
        "rolling": ("rolled along", "rolled"),
        "coming_to_rest": ("came to rest", "settled"),
        "crossing_road": ("crossed the road", "walked across the road"),
        "turning": ("turned {S}", "took a turn to the {S}"),
        "lane_change": ("changed lanes to the {S}", "moved over one lane to the {S}"),
    }
    pairs = {
        "overtaking": ("overtook {}", "passed {}"),
        "passing_by": ("drove past {}", "went by {}"),
        "landing": ("landed on {}", "came down on {}"),
        "hitting": ("hit {}", "ran into {}"),
        "ran_red": ("drove past {} at red", "ignored {} at red"),
    }
    grips = {
        "picked_up": ("picked up", "took hold of"),
        "held": ("held", "kept hold of"),
        "released": ("let go of", "released"),
    }
    found: list[Row] = []
    for kind, verbs in alone.items():
        sides = "{S}" in verbs[0]
        found += _happened(kind, "A", tuple(f"{{A}} {v}" for v in verbs), sides)
        found += _happened(kind, "ego", tuple(f"we {v}" for v in verbs), sides)
    for kind, verbs in pairs.items():
        found += _happened(kind, "A B", tuple(f"{{A}} {v.format('{B}')}" for v in verbs))
        found += _happened(kind, "ego B", tuple(f"we {v.format('{B}')}" for v in verbs))
        found += _happened(kind, "A ego", tuple(f"{{A}} {v.format('us')}" for v in verbs))
    within = ("{A} landed in {B}", "{A} dropped into {B}")
    found += _happened("landing", "A B", within, also=("inside A B",))
    for kind, verbs in grips.items():
        found += _happened(kind, "A B", tuple(f"{{B}} {v} {{A}}" for v in verbs))
    cut = ("{A} cut in ahead of us from the {S}", "{A} moved into our lane from the {S}, close ahead of us")
    return (*found, *_happened("cutting_in", "A ego", cut, True))


SENTENCES: tuple[Row, ...] = (
    # The street
    *_rows(
        _STREET,
        f"(?:it is {_A} {_SKY} day on a|the sun is (?P<mood>low) over a|this is a) {_PLACE}[{_LINED}]{_WET}.",
        f"it is {_A} {_SKY} (?P<when>night) on a {_PLACE}[{_LINED}]{_WET}.",
        f"it is (?P<when>night|twilight) on {_A} [{_SKY} ]{_PLACE}[{_LINED}]{_WET}.",
        f"we are on a {_PLACE}[{_LINED}]{_MOOD}{_WET_TOO}.",
        f"{_A} [{_SKY} ]{_PLACE}[{_LINED}] stretches ahead[ (?P<mood>in low sun|in falling snow)]{_WHEN}{_WET}.",
        f"{_LINES} line the {_PLACE}{_MOOD}{_WET_TOO}.",
        f"this is a {_PLACE}{_MOOD}{_WET_TOO}.",
        f"the view is of a (?:(?P<wet>wet) |(?P<white>snow-covered) )?{_PLACE}{_MOOD}[, with {_LINES} along it].",
    ),
    *_rows(
        _TAILED,
        f"{_A_STREET}{_TAIL}.",
        f"this is {_A_STREET}{_TAIL}.",
        f"we are on {_A_STREET}{_TAIL}.",
        f"we see {_A_STREET}{_TAIL}.",
        f"there {{is|are ^A}} on {_A_STREET}(?:, with {{D}} {_BOTH_2})?.",
    ),
    (f"we follow {{A}} along {_A_STREET}{_TAIL}.", (*_TAILED, "lead A", "moving A")),
    *_rows(
        _AHEAD_OF_US,
        f"ahead of us, {{A}} {_DOES} on {_A_STREET}{_TAIL}.",
        f"{{A}} {_DOES} ahead of us on {_A_STREET}{_TAIL}.",
        f"on {_A_STREET}, {{A}} {_DOES} ahead of us{_TAIL}.",
        f"ahead of us on {_A_STREET} {_DOES} {{A}}{_TAIL}.",
    ),
    *_rows(
        (*_TAILED, "crossing A $side"),
        f"{{A is crossing|are crossing}} the road from the {_SIDE} ahead on {_A_STREET}{_TAIL}.",
        f"on {_A_STREET}, {{A is crossing|are crossing}} the road ahead of us from the {_SIDE}{_TAIL}.",
        f"ahead of us on {_A_STREET}, {{A crosses|cross}} the road from the {_SIDE}{_TAIL}.",
    ),
    # One thing of the picture
    *_rows(
        _REGION,
        f"{{A}}[ on the {_SIDE} of the picture]{_AWAY}{_COVERED}{_CUT}.",
        f"we see {{A}}[ on the {_SIDE} of the picture]{_AWAY}{_COVERED}{_CUT}.",
        f"(?:here|on the {_SIDE} of the picture) {{is|are ^A}}{_AWAY}{_COVERED}{_CUT}.",
    ),
    # The vehicle ahead
    *_rows(
        (*_LEAD, "moving A"),
        "{A is driving|are driving} ahead in our lane, <distance> away.",
        "we are following {A}, <distance> ahead in our lane.",
        "ahead in our lane, <distance> away, {A is driving|are driving}.",
        "the vehicle ahead in our lane is {A}, <distance> away and on the move.",
        "{A is moving|are moving} along in front of us, <distance> ahead in our lane.",
    ),
    *_rows(
        (*_LEAD, "slowing A", "moving A"),
        "{A is slowing|are slowing} down ahead in our lane, <distance> away.",
        "in our lane, <distance> ahead, {A is slowing|are slowing} down.",
        "{A is losing|are losing} speed in front of us, <distance> ahead in our lane.",
        "we are following {A}, <distance> ahead in our lane and slowing down.",
        "the vehicle ahead in our lane is {A}, <distance> away and slowing down.",
    ),
    *_rows(
        (*_LEAD, "still A"),
        "{A is standing|are standing} still ahead in our lane, <distance> away.",
        "in our lane, <distance> ahead, {A has|have} come to a stop.",
        "the vehicle ahead in our lane is {A}, <distance> away and not moving.",
        "{A stands|stand} in front of us, <distance> ahead in our lane.",
    ),
    *_rows(
        ("lane_clear ego $reach",),
        "our lane is clear for the next <reach>.",
        "there is nothing in our lane for the next <reach>.",
        "nothing stands in our lane for the next <reach>.",
        "the next <reach> of our lane are clear.",
    ),
    *_rows(
        ("closing A ego", "time_to_collision A ego $ttc"),
        "we are closing in, and at this rate would reach {A} in <ttc>.",
        "the gap is shrinking: at this rate we would reach {A} in <ttc>.",
        "at our present speeds we would catch up with {A} in <ttc>.",
        "we are gaining on {A} and, at this rate, have <ttc> left.",
        "if nothing changed, we would reach {A} in <ttc>.",
    ),
    *_rows(
        ("closing A ego",),
        "we are catching up with {A}.",
        "we are closing in on {A}.",
        "we are gaining on {A}.",
        "the gap to {A} is shrinking.",
    ),
    *_rows(
        ("pulling_away A ego",),
        "{A is|are} pulling away from us.",
        "{A is|are} drawing ahead of us.",
        "the gap to {A} is growing.",
        "we are falling back from {A}.",
    ),
    *_rows(
        ("same_speed A ego",),
        "{A is|are} keeping the same pace as us.",
        "we are neither gaining on {A} nor falling back.",
        "{A is|are} as fast as we are.",
        "the gap to {A} stays the same.",
    ),
    # Ourselves
    *_rows(
        _EGO,
        f"we are doing <speed>[{_CHANGE}][{_TURN}].",
        f"our own speed is <speed>[{_CHANGE_2}][{_TURN}].",
        f"we are driving at <speed>[{_CHANGE}][{_TURN}].",
        f"our car is travelling at <speed>[{_CHANGE}][{_TURN}].",
        f"we are going at <speed>[{_CHANGE}][{_TURN}].",
    ),
    *_rows(
        ("under_way ego $what", "just_ended ego $what", "caused_by ego A $what+act"),
        f"we {_WHAT} because of {{A}}{_ACT}.",
        f"because of {{A}}{_ACT}, we {_WHAT}.",
    ),
    *_rows(
        ("under_way ego $what", "caused_by ego A $what+act"),
        f"{{A}}{_ACT} is making us {_MADE}.",
    ),
    *_rows(
        ("just_ended ego $what", "caused_by ego A $what+act"),
        f"{{A}}{_ACT} made us {_MADE}.",
    ),
    *_rows(
        _NEXT,
        f"in the next two seconds we will {_WILL}.",
        f"next, we will {_WILL}.",
        "two seconds from now we will (?:(?P<stop>have stopped)|(?P<set_off>be under way at <speed>)|"
        "(?P<slow>be down to <speed2>)|(?P<speed_up>be doing <speed3>)|(?P<keep>still be going at this speed))"
        "[, after turning (?P<turn>left|right)].",
        "two seconds from now we will have turned (?P<turn>left|right).",
    ),
    *_rows(
        ("ego_still ego",),
        "we are standing still.",
        "we have come to a stop.",
        "we are not moving.",
        "our car is at a standstill.",
    ),
    *_rows(
        ("ego_braking ego",),
        "we are braking.",
        "our car is braking.",
        "we are stepping on the brake.",
    ),
    *_rows(
        ("ego_moving_over ego $side",),
        f"we are moving over to the {_SIDE}.",
        f"our car is moving over to the {_SIDE}.",
        f"we are steering over to the {_SIDE}.",
    ),
    # Others
    *_rows(
        ("entering_lane A $side", "moving A", "distance A ego $distance"),
        f"{{A is|are}} moving into our lane from the {_SIDE}{_AHEAD}.",
        f"from the {_SIDE}, {{A is|are}} coming over into our lane{_AHEAD}.",
        f"{{A is|are}} changing into our lane from the {_SIDE}{_AHEAD}.",
    ),
    *_rows(
        ("oncoming A", "moving A", "distance A ego $distance"),
        f"{{A is|are}} coming towards us{_AWAY}.",
        f"{{A approaches|approach}} from the opposite direction{_AHEAD}.",
        f"coming the other way {{is|are A}}{_AHEAD}.",
        f"from the opposite direction, {{A is|are}} approaching{_AWAY}.",
        f"{{A is|are}} heading our way from the opposite direction{_AWAY}.",
    ),
    *_rows(
        _PARKED,
        f"{{A is|are}} parked on the {_SIDE}{_AWAY}.",
        f"on the {_SIDE}{_AWAY}, {{A stands|stand}} parked.",
        f"parked on the {_SIDE} {{is|are A}}{_AWAY}.",
        f"on the {_SIDE} we see {{A}} parked{_AWAY}.",
        f"{{A stands|stand}} parked along the {_SIDE} of the road{_AWAY}.",
    ),
    *_rows(
        ("roadside A $side",),
        f"{{A lines|line}} the {_SIDE} side of the road.",
        f"{{A stands|stand}} along the {_SIDE} of the road.",
        f"the {_SIDE} side of the road is lined with {{A}}.",
        f"on the {_SIDE} there is a row of {{A}}.",
    ),
    *_rows(
        ("both_sides A",),
        "{A stands|stand} on both sides of the road.",
        "there are {A} on both sides of the road.",
        "on both sides of the road we see {A}.",
    ),
    *_rows(
        ("both_lined A",),
        "{A lines|line} both sides of the road.",
        "both sides of the road are lined with {A}.",
        "{A stands|stand} in rows on both sides of the road.",
    ),
    *_rows(
        ("crossing A $side", *_ACROSS),
        f"{{A is|are}} crossing the road ahead of us from the {_SIDE}{_AWAY}{_BRAKING}.",
        f"ahead of us, {{A is|are}} crossing the road from the {_SIDE}{_AWAY}{_BRAKING}.",
        f"{{A crosses|cross}} the road in front of us, coming from the {_SIDE}{_AWAY}{_BRAKING}.",
        f"{{A is|are}} on the road ahead, crossing from the {_SIDE}{_AWAY}{_BRAKING}.",
    ),
    *_rows(
        ("heading_for_road A $side", *_ACROSS),
        f"{{A is|are}} walking towards the road from the {_SIDE}{_AHEAD}{_BRAKING}.",
        f"from the {_SIDE}, {{A is|are}} heading for the road{_AHEAD}{_BRAKING}.",
        f"{{A walks|walk}} towards the road on the {_SIDE}{_AHEAD}{_BRAKING}.",
        f"on the {_SIDE}, {{A is|are}} walking towards the road{_AHEAD}{_BRAKING}.",
    ),
    *_people("walking", "walks|walk", "moving A", "along"),
    *_people("standing", "stands|stand", "still A", "on"),
    *_people("riding", "rides|ride", "moving A", "along"),
    *_people("waiting", "waits|wait", "still A", "on"),
    # Who hides whom, who is seen by what
    *_rows(
        ("hidden_behind A B", "partly_hidden A"),
        "{A is|are} partly hidden behind {B}.",
        "{B hides|hide} part of {A}.",
        "part of {A} is hidden behind {B}.",
        "{B partly hides|partly hide} {A}.",
        "behind {B}, {A is|are} only partly visible.",
    ),
    *_rows(
        ("unseen A", "lidar_hits A $returns"),
        "the LiDAR also hits {A}, hidden from the camera, with <returns> returns.",
        "out of the camera's sight, {A sends|send} back <returns> LiDAR returns.",
        "{A is|are} hidden from the camera, but <returns> LiDAR returns show (?:it|them).",
        "with <returns> returns, the LiDAR finds {A} that the camera cannot see.",
    ),
    # Things on a table
    *_rows(
        ("at_rest A", "on_top_of A B"),
        "{A rests|rest} on {B}.",
        "on {B} {rests|rest A}.",
        "there {is|are ^A} at rest on {B}.",
        "{A has|have} come to rest on {B}.",
        "{A is|are} at rest on {B}.",
    ),
    *_rows(
        ("on_top_of A B",),
        "{A sits|sit} on top of {B}.",
        "{A is|are} on top of {B}.",
        "on top of {B} {is|are A}.",
        "{B has|have} {A} on top.",
        "on top of {B} we see {A}.",
    ),
    *_rows(
        ("on_top_of A B", "on_top_of B C"),
        "{A sits|sit} on {B}, which in turn sits on {C}.",
        "{A is|are} stacked on {B}, and that on {C}.",
        "on {C} sits {B}, and on that {A}.",
    ),
    *_rows(
        ("across A B C",),
        "one end of {A} rests on {B}, the other on {C}.",
        "{A lies|lie} across from {B} to {C}.",
        "{A bridges|bridge} the gap from {B} to {C}.",
    ),
    *_rows(
        ("inside A B",),
        "{A is|are} in {B}.",
        "in {B} {is|are A}.",
        "{B holds|hold} {A}.",
        "there {is|are ^A} in {B}.",
        "inside {B} we see {A}.",
    ),
    *_rows(
        ("inside A B", "upon C D"),
        "{A is|are} in {B}[, with {C} on {D}].",
        "on {D} {is|are C}, with {A} in {B}.",
        "{D} with {C} on it, and {A} in {B}.",
    ),
    *_rows(
        ("fallen_off A B",),
        "{A has|have} fallen off {B}.",
        "{A is|are} no longer on {B}, having fallen off.",
        "{A has|have} gone over the edge of {B}.",
    ),
    *_rows(
        ("on_shelf A $shelf", "on_shelf B $shelf2"),
        f"on the {_SHELF} {{is|are A}}.",
        f"{{A is|are}} on the {_SHELF}.",
        f"the {_SHELF} holds {{A}}.",
        f"there {{is|are ^A}} on the {_SHELF}.",
        f"on the {_SHELF} we see {{A}}.",
        f"on the {_SHELF} {{is|are A}}, with {{B}} on the {_SHELF_2}.",
        f"{{A is|are}} on the {_SHELF}, with {{B}} on the {_SHELF_2}.",
        f"the {_SHELF} holds {{A}}, the {_SHELF_2} {{B}}.",
        f"there {{is|are ^A}} on the {_SHELF}, with {{B}} on the {_SHELF_2}.",
    ),
    *_rows(
        ("leans_on A B",),
        "{A leans|lean} against {B}.",
        "{A is|are} propped up against {B}.",
        "{A rests|rest} at a slant against {B}.",
        "leaning against {B} {is|are A}.",
    ),
    *_rows(
        ("falling A", "height_above A B $height"),
        "{A is|are} falling, <height> above {B}.",
        "{A is|are} still in the air, <height> above {B}, and falling.",
        "{A is|are} falling towards {B}, <height> above it.",
        "still falling {is|are A}, <height> above {B}.",
    ),
    *_rows(
        ("falling A", "height_above A B $height", "falling C", "height_above C B $height2"),
        "{A is|are} falling, <height> above {B}, and so is {C}, at <height2>.",
        "still falling are {A}, <height> above {B}, and {C}, <height2> above it.",
        "{A is|are} still in the air, <height> above {B}, and {C} is falling too, at <height2>.",
    ),
    *_rows(
        ("airborne A", "height_above A B $height"),
        "{A is|are} in the air, <height> above {B}.",
        "{A hangs|hang} in the air, <height> above {B}.",
        "in the air, <height> above {B}, {is|are A}.",
        "{A is|are} off {B}, <height> above it.",
    ),
    *_rows(
        ("just_landed A B",),
        "{A has|have} just landed on {B}.",
        "{A has|have} just dropped onto {B}.",
        "a moment ago, {A} landed on {B}.",
        "{A has|have} just come down on {B}.",
    ),
    *_rows(
        ("just_landed A B", "inside A B"),
        "{A has|have} just landed in {B}.",
        "{A has|have} just dropped into {B}.",
        "a moment ago, {A} landed in {B}.",
        "{A has|have} just come down in {B}.",
    ),
    *_rows(
        ("just_hit A B",),
        "{A has|have} just hit {B}.",
        "{A has|have} just struck {B}.",
        "a moment ago, {A} struck {B} from above.",
        "{A has|have} just bounced off {B}.",
    ),
    *_rows(
        ("just_bumped A B",),
        "{A has|have} just bumped into {B}.",
        "{A has|have} just knocked into {B}.",
        "a moment ago, {A} bumped into {B}.",
        "{A has|have} just run into {B}.",
    ),
    *_rows(
        ("on_its_side A",),
        "{A lies on its side|lie on their sides}.",
        "{A is lying on its side|are lying on their sides}.",
        "{A rests on its side|rest on their sides}.",
        "lying on its side is {A/s}.",
        "lying on their sides are {A/p}.",
    ),
    *_rows(
        ("stirring A",),
        "{A is|are} still moving.",
        "{A has|have} not come to rest yet.",
        "{A has|have} yet to settle.",
        "we see {A} still moving.",
    ),
    *(
        row
        for predicate, patterns in (
            ("left_of", ("{A is|are} to the left of {B}", "to the left of {B} {is|are A}")),
            ("left_of", ("{A is|are} left of {B}", "to the left of {B} we see {A}")),
            ("right_of", ("{A is|are} to the right of {B}", "to the right of {B} {is|are A}")),
            ("right_of", ("{A is|are} right of {B}", "to the right of {B} we see {A}")),
            ("in_front_of", ("{A is|are} in front of {B}", "in front of {B} {is|are A}")),
            ("in_front_of", ("{A is|are} nearer to the camera than {B}",)),
            ("in_front_of", ("in front of {B} we see {A}",)),
            ("behind", ("{A is|are} behind {B}", "behind {B} {is|are A}")),
            ("behind", ("{A is|are} farther from the camera than {B}",)),
            ("behind", ("behind {B} we see {A}",)),
        )
        for row in _rows((f"{predicate} A B",), *(f"{p}." for p in patterns))
    ),
    *_rows(
        ("upon A B", "falling C", "airborne D"),
        "{A is|are} on {B}[, with {C} falling and {D} in the air].",
        "{A is|are} on {B}, with {C} falling.",
        "{A is|are} on {B}, with {D} in the air.",
        "{A} on {B}[, with {C} falling and {D} in the air].",
        "{A} on {B}, with {C} falling.",
        "{A} on {B}, with {D} in the air.",
        "on {B} {is|are A}[, with {C} falling and {D} in the air].",
        "on {B} {is|are A}, with {C} falling.",
        "on {B} {is|are A}, with {D} in the air.",
        "{B} with {A} on it[, and {C} falling and {D} in the air].",
        "{B} with {A} on it, and {C} falling.",
        "{B} with {A} on it, and {D} in the air.",
    ),
    *_rows(
        ("falling A", "airborne C"),
        "{A is|are} falling towards {B}[, with {C} in the air].",
        "{A falls|fall} towards {B}.",
        "{A drops|drop} towards {B}.",
    ),
    ("{A is|are} in the air above {B}.", ("airborne A",)),
    # Parts under inspection
    *_rows(
        ("defect A $flaw", "defect_size A $flaw", "defect_severity A $flaw"),
        f"{{A has|have}} {FLAW}.",
        f"{{A shows|show}} {FLAW}.",
        f"on {{A}} we find {FLAW}.",
        f"on {{A}} there is {FLAW}.",
    ),
    *_rows(
        ("defect_unseen A $unseen", "defect_unseen A $unseen2"),
        f"{_ONE} of {{A}} is out of view here.",
        f"{_MORE} of {{A}} are out of view here.",
        f"this view does not show (?:{_ONE}|{_MORE_2}) of {{A}}.",
        f"not seen from here is {_ONE} of {{A}}.",
        f"not seen from here are {_MORE} of {{A}}.",
    ),
    *_rows(
        ("defect_free A",),
        "{A has|have} no defect.",
        "{A is|are} free of defects.",
        "there is no defect on {A}.",
    ),
    *_rows(
        ("verdict A =reject",),
        "{A is|are} to be rejected.",
        "{A fails|fail} inspection.",
        "{A does not pass|do not pass} inspection.",
    ),
    *_rows(
        ("verdict A =pass",),
        "{A passes|pass} inspection.",
        "{A is|are} accepted.",
        "{A need not|need not} be rejected.",
    ),
    # Things in the open
    *_rows(
        ("on_ground A $ground", "falling B"),
        f"{{A}}{_STANDING}{_DROPPING}.",
        f"there {{is|are ^A}}{_STANDING}{_DROPPING}.",
        f"we see {{A}}{_STANDING}{_DROPPING}.",
        f"here {{is|are ^A}}{_STANDING}{_DROPPING}.",
        f"{{A}} can be seen on the {_UNDERFOOT}.",
        f"on the {_UNDERFOOT} {{is|are A}}.",
        f"on the {_UNDERFOOT} we see {{A}}.",
        "in view {is|are A}.",
        "there {is|are ^A} in view.",
    ),
    *_rows(
        ("on_top_of A B", "on_ground C $ground", "falling D"),
        f"there {{is|are ^A}} on top of {{B}}{_BESIDES}.",
        f"{{A sits|sit}} on top of {{B}}{_BESIDES}.",
        f"we see {{A}} on top of {{B}}{_BESIDES}.",
    ),
    # Contrasts
    *_rows((), "{A} can be seen.", "{A is|are} in view.", "we see {A}."),
    *_rows(
        ("only A",),
        "nothing but {A} can be seen.",
        "there is nothing but {A} in view.",
        "we see nothing but {A}.",
    ),
    *_rows(
        ("weather $weather", "weather $time"),
        f"(?:outside, )?it is {_A} {_SKY} (?P<time>day|night).",
        "(?:outside, )?it is (?P<time>night).",
        f"the picture was taken on {_A} {_SKY} (?P<time>day|night).",
        "the picture was taken at (?P<time>night).",
    ),
    *_rows(
        ("camera_distance A $distance",),
        "{A is|are} <distance> from the camera.",
        "there {is|are ^A} <distance> from the camera.",
        "the camera is <distance> from {A}.",
    ),
    *_rows(
        ("landed_before A B",),
        "{A} came down before {B}.",
        "{A} landed before {B} did.",
        "first {A} came down, then {B}.",
    ),
    *_rows(
        ("own_side A B $side",),
        f"{{B has|have}} {{A}} (?:on|to) {_OWN} {_SIDE}.",
        f"on {_OWN} {_SIDE}, {{B has|have}} {{A}}.",
    ),
    *_rows(
        ("falling A",),
        "{A is|are} falling.",
        "{A falls|fall}.",
        "we see {A} falling.",
        "{A is|are} in free fall.",
        "{A is|are} still in the air, falling.",
        "still falling {is|are A}.",
        "through the air {falls|fall A}.",
    ),
    *_clips(),
    *ENGLISH,
)

NUMBERS = {
    "distance": r"(?P<distance>1 metre|(?!1 )[0-9]+(?:\.5)? metres)",
    "reach": r"(?P<reach>[0-9]+ metres)",
    "speed": r"(?P<speed>[0-9]+ km/h)",
    "speed2": r"(?P<speed2>[0-9]+ km/h)",
    "speed3": r"(?P<speed3>[0-9]+ km/h)",
    "ttc": r"(?P<ttc>1 second|(?!1 )[0-9]+(?:\.5)? seconds)",
    "height": r"(?P<height>1 centimetre|(?!1 )[0-9]+ centimetres)",
    "height2": r"(?P<height2>1 centimetre|(?!1 )[0-9]+ centimetres)",
    "returns": r"(?P<returns>[0-9]+)",
}
