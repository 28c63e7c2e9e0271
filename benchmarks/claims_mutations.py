"""Lies of every kind about one proved keyframe: are they caught, and if one is not, is it a lie at all?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from pairforge.captioners.caption import tell
from pairforge.captioners.meanings import Message
from pairforge.captioners.nouns import words_for
from pairforge.captioners.protocol import captioner, groups_of
from pairforge.captioners.realise import caption_of, has_words, phrasings, realise
from pairforge.captioners.references import in_discourse
from pairforge.datasets.claims import fact_findings, prove, repeated_facts
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.sample import Caption, Fact, Keyframe, SceneRecord
from pairforge.seeding import Stream
from tests.captioners.mutate import caption_mutations, fact_mutations


@dataclass
class Tried:
    """Counts by kind, "caption: swap two words": ``tried``, ``true`` (another way to say the same, by the
    templates' own phrasings or as tags in another order; or as the scene's row has it), and what was ``missed``,
    in words."""

    tried: dict[str, int] = field(default_factory=dict)
    true: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def count(self, kind: str, caught: bool, true: bool, said: str) -> None:
        self.tried[kind] = self.tried.get(kind, 0) + 1
        if caught:
            return
        if true:
            self.true[kind] = self.true.get(kind, 0) + 1
        else:
            self.missed.append(f"{kind}: {said}")


def try_lies(frame: Keyframe, record: SceneRecord, each: int, stream: Stream) -> Tried:
    """Up to ``each`` lies of every kind about the captions of a keyframe, and as many about its facts."""
    proof, tried = Proof(frame, record), Tried()
    for kind, (right, wrong) in some(_captions(frame), each, stream / "captions"):
        caught = next(iter(caption_findings(proof, wrong)), None) is not None
        true = not caught and (same_tags(right, wrong) or sayable(frame, record, right, wrong))
        tried.count(f"{right.language} caption: {kind}", caught, true, f"{right.text!r} -> {wrong!r}")
    for kind, (place, lie) in some(_facts(frame, record), each, stream / "facts"):
        facts = (*frame.facts[:place], lie, *frame.facts[place + 1 :])
        caught = bool(fact_findings(proof, lie, place + 1) or repeated_facts(facts))
        # A fact that is true of another thing too may be missed by what was said of the first.
        caught = caught or bool(prove(replace(frame, facts=facts), record))
        true = not caught and as_listed(lie, record)
        tried.count(f"fact: {kind}", caught, true, f"{frame.facts[place]} -> {lie}")
    return tried


def _captions(frame: Keyframe) -> Iterator[tuple[str, tuple[Caption, Caption]]]:
    for caption in frame.captions:
        for kind, wrong in caption_mutations(caption):
            yield kind, (caption, wrong)


def _facts(frame: Keyframe, record: SceneRecord) -> Iterator[tuple[str, tuple[int, Fact]]]:
    ids = tuple(r.instance_id for r in record.instances)
    for place, fact in enumerate(frame.facts):
        for kind, lie in fact_mutations(fact, ids):
            yield kind, (place, lie)


def some(made: Iterable[tuple[str, Any]], each: int, stream: Stream) -> Iterator[tuple[str, Any]]:
    """A draw of so many of every kind."""
    kinds: dict[str, list[Any]] = {}
    for kind, one in made:
        kinds.setdefault(kind, []).append(one)
    for kind, all_of in kinds.items():
        rng = (stream / kind).rng()
        for k in sorted(rng.permutation(len(all_of))[:each].tolist()):
            yield kind, all_of[k]


def as_listed(fact: Fact, record: SceneRecord) -> bool:
    """Whether a fact says of an instance what the scene's own row of it says, word for word."""
    if len(fact.subjects) != 1:
        return False
    row = record.instance(fact.subjects[0])
    if fact.predicate == "category":
        return fact.argument in words_for(row)
    return fact.predicate in ("colour", "material") and fact.argument == getattr(row, fact.predicate)


def same_tags(right: Caption, wrong: Caption) -> bool:
    """Whether both are the same tags in another order, which claims nothing."""
    apart = "、" if right.language == "zh" else ", "
    return right.kind == wrong.kind == "tags" and sorted(right.text.split(apart)) == sorted(
        wrong.text.split(apart)
    )


def sayable(frame: Keyframe, record: SceneRecord, right: Caption, wrong: Caption) -> bool:
    """Whether ``wrong`` is ``right`` with one sentence in another phrasing that the templates have for it, to the
    letter, spans and links included."""
    if len(right.statements) != len(wrong.statements):
        return False
    told = tell(frame, record, frame.facts, right.sensor, right.language)
    picked = right.template.split("+")
    for group in groups_of(captioner(right.kind), told):
        messages = in_discourse(told, [m for m in group if has_words(m.template, right.language)])
        if [m.template for m in messages] == [name.rpartition(".")[0] for name in picked]:
            return _rephrased(messages, picked, right, wrong)
    return False


def _rephrased(messages: list[Message], picked: list[str], right: Caption, wrong: Caption) -> bool:
    options = [
        [(realise(t, m.slots, right.language), m.all_fact_ids) for t in phrasings(m.template, right.language)]
        for m in messages
    ]
    chosen = [said[int(name.rpartition(".")[2])] for said, name in zip(options, picked, strict=True)]
    for k, ways in enumerate(options):
        for way in ways:
            sentences = [*chosen[:k], way, *chosen[k + 1 :]]
            if caption_of(right.kind, right.sensor, sentences, wrong.template, right.language) == wrong:
                return True
    return False
