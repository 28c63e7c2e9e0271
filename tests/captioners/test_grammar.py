"""Every phrasing of every template is a sentence that the verifier's own grammar reads, to the same claims."""

from __future__ import annotations

from importlib.resources import files
from itertools import product

import pytest

from pairforge.captioners.realise import Mention, Mentions, Slot, caption_of, phrasings, realise
from pairforge.datasets.claims_read import read_sentence

ONE, OTHER = Mention("a mug", (1,)), Mention("the table", (2,))
THIRD, MANY = Mention("a ball", (3,)), Mention("two cubes", (4, 5), plural=True)
SOME = (ONE, MANY, Mentions((ONE, MANY)))
STREETS = (
    "a street",
    "a road lined with trees",
    "an overcast motorway",
    "a sunny and wet street lined with trees",
    "an overcast street",
    "a wet street in low sun",
    "a snow-covered street lined with trees in falling snow at twilight",
    "a sunny and snow-covered street",
    "a rainy street at night",
    "a street at night",
)
MAYBE = (None, "14 metres")
_AWAY = {"gap": MAYBE, "who": SOME, "side": ("left", "right")}
_PERSON = {"who": SOME, "ground": (None, "pavement"), "side": (None, "left"), "gap": MAYBE}
_PAIR = {"who": SOME, "other": (OTHER, THIRD)}
_SHORT = {"street": STREETS, "people": (None, ONE, MANY), "parked": (None, MANY)}
_LIT = (
    # day, adjective, mood, after
    ("It is a sunny day on a", "sunny", "in sunshine", ""),
    ("The sun is low over a", "", "in low sun", "in low sun"),
    ("It is a rainy night on a", "rainy", "in rain at night", "at night"),
    ("It is night on a", "", "at night", "at night"),
    ("It is twilight on a dusty", "dusty", "in dusty air at twilight", "at twilight"),
    ("It is a snowy day on a", "", "in falling snow", "in falling snow"),
    ("This is a", "", "", ""),
)
_GROUNDS = (("", ""), ("wet", "wet"), ("covered with snow", "snow-covered"))
_SHELVES = ("top shelf", "second shelf from the bottom")
SLOTS: dict[str, dict[str, tuple[Slot, ...]]] = {
    "closing": {"it": (Mention("it", (1,)),)},
    "closing_soon": {"it": (Mention("it", (1,)),), "ttc": ("1 second", "2.5 seconds")},
    "pulling_away": {"it": (Mention("it", (1,)),)},
    "same_speed": {"it": (Mention("it", (1,)),)},
    "ego": {
        "speed": ("30 km/h",),
        "change": (None, "braking", "accelerating"),
        "turn": (None, "left"),
    },
    "ego_still": {},
    "ego_moving_over": {"side": ("left", "right")},
    "entering_lane": {"who": SOME, "side": ("left", "right"), "gap": MAYBE},
    "lane_clear": {"reach": ("30 metres",)},
    "oncoming": {"who": SOME, "gap": MAYBE},
    "parked": _AWAY,
    "parked_row": {"who": (MANY,), "side": ("left",)},
    "parked_both": {"who": (MANY,)},
    "parked_lines": {"who": (MANY,)},
    "crossing": _AWAY | {"braking": (None, "braking")},
    "heading_for_road": _AWAY | {"braking": (None, "braking")},
    "hidden": {"who": (ONE, MANY), "cover": (OTHER, MANY)},
    "unseen": {"who": (ONE,), "returns": ("12",)},
    "rest": {"things": SOME, "table": (OTHER,)},
    "stacked": {"who": (ONE,), "under": (THIRD,)},
    "leans_on": {"who": (ONE,), "under": (THIRD,)},
    "falling": {"who": (ONE,), "height": ("1 centimetre", "25 centimetres"), "table": (OTHER,)},
    "airborne": {"who": (ONE,), "height": ("1 centimetre", "25 centimetres"), "table": (OTHER,)},
    "falling_two": {
        "who": (ONE,),
        "height": ("25 centimetres",),
        "other": (THIRD,),
        "height2": ("7 centimetres",),
        "table": (OTHER,),
    },
    **{name: {"who": SOME, "other": (OTHER,)} for name in ("just_landed", "just_hit", "just_bumped")},
    **dict.fromkeys(("left_of", "right_of", "in_front_of", "behind"), _PAIR),
    **{name: {"who": SOME} for name in ("stirring", "on_its_side")},
    **{
        f"lead_{how}": {"who": (ONE,), "gap": ("1 metre", "2.5 metres")}
        for how in ("moving", "slowing", "still")
    },
    **{f"{who}_{how}": _PERSON for who in ("pedestrian", "cyclist") for how in ("moving", "still")},
    "table_short": {
        "things": (None, *SOME),
        "falling": (None, THIRD),
        "flying": (None, Mention("a cone", (6,))),
        "table": (OTHER,),
    },
    "scene_short": {
        "things": (None, *SOME),
        "where": (" on the ground", " on the floor", ""),
        "falling": (None, THIRD),
    },
    "scene_short_stack": {
        "who": (ONE,),
        "under": (OTHER,),
        "rest": (None, MANY, THIRD),
        "where": (" on the ground", ""),
        "falling": (None, Mention("a cone", (6,))),
    },
    "on_ground": {"things": SOME, "ground": ("the ground", "the floor")},
    "in_view": {"things": SOME},
    "falling_free": {"who": SOME},
    "inspection_defect": {
        "who": (ONE,),
        "flaw": (
            "a minor scratch, 8 mm long, on the top face near the upper left hole",
            "a critical missing hole on the web in place of window 3",
            "a misprint, 2.5 mm across, on the component side in the logo",
            "a burr on tooth 12",
            "a major chip on a tooth",
        ),
    },
    "inspection_unseen": {"who": (ONE,), "what": ("two defects",), "many": ("two",)},
    **{f"inspection_{how}": {"who": (ONE,)} for how in ("free", "reject", "pass")},
    "inside": {"who": SOME, "vessel": (OTHER,)},
    "across": {"who": (ONE,), "one": (OTHER,), "other": (THIRD,)},
    "tower": {"who": (ONE,), "middle": (OTHER,), "under": (THIRD,)},
    "fallen_off": {"who": SOME, "table": (OTHER,)},
    "shelf_row": {"things": SOME, "shelf": _SHELVES},
    "shelf_short": {"things": SOME, "shelf": _SHELVES, "more": (None, MANY), "other": ("bottom shelf",)},
    "table_short_inside": {"who": SOME, "vessel": (OTHER,), "things": (None, MANY), "table": (THIRD,)},
    "street_short": {**_SHORT, "where": (" on both sides",)},
    "street_short_lead": {
        **_SHORT,
        "lead": (ONE,),
        "doing": ("drives", "stands", "is"),
        "where": (" on the left",),
    },
    "street_short_crossing": {**_SHORT, "who": SOME, "side": ("left",), "where": (" on both sides",)},
    "street": {
        "lined": ("", "trees", "trees and buildings"),
        "place": ("street", "road", "motorway"),
        **dict.fromkeys(("day", "adjective", "mood", "after", "ground", "coat"), ("",)),
    },
}


