"""How bad a defect is: a rule by kind and size, and what it means for the part. docs/inspection.md tabulates it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MINOR, MAJOR, CRITICAL = "minor", "major", "critical"
NEVER = float("inf")

LIMITS_MM: Mapping[str, tuple[float, float]] = {
    "scratch": (5.0, 15.0),
    "dent": (3.0, 8.0),
    "crack": (0.0, 6.0),
    "burr": (6.0, 20.0),
    "missing_hole": (0.0, 0.0),
    "stain": (12.0, NEVER),
    "chip": (2.0, 5.0),
    "misprint": (4.0, NEVER),
}
"""Kind -> size in mm from which it is major, and from which it is critical; below both it is minor."""

KINDS = tuple(LIMITS_MM)


def severity(kind: str, size_mm: float) -> str:
    """ "minor", "major" or "critical"."""
    major, critical = LIMITS_MM[kind]
    return CRITICAL if size_mm >= critical else MAJOR if size_mm >= major else MINOR


def rejected(severities: Sequence[str]) -> bool:
    """A part is rejected for one defect that is more than minor, or for three minor ones."""
    return any(s != MINOR for s in severities) or len(severities) >= 3
