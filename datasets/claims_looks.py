"""Whether what two texts say differently of a thing's looks can be seen: a colour, a material, what it is.

A thing may be named from 40 pixels on, which is enough to see that something is there. Most of a small car's pixels
are glass, wheels and shade: its paint takes more, its make more still.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth import Read
from pairforge.datasets.claims_words import COLOURS, MATERIALS
from pairforge.datasets.readers.protocol import Noun
from pairforge.sample import Caption

COLOUR_PX = 150
"""Pixels of a thing in the picture as it is stored from which a text may rest on its colour: about 14 by 11."""
SHAPE_PX = 400
"""The same for its material, and for what kind of thing it is: 20 by 20."""


def too_small(
    texts: Sequence[Caption], reads: Sequence[Sequence[Read]], proofs: Sequence[Proof]
) -> Iterator[str]:
    """What two texts tell apart by looks that too few pixels show, each in its own keyframe."""
    nouns = [[n for of_sentence, _ in read for n in of_sentence] for read in reads]
    if len(nouns[0]) != len(nouns[1]) or any(
        len(n) != len(t.phrases) for n, t in zip(nouns, texts, strict=True)
    ):
        return
    if Counter(map(_named, nouns[0])) == Counter(map(_named, nouns[1])):
        return  # the same things in other parts: who is where, and who was first
    for place, pair in enumerate(zip(*nouns, strict=True)):
        least = _least(*pair)
        for text, noun, proof in zip(texts, pair, proofs, strict=True):
            if noun.start == "none":
                continue
            for one in text.phrases[place].instance_ids:
                shown = proof.shots[text.sensor].px(one)
                if shown < least:
                    phrase = text.phrases[place]
                    words = text.text[phrase.start : phrase.end]
                    yield f"{words!r} rests on looks that {shown} pixels show; it takes {least}"


def _named(noun: Noun) -> tuple[str, tuple[str, ...], bool]:
    return noun.word, noun.qualities, noun.start == "none"


def _least(one: Noun, other: Noun) -> int:
    """Pixels that it takes to tell two noun phrases apart; 0 where they say the same of a thing's looks."""
    negated = (one.start == "none") != (other.start == "none")
    worn = [{q for q in n.qualities if q in COLOURS} for n in (one, other)]
    made = [{q for q in n.qualities if q in MATERIALS} for n in (one, other)]
    if made[0] != made[1] or one.word != other.word:
        return SHAPE_PX
    return COLOUR_PX if worn[0] != worn[1] or (negated and worn[0]) else 0
