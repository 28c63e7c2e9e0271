"""Questions in VQA's and LLaVA's forms are those of the dataset."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.registry import chosen
from pairforge.datasets.export import export
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.question_table import read_questions, write_questions
from pairforge.datasets.reader import Dataset
from tests.datasets.exporters.check_exporter import check_exporter


@pytest.fixture(scope="module")
def asked(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(table, tmp_path_factory.mktemp("asked") / "table"))
    write_questions(root, ask(Dataset(root), chosen(("counting", "existence")), seed=1), {})
    return root


def said(path: Path) -> Any:
    return json.loads(path.read_text())


def accuracy(answers: list[str], answer: str) -> float:
    """VQA's measure: the mean over leaving out one of ten people of min(how many of the others agree / 3, 1)."""
    return float(np.mean([min((Counter(answers) - Counter([a]))[answer] / 3, 1.0) for a in answers]))


@pytest.mark.slow
def test_questions_annotations_and_choices_belong_together(asked: Path, tmp_path: Path) -> None:
    out, dataset = check_exporter("vqa", asked, tmp_path), Dataset(asked)
    known = {q.question_id: q for q in read_questions(asked)[0] if q.about == "image" and q.key}
    told = said(out / "OpenEnded_all_questions.json")
    choices = {q["question_id"]: q for q in said(out / "MultipleChoice_all_questions.json")["questions"]}
    answers = {a["question_id"]: a for a in said(out / "all_annotations.json")["annotations"]}
    assert told["task_type"] == "Open-Ended"
    assert {q["question_id"] for q in told["questions"]} == set(answers) == set(known)
    assert len(known) > 6
    for row in told["questions"]:
        question, answer = known[row["question_id"]], answers[row["question_id"]]
        assert row["question"] == question.question
        assert answer["image_id"] == row["image_id"]
        assert accuracy([a["answer"] for a in answer["answers"]], question.answer) == 1.0
        assert accuracy([a["answer"] for a in answer["answers"]], "purple elephants") == 0.0
        if question.options:
            right = choices[question.question_id]["multiple_choices"][question.position]
            assert right == answer["multiple_choice_answer"]
        camera = dataset.frame_by_key(question.key).cameras[question.sensor]
        assert (np.asarray(Image.open(out / row["image"])) == camera.rgb).all()
    kinds = {q.answers: answers[q.question_id]["answer_type"] for q in known.values()}
    assert kinds["yes_no"] == "yes/no"
    assert kinds["count"] == "number"


@pytest.mark.slow
def test_a_conversation_asks_all_of_a_picture_with_one_picture(asked: Path, tmp_path: Path) -> None:
    out = check_exporter("vqa", asked, tmp_path, {"layout": "llava"})
    rows = [json.loads(line) for line in (out / "conversations_all.jsonl").read_text().splitlines()]
    turns = [
        (human["value"].removeprefix("<image>\n"), answer["value"])
        for row in rows
        for human, answer in zip(row["conversations"][::2], row["conversations"][1::2], strict=True)
    ]
    known = [(q.question, q.answer) for q in read_questions(asked)[0] if q.about == "image" and q.key]
    assert sorted(turns) == sorted(known)
    assert all(sum("<image>" in t["value"] for t in row["conversations"]) == 1 for row in rows)
    assert all((out / row["image"]).is_file() for row in rows)


@pytest.mark.slow
def test_no_questions_are_one_line_with_the_remedy_and_others_are_another_export(
    table: Path, asked: Path, tmp_path: Path
) -> None:
    with pytest.raises(ExportError, match=f"pairforge ask {table}"):
        export(table, "vqa", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    root = Path(shutil.copytree(asked, tmp_path / "again"))
    export(root, "vqa", tmp_path / "out")
    write_questions(root, read_questions(root)[0][:-1], {})
    with pytest.raises(ExportError, match="another dataset"):
        export(root, "vqa", tmp_path / "out")
