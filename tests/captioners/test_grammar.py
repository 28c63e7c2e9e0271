"""Every phrasing of every template is a sentence that the verifier's own grammar reads, to the same claims."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from itertools import product

import pytest

from pairforge.captioners.meanings import Flaw, Measure, Mention, Mentions, Slot, Street
from pairforge.captioners.realise import caption_of, phrasings, realise
from pairforge.datasets.readers.english import EnglishReader
from pairforge.datasets.readers.patterns import Grammar
from pairforge.datasets.readers.protocol import UnreadableError

ONE = Mention((1,), form="a", word="mug")
OTHER = Mention((2,), form="the", word="table")
THIRD, CONE = Mention((3,), form="a", word="ball"), Mention((6,), form="a", word="cone")
MANY = Mention((4, 5), form="count", word="cube")
IT = Mention((1,), form="it", word="mug")
SOME = (ONE, MANY, Mentions((ONE, MANY)))
SKIES = (
    ("sunny", ""),
    ("low sun", ""),
    ("overcast", ""),
    ("rainy", "night"),
    ("", "night"),
    ("dusty", "twilight"),
    ("snowy", ""),
    ("", ""),
)
STREETS = tuple(
    Street(weather, time, ground, lined, place)
    for weather, time in SKIES
    for ground in ("", "wet", "snow-covered")
    for lined, place in (((), "street"), (("trees",), "road"), (("trees", "buildings"), "motorway"))
)
MAYBE = (None, Measure("14", "m"))
_AWAY = {"gap": MAYBE, "who": SOME, "side": ("left", "right")}
_PERSON = {"who": SOME, "ground": (None, "pavement"), "side": (None, "left"), "gap": MAYBE}
_PAIR = {"who": SOME, "other": (OTHER, THIRD)}
_SHORT = {"street": STREETS[::5], "people": (None, ONE, MANY), "parked": (None, MANY)}
WHEN = (None, "start", "end")
_SHELVES = ("top shelf", "second shelf from the bottom")
SLOTS: dict[str, dict[str, tuple[Slot, ...]]] = {
    "closing": {"it": (IT,)},
    "closing_soon": {"it": (IT,), "ttc": (Measure("1", "s"), Measure("2.5", "s"))},
    "pulling_away": {"it": (IT,)},
    "same_speed": {"it": (IT,)},
    "ego": {
        "speed": (Measure("30", "km/h"),),
        "change": (None, "braking", "accelerating"),
        "turn": (None, "left"),
    },
    **{
        f"clip_{kind}": {"who": (None, ONE), "side": ("left",), "when": WHEN}
        for kind in (
            *("braking", "speeding_up", "stopping", "starting", "falling", "rolling", "coming_to_rest"),
            *("crossing_road", "turning", "lane_change"),
        )
    },
    **{
        f"clip_{kind}": {"who": (None, ONE), "other": (OTHER,), "when": WHEN}
        for kind in ("overtaking", "passing_by", "landing", "hitting", "ran_red")
    },
    **{
        f"clip_{kind}": {"who": (ONE,), "other": (OTHER,), "when": WHEN}
        for kind in ("picked_up", "held", "released", "landing_in")
    },
    "clip_cutting_in": {"who": (ONE,), "side": ("left", "right"), "when": WHEN},
    "ego_still": {},
    "next": {
        "what": (None, "stop", "set_off", "slow", "speed_up", "keep"),
        "speed": (Measure("12", "km/h"),),
        "turn": (None, "left"),
    },
    "why": {
        "what": ("braking", "stopping", "lane_change", "moving_over"),
        "side": (None, "left"),
        "ongoing": (None, "yes"),
        "now": (None, "yes"),
        "who": (ONE,),
        "act": (
            "presence",
            "crossing_road",
            "cutting_in",
            "ran_red",
            "braking",
            "stopping",
            "starting",
            "turning",
        ),
    },
    "region": {
        "who": (ONE, MANY),
        "side": (None, "left"),
        "gap": MAYBE,
        "cover": (None, OTHER),
        "cut": (None, "right"),
    },
    "ego_braking": {},
    "ego_moving_over": {"side": ("left", "right")},
    "signal": {"who": (ONE,), "state": ("red", "yellow", "green", "red_yellow")},
    "waits_at_red": {"who": (None, ONE), "other": (OTHER,)},
    **{kind: {"who": (ONE,)} for kind in ("wrong_way", "stalled", "give_way", "gives_way", "on_crossing")},
    "holding": {"who": (ONE,), "other": (OTHER,)},
    "entering_lane": {"who": SOME, "side": ("left", "right"), "gap": MAYBE},
    "lane_clear": {"reach": (Measure("30", "m"),)},
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
    "falling": {"who": (ONE,), "height": (Measure("1", "cm"), Measure("25", "cm")), "table": (OTHER,)},
    "airborne": {"who": (ONE,), "height": (Measure("1", "cm"), Measure("25", "cm")), "table": (OTHER,)},
    "falling_two": {
        "who": (ONE,),
        "height": (Measure("25", "cm"),),
        "other": (THIRD,),
        "height2": (Measure("7", "cm"),),
        "table": (OTHER,),
    },
    **{
        name: {"who": SOME, "other": (OTHER,)}
        for name in ("just_landed", "just_landed_in", "just_hit", "just_bumped")
    },
    **dict.fromkeys(("left_of", "right_of", "in_front_of", "behind"), _PAIR),
    **{name: {"who": SOME} for name in ("stirring", "on_its_side")},
    **{
        f"lead_{how}": {"who": (ONE,), "gap": (Measure("1", "m"), Measure("2.5", "m"))}
        for how in ("moving", "slowing", "still")
    },
    **{f"{who}_{how}": _PERSON for who in ("pedestrian", "cyclist") for how in ("moving", "still")},
    "table_short": {
        "things": (None, *SOME),
        "falling": (None, THIRD),
        "flying": (None, CONE),
        "table": (OTHER,),
    },
    "scene_short": {
        "things": (None, *SOME),
        "ground": ("ground", "floor", None),
        "falling": (None, THIRD),
    },
    "scene_short_stack": {
        "who": (ONE,),
        "under": (OTHER,),
        "rest": (None, MANY, THIRD),
        "ground": ("ground", None),
        "falling": (None, CONE),
    },
    "on_ground": {"things": SOME, "ground": ("ground", "floor")},
    "in_view": {"things": SOME},
    "falling_free": {"who": SOME},
    "inspection_defect": {
        "who": (ONE,),
        "flaw": (
            Flaw("scratch", "top face", "upper left hole", "8", "minor"),
            Flaw("missing_hole", "web", "window 3", "", "critical"),
            Flaw("misprint", "component side", "logo", "2.5"),
            Flaw("burr", "tooth", "tooth 12"),
            Flaw("chip", "tooth", "", "", "major"),
        ),
    },
    "inspection_unseen": {"who": (ONE,), "count": (1, 2)},
    **{f"inspection_{how}": {"who": (ONE,)} for how in ("free", "reject", "pass")},
    "inside": {"who": SOME, "vessel": (OTHER,)},
    "across": {"who": (ONE,), "one": (OTHER,), "other": (THIRD,)},
    "tower": {"who": (ONE,), "middle": (OTHER,), "under": (THIRD,)},
    "fallen_off": {"who": SOME, "table": (OTHER,)},
    "shelf_row": {"things": SOME, "shelf": _SHELVES},
    "shelf_short": {"things": SOME, "shelf": _SHELVES, "more": (None, MANY), "other": ("bottom shelf",)},
    "table_short_inside": {"who": SOME, "vessel": (OTHER,), "things": (None, MANY), "table": (THIRD,)},
    "street_short": {**_SHORT, "where": ("both",)},
    "street_short_lead": {
        **_SHORT,
        "lead": (ONE,),
        "doing": ("moving", "still", None),
        "where": ("left",),
    },
    "street_short_crossing": {**_SHORT, "who": SOME, "side": ("left",), "where": ("both",)},
    "street": {"street": STREETS},
    "presence": {"thing": (*SOME[:2], Mention((0,), form="none", word="mug"))},
    "nothing_but": {"things": SOME},
    "weather": {"time": ("day", "night"), "weather": ("sunny", "foggy", "overcast", "rainy", None)},
    "camera_distance": {"who": SOME, "gap": (Measure("1", "m"), Measure("2.5", "m"))},
    "landed_before": {"first": (ONE,), "second": (THIRD,)},
    "own_side": {
        "whose": (OTHER, Mention((7,), form="a", word="pedestrian")),
        "who": SOME,
        "side": ("left", "right"),
    },
}


def _fillings(name: str) -> list[dict[str, Slot]]:
    slots = SLOTS[name]
    made = [dict(zip(slots, values, strict=True)) for values in product(*slots.values())]
    if name == "why":
        made = [m for m in made if (m["side"] is None) == (m["what"] in ("braking", "stopping"))]
        made = [m for m in made if m["ongoing"] or not m["now"]]
    if name == "next":
        made = [m for m in made if m["what"] or m["turn"]]
    if name == "table_short":
        made = [m for m in made if m["things"] or m["falling"] or m["flying"]]
    if name == "scene_short":
        made = [m for m in made if m["things"] or m["falling"]]
    if name.startswith(("pedestrian", "cyclist")):
        made = [m for m in made if m["ground"] or m["side"]]
    if name == "weather":
        made = [m for m in made if m["weather"] or m["time"] == "night"]
    if name == "street_short_crossing":
        made = [m for m in made if m["people"] is None or m["who"] is ONE]
    return made


def grammar_of(code: str) -> Grammar:
    module = import_module(f"pairforge.datasets.readers.{code}")
    (grammar,) = (v for v in vars(module).values() if isinstance(v, Grammar))
    return grammar


def test_every_template_is_tried() -> None:
    found = {f.name for f in (files("pairforge.captioners") / "templates" / "en").iterdir()}
    assert {f"{name}.j2" for name in SLOTS} | {"tags.j2"} == found  # tags are no sentences


@pytest.mark.parametrize("name", SLOTS)
def test_the_grammar_reads_every_phrasing(name: str) -> None:
    claims = set()
    for filled in _fillings(name):
        read = set()
        for template in phrasings(name):
            caption = caption_of("dense", "front", [(realise(template, filled), ())], name)
            spans = [(p.start, p.end) for p in caption.phrases]
            features = ["pm" if len(p.instance_ids) > 1 else "so" for p in caption.phrases]
            text = caption.text[:1].lower() + caption.text[1:] if spans and spans[0][0] == 0 else caption.text
            said = grammar_of("english").read(text, spans, features).claims
            read.add(frozenset((predicate, argument) for predicate, _, argument in said))
        assert len(read) == 1, f"one meaning, read as {read}"
        claims |= read
    assert all(claims) or name in ("street", "street_short", "scene_short", "in_view", "presence", "region")


def test_tags_are_read_one_by_one() -> None:
    tags = Mentions((Mention((1, 2), form="tag", word="van"), Mention((3,), form="tag", word="SUV")))
    told = set()
    for street in (None, *STREETS):
        for template in phrasings("tags"):
            caption = caption_of(
                "tags", "front", [(realise(template, {"things": tags, "street": street}), ())], ""
            )
            spans = [(p.start, p.end) for p in caption.phrases]
            nouns, sentence = EnglishReader().read(caption.text, spans, frozenset({"van", "SUV"}))
            assert {(n.start, n.word) for n in nouns} == {("tag", "van"), ("tag", "SUV")}
            said = [argument for _, _, argument in sentence.claims]
            assert said == ([] if street is None else [w for w in _words(street) if w])
            told.add(caption.text)
    assert "van, SUV, street, low sun" in told


def _words(street: Street) -> tuple[str, ...]:
    return (street.place, street.weather, street.time, street.ground, *street.lined)


@pytest.mark.parametrize("text", ["van, van", "van,SUV", "van, ", "lorry", "van. SUV", "van, blue"])
def test_what_is_no_row_of_tags_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        EnglishReader().read(text, [(0, 3)] if text.startswith("van") else [], frozenset({"van"}))


@pytest.mark.parametrize("name", SLOTS)
def test_phrasings_are_many_and_different(name: str) -> None:
    assert len(phrasings(name)) >= 3


@pytest.mark.parametrize("code", ["english", "german", "spanish", "chinese"])
def test_no_sentence_is_in_the_grammar_twice_with_two_meanings(code: str) -> None:
    # "A robot arm holds a box" once read back as a box inside a robot arm.
    meant: dict[str, tuple[str, ...]] = {}
    for pattern, claims in grammar_of(code)._rows:
        assert meant.setdefault(pattern.pattern, claims) == claims, pattern.pattern
    assert len(meant) > 200
