"""Texts for two worlds: what a kind proposes is put into words, read back and proved both ways before it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from pairforge.captioners.contrasts.axis import Axis, Side
from pairforge.captioners.contrasts.protocol import Kind, Saying
from pairforge.captioners.contrasts.sayings import alone, mentions_of
from pairforge.captioners.meanings import Mention, Mentions, Message, Slot
from pairforge.captioners.realise import caption_of, phrasings, realise
from pairforge.captioners.references import in_discourse
from pairforge.captioners.sandbox import CaptionTemplateError
from pairforge.datasets.claims_difference import aspects, is_of, same_claim
from pairforge.datasets.claims_looks import too_small
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth import FALSE, TRUE, read_text, truth
from pairforge.datasets.contrast_tables import Text
from pairforge.datasets.readers.protocol import UnreadableError
from pairforge.sample import Caption, Keyframe, SceneRecord
from pairforge.seeding import Stream

REPHRASED = 2
"""Positives of a text that say the same in other words."""
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


Pair = tuple[Text, Text]
Texts = tuple[tuple[Text, ...], tuple[Text, ...]]


def texts_of(
    kind: Kind, axis: Axis, worlds: tuple[Seen, Seen], language: str, stream: Stream
) -> Texts | None:
    """The texts of a quad: for each world one that is true of it and false of the other, and its positives: the same
    claim in other words, in fewer, and with one more true sentence. None where nothing that the kind proposes can be
    proved."""
    sides = (worlds[0].side(language), worlds[1].side(language))
    sayings = kind.sayings(sides[0], sides[1], axis)
    order = [sayings[int(k)] for k in (stream / "saying").rng().permutation(len(sayings))]
    for saying, phrasing in islice(_tries(order, language, stream), _MOST_TRIED):
        proved = _proved(kind.name, worlds, saying, phrasing, language)
        if proved is not None:
            alike = _positives(kind.name, worlds, (saying, phrasing), proved, language, stream)
            kept = [proved, *alike]
            return tuple(pair[0] for pair in kept), tuple(pair[1] for pair in kept)
    return None


def _positives(
    kind: str,
    worlds: tuple[Seen, Seen],
    said: tuple[Saying, int],
    proved: Pair,
    language: str,
    stream: Stream,
) -> list[Pair]:
    """What says the same of both worlds in other words (two at most), in fewer, and with one more sentence each."""
    saying, phrasing = said
    found: list[Pair] = []
    for other in (stream / "again").rng().permutation(_phrasings(saying, language)):
        _keep(found, proved, _proved(kind, worlds, saying, int(other), language), worlds)
        if len(found) == REPHRASED:
            break
    if (shorter := _trimmed(saying)) is not None:
        _keep(found, proved, _proved(kind, worlds, shorter, phrasing, language), worlds)
    longer = [_longer(worlds, k, saying[k], proved[k], language, stream) for k in (0, 1)]
    if longer[0] is not None and longer[1] is not None:
        _keep(found, proved, (longer[0], longer[1]), worlds)
    return found


def _keep(found: list[Pair], proved: Pair, new: Pair | None, worlds: tuple[Seen, Seen]) -> None:
    """Adds a pair that says the same as ``proved`` and in words that are not there yet."""
    if new is None or any(new[k].caption.text == f[k].caption.text for f in (proved, *found) for k in (0, 1)):
        return
    nouns = worlds[0].nouns | worlds[1].nouns
    if all(
        same_claim(
            proved[k].caption,
            read_text(proved[k].caption, nouns),
            new[k].caption,
            read_text(new[k].caption, nouns),
        )
        for k in (0, 1)
    ):
        found.append(new)


def _trimmed(saying: Saying) -> Saying | None:
    """Without the adjectives that things have in both worlds alike; None where that leaves all as it was, or would
    give two things one name."""
    mentions = [mentions_of(message) for message in saying]
    if len(mentions[0]) != len(mentions[1]):
        return None
    cut: dict[Mention, Mention] = {}
    for a, b in zip(*mentions, strict=True):
        common = (
            set(a.qualities) & set(b.qualities) if a.form == b.form or "none" in (a.form, b.form) else set()
        )
        for one in (a, b):
            cut[one] = replace(one, qualities=tuple(q for q in one.qualities if q not in common))
    names = [[(cut[m].word, cut[m].qualities) for m in of_side] for of_side in mentions]
    if all(one == shorter for one, shorter in cut.items()) or any(len(set(n)) < len(n) for n in names):
        return None  # "a mug, a book and a mug" says less than it should
    return _with(saying[0], cut), _with(saying[1], cut)


def _with(message: Message, cut: Mapping[Mention, Mention]) -> Message:
    """A sentence whose noun phrases are replaced."""
    slots: dict[str, Slot] = dict(message.slots)
    for name, slot in message.slots.items():
        if isinstance(slot, Mention):
            slots[name] = cut.get(slot, slot)
        elif isinstance(slot, Mentions):
            slots[name] = Mentions(tuple(cut.get(m, m) for m in slot.members))
    return replace(message, slots=slots)


def texts_said(
    kind: str, worlds: tuple[Seen, Seen], saying: Saying, language: str, stream: Stream
) -> Texts | None:
    """The texts of two worlds that one saying gives, in one phrasing and the others; None unless they are proved and
    differ as the kind's do."""
    found: list[Pair] = []
    for said, phrasing in _tries([saying], language, stream):
        pair = _proved(kind, worlds, said, phrasing, language)
        if not found:
            if pair is None:
                return None
            found.append(pair)
        elif len(found) <= REPHRASED:
            alike: list[Pair] = []
            _keep(alike, found[0], pair, worlds)
            found += [p for p in alike if all(p[0].caption.text != f[0].caption.text for f in found)]
    return (tuple(f[0] for f in found), tuple(f[1] for f in found)) if found else None


