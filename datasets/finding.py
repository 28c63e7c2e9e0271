"""What the verifier says: one finding a fault, each with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pairforge.units import amount


@dataclass(frozen=True, order=True)
class Finding:
    """One fault. ``scene`` and ``frame`` are -1 where it concerns the whole dataset or the whole scene; ``file`` is
    a path within the dataset, for a shard with the member after a colon."""

    scene: int
    frame: int
    file: str
    check: str
    message: str

    def __str__(self) -> str:
        place = "dataset" if self.scene < 0 else f"scene {self.scene}"
        place += f" frame {self.frame}" if self.frame >= 0 else ""
        return f"{place}, {self.file}: {self.message} [{self.check}]"


@dataclass(frozen=True)
class Problem:
    """What a check found wrong; ``frame`` when a check of a whole scene blames one keyframe."""

    file: str
    message: str
    frame: int | None = None


@dataclass(frozen=True)
class Report:
    """All findings, what was looked at, and what was measured on the way (name -> value, units in the names).
    ``more``: findings that were counted and not kept."""

    findings: tuple[Finding, ...]
    scenes: int
    frames: int
    checks: tuple[str, ...]
    measured: Mapping[str, float] = field(default_factory=dict)
    more: int = 0

    @property
    def ok(self) -> bool:
        return not self.findings

    def summary(self) -> tuple[str, ...]:
        """A few lines for people."""
        verdict = "all hold" if self.ok else amount(len(self.findings) + self.more, "finding")
        looked = (
            f"{amount(self.scenes, 'scene')}, {amount(self.frames, 'keyframe')}, "
            f"{amount(len(self.checks), 'kind')} of check: {verdict}"
        )
        return (looked, *(f"  {name} = {value:.3g}" for name, value in sorted(self.measured.items())))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {"ok": self.ok, **asdict(self)}
