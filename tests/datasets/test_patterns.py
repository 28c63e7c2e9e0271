"""Patterns of sentences: agreement, features and lists as the readers of all languages use them."""

from __future__ import annotations

import pytest

from pairforge.datasets.readers.patterns import Grammar, rows, uncapitalised
from pairforge.datasets.readers.protocol import Sentence, UnreadableError

GRAMMAR = Grammar(
    rows(("on A B", "side A $side"), "{A/n liegt|liegen} auf {B/d}[ (?P<side>links|rechts)]."),
    numbers={},
    comma=", ",
    last=" und ",
    arguments=lambda predicate, words: ({"links": "left", "rechts": "right"}[words],),
)
TEXT = "X, Y und Z liegen auf T links."
SPANS = [(0, 1), (3, 4), (9, 10), (22, 23)]


def read(text: str, features: list[str]) -> Sentence:
    return GRAMMAR.read(text, SPANS[: len(features)], features)


def test_a_list_is_one_phrase_of_all_its_members() -> None:
    sentence = read(TEXT, ["sna", "sn", "pna", "sd"])
    assert sentence.slots == {"A": (0, 1, 2), "B": (3,)}
    assert sentence.claims == (("on", ("A", "B"), ""), ("side", ("A",), "left"))


def test_a_part_that_is_left_out_claims_nothing() -> None:
    assert read("X, Y und Z liegen auf T.", ["sn", "sn", "sn", "sd"]).claims == (("on", ("A", "B"), ""),)


@pytest.mark.parametrize(
    ("text", "features"),
    [
        (TEXT.replace("liegen", "liegt"), ["sn", "sn", "pn", "sd"]),
        (TEXT, ["sn", "sa", "pn", "sd"]),
        (TEXT, ["sn", "sn", "pn", "san"]),
        (TEXT.replace(".", ""), ["sn", "sn", "pn", "sd"]),
    ],
)
def test_what_does_not_agree_is_not_read(text: str, features: list[str]) -> None:
    with pytest.raises(UnreadableError):
        read(text, features)


def test_a_sentence_begins_with_a_capital_letter() -> None:
    assert uncapitalised("Auf") == "auf"
    with pytest.raises(UnreadableError, match="capital"):
        uncapitalised("auf")
