"""The stage ``pairforge ask``: questions of a whole dataset, written once, kept when nothing has changed."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pairforge import __version__
from pairforge.captioners.questions.ask import Tally, ask
from pairforge.captioners.questions.registry import chosen
from pairforge.datasets.question_table import Question, question_path, read_questions, write_questions
from pairforge.datasets.reader import Dataset
from pairforge.errors import DatasetError
from pairforge.units import amount


@dataclass(frozen=True)
class Request:
    """What is asked for: families or nouns (none: all), the seed, and the most questions of a keyframe or clip."""

    families: tuple[str, ...] = ()
    seed: int = 0
    per_frame: int = 8
    language: str = "en"


@dataclass(frozen=True)
class Outcome:
    """What came of it. ``answers``: family -> answer -> how many; ``rejected``: reason -> candidates, empty when the
    questions were there already (``kept``)."""

    path: Path
    questions: int
    keyframes: int
    kept: bool
    tried: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    answers: dict[str, dict[str, int]] = field(default_factory=dict)

    def summary(self) -> tuple[str, ...]:
        """A few lines for people."""
        if self.kept:
            return (f"{self.path}: {amount(self.questions, 'question')} already there",)
        share = 1 - self.questions / self.tried if self.tried else 0.0
        return (
            f"{self.path}: {amount(self.questions, 'question')} of "
            f"{amount(len(self.answers), 'family', 'families')} about {amount(self.keyframes, 'keyframe')}",
            f"  {amount(self.tried, 'candidate')} tried, {share:.0%} rejected: "
            + ", ".join(f"{n} {why}" for why, n in sorted(self.rejected.items(), key=lambda i: -i[1])),
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "out": str(self.path),
            "questions": self.questions,
            "keyframes": self.keyframes,
            "kept": self.kept,
            "tried": self.tried,
            "rejected": self.rejected,
            "answers": self.answers,
        }


def ask_dataset(
    root: Path | str,
    request: Request,
    plan: Callable[[int], None] = lambda scenes: None,
    progress: Callable[[str], None] = lambda scene: None,
) -> Outcome:
    """Ask a dataset and write its questions as a whole.

    The same dataset and request give the same bytes; where they are there already they are left alone. Raises
    SpecError for unknown families, DatasetError for a damaged dataset, MachineError when the disk refuses.
    """
    dataset, families = Dataset(root), chosen(request.families)
    made_from = {
        "pairforge": __version__,
        "seed": request.seed,
        "per_frame": request.per_frame,
        "language": request.language,
        "families": [f.name for f in families],
        "tables_sha256": _fingerprint(dataset),
    }
    path = question_path(root)
    if there := _there(root, made_from):
        return Outcome(path, len(there), len(dataset), kept=True, answers=_answers(there))
    plan(len(dataset.scenes))
    tally = Tally()
    found = ask(dataset, families, request.seed, request.per_frame, request.language, progress, tally)
    write_questions(root, found, made_from)
    rejected: Counter[str] = Counter()
    for (_, why), n in sorted(tally.rejected.items()):
        rejected[why] += n
    rejected["even"] = sum(tally.tried.values()) - sum(rejected.values()) - len(found)
    tried = sum(tally.tried.values())
    return Outcome(path, len(found), len(dataset), False, tried, dict(rejected), _answers(found))


def _there(root: Path | str, made_from: dict[str, Any]) -> list[Question]:
    """The questions of the very same making that are there."""
    try:
        questions, old = read_questions(root)
    except DatasetError:
        return []
    return questions if old == made_from else []


def _answers(questions: Sequence[Question]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for q in questions:
        counts.setdefault(q.family, Counter())[q.answer] += 1
    return {family: dict(sorted(c.items())) for family, c in sorted(counts.items())}


def _fingerprint(dataset: Dataset) -> str:
    """Hash over the hashes of all tables of all scenes."""
    files = {
        name: entry.sha256
        for scene in dataset.scenes
        for name, entry in dataset.files(scene).items()
        if name.startswith("tables/")
    }
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
