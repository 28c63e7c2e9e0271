"""Spanish says what English says, in agreement, and reads back to the same claims."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from jinja2 import Template

from pairforge.captioners.meanings import Slot
from pairforge.captioners.realise import caption_of, has_words, phrasings, realise
from pairforge.datasets.readers.protocol import reader
from tests.captioners.test_grammar import SLOTS, _fillings

NOUNS = frozenset({"mug", "table", "ball", "cone", "cube", "pedestrian", "cyclist", "car", "van", "object"})
Claims = frozenset[tuple[str, tuple[tuple[int, ...], ...], str]]


def read(template: Template, filled: dict[str, Slot], code: str) -> tuple[str, Claims]:
    """The sentence, and its claims with instances in place of letters."""
    caption = caption_of("dense", "front", [(realise(template, filled, code), ())], "", code)
    spans = [(p.start, p.end) for p in caption.phrases]
    _, sentence = reader(code).read(caption.text, spans, NOUNS)

    def ids(letter: str) -> tuple[int, ...]:
        return tuple(i for k in sentence.slots.get(letter, ()) for i in caption.phrases[k].instance_ids)

    made = {(p, tuple(ids(x) for x in letters), argument) for p, letters, argument in sentence.claims}
    return caption.text, frozenset(made)


def thinned(fillings: Sequence[dict[str, Slot]]) -> Sequence[dict[str, Slot]]:
    """Every one while few, else a steady sample."""
    return fillings[:: max(1, len(fillings) // 60)]


@pytest.mark.parametrize("name", SLOTS)
def test_every_phrasing_says_just_what_the_english_one_says(name: str) -> None:
    assert has_words(name, "es"), f"no {name}.j2"
    assert len(phrasings(name, "es")) >= 3
    for filled in thinned(_fillings(name)):
        english = {read(t, filled, "en")[1] for t in phrasings(name)}
        for template in phrasings(name, "es"):
            text, claims = read(template, filled, "es")
            assert claims in english, text
