"""The rows of the schema of facts, plain data: name, group, subjects, arguments, frames, unit, value, sensed,
meaning, description (and the time it spans)."""

from __future__ import annotations

from typing import Any

_LEFT_RIGHT = ("left", "right")
_WORLD, _EGO, _VIEWER, _NONE, _OWN = ("world",), ("ego",), ("viewer",), ("",), ("intrinsic",)
UNITS_BY_ARGUMENT = ("mm/h", "1/m", "share", "rad", "m/s", "m", "s", "")
"""Of "weather" and "place", whose unit depends on the word."""
STATES = ("green", "yellow", "red", "red_yellow")
COMPASS = (
    *("ahead", "ahead on the left", "left", "behind on the left"),
    *("behind", "behind on the right", "right", "ahead on the right"),
)

_THINGS: tuple[tuple[Any, ...], ...] = (
    ("category", "attribute", ("thing",), None, _NONE, "", "none", False, "",
     "a word for it: its noun, or its class"),
    ("colour", "attribute", ("thing",), None, _NONE, "Oklab", "most", False, "distance to the palette's colour",
     "the name is the nearest of the palette"),
    ("material", "attribute", ("thing",), None, _NONE, "", "none", False, "", "of objects and tables"),
    ("visible", "existence", ("thing",), (), _NONE, "px", "least", True, "pixels of the mask",
     "at least 40, and at least 15 % of the thing shows"),
    ("scenery", "existence", ("things…",), ("trees", "buildings"), _NONE, "", "least", True, "how many",
     "at least 3 of 150 px or more"),
    ("count", "count", ("things…",), None, _NONE, "", "least", True, "things in view",
     "exact; \"quality|word\", quality a colour, \"parked\" or nothing"),
    ("at_least", "count", ("things…",), None, _NONE, "", "least", True, "things in view",
     "as count, when one more of the kind shows 12 px or more but too little to be named"),
)  # fmt: skip

_SEEN: tuple[tuple[Any, ...], ...] = (
    ("partly_hidden", "visibility", ("thing",), (), _NONE, "share", "least", True, "1 - mask / solo pixels",
     "at least 0.30"),
    ("hidden_behind", "visibility", ("thing", "cover"), (), _NONE, "share", "least", True,
     "share of the cover among neighbouring pixels nearer by 0.1 m + 2 %", "at least 0.60 of 8 or more pairs"),
    ("cut_off", "visibility", ("thing",), _LEFT_RIGHT, _VIEWER, "share", "least", True,
     "truncation of the full box", "at least 0.15, over one side edge"),
    ("lidar_hits", "visibility", ("thing",), (), _NONE, "returns", "least", True, "returns of one LiDAR",
     "at least 5, ghosts and stray light left out"),
    ("unseen", "visibility", ("thing",), (), _NONE, "share", "least", True,
     "share of 27 box points behind the camera's depth", "at least 0.80, no pixel shows, all points in the image"),
    ("side", "relation", ("thing",), _LEFT_RIGHT, _VIEWER, "image width", "either", True,
     "mean mask column / width", "at most 0.38 / at least 0.62"),
    ("left_of", "relation", ("thing", "other"), (), _VIEWER, "px", "least", True,
     "difference of mean mask columns", "at least 6 % of the width and half the narrower mask"),
    ("right_of", "relation", ("thing", "other"), (), _VIEWER, "px", "least", True,
     "difference of mean mask columns", "as left_of"),
    ("in_front_of", "relation", ("thing", "other"), (), _VIEWER, "m", "least", True,
     "difference of depth along the level view",
     "half both extents + 5 % of the nearer; never of a thing with a front of its own; of fisheyes and panoramas "
     "both within 60 degrees of the view (sides: 120)"),
    ("behind", "relation", ("thing", "other"), (), _VIEWER, "m", "least", True,
     "difference of depth along the level view", "as in_front_of"),
    ("nearest", "relation", ("thing",), None, ("viewer", "ego"), "m", "least", True, "lead over the runner-up",
     "of a noun: at least 1 m (road) or 4 cm (table) and 10 %"),
    ("largest", "relation", ("thing",), None, _NONE, "ratio", "least", True, "ratio of largest extents",
     "of a noun: at least 1.25"),
)  # fmt: skip

