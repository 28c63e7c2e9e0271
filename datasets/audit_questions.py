"""Questions as the audit reads them: are the answers balanced, and can they be guessed from the question's words?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pairforge.datasets import audit_text
from pairforge.datasets.audit_balance import Balance, balance
from pairforge.datasets.audit_trial import BLOCKS, FEWEST_GROUPS, Z, blocks
from pairforge.datasets.files import is_file, read_bytes
from pairforge.datasets.parquet import table_of
from pairforge.errors import DatasetError
from pairforge.frames import F64
from pairforge.seeding import Stream

QUESTIONS = "questions/questions.parquet"
_COLUMNS = ("family", "scene_index", "language", "question", "answer", "options", "position")


@dataclass(frozen=True)
class Guessing:
    """Share of answers that the words of questions give away, beside that of always saying what was most often right.

    ``lead``: the difference, with its 95 % interval over scenes.
    """

    tested: int
    scenes: int
    words: float
    majority: float
    lead: float
    low: float
    high: float


@dataclass(frozen=True)
class FamilyAudit:
    """One family in one language: its answers, the places of the right option, and the guessing (None: too few)."""

    family: str
    language: str
    answers: Balance
    positions: Balance
    guessing: Guessing | None


def read_questions(root: Path) -> list[dict[str, Any]]:
    """Rows of the questions that there are; DatasetError when they are damaged."""
    path = root / QUESTIONS
    if not is_file(path):
        return []
    try:
        table = table_of(read_bytes(path))
        missing = [name for name in _COLUMNS if name not in table.column_names]
        if missing:
            raise DatasetError(f'{path} has no column "{missing[0]}". Ask the questions again.')
        return list(table.select(list(_COLUMNS)).to_pylist())
    except (pa.ArrowException, ValueError) as error:
        raise DatasetError(
            f"{path}: damaged ({type(error).__name__}: {error}). Ask the questions again."
        ) from error


def families(rows: Sequence[dict[str, Any]], stream: Stream) -> list[FamilyAudit]:
    """Every family of every language, by name."""
    cells: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["family"], row["language"]), []).append(row)
    return [
        FamilyAudit(
            *cell,
            balance("answers", Counter(str(r["answer"]) for r in of)),
            balance("positions", Counter(str(r["position"] + 1) for r in of if r["options"])),
            _guessed(of, stream / cell[0] / cell[1]),
        )
        for cell, of in sorted(cells.items())
    ]


def _guessed(rows: Sequence[dict[str, Any]], stream: Stream) -> Guessing | None:
    """Trains on the questions of some scenes and guesses those of others (see ``audit_trial``)."""
    group = np.array([r["scene_index"] for r in rows], np.int64)
    answers = np.array([str(r["answer"]) for r in rows])
    seen: Any = audit_text.words([r["question"] for r in rows])
    dealt, words, majority, tested = (
        blocks(group, stream),
        list[F64](),
        list[F64](),
        list[NDArray[np.int64]](),
    )
    for k in range(1, BLOCKS):
        train, test = dealt < k, dealt == k
        if train.any() and test.any():
            often = Counter(answers[train].tolist())
            most = min(often, key=lambda a: (-often[a], a))
            words.append(_answers(seen[train], answers[train], seen[test]) == answers[test])
            majority.append(answers[test] == most)
            tested.append(group[test])
    if not tested or len(np.unique(np.concatenate(tested))) < FEWEST_GROUPS:
        return None
    right, often_right = (np.concatenate(x).astype(float) for x in (words, majority))
    lead, at = right - often_right, np.concatenate(tested)
    names, place = np.unique(at, return_inverse=True)
    off = np.bincount(place, weights=lead - lead.mean())
    spread = Z * sqrt(float(off @ off) * len(names) / (len(names) - 1)) / len(lead)
    mean = float(lead.mean())
    shares = float(right.mean()), float(often_right.mean())
    return Guessing(len(lead), len(names), *shares, mean, mean - spread, mean + spread)


def _answers(seen: Any, answers: NDArray[np.str_], asked: Any) -> NDArray[np.str_]:
    from sklearn.linear_model import LogisticRegression

    if len(set(answers.tolist())) < 2:
        return np.full(asked.shape[0], answers[0])
    found: NDArray[np.str_] = LogisticRegression(C=1.0, max_iter=300).fit(seen, answers).predict(asked)
    return found
