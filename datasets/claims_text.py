"""Proves a caption: reads its words back and compares what they claim with the facts that they are linked to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pairforge.datasets.claims_checks import members_of
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_words import COLOURS
from pairforge.datasets.readers.protocol import READERS, Key, Noun, Reader, Sentence, UnreadableError
from pairforge.sample import Caption, Fact, Phrase, Statement

Problem = tuple[str, tuple[int, int], str, str]
"""What is wrong, the span, what was expected, what was found."""


@dataclass(eq=False)
class _Reading:
    """One statement's phrases with their nouns, and what it claims beside them."""

    phrases: list[Phrase]
    nouns: tuple[Noun, ...]
    sentence: Sentence


@dataclass(frozen=True)
class Before:
    """What a caption has spoken of so far: ``topic`` of the sentence before and the noun phrase that named it, things
    named singly, things named; ``beside``: what the sentence itself names."""

    topic: tuple[int, ...] = ()
    topic_noun: Noun | None = None
    singly: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()
    beside: frozenset[int] = frozenset()

    def after(self, reading: _Reading, exist: frozenset[int]) -> Before:
        """The same, one sentence later; ids that do not exist are passed over."""
        groups = ("count", "at_least", "some_of", "others", "row", "tag")
        singly = {
            i
            for p, n in zip(reading.phrases, reading.nouns, strict=True)
            if n.start not in groups
            for i in p.instance_ids
        }
        everything = {i for p in reading.phrases for i in p.instance_ids}
        topic = reading.phrases[0].instance_ids if reading.phrases else ()
        named = next((n for n in reading.nouns[:1] if n.start != "it"), self.topic_noun)
        return Before(topic, named, self.singly | singly & exist, self.known | everything & exist)


def caption_findings(proof: Proof, caption: Caption) -> Iterator[Problem]:
    """Everything that does not hold in one caption."""
    whole = (0, len(caption.text))
    if caption.language not in READERS.rows or caption.sensor not in proof.shots or not caption.text:
        yield (
            "is in no known language or of no known camera",
            whole,
            " or ".join(READERS.names()),
            f"{caption.language} {caption.sensor}",
        )
        return
    try:
        tongue = proof.reader(caption.language)
    except ValueError as broken:
        yield "its author's sentences cannot be used", whole, "sentences", str(broken)
        return
    if not _tiled(caption, tongue.joint):
        yield (
            "its statements do not tile its text",
            whole,
            f"spans joined by {tongue.joint!r}",
            str(caption.statements),
        )
        return
    loose = [
        p for p in caption.phrases if not any(s.start <= p.start < p.end <= s.end for s in caption.statements)
    ]
    for phrase in loose:
        yield "a phrase lies in no statement", (phrase.start, phrase.end), "", str(phrase.instance_ids)
    before, last = Before(), len(caption.statements) - 1
    for k, statement in enumerate(caption.statements):
        try:
            reading = _read(caption, statement, proof.nouns, tongue)
        except UnreadableError as unreadable:
            yield (
                "cannot be read back",
                (statement.start, statement.end),
                "a sentence of the grammar",
                str(unreadable),
            )
            continue
        yield from _statement_findings(proof, tongue, caption, statement, reading, before)
        if k < last:
            before = before.after(reading, proof.known)


def _tiled(caption: Caption, joint: str) -> bool:
    at = 0
    for k, statement in enumerate(caption.statements):
        if k and not caption.text.startswith(joint, at):
            return False
        at += len(joint) if k else 0
        if statement.start != at or statement.end <= at:
            return False
        at = statement.end
    return at == len(caption.text)


def _read(caption: Caption, statement: Statement, nouns: frozenset[str], tongue: Reader) -> _Reading:
    text = caption.text[statement.start : statement.end]
    inside = [p for p in caption.phrases if statement.start <= p.start and p.end <= statement.end]
    if any(b.start < a.end for a, b in pairwise(inside)):
        raise UnreadableError("phrases overlap or are out of order")
    spans = [(p.start - statement.start, p.end - statement.start) for p in inside]
    return _Reading(inside, *tongue.read(text, spans, nouns))