_ROAD: tuple[tuple[Any, ...], ...] = (
    ("distance", "distance", ("thing", "ego"), None, _EGO, "m", "rounded", False,
     "metres between the two outlines on the ground", "rounded to 0.5 m below 3 m, 1 m below 30 m, else 5 m"),
    ("closing", "distance", ("lead", "ego"), (), _EGO, "m/s", "least", False, "relative speed along the ego's axis",
     "at least 0.5 m/s"),
    ("pulling_away", "distance", ("lead", "ego"), (), _EGO, "m/s", "least", False,
     "relative speed along the ego's axis", "at least 0.5 m/s the other way"),
    ("same_speed", "distance", ("lead", "ego"), (), _EGO, "m/s", "most",
     False, "relative speed along the ego's axis",
     "at most 0.3 m/s, both moving"),
    ("time_to_collision", "distance", ("lead", "ego"), None, _EGO, "s", "rounded", False, "gap / closing speed",
     "closing, at most 15 s; rounded to 0.5 s below 5 s, else 1 s"),
    ("still", "motion", ("thing",), (), _WORLD, "m/s", "most", False, "ground speed", "at most 0.15 m/s"),
    ("moving", "motion", ("thing",), (), _WORLD, "m/s", "least", False, "ground speed", "at least 0.70 m/s"),
    ("speed", "motion", ("thing",), None, _WORLD, "km/h", "rounded", False, "ground speed", "moving; rounded to 1"),
    ("slowing", "motion", ("lead",), (), _WORLD, "m/s^2", "least", False,
     "second difference of the track over 0.2 s, along the heading", "at least 0.7 downwards, moving"),
    ("ego_still", "motion", ("ego",), (), _WORLD, "m/s", "most", False, "ground speed", "at most 0.15 m/s"),
    ("ego_speed", "motion", ("ego",), None, _WORLD, "km/h", "rounded", False, "ground speed",
     "moving; rounded to 1"),
    ("ego_accelerating", "motion", ("ego",), (), _WORLD, "m/s^2", "least", False, "as slowing",
     "at least 0.5, without the brake"),
    ("ego_braking", "motion", ("ego",), (), _WORLD, "m/s^2", "least", False, "as slowing",
     "at least 0.7, brake pedal at 0.05 or more"),
    ("ego_turning", "motion", ("ego",), _LEFT_RIGHT, _EGO, "rad/s", "least", False, "yaw rate",
     "at least 0.06, where the lane turns at least half as fast"),
    ("ego_moving_over", "motion", ("ego",), _LEFT_RIGHT, _EGO, "m/s", "least", False,
     "our speed across the nearest lane, driving along it", "at least 0.5 m/s, turning at most 0.25 rad/s"),
    ("ego_next", "motion", ("ego",), ("stop", "set_off", "slow", "speed_up", "keep"), _WORLD, "m/s", "either", False,
     "speed 2 s on (stop, set_off), else its change",
     "moving now, at most 0.15 m/s then; still now, at least 0.70 then; 1.5 less; 1.5 more; at most 0.5 apart",
     "after"),
    ("ego_next_speed", "motion", ("ego",), None, _WORLD, "km/h", "rounded", False, "speed 2 s on",
     "of slow, speed_up and set_off; rounded to 1", "after"),
    ("ego_next_turn", "motion", ("ego",), _LEFT_RIGHT, _EGO, "rad", "least", False, "turn within 2 s",
     "at least 0.26", "after"),
    ("entering_lane", "motion", ("thing",), _LEFT_RIGHT, _EGO, "m/s", "least", False,
     "its speed towards the middle of our lane",
     "at least 0.5 m/s, ahead, along our lane, its middle outside ours by 0.4 m less than the edge but within 1.2 "
     "lane widths"),
    ("roadside", "relation", ("thing",), _LEFT_RIGHT, _EGO, "m", "least", False, "metres beside the ego's axis",
     "at least 1.5, ahead"),
    ("parked", "traffic", ("thing",), (), _WORLD, "m", "least", False, "metres outside every driving lane",
     "above 0, a still vehicle"),
    ("same_lane_ahead", "traffic", ("thing",), (), _EGO, "m", "most", False,
     "metres beside the ego lane's centre", "at most half the width - 0.4, ahead, heading along it"),
    ("lead", "traffic", ("thing",), (), _EGO, "m", "bare", False, "gap", "the nearest in our lane ahead"),
    ("lane_clear", "traffic", ("ego",), ("30",), _EGO, "m", "least", False, "metres to the first box in the lane",
     "at least 30"),
    ("oncoming", "traffic", ("thing",), (), _EGO, "cosine", "least", False, "- cosine of the headings",
     "at least 0.9, moving, ahead"),
    ("crossing", "traffic", ("walker",), _LEFT_RIGHT, _EGO, "m", "least", False, "metres inside the lanes",
     "at least 0.1, a person or an animal ahead, moving, at most 0.5 of the way along the road; from this side"),
    ("heading_for_road", "traffic", ("walker",), _LEFT_RIGHT, _EGO, "m", "most", False, "metres outside the lanes",
     "0.1 to 5, else as crossing, walking towards them"),
    ("place", "traffic", (), ("motorway", "street", "road"), _WORLD, "of the argument", "least", False,
     "speed limit, buildings, lanes",
     "motorway: the ego's lane is a fast one of several that none faces; street: 3 buildings; else road"),
)  # fmt: skip

