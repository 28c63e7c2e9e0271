"""What is in a vessel, on a shelf, across a gap or off the table, on scenes whose truth is plain arithmetic."""

from __future__ import annotations

from dataclasses import replace

import inflect
import pytest

from pairforge.captioners.caption import write
from pairforge.captioners.facts_rooms import shelf_words
from pairforge.captioners.nouns import STANDING, VESSELS, article, plural
from pairforge.datasets.claims import prove
from pairforge.datasets.claims_words import HOLLOW, WITH_BASE, plural_of, takes_an
from pairforge.sample import Contact, Fact, Keyframe, SceneRecord
from pairforge.scenes.families import family, names
from pairforge.seeding import Stream
from tests.captioners.hand_made import NOW_NS, TABLE_TOP_M, HandScene, Thing, on_table, outdoors, tabletop
from tests.captioners.random_scenes import told

SOON_NS = NOW_NS + 100_000_000


def touch(a: int, b: int, until_ns: int = SOON_NS) -> Contact:
    return Contact(a, b, 0, until_ns, 2.0)


def said(
    scene: HandScene, seed: int = 1
) -> tuple[Keyframe, SceneRecord, dict[str, list[Fact]], dict[str, str]]:
    frame, record = told(scene, seed)
    assert [str(f) for f in prove(frame, record)] == []
    found: dict[str, list[Fact]] = {}
    for fact in frame.facts:
        found.setdefault(fact.predicate, []).append(fact)
    return frame, record, found, {c.kind: c.text.lower() for c in frame.captions}


def bowl_and_fruit(
    lift_m: float = 0.02, y_m: float = 0.0, by: tuple[Contact, ...] = (touch(2, 3),)
) -> HandScene:
    """A bowl (2) 20 cm wide and 7 high, and an orange (3) of 8 cm ``lift_m`` above the table."""
    z = TABLE_TOP_M
    bowl = Thing("bowl", "object", (0.0, 0.0, z + 0.035), (0.20, 0.20, 0.07), "blue", "ceramic")
    orange = Thing("orange", "object", (0.0, y_m, z + lift_m + 0.04), (0.08, 0.08, 0.08))
    return tabletop([bowl, orange], contacts=by)


