"""What two texts differ in is told from the texts alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pairforge.captioners import policy
from pairforge.datasets import claims_looks
from pairforge.datasets.claims_difference import aspects, is_of, same_claim
from pairforge.datasets.claims_looks import too_small
from pairforge.datasets.claims_truth import Read
from pairforge.datasets.readers.protocol import Noun, Sentence
from pairforge.sample import Caption, Phrase


def seen(*nouns: Noun) -> list[Read]:
    return [(nouns, Sentence((), {"A": tuple(range(len(nouns)))}))]


def a(word: str, *qualities: str, start: str = "a", count: int = 1) -> Noun:
    return Noun(start, qualities, word, count)


def beside(predicate: str, *nouns: Noun) -> list[Read]:
    return [(nouns, Sentence(((predicate, ("A", "B"), ""),), {"A": (0,), "B": (1,)}))]


BALL, BOX = a("ball", "red", "metal"), a("box", "blue", "metal")
CASES = {
    "attribute": (seen(BALL), seen(a("ball", "blue", "metal")), {"colour"}),
    "material": (seen(BALL, BOX), seen(a("ball", "red", "wooden"), BOX), {"material"}),
    "object": (seen(BALL), seen(a("box", "red", "metal")), {"word"}),
    "count": (
        seen(BALL, a("cone", start="count", count=2)),
        seen(BALL, a("cone", start="count", count=3)),
        {"count"},
    ),
    "negation": (seen(BALL), seen(a("ball", "red", "metal", start="none")), {"negation"}),
    "swap": (seen(a("ball", "red"), a("box", "blue")), seen(a("ball", "blue"), a("box", "red")), {"swapped"}),
    "relation": (beside("left_of", BALL, BOX), beside("right_of", BALL, BOX), {"relation"}),
}


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_is_told_from_its_texts(kind: str) -> None:
    one, other, found = CASES[kind]
    assert aspects(one, other) == aspects(other, one) == found
    assert is_of(kind, aspects(one, other))


def test_roles_exchanged_are_another_relation() -> None:
    assert aspects(beside("left_of", BALL, BOX), beside("left_of", BOX, BALL)) == {"relation", "role"}


def test_equal_texts_differ_in_nothing() -> None:
    assert not aspects(seen(BALL, BOX), seen(BALL, BOX))


def linked(read: list[Read], *ids: int) -> tuple[Caption, list[Read]]:
    phrases = tuple(Phrase(k, k + 1, (i,)) for k, i in enumerate(ids))
    return Caption("contrast", "en", "front", "", phrases, (), ""), read


class Shots:
    """As many pixels of each thing as are given, in one camera."""

    def __init__(self, px: dict[int, int]) -> None:
        self.shots = {"front": SimpleNamespace(px=px.__getitem__)}


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        (a("SUV", "grey"), a("SUV", "yellow"), policy.COLOUR_PX),
        (a("SUV"), a("sedan"), policy.SHAPE_PX),
        (a("box", "wooden"), a("box", "metal"), policy.SHAPE_PX),
        (a("SUV", "red"), a("SUV", "red", start="none"), policy.COLOUR_PX),
        (a("SUV"), a("SUV", start="none"), 0),
        (a("SUV", "red"), a("SUV", "red"), 0),
    ],
)
def test_looks_that_too_few_pixels_show_tell_nothing_apart(one: Noun, other: Noun, least: int) -> None:
    pairs = [linked(seen(n), 1) for n in (one, other)]
    texts, reads = zip(*pairs, strict=True)
    enough, fewer = Shots({1: least}), Shots({1: max(least - 1, 0)})
    assert not list(too_small(texts, reads, [enough, enough]))  # type: ignore[list-item]
    assert bool(list(too_small(texts, reads, [fewer, enough]))) == (least > 0)  # type: ignore[list-item]
    negated = other.start == "none"
    assert bool(list(too_small(texts, reads, [enough, fewer]))) == (least > 0 and not negated)  # type: ignore[list-item]


def test_things_in_each_others_part_may_be_small() -> None:
    texts, reads = zip(linked(seen(BALL, BOX), 1, 2), linked(seen(BOX, BALL), 2, 1), strict=True)
    small = Shots({1: 40, 2: 40})
    assert not list(too_small(texts, reads, [small, small]))  # type: ignore[list-item]


def test_maker_and_verifier_ask_for_the_same_pixels() -> None:
    assert (policy.COLOUR_PX, policy.SHAPE_PX) == (claims_looks.COLOUR_PX, claims_looks.SHAPE_PX)


def test_a_paraphrase_may_leave_adjectives_out_turn_about_and_add_a_sentence() -> None:
    text = linked(beside("left_of", BALL, BOX), 1, 2)
    turned = [((BOX, BALL), Sentence((("left_of", ("A", "B"), ""),), {"A": (1,), "B": (0,)}))]
    assert same_claim(*text, *linked(turned, 2, 1))
    assert same_claim(*text, *linked(beside("left_of", a("ball"), BOX), 1, 2))
    assert same_claim(*text, *linked([*beside("left_of", BALL, BOX), *seen(a("dog"))], 1, 2, 3))


@pytest.mark.parametrize(
    "other",
    [
        linked(beside("right_of", BALL, BOX), 1, 2),
        linked(beside("left_of", BOX, BALL), 2, 1),
        linked(beside("left_of", BALL, a("dog")), 1, 3),
        linked(beside("left_of", BALL, BOX), 1, 3),
        linked(beside("left_of", a("ball", "red", "metal", "shiny"), BOX), 1, 2),
        linked(seen(BALL, BOX), 1, 2),
        linked([*seen(a("dog")), *beside("left_of", BALL, BOX)], 3, 1, 2),
    ],
)
def test_another_truth_is_no_paraphrase(other: tuple[Caption, list[Read]]) -> None:
    assert not same_claim(*linked(beside("left_of", BALL, BOX), 1, 2), *other)
