"""Text-guided augmentation: an adjective drives the change, and the caption then says what was asked for.

guided("make the red car blue", clip)    Repaint
guided("foggier", clip)                  Fog
guided("darker", clip)                   Tone
"""

from __future__ import annotations

import re

from pairforge.captioners.facts import measure
from pairforge.errors import did_you_mean
from pairforge.learning.augment.clip import AugmentError, Clip
from pairforge.learning.augment.fog import Fog
from pairforge.learning.augment.protocol import Transform
from pairforge.learning.augment.repaint import Repaint
from pairforge.learning.augment.tone import Tone
from pairforge.sample import Fact
from pairforge.scenes.colours import PALETTE

LOOKS: dict[str, Transform] = {
    "foggier": Fog(0.03),
    "darker": Tone(brightness=0.5),
    "brighter": Tone(brightness=1.7),
    "paler": Tone(contrast=0.6),
    "starker": Tone(contrast=1.5),
}
"""Adjectives about a whole picture, and what each does."""
RENDERED = {
    **dict.fromkeys(("wetter", "rainier"), 'do={"weather.rain_mm_h": 6.0}'),
    "snowier": 'do={"weather.snow_mm_h": 1.5}',
    "sunnier": 'do={"weather.cloudiness": 0.0}',
    **dict.fromkeys(("later", "nightly"), 'do={"weather.sun_elevation_deg": -12.0}'),
}
"""What pixels cannot be made into: it takes a twin, rendered with one draw replaced."""
_PAINT = re.compile(r"(?:make|paint|turn) (?:the|a|an) (?P<thing>.+) (?P<colour>\w+)")
_LOOK = re.compile(r"(?:make (?:it|the picture) )?(?P<look>\w+)")


def guided(text: str, clip: Clip) -> Transform:
    """The concrete transform that an English request asks for, of a clip of known facts.

    Raises AugmentError for words that nothing stands for, and for a noun phrase that fits no thing in view, or
    several.
    """
    asked = " ".join(text.lower().strip(" .!").split())
    if (found := _PAINT.fullmatch(asked)) is not None:
        if found["colour"] not in PALETTE:
            raise AugmentError(f'"{text}": unknown colour. {did_you_mean(found["colour"], PALETTE)}')
        return Repaint(_meant(found["thing"], clip), found["colour"])
    look = _LOOK.fullmatch(asked)
    word = look["look"] if look is not None else asked
    if word in LOOKS:
        return LOOKS[word]
    if word in RENDERED:
        raise AugmentError(
            f'"{word}" takes light and surfaces that pixels do not hold. Render the twin: resolve(scene, seed, '
            f"{RENDERED[word]})"
        )
    raise AugmentError(
        f'"{text}" asks for nothing known. Say "make the NOUN COLOUR", or one of {", ".join(sorted(LOOKS))}. '
        f"{did_you_mean(word, [*LOOKS, *RENDERED])}"
    )


def _meant(phrase: str, clip: Clip) -> int:
    """The one instance that a noun phrase ("red car") names among what is in view in the first keyframe."""
    *adjectives, noun = _split(phrase, clip)
    facts = clip.frames[0].facts or measure(clip.frames[0], clip.record)
    seen = {f.subjects[0] for f in facts if f.predicate == "visible"}
    fitting = sorted(i for i in seen if _fits(facts, i, noun, adjectives))
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        words = {f.argument for f in facts if f.predicate == "category" and f.subjects[0] in seen}
        raise AugmentError(f'"{phrase}" is nothing in view. {did_you_mean(noun, words)}')
    names = ", ".join(clip.record.instance(i).name for i in fitting)
    raise AugmentError(
        f'"{phrase}" may be any of {len(fitting)} things ({names}). Add a colour or a material.'
    )


def _split(phrase: str, clip: Clip) -> list[str]:
    """Adjectives and noun, which may be of two words ("traffic cone")."""
    words = phrase.split()
    nouns = {r.noun for r in clip.record.instances}
    for k in range(len(words)):
        if " ".join(words[k:]) in nouns:
            return [*words[:k], " ".join(words[k:])]
    return words


def _fits(facts: tuple[Fact, ...], instance_id: int, noun: str, adjectives: list[str]) -> bool:
    said = {(f.predicate, f.argument) for f in facts if f.subjects[:1] == (instance_id,)}
    qualities = {a for p, a in said if p in ("colour", "material")}
    return ("category", noun) in said and set(adjectives) <= qualities