_SMALL: tuple[tuple[Any, ...], ...] = (
    ("falling", "motion", ("thing",), (), _WORLD, "m/s", "least", False, "downward speed",
     "at least 0.5, no contact"),
    ("stirring", "motion", ("thing",), (), _WORLD, "m/s", "least", False, "speed", "at least 0.1, in contact"),
    ("at_rest", "motion", ("thing",), (), _WORLD, "m/s", "most", False, "speed", "at most 0.02, in contact"),
    ("airborne", "support", ("thing",), (), _WORLD, "cm", "least", False, "centimetres above the table",
     "at least 2, nothing touched"),
    ("height_above", "distance", ("thing", "table"), None, _WORLD, "cm", "rounded", False, "height above its top",
     "rounded to 1 below 20, else 5"),
    ("leans_on", "support", ("thing", "other"), (), _WORLD, "deg", "least", False, "tilt of a flat-faced thing",
     "8 to 65, touching it and something else, at most 0.1 m/s"),
    ("on_top_of", "support", ("thing", "other"), (), _WORLD, "m", "most", False,
     "how far its lowest corner is below the other's top",
     "in contact, centre above, at most 2 cm or a quarter of its height"),
    ("on_ground", "support", ("thing",), ("ground", "floor"), _WORLD, "m", "most", True,
     "height of the lowest corner above 0",
     "at most 2 cm, or a quarter of its height where it touches the static world; else fixed. No people or "
     "vehicles; a floor where 150 px of wall show"),
    ("stands_on", "support", ("thing",), ("road", "pavement"), _NONE, "share", "least", True,
     "share of that class in 3 rows of pixels under the feet", "at least 0.60"),
    ("upon", "support", ("thing", "table"), (), _WORLD, "m", "least", False,
     "height of the centre above the table's top",
     "joined to it by contacts, maybe through other things, the centre over its top"),
    ("inside", "support", ("thing", "vessel"), (), _WORLD, "m", "least", False,
     "metres from the vessel's rim down to its lowest corner",
     "at least 0.3 of the lesser height; the vessel upright, the centre within an ellipse of 0.45 of its length "
     "and width, joined to it by contacts, touching no table, shelf or static thing itself"),
    ("on_shelf", "support", ("thing",), None, _WORLD, "m", "least",
     False, "height of the centre above the board's top",
     "joined to that one of several shelves above each other, the centre over it"),
    ("across", "support", ("thing", "bearer", "bearer"), (), _WORLD, "share", "least", False,
     "the nearer bearer's distance from its middle along it, by its length",
     "at least 0.15 on either side; touching both, its lowest corner at most 2 cm (or 0.75 of its height) below "
     "their tops"),
    ("fallen_off", "event", ("thing", "table"), (), _WORLD, "m", "least", False,
     "metres from its highest corner up to the table's top", "at least 0.05; touched it before, not now"),
    ("on_its_side", "support", ("thing",), (), _WORLD, "deg", "least", False, "tilt of the up axis",
     "at least 65 from up and down, resting"),
    *((name, "event", ("striker", "struck"), (), _WORLD, "m/s", "least", False,
       "speed at which they closed, over 20 ms that end 5 ms before the contact", how, True) for name, how in (
        ("just_landed", "a contact of 0.2 N or more began in the last 0.4 s, apart before; the first the faster "
        "by 0.1 m/s, 0.3 m/s from above (0.7 of the speed downwards, higher), and touches still"),
        ("just_hit", "as just_landed, off again"),
        ("just_bumped", "the same from the side (at most 0.5 of the speed downwards), at 0.15 m/s"))),
)  # fmt: skip

