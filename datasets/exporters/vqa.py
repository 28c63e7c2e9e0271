"""Questions about pictures as VQA 2.0 has them (Goyal et al., Making the V in VQA Matter, 2017), or as conversations.

``layout=vqa``: ``PART/KEY.CAMERA.png`` and ``{OpenEnded,MultipleChoice}_PART_questions.json``,
``PART_annotations.json``. ``layout=llava``: ``conversations_PART.jsonl``, all questions of a picture in one row.

Only questions that a picture answers, unless ``about=all``: of those about LiDAR, the drive or other sensors it is
one input of several. Questions about a whole clip have no picture and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pairforge.datasets.exporters.pictures import (
    PICTURE,
    VAL_EVERY,
    Picture,
    every,
    need_pictures,
    part_of,
    pictures,
)
from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.spool import Spool, spool
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.question_table import FILE, Question, question_path, read_questions
from pairforge.datasets.reader import Dataset

Row = dict[str, Any]
OF_PICTURES = ("image", "inspection")
"""What questions are about that a picture alone answers."""
KINDS = {"yes_no": "yes/no", "count": "number", "number": "number"}
"""Kind of answer -> VQA's; "other" for the rest."""
ANSWERS = 10
"""People whose answers VQA has of each question; its measure wants as many. Ours are one and the same."""


class Vqa:
    """See the module."""

    name: ClassVar[str] = "vqa"
    summary: ClassVar[str] = "questions with answers and choices, as VQA 2.0 or as LLaVA's conversations"
    needs: ClassVar[str] = ""
    reads: ClassVar[tuple[str, ...]] = (FILE,)
    options: ClassVar[Mapping[str, Option]] = {
        "layout": Option(
            "vqa", "VQA's questions and annotations, or LLaVA's conversations", ("vqa", "llava")
        ),
        "about": Option(
            "picture", "questions that a picture answers, or any that speak of one", ("picture", "all")
        ),
        "pictures": PICTURE,
        "val_every": VAL_EVERY,
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._llava = options["layout"] == "llava"
        self._all = options["about"] == "all"
        self._suffix = options["pictures"]
        self._val_every = every(options["val_every"])

    def check(self, dataset: Dataset) -> None:
        need_pictures(dataset, self.name)
        if not question_path(dataset.root).is_file():
            raise ExportError(f"{dataset.root} has no questions. Make them: pairforge ask {dataset.root}")
        if not any(self._wanted(q) for q in read_questions(dataset.root)[0]):
            raise ExportError(
                f"none of the questions of {dataset.root} is about a picture. "
                f"Ask others (pairforge ask {dataset.root}), or set about=all."
            )

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        part = part_of(dataset, scene_index, self._val_every)
        asked: dict[tuple[str, str], list[Question]] = {}
        for question in read_questions(dataset.root, scene_index)[0]:
            if self._wanted(question):
                asked.setdefault((question.key, question.sensor), []).append(question)
        found = []
        for picture in pictures(dataset, scene_index):
            questions = asked.get((picture.key, picture.sensor))
            if questions:
                image = f"{part}/{picture.stem}.{self._suffix}"
                target.write(image, picture.image(self._suffix))
                found.append({"image": image, **self._asked(picture, image, questions)})
        return {"part": part, "pictures": found}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        with spool(target) as files:
            number = 0
            for part in parts:
                for picture in part["pictures"]:
                    number += 1
                    if self._llava:
                        files.line(f"conversations_{part['part']}.jsonl", picture["row"])
                    else:
                        _add(files, part["part"], number, picture)
            files.write_lines()
            for name in files.names:
                files.write(name, _head(dataset, name))

    def _asked(self, picture: Picture, image: str, questions: list[Question]) -> Row:
        if self._llava:
            return {"row": {"id": picture.stem, "image": image, "conversations": conversation(questions)}}
        return {
            "questions": [_question(q) for q in questions],
            "annotations": [_answer(q) for q in questions],
        }

    def _wanted(self, question: Question) -> bool:
        return bool(question.key and question.sensor) and (self._all or question.about in OF_PICTURES)


def conversation(questions: list[Question]) -> list[Row]:
    """Turn by turn; the picture stands before the first question."""
    turns: list[Row] = []
    for n, question in enumerate(questions):
        turns.append({"from": "human", "value": ("" if n else "<image>\n") + question.question})
        turns.append({"from": "gpt", "value": question.answer})
    return turns


def _question(question: Question) -> Row:
    return {
        "question_id": question.question_id,
        "question": question.question,
        "multiple_choices": list(question.options),
        "language": question.language,
        "sql": question.sql,
    }


def _answer(question: Question) -> Row:
    one = {"answer": question.answer, "answer_confidence": "yes"}
    return {
        "question_id": question.question_id,
        "question_type": question.family,
        "answer_type": KINDS.get(question.answers, "other"),
        "multiple_choice_answer": question.answer,
        "answers": [{**one, "answer_id": n} for n in range(1, ANSWERS + 1)],
    }


def _add(files: Spool, part: str, image: int, picture: Row) -> None:
    """A picture's questions, in three files."""
    for row in picture["questions"]:
        whole = {"image_id": image, "image": picture["image"], **row}
        choices = whole.pop("multiple_choices")
        _put(files, f"OpenEnded_{part}_questions.json", "questions", whole)
        if choices:
            _put(
                files,
                f"MultipleChoice_{part}_questions.json",
                "questions",
                whole | {"multiple_choices": choices},
            )
    for row in picture["annotations"]:
        _put(files, f"{part}_annotations.json", "annotations", {"image_id": image, **row})


def _put(files: Spool, name: str, key: str, row: Row) -> None:
    files.open(name, key)
    files.add(name, key, row)


def _head(dataset: Dataset, name: str) -> Row:
    made = dataset.manifest.identity
    task, _, rest = name.partition("_")
    part = rest.removesuffix("_questions.json") if rest.endswith("_questions.json") else task
    head: Row = {
        "info": {"description": f"{made.scene}, seed {made.seed}, by pairforge", "version": "1.0"},
        "license": {},
        "data_type": "pairforge",
        "data_subtype": part,
    }
    kinds = {"OpenEnded": "Open-Ended", "MultipleChoice": "Multiple-Choice"}
    return {**head, "task_type": kinds[task]} if task in kinds else head
