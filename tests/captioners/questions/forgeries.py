"""Wrong questions made on purpose, each with the name of what was done to it, and who judges them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from pairforge.datasets.question_table import Question
from pairforge.datasets.sql import Tables
from pairforge.datasets.verify_questions import Judge
from pairforge.sample import Phrase

COLOURS = (
    *("black", "white", "silver", "grey", "red", "blue", "green", "yellow"),
    *("orange", "brown", "beige", "navy", "purple", "pink", "cyan"),
)


class Judges:
    """Judges questions of one dataset, one at a time."""

    def __init__(self, dataset: Any) -> None:
        self._open: dict[int, Judge] = {}
        self._dataset = dataset

    def __call__(self, q: Question) -> list[str]:
        """The first thing that is wrong with a question."""
        if q.scene_index not in self._open:
            self._open[q.scene_index] = Judge(Tables.of(self._dataset, [q.scene_index]))
        return list(islice(self._open[q.scene_index].problems(q), 1))


def forgeries(q: Question, others: Sequence[Question]) -> Iterator[tuple[str, Question]]:
    """(kind, forged) of one question: each a lie that reads well."""
    wrong = (q.position + 1) % len(q.options)
    yield "the answer", replace(q, answer=q.options[wrong])
    yield "the value", replace(q, value=q.option_values[wrong])
    yield (
        "answer, value and place together",
        replace(q, answer=q.options[wrong], value=q.option_values[wrong], position=wrong),
    )
    yield "the place of the right option", replace(q, position=wrong)
    yield "a program that says the wrong answer", replace(q, sql=f"SELECT {_sql(q.option_values[wrong])}")
    yield (
        "a program that says the right answer and asks nothing",
        replace(q, sql=f"SELECT {_sql(q.value)}", tables=()),
    )
    yield "a program with a changed word", replace(q, sql=_changed(q.sql))
    yield "a program that reads a file", replace(q, sql="SELECT * FROM read_text('/etc/hostname')", tables=())
    yield "a program of two statements", replace(q, sql=q.sql + "; DROP TABLE facts")
    yield (
        "a check left out",
        replace(q, checks=q.checks[1:]) if q.checks else replace(q, checks=(("sure", "SELECT TRUE"),)),
    )
    yield "a check that always holds", replace(q, checks=(*q.checks, ("margin", "SELECT TRUE")))
    yield (
        "a claim that is always false",
        replace(q, claims=tuple(c if n == q.position else "SELECT FALSE" for n, c in enumerate(q.claims))),
    )
    yield "a distractor that is right", replace(
        q, options=_put(q.options, wrong, q.answer + " "), option_values=_put(q.option_values, wrong, q.value),
        claims=_put(q.claims, wrong, q.claims[q.position]),
    )  # fmt: skip
    yield "a distractor's words", replace(q, options=_put(q.options, wrong, "none of these"))
    yield "a word of the question", replace(q, question=_other_word(q.question))
    yield (
        "another question's words",
        replace(q, question=_another(q, others).question, phrases=_another(q, others).phrases),
    )
    yield (
        "the parameters",
        replace(q, parameters=_another(q, others).parameters, family=_another(q, others).family),
    )
    yield "the family", replace(q, family=_another(q, others).family)
    yield "the keyframe", replace(q, key="000009-000009")
    yield "the scene's other keyframe", replace(q, sensor="CAM_NOWHERE")
    yield "the tables that are read", replace(q, tables=(*q.tables, "trajectories"))
    yield "the unit", replace(q, unit=q.unit + "ft")
    yield "the kind of answer", replace(q, answers="word" if q.answers != "word" else "count")
    yield "what it is about", replace(q, about="radar")
    yield (
        "the phrasing",
        replace(q, template=q.family + "/1" if q.template.endswith("/0") else q.family + "/0"),
    )
    if q.phrases:
        yield "whom a phrase names", replace(q, phrases=_renamed(q.phrases))
        yield "where a phrase stands", replace(q, phrases=_moved(q.phrases))
        yield "a phrase left out", replace(q, phrases=q.phrases[1:])


def _sql(value: str) -> str:
    found = json.loads(value)
    return f"'{found}'" if isinstance(found, str) else value


def _put(items: tuple[str, ...], place: int, item: str) -> tuple[str, ...]:
    return tuple(item if n == place else i for n, i in enumerate(items))


def _changed(sql: str) -> str:
    return re.sub(r"(\d+)(?!.*\d)", lambda m: str(int(m[1]) + 1), sql, flags=re.DOTALL)


def _other_word(question: str) -> str:
    for one, other in (
        ("left", "right"),
        ("right", "left"),
        ("more", "fewer"),
        ("red", "blue"),
        ("blue", "red"),
    ):
        if re.search(rf"\b{one}\b", question):
            return re.sub(rf"\b{one}\b", other, question, count=1)
    return question.replace("the ", "no ", 1) if "the " in question else "Not: " + question


def _another(q: Question, others: Sequence[Question]) -> Question:
    """A question of another family about the same scene; the same where there is none."""
    return next(
        (o for o in others if o.family != q.family and o.scene_index == q.scene_index and o.sql != q.sql), q
    )


def _renamed(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    first = phrases[0]
    return (Phrase(first.start, first.end, (first.instance_ids[0] + 1,)), *phrases[1:])


def _moved(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    first = phrases[0]
    return (Phrase(first.start, first.end - 1, first.instance_ids), *phrases[1:])


def _pairs(words: str) -> tuple[tuple[str, str], ...]:
    """ "tall wide, in_front_of beside" as pairs; an underscore is a space."""
    return tuple((a.replace("_", " "), b.replace("_", " ")) for a, b in (p.split() for p in words.split(",")))


SAID_OTHERWISE: dict[str, tuple[tuple[str, str], ...]] = {
    "another side": _pairs("left right, right left"),
    "another colour": tuple(zip(COLOURS, (*COLOURS[1:], COLOURS[0]), strict=True)),
    "another material": _pairs("wooden metal, wood metal, metal plastic, plastic rubber, rubber wooden"),
    "another number": _pairs("10 20, 20 30, 30 40, 40 10"),
    "another count word": _pairs("How_many Which, more fewer, any every, most fewest, two three"),
    "another measure": _pairs(
        "nearer further, larger smaller, bigger smaller, taller shorter, longest shortest, nearest furthest, "
        "largest smallest, faster slower, less_than more_than, within beyond, under over, first last, tall wide, "
        "length height, height width, speed weight"
    ),
    "another relation": _pairs(
        "on_top_of under, in_front_of beside, inside on, rest_on lean_on, in on, on in, towards away_from, "
        "against over"
    ),
    "another state": _pairs(
        "moving parked, parked moving, oncoming parked, crossing leaving, falling resting, hidden lit, "
        "braking turning, wet icy"
    ),
    "another thing": _pairs(
        "car van, cars vans, vehicle tram, vehicles trams, mug cup, box crate, boxes crates, ball cone, "
        "pedestrian cyclist, book plate"
    ),
    "another deed": _pairs("brake speed_up, change_lanes brake, turn roll, stop start"),
    "another defect": _pairs("scratch dent, dent crack, crack scratch, stain chip, chip burr"),
    "another weather": _pairs("fog rain, rain snow, snow fog"),
    "another article": _pairs("a an, an a"),
    "one for several": _pairs("cars car, vehicles vehicle, boxes box, pedestrians pedestrian"),
    "a negation": _pairs("Is Isn't, Does Doesn't, Are Aren't, Can Can't, Do Don't"),
}
"""Kinds of lies in a question's words alone, as words and what is put in their place."""


