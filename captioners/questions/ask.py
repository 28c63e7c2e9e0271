"""Ask a dataset: candidates by SQL, proofs by execution, a balanced choice, words.

The same dataset, seed and families give the same questions, whatever the machine.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


from pairforge.captioners.questions.balance import Balance, dropped
from pairforge.captioners.questions.moment import Moment, Stage
from pairforge.captioners.questions.phrasing import LANGUAGES, phrasings, realise
from pairforge.captioners.questions.proof import Proved, Rejected, possible, prove
from pairforge.captioners.questions.protocol import Asked, Family
from pairforge.captioners.questions.registry import family as family_of
from pairforge.captioners.questions.choices import pool
from pairforge.datasets.question_table import Question
from pairforge.datasets.reader import Dataset
from pairforge.datasets.sql import ASKED_TABLES, Tables
from pairforge.seeding import Stream

TRIES = 6
"""Candidates of a family, keyframe and sensor that are tried."""
KEPT = 2
"""Different answers among those that hold, after which no more are tried."""
POOL = 3
"""Questions that hold, for each one that is kept: what the balance may choose from."""
PLACE = ("scene_index", "key", "sensor")


@dataclass(frozen=True, eq=False)
class Candidate:
    """A proved question before the choice."""

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
        """What is balanced: the answer, or which of the two that are offered it is."""
        if self.family.answers == "either":
            return self.proved.value == self.asked.options[0]
        return self.proved.value

    @property
    def possible(self) -> int:
        return possible(self.family, pool(self.family.answers, self.asked, self.proved.value))


@dataclass(eq=False)
class Tally:
    """How many candidates there were, what became of them, by family."""

    tried: Counter[str] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    proved: Counter[str] = field(default_factory=Counter)
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
    tally = tally or Tally()
    stream = Stream(seed, "questions")
    found: list[Candidate] = []
    for scene_index in dataset.scenes:
        with Tables.of(dataset, [scene_index]) as tables:
            stage = Stage(tables, _vocabulary(dataset))
            found += _proved(stage, families, scene_index, POOL * per_frame, stream, tally)
        progress(f"{scene_index:06d}")
    kept = _balanced(found, per_frame, stream)
    for candidate in kept:
        tally.kept[candidate.family.name] += 1
    return list(_worded(kept, language, stream))


def _vocabulary(dataset: Dataset) -> frozenset[tuple[str, str]]:
    """(noun, class) of everything in any scene."""
    return frozenset(
        (row["noun"], row["semantic"])
        for i in dataset.scenes
        for row in dataset.table("instances", i).select(["noun", "semantic"]).to_pylist()
    )


def _proved(
    stage: Stage, families: Sequence[Family], scene_index: int, enough: int, stream: Stream, tally: Tally
) -> Iterator[Candidate]:
    """Questions of a scene that hold, some ``enough`` of each keyframe and of the clip, from families in drawn turn."""
    places: dict[str, dict[str, dict[str, list[dict[str, Any]]]]] = {}
    for one in families:
        for row in stage.candidates(one.candidates):
            parameters = {k: v for k, v in row.items() if k not in PLACE}
            own = places.setdefault(row.get("key", ""), {}).setdefault(one.name, {})
            own.setdefault(row["sensor"], []).append(parameters)
    by_name = {one.name: one for one in families}
    for key, offers in sorted(places.items()):
        here, found = stream / scene_index / (key or "clip"), 0
        names = sorted(offers)
        for i in (here / "families").rng().permutation(len(names)):
            one = by_name[names[int(i)]]
            for sensor, rows in sorted(offers[one.name].items()):
                if found < enough:
                    at = Moment(stage, scene_index, key, sensor)
                    held = list(_of_family(at, one, rows, here / one.name / sensor, tally))
                    found += len(held)
                    yield from held


def _of_family(
    at: Moment, one: Family, rows: list[dict[str, Any]], stream: Stream, tally: Tally
) -> Iterator[Candidate]:
    """One that holds of each answer, of the candidates in a drawn order."""
    rows = sorted(rows, key=lambda r: json.dumps(r, sort_keys=True))
    labels: Counter[Hashable] = Counter()
    for number, place in enumerate((stream / "order").rng().permutation(len(rows))[:TRIES]):
        candidate = _candidate(at, one, rows[int(place)], stream / number, tally)
        if candidate is not None and not labels[candidate.label]:
            labels[candidate.label] += 1
            yield candidate
        if len(labels) == KEPT:
            return


def _candidate(
    at: Moment, one: Family, parameters: Mapping[str, Any], stream: Stream, tally: Tally
) -> Candidate | None:
    tally.tried[one.name] += 1
    try:
        asked = one.ask(at, parameters)
        if asked is None:
            raise Rejected("words")
        proved = prove(at.stage.tables, one, asked, (stream / "wrong").rng())
    except Rejected as why:
        tally.rejected[one.name, str(why)] += 1
        return None
    tally.proved[one.name] += 1
    return Candidate(one, at.scene_index, at.key, at.sensor, parameters, asked, proved, stream)


def _balanced(found: list[Candidate], per_frame: int, stream: Stream) -> list[Candidate]:
    """Few a keyframe, of many families, with balanced answers."""
    places: dict[tuple[int, str], list[Candidate]] = defaultdict(list)
    for candidate in found:
        places[candidate.scene_index, candidate.key].append(candidate)
    balances: dict[str, Balance] = defaultdict(Balance)
    taken: list[Candidate] = []
    order = sorted(places)
    for i in (stream / "places").rng().permutation(len(order)):
        place = order[int(i)]
        taken += _of_place(
            places[place], per_frame, balances, stream / "turn" / place[0] / (place[1] or "clip")
        )
    by_family: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in taken:
        by_family[candidate.family.name].append(candidate)
    kept: list[Candidate] = []
    for _, own in sorted(by_family.items()):
        gone = dropped([c.label for c in own], max(c.possible for c in own))
        kept += [c for i, c in enumerate(own) if i not in gone]
    return sorted(kept, key=lambda c: (c.scene_index, c.key == "", c.key, c.family.name, c.stream.path))


def _of_place(
    candidates: list[Candidate], per_frame: int, balances: dict[str, Balance], stream: Stream
) -> list[Candidate]:
    """Families take turns, in a drawn order, until the keyframe has its questions."""
    by_family: dict[str, list[Candidate]] = defaultdict(list)
    for i in (stream / "within").rng().permutation(len(candidates)):
        by_family[candidates[int(i)].family.name].append(candidates[int(i)])
    names = sorted(by_family)
    names = [names[int(i)] for i in (stream / "families").rng().permutation(len(names))]
    taken: list[Candidate] = []
    while len(taken) < per_frame and any(by_family.values()):
        for name in names:
            balance = balances[name]
            while by_family[name] and len(taken) < per_frame:
                one = by_family[name].pop(0)
                if balance.takes(one.label, one.asked.blind, one.possible):
                    balance.keep(one.label, one.asked.blind)
                    taken.append(one)
                    break
    return taken


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
        claims=tuple(one.asked.claims(o) for o in options),
        position=position,
        checks=tuple((c.kind, c.sql) for c in one.proved.checks),
    )


def tables_of(sql: str) -> tuple[str, ...]:
    """The stored tables that a program reads, in alphabetical order."""
    words = sql.replace("(", " ").replace(",", " ").split()
    after = {b for a, b in zip(words, words[1:], strict=False) if a.upper() in ("FROM", "JOIN")}
    return tuple(sorted(after & set(ASKED_TABLES)))


def again(stage: Stage, question: Question) -> tuple[Family, Asked | None]:
    """The question of the same family and parameters, asked anew."""
    one = family_of(question.family)
    at = Moment(stage, question.scene_index, question.key, question.sensor)
    return one, one.ask(at, json.loads(question.parameters))
