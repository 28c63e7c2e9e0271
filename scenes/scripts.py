"""Scripts: what an actor does when, in words that a spec can say.

    script=[
        When(AheadOf("ego", by_m=Uniform(4, 9)), ChangeLane("right", over_s=2.5), called="cut_in"),
        When(After(1.5, since="cut_in"), Brake(mps2=6.0)),
    ]

A rule fires once, at the first moment its condition holds. What it orders lasts until another rule orders another
thing of the same sort (``Action.sort``: speed, side, heed). Every number is a named draw:
"cutter.behaviour.cut_in.when.by_m", "cutter.behaviour.cut_in.change_lane.over_s".
"""

from __future__ import annotations

import re
from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Distribution, Value
from pairforge.scenes.signals import SignalState
from pairforge.scenes.typecheck import Checked

Heed = Literal["leaders", "signals", "priority", "crossings", "people"]
"""What a driver heeds unless told to ignore it."""
Turn = Literal["left", "right", "straight"]
SORTS = ("heed", "speed", "side")
"""What actions decide on, each apart from the others."""
Bounds = Mapping[str, tuple[float, float]]
_RULE_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SECONDS, _METRES, _SPEEDS, _BRAKING = (0.0, 3600.0), (0.0, 1000.0), (0.0, 70.0), (0.1, 9.0)


class Term(Checked, ABC):
    """A condition or an action. ``bounds``: field -> least and most that its number may be."""

    bounds: ClassVar[Bounds] = {}

    def __post_init__(self) -> None:
        super().__post_init__()
        for field in self.bounds:
            value = getattr(self, field)
            for option in value.examples() if isinstance(value, Distribution) else (value,):
                self.check_number(field, option)

    def check_number(self, field: str, value: Any) -> None:
        """Raises SpecError for a number outside the field's bounds."""
        low, high = self.bounds[field]
        if value is not None and not low <= value <= high:
            raise SpecError(f"{type(self).__name__}: {field} is {value:g}; it must lie in {low:g}..{high:g}")

    def references(self) -> tuple[str, ...]:
        """Names of the things it speaks of."""
        name = getattr(self, "name", None)
        return (name,) if isinstance(name, str) else ()


class Condition(Term):
    """Base of what a rule waits for."""


class Action(Term):
    """Base of what a rule orders. ``sort``: what it decides; ``kinds``: behaviours that can do it."""

    sort: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]] = ("drive",)


@dataclass(frozen=True)
class After(Condition):
    """``seconds`` after the clock starts, or after another rule (``since``) fired."""

    seconds: Value[float]
    since: str | None = None
    bounds: ClassVar[Bounds] = {"seconds": _SECONDS}


@dataclass(frozen=True)
class Near(Condition):
    """Less than ``m`` metres of ground between my outline and that of ``name``."""

    name: str
    m: Value[float]
    bounds: ClassVar[Bounds] = {"m": _METRES}


@dataclass(frozen=True)
class TimeTo(Condition):
    """At the rate at which the gap between me and ``name`` is closing it is gone within ``s`` seconds."""

    name: str
    s: Value[float]
    bounds: ClassVar[Bounds] = {"s": _SECONDS}


@dataclass(frozen=True)
class Arrives(Condition):
    """``name``, going on as it does, comes abreast of me within ``s`` seconds, or is just passing me."""

    name: str
    s: Value[float]
    bounds: ClassVar[Bounds] = {"s": _SECONDS}


@dataclass(frozen=True)
class AheadOf(Condition):
    """My rear is at least ``by_m`` metres ahead of the front of ``name``, in its own direction."""

    name: str
    by_m: Value[float]
    bounds: ClassVar[Bounds] = {"by_m": (-100.0, 1000.0)}


@dataclass(frozen=True)
class Behind(Condition):
    """My front is at most ``by_m`` metres behind the rear of ``name``, in my own direction, and not past it."""

    name: str
    by_m: Value[float]
    bounds: ClassVar[Bounds] = {"by_m": _METRES}


