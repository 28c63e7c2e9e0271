"""What one phrasing says in a language, read back: by which the same message in two languages can be compared."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Template

from pairforge.captioners.meanings import Slot
from pairforge.captioners.realise import caption_of, realise
from pairforge.datasets.readers.protocol import Noun, reader

Claims = frozenset[tuple[str, tuple[tuple[int, ...], ...], str]]
NAMES = frozenset({"mug", "cube", "ball", "cone", "table", "pedestrian"})


def said(template: Template, filled: Mapping[str, Slot], code: str) -> str:
    return caption_of("dense", "front", [(realise(template, filled, code), ())], "", code).text


def read(template: Template, filled: Mapping[str, Slot], code: str) -> tuple[tuple[Noun, ...], Claims]:
    """The nouns in the order of their instances, and the claims with the instances that they are about."""
    caption = caption_of("dense", "front", [(realise(template, filled, code), ())], "", code)
    spans = [(p.start, p.end) for p in caption.phrases]
    nouns, sentence = reader(code).read(caption.text, spans, NAMES)
    ids = [p.instance_ids for p in caption.phrases]
    by_letter = {
        letter: tuple(i for place in places for i in ids[place]) for letter, places in sentence.slots.items()
    }
    claims = frozenset(
        (predicate, tuple(by_letter.get(letter, (0,)) for letter in letters), argument)
        for predicate, letters, argument in sentence.claims
    )
    return tuple(noun for _, noun in sorted(zip(ids, nouns, strict=True), key=lambda p: p[0])), claims
