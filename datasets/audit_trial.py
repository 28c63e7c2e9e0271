"""Can a model tell right from wrong without looking? Training, testing, intervals and a verdict.

An item offers two things (texts or pictures), one of them right. A model learns a score on some items and must pick
the right thing of others. Items of one group (a base scene) are never on both sides. Groups are dealt into blocks;
each block but the first is tested by a model trained on all blocks before it (progressive validation: Blum, Kalai and
Langford, "Beating the hold-out", COLT 1999): given what it was trained on, every test of an item without a leak is a
fair coin, so that intervals hold. In ordinary cross-validation tests share their training data, and a null accuracy
may scatter about 1.4 times as widely as a binomial says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Any, Literal, Protocol
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.seeding import Stream

BLOCKS = 6
"""Of groups; the first is trained on alone."""
Z = 1.959963984540054
"""Of a two-sided 95 % interval."""
ALPHA = 0.05
"""Chance that a report on sound data names any leak at all (Holm, over all its trials)."""
WIDEST = 0.05
"""Half an interval's width up to which "no leak found" means something."""
FEWEST_GROUPS = 20
"""Tested groups below which no spread can be told."""
_TIE = 1e-9
_NOTHING = 1e-5
"""A spread of a feature that is none, but what rounding leaves."""

Verdict = Literal["leaks", "sound", "too few"]


class Things(Protocol):
    """Features of texts or pictures, one row each: dense or sparse (N, D)."""

    shape: tuple[int, ...]

    def __getitem__(self, rows: Any) -> Any: ...


@dataclass(frozen=True, eq=False)
class Items:
    """Choices between two: ``right`` and ``wrong`` are rows of the features, ``group`` what they belong to. (N,)"""

    right: NDArray[np.int64]
    wrong: NDArray[np.int64]
    group: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.right)


@dataclass(frozen=True)
class Model:
    """A blind model: its name, what it sees of every thing, and how it learns (a line, or small boosted trees)."""

    name: str
    things: Things
    learner: Literal["logistic", "trees"] = "logistic"


@dataclass(frozen=True)
class Accuracy:
    """Share of right choices (a tie is half a one) among ``tested`` items, worth ``effective`` independent ones, with
    its 95 % interval and the two-sided p value of 50 %."""

    share: float
    tested: int
    groups: int
    effective: float
    low: float
    high: float
    p: float

    @property
    def half_width(self) -> float:
        return (self.high - self.low) / 2


def choices(model: Model, items: Items, stream: Stream) -> tuple[F64, NDArray[np.int64]]:
    """(credit, group) of every tested item: 1 for the right choice, 0.5 for a tie, 0 for the wrong one."""
    dealt = blocks(items.group, stream)
    credit, groups = [], []
    for k in range(1, BLOCKS):
        test, train = dealt == k, dealt < k
        if test.any() and train.any():
            score = _learned(model, items, train, test)
            credit.append(np.where(np.abs(score) <= _TIE, 0.5, (score > 0).astype(float)))
            groups.append(items.group[test])
    if not credit:
        return np.zeros(0), np.zeros(0, np.int64)
    return np.concatenate(credit), np.concatenate(groups)


