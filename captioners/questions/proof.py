"""A question is asked only once its program has run, all its checks hold and its wrong answers are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from pairforge.captioners.questions import choices
from pairforge.captioners.questions.checks import Check, needed
from pairforge.captioners.questions.protocol import Asked, Family
from pairforge.captioners.questions.query import Query, Scalar
from pairforge.datasets.sql import ProgramError, Tables


@dataclass(frozen=True)
class Proved:
    """What execution gave: the answer, the checks that hold, wrong answers in a drawn order."""

    value: Scalar
    checks: tuple[Check, ...]
    wrong: tuple[Scalar, ...]


class Rejected(Exception):  # noqa: N818  (no error: most candidates are)
    """Why a candidate makes no question: the kind of check that failed."""


def all_checks(asked: Asked) -> tuple[Check, ...]:
    """The question's own checks, and that each clause of its program is needed."""
    own = needed(asked.program) if isinstance(asked.program, Query) else ()
    return (*asked.checks, *own)


def prove(
    tables: Tables,
    family: Family,
    asked: Asked,
    rng: np.random.Generator,
    wanted: Callable[[Scalar], bool] = lambda value: True,
) -> Proved:
    """Runs everything, once it is known that an answer is ``wanted``; raises Rejected."""
    value = scalar(_run(tables, asked.sql))
    if value is None:
        raise Rejected("no answer")
    if family.answers == "count" and not 0 < value <= 12:  # type: ignore[operator]  # a count is a number
        raise Rejected("count")
    if not wanted(value):
        raise Rejected("balance")
    checks = all_checks(asked)
    for check in checks:
        if _run(tables, check.sql) is not True:
            raise Rejected(check.kind)
    if _run(tables, asked.claims(value)) is not True:
        raise Rejected("claim")
    wrong = _wrong(tables, family, asked, value, rng)
    if not wrong:
        raise Rejected("no wrong answer")
    return Proved(value, checks, wrong)


def _wrong(
    tables: Tables, family: Family, asked: Asked, value: Scalar, rng: np.random.Generator
) -> tuple[Scalar, ...]:
    found: list[Scalar] = []
    for option in choices.offered(family.answers, asked, value, rng):
        if len(found) == choices.WRONG:
            break
        if _run(tables, asked.claims(option)) is False:
            found.append(option)
    return tuple(found)


def scalar(value: Any) -> Scalar | None:
    """A program's result as plain Python; None for what is no answer."""
    if isinstance(value, bool | str | int) or value is None:
        return value
    return round(float(value), 6)


def _run(tables: Tables, sql: str) -> Any:
    try:
        return tables.value(sql)
    except ProgramError as error:
        # Two things where one is meant is a matter of the scene; anything else is a fault of the family.
        if any(w in str(error) for w in ("More than one row", "no row", "several rows")):
            raise Rejected("unique") from error
        raise