def other_texts(q: Question) -> Iterator[tuple[str, Question]]:
    """(kind, the question with other words) while its program stays: what a wrong template would make of it. Its
    phrases follow their words, so that only what text and program mean tells that something is wrong."""
    for kind, pairs in SAID_OTHERWISE.items():
        for old, new in pairs:
            found = re.search(rf"(?<!\w){re.escape(old)}(?!\w)", q.question)
            if found is not None:
                yield f"words: {kind}", _reworded(q, *found.span(), new)
                break
    if len(q.phrases) > 1:
        yield "words: two things exchanged", _exchanged(q)
    for p in q.phrases:
        adjective = q.question[p.start + 4 : p.end].rpartition(" ")[0]
        if adjective and " in " not in adjective and adjective in COLOURS:
            yield "words: an adjective less", _reworded(q, p.start + 4, p.start + 5 + len(adjective), "")


def _reworded(q: Question, start: int, end: int, new: str) -> Question:
    by = len(new) - (end - start)

    def moved(at: int, after: bool) -> int:
        return at + by if at > start or (at == start and after) else at

    phrases = tuple(
        Phrase(p.start + by if p.start >= end else p.start, moved(p.end, p.end >= end), p.instance_ids)
        for p in q.phrases
    )
    return replace(q, question=q.question[:start] + new + q.question[end:], phrases=phrases)


def _exchanged(q: Question) -> Question:
    """Two noun phrases in each other's place."""
    one, other = sorted(q.phrases, key=lambda p: p.start)[:2]
    a, b = q.question[one.start : one.end], q.question[other.start : other.end]
    text = q.question[: one.start] + b + q.question[one.end : other.start] + a + q.question[other.end :]
    by = len(b) - len(a)
    return replace(
        q, question=text,
        phrases=(Phrase(one.start, one.start + len(b), other.instance_ids),
                 Phrase(other.start + by, other.end, one.instance_ids),
                 *(p for p in q.phrases if p not in (one, other))),
    )  # fmt: skip


def leaking(questions: Sequence[Question]) -> Iterator[tuple[str, tuple[Question, ...]]]:
    """(kind, forged) of all questions of a dataset: each of them true, but together they give answers away."""
    questions = tuple(questions)
    if questions:
        yield "a question asked twice", _numbered((*questions, questions[0]))
    for name in sorted({q.family for q in questions}):
        own = [q for q in questions if q.family == name]
        two = own[0].answers in ("yes_no", "either")
        if two and len(own) >= 4:
            for place in (0, 1):
                kept = [q for q in questions if q.family != name or q.position == place]
                if sum(1 for q in kept if q.family == name) > 1:
                    yield "one of two answers left out", _numbered(kept)
        several = [q for q in own if len(q.options) == len(own[0].options)]
        if not two and len(several) >= 2:
            for place in (0, len(own[0].options) - 1):
                moved = [_placed(q, place) if q in several else q for q in questions]
                yield "the right option always in one place", tuple(moved)


def _numbered(questions: Iterable[Question]) -> tuple[Question, ...]:
    return tuple(replace(q, question_id=k) for k, q in enumerate(questions, start=1))


def _placed(q: Question, place: int) -> Question:
    """The question with its right option changed for the one at a place."""
    order = list(range(len(q.options)))
    order[place], order[q.position] = order[q.position], order[place]
    options, values, claims = (tuple(of[k] for k in order) for of in (q.options, q.option_values, q.claims))
    return replace(q, options=options, option_values=values, claims=claims, position=place)
