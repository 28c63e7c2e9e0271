"""Ask a dataset: candidates by SQL, proofs by execution, a balanced choice, words.

The same dataset, seed and families give the same questions, whatever the machine.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pairforge.captioners.questions.balance import Balance, dropped
from pairforge.captioners.questions.choices import possible
from pairforge.captioners.questions.moment import Moment, Stage
from pairforge.captioners.questions.phrasing import LANGUAGES, phrasings, realise
from pairforge.captioners.questions.proof import Proved, Rejected, prove
from pairforge.captioners.questions.protocol import Asked, Family
from pairforge.captioners.questions.query import Scalar
from pairforge.datasets.question_table import Question
from pairforge.datasets.reader import Dataset
from pairforge.datasets.sql import ASKED_TABLES, Tables
from pairforge.seeding import Stream

TRIES = 8
"""Candidates of a family, keyframe and sensor that are tried."""
PLACE = ("scene_index", "key", "sensor")


@dataclass(frozen=True, eq=False)
class Candidate:
    """A question that holds."""

    family: Family
    scene_index: int
    key: str
    sensor: str
    parameters: Mapping[str, Any]
    asked: Asked
    proved: Proved
    stream: Stream

    @property
    def label(self) -> Hashable:
        """What is balanced: the answer, or whether it is the first of the two that are offered."""
        if self.family.answers == "either":
            return self.proved.value == self.asked.options[0]
        return self.proved.value

    @property
    def possible(self) -> int:
        return possible(self.family.answers, self.asked)


@dataclass(eq=False)
class Tally:
    """How many candidates there were, what became of them, by family."""

    tried: Counter[str] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)


def ask(
    dataset: Dataset,
    families: Sequence[Family],
    seed: int = 0,
    per_frame: int = 8,
    language: str = "en",
    progress: Callable[[str], None] = lambda key: None,
    tally: Tally | None = None,
) -> list[Question]:
    """The questions of a dataset, numbered from 1: at most ``per_frame`` a keyframe, and as many a clip."""
    tally, stream = tally or Tally(), Stream(seed, "questions")
    asker = _Asker(families, per_frame, stream, tally)
    found: list[Candidate] = []
    vocabulary = _vocabulary(dataset)
    for scene_index in dataset.scenes:
        with Tables.of(dataset, [scene_index]) as tables:
            found += asker.scene(Stage(tables, vocabulary), scene_index)
        progress(f"{scene_index:06d}")
    kept = _even(found)
    tally.kept.update(c.family.name for c in kept)
    return list(_worded(kept, language, stream))


def _vocabulary(dataset: Dataset) -> frozenset[tuple[str, str]]:
    """(noun, class) of everything in any scene."""
    return frozenset(
        (row["noun"], row["semantic"])
        for i in dataset.scenes
        for row in dataset.table("instances", i).select(["noun", "semantic"]).to_pylist()
    )


@dataclass(eq=False)
class _Asker:
    """Asks scene after scene, and remembers which answers there have been."""

    families: Sequence[Family]
    per_frame: int
    stream: Stream
    tally: Tally
    balances: dict[str, Balance] = field(default_factory=lambda: defaultdict(Balance))

    def scene(self, stage: Stage, scene_index: int) -> Iterator[Candidate]:
        """Questions of each keyframe and of the clip, from families in drawn turn."""
        offers: dict[str, dict[str, dict[str, list[dict[str, Any]]]]] = {}
        for one in self.families:
            for row in stage.candidates(one.candidates):
                if row["sensor"] is None:  # no camera to speak of
                    continue
                own = offers.setdefault(row.get("key", ""), {}).setdefault(one.name, {})
                parameters = {k: v for k, v in row.items() if k not in PLACE}
                own.setdefault(row["sensor"], []).append(parameters)
        by_name = {one.name: one for one in self.families}
        for key, names in sorted(offers.items()):
            here = self.stream / scene_index / (key or "clip")
            turns = [(name, sensor) for name in sorted(names) for sensor in sorted(names[name])]
            left = self.per_frame
            for i in (here / "turns").rng().permutation(len(turns)):
                name, sensor = turns[int(i)]
                at = Moment(stage, scene_index, key, sensor)
                found = self._of_family(at, by_name[name], names[name][sensor], here / name / sensor)
                if found is not None:
                    left -= 1
                    yield found
                if not left:
                    break

    def _of_family(
        self, at: Moment, one: Family, rows: list[dict[str, Any]], stream: Stream
    ) -> Candidate | None:
        """The first that holds and keeps the balance, of the candidates in a drawn order."""
        rows = sorted(rows, key=lambda r: json.dumps(r, sort_keys=True))
        for number, place in enumerate((stream / "order").rng().permutation(len(rows))[:TRIES]):
            found = self._candidate(at, one, rows[int(place)], stream / number)
            if found is not None:
                return found
        return None

    def _candidate(
        self, at: Moment, one: Family, parameters: Mapping[str, Any], stream: Stream
    ) -> Candidate | None:
        self.tally.tried[one.name] += 1
        try:
            asked = one.ask(at, parameters)
            if asked is None:
                raise Rejected("words")
            asked = at.in_air(asked)
            bet = _Bet(one, asked, self.balances[one.name])
            proved = prove(at.stage.tables, one, asked, (stream / "wrong").rng(), bet.open)
        except Rejected as why:
            self.tally.rejected[one.name, str(why)] += 1
            return None
        bet.settle(proved.value)
        return Candidate(one, at.scene_index, at.key, at.sensor, parameters, asked, proved, stream)


@dataclass(frozen=True, eq=False)
class _Bet:
    """What somebody who reads the words alone could bet on, and whether one more such answer would help them."""

    family: Family
    asked: Asked
    balance: Balance

    def _stake(self, value: Scalar) -> tuple[Hashable, Hashable, str]:
        """Label, bet and words; of two names, the bet is on the one first in the alphabet."""
        if self.family.answers == "either":
            names = sorted(str(o) for o in self.asked.options)
            return value == self.asked.options[0], value == names[0], "~".join(names)
        return value, value, self.asked.blind

    def open(self, value: Scalar) -> bool:
        return self.balance.takes(*self._stake(value), possible(self.family.answers, self.asked))

    def settle(self, value: Scalar) -> None:
        self.balance.keep(*self._stake(value))


def _even(found: list[Candidate]) -> list[Candidate]:
    """No answer with more than its share of a family; in order of place."""
    by_family: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in found:
        by_family[candidate.family.name].append(candidate)
    kept: list[Candidate] = []
    for _, own in sorted(by_family.items()):
        gone = dropped([c.label for c in own], max(c.possible for c in own))
        kept += [c for i, c in enumerate(own) if i not in gone]
    return sorted(kept, key=lambda c: (c.scene_index, c.key == "", c.key, c.family.name, c.sensor))


def _worded(kept: Sequence[Candidate], language: str, stream: Stream) -> Iterator[Question]:
    """The chosen ones in words, the place of the right answer drawn evenly."""
    deals: dict[tuple[str, int], list[int]] = defaultdict(list)
    for number, candidate in enumerate(kept, start=1):
        several = len(candidate.proved.wrong) + 1
        deal = deals[candidate.family.name, several]
        if not deal:
            rng = (stream / "deal" / candidate.family.name / number).rng()
            deal += [int(i) for i in rng.permutation(several)]
        yield _question(number, candidate, language, deal.pop())


def _question(number: int, one: Candidate, language: str, position: int) -> Question:
    ways = phrasings(one.family.name, language)
    way = int((one.stream / "phrasing").rng().integers(len(ways)))
    text, phrases = realise(ways[way], one.asked.slots)
    options = list(one.proved.wrong)
    options.insert(position, one.proved.value)
    if one.family.answers in ("yes_no", "either"):
        # They are said in the question's own order; a place that was dealt would read oddly.
        first = True if one.family.answers == "yes_no" else one.asked.options[0]
        options.sort(key=lambda o: o != first)
        position = options.index(one.proved.value)
    say = LANGUAGES[language].answer
    return Question(
        question_id=number,
        family=one.family.name,
        about=one.family.about,
        answers=one.family.answers,
        scene_index=one.scene_index,
        key=one.key,
        sensor=one.sensor,
        language=language,
        question=text,
        phrases=phrases,
        template=f"{one.family.name}/{way}",
        parameters=json.dumps(dict(one.parameters), sort_keys=True),
        sql=one.asked.sql,
        tables=tables_of(one.asked.sql),
        answer=say(one.proved.value, one.asked.unit),
        value=json.dumps(one.proved.value),
        unit=one.asked.unit,
        options=tuple(say(o, one.asked.unit) for o in options),
        option_values=tuple(json.dumps(o) for o in options),
        claims=tuple(one.asked.claims(o) for o in options),
        position=position,
        checks=tuple((c.kind, c.sql) for c in one.proved.checks),
    )


def tables_of(sql: str) -> tuple[str, ...]:
    """The stored tables that a program reads, in alphabetical order."""
    words = sql.replace("(", " ").replace(",", " ").split()
    after = {b for a, b in pairwise(words) if a in ("FROM", "JOIN")}
    return tuple(sorted(after & set(ASKED_TABLES)))
