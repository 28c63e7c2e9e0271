"""Allen's relations between happenings, found again from how their four pairs of ends compare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from pairforge.sample import Happening

_ONE_NS, _TWO_NS = 50_000_000, 100_000_000
_BY_ENDS = {
    "<<<<": "before",
    "<<=<": "meets",
    "<<><": "overlaps",
    "<=><": "finished_by",
    "<>><": "contains",
    "=<><": "starts",
    "==><": "equals",
    "=>><": "started_by",
    "><><": "during",
    ">=><": "finishes",
    ">>><": "overlapped_by",
    ">>>=": "met_by",
    ">>>>": "after",
    # One of the two is so short that its own ends count as one.
    "<==<": "meets",
    ">=>=": "met_by",
    "=<=<": "starts",
    "=>>=": "started_by",
    "===<": "equals",
    "==>=": "equals",
    "====": "equals",
}
"""How starts, ends, the first's end with the second's start, and the first's start with the second's end compare."""


def relation_findings(happenings: Sequence[Happening], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What does not hold of a scene's relations: all pairs whose ends are clearly apart or clearly one have theirs
    (of more than 1,000 happenings those that share a subject), and no other pair has one.
    ``rows``: of the table ``happening_relations``."""
    stored: dict[tuple[int, int], tuple[str, int]] = {}
    for r in rows:
        pair = r["first_id"], r["second_id"]
        if pair in stored:
            yield f"the relation of happenings {pair} is told twice"
        stored[pair] = r["relation"], r["margin_ns"]
    due = dict(_due(happenings))
    for pair in sorted(stored.keys() | due.keys()):
        if pair not in stored or pair not in due:
            why = "left out" if pair in due else "not clear"
            yield f"the relation of happenings {pair} is {why}"
            continue
        (relation, told), (signs, margin) = stored[pair], due[pair]
        if relation != _BY_ENDS.get(signs) or told != margin:
            yield f"happenings {pair} are not {relation} by {told} ns: their ends compare {signs}"


def _of_one(happenings: Sequence[Happening]) -> Iterator[tuple[Happening, Happening]]:
    """Pairs that have a subject in common, each once: so many happenings are not all related to all others."""
    by_subject: dict[int, list[Happening]] = {}
    for h in happenings:
        for earlier in {o.happening_id: o for s in h.subjects for o in by_subject.get(s, ())}.values():
            yield earlier, h
        for s in dict.fromkeys(h.subjects):
            by_subject.setdefault(s, []).append(h)


def _due(happenings: Sequence[Happening]) -> Iterator[tuple[tuple[int, int], tuple[str, int]]]:
    """Pair of ids -> how their ends compare, and how far all of them are from the dead band, in ns."""
    for a, b in combinations(happenings, 2) if len(happenings) <= 1000 else _of_one(happenings):
        gaps = [a.t0_ns - b.t0_ns, a.t1_ns - b.t1_ns, a.t1_ns - b.t0_ns, a.t0_ns - b.t1_ns]
        if any(_ONE_NS < abs(gap) < _TWO_NS for gap in gaps):
            continue
        signs = "".join("=" if abs(g) <= _ONE_NS else "<" if g < 0 else ">" for g in gaps)
        margin = min(_ONE_NS - abs(g) if abs(g) <= _ONE_NS else abs(g) - _TWO_NS for g in gaps)
        yield (a.happening_id, b.happening_id), (signs, margin)
