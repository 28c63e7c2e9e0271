"""The blind trials of every kind of contrast: texts, pictures or sweeps alone, and a canary that must be found.

Every quad gives items in three ways. ``both``: each of its two pictures with its two texts, as quads are meant to
be used. ``lot``: one of its two members, drawn by lot, as somebody does who wants one item a scene. ``stored``: the
first member alone, as somebody does who reads ``key_0`` and ``text_0`` and no further. The canary is forged from the
same quads: of each it keeps the member that a rule prefers, about its words or the brightness of its picture or
sweep, as sets do that are written one-sidedly. Blind models must find it, or else their finding nothing elsewhere
says little.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets import audit_images, audit_sweeps, audit_text
from pairforge.datasets.audit_images import Picture, Shown
from pairforge.datasets.audit_quads import Quad
from pairforge.datasets.audit_trial import (
    Accuracy,
    Items,
    Model,
    Verdict,
    accuracy,
    choices,
    holm,
    verdict,
)
from pairforge.frames import F64
from pairforge.seeding import Stream

Way = Literal["both", "lot", "stored", "canary"]
Sense = Literal["text", "picture", "sweep"]
SENSES: tuple[Sense, ...] = ("text", "picture", "sweep")
T = TypeVar("T", bound=Hashable)
Pairs = NDArray[np.int64]
ENOUGH = 600
"""Quads whose sweeps differ from which sweeps are judged, where most quads of a kind have two alike: a colour hardly
shows in a sweep, and the noise of twins is one draw."""
_ALIKE = 1e-9


@dataclass(frozen=True)
class Trial:
    """One blind model on one kind in one way. ``adjusted_p`` counts in all trials of the report."""

    kind: str
    language: str
    sense: Sense
    model: str
    way: Way
    accuracy: Accuracy
    adjusted_p: float = 1.0
    verdict: Verdict = "too few"


@dataclass(frozen=True)
class Kind:
    """What is to say of one kind in one language; ``why`` is the verdict in words. ``swept``: quads of which the two
    sweeps differ at all."""

    kind: str
    label: str
    language: str
    quads: int
    groups: int
    swept: int
    trials: tuple[Trial, ...]
    canaries: tuple[Trial, ...]
    verdict: Verdict
    why: str


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one sense gets: a row of ``order`` (what the canary goes by) and of every model's features a thing, and
    for every quad the rows of its two things, and whether they are ``apart``: two that are alike tell nothing."""

    sense: Sense
    models: list[Model]
    order: F64
    pairs: Pairs
    apart: NDArray[np.bool_]

    def of(self, members: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those of these quads that a trial is made of; none where most are alike and the rest are few."""
        kept: NDArray[np.int64] = members[self.apart[members]]
        return kept if 2 * len(kept) >= len(members) or len(kept) >= ENOUGH else kept[:0]


class _Pool(Generic[T]):
    """Distinct things, sorted, and the row of each."""

    def __init__(self, things: Iterable[T]) -> None:
        self.members = sorted(set(things))  # type: ignore[type-var]  # texts, or tuples of them
        self.row = {thing: k for k, thing in enumerate(self.members)}

    def pairs(self, things: Iterable[tuple[T, T]]) -> Pairs:
        return np.array([[self.row[a], self.row[b]] for a, b in things], np.int64).reshape(-1, 2)


def blind_kinds(
    quads: Sequence[Quad],
    look: Callable[[Shown], Picture],
    stream: Stream,
    forge: bool = False,
    progress: Callable[[str], None] = lambda what: None,
    sweep: Callable[[str], F64 | None] = lambda key: None,
) -> tuple[list[Kind], str]:
    """Every kind with its trials, and the name of the sentence embedding.

    ``look`` gives the small picture of a key and camera (see ``audit_images.picture``), ``sweep`` the statistics of a
    key's sweep (see ``audit_sweeps.sweep``) or None. ``forge``: judge the canary as if it were the dataset.
    """
    if not quads:
        return [], ""
    progress("reading texts")
    texts, embedding = _texts(quads)
    progress("looking at pictures")
    senses = [texts, _pictures(quads, look)]
    progress("reading sweeps")
    senses.append(_sweeps(quads, sweep))
    cells: dict[tuple[str, str], list[int]] = {}
    for n, quad in enumerate(quads):
        cells.setdefault((quad.kind, quad.language), []).append(n)
    tried: dict[tuple[str, str], list[Trial]] = {}
    for cell, members in sorted(cells.items()):
        progress(f"{cell[0]} ({cell[1]})")
        tried[cell] = []
        for seen in senses:
            kept = seen.of(np.array(members))
            group = np.array([quads[n].group for n in kept], np.int64)
            if len(kept):
                tried[cell] += _trials(cell, seen, seen.pairs[kept], group, stream, forge)
    judged = _judged([t for of in tried.values() for t in of if forge or t.way != "canary"])
    canaries = _judged([t for of in tried.values() for t in of if not forge and t.way == "canary"])
    found = []
    for cell, members in sorted(cells.items()):
        swept = int(senses[-1].apart[members].sum())
        found.append(_kind(cell, [quads[n] for n in members], judged, canaries, swept))
    return found, embedding


def _texts(quads: Sequence[Quad]) -> tuple[_Seen, str]:
    pool = _Pool(t for q in quads for t in q.texts)
    models, embedding = audit_text.models(pool.members)
    # Rows are sorted as the texts are: which of two comes first in the dictionary is a rule about words alone.
    order = np.arange(len(pool.members), dtype=np.float64)
    return _Seen("text", models, order, pool.pairs(q.texts for q in quads), _all(quads)), embedding


def _all(quads: Sequence[Quad]) -> NDArray[np.bool_]:
    return np.ones(len(quads), np.bool_)


def _pictures(quads: Sequence[Quad], look: Callable[[Shown], Picture]) -> _Seen:
    pool = _Pool((key, q.sensor) for q in quads for key in q.keys)
    models = audit_images.models([look(one) for one in pool.members])
    brightness = np.asarray(models[0].things)[:, :3].sum(axis=1)
    pairs = pool.pairs(((q.keys[0], q.sensor), (q.keys[1], q.sensor)) for q in quads)
    return _Seen("picture", models, brightness, pairs, _all(quads))


def _sweeps(quads: Sequence[Quad], sweep: Callable[[str], F64 | None]) -> _Seen:
    pool = _Pool(key for q in quads for key in q.keys)
    read = [sweep(key) for key in pool.members]
    nothing = np.zeros_like(next((r for r in read if r is not None), np.zeros(1)))
    rows = [nothing if r is None else r for r in read]
    things, there = np.array(rows), np.array([r is not None for r in read])
    pairs = pool.pairs((q.keys[0], q.keys[1]) for q in quads)
    differ = np.abs(things[pairs[:, 0]] - things[pairs[:, 1]]).max(axis=1) > _ALIKE
    order = audit_sweeps.brightness(rows)
    return _Seen("sweep", audit_sweeps.models(rows), order, pairs, differ & there[pairs].all(axis=1))


def _trials(
    cell: tuple[str, str], seen: _Seen, pairs: Pairs, group: Pairs, stream: Stream, forge: bool
) -> list[Trial]:
    here = stream / cell[0] / cell[1]
    made = []
    ways: tuple[Way, ...] = ("canary",) if forge else ("both", "lot", "stored", "canary")
    for way in ways:
        items = taken(way, pairs, group, seen.order, here)
        # One model a sense is enough to see that a canary can be found.
        one = [m for m in seen.models if m.name in ("words", "picture statistics", "sweep statistics")]
        for model in one if way == "canary" and not forge else seen.models:
            found = accuracy(*choices(model, items, here / "blocks"))
            made.append(Trial(*cell, seen.sense, model.name, way, found))
    return made


def taken(way: Way, pairs: Pairs, group: Pairs, order: F64, stream: Stream) -> Items:
    """The items of quads whose things are ``pairs`` (N, 2)."""
    first, second = pairs[:, 0], pairs[:, 1]
    if way == "both":
        return Items(
            np.concatenate([first, second]), np.concatenate([second, first]), np.concatenate([group, group])
        )
    if way == "stored":
        return Items(first, second, group)
    if way == "lot":
        swap = (stream / "lot").rng().integers(0, 2, len(pairs)).astype(bool)
    else:
        swap = order[first] > order[second]
    return Items(np.where(swap, second, first), np.where(swap, first, second), group)


def _judged(trials: list[Trial]) -> list[Trial]:
    adjusted = holm([t.accuracy.p for t in trials])
    return [
        replace(t, adjusted_p=p, verdict=verdict(t.accuracy, p))
        for t, p in zip(trials, adjusted, strict=True)
    ]


def _kind(
    cell: tuple[str, str],
    quads: Sequence[Quad],
    judged: Sequence[Trial],
    canaries: Sequence[Trial],
    swept: int,
) -> Kind:
    own = tuple(t for t in judged if (t.kind, t.language) == cell)
    forged = tuple(t for t in canaries if (t.kind, t.language) == cell)
    leaks = [t for t in own if t.verdict == "leaks"]
    few = [t for t in own if t.verdict == "too few"]
    blind = [t for t in forged if t.verdict != "leaks"]
    found: Verdict = "leaks" if leaks else ("too few" if few or blind else "sound")
    if leaks:
        worst = max(leaks, key=lambda t: abs(t.accuracy.share - 0.5))
        why = f"{worst.model} alone: {worst.accuracy.share:.1%} right ({WAYS[worst.way]})"
    elif few:
        widest = max(few, key=lambda t: t.accuracy.half_width)
        at = widest.accuracy
        why = f"too few quads: an interval reaches ±{at.half_width:.1%}, of {at.groups} groups"
    elif blind:
        why = f"a canary of {blind[0].sense}s was not found: the check would miss a leak"
    else:
        why = "no blind model tells right from wrong"
    labels = sorted({q.label for q in quads})
    return Kind(
        cell[0],
        ", ".join(labels),
        cell[1],
        len(quads),
        len({q.group for q in quads}),
        swept,
        own,
        forged,
        found,
        why,
    )


WAYS: dict[Way, str] = {
    "both": "both members",
    "lot": "one member, by lot",
    "stored": "first member, as stored",
    "canary": "canary: member by a rule",
}
"""The ways in words."""
