"""Wrong answers of the same kind: drawn here, proved false by execution elsewhere."""

from __future__ import annotations

import numpy as np

from pairforge.captioners.questions.protocol import Answers, Asked
from pairforge.captioners.questions.query import Scalar

WRONG = 3
"""Wrong answers beside the right one, where the kind has so many."""
RATIOS = (1.25, 1.4, 1.6)
"""Numbers to choose from stand on a ladder of one of these ratios, the right one on any rung: neither the middle nor
a common factor gives it away."""


def offered(answers: Answers, asked: Asked, answer: Scalar, rng: np.random.Generator) -> tuple[Scalar, ...]:
    """Wrong answers in the order in which they are to be tried."""
    if answers == "yes_no":
        return (not answer,)
    if answers == "count":
        return _neighbours(int(answer), rng)
    if answers == "number":
        return _ladder(float(answer), asked, rng)
    pool = [o for o in dict.fromkeys(asked.options) if o != answer]
    return tuple(pool[int(i)] for i in rng.permutation(len(pool)))


def _neighbours(answer: int, rng: np.random.Generator) -> tuple[int, ...]:
    """Numbers in a row, from 1 up, the right one anywhere among them."""
    first = answer - int(rng.integers(0, min(WRONG, answer - 1) + 1))
    return tuple(n for n in range(first, first + WRONG + 1) if n != answer)


def _ladder(answer: float, asked: Asked, rng: np.random.Generator) -> tuple[float, ...]:
    ratio, below = RATIOS[int(rng.integers(len(RATIOS)))], int(rng.integers(0, WRONG + 1))
    rungs = [answer * ratio**k for k in range(-below, WRONG + 1 - below) if k]
    more = [answer + k * asked.step for k in (3, 6, 9, 12, 15)]
    spoken = dict.fromkeys(_rounded(w, asked) for w in (*rungs, *more))
    return tuple(w for w in spoken if w > 0 and abs(w - answer) >= 1.5 * asked.step)


def _rounded(value: float, asked: Asked) -> float:
    """As a right answer of that size would be rounded."""
    grain = next((g for limit, g in asked.grains if value < limit), asked.step)
    return round(round(value / grain) * grain, 6)


def possible(answers: Answers, asked: Asked) -> int:
    """How many answers the question could have."""
    if answers in ("yes_no", "either"):
        return 2
    return len(set(asked.options)) if answers == "word" else 12
