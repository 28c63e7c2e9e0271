"""Table ``questions``: what ``pairforge ask`` writes to DIR/questions/questions.parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pairforge.datasets.files import read_bytes, write_atomic
from pairforge.datasets.parquet import table_of
from pairforge.datasets.place import place_of
from pairforge.datasets.schema import FORMAT, TABLE_VERSION, column
from pairforge.errors import DatasetError
from pairforge.sample import Phrase

FOLDER = "questions"
FILE = f"{FOLDER}/questions.parquet"


@dataclass(frozen=True)
class Question:
    """One question with its program and everything that proves it. See the schema for each field."""

    question_id: int
    family: str
    about: str
    answers: str
    scene_index: int
    key: str
    sensor: str
    language: str
    question: str
    phrases: tuple[Phrase, ...]
    template: str
    parameters: str
    sql: str
    tables: tuple[str, ...]
    answer: str
    value: str
    unit: str
    options: tuple[str, ...]
    option_values: tuple[str, ...]
    claims: tuple[str, ...]
    position: int
    checks: tuple[tuple[str, str], ...]


_STR, _I32, _I64 = pa.string(), pa.int32(), pa.int64()
_PHRASES = pa.list_(pa.struct([("start", _I32), ("end", _I32), ("instance_ids", pa.list_(_I32))]))

QUESTIONS = pa.schema(
    [
        column("question_id", _I64, "question of the dataset, from 1", "id"),
        column("family", _STR, "family of questions: noun.what"),
        column("about", _STR, "image, lidar, driving, clip, inspection or sensors"),
        column("answers", _STR, "kind of answer: yes_no, count, word, number or either"),
        column("scene_index", _I32, "scene of the dataset", "id"),
        column("key", _STR, "keyframe it is asked of; empty: the whole clip"),
        column("sensor", _STR, "camera whose picture its words speak of"),
        column("language", _STR, "language tag"),
        column("question", _STR, "the question"),
        column("phrases", _PHRASES, "characters [start, end) that name these instances"),
        column("template", _STR, "family and number of the phrasing"),
        column("parameters", _STR, "what the family made it from, as JSON"),
        column("sql", _STR, "the program: one SELECT over the tables, whose only value is the answer"),
        column("tables", pa.list_(_STR), "tables that the program reads"),
        column("answer", _STR, "the answer in words"),
        column("value", _STR, "what the program gives, as JSON", ""),
        column("unit", _STR, "unit of a number"),
        column("options", pa.list_(_STR), "answers to choose from, one of them right"),
        column("option_values", pa.list_(_STR), "the same as a program would give them, as JSON"),
        column("claims", pa.list_(_STR), "SQL of each option that is TRUE for the right one alone"),
        column("position", _I32, "place of the right option, from 0", "1"),
        column(
            "checks",
            pa.list_(pa.struct([("kind", _STR), ("sql", _STR)])),
            "SQL that must come out TRUE: the words fit one thing, no clause is idle, the answer is clear",
        ),
    ],
    metadata={"format": FORMAT, "format_version": str(TABLE_VERSION), "table": "questions"},
)


def question_path(root: Path | str) -> Path:
    return place_of(root) / FILE


def write_questions(root: Path | str, questions: Sequence[Question], made_from: Mapping[str, Any]) -> None:
    """Replace the questions of a dataset as a whole; ``made_from`` (plain JSON) is kept beside them.

    The same questions give the same bytes. Raises MachineError when the disk refuses.
    """
    schema = QUESTIONS.with_metadata(
        {**QUESTIONS.metadata, b"made_from": json.dumps(made_from, sort_keys=True).encode()}
    )
    table = pa.Table.from_pylist([_row(q) for q in questions], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, version="2.6", compression="zstd", compression_level=9)
    write_atomic(place_of(root), question_path(root), sink.getvalue().to_pybytes())


def read_questions(root: Path | str, scene_index: int | None = None) -> tuple[list[Question], dict[str, Any]]:
    """The questions of a dataset, or of one scene, and what they were made from. Raises DatasetError."""
    table = stored_questions(root)
    with _damaged(question_path(root)):
        made_from = json.loads((table.schema.metadata or {}).get(b"made_from", b"{}"))
    return questions_in(root, table, scene_index), made_from


def stored_questions(root: Path | str) -> pa.Table:
    """The table as it is stored. Raises DatasetError."""
    path = question_path(root)
    data = read_bytes(path)
    with _damaged(path):
        table = table_of(data)
        if not table.schema.equals(QUESTIONS):
            raise DatasetError(f"{path}: its columns are not those of table questions. Ask again.")
    return table


def questions_in(root: Path | str, table: pa.Table, scene_index: int | None = None) -> list[Question]:
    """The questions in the stored table of the dataset at ``root``, or those of one scene. Raises DatasetError."""
    with _damaged(question_path(root)):
        if scene_index is not None:
            table = table.filter(pc.equal(table["scene_index"], scene_index))
        return [_question(row) for row in table.to_pylist()]


@contextmanager
def _damaged(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DatasetError(f"{path}: damaged ({type(error).__name__}: {error}). Ask again.") from error


def _row(question: Question) -> dict[str, Any]:
    checks = [{"kind": kind, "sql": sql} for kind, sql in question.checks]
    return {**asdict(question), "checks": checks}


def _question(row: dict[str, Any]) -> Question:
    phrases = tuple(Phrase(p["start"], p["end"], tuple(p["instance_ids"])) for p in row["phrases"])
    checks = tuple((c["kind"], c["sql"]) for c in row["checks"])
    lists = {n: tuple(row[n]) for n in ("tables", "options", "option_values", "claims")}
    return Question(**{**row, **lists, "phrases": phrases, "checks": checks})