_SKY_AND_PARTS: tuple[tuple[Any, ...], ...] = (
    ("weather", "weather", (), ("rainy", "snowy", "foggy", "dusty", "sunny", "low sun", "cloudy", "overcast",
     "night",
     "twilight", "wet", "snow-covered"), _WORLD, "of the argument", "either", False,
     "rain, snow, fog, dust, clouds, sun, wetness, snow cover",
     "rainy from 1 mm/h, snowy from 0.3 mm/h, foggy and dusty from 0.01 /m, the first of these; where none is "
     "above 0.2, 0.05 mm/h and 0.004 /m and the sun is up: sunny at most 0.35 cloud, strong sun above 15 degrees; "
     "low sun the same at most 11.5; cloudy 0.42 to 0.58; overcast from 0.65. Night: sun at least 9.2 degrees "
     "down; twilight 1.1 to 6.9 (dusk and dawn look alike). Wet from 0.5 where at most 0.2 is snow; snow-covered "
     "from 0.5"),
    ("defect", "inspection", ("part",), None, _NONE, "px", "least", True, "pixels",
     "see [inspection](inspection.md)"),
    ("defect_size", "inspection", ("part",), None, _NONE, "mm", "most", True, "measured - spoken",
     "see [inspection](inspection.md)"),
    ("defect_unseen", "inspection", ("part",), None, _NONE, "", "least", True, "how many", "at least 1"),
    ("defect_severity", "inspection", ("part",), None, _NONE, "mm", "either", False, "recorded size",
     "by the rule"),
    ("defect_free", "inspection", ("part",), (), _NONE, "", "most", False, "how many", "none"),
    ("verdict", "inspection", ("part",), ("pass", "reject"), _NONE, "", "either", False, "points", "reject from 3"),
)  # fmt: skip

_FRAMES: tuple[tuple[Any, ...], ...] = (
    ("bearing", "relation", ("thing", "ego"), COMPASS, _EGO, "deg", "most", False,
     "degrees off the middle of that eighth of the ego's compass", "at most 15; road users and animals"),
    ("closing_speed", "distance", ("thing", "ego"), None, _EGO, "km/h", "rounded", False,
     "how fast the way between the two centres grows shorter", "at least 0.5 m/s; rounded to 1"),
    *((name, "relation", ("thing", "other"), (), _OWN, "deg", "most", False,
       f"degrees off the middle of the other's own {side}",
       "at most 40, all its outline 0.1 m or more beyond the other's, at most 20 m away; of a thing with a front")
      for name, side in (("ahead_of", "front"), ("to_rear_of", "rear"), ("on_left_of", "left"),
                         ("on_right_of", "right"))),
    *((name, "relation", ("thing", "other"), ("ahead_of", "to_rear_of", "on_left_of", "on_right_of"), _VIEWER,
       "ratio", "least", True, "the viewer's difference by its threshold", how) for name, how in (
        ("same_in_view", "that intrinsic fact holds, and for this camera's viewer it is before, behind, left or "
        "right of it in the same sense"),
        ("opposite_in_view", "the viewer would say the opposite: name the sense, or say nothing"))),
)  # fmt: skip