def _statement_findings(
    proof: Proof,
    tongue: Reader,
    caption: Caption,
    statement: Statement,
    reading: _Reading,
    before: Before,
) -> Iterator[Problem]:
    claims = {
        key for claim in reading.sentence.claims for key in _keys(proof, caption.sensor, reading, claim)
    }
    unseen = {key[1][0] for key in claims if key[0] == "unseen"}
    here: set[int] = set()
    beside = proof.known & {i for p in reading.phrases for i in p.instance_ids}
    said_of: dict[int, set[tuple[str, str]]] = {}
    for predicate, subjects, argument in claims:
        if subjects:
            said_of.setdefault(subjects[0], set()).add((predicate, argument))
    yield from _other_problems(proof, caption.sensor, reading, claims)
    told = replace(before, beside=beside)
    for phrase, noun in zip(reading.phrases, reading.nouns, strict=True):
        span = (phrase.start, phrase.end)
        for problem, expected, found in _phrase_problems(
            proof,
            caption.sensor,
            tongue,
            phrase,
            noun,
            said_of,
            replace(told, known=told.known | here) if here else told,
        ):
            yield problem, span, expected, found
        here |= set(phrase.instance_ids) & proof.known
        claims |= set(_phrase_keys(proof, caption.sensor, phrase, noun, unseen))
    span = (statement.start, statement.end)
    facts = proof.facts_by_id
    lost = [i for i in statement.fact_ids if i not in facts]
    if lost or len(set(statement.fact_ids)) != len(statement.fact_ids):
        yield "is linked to facts that do not exist", span, "fact ids", str(statement.fact_ids)
        return
    linked = [facts[i] for i in statement.fact_ids]
    stated = {_key_of(f) for f in linked}
    for key in sorted(claims - stated):
        yield "says what no linked fact states", span, _say(key), "no such fact"
    for key in sorted(stated - claims):
        yield "does not say what a linked fact states", span, _say(key), caption.text[span[0] : span[1]]
    for fact in linked:
        if fact.sensor not in ("", caption.sensor) and fact.predicate != "lidar_hits":
            yield "is linked to a fact of another camera", span, caption.sensor, fact.sensor


def _other_problems(proof: Proof, sensor: str, reading: _Reading, claims: set[Key]) -> Iterator[Problem]:
    """ "Four other mugs" are other than those named before them, and all that the sentence is true of."""
    for k, (phrase, noun) in enumerate(zip(reading.phrases, reading.nouns, strict=True)):
        if noun.start != "others":
            continue
        span = (phrase.start, phrase.end)
        named = {i for p in reading.phrases[:k] for i in p.instance_ids}
        if not named or named & set(phrase.instance_ids):
            yield (
                "others are not other than those named before",
                span,
                str(sorted(named)),
                str(phrase.instance_ids),
            )
        # What rests on the table is other than what rests on the tray: the same of the same is meant.
        said = {(key[0], key[1][1:]) for key in claims if key[1][:1] and key[1][0] in phrase.instance_ids}
        true_of = [
            {
                f.subjects[0]
                for f in proof.facts_of(sensor)
                if f.predicate == p and f.subjects and (f.subjects[1:] == rest or -1 in rest)
            }
            for p, rest in said
        ]
        alike = set.intersection(*true_of) if true_of else set(proof.sure(sensor))
        more = [
            i
            for i in proof.sure(sensor)
            if i in alike - named and i in proof.called(noun.qualities, noun.word)
        ]
        if more != list(phrase.instance_ids):
            yield "counts other things than are left", span, str(more), str(phrase.instance_ids)


def _say(key: Key) -> str:
    return f"{key[0]} {key[1]} {key[2]}".strip()


def _key_of(fact: Fact) -> Key:
    """A fact as a claim; numbers as they are spoken."""
    if fact.predicate == "lidar_hits":
        return fact.predicate, fact.subjects, str(int(fact.value or 0))
    return fact.predicate, fact.subjects, fact.argument


