"""Wrong answers of the same kind: drawn here, proved false by execution elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pairforge.captioners.questions.protocol import Answers, Asked
from pairforge.captioners.questions.query import Scalar

WRONG = 3
"""Wrong answers beside the right one, where the kind has so many."""
_FACTORS = (0.35, 0.5, 0.65, 1.4, 1.7, 2.0, 2.5)
"""Wrong numbers are the right one times these: too far off to be a matter of measuring."""


def pool(answers: Answers, asked: Asked, answer: Scalar) -> tuple[Scalar, ...]:
    """Every wrong answer that may be offered, in a fixed order."""
    if answers == "yes_no":
        return (not answer,)
    if answers == "count":
        return tuple(n for n in range(max(0, int(answer) - 3), int(answer) + 4) if n != answer)
    if answers == "number":
        return _numbers(float(answer), asked.step)
    return tuple(dict.fromkeys(o for o in asked.options if o != answer))


def _numbers(answer: float, step: float) -> tuple[Scalar, ...]:
    found = []
    for factor in _FACTORS:
        wrong = round(answer * factor / step) * step
        if abs(wrong - answer) >= 2.5 * step and wrong > 0:
            found.append(round(wrong, 6))
    more = (round(answer + k * step, 6) for k in (3, -3, 6, 9, 12))
    return tuple(dict.fromkeys([*found, *(w for w in more if w > 0)]))


def drawn(options: Sequence[Scalar], rng: np.random.Generator) -> list[Scalar]:
    """The pool in a drawn order."""
    return [options[int(i)] for i in rng.permutation(len(options))]
