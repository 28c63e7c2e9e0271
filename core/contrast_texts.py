"""Texts for two worlds: what a kind proposes is put into words, read back and proved both ways before it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pairforge.captioners.contrasts.axis import Axis, Side
from pairforge.captioners.contrasts.protocol import Kind, Saying
from pairforge.captioners.contrasts.sayings import alone, mentions_of
from pairforge.captioners.meanings import Message
from pairforge.captioners.realise import caption_of, phrasings, realise
from pairforge.captioners.references import in_discourse
from pairforge.captioners.sandbox import CaptionTemplateError
from pairforge.datasets.claims_difference import aspects, is_of
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth import FALSE, TRUE, read_text, truth
from pairforge.datasets.contrast_tables import Text
from pairforge.datasets.readers.protocol import UnreadableError
from pairforge.sample import Caption, Keyframe, SceneRecord
from pairforge.seeding import Stream

POSITIVES = 3
_MOST_TRIED = 12


@dataclass(frozen=True, eq=False)
class Seen:
    """A keyframe of a world, with what it takes to tell of it and to prove what is told."""

    frame: Keyframe
    record: SceneRecord

    @cached_property
    def proof(self) -> Proof:
        return Proof(self.frame, self.record)

    @cached_property
    def _sides(self) -> dict[str, Side]:
        return {}

    def side(self, language: str) -> Side:
        if language not in self._sides:
            self._sides[language] = Side.of(self.frame, self.record, language)
        return self._sides[language]

    @cached_property
    def nouns(self) -> frozenset[str]:
        return frozenset(n for r in self.record.instances for n in self.proof.names(r.instance_id))


Texts = tuple[tuple[Text, ...], tuple[Text, ...]]


def texts_of(
    kind: Kind, axis: Axis, worlds: tuple[Seen, Seen], language: str, stream: Stream
) -> Texts | None:
    """The texts of a quad: for each world one that is true of it and false of the other, and its positives. None
    where nothing that the kind proposes can be proved."""
    sides = (worlds[0].side(language), worlds[1].side(language))
    sayings = kind.sayings(sides[0], sides[1], axis)
    order = [sayings[int(k)] for k in (stream / "saying").rng().permutation(len(sayings))]
    found: list[tuple[Text, Text, Saying]] = []
    for n, (saying, phrasing) in enumerate(_tries(order, language, stream)):
        if n >= _MOST_TRIED or len(found) > POSITIVES:
            break
        proved = _proved(kind.name, worlds, saying, phrasing, language)
        if proved is not None and all(proved[0].caption.text != f[0].caption.text for f in found):
            found.append((*proved, saying))
    if not found:
        return None
    first, second, saying = found[0]
    longer = [_longer(worlds, k, saying[k], text, language, stream) for k, text in enumerate((first, second))]
    kept = found[: POSITIVES if all(longer) else POSITIVES + 1]
    sided = [[f[0] for f in kept], [f[1] for f in kept]]
    for k in (0, 1):
        extra = longer[k]
        if extra is not None and all(longer):
            sided[k].append(extra)
    return tuple(sided[0]), tuple(sided[1])


def texts_said(
    kind: str, worlds: tuple[Seen, Seen], saying: Saying, language: str, stream: Stream
) -> Texts | None:
    """The texts of two worlds that one saying gives, in one phrasing and the others; None unless they are proved and
    differ as the kind's do."""
    found: list[tuple[Text, Text]] = []
    for said, phrasing in _tries([saying], language, stream):
        pair = _proved(kind, worlds, said, phrasing, language)
        if pair is None and not found:
            return None
        if pair is not None and all(pair[0].caption.text != f[0].caption.text for f in found):
            found.append(pair)
    kept = found[: POSITIVES + 1]
    return (tuple(f[0] for f in kept), tuple(f[1] for f in kept)) if kept else None


def _tries(order: Sequence[Saying], language: str, stream: Stream) -> Iterator[tuple[Saying, int]]:
    """Each saying in one phrasing, then in the others: what comes first becomes the text."""
    turns: list[list[int]] = []
    for k, (a, b) in enumerate(order):
        try:
            count = min(len(phrasings(m.template, language)) for m in (a, b))
        except CaptionTemplateError:
            count = 0  # this language does not say that (yet)
        turns.append([int(n) for n in (stream / "phrasing" / k).rng().permutation(count)])
    for turn in range(max((len(t) for t in turns), default=0)):
        for saying, tries in zip(order, turns, strict=True):
            if turn < len(tries):
                yield saying, tries[turn]


def _proved(
    kind: str, worlds: tuple[Seen, Seen], saying: Saying, phrasing: int, language: str
) -> tuple[Text, Text] | None:
    """Both texts in the same phrasing, if each is true of its own world and false of the other."""
    captions = [_written(worlds[k], [(saying[k], phrasing)], language) for k in (0, 1)]
    if captions[0] is None or captions[1] is None or captions[0].text == captions[1].text:
        return None
    nouns = worlds[0].nouns | worlds[1].nouns
    try:
        found = aspects(*(read_text(c, nouns) for c in captions if c is not None))
    except UnreadableError:
        return None
    if not is_of(kind, found):
        return None
    first = judged(captions[0], worlds)
    second = judged(captions[1], worlds[::-1]) if first is not None else None
    return (first, second) if first is not None and second is not None else None


def _written(world: Seen, messages: Sequence[tuple[Message, int]], language: str) -> Caption | None:
    try:
        said = [(realise(phrasings(m.template, language)[p], m.slots, language), ()) for m, p in messages]
    except CaptionTemplateError:
        return None
    template = "+".join(f"{m.template}.{p}" for m, p in messages)
    return caption_of("contrast", world.side(language).told.sensor, said, template, language)


def judged(caption: Caption, worlds: Sequence[Seen]) -> Text | None:
    """The text with its scores; None unless it is true of the first world and false of the second."""
    own, other = (score(caption, world, worlds) for world in worlds)
    return Text(caption, own, other) if own > TRUE and other < FALSE else None


def score(caption: Caption, world: Seen, worlds: Sequence[Seen]) -> float:
    """Of one text before one world; 0 where it cannot be read. It may name whatever stands in any of ``worlds``."""
    nouns = frozenset[str]().union(*(w.nouns for w in worlds))
    try:
        return truth(world.proof, caption.sensor, read_text(caption, nouns))
    except UnreadableError:
        return 0.0


def _longer(
    worlds: tuple[Seen, Seen], side: int, message: Message, text: Text, language: str, stream: Stream
) -> Text | None:
    """The text with one more sentence, about something else that is true of its own world."""
    told = worlds[side].side(language).told
    said = {i for m in mentions_of(message) for i in m.instance_ids}
    phrasing = int(text.caption.template.rpartition(".")[2])
    both = worlds if side == 0 else worlds[::-1]
    extras = alone(worlds[side].side(language))
    for k in (stream / "longer" / side).rng().permutation(len(extras))[:4]:
        extra = extras[int(k)]
        if (
            extra.template == message.template
            or {i for m in mentions_of(extra) for i in m.instance_ids} & said
        ):
            continue
        messages = in_discourse(told, [message, extra])
        if len(messages) != 2:
            continue
        other = int(
            (stream / "longer" / side / int(k)).rng().integers(len(phrasings(extra.template, language)))
        )
        caption = _written(worlds[side], [(messages[0], phrasing), (messages[1], other)], language)
        if caption is not None and (proved := judged(caption, both)) is not None:
            return proved
    return None
