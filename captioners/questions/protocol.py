"""What a family of questions is: candidates by SQL, and for each the words, the program and what must hold.

A new family is a class with a row in ``registry.py`` and a section in ``templates/en/<noun>.j2``;
``check_family`` says whether it keeps the rules.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pairforge.captioners.questions.checks import Check
from pairforge.captioners.questions.query import Query, Scalar, inside, literal

if TYPE_CHECKING:
    from pairforge.captioners.questions.moment import Moment

Row = Mapping[str, Any]
"""One candidate: its parameters, plain JSON values, by the names of the columns of ``candidates``."""
Answers = Literal["yes_no", "count", "word", "number", "either"]
"""``either``: one of two names that the question itself offers, in the order of ``options``."""
About = Literal["image", "lidar", "driving", "clip", "inspection", "sensors"]


@dataclass(frozen=True)
class Asked:
    """One question before it is put into words.

    ``program``: its SQL, as text or as a query whose optional clauses are each to be needed. ``slots`` fill the
    template. ``options``: other answers of its kind that may be offered; each is executed and must come out false.
    ``claim``: how "the answer is v" reads as SQL ("{v}" stands for the literal); by default that the program
    gives v. ``blind``: what the words give away, for balance. ``unit`` and ``step`` (how far
    two may be apart and mean the same) of numbers; ``grains``: (up to, rounding) of wrong ones, by default the step.
    """

    slots: Mapping[str, object]
    program: Query | str
    checks: tuple[Check, ...] = ()
    options: tuple[Scalar, ...] = ()
    claim: str = ""
    blind: str = ""
    unit: str = ""
    step: float = 0.0
    grains: tuple[tuple[float, float], ...] = ()

    @property
    def sql(self) -> str:
        return self.program if isinstance(self.program, str) else self.program.sql()

    def claims(self, value: Scalar) -> str:
        """SQL that is TRUE exactly when ``value`` answers the question."""
        if self.claim:
            return self.claim.replace("{v}", literal(value))
        if self.step:
            return f"SELECT abs({inside(self.sql)} - {literal(value)}) <= {literal(self.step)}"
        return f"SELECT {inside(self.sql)} IS NOT DISTINCT FROM {literal(value)}"


class Family(ABC):
    """``name``: "noun.what"; ``candidates``: SQL over the tables and the views of ``moment.py`` whose columns are
    ``key`` and ``sensor`` (of clips ``scene_index`` and ``sensor``) and the parameters of ``ask``."""

    name: ClassVar[str]
    answers: ClassVar[Answers]
    about: ClassVar[About] = "image"
    candidates: ClassVar[str]

    @abstractmethod
    def ask(self, at: Moment, row: Row) -> Asked | None:
        """The question of a candidate; None where it cannot be put in unmistakable words."""
