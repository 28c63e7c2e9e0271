"""Requirements: what must hold of a drawn scene; a scene that fails one is redrawn whole.

To add one, subclass ``Requirement`` as a frozen dataclass and write ``check``; its repr names it in errors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pairforge.errors import PairforgeError, SpecError, did_you_mean
from pairforge.scenes.families import names
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.typecheck import Checked

if TYPE_CHECKING:
    from pairforge.scenes.candidate import Candidate


class Requirement(Checked, ABC):
    """Base of all requirements."""

    EXAMPLE = 'Visible("mug")'

    simulated: ClassVar[bool] = False
    """Whether checking it takes a simulation; those that do are checked last."""

    @abstractmethod
    def check(self, candidate: Candidate) -> str | None:
        """Why it does not hold, or None."""

    def references(self) -> tuple[str, ...]:
        """Names of things and cameras it speaks of."""
        return ()


@dataclass(frozen=True)
class Visible(Requirement):
    """``name`` covers ``at_least_px`` pixels of ``camera`` (None: of any one camera), after occlusion, in the
    simulated scene: at "all" keyframes, at "any" one, at the "first" or the "last"."""

    name: str
    at_least_px: int = 100
    camera: str | None = None
    when: Literal["all", "any", "first", "last"] = "all"
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return (self.name,) if self.camera is None else (self.name, self.camera)

    def __post_init__(self) -> None:
        super().__post_init__()
        _at_least(self, "at_least_px", self.at_least_px, 1)

    def check(self, candidate: Candidate) -> str | None:
        times = candidate.concrete.keyframe_times_ns
        best = 0
        for time_ns in {"first": times[:1], "last": times[-1:]}.get(self.when, times):
            pixels = candidate.visible_px(self.name, self.camera, time_ns)
            if pixels >= self.at_least_px and self.when == "any":
                return None
            if pixels < self.at_least_px and self.when != "any":
                return f'"{self.name}" covers {pixels} px at {time_ns / 1e9:.2f} s'
            best = max(best, pixels)
        return None if best >= self.at_least_px else f'"{self.name}" never covers more than {best} px'


@dataclass(frozen=True)
class Apart(Requirement):
    """At least ``at_least_m`` between the footprints of two things when the scene starts."""

    a: str
    b: str
    at_least_m: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _at_least(self, "at_least_m", self.at_least_m, 0)

    def references(self) -> tuple[str, ...]:
        return (self.a, self.b)

    def check(self, candidate: Candidate) -> str | None:
        gap_m = candidate.gap_m(self.a, self.b)
        if gap_m >= self.at_least_m:
            return None
        return f'"{self.a}" and "{self.b}" are {gap_m:.3f} m apart'


@dataclass(frozen=True)
class Count(Requirement):
    """How many things there are of a family ("mug") or semantic class ("car")."""

    what: str
    at_least: int = 0
    at_most: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _at_least(self, "at_least", self.at_least, 0)
        if self.at_most is not None:
            _at_least(self, "at_most", self.at_most, self.at_least)
        kinds = [*names(), *(c.name for c in CLASSES)]
        if self.what not in kinds:
            raise SpecError(
                f'{self!r}: there is no shape or class "{self.what}". {did_you_mean(self.what, kinds)}'
            )

    def check(self, candidate: Candidate) -> str | None:
        number = candidate.count(self.what)
        if number < self.at_least or (self.at_most is not None and number > self.at_most):
            return f'there are {number} of "{self.what}"'
        return None


@dataclass(frozen=True)
class AtRest(Requirement):
    """``name`` is slower than ``below_mps`` at the last keyframe."""

    name: str
    below_mps: float = 0.02
    simulated: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 < self.below_mps < float("inf"):
            raise SpecError(f"{self!r}: below_mps must be a number above 0")

    def references(self) -> tuple[str, ...]:
        return (self.name,)

    def check(self, candidate: Candidate) -> str | None:
        speed_mps = candidate.speed_mps(self.name, candidate.concrete.keyframe_times_ns[-1])
        return (
            None if speed_mps < self.below_mps else f'"{self.name}" moves at {speed_mps:.3f} m/s at the end'
        )


@dataclass(frozen=True)
class Settled(Requirement):
    """Everything that moves is slower than ``below_mps`` at the last keyframe."""

    below_mps: float = 0.02
    simulated: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 < self.below_mps < float("inf"):
            raise SpecError(f"{self!r}: below_mps must be a number above 0")

    def check(self, candidate: Candidate) -> str | None:
        last = candidate.concrete.keyframe_times_ns[-1]
        for instance in candidate.world.instances:
            if instance.moves and (speed_mps := candidate.speed_mps(instance.name, last)) >= self.below_mps:
                return f'"{instance.name}" moves at {speed_mps:.3f} m/s at the end'
        return None


@dataclass(frozen=True)
class Kept(Requirement):
    """Nothing that moves ends lower than the top of ``on`` (a table, a shelf), give or take 2 cm: nothing is lost."""

    on: str
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return (self.on,)

    def check(self, candidate: Candidate) -> str | None:
        last = candidate.concrete.keyframe_times_ns[-1]
        bearer = candidate.instance(self.on)
        top = bearer.world_from_body.points(bearer.centre_m)[2] + bearer.size_m[2] / 2
        for instance in candidate.world.instances:
            if instance.moves and candidate.lowest_m(instance.name, last) < top - 0.02:
                return f'"{instance.name}" has left "{self.on}" at the end'
        return None


@dataclass(frozen=True)
class Hidden(Requirement):
    """``by`` covers between ``at_least`` and ``at_most`` of what ``name`` would show alone in ``camera`` (None: in
    that camera in which it covers most), at the "first", the "last" or at "all" keyframes."""

    name: str
    by: str
    at_least: float = 0.3
    at_most: float = 0.8
    camera: str | None = None
    when: Literal["all", "first", "last"] = "all"
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return (self.name, self.by) if self.camera is None else (self.name, self.by, self.camera)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 <= self.at_least <= self.at_most <= 1.0:
            raise SpecError(f"{self!r}: at_least and at_most are shares, 0 <= at_least <= at_most <= 1")

    def check(self, candidate: Candidate) -> str | None:
        times = candidate.concrete.keyframe_times_ns
        for time_ns in {"first": times[:1], "last": times[-1:]}.get(self.when, times):
            share = candidate.hidden_share(self.name, self.by, self.camera, time_ns)
            if not self.at_least <= share <= self.at_most:
                return f'"{self.by}" hides {share:.0%} of "{self.name}" at {time_ns / 1e9:.2f} s'
        return None


@dataclass(frozen=True)
class Holds(Requirement):
    """Anything: ``function(candidate)`` is true. ``description`` names it in errors.

    ``candidate.concrete``, ``.world`` and ``.timeline`` are made when first asked for.
    """

    function: Callable[[Candidate], bool]
    description: str

    def check(self, candidate: Candidate) -> str | None:
        try:
            holds = self.function(candidate)
        except PairforgeError:
            raise
        except (Exception, SystemExit) as error:
            what = f"{type(error).__name__}: {error}"
            raise SpecError(
                f"{self!r}: its function raised {what}. It takes a Candidate and says True or False."
            ) from error
        return None if holds else f"not so: {self.description}"

    def __repr__(self) -> str:
        return f"Holds({self.description!r})"


def _at_least(owner: Requirement, name: str, value: float, least: float) -> None:
    if not value >= least or value == float("inf"):
        raise SpecError(f"{owner!r}: {name} must be {least:g} or more")