_RULES: tuple[tuple[Any, ...], ...] = (
    ("in_lane", "traffic", ("thing", "ego"), ("ours", "left", "right", "oncoming"), _EGO, "m", "most", False,
     "metres off its lane's centre",
     "at most half the width - 0.4; ours, the next one of our direction 0.6 to 1.4 widths beside (cosine 0.9), or "
     "one of the other direction 0.6 to 3.5 widths to the left; all lanes that hold it and all our ways agree"),
    ("wrong_way", "traffic", ("thing",), (), _WORLD, "cosine", "least", False,
     "- cosine of its velocity and its lane", "at least 0.9 in every lane that holds it, moving; the ego too"),
    ("stalled", "traffic", ("thing",), (), _WORLD, "m", "most", False, "metres that its whole track spans",
     "at most 0.1, a vehicle in a lane, no line within 30 m and nobody within 15 m ahead of it in that lane"),
    ("cones_ahead", "traffic", ("cones…",), (), _EGO, "", "least", True, "how many in view",
     "at least 3 in our lane within 60 m, whichever way"),
    ("speed_limit", "traffic", ("ego",), None, _WORLD, "km/h", "rounded", False, "the limit of our lane",
     "rounded to 5"),
    ("over_limit", "traffic", ("thing",), (), _WORLD, "km/h", "least", False, "ground speed - limit",
     "at least 3, a vehicle; the ego too"),
    ("within_limit", "traffic", ("ego",), (), _WORLD, "km/h", "most", False, "ground speed - limit",
     "at most 0, moving"),
    ("on_crossing", "traffic", ("person",), (), _WORLD, "m", "least", False, "metres inside a lane",
     "at least 0.1, on foot where a crossing is marked"),
    ("at_crossing", "traffic", ("person",), (), _WORLD, "m", "most", False, "metres to that lane's edge",
     "at most 2.5, outside all lanes, where a crossing is marked"),
    ("signal_shows", "traffic", ("light",), STATES, _NONE, "px", "least", True, "pixels of its lit lamp (the lesser)",
     "at least 4, no other lamp shows, no change within 0.1 s"),
    ("signal_state", "traffic", ("light", "ego"), (*STATES, "off"), _EGO, "s", "least", False,
     "seconds to the nearest change", "at least 0.1; the light that rules our lane within 60 m, on all our ways"),
    ("stop_line", "traffic", ("ego",), None, _EGO, "m", "rounded", False, "metres from our front to the line",
     "at most 60, of a light, a stop sign or a junction; rounded as distance"),
    ("must_stop", "traffic", ("ego",), (), _EGO, "m", "most", False, "metres from our front to the line",
     "at most 60, a stop sign, no light that works"),
    ("waits_at_red", "traffic", ("thing", "light"), (), _WORLD, "m", "most", False,
     "metres from its front to the line", "at most 5, still, the light of its lane red or red-yellow; the ego too"),
    ("must_yield_to", "traffic", ("thing", "other"), (), _WORLD, "m", "most", False,
     "metres from its front to the junction",
     "at most 60; the lane that it takes yields to the other's, for all that either may take; they have not met "
     "yet, no red light holds either; one of the two is the ego"),
)  # fmt: skip

_EVENTS: tuple[tuple[Any, ...], ...] = (
    ("under_way", "event", ("whoever…",), None, _WORLD, "s", "least", False, "seconds since it began",
     "a happening of these subjects that has begun and not ended, \"kind\" or \"kind|argument\"; the first is the "
     "ego, or seen or hit", True),
    ("caused_by", "cause", ("whoever", "cause"), None, _WORLD, "of the argument", "most", False,
     "the effect's measure when simulated again without the cause",
     "below what makes it that kind of happening; \"braking|crossing_road\": the effect, under way or ended "
     "within 2 s, and what of the cause it was, or \"presence\"; both the ego, seen or hit", True),
    ("just_ended", "event", ("whoever…",), None, _WORLD, "s", "most", False, "seconds since it ended",
     "at most 2, else as under_way", True),
    ("happened", "event", ("whoever…",), None, _WORLD, "s", "least", False, "seconds since it began",
     "at the last keyframe of several: a happening that has begun, the only one of its kind, argument and "
     "subjects; the first is the ego, or seen or hit", True),
    ("happened_when", "event", ("whoever…",), None, _WORLD, "share", "either", False,
     "the middle of it (a blow: when it falls), as a share of the clip",
     "as happened; at most 0.25 (@start), at least 0.75 (@end)", True),
)  # fmt: skip

ROWS = (*_THINGS, *_SEEN, *_ROAD, *_SMALL, *_SKY_AND_PARTS, *_FRAMES, *_RULES, *_EVENTS)
