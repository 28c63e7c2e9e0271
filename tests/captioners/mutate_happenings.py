"""Wrong happenings and wrong relations between them made on purpose, each with the name of what was done to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pairforge.datasets.happening_schema import KINDS
from pairforge.datasets.table_rows import Row
from pairforge.intervals import INVERSE, RELATIONS
from pairforge.sample import Happening

EARLY_NS = 100_000_000
LATER_NS = 700_000_000


def happening_lists(
    happenings: Sequence[Happening], ids: Sequence[int]
) -> Iterator[tuple[str, tuple[Happening, ...]]]:
    """(kind, all happenings of a scene with one of them wrong); as a careful forger has them, in order of time."""
    for k, one in enumerate(happenings):
        rest = (*happenings[:k], *happenings[k + 1 :])
        for kind, lie in happening_mutations(one, ids):
            if replace(lie, happening_id=one.happening_id) != one:
                yield kind, numbered((*rest, lie))
        yield "left out", numbered(rest)
        yield "told twice", numbered((*happenings, one))
    if len(happenings) > 1:
        yield "out of order", (*happenings[1:], happenings[0])


def numbered(happenings: Iterable[Happening]) -> tuple[Happening, ...]:
    ordered = sorted(happenings, key=lambda h: (h.t0_ns, h.t1_ns, h.kind, h.subjects, h.argument))
    return tuple(replace(h, happening_id=k) for k, h in enumerate(ordered, start=1))


def happening_mutations(one: Happening, ids: Sequence[int]) -> Iterator[tuple[str, Happening]]:
    """(kind, wrong happening); what follows from a changed value is changed with it."""
    yield "begins earlier", replace(one, t0_ns=one.t0_ns - EARLY_NS)
    if one.t0_ns + EARLY_NS <= one.t1_ns:
        yield "begins later", replace(one, t0_ns=one.t0_ns + EARLY_NS)
    yield "ends later", replace(one, t1_ns=one.t1_ns + EARLY_NS)
    if one.t1_ns - EARLY_NS >= one.t0_ns:
        yield "ends earlier", replace(one, t1_ns=one.t1_ns - EARLY_NS)
    yield "at another time", replace(one, t0_ns=one.t0_ns + LATER_NS, t1_ns=one.t1_ns + LATER_NS)
    yield "ends before it begins", replace(one, t0_ns=one.t1_ns + EARLY_NS)
    for k, subject in enumerate(one.subjects):
        other = ids[(ids.index(subject) + 1) % len(ids)]
        if other not in one.subjects:
            yield (
                "another participant",
                replace(one, subjects=(*one.subjects[:k], other, *one.subjects[k + 1 :])),
            )
    if len(one.subjects) > 1:
        yield "participants change parts", replace(one, subjects=one.subjects[::-1])
        yield "a participant less", replace(one, subjects=one.subjects[:1])
    yield "a participant more", replace(one, subjects=(*one.subjects, 999))
    row = KINDS[one.kind]
    for name, like in KINDS.items():
        if name != one.kind and len(like.subjects) == len(row.subjects):
            argument = like.arguments[0] if like.arguments else ""
            yield "another kind", replace(one, kind=name, unit=like.unit, argument=argument)
    for word in row.arguments or ("left",):
        if word != one.argument:
            yield "another argument", replace(one, argument=word)
    sign = 1 if row.value == "least" else -1
    more = one.value * 1.02 + sign * 0.01
    yield "another value", replace(one, value=more, margin=sign * (more - one.threshold))
    less = one.threshold - sign * 0.01
    yield "another threshold", replace(one, threshold=less, margin=sign * (one.value - less))
    yield "another margin", replace(one, margin=one.margin + 0.01)
    yield "another unit", replace(one, unit=f"k{one.unit}")
    yield "no evidence", replace(one, evidence=())
    yield "evidence that is not stored", replace(one, evidence=(*one.evidence, "gossip"))


def relation_lists(
    rows: Sequence[Mapping[str, Any]], happenings: Sequence[Happening]
) -> Iterator[tuple[str, list[Row]]]:
    """(kind, all relations of a scene with one of them wrong)."""
    for k, row in enumerate(rows):
        for kind, lie in _relation_mutations(dict(row)):
            yield kind, [*rows[:k], *lie, *rows[k + 1 :]]  # type: ignore[list-item]
    told = {(r["first_id"], r["second_id"]) for r in rows}
    for a in happenings:
        for b in happenings[a.happening_id :]:
            if (a.happening_id, b.happening_id) not in told:
                scene = {"first_id": a.happening_id, "second_id": b.happening_id}
                yield "of ends too near to tell", [*rows, {**scene, "relation": "overlaps", "margin_ns": 0}]  # type: ignore[list-item]


def _relation_mutations(row: Row) -> Iterator[tuple[str, list[Row]]]:
    said = row["relation"]
    if INVERSE[said] != said:
        yield "the inverse relation", [{**row, "relation": INVERSE[said]}]
    for other in RELATIONS:
        if other not in (said, INVERSE[said]):
            yield "another relation", [{**row, "relation": other}]
    yield "no relation of Allen's", [{**row, "relation": "near"}]
    yield "another margin", [{**row, "margin_ns": row["margin_ns"] + 1}]
    yield (
        "of the pair the other way round",
        [{**row, "first_id": row["second_id"], "second_id": row["first_id"]}],
    )
    yield "left out", []
    yield "told twice", [row, {**row, "relation": said}]
