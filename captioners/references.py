"""Noun phrases that name exactly what they mean, as short as may be, over what one camera shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pairforge.captioners.nouns import PLAIN_SOLIDS, WEARERS, article, number, plural, words_for
from pairforge.captioners.realise import Mention, Mentions
from pairforge.sample import Fact, SceneRecord


@dataclass(eq=False)
class Told:
    """The facts of a keyframe as one camera may tell them."""

    record: SceneRecord
    sensor: str
    facts: tuple[Fact, ...]
    unsure: frozenset[int] = frozenset()
    by_predicate: dict[str, list[Fact]] = field(default_factory=dict)
    _of: dict[tuple[str, int], list[Fact]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fact in self.facts:
            if fact.sensor in ("", self.sensor) or fact.predicate == "lidar_hits":
                self.by_predicate.setdefault(fact.predicate, []).append(fact)
                if fact.subjects:
                    self._of.setdefault((fact.predicate, fact.subjects[0]), []).append(fact)
        self.visible = tuple(f.subjects[0] for f in self.by_predicate.get("visible", ()))

    def all(self, predicate: str) -> list[Fact]:
        return self.by_predicate.get(predicate, [])

    def of(self, predicate: str, instance_id: int) -> Fact | None:
        """The first fact of that predicate about an instance."""
        return next(iter(self._of.get((predicate, instance_id), ())), None)

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
        return words_for(self.record.instance(instance_id))

    def category(self, instance_id: int, word: str) -> Fact:
        return next(f for f in self.every("category", instance_id) if f.argument == word)

    def fits(self, instance_id: int, qualities: Sequence[str], word: str) -> bool:
        """Whether an instance may be called ``qualities word``, by its own row."""
        row = self.record.instance(instance_id)
        has = {f.argument for p in ("colour", "material") for f in self.every(p, instance_id)} | {row.colour}
        return word in self.words(instance_id) and all(q in has for q in qualities)

    def candidates(self, qualities: Sequence[str], word: str) -> list[int]:
        """Everything the camera shows, sure or not, that the words fit."""
        return [i for i in (*self.visible, *sorted(self.unsure)) if self.fits(i, qualities, word)]


def single(told: Told, instance_id: int, *, apart_by: Sequence[str] = ()) -> Mention | None:
    """A first mention: "a blue hatchback", "the nearest hatchback", "one of two blue hatchbacks".

    ``apart_by``: predicates that the sentence states of it; others that the words fit do no harm unless the same is
    true of them.
    """
    described, adjectives = _adjectives(told, instance_id)
    word, seen = told.words(instance_id)[0], told.of("visible", instance_id)
    if seen is None:
        return None
    named = (seen.fact_id, told.category(instance_id, word).fact_id)
    said = described_as(adjectives, word)
    if told.rivals(instance_id, adjectives, word, apart_by) == [instance_id]:
        return Mention(f"{article(said)} {said}", (instance_id,), (*named, *described))
    nearest = next((f for f in told.every("nearest", instance_id) if f.argument == word), None)
    if nearest is not None:
        return Mention(f"the nearest {word}", (instance_id,), (*named, nearest.fact_id))
    colour = told.of("colour", instance_id)
    count = _count(told, colour.argument if colour else "", word)
    if count is None or count.predicate != "count" or len(count.subjects) < 2:
        return None
    said = described_as([colour.argument] if colour else [], plural(word), word)
    painted = (colour.fact_id,) if colour else ()
    total = number(len(count.subjects))
    return Mention(f"one of {total} {said}", (instance_id,), (*named, *painted, count.fact_id))


def described_as(qualities: Sequence[str], words: str, noun: str = "") -> str:
    """ "blue hatchback"; people wear their colour: "pedestrian in blue"."""
    if (noun or words) in WEARERS and qualities:
        return f"{words} in {qualities[0]}"
    return " ".join((*qualities, words))


def _adjectives(told: Told, instance_id: int) -> tuple[list[int], list[str]]:
    facts: list[int] = []
    adjectives: list[str] = []
    plain = bool(PLAIN_SOLIDS & set(told.words(instance_id))) or "object" not in told.words(instance_id)
    for predicate in ("colour", "material"):
        fact = told.of(predicate, instance_id)
        if fact is not None and (predicate == "colour" or plain):
            facts.append(fact.fact_id)
            adjectives.append(fact.argument)
    return facts, adjectives


def again(told: Told, instance_id: int) -> Mention | None:
    """A later mention, the shortest definite phrase that fits nothing else in view; None when there is none."""
    seen, colour = told.of("visible", instance_id), told.of("colour", instance_id)
    if seen is None:
        return None
    word = told.words(instance_id)[0]
    for adjective in (None, colour, told.of("material", instance_id)):
        said = [adjective.argument] if adjective else []
        if told.candidates(said, word) == [instance_id]:
            facts = [seen.fact_id, told.category(instance_id, word).fact_id]
            facts += [adjective.fact_id] if adjective else []
            return Mention(f"the {described_as(said, word)}", (instance_id,), tuple(facts))
    for predicate in ("nearest", "largest"):
        fact = next((f for f in told.every(predicate, instance_id) if f.argument == word), None)
        if fact is not None:
            facts = [seen.fact_id, told.category(instance_id, word).fact_id, fact.fact_id]
            return Mention(f"the {predicate} {word}", (instance_id,), tuple(facts))
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
                start = (
                    number(len(members)) if fact.predicate == "count" else f"at least {number(len(members))}"
                )
                said = described_as([option] if option else [], plural(word), word)
                return Mention(f"{start} {said}", members, (*seen, fact.fact_id), plural=True)
    for word in shared:
        fact = _count(told, "", word)
        if fact is not None and fact.predicate == "count" and set(members) < set(fact.subjects):
            said = f"{number(len(members))} of {number(len(fact.subjects))} {plural(word)}"
            return Mention(said, members, (*seen, fact.fact_id), plural=True)
    return None


def alike(told: Told, ids: Iterable[int], *, apart_by: Sequence[str] = ()) -> Mentions | None:
    """First mentions of many things, those that share colour and noun told together; None when one has no name."""
    bundles: dict[tuple[str, str], list[int]] = {}
    for instance_id in ids:
        colour = told.of("colour", instance_id)
        key = (colour.argument if colour else "", told.words(instance_id)[0])
        bundles.setdefault(key, []).append(instance_id)
    members = [group(told, bundle, apart_by=apart_by) for bundle in bundles.values()]
    sure = [m for m in members if m is not None]
    return Mentions(tuple(sure)) if sure and len(sure) == len(members) else None


def others(told: Told, ids: Iterable[int]) -> Mention | None:
    """What remains of a list whose salient members have been named: "four other objects"."""
    members = tuple(sorted(ids))
    word = next((w for w in told.words(members[0])[::-1] if all(w in told.words(i) for i in members)), None)
    if word is None or any(told.of("visible", i) is None for i in members):
        return None
    facts = [f for i in members if (f := told.of("visible", i)) is not None]
    facts += [told.category(i, word) for i in members]
    said = f"another {word}" if len(members) == 1 else f"{number(len(members))} other {plural(word)}"
    return Mention(said, members, tuple(f.fact_id for f in facts), plural=len(members) > 1)


def pronoun(mention: Mention) -> Mention:
    """ "it" for what the sentence before was about."""
    return Mention("it", mention.instance_ids)