def _keys(
    proof: Proof, sensor: str, reading: _Reading, claim: tuple[str, tuple[str, ...], str]
) -> Iterator[Key]:
    """The claims of one grammar row: one for each instance in its first slot."""
    predicate, letters, argument = claim
    if predicate == "scenery":
        facts = [f for f in proof.facts_of(sensor) if f.predicate == "scenery" and f.argument == argument]
        yield predicate, (facts[0].subjects if facts else ()), argument
        return
    choices = [_ids(proof, reading, letter) for letter in letters]
    if not choices:
        yield predicate, (), argument
        return
    if predicate in ("both_sides", "both_lined"):
        yield from _both_sides(proof, choices[0], 3 if predicate == "both_lined" else 1)
        return
    rest = tuple(c[0] if len(c) == 1 else -1 for c in choices[1:])
    for one in choices[0]:
        yield predicate, (one, *rest), argument


def _both_sides(proof: Proof, ids: Sequence[int], least: int) -> Iterator[Key]:
    """Each on the side its fact says, and so many of them on either side; else a claim that nothing can meet."""
    sides = {f.subjects[0]: f.argument for f in proof.frame.facts if f.predicate == "roadside"}
    for one in ids:
        yield "roadside", (one,), sides.get(one, "nowhere")
    if min([sides.get(i) for i in ids].count(side) for side in ("left", "right")) < least:
        yield "both_sides", tuple(ids), ""


def _ids(proof: Proof, reading: _Reading, letter: str) -> tuple[int, ...]:
    if letter == "ego":
        return (proof.ego or 0,)
    return tuple(i for place in reading.sentence.slots[letter] for i in reading.phrases[place].instance_ids)


def _phrase_keys(proof: Proof, sensor: str, phrase: Phrase, noun: Noun, unseen: set[int]) -> Iterator[Key]:
    """What the words of a phrase claim of its instances."""
    ids = phrase.instance_ids
    if noun.start == "it":
        return
    for one in ids:
        if one not in unseen:
            yield "visible", (one,), ""
        if "parked" in noun.qualities:
            yield "parked", (one,), ""
    quality = noun.qualities[0] if noun.qualities else ""
    if noun.start in ("count", "at_least", "one_of", "nearest_of", "some_of"):
        members = tuple(members_of(proof, sensor, quality, noun.word))
        if noun.start == "count" and members != ids:
            for one in ids:
                yield "category", (one,), noun.word
                if quality:
                    yield "colour", (one,), quality
            return
        yield ("at_least" if noun.start == "at_least" else "count"), members, f"{quality}|{noun.word}"
    if noun.start in ("a", "the", "nearest_of", "one_of", "another", "others", "row", "tag"):
        for one in ids:
            yield "category", (one,), noun.word
            for adjective in set(noun.qualities) - {"parked"}:
                yield ("colour" if adjective in COLOURS else "material"), (one,), adjective
            if noun.start == "nearest_of":
                yield "nearest", (one,), noun.word


