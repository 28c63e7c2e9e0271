"""What is true of a whole draw of a world, and lies about it: happenings, relations, questions and their balance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from benchmarks.claims_mutations import Tried, some
from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.registry import chosen
from pairforge.datasets import scene_tables
from pairforge.datasets.claims_happenings import all_that_happens, differences
from pairforge.datasets.claims_relations import relation_findings
from pairforge.datasets.question_leaks import leaks
from pairforge.datasets.question_table import Question
from pairforge.datasets.sql import Tables
from pairforge.datasets.store import table_path, tables_in_memory
from pairforge.datasets.verify_questions import Judge
from pairforge.sample import Keyframe, SceneRecord
from pairforge.seeding import Stream
from tests.captioners.mutate_happenings import happening_lists, relation_lists
from tests.captioners.questions.forgeries import forgeries, leaking, other_texts

PER_FRAME = 12


class Held:
    """One scene and some of its keyframes as the dataset that questions are asked of."""

    def __init__(self, record: SceneRecord, frames: Sequence[Keyframe]) -> None:
        self.scenes = (record.scene_index,)
        self._tables = tables_in_memory(record, frames)

    def scene(self, _: int) -> SimpleNamespace:
        return SimpleNamespace(slug="memory")

    def files(self, _: int) -> dict[str, None]:
        """Paths of the tables, as a stored scene lists its files."""
        return {table_path(n, "memory"): None for n in self._tables}

    def table(self, name: str, _: int) -> pa.Table:
        return self._tables[name]


def try_happenings(record: SceneRecord, each: int, stream: Stream) -> tuple[list[str], Tried]:
    """What does not hold of a scene's happenings and relations, and up to ``each`` lies of every kind about them."""
    derived, rows, tried = list(all_that_happens(record)), scene_tables.relation_rows(record), Tried()
    wrong = [*differences(record.happenings, derived), *relation_findings(record.happenings, rows)]
    ids = [r.instance_id for r in record.instances]
    for kind, lie in some(happening_lists(record.happenings, ids), each, stream / "happenings"):
        new = [h for h in lie if h not in record.happenings]
        tried.count(f"happening: {kind}", bool(differences(lie, derived)), False, f"{new}")
    for kind, told in some(relation_lists(rows, record.happenings), each, stream / "relations"):
        caught = next(relation_findings(record.happenings, told), None) is not None
        tried.count(f"relation: {kind}", caught, False, f"{[r for r in told if r not in rows]}")
    return wrong, tried


def try_questions(
    record: SceneRecord, frames: Sequence[Keyframe], each: int, stream: Stream
) -> tuple[list[Question], list[str], Tried]:
    """Questions of all families about a draw, what does not hold of them, and up to ``each`` lies of every kind."""
    held, tried = Held(record, frames), Tried()
    asked = ask(held, chosen(), record.scene_index, PER_FRAME)  # type: ignore[arg-type]
    with Tables.of(held, held.scenes) as stored:  # type: ignore[arg-type]
        judge = Judge(stored)
        wrong = [f"{q.family}: {q.question} {m}" for q in asked for m in judge.problems(q)]
        for kind, (right, lie) in some(_forged(asked), each, stream / "questions"):
            caught = next(judge.problems(lie), None) is not None
            tried.count(f"question: {kind}", caught, False, f"{right.family} {right.question!r} -> {lie}")
        # Of words alone: what asks again would find them whatever they mean, so that only the reading counts.
        for kind, (right, lie) in some(_reworded(asked), each, stream / "words"):
            caught = next(judge.meaning(lie), None) is not None
            tried.count(
                f"question: {kind}", caught, False, f"{right.family} {right.question!r} -> {lie.question!r}"
            )
    for kind, lies in some(leaking(asked), each, stream / "leaks"):
        caught = next(leaks(lies), None) is not None
        tried.count(f"questions: {kind}", caught, False, f"{len(lies)} questions")
    return asked, [*wrong, *leaks(asked)], tried


def _reworded(asked: Sequence[Question]) -> Iterator[tuple[str, Any]]:
    for q in asked:
        for kind, lie in other_texts(q):
            yield kind, (q, lie)


def _forged(asked: Sequence[Question]) -> Iterator[tuple[str, Any]]:
    for q in asked:
        for kind, lie in forgeries(q, asked):
            if lie != q:
                yield kind, (q, lie)
