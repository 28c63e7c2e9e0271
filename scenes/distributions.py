"""Distributions: what a field of a scene spec may hold instead of a value.

Each is a frozen dataclass checked when it is made, and draws only from the stream it is given.

>>> from pairforge.seeding import Stream
>>> 0.08 <= Uniform(0.08, 0.12).draw(Stream(7, "mug.size_m")) <= 0.12
True
>>> Choice("red", "blue", weights=(0.0, 1.0)).draw(Stream(7, "mug.colour"))
'blue'
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from scipy.spatial.transform import Rotation

from pairforge.errors import SpecError
from pairforge.frames import wxyz
from pairforge.seeding import Stream

T_co = TypeVar("T_co", covariant=True)

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


class Distribution(ABC, Generic[T_co]):
    """Something to draw a ``T`` from. Subclass it as a frozen dataclass to add your own."""

    @abstractmethod
    def draw(self, stream: Stream) -> T_co:
        """One value: the same one for the same stream."""

    def examples(self) -> tuple[object, ...]:
        """Values it may give, by which a spec is type-checked before anything is drawn; () when it cannot say."""
        return ()


T = TypeVar("T")
Value: TypeAlias = T | Distribution[T]
"""A value, or a distribution over such values."""


@dataclass(frozen=True)
class Constant(Distribution[T_co]):
    """Always ``value``; for code that wants a distribution."""

    value: T_co

    def draw(self, stream: Stream) -> T_co:
        return self.value

    def examples(self) -> tuple[object, ...]:
        return (self.value,)


@dataclass(frozen=True)
class Uniform(Distribution[float]):
    """Any number of [low, high] alike."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _numbers(self, low=self.low, high=self.high)
        _ordered(self, self.low, self.high)

    def draw(self, stream: Stream) -> float:
        return float(stream.rng().uniform(self.low, self.high))

    def examples(self) -> tuple[object, ...]:
        return (float(self.low), float(self.high))


@dataclass(frozen=True)
class LogUniform(Distribution[float]):
    """A number of [low, high] whose logarithm is uniform: each doubling is as likely as the next. 0 < low."""

    low: float
    high: float

    def __post_init__(self) -> None:
        _numbers(self, low=self.low, high=self.high)
        _ordered(self, self.low, self.high)
        _positive(self, low=self.low)

    def draw(self, stream: Stream) -> float:
        drawn = math.exp(stream.rng().uniform(math.log(self.low), math.log(self.high)))
        return min(max(drawn, float(self.low)), float(self.high))

    def examples(self) -> tuple[object, ...]:
        return (float(self.low), float(self.high))


@dataclass(frozen=True)
class Normal(Distribution[float]):
    """A Gaussian with this mean and standard deviation."""

    mean: float
    std: float

    def __post_init__(self) -> None:
        _numbers(self, mean=self.mean, std=self.std)
        _positive(self, std=self.std)

    def draw(self, stream: Stream) -> float:
        return float(stream.rng().normal(self.mean, self.std))

    def examples(self) -> tuple[object, ...]:
        return (float(self.mean),)


@dataclass(frozen=True)
class TruncatedNormal(Distribution[float]):
    """A Gaussian cut to [low, high] (renormalised, not clipped)."""

    mean: float
    std: float
    low: float
    high: float

    def __post_init__(self) -> None:
        _numbers(self, mean=self.mean, std=self.std, low=self.low, high=self.high)
        _ordered(self, self.low, self.high)
        _positive(self, std=self.std)

    def draw(self, stream: Stream) -> float:
        if self.low == self.high:
            return float(self.low)
        a, b = (self.low - self.mean) / self.std, (self.high - self.mean) / self.std
        from scipy import stats  # half a second of start-up, for those who draw from it alone

        drawn = stats.truncnorm.rvs(a, b, loc=self.mean, scale=self.std, random_state=stream.rng())
        return min(max(float(drawn), float(self.low)), float(self.high))

    def examples(self) -> tuple[object, ...]:
        return (float(self.low), float(self.high))


@dataclass(frozen=True)
class Integer(Distribution[int]):
    """A whole number of low..high, both included."""

    low: int
    high: int

    def __post_init__(self) -> None:
        for name, value in (("low", self.low), ("high", self.high)):
            if isinstance(value, bool) or not isinstance(value, int):
                raise SpecError(f"{self!r}: {name} must be a whole number, not {value!r}")
        _ordered(self, self.low, self.high)

    def draw(self, stream: Stream) -> int:
        return int(stream.rng().integers(self.low, self.high, endpoint=True))

    def examples(self) -> tuple[object, ...]:
        return (self.low, self.high)