def _fillings(name: str) -> list[dict[str, Slot]]:
    slots = SLOTS[name]
    made = [dict(zip(slots, values, strict=True)) for values in product(*slots.values())]
    if name == "street":
        made = [
            {**m, "day": d, "adjective": a, "mood": w, "after": n, "ground": g, "coat": c}
            for m in made
            for d, a, w, n in _LIT
            for g, c in _GROUNDS
        ]
    if name == "table_short":
        made = [m for m in made if m["things"] or m["falling"] or m["flying"]]
    if name == "scene_short":
        made = [m for m in made if m["things"] or m["falling"]]
    if name.startswith(("pedestrian", "cyclist")):
        made = [m for m in made if m["ground"] or m["side"]]
    if name == "street_short_crossing":
        made = [m for m in made if m["people"] is None or m["who"] is ONE]
    return made


def test_every_template_is_tried() -> None:
    found = {f.name for f in (files("pairforge.captioners") / "templates").iterdir()}
    assert {f"{name}.j2" for name in SLOTS} == found


@pytest.mark.parametrize("name", SLOTS)
def test_the_grammar_reads_every_phrasing(name: str) -> None:
    claims = set()
    for filled in _fillings(name):
        for template in phrasings(name):
            caption = caption_of("dense", "front", [(realise(template, filled), ())], name)
            spans = [(p.start, p.end) for p in caption.phrases]
            plurals = [len(p.instance_ids) > 1 for p in caption.phrases]
            text = caption.text[:1].lower() + caption.text[1:] if spans and spans[0][0] == 0 else caption.text
            claims.add(frozenset(claim[0] for claim in read_sentence(text, spans, plurals).claims))
    assert all(claims) or name in ("street", "street_short", "scene_short", "in_view")


@pytest.mark.parametrize("name", SLOTS)
def test_phrasings_are_many_and_different(name: str) -> None:
    assert len(phrasings(name)) >= 3
