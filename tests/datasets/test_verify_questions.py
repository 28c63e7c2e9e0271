"""Every kind of forgery of a question is caught."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest

from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.registry import chosen
from pairforge.datasets.question_table import Question, write_questions
from pairforge.datasets.sql import Tables
from pairforge.datasets.verify_questions import _Asker, _Seen, check, problems
from pairforge.sample import Phrase
from tests.captioners.questions.hand_dataset import HandDataset


@pytest.fixture(scope="module")
def dataset() -> HandDataset:
    return HandDataset(3)


@pytest.fixture(scope="module")
def questions(dataset) -> list[Question]:
    return ask(dataset, chosen(), seed=4, per_frame=14)


class Judge:
    """Verifies questions of one dataset, one at a time."""

    def __init__(self, dataset: HandDataset) -> None:
        self._open: dict[int, tuple] = {}
        self._dataset = dataset

    def __call__(self, q: Question) -> list[str]:
        if q.scene_index not in self._open:
            tables = Tables.of(self._dataset, [q.scene_index])
            frames = {r["key"]: 0 for r in tables.rows("SELECT key FROM frames")}
            self._open[q.scene_index] = (tables, frames, _Seen(tables), _Asker(tables))
        return list(islice(problems(q, *self._open[q.scene_index]), 1))


@pytest.fixture(scope="module")
def judge(dataset) -> Judge:
    return Judge(dataset)


def forgeries(q: Question, others: list[Question]) -> Iterator[tuple[str, Question]]:
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


def _another(q: Question, others: list[Question]) -> Question:
    return next(
        o for o in others if o.family != q.family and o.scene_index == q.scene_index and o.sql != q.sql
    )


def _renamed(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    first = phrases[0]
    return (Phrase(first.start, first.end, (first.instance_ids[0] + 1,)), *phrases[1:])


def _moved(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    first = phrases[0]
    return (Phrase(first.start, first.end - 1, first.instance_ids), *phrases[1:])


def test_true_questions_pass(questions, judge):
    assert len(questions) > 20
    assert {q.question: judge(q) for q in questions if judge(q)} == {}


def test_every_forgery_is_caught(questions, judge):
    missed, tried = [], 0
    for q in questions:
        for kind, forged in forgeries(q, questions):
            if forged == q:
                continue
            tried += 1
            if not judge(forged):
                missed.append((kind, q.family, forged.question))
    assert tried > 400
    assert missed == []


def test_findings_name_the_question_and_a_missing_scene(tmp_path, dataset, questions):
    forged = [replace(questions[0], answer="x"), *questions[1:4], replace(questions[4], scene_index=99)]
    write_questions(tmp_path, forged, {})
    found = [str(f) for f in check(tmp_path, dataset)]
    assert any("question 1 " in f for f in found)
    assert any("a scene that is not there" in f for f in found)


def test_a_damaged_file_is_one_finding(tmp_path, dataset, questions):
    write_questions(tmp_path, questions[:3], {})
    path = tmp_path / "questions/questions.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    (found,) = check(tmp_path, dataset)
    assert "damaged" in found.message


def test_a_dataset_without_questions_has_no_findings(tmp_path, dataset):
    assert list(check(tmp_path, dataset)) == []