def _phrase_problems(
    proof: Proof,
    sensor: str,
    tongue: Reader,
    phrase: Phrase,
    noun: Noun,
    said_of: Mapping[int, set[tuple[str, str]]],
    before: Before,
) -> Iterator[tuple[str, str, str]]:
    """Whether a phrase picks out exactly its instances among what the camera shows."""
    ids = phrase.instance_ids
    if not ids or not set(ids) <= proof.known or list(ids) != sorted(set(ids)):
        yield "names instances that do not exist, or not in order", "instance ids", str(ids)
        return
    if noun.start == "it":
        if ids != before.topic or len(ids) != 1:
            yield "a pronoun points elsewhere than to the sentence before", str(before.topic), str(ids)
        elif before.topic_noun is not None and not tongue.pronoun_fits(noun, before.topic_noun):
            yield "a pronoun does not agree with what it stands for", before.topic_noun.word, noun.grammar
        return
    if (len(ids) != noun.count and noun.start not in ("row", "tag")) or (
        noun.start == "row" and len(ids) < 3
    ):
        yield "names another number of things than it links", str(noun.count), str(len(ids))
    fits = proof.called(noun.qualities, noun.word)
    wrong = [i for i in ids if i not in fits]
    if wrong:
        yield (
            "its words do not fit what it links",
            noun.word,
            f"{proof.names(wrong[0])[0]} (instance {wrong[0]})",
        )
    if noun.start == "tag" and (
        named := sorted(proof.called((), noun.word).intersection(proof.sure(sensor)))
    ) != list(ids):
        yield "a tag stands for other things than those in view", str(named), str(ids)
    if noun.start in ("a", "the", "another"):
        yield from _reference_problems(proof, sensor, ids[0], noun, said_of.get(ids[0], set()), before)
    if noun.start not in ("count", "at_least", "one_of", "nearest_of", "some_of"):
        return
    members = members_of(proof, sensor, noun.qualities[0] if noun.qualities else "", noun.word)
    if noun.start == "count" and members != list(ids):
        # Not all of the kind, but all of which the sentence is true: "two pedestrians are walking on the left".
        fitting = [i for i in proof.shown[sensor] if i in fits]
        said = set.intersection(*(said_of.get(i, set()) for i in ids))
        blurred = [i for i in fitting if proof.shown[sensor][i] != "sure"]
        alike = sorted(_told_apart(proof, sensor, fitting, said))
        if blurred or alike != list(ids) or "parked" in noun.qualities or not said:
            yield "counts other things than those in view", str(alike), str(ids)
    if noun.start == "at_least" and members != list(ids):
        yield "counts other things than those in view", str(members), str(ids)
    if noun.start in ("one_of", "nearest_of", "some_of") and (
        noun.total != len(members) or not set(ids) < set(members)
    ):
        yield "counts other things than those in view", str(members), f"{ids} of {noun.total}"


def _reference_problems(
    proof: Proof, sensor: str, one: int, noun: Noun, said: set[tuple[str, str]], before: Before
) -> Iterator[tuple[str, str, str]]:
    """Whether "a", "another" and "the" lead to one thing, given what has been spoken of."""

    def fitting(among: Iterable[int], qualities: tuple[str, ...] = noun.qualities) -> list[int]:
        return sorted(proof.called(qualities, noun.word).intersection(among))

    shown = proof.shown[sensor]
    doubles = [i for i in fitting(before.singly) if i != one]
    if noun.start == "the":
        among = before.known
        if one not in before.singly:
            yield "has not been introduced", f"a {noun.word}", str([one])
        if fitting(among) != [one]:
            yield "does not pick out one thing", str([one]), f"fits {fitting(among)}"
        if noun.qualities and fitting({*among, *before.beside}, ()) == [one]:
            yield "is longer than it need be", f"the {noun.word}", " ".join((*noun.qualities, noun.word))
        return
    if one in before.singly:
        yield "introduces what has been named before", f"the {noun.word}", str([one])
    if noun.start == "another" and not fitting(before.known - {one}):
        yield "there is no other of the kind before it", f"a {noun.word}", "nothing"
    if any(predicate == "unseen" for predicate, _ in said):
        return
    if noun.start == "a" and doubles:
        yield "is not the first of its kind", f"another {noun.word}", str(doubles)
    rivals = _told_apart(proof, sensor, fitting(shown), said)
    if noun.start == "another":
        rivals = [i for i in rivals if i not in before.known or i == one]
    if rivals != [one]:
        yield "does not pick out one thing", str([one]), f"fits {sorted(rivals)}"


def _told_apart(proof: Proof, sensor: str, rivals: Sequence[int], said: set[tuple[str, str]]) -> list[int]:
    """Those rivals of which everything that the sentence says of its thing is true as well.

    Numbers are left out: nobody tells two cars apart by 14 and 15 metres.
    """
    said = {(p, a) for p, a in said if p not in ("distance", "speed", "height_above")}
    true_of = proof.true_of(sensor)
    for key in said:
        if key in true_of:
            rivals = [i for i in rivals if i in true_of[key]]
    return list(rivals)