def _tries(order: Sequence[Saying], language: str, stream: Stream) -> Iterator[tuple[Saying, int]]:
    """Each saying in one phrasing, then in the others: what comes first becomes the text."""
    turns: list[list[int]] = []
    for k, saying in enumerate(order):
        count = _phrasings(saying, language)
        turns.append([int(n) for n in (stream / "phrasing" / k).rng().permutation(count)])
    for turn in range(max((len(t) for t in turns), default=0)):
        for saying, tries in zip(order, turns, strict=True):
            if turn < len(tries):
                yield saying, tries[turn]


def _phrasings(saying: Saying, language: str) -> int:
    """Ways that both sentences can be put; 0 where the language does not say that (yet)."""
    try:
        return min(len(phrasings(m.template, language)) for m in saying)
    except CaptionTemplateError:
        return 0


def _proved(
    kind: str, worlds: tuple[Seen, Seen], saying: Saying, phrasing: int, language: str
) -> tuple[Text, Text] | None:
    """Both texts in the same phrasing, if each is true of its own world and false of the other."""
    captions = [written(worlds[k], [(saying[k], phrasing)], language) for k in (0, 1)]
    if captions[0] is None or captions[1] is None or captions[0].text == captions[1].text:
        return None
    if not differ_visibly(kind, (captions[0], captions[1]), worlds):
        return None
    first = judged(captions[0], worlds)
    second = judged(captions[1], worlds[::-1]) if first is not None else None
    return (first, second) if first is not None and second is not None else None


def differ_visibly(kind: str, texts: tuple[Caption, Caption], worlds: tuple[Seen, Seen]) -> bool:
    """Whether two texts differ as the kind's do, in nothing that takes more pixels than their things have."""
    nouns = worlds[0].nouns | worlds[1].nouns
    try:
        reads = [read_text(text, nouns) for text in texts]
    except UnreadableError:
        return False
    if not is_of(kind, aspects(*reads)):
        return False
    return next(too_small(texts, reads, [w.proof for w in worlds]), None) is None


def written(world: Seen, messages: Sequence[tuple[Message, int]], language: str) -> Caption | None:
    """Sentences, each in one of its phrasings; None where the language does not say that (yet)."""
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
        caption = written(worlds[side], [(messages[0], phrasing), (messages[1], other)], language)
        if caption is not None and (proved := judged(caption, both)) is not None:
            return proved
    return None