@dataclass(frozen=True, init=False)
class Choice(Distribution[T_co]):
    """One of the options, all alike or by ``weights`` (any positive scale)."""

    options: tuple[T_co, ...]
    weights: tuple[float, ...] | None

    def __init__(self, *options: T_co, weights: Sequence[float] | None = None) -> None:
        object.__setattr__(self, "options", options)
        object.__setattr__(self, "weights", None if weights is None else tuple(weights))
        self._check()

    def _check(self) -> None:
        if not self.options:
            raise SpecError("Choice() needs at least one option, as in Choice('red', 'blue')")
        if self.weights is None:
            return
        if len(self.weights) != len(self.options):
            raise SpecError(
                f"{self!r} has {len(self.options)} options but {len(self.weights)} weights: give one an option"
            )
        for index, weight in enumerate(self.weights):
            _numbers(self, **{f"weights[{index}]": weight})
        if min(self.weights) < 0 or sum(self.weights) <= 0:
            raise SpecError(f"{self!r}: weights must be 0 or more, and not all 0")

    def draw(self, stream: Stream) -> T_co:
        rng = stream.rng()
        if self.weights is None:
            return self.options[int(rng.integers(len(self.options)))]
        total = math.fsum(self.weights)
        return self.options[int(rng.choice(len(self.options), p=[w / total for w in self.weights]))]

    def examples(self) -> tuple[object, ...]:
        return self.options


@dataclass(frozen=True)
class Flag(Distribution[bool]):
    """True with this probability."""

    probability: float = 0.5

    def __post_init__(self) -> None:
        _numbers(self, probability=self.probability)
        if not 0.0 <= self.probability <= 1.0:
            raise SpecError(f"{self!r}: the probability must lie in 0..1")

    def draw(self, stream: Stream) -> bool:
        return bool(stream.rng().random() < self.probability)

    def examples(self) -> tuple[object, ...]:
        return (True, False)


@dataclass(frozen=True)
class UniformVector(Distribution[Vector]):
    """A point of the upright box from ``low`` to ``high`` (x, y, z)."""

    low: Vector
    high: Vector

    def __post_init__(self) -> None:
        if not all(isinstance(corner, tuple) and len(corner) == 3 for corner in (self.low, self.high)):
            raise SpecError(f"{self!r}: low and high must be (x, y, z)")
        for axis, low, high in zip("xyz", self.low, self.high, strict=True):
            _numbers(self, **{f"low {axis}": low, f"high {axis}": high})
            _ordered(self, low, high)

    def draw(self, stream: Stream) -> Vector:
        x, y, z = stream.rng().uniform(self.low, self.high)
        return float(x), float(y), float(z)

    def examples(self) -> tuple[object, ...]:
        return (tuple(float(v) for v in self.low),)


@dataclass(frozen=True)
class NormalVector(Distribution[tuple[float, ...]]):
    """``size`` independent Gaussians of mean 0 and this standard deviation (0: all are 0): a device's errors."""

    std: float
    size: int = 3

    def __post_init__(self) -> None:
        _numbers(self, std=self.std, size=self.size)
        if self.std < 0.0 or self.size < 1:
            raise SpecError(f"{self!r}: std must be 0 or more, size 1 or more")

    def draw(self, stream: Stream) -> tuple[float, ...]:
        return tuple(float(v) for v in stream.rng().normal(0.0, 1.0, self.size) * self.std)

    def examples(self) -> tuple[object, ...]:
        return ((0.0,) * self.size,)


@dataclass(frozen=True)
class UnitQuaternion(Distribution[Quaternion]):
    """A rotation (wxyz, w >= 0), all orientations alike (Haar measure)."""

    def draw(self, stream: Stream) -> Quaternion:
        w, x, y, z = wxyz(Rotation.random(random_state=stream.rng()))
        return float(w), float(x), float(y), float(z)

    def examples(self) -> tuple[object, ...]:
        return ((1.0, 0.0, 0.0, 0.0),)


def _numbers(owner: object, **values: object) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise SpecError(f"{owner!r}: {name} must be a number, not {value!r}")
        if not math.isfinite(value):
            raise SpecError(f"{owner!r}: {name} must be finite")


def _ordered(owner: object, low: float, high: float) -> None:
    if low > high:
        raise SpecError(f"{owner!r}: low {low!r} is above high {high!r}; swap them")


def _positive(owner: object, **values: float) -> None:
    for name, value in values.items():
        if value <= 0:
            raise SpecError(f"{owner!r}: {name} must be above 0, not {value!r}")
