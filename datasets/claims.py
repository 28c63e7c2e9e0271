"""Proves every fact and every caption of a keyframe against what is stored, and names whatever does not hold.

A separate re-derivation: no measuring code, template, lexicon or threshold of ``captioners`` is used here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pairforge.datasets.claims_events
import pairforge.datasets.claims_frames
import pairforge.datasets.claims_happened
import pairforge.datasets.claims_inspection
import pairforge.datasets.claims_next
import pairforge.datasets.claims_place
import pairforge.datasets.claims_road
import pairforge.datasets.claims_rooms
import pairforge.datasets.claims_signals
import pairforge.datasets.claims_support
import pairforge.datasets.claims_table
import pairforge.datasets.claims_traffic
import pairforge.datasets.claims_weather  # noqa: F401  (they register their checks)
from pairforge.datasets.claims_air import named_in_air
from pairforge.datasets.claims_checks import CHECKS, Derived, RefutedError
from pairforge.datasets.claims_inspection import unsaid_defects
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.sample import Fact, Keyframe, SceneRecord

_RELATIVE, _ABSOLUTE = 1e-7, 2e-4


@dataclass(frozen=True)
class Finding:
    """Something that does not hold. ``where``: "fact 12 (left_of)" or "caption driving [0:35]"; ``fact_id`` and
    ``span`` when there is one."""

    problem: str
    where: str
    expected: str = ""
    found: str = ""
    fact_id: int | None = None
    span: tuple[int, int] | None = None

    def __str__(self) -> str:
        detail = f" (expected {self.expected}, found {self.found})" if self.expected or self.found else ""
        return f"{self.where}: {self.problem}{detail}"


def prove(frame: Keyframe, record: SceneRecord) -> list[Finding]:
    """Findings, empty when every fact and every word is true. Facts first, then captions, in stored order."""
    proof = Proof(frame, record)
    findings: list[Finding] = []
    for place, fact in enumerate(frame.facts, start=1):
        findings += fact_findings(proof, fact, place)
    findings += repeated_facts(frame.facts)
    findings += _missing(proof)
    for caption in frame.captions:
        for problem, span, expected, found in caption_findings(proof, caption):
            where = f"caption {caption.kind} [{span[0]}:{span[1]}]"
            findings.append(Finding(problem, where, expected, found, span=span))
    return findings + _named_in_air(proof)


def _named_in_air(proof: Proof) -> list[Finding]:
    """Phrases of captions that name what fog or dust hides from their pictures."""
    return [
        Finding(
            "names what fog or dust hides",
            f"caption {caption.kind} [{span[0]}:{span[1]}]",
            "a thing that can be seen",
            str(ids),
            span=span,
        )
        for caption in proof.frame.captions
        for span, ids in named_in_air(caption, proof.lost.get(caption.sensor, frozenset()))
    ]


def fact_findings(proof: Proof, fact: Fact, place: int) -> list[Finding]:
    """What does not hold of one fact, which stands at ``place`` (from 1) among the keyframe's."""
    where = f"fact {fact.fact_id} ({fact.predicate})"

    def finding(problem: str, expected: object = "", found: object = "") -> Finding:
        return Finding(problem, where, str(expected), str(found), fact_id=fact.fact_id)

    if fact.fact_id != place:
        return [finding("is numbered out of order", place, fact.fact_id)]
    if fact.predicate not in CHECKS:
        return [finding("has an unknown predicate", "a known one", fact.predicate)]
    if not set(fact.subjects) <= proof.known or (
        not fact.subjects and fact.predicate not in ("weather", "place")
    ):
        return [finding("speaks of what does not exist", "instance ids", fact.subjects)]
    try:
        derived = CHECKS[fact.predicate](proof, fact)
    except RefutedError as refuted:
        return [finding("does not hold", f"{fact.predicate} {fact.argument}".strip(), refuted)]
    except (LookupError, ValueError, TypeError) as broken:
        return [finding("cannot be derived", "its subjects in the stored rows", repr(broken))]
    odd = [i for i in fact.subjects if i in proof.solids and proof.at_odds(i)]
    if fact.predicate in _BY_VELOCITY and odd:
        return [finding("rests on a velocity that the track denies", "the slope of its track", odd)]
    return [finding(*problem) for problem in _differences(proof, fact, derived)]


_BY_VELOCITY = frozenset(
    [
        *(
            "still",
            "moving",
            "speed",
            "parked",
            "oncoming",
            "closing",
            "pulling_away",
            "same_speed",
            "slowing",
        ),
        *("time_to_collision", "crossing", "heading_for_road", "ego_still", "ego_speed", "ego_braking"),
        *(
            "ego_accelerating",
            "ego_turning",
            "ego_moving_over",
            "entering_lane",
            "falling",
            "at_rest",
            "stirring",
            "on_its_side",
            "leans_on",
        ),
        *("closing_speed", "wrong_way", "over_limit", "within_limit", "waits_at_red"),
    ]
)
"""Facts that rest on stored velocities, which must then agree with the stored tracks."""


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)


