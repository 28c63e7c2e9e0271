"""Noun phrases that name exactly what they mean, as short as may be, over what one camera shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pairforge.captioners.languages.protocol import language
from pairforge.captioners.meanings import GROUPS, Mention, Mentions, Message, Slot
from pairforge.captioners.nouns import PLAIN_SOLIDS, noun_of, words_of
from pairforge.sample import Fact, SceneRecord

_OF_MANY = frozenset({"scenery", "cones_ahead"})
"""What is told of a crowd, whichever of them the air hides."""


@dataclass(eq=False)
class Told:
    """The facts of a keyframe as one camera may tell them in a language.

    ``unsure``: what shows too little to be named, ``lost``: what fog or dust hides, among them; there is nothing to
    tell of either, but they may be taken for what is named. ``forward``: it is the one that looks ahead. ``kin``: the
    first language that has words for the same things; what is there to tell is the same in both.
    """

    record: SceneRecord
    sensor: str
    facts: tuple[Fact, ...]
    unsure: frozenset[int] = frozenset()
    forward: bool = True
    language: str = "en"
    kin: str = ""
    lost: frozenset[int] = frozenset()
    by_predicate: dict[str, list[Fact]] = field(default_factory=dict)
    _of: dict[tuple[str, int], list[Fact]] = field(default_factory=dict)
    _words: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _looks: dict[int, frozenset[str]] = field(default_factory=dict)
    _fitting: dict[tuple[tuple[str, ...], str], list[int]] = field(default_factory=dict)
    _tongues: dict[str, Told] = field(default_factory=dict)
    salient: dict[int, float] = field(default_factory=dict)
    """What has been found out about how much things ask to be mentioned."""

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        """Sorts the facts by predicate and first subject; those about things that the language has no word for are
        not told."""
        self.by_predicate, self._of = {}, {}
        nameless = {r.instance_id for r in self.record.instances if not self.words(r.instance_id)}
        for fact in self.facts:
            ours = fact.sensor in ("", self.sensor) or fact.predicate == "lidar_hits"
            hidden = nameless if fact.predicate in _OF_MANY else nameless | self.lost
            if ours and not hidden.intersection(fact.subjects):
                self.by_predicate.setdefault(fact.predicate, []).append(fact)
                if fact.subjects:
                    self._of.setdefault((fact.predicate, fact.subjects[0]), []).append(fact)
        self.visible = tuple(f.subjects[0] for f in self.by_predicate.get("visible", ()))
        self.kin = self.language
        self._tongues[self.language] = self

    def speaking(self, code: str) -> Told:
        """The same facts in another language; what was found out of them is kept."""
        if code not in self._tongues:
            other = copy(self)
            other.language, other._words = code, {}
            words = {r.instance_id: other.words(r.instance_id) for r in self.record.instances}
            alike = next((t for t in self._tongues.values() if t._words == words), None)
            if alike is None:
                other._fitting, other.salient = {}, {}
                other._open()
            else:
                other.kin, other.by_predicate, other._of = alike.kin, alike.by_predicate, alike._of
                other._fitting, other.visible, other.salient = alike._fitting, alike.visible, alike.salient
            self._tongues[code] = other
        return self._tongues[code]

    def all(self, predicate: str) -> list[Fact]:
        return self.by_predicate.get(predicate, [])

    def of(self, predicate: str, instance_id: int) -> Fact | None:
        """The first fact of that predicate about an instance."""
        found = self._of.get((predicate, instance_id))
        return found[0] if found else None

    def every(self, predicate: str, instance_id: int) -> list[Fact]:
        return self._of.get((predicate, instance_id), [])

    def rivals(
        self, instance_id: int, qualities: Sequence[str], word: str, apart_by: Sequence[str]
    ) -> list[int]:
        """Candidates of which everything in ``apart_by`` is true just as it is of this instance."""
        facts = [self.of(p, instance_id) for p in apart_by]
        alike = self.candidates(qualities, word)
        for fact in facts:
            if fact is not None:
                alike = [
                    i
                    for i in alike
                    if any(f.argument == fact.argument for f in self.every(fact.predicate, i))
                ]
        return alike

    def px(self, instance_id: int) -> float:
        """Visible pixels in this camera, 0 when it is not to be mentioned."""
        seen = self.of("visible", instance_id)
        return seen.value or 0.0 if seen is not None else 0.0

    def words(self, instance_id: int) -> tuple[str, ...]:
        """What it may be called in the language, the most specific first."""
        if instance_id not in self._words:
            row = self.record.instance(instance_id)
            self._words[instance_id] = _known_words(self.language, noun_of(row), row.semantic)
        return self._words[instance_id]

    def category(self, instance_id: int, word: str) -> Fact:
        return next(f for f in self.every("category", instance_id) if f.argument == word)

    def fits(self, instance_id: int, qualities: Sequence[str], word: str) -> bool:
        """Whether an instance may be called ``qualities word``, by its own row."""
        return word in self.words(instance_id) and self._look(instance_id).issuperset(qualities)

    def _look(self, instance_id: int) -> frozenset[str]:
        """Its colour and material, as words."""
        if instance_id not in self._looks:
            said = {f.argument for p in ("colour", "material") for f in self.every(p, instance_id)}
            self._looks[instance_id] = frozenset({*said, self.record.instance(instance_id).colour})
        return self._looks[instance_id]

    def candidates(self, qualities: Sequence[str], word: str) -> list[int]:
        """Everything the camera shows, sure or not, that the words fit."""
        key = (tuple(qualities), word)
        if key not in self._fitting:
            shown = (*self.visible, *sorted(self.unsure))
            self._fitting[key] = [i for i in shown if self.fits(i, qualities, word)]
        return list(self._fitting[key])


@lru_cache(maxsize=4096)
def _known_words(code: str, noun: str, semantic: str) -> tuple[str, ...]:
    """What a language may call a thing, by its most specific noun and its class."""
    knows = language(code).knows
    return tuple(w for w in words_of(noun, semantic) if knows(w))


def single(told: Told, instance_id: int, *, apart_by: Sequence[str] = ()) -> Mention | None:
    """A first mention: "a blue hatchback", "the nearer of two blue hatchbacks", "one of three blue hatchbacks".

    ``apart_by``: predicates that the sentence states of it; others that the words fit do no harm unless the same is
    true of them. None when no words single it out, or not enough of it shows.
    """
    described, adjectives = _adjectives(told, instance_id)
    word, seen = told.words(instance_id)[0], told.of("visible", instance_id)
    if seen is None:
        return None
    named = (seen.fact_id, told.category(instance_id, word).fact_id)
    if told.rivals(instance_id, adjectives, word, apart_by) == [instance_id]:
        return Mention((instance_id,), (*named, *described), "a", tuple(adjectives), word)
    colour = told.of("colour", instance_id)
    count = _count(told, colour.argument if colour else "", word)
    if count is None or count.predicate != "count" or len(count.subjects) < 2:
        return None
    total, painted = len(count.subjects), (colour.fact_id,) if colour else ()
    said = (colour.argument,) if colour else ()
    facts = (*named, *painted, count.fact_id)
    nearest = next((f for f in told.every("nearest", instance_id) if f.argument == word), None)
    if nearest is not None:
        return Mention((instance_id,), (*facts, nearest.fact_id), "nearest", said, word, total)
    return Mention((instance_id,), facts, "one_of", said, word, total)


def refer(told: Told, instance_id: int) -> Mention | None:
    """A mention for a sentence that may come after others: the words of a first one if there are any, else those
    that the text leads to, or none at all."""
    first = single(told, instance_id)
    if first is not None and first.form == "a":
        return first
    return Mention((instance_id,), form="known") if first or told.of("visible", instance_id) else None


def _adjectives(told: Told, instance_id: int) -> tuple[list[int], list[str]]:
    facts: list[int] = []
    adjectives: list[str] = []
    words = told.words(instance_id)
    plain = bool(PLAIN_SOLIDS & set(words)) or "object" not in words
    for predicate in ("colour", "material"):
        fact = told.of(predicate, instance_id)
        clear = fact is not None and fact.argument == "glass" and not words[0].endswith("glass")
        if fact is not None and (predicate == "colour" or plain or clear):
            facts.append(fact.fact_id)
            adjectives.append(fact.argument)
    return facts, adjectives


def again(told: Told, instance_id: int, known: frozenset[int]) -> Mention | None:
    """A later mention: the shortest definite phrase that fits nothing else that has been spoken of (``known``)."""
    seen, colour = told.of("visible", instance_id), told.of("colour", instance_id)
    if seen is None:
        return None
    word = told.words(instance_id)[0]
    for adjective in (None, colour, told.of("material", instance_id)):
        said = [adjective.argument] if adjective else []
        alike = [i for i in sorted(known) if told.fits(i, said, word)]
        if alike == [instance_id]:
            facts = [seen.fact_id, told.category(instance_id, word).fact_id]
            facts += [adjective.fact_id] if adjective else []
            return Mention((instance_id,), tuple(facts), "the", tuple(said), word)
    return None


def _count(told: Told, quality: str, word: str) -> Fact | None:
    wanted = f"{quality}|{word}"
    return next((f for p in ("count", "at_least") for f in told.all(p) if f.argument == wanted), None)


def group(
    told: Told, ids: Iterable[int], *, quality: str = "", apart_by: Sequence[str] = ()
) -> Mention | None:
    """Two or more things by one noun: "three parked cars", "two of five pedestrians"; None when no noun fits."""
    members = tuple(sorted(ids))
    if len(members) == 1:
        return single(told, members[0], apart_by=apart_by)
    shared = [w for w in told.words(members[0]) if all(w in told.words(i) for i in members)]
    seen = tuple(f.fact_id for i in members if (f := told.of("visible", i)) is not None)
    colours = {f.argument if (f := told.of("colour", i)) else "" for i in members}
    options = [quality] if quality else ([*colours, ""] if len(colours) == 1 and "" not in colours else [""])
    for word in shared:
        for option in options:
            fact = _count(told, option, word)
            if fact is not None and fact.subjects == members:
                qualities = (option,) if option else ()
                return Mention(members, (*seen, fact.fact_id), fact.predicate, qualities, word)
    for word in shared if apart_by and not quality else ():
        worn = [c for c in options if c]
        true_of = told.rivals(members[0], worn, word, apart_by)
        if tuple(sorted(true_of)) == members and not any(told.fits(i, worn, word) for i in told.unsure):
            facts = [told.category(i, word).fact_id for i in members]
            facts += [f.fact_id for i in members if worn and (f := told.of("colour", i)) is not None]
            return Mention(members, (*seen, *facts), "count", tuple(worn), word)
    for word in shared if not quality else ():
        fact = _count(told, "", word)
        if fact is not None and fact.predicate == "count" and set(members) < set(fact.subjects):
            return Mention(members, (*seen, fact.fact_id), "some_of", (), word, len(fact.subjects))
    return None


def alike(
    told: Told, ids: Iterable[int], *, apart_by: Sequence[str] = (), partly: bool = False
) -> Mentions | None:
    """First mentions of many things, those that share colour and noun told together.

    None when one has no name of its own, unless ``partly``: then it is left out.
    """
    bundles: dict[tuple[str, str], list[int]] = {}
    for instance_id in ids:
        colour = told.of("colour", instance_id)
        key = (colour.argument if colour else "", told.words(instance_id)[0])
        bundles.setdefault(key, []).append(instance_id)
    members = [group(told, bundle, apart_by=apart_by) for bundle in bundles.values()]
    sure = [m for m in members if m is not None and (m.form == "a" or m.form in GROUPS or len(members) == 1)]
    complete = len(sure) == len(members) or partly
    return Mentions(tuple(sure)) if sure and complete else None


def parked_row(told: Told, ids: Iterable[int]) -> Mention | None:
    """Three or more parked vehicles without a number: "parked cars". The caller names all those of one place."""
    members = tuple(sorted(ids))
    if len(members) < 3:
        return None
    word = next((w for w in told.words(members[0]) if all(w in told.words(i) for i in members)), None)
    if word is None:
        return None
    facts = [f.fact_id for i in members if (f := told.of("visible", i)) is not None]
    facts += [told.category(i, word).fact_id for i in members]
    facts += [f.fact_id for i in members if (f := told.of("parked", i)) is not None]
    return Mention(members, tuple(facts), "row", ("parked",), word)


def others(told: Told, ids: Iterable[int]) -> Mention | None:
    """What remains of a list whose salient members have been named: "four other objects"."""
    members = tuple(sorted(ids))
    word = next((w for w in told.words(members[0])[::-1] if all(w in told.words(i) for i in members)), None)
    if word is None or any(told.of("visible", i) is None for i in members):
        return None
    facts = [f for i in members if (f := told.of("visible", i)) is not None]
    facts += [told.category(i, word) for i in members]
    return Mention(members, tuple(f.fact_id for f in facts), "others", (), word)


def pronoun(mention: Mention) -> Mention:
    """ "it" for what the sentence before was about."""
    return Mention(mention.instance_ids, form="it", word=mention.word)


def in_discourse(told: Told, messages: Sequence[Message]) -> list[Message]:
    """The messages with each thing introduced once: later it is "the van", and its double "another white van".

    A message whose thing cannot be told from others by then is left out.
    """
    kept: list[Message] = []
    named: frozenset[int] = frozenset()
    grouped: frozenset[int] = frozenset()
    for message in messages:
        known = named | grouped | {i for m in mentions_in([message]) for i in m.instance_ids}
        slots = {k: _slot(told, s, named, known) for k, s in message.slots.items()}
        if any(s is not None and slots[k] is None for k, s in message.slots.items()):
            continue
        kept.append(replace(message, slots=slots))
        for mention in mentions_in([kept[-1]]):
            if mention.form in GROUPS:
                grouped |= set(mention.instance_ids)
            else:
                named |= set(mention.instance_ids)
    return kept


def mentions_in(messages: Sequence[Message]) -> list[Mention]:
    """Every noun phrase of these messages."""
    slots = [s for m in messages for s in m.slots.values() if isinstance(s, Mention | Mentions)]
    return [x for s in slots for x in (s.members if isinstance(s, Mentions) else (s,))]


def _slot(told: Told, slot: Slot, named: frozenset[int], known: frozenset[int]) -> Slot:
    if isinstance(slot, Mention):
        return _later(told, slot, named, known)
    if isinstance(slot, Mentions):
        members = [_later(told, m, named, known) for m in slot.members]
        sure = tuple(m for m in members if m is not None)
        return Mentions(sure) if len(sure) == len(members) else None
    return slot


def _later(told: Told, mention: Mention, named: frozenset[int], known: frozenset[int]) -> Mention | None:
    """One mention, after ``named`` were named singly; ``known``: they, groups, and what the sentence names beside it.

    The phrasing decides on the order within a sentence, so a reference must be clear in every order.
    """
    one = mention.instance_ids[0]
    if mention.form in GROUPS or mention.form in ("it", "unseen"):
        return mention
    if one in named:
        return again(told, one, known)
    if mention.form == "known":
        return None
    if mention.form == "a" and any(told.fits(i, mention.qualities, mention.word) for i in named):
        return replace(mention, form="another")
    return mention if mention.form == "a" else _double(told, one, named) or mention


def _double(told: Told, one: int, named: frozenset[int]) -> Mention | None:
    """ "another white van": a thing that only those named before it resemble; None when it has other doubles."""
    facts, adjectives = _adjectives(told, one)
    word, seen = told.words(one)[0], told.of("visible", one)
    alike = [i for i in told.candidates(adjectives, word) if i not in named]
    if seen is None or alike != [one] or not any(told.fits(i, adjectives, word) for i in named):
        return None
    stated = (seen.fact_id, told.category(one, word).fact_id, *facts)
    return Mention((one,), stated, "another", tuple(adjectives), word)