def blocks(group: NDArray[np.int64], stream: Stream) -> NDArray[np.int64]:
    """The block of every item: groups in a drawn order, cut into equal runs."""
    names, at = np.unique(group, return_inverse=True)
    place = np.empty(len(names), np.int64)
    place[stream.rng().permutation(len(names))] = np.arange(len(names))
    dealt: NDArray[np.int64] = (place * BLOCKS // max(len(names), 1))[at]
    return dealt


def _learned(model: Model, items: Items, train: NDArray[np.bool_], test: NDArray[np.bool_]) -> F64:
    """Score of right over wrong of the tested items.

    Learns from differences (Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 1952): nothing
    in the model can prefer one place over the other.
    """
    seen = model.things[items.right[train]] - model.things[items.wrong[train]]
    asked = model.things[items.right[test]] - model.things[items.wrong[test]]
    return _by_line(seen, asked) if model.learner == "logistic" else _by_trees(seen, asked)


def _by_line(seen: Any, asked: Any) -> F64:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    turned = np.where(np.arange(seen.shape[0]) % 2 == 0, 1.0, -1.0)  # two classes, one loss
    if hasattr(seen, "multiply"):
        rows = seen.multiply(turned[:, None]).tocsr()
    else:
        spread = np.maximum(np.sqrt((np.asarray(seen) ** 2).mean(axis=0)), _NOTHING)
        seen, asked = seen / spread, asked / spread
        rows = seen * turned[:, None]
    if seen.shape[0] < 2:
        return np.zeros(asked.shape[0])
    # One thread, as below: the sums are small, and waiting threads only spin. Where features hardly differ the line
    # may not have settled at the last step; it is a line all the same, and judged by what it gets right.
    with threadpool_limits(1), catch_warnings():
        simplefilter("ignore", ConvergenceWarning)
        line = LogisticRegression(C=1.0, fit_intercept=False, max_iter=300).fit(rows, turned > 0)
    found: F64 = np.asarray(asked @ line.coef_[0]).ravel()
    return found


def _by_trees(seen: F64, asked: F64) -> F64:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    both = np.concatenate([seen, -seen])
    answer = np.arange(len(both)) < len(seen)
    # One thread: sums then do not depend on the machine, and waiting threads do not spin where others work.
    with threadpool_limits(1):
        trees = HistGradientBoostingClassifier(
            max_iter=40,
            max_leaf_nodes=6,
            max_bins=63,
            learning_rate=0.15,
            early_stopping=False,
            random_state=0,
        ).fit(both, answer)
        found: F64 = trees.decision_function(asked) - trees.decision_function(-asked)
    return found


def accuracy(credit: F64, group: NDArray[np.int64]) -> Accuracy:
    """The share with Wilson's interval for as many items as the groups are worth.

    Items of one group may share their luck. The design effect (Kish 1965) is the variance between groups over that of
    independent items; items over design effect go into Wilson's score interval, as Korn and Graubard (Survey
    Methodology 24, 1998) do for surveys.
    """
    n = len(credit)
    if n == 0:
        return Accuracy(0.5, 0, 0, 0.0, 0.0, 1.0, 1.0)
    share = float(credit.mean())
    names, at = np.unique(group, return_inverse=True)
    off = np.bincount(at, weights=credit - share)
    count = len(names)
    if share in (0.0, 1.0):
        effective = float(count)
    else:
        between = float(off @ off) * count / max(count - 1, 1) / n**2
        effective = n / max(1.0, between / (share * (1.0 - share) / n))
    low, high = wilson(share, effective)
    return Accuracy(share, n, count, effective, low, high, _p(share, effective))


def wilson(share: float, n: float, z: float = Z) -> tuple[float, float]:
    """Wilson's score interval (JASA 22, 1927)."""
    if n <= 0:
        return 0.0, 1.0
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _p(share: float, n: float) -> float:
    """Two-sided p of 50 % by the score test that Wilson's interval inverts."""
    return erfc(abs(share - 0.5) * sqrt(4 * n) / sqrt(2.0))


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusted p values: rejecting those below ``ALPHA`` errs at all, on true nulls, at most so often (Holm,
    Scandinavian Journal of Statistics 6, 1979)."""
    order = sorted(range(len(ps)), key=lambda k: ps[k])
    adjusted, most = [0.0] * len(ps), 0.0
    for rank, k in enumerate(order):
        most = max(most, min(1.0, (len(ps) - rank) * ps[k]))
        adjusted[k] = most
    return adjusted


def verdict(found: Accuracy, adjusted_p: float) -> Verdict:
    """A leak needs no great number; its absence does."""
    if adjusted_p < ALPHA and found.groups >= 2:
        return "leaks"
    if found.groups < FEWEST_GROUPS or found.half_width > WIDEST:
        return "too few"
    return "sound"