@dataclass(frozen=True)
class Passes(Condition):
    """My front (or that of ``name``) is ``s_m`` metres along the lane it set out on."""

    s_m: Value[float]
    name: str | None = None
    bounds: ClassVar[Bounds] = {"s_m": (0.0, 10_000.0)}


@dataclass(frozen=True)
class BeforeLine(Condition):
    """My front is at most ``m`` metres before the line where my lane's traffic stops for a junction, or over it."""

    m: Value[float]
    bounds: ClassVar[Bounds] = {"m": _METRES}


@dataclass(frozen=True)
class SignalIs(Condition):
    """The light that rules my lane (or the light ``name``) shows ``state``."""

    state: SignalState
    name: str | None = None


@dataclass(frozen=True)
class Starts(Condition):
    """``name`` moves (faster than 0.3 m/s) after it has stood."""

    name: str


@dataclass(frozen=True)
class Stops(Condition):
    """``name`` stands (slower than 0.1 m/s) after it has moved."""

    name: str


@dataclass(frozen=True)
class Brakes(Condition):
    """``name`` slows down by at least ``mps2``."""

    name: str
    mps2: Value[float] = 2.0
    bounds: ClassVar[Bounds] = {"mps2": _BRAKING}


@dataclass(frozen=True, init=False)
class AllOf(Condition):
    """All of several conditions at once."""

    conditions: tuple[Condition, ...]

    def __init__(self, *conditions: Condition) -> None:
        object.__setattr__(self, "conditions", conditions)
        self.__post_init__()

    def references(self) -> tuple[str, ...]:
        return tuple(name for c in self.conditions for name in c.references())


@dataclass(frozen=True, init=False)
class AnyOf(AllOf):
    """At least one of several conditions."""

    def __init__(self, *conditions: Condition) -> None:
        super().__init__(*conditions)


@dataclass(frozen=True)
class Speed(Action):
    """Go ``mps`` from now on, as far as what is ahead allows."""

    mps: Value[float]
    sort = "speed"
    kinds = ("drive", "cycle", "walk")
    bounds: ClassVar[Bounds] = {"mps": _SPEEDS}


@dataclass(frozen=True)
class Brake(Action):
    """Slow down by ``mps2`` to ``to_mps`` and keep to that, whatever stands behind."""

    mps2: Value[float]
    to_mps: Value[float] = 0.0
    sort = "speed"
    kinds = ("drive", "cycle")
    bounds: ClassVar[Bounds] = {"mps2": _BRAKING, "to_mps": _SPEEDS}


@dataclass(frozen=True)
class Stop(Action):
    """Come to a comfortable halt and stay."""

    sort = "speed"
    kinds = ("drive", "cycle", "walk")


@dataclass(frozen=True)
class Walk(Action):
    """Set out, at ``mps`` (None: the walker's own pace), and halt after ``for_m`` metres (None: at the path's end).

    A walker whose script has a ``Walk`` stands until it is called for.
    """

    mps: Value[float] | None = None
    for_m: Value[float] | None = None
    sort = "speed"
    kinds = ("walk",)
    bounds: ClassVar[Bounds] = {"mps": (0.1, 5.0), "for_m": _METRES}


@dataclass(frozen=True)
class ChangeLane(Action):
    """Move over to the lane on the "left" or "right", or to a lane by its id, within ``over_s`` seconds, or as many
    more as vehicle and road need to bear it."""

    to: Value[Literal["left", "right"] | int]
    over_s: Value[float] = 3.5
    sort = "side"
    bounds: ClassVar[Bounds] = {"over_s": (1.0, 30.0)}


@dataclass(frozen=True)
class KeepLane(Action):
    """Stay in this lane, as everybody with a script does until told otherwise, but for the turns to make."""

    sort = "side"


