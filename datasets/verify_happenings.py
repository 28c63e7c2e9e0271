"""Does everything that is said to happen come about, nothing else, and in the relations that are stored?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from pairforge.datasets.claims_happenings import scene_findings
from pairforge.datasets.verify_view import Problem, SceneView

_ONE_NS, _TWO_NS = 50_000_000, 100_000_000
_BY_ENDS = {
    "before": "<<<<",
    "meets": "<<=<",
    "overlaps": "<<><",
    "finished_by": "<=><",
    "contains": "<>><",
    "starts": "=<><",
    "equals": "==><",
    "started_by": "=>><",
    "during": "><><",
    "finishes": ">=><",
    "overlapped_by": ">>><",
    "met_by": ">>>=",
    "after": ">>>>",
}
"""How starts, ends, the first's end with the second's start, and the first's start with the second's end compare."""


def happenings(scene: SceneView) -> Iterator[Problem]:
    """All that happens is found again in tracks and contacts, and nothing is stored that does not."""
    for message in scene_findings(scene.record):
        yield Problem(scene.table("happenings"), message)


def happening_relations(scene: SceneView) -> Iterator[Problem]:
    """Allen's relations of all pairs whose ends are clearly apart or clearly one."""
    table = scene.table("happening_relations")
    stored = {
        (r["first_id"], r["second_id"]): (r["relation"], r["margin_ns"])
        for r in scene.dataset.table("happening_relations", scene.index).to_pylist()
    }
    due = {}
    for a, b in combinations(scene.record.happenings, 2):
        gaps = [a.t0_ns - b.t0_ns, a.t1_ns - b.t1_ns, a.t1_ns - b.t0_ns, a.t0_ns - b.t1_ns]
        if any(_ONE_NS < abs(gap) < _TWO_NS for gap in gaps):
            continue
        signs = "".join("=" if abs(g) <= _ONE_NS else "<" if g < 0 else ">" for g in gaps)
        margin = min(_ONE_NS - abs(g) if abs(g) <= _ONE_NS else abs(g) - _TWO_NS for g in gaps)
        due[a.happening_id, b.happening_id] = (signs, margin)
    for pair in sorted(stored.keys() | due.keys()):
        if pair not in stored or pair not in due:
            yield Problem(
                table, f"the relation of happenings {pair} is {'left out' if pair in due else 'not clear'}"
            )
            continue
        (relation, told), (signs, margin) = stored[pair], due[pair]
        if not _fits(_BY_ENDS.get(relation, ""), signs) or told != margin:
            yield Problem(
                table, f"happenings {pair} are not {relation} by {told} ns: their ends compare {signs}"
            )


def _fits(wanted: str, signs: str) -> bool:
    """Whether ends compare as a relation asks; an interval so short that its own two ends are one may look like two
    relations at once, and then the first of them in Allen's order counts."""
    if wanted == signs:
        return True
    return bool(wanted) and all(w == s or s == "=" for w, s in zip(wanted, signs, strict=True))


CHECKS = (happenings, happening_relations)