def _differences(proof: Proof, fact: Fact, derived: Derived) -> list[tuple[str, object, object]]:
    problems: list[tuple[str, object, object]] = []
    if not _same(fact.value, derived.value):
        problems.append(("has another value", derived.value, fact.value))
    if not _same(fact.threshold, derived.threshold):
        problems.append(("has another threshold", derived.threshold, fact.threshold))
    for name in ("unit", "argument", "frame"):
        if getattr(fact, name) != getattr(derived, name):
            said = derived.exact and name == "argument" and _rounds(fact, derived)
            if not said:
                problems.append((f"has another {name}", getattr(derived, name), getattr(fact, name)))
    margin = _margin(fact, derived)
    own = _margin(fact, replace(derived, value=fact.value, threshold=fact.threshold))
    if not _same(fact.margin, margin):
        problems.append(("has another margin", margin, fact.margin))
    elif own is not None and not math.isclose(fact.margin or 0.0, own, rel_tol=1e-12, abs_tol=1e-9):
        problems.append(("has a margin that does not follow from its own value", own, fact.margin))
    elif margin is not None and margin < -_ABSOLUTE:
        problems.append(("lies within its dead band", "a margin of at least 0", margin))
    t0_ns = proof.frame.time_ns if derived.t0_ns is None else derived.t0_ns
    t1_ns = proof.frame.time_ns if derived.t1_ns is None else derived.t1_ns
    if (fact.t0_ns, fact.t1_ns) != (t0_ns, t1_ns):
        problems.append(("has another time span", (t0_ns, t1_ns), (fact.t0_ns, fact.t1_ns)))
    if (fact.sensor != "") != (fact.predicate in _SENSED):
        problems.append(("names the wrong sensor", "one for what is sensed", fact.sensor))
    known = proof.evidence_of(fact.sensor)
    if not fact.evidence or not set(fact.evidence) <= known or len(set(fact.evidence)) < len(fact.evidence):
        problems.append(("names no such evidence", sorted(known), fact.evidence))
    return problems


def _rounds(fact: Fact, derived: Derived) -> bool:
    """Whether the spoken number is within the rounding tolerance of the derived value, on the edge of two steps."""
    try:
        off = abs(float(fact.argument) - (derived.value or 0.0))
    except ValueError:
        return False
    return derived.threshold is not None and abs(off - derived.threshold) <= _ABSOLUTE


def _margin(fact: Fact, derived: Derived) -> float | None:
    if derived.value is None or derived.threshold is None:
        return None
    if derived.exact:
        return max(0.0, derived.threshold - abs(derived.value - float(derived.argument)))
    return derived.threshold - derived.value if derived.at_most else derived.value - derived.threshold


_SEEN_ALONE = (
    "visible",
    "partly_hidden",
    "hidden_behind",
    "cut_off",
    "side",
    "stands_on",
    "scenery",
    "unseen",
)
_SEEN_TOGETHER = ("count", "at_least", "left_of", "right_of", "in_front_of", "behind", "nearest", "largest")
_SHOWN = ("signal_shows", "cones_ahead", "same_in_view", "opposite_in_view")
_DEFECTS = ("defect", "defect_size", "defect_unseen")
_SENSED = frozenset((*_SEEN_ALONE, *_SEEN_TOGETHER, *_SHOWN, *_DEFECTS, "on_ground", "lidar_hits"))


def repeated_facts(facts: tuple[Fact, ...]) -> list[Finding]:
    """Facts that say again what another says."""
    seen: dict[tuple[object, ...], int] = {}
    findings = []
    for fact in facts:
        key = (fact.predicate, fact.subjects, fact.argument, fact.sensor, fact.t0_ns)
        if key in seen:
            where = f"fact {fact.fact_id} ({fact.predicate})"
            findings.append(
                Finding("is stated twice", where, "once", f"as fact {seen[key]}", fact_id=fact.fact_id)
            )
        seen[key] = fact.fact_id
    return findings


def _missing(proof: Proof) -> list[Finding]:
    """Things in view that no fact says are: a text could not be held to name them, nor a count be trusted."""
    if not proof.frame.facts:
        return []
    stated = {(f.sensor, f.subjects[0]) for f in proof.frame.facts if f.predicate == "visible" and f.subjects}
    return [
        Finding(f"instance {i} is in view of {sensor} but no fact says so", "facts", "visible", "nothing")
        for sensor in sorted(proof.shots)
        for i in proof.sure(sensor)
        if (sensor, i) not in stated
    ] + [Finding(problem, "facts") for problem in unsaid_defects(proof)]