@dataclass(frozen=True)
class Swerve(Action):
    """Move ``lateral_m`` to the left (below 0: to the right) within ``over_s`` seconds (or as many more as vehicle
    and road need to bear it), and stay there; back to the lane's middle after ``back_after_s`` more (None: never)."""

    lateral_m: Value[float]
    over_s: Value[float] = 2.0
    back_after_s: Value[float] | None = None
    sort = "side"
    kinds = ("drive", "cycle")
    bounds: ClassVar[Bounds] = {"lateral_m": (-20.0, 20.0), "over_s": (0.5, 30.0), "back_after_s": _SECONDS}


@dataclass(frozen=True)
class Overtake(Action):
    """Pass ``name`` on its left and come back in front of it, ``gap_m`` clear of it, at up to ``mps`` (None: own
    speed). Waits until the lane on the left is free for long enough."""

    name: str
    gap_m: Value[float] = 8.0
    mps: Value[float] | None = None
    over_s: Value[float] = 2.5
    sort = "side"
    bounds: ClassVar[Bounds] = {"gap_m": _METRES, "mps": _SPEEDS, "over_s": (1.0, 30.0)}


@dataclass(frozen=True, init=False)
class Either(Action):
    """One of several actions of different kinds. Which one is a draw of its own ("ego.behaviour.avoids.either":
    "brake" or "swerve"), so that a counterfactual may have another; the numbers of all are drawn."""

    actions: tuple[Action, ...]
    sort = ""  # its actions' own
    kinds = ()

    def __init__(self, *actions: Action) -> None:
        object.__setattr__(self, "actions", actions)
        self.__post_init__()
        if len(set(self.names)) < max(2, len(actions)) or any(isinstance(a, Either) for a in actions):
            raise SpecError(
                f"Either({', '.join(self.names)}): give it two actions or more, each of another kind, as in "
                "Either(Brake(5.0), Swerve(2.5))"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """What its actions are called in draws."""
        return tuple(kind_of(action) for action in self.actions)

    def references(self) -> tuple[str, ...]:
        return tuple(name for a in self.actions for name in a.references())


@dataclass(frozen=True, init=False)
class Ignore(Action):
    """Pay no heed to "leaders", "signals", "priority", "crossings" or "people" from now on."""

    what: tuple[Heed, ...]
    sort = "heed"
    kinds = ("drive", "cycle", "walk")

    def __init__(self, *what: Heed) -> None:
        object.__setattr__(self, "what", what)
        self.__post_init__()


@dataclass(frozen=True)
class RunRedLight(Action):
    """Drive on whatever the lights show and whoever has priority."""

    sort = "heed"


@dataclass(frozen=True, init=False)
class When(Checked):
    """Once ``condition`` holds, do ``actions``. ``called`` names the rule in draws, in records and for ``After``."""

    condition: Condition
    actions: tuple[Action, ...]
    called: str | None = None

    def __init__(self, condition: Condition, *actions: Action, called: str | None = None) -> None:
        object.__setattr__(self, "condition", condition)
        object.__setattr__(self, "actions", actions)
        object.__setattr__(self, "called", called)
        super().__post_init__()
        if not actions:
            raise SpecError(f"When({condition!r}): say what to do then, as in When({condition!r}, Stop())")
        sorts = [s for a in actions for s in sorted({o.sort for o in options_of(a)})]
        if len(set(sorts)) < len(sorts):
            raise SpecError(f"When({condition!r}): two of its actions decide on the same thing; keep one")
        if called is not None and not _RULE_NAME.fullmatch(called):
            raise SpecError(
                f'When(called="{called}"): a rule\'s name is up to 32 small letters, digits and underscores'
            )

    def references(self) -> tuple[str, ...]:
        """Names of the things it speaks of."""
        return tuple(name for term in (self.condition, *self.actions) for name in term.references())


def options_of(action: Action) -> tuple[Action, ...]:
    """Of ``Either`` its actions, else the action itself."""
    return action.actions if isinstance(action, Either) else (action,)


def kind_of(term: Term) -> str:
    """The class's name in small letters: "change_lane"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(term).__name__).lower()
