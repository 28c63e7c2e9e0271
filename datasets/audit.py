"""The leakage report of a dataset: can its contrasts be told without looking, and how balanced and varied is it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pairforge.datasets.audit_balance import Balance, HeldOutUse, attributes, held_out
from pairforge.datasets.audit_blind import Kind, blind_kinds
from pairforge.datasets.audit_diversity import Diversity, diversity
from pairforge.datasets.audit_images import picture
from pairforge.datasets.audit_members import Members
from pairforge.datasets.audit_negatives import Negatives, negatives
from pairforge.datasets.audit_quads import read_quads
from pairforge.datasets.audit_questions import FamilyAudit, families, read_questions
from pairforge.datasets.audit_sweeps import sweep
from pairforge.datasets.audit_trial import Verdict
from pairforge.datasets.reader import Dataset
from pairforge.errors import MachineError
from pairforge.seeding import Stream

AUDIT = "audit"
NEEDS = {"sklearn": "scikit-learn", "sacrebleu": "sacrebleu"}


@dataclass(frozen=True)
class Audit:
    """Everything the report says. ``embedding``: what embeds sentences; ``canary``: it judges a forged set."""

    dataset: str
    scenes: int
    keyframes: int
    seed: int
    canary: bool
    embedding: str
    kinds: tuple[Kind, ...]
    negatives: tuple[Negatives, ...]
    families: tuple[FamilyAudit, ...]
    attributes: tuple[Balance, ...]
    diversity: tuple[Diversity, ...]
    split_parts: dict[str, int]
    held_out: tuple[HeldOutUse, ...]

    @property
    def verdict(self) -> Verdict | None:
        """The worst of all kinds; a held-out composition that shows up elsewhere leaks too. None: none to judge."""
        found = {k.verdict for k in self.kinds}
        if "leaks" in found or any(use.elsewhere for use in self.held_out):
            return "leaks"
        return "too few" if "too few" in found else ("sound" if found else None)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, floats to six digits."""
        plain: dict[str, Any] = _rounded({"verdict": self.verdict, **asdict(self)})
        return plain


def audit(
    root: Path | str,
    seed: int = 0,
    canary: bool = False,
    progress: Callable[[str], None] = lambda what: None,
) -> Audit:
    """Audits a dataset; ``canary`` judges a one-sided set forged from its quads, which must be found to leak.

    The same dataset, seed and versions give the same report. Raises DatasetError for damaged input, MachineError when
    a library is missing.
    """
    check_libraries()
    dataset, stream = Dataset(root), Stream(seed, "audit")
    quads, members = read_quads(dataset.root), Members(dataset)
    kinds, embedding = blind_kinds(
        quads,
        lambda shown: picture(members, *shown),
        stream / "blind",
        canary,
        progress,
        lambda key: sweep(members, key),
    )
    progress("weighing questions, attributes and words")
    asked = families(read_questions(dataset.root), stream / "questions")
    parts, compositions = held_out(dataset)
    return Audit(
        dataset=dataset.manifest.identity.scene,
        scenes=len(dataset.scenes),
        keyframes=len(dataset),
        seed=seed,
        canary=canary,
        embedding=embedding,
        kinds=tuple(kinds),
        negatives=tuple(negatives(dataset.root, stream / "negatives")),
        families=tuple(asked),
        attributes=tuple(attributes(dataset)),
        diversity=tuple(diversity(dataset, stream / "diversity")),
        split_parts=parts,
        held_out=tuple(compositions),
    )


def check_libraries() -> None:
    """MachineError when what an audit needs is not installed."""
    missing = [package for module, package in NEEDS.items() if find_spec(module) is None]
    if missing:
        raise MachineError(
            f"an audit needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed. "
            'Run: pip install "pairforge[audit]"'
        )


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, list | tuple) else value
