"""Every kind of forgery of a question is caught."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.registry import chosen
from pairforge.datasets.finding import Finding
from pairforge.datasets.question_leaks import leaks
from pairforge.datasets.question_table import Question, write_questions
from pairforge.datasets.verify_questions import Questions
from tests.captioners.questions.forgeries import Judges, forgeries
from tests.captioners.questions.hand_dataset import HandDataset


@pytest.fixture(scope="module")
def dataset() -> HandDataset:
    return HandDataset(3)


@pytest.fixture(scope="module")
def questions(dataset) -> list[Question]:
    return ask(dataset, chosen(), seed=4, per_frame=14)


@pytest.fixture(scope="module")
def judge(dataset) -> Judges:
    return Judges(dataset)


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


def proved(root: Path, dataset: HandDataset) -> list[Finding]:
    """What is found wrong with the questions at ``root``, of scenes of ``dataset``."""
    questions = Questions(root, {*dataset.scenes})
    return [*questions.faults, *(f for i in dataset.scenes for f in questions.prove(dataset, i))]


def test_findings_name_the_question_and_a_missing_scene(tmp_path, dataset, questions):
    forged = [replace(questions[0], answer="x"), *questions[1:4], replace(questions[4], scene_index=99)]
    write_questions(tmp_path, forged, {})
    found = [str(f) for f in proved(tmp_path, dataset)]
    assert any("question 1 " in f for f in found)
    assert any("a scene that is not there" in f for f in found)


def test_a_damaged_file_is_one_finding(tmp_path, dataset, questions):
    write_questions(tmp_path, questions[:3], {})
    path = tmp_path / "questions/questions.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    (found,) = proved(tmp_path, dataset)
    assert "damaged" in found.message


def test_a_dataset_without_questions_has_no_findings(tmp_path, dataset):
    assert proved(tmp_path, dataset) == []


def test_what_is_asked_gives_no_answer_away(questions):
    assert list(leaks(questions)) == []