@pytest.mark.parametrize("seed", range(6))
def test_an_orange_in_a_bowl_is_in_it_in_every_phrasing(seed: int) -> None:
    _, _, found, texts = said(bowl_and_fruit(), seed)
    (fact,) = found["inside"]
    assert fact.subjects == (3, 2)
    assert fact.value == pytest.approx(0.05)
    assert fact.threshold == pytest.approx(0.3 * 0.07)
    for text in texts.values():
        assert "an orange" in text
        assert "a blue bowl" in text or "the bowl" in text
    assert "on top of" not in texts["dense"]


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        (bowl_and_fruit(lift_m=0.055), "it lies on the rim"),
        (bowl_and_fruit(y_m=0.16), "it lies beside it"),
        (bowl_and_fruit(by=()), "nothing joins them"),
        (bowl_and_fruit(by=(touch(2, 3), touch(1, 3))), "it touches the table"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_what_is_not_in_the_bowl_is_not_said_to_be(scene: HandScene, why: str) -> None:
    assert "inside" not in said(scene)[2], why


def test_forged_containment_is_refuted() -> None:
    frame, record, found, _ = said(bowl_and_fruit())
    (fact,) = found["inside"]
    others = tuple(f for f in frame.facts if f != fact)
    for wrong in (replace(fact, subjects=(2, 3)), replace(fact, subjects=(3, 1)), replace(fact, value=0.06)):
        facts = tuple(sorted((*others, wrong), key=lambda f: f.fact_id))
        problems = [
            p for p in prove(replace(frame, facts=facts, captions=()), record) if p.fact_id == fact.fact_id
        ]
        assert problems, wrong


def shelves(count: int = 4) -> HandScene:
    """Boards (1 .. count) above each other at 0.4 m, and a cube on each, the lowest first."""
    boards = [
        Thing("shelf", "shelf", (0.0, 0.0, 0.2 + 0.4 * k), (0.4, 1.0, 0.02), "", "wood") for k in range(count)
    ]
    colours = ("red", "blue", "green", "yellow", "purple")
    cubes = [
        Thing("cube", "object", (0.0, 0.1 * k, 0.26 + 0.4 * k), (0.1, 0.1, 0.1), colours[k], "plastic")
        for k in range(count)
    ]
    by = [touch(k + 1, count + k + 1) for k in range(count)]
    return outdoors([*boards, *cubes], contacts=by, width=480)


@pytest.mark.parametrize("seed", range(4))
def test_every_shelf_is_called_by_its_place(seed: int) -> None:
    _, _, found, texts = said(shelves(), seed)
    wanted = ["bottom shelf", "second shelf from the bottom", "second shelf from the top", "top shelf"]
    assert [f.argument for f in found["on_shelf"]] == wanted
    assert [f.value for f in found["on_shelf"]] == pytest.approx([0.05] * 4)
    assert "top shelf" in texts["dense"]
    assert "yellow" in texts["dense"]


def test_shelf_words_by_hand() -> None:
    assert [shelf_words(k, 3) for k in range(3)] == ["bottom shelf", "middle shelf", "top shelf"]
    assert shelf_words(1, 5) == "second shelf from the bottom"
    assert shelf_words(3, 5) == "second shelf from the top"


def test_a_wrong_shelf_is_refuted() -> None:
    frame, record, found, _ = said(shelves())
    fact = found["on_shelf"][0]
    facts = tuple(replace(f, argument="top shelf") if f == fact else f for f in frame.facts)
    problems = prove(replace(frame, facts=facts, captions=()), record)
    assert [p.fact_id for p in problems] == [fact.fact_id]


def bridge(x_m: float = 0.0) -> HandScene:
    """Two cubes (2, 3), 40 cm apart along y, and a plank (4) on them, its middle ``x_m`` off along y."""
    piers = [on_table("block", colour, 0.0, y) for colour, y in (("red", -0.2), ("blue", 0.2))]
    plank = Thing("plank", "object", (0.0, x_m, TABLE_TOP_M + 0.11), (0.1, 0.5, 0.02), "", "wood")
    return tabletop([*piers, plank], contacts=(touch(2, 4), touch(3, 4)))


@pytest.mark.parametrize("seed", range(3))
def test_a_plank_on_two_blocks_lies_across(seed: int) -> None:
    _, _, found, texts = said(bridge(), seed)
    (fact,) = found["across"]
    assert fact.subjects == (4, 2, 3)
    assert fact.value == pytest.approx(0.4)
    assert "a plank" in texts["dense"]


def test_regions_of_a_bridge_tell_of_pairs_alone() -> None:
    frame, record, _, _ = said(bridge())
    told_of = replace(frame, captions=write(frame, record, ("region",), Stream(1), ("en", "es")))
    assert {c.language for c in told_of.captions} == {"en", "es"}
    assert prove(told_of, record) == []


def test_a_plank_with_both_blocks_on_one_side_is_not_across() -> None:
    assert "across" not in said(bridge(x_m=0.25))[2]


def test_three_on_each_other_are_told_in_one_sentence() -> None:
    cubes = [
        on_table("cube", colour, 0.0, 0.0, 0.1, "wood", lift=0.1 * k)
        for k, colour in enumerate(("red", "blue", "green"))
    ]
    text = said(tabletop(cubes, contacts=(touch(2, 3), touch(3, 4))))[3]["dense"]
    sentence = next(s for s in text.split(". ") if "green" in s and ("sits" in s or "stacked" in s))
    assert "blue" in sentence
    assert "cube" in sentence


def test_what_fell_off_the_table_is_said_to_have() -> None:
    ball = Thing("ball", "object", (0.9, 1.1, 0.04), (0.08, 0.08, 0.08), "red", "rubber")
    scene = tabletop([ball], contacts=(touch(1, 2, NOW_NS - 500_000_000), touch(0, 2)))
    (fact,) = said(scene)[2]["fallen_off"]
    assert fact.value == pytest.approx(TABLE_TOP_M - 0.08)
    still = tabletop([ball], contacts=(touch(0, 2),))
    assert "fallen_off" not in said(still)[2]


def test_clear_things_are_of_glass_and_a_glass_is_just_a_glass() -> None:
    jar, glass = on_table("jar", "", 0.0, 0.2, 0.1, "glass"), on_table("glass", "", 0.0, -0.2, 0.1, "glass")
    text = said(tabletop([jar, glass]))[3]["dense"]
    assert "a glass jar" in text
    assert "glass glass" not in text


def test_both_sides_know_the_same_nouns_by_the_same_plurals() -> None:
    english = inflect.engine()
    for name in names():
        noun = family(name).noun
        if family(name).stuff:
            continue
        assert plural(noun) == plural_of(noun), noun
        assert plural(noun) == str(english.plural_noun(noun)) or noun.isupper()
        assert (article(noun) == "an") == takes_an(noun), noun
    assert VESSELS == HOLLOW
    assert STANDING == WITH_BASE
