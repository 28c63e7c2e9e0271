"""Whether a text is true of a keyframe that it was not written for: true, false or open, and by how much.

``claims_text`` proves a caption about the instances that it is linked to. Here a text stands alone: it is true when
some choice of things in view makes all that it says hold, and false only when every choice makes something that it
says fail beyond its dead band. Between the two it is open, and nothing may rest on it.

Scores lie in -1..1: above 0 it holds, below 0 its opposite does, by that share of the margin there can be; 0 is open.
"And" is the least of scores, "some" the greatest, "not" the negative (Kleene's logic, made of degrees).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import pairforge.datasets.claims_truth_ego  # noqa: F401  (its scores register themselves)
from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth_scores import quality_score, score_of
from pairforge.datasets.readers.protocol import Noun, Sentence, UnreadableError, reader
from pairforge.sample import Caption

Read = tuple[tuple[Noun, ...], Sentence]
"""A sentence as a reader gives it: its noun phrases, and what it claims beside them."""

TRUE, FALSE = 0.02, -0.02
"""A text counts as true from this score, as false from that one."""
_SOME = frozenset({"a", "the", "another", "one_of", "nearest_of"})
_MANY = frozenset({"count", "at_least", "row"})
_MOST_CHOICES = 200_000


def read_text(caption: Caption, nouns: frozenset[str]) -> list[Read]:
    """The sentences of a caption, read by its language with the phrases where it says they are; ``nouns`` are
    those it may use. Raises UnreadableError; its links to instances and facts play no part.

    An author's own sentences are not among those it reads: what such a sentence claims its author says, and a quad
    that rested on it would be as true as that author wishes."""
    tongue, found = reader(caption.language), []
    at = 0
    for n, statement in enumerate(caption.statements):
        joint = tongue.joint if n else ""
        if statement.start != at + len(joint) or caption.text[at : statement.start] != joint:
            raise UnreadableError(f"statements do not tile {caption.text!r}")
        at = statement.end
        inside = [p for p in caption.phrases if statement.start <= p.start < p.end <= statement.end]
        spans = [(p.start - statement.start, p.end - statement.start) for p in inside]
        if any(b[0] < a[1] for a, b in pairwise(spans)):
            raise UnreadableError("phrases overlap or are out of order")
        found.append(tongue.read(caption.text[statement.start : statement.end], spans, nouns))
    if at != len(caption.text) or not found:
        raise UnreadableError(f"statements do not tile {caption.text!r}")
    return found


def truth(proof: Proof, sensor: str, sentences: Sequence[Read]) -> float:
    """The score of a text, -1..1, of what one camera shows: that of its weakest sentence. Where fog or dust hides
    something, the lesser of the scores with it and without; a text that it makes true or false is open."""
    score = _weakest(proof, sensor, sentences)
    if proof.seen is proof or score == 0.0:
        return score
    without = _weakest(proof.seen, sensor, sentences)
    return min(score, without, key=abs) if score * without > 0.0 else 0.0


def _weakest(proof: Proof, sensor: str, sentences: Sequence[Read]) -> float:
    return min(_Judged(proof, sensor, nouns, sentence).score for nouns, sentence in sentences)


@dataclass(eq=False)
class _Judged:
    """One sentence before one keyframe."""

    proof: Proof
    sensor: str
    nouns: tuple[Noun, ...]
    sentence: Sentence
    left: int = field(default=_MOST_CHOICES)

    @property
    def score(self) -> float:
        unknown = [n.start for n in self.nouns if n.start not in (*_SOME, *_MANY, "none")]
        if unknown or self._unplaced is None:
            return 0.0
        return min(self._unplaced, self._best(self._singles, {}, 1.0, -1.0))

    @cached_property
    def _singles(self) -> tuple[int, ...]:
        """Places of the phrases that name one thing, those with the fewest candidates first."""
        places = [k for k, n in enumerate(self.nouns) if n.start in _SOME]
        return tuple(sorted(places, key=lambda k: sum(s > -1.0 for s in self._described(k).values())))

    @cached_property
    def _unplaced(self) -> float | None:
        """The score of what the sentence claims of no phrase; None when it claims what nobody can judge."""
        worst = 1.0
        for predicate, letters, argument in self.sentence.claims:
            if predicate in ("only", *_PLACED) or any(x in self.sentence.slots for x in letters):
                continue
            subjects = tuple(self.proof.ego or 0 for x in letters if x == "ego")
            if len(subjects) != len(letters):
                continue
            worst = min(worst, score_of(self.proof, self.sensor, predicate, subjects, argument))
        return worst

    def _best(self, places: tuple[int, ...], chosen: Mapping[int, int], so_far: float, floor: float) -> float:
        """The greatest score over all choices for ``places``, but no better than ``so_far``; at least ``floor``."""
        if not places:
            return max(floor, min(so_far, self._rest(chosen)))
        place, *others = places
        best = floor
        taken = set(chosen.values())
        ranked = sorted(self._described(place).items(), key=lambda item: -item[1])
        for one, described in ranked:
            if min(so_far, described) <= best:
                break
            if one in taken:
                continue
            self.left -= 1
            if self.left < 0:
                return max(best, 0.0)  # too many choices to try: open
            now = {**chosen, place: one}
            score = min(so_far, described, *self._claims(place, now))
            if score > best:
                best = max(best, self._best(tuple(others), now, score, best))
        return best

    def _described(self, place: int) -> dict[int, float]:
        """Instance id -> how well the words of a phrase fit it, of all that shows."""
        if place not in self._fitting:
            noun = self.nouns[place]
            self._fitting[place] = {i: self._fit(i, noun) for i in self._shown}
        return self._fitting[place]

    @cached_property
    def _fitting(self) -> dict[int, dict[int, float]]:
        return {}

    def _fit(self, instance_id: int, noun: Noun) -> float:
        scores = [self._shown[instance_id], 1.0 if noun.word in self.proof.names(instance_id) else -1.0]
        if scores[1] > 0:
            scores += [quality_score(self.proof, instance_id, q) for q in noun.qualities]
        return min(scores)

    @cached_property
    def _shown(self) -> dict[int, float]:
        """Instance id -> how surely it is in view: below 0 for the few pixels that nobody would notice."""
        shot, found = self.proof.shots[self.sensor], {}
        for i in shot.pixels:
            if i == self.proof.ego or i not in self.proof.solids:
                continue
            state = self.proof.shown[self.sensor].get(i)
            px = shot.px(i)
            if state == "sure":
                found[i] = min(1.0, px / policy.MENTION_PX - 1.0 + TRUE)
            else:
                found[i] = 0.0 if state == "unsure" else px / policy.NOTICE_PX - 1.0
        return found

    def _claims(self, place: int, chosen: Mapping[int, int]) -> Iterator[float]:
        """Scores of the claims that choosing for ``place`` has made complete."""
        for predicate, letters, argument in self._placed_claims:
            for places in self._choices(letters):
                if place in places and all(p in chosen for p in places if p >= 0):
                    yield self._scored(predicate, places, argument, chosen)

    def _scored(
        self, predicate: str, places: tuple[int, ...], argument: str, chosen: Mapping[int, int]
    ) -> float:
        subjects = tuple((self.proof.ego or 0) if p < 0 else chosen[p] for p in places)
        return score_of(self.proof, self.sensor, predicate, subjects, argument)

    @cached_property
    def _placed_claims(self) -> list[tuple[str, tuple[str, ...], str]]:
        slots = self.sentence.slots
        return [
            c
            for c in self.sentence.claims
            if c[0] != "only" and c[1] and any(letter in slots for letter in c[1])
        ]

    def _choices(self, letters: Sequence[str]) -> list[tuple[int, ...]]:
        """For each way to take one phrase of every letter: their places, -1 for the ego. () when one is missing."""
        ways: list[tuple[int, ...]] = [()]
        for letter in letters:
            places = (-1,) if letter == "ego" else self.sentence.slots.get(letter, ())
            ways = [(*way, p) for way in ways for p in places]
        return ways

    def _rest(self, chosen: Mapping[int, int]) -> float:
        """Groups, what there is none of, and "nothing but", once every single thing is chosen."""
        worst, named = 1.0, set(chosen.values())
        for place, noun in enumerate(self.nouns):
            if noun.start in _SOME:
                if noun.start in ("one_of", "nearest_of"):
                    worst = min(worst, self._numbered(place, chosen, chosen[place]))
                continue
            members = {i: self._member(place, i, chosen) for i in self._shown}
            if noun.start == "none":
                worst = min(worst, -max(members.values(), default=-1.0))
            else:
                worst = min(worst, _counted(list(members.values()), noun))
                named |= {i for i, s in members.items() if s >= 0.0}
        if any(c[0] == "only" for c in self.sentence.claims):
            left = [s for i, s in self._shown.items() if i not in named]
            worst = min(worst, -max(left, default=-1.0))
        return worst

    def _member(self, place: int, instance_id: int, chosen: Mapping[int, int]) -> float:
        """How well a thing fits a phrase that names no single one, and what is claimed of it."""
        if instance_id in chosen.values():
            return -1.0
        fits = self._described(place)[instance_id]
        if fits == -1.0:
            return fits
        return min(fits, *self._claims(place, {**chosen, place: instance_id}), 1.0)

    def _numbered(self, place: int, chosen: Mapping[int, int], one: int) -> float:
        """ "the nearer of two vans": that there are two, and that it is the nearer."""
        noun = self.nouns[place]
        score = _counted(list(self._described(place).values()), Noun("count", count=noun.total))
        if noun.start == "nearest_of":
            score = min(score, score_of(self.proof, self.sensor, "nearest", (one,), noun.word))
        return score


_PLACED = ("both_sides", "both_lined", "scenery")


def _counted(scores: Sequence[float], noun: Noun) -> float:
    """Whether so many of these hold: by how little the score would have to change for one more or one fewer."""
    ranked = sorted(scores, reverse=True)
    wanted = 3 if noun.start == "row" else noun.count
    enough = ranked[wanted - 1] if len(ranked) >= wanted else -1.0
    if noun.start in ("at_least", "row"):
        return enough
    more = ranked[wanted] if len(ranked) > wanted else -1.0
    return min(enough, -more)
