"""What facts there are: one row a predicate. The contract of the table ``facts``, and what its columns may hold.

It is about form alone: ``faults`` says where a fact breaks it. That a fact is true is proved in ``claims``, which
shares no formula with whoever measured. The table in docs/captions.md is made from these rows (``fact_docs``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pairforge.datasets.fact_rows import ROWS, UNITS_BY_ARGUMENT
from pairforge.sample import Fact

Group = Literal[
    "attribute",
    "existence",
    "count",
    "relation",
    "support",
    "visibility",
    "motion",
    "distance",
    "traffic",
    "weather",
    "event",
    "cause",
    "inspection",
]
GROUPS: tuple[Group, ...] = (
    *("attribute", "existence", "count", "relation", "support", "visibility", "motion"),
    *("distance", "traffic", "weather", "event", "cause", "inspection"),
)
Value = Literal["least", "most", "either", "rounded", "bare", "none"]
"""How a value bears on its threshold: reaches it, stays below it, one or the other by the argument, is spoken rounded
to within it, stands alone, or is not there."""
_SLACK = 1e-6


@dataclass(frozen=True)
class Predicate:
    """One kind of fact.

    ``subjects``: what each instance id stands for, the one spoken of first; one ending in "…" stands for any number.
    ``arguments``: the words it may take; () for none, None for any; of a rounded value it is the number.
    ``frames``: frames of reference it may name ("" for none). ``sensed``: measured in one sensor, which it names.
    ``spans``: it is about a time before the keyframe ("after": that follows it), not the keyframe alone.
    ``meaning``: what the value is, and ``description``: when the fact holds.
    """

    name: str
    group: Group
    subjects: tuple[str, ...]
    arguments: tuple[str, ...] | None
    frames: tuple[str, ...]
    unit: str
    value: Value
    sensed: bool
    meaning: str
    description: str
    spans: bool | Literal["after"] = False

    @property
    def arity(self) -> tuple[int, int | None]:
        """Fewest and most subjects; None for no limit."""
        many = bool(self.subjects) and self.subjects[-1].endswith("…")
        return len(self.subjects), None if many else len(self.subjects)


PREDICATES: Mapping[str, Predicate] = {row[0]: Predicate(*row) for row in ROWS}


def faults(fact: Fact, time_ns: int | None = None) -> Iterator[str]:
    """What about a fact does not obey its row; ``time_ns``: when its keyframe is, if that is to be checked too."""
    row = PREDICATES.get(fact.predicate)
    if row is None:
        yield f'there is no predicate "{fact.predicate}"'
        return
    least, most = row.arity
    if len(fact.subjects) < least or (most is not None and len(fact.subjects) > most):
        yield f"it has {len(fact.subjects)} subjects; it takes {', '.join(row.subjects) or 'none'}"
    if len(set(fact.subjects)) < len(fact.subjects):
        yield f"its subjects {fact.subjects} repeat"
    if row.value != "rounded" and row.arguments is not None and fact.argument not in (row.arguments or ("",)):
        yield f'its argument "{fact.argument}" is none of {row.arguments or "(none)"}'
    if fact.frame not in row.frames:
        yield f'its frame "{fact.frame}" is none of {row.frames}'
    units = UNITS_BY_ARGUMENT if row.unit == "of the argument" else (row.unit,)
    if fact.unit not in units:
        yield f'its unit is "{fact.unit}", not "{row.unit}"'
    if (fact.sensor != "") != row.sensed:
        yield (
            "it names no sensor"
            if row.sensed
            else f'it names the sensor "{fact.sensor}", but is of the world'
        )
    yield from _numbers(fact, row)
    if fact.t0_ns > fact.t1_ns or (not row.spans and fact.t0_ns != fact.t1_ns):
        yield f"its time {fact.t0_ns}..{fact.t1_ns} ns is no {'span' if row.spans else 'instant'}"
    here, what = (fact.t0_ns, "begins") if row.spans == "after" else (fact.t1_ns, "ends")
    if time_ns is not None and here != time_ns:
        yield f"it {what} at {here} ns, not at the keyframe's {time_ns}"
    if not fact.evidence:
        yield "it names no evidence"


def _numbers(fact: Fact, row: Predicate) -> Iterator[str]:
    """Value, threshold and margin are there, as the row says, and agree."""
    value, threshold, margin = fact.value, fact.threshold, fact.margin
    due = {"none": (False, False), "bare": (True, False)}.get(row.value, (True, True))
    if (value is not None, threshold is not None) != due or (margin is not None) != due[1]:
        yield f"its value, threshold and margin are {value}, {threshold}, {margin}; {row.value} is due"
        return
    if value is None or threshold is None or margin is None:
        return
    if row.value == "rounded":
        spoken = _number(fact.argument)
        if spoken is None:
            yield f'its argument "{fact.argument}" is no number'
            return
        gaps: Sequence[float] = (max(0.0, threshold - abs(value - spoken)),)
    else:
        up, down = value - threshold, threshold - value
        gaps = {"least": (up,), "most": (down,)}.get(row.value, (up, down))
    if min(abs(margin - gap) for gap in gaps) > _SLACK * max(1.0, abs(value), abs(threshold)):
        yield f"its margin {margin:g} does not follow from {value:g} and {threshold:g}"
    if margin < 0.0:
        yield f"its margin {margin:g} is below 0"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
