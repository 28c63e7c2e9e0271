"""Allen's thirteen relations between intervals of time, with a dead band: ends that lie within it count as one.

Allen, J. F. (1983): Maintaining knowledge about temporal intervals. Communications of the ACM 26 (11), 832-843.
"""

from __future__ import annotations

SAME_NS = 50_000_000
"""Ends this near to each other are the same, over twice as far apart they differ, between is nothing said."""
INVERSE = {
    "before": "after",
    "meets": "met_by",
    "overlaps": "overlapped_by",
    "starts": "started_by",
    "during": "contains",
    "finishes": "finished_by",
    "equals": "equals",
}
INVERSE |= {b: a for a, b in INVERSE.items()}
RELATIONS = tuple(INVERSE)


def allen(a: tuple[int, int], b: tuple[int, int]) -> tuple[str, int] | None:
    """How (t0, t1) ns of the first relates to the second, and how far all ends are from the dead band, in ns; None
    where some pair of ends lies in it.

    >>> allen((0, 1_000_000_000), (1_000_000_000, 3_000_000_000))
    ('meets', 50000000)
    """
    pairs = ((a[0], b[0]), (a[1], b[1]), (a[1], b[0]), (a[0], b[1]))
    order = []
    margins = []
    for one, other in pairs:
        apart = abs(one - other)
        if SAME_NS < apart < 2 * SAME_NS:
            return None
        order.append(0 if apart <= SAME_NS else (-1 if one < other else 1))
        margins.append(SAME_NS - apart if apart <= SAME_NS else apart - 2 * SAME_NS)
    return _named(*order), min(margins)


def _named(starts: int, ends: int, end_start: int, start_end: int) -> str:
    """The relation, by how the four pairs of ends compare: -1 the first is earlier, 0 the same, 1 later."""
    if end_start < 0:
        return "before"
    if start_end > 0:
        return "after"
    if (starts, ends) == (0, 0):
        return "equals"
    if end_start == 0 and starts < 0:
        return "meets"
    if start_end == 0 and starts > 0:
        return "met_by"
    if starts == 0:
        return "starts" if ends < 0 else "started_by"
    if ends == 0:
        return "finishes" if starts > 0 else "finished_by"
    if starts < 0:
        return "overlaps" if ends < 0 else "contains"
    return "overlapped_by" if ends > 0 else "during"
