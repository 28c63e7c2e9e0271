"""The blind trials of every kind of contrast: texts alone, pictures alone, and a canary that must be found.

Every quad gives items in three ways. ``both``: each of its two pictures with its two texts, as quads are meant to
be used. ``lot``: one of its two members, drawn by lot, as somebody does who wants one item a scene. ``stored``: the
first member alone, as somebody does who reads ``key_0`` and ``text_0`` and no further. The canary is forged from the
same quads: of each it keeps the member that a rule about its words (or its picture's brightness) prefers, as sets do
that are written one-sidedly. Blind models must find it, or else their finding nothing elsewhere says little.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets import audit_images, audit_text
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
Sense = Literal["text", "picture"]
T = TypeVar("T", bound=Hashable)
Pairs = NDArray[np.int64]


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
    """What is to say of one kind in one language; ``why`` is the verdict in words."""

    kind: str
    label: str
    language: str
    quads: int
    groups: int
    trials: tuple[Trial, ...]
    canaries: tuple[Trial, ...]
    verdict: Verdict
    why: str


@dataclass(frozen=True, eq=False)
class _Seen:
    """What one sense gets: a row of ``order`` (what the canary goes by) and of every model's features a thing, and
    for every quad the rows of its two things."""

    sense: Sense
    models: list[Model]
    order: F64
    pairs: Pairs


class _Pool(Generic[T]):
    """Distinct things, sorted, and the row of each."""

    def __init__(self, things: Iterable[T]) -> None:
        self.members = sorted(set(things))  # type: ignore[type-var]
        self.row = {thing: k for k, thing in enumerate(self.members)}

    def pairs(self, things: Iterable[tuple[T, T]]) -> Pairs:
        return np.array([[self.row[a], self.row[b]] for a, b in things], np.int64).reshape(-1, 2)


def blind_kinds(
    quads: Sequence[Quad],
    look: Callable[[Shown], Picture],
    stream: Stream,
    forge: bool = False,
    progress: Callable[[str], None] = lambda what: None,
) -> tuple[list[Kind], str]:
    """Every kind with its trials, and the name of the sentence embedding.

    ``look`` gives the small picture of a key and camera (see ``audit_images.picture``). ``forge``: judge the canary
    as if it were the dataset.
    """
    if not quads:
        return [], ""
    progress("reading texts")
    texts, embedding = _texts(quads)
    progress("looking at pictures")
    senses = [texts, _pictures(quads, look)]
    cells: dict[tuple[str, str], list[int]] = {}
    for n, quad in enumerate(quads):
        cells.setdefault((quad.kind, quad.language), []).append(n)
    tried: dict[tuple[str, str], list[Trial]] = {}
    for cell, members in sorted(cells.items()):
        progress(f"{cell[0]} ({cell[1]})")
        group = np.array([quads[n].group for n in members], np.int64)
        tried[cell] = [t for s in senses for t in _trials(cell, s, s.pairs[members], group, stream, forge)]
    judged = _judged([t for of in tried.values() for t in of if forge or t.way != "canary"])
    canaries = _judged([t for of in tried.values() for t in of if not forge and t.way == "canary"])
    return [
        _kind(cell, [quads[n] for n in members], judged, canaries) for cell, members in sorted(cells.items())
    ], embedding


def _texts(quads: Sequence[Quad]) -> tuple[_Seen, str]:
    pool = _Pool(t for q in quads for t in q.texts)
    models, embedding = audit_text.models(pool.members)
    # Rows are sorted as the texts are: which of two comes first in the dictionary is a rule about words alone.
    order = np.arange(len(pool.members), dtype=np.float64)
    return _Seen("text", models, order, pool.pairs(q.texts for q in quads)), embedding


def _pictures(quads: Sequence[Quad], look: Callable[[Shown], Picture]) -> _Seen:
    pool = _Pool((key, q.sensor) for q in quads for key in q.keys)
    models = audit_images.models([look(one) for one in pool.members])
    brightness = np.asarray(models[0].things)[:, :3].sum(axis=1)
    pairs = pool.pairs(((q.keys[0], q.sensor), (q.keys[1], q.sensor)) for q in quads)
    return _Seen("picture", models, brightness, pairs)


def _trials(
    cell: tuple[str, str], seen: _Seen, pairs: Pairs, group: Pairs, stream: Stream, forge: bool
) -> list[Trial]:
    here = stream / cell[0] / cell[1]
    made = []
    ways: tuple[Way, ...] = ("canary",) if forge else ("both", "lot", "stored", "canary")
    for way in ways:
        items = taken(way, pairs, group, seen.order, here)
        # One model is enough to see that a canary can be found: the words, and the picture's statistics.
        one = [m for m in seen.models if m.name in ("words", "picture statistics")]
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
    cell: tuple[str, str], quads: Sequence[Quad], judged: Sequence[Trial], canaries: Sequence[Trial]
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
