"""Named draws: every value of a scene has a dotted path, its own stream, and can be replaced by ``do``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, overload

import numpy as np

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import Pose
from pairforge.scenes.colours import PALETTE
from pairforge.scenes.concrete import ConcreteItem
from pairforge.scenes.distributions import Choice, Distribution, Quaternion, Value, Vector
from pairforge.scenes.families import family
from pairforge.scenes.materials import KINDS
from pairforge.seeding import Stream

T = TypeVar("T")

LOOKS: Mapping[str, Mapping[str, Any]] = {"colour": PALETTE, "material": KINDS}
"""Draws that are names, and the names that there are."""
EXTENT = "extent_m"
"""Beside an item's params: the box (length, width, height) that its shape is stretched to."""


@dataclass(frozen=True)
class Draws:
    """Draws values at dotted paths below ``path`` and records each.

    ``draws("colour", Choice("red", "blue"))`` below "mug" is the draw "mug.colour".
    """

    stream: Stream
    do: Mapping[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    salt: str = ""
    held: Mapping[str, Any] = field(default_factory=dict)
    """Draws kept from another resolution, so that a changed range elsewhere cannot move them."""
    forced: Mapping[str, Any] = field(default_factory=dict)
    """Draws that the spec itself decides, such as a composition that every scene of a split's part must show."""

    def under(self, name: str) -> Draws:
        """The draws below ``name``."""
        return replace(self, path=self._full(name))

    def again(self, time: int) -> Draws:
        """The same draws made another time (0: as they are), with a record of their own."""
        return replace(self, record={}, salt=f"again_{time}" if time else "")

    @overload
    def __call__(self, name: str, value: Distribution[T]) -> T: ...

    @overload
    def __call__(self, name: str, value: T | Distribution[T]) -> T: ...

    def __call__(self, name: str, value: T | Distribution[T]) -> T:
        """The value itself, or one drawn from the distribution, or what ``do`` says instead; recorded."""
        path = self._full(name)
        if path in self.do:
            got: T = self.do[path]
        elif isinstance(value, Distribution) and path in self.held:
            got = self.held[path]
        elif path in self.forced:
            got = self.forced[path]
        elif isinstance(value, Distribution):
            got = value.draw(self._stream(path))
        else:
            got = value
        self.record[path] = plain(got, path)
        return got

    def item(
        self,
        name: str,
        shape: str,
        *,
        position_m: Sequence[float] = (0.0, 0.0, 0.0),
        quaternion_wxyz: Sequence[float] = (1.0, 0.0, 0.0, 0.0),
        yaw: float | None = None,
        colour: Value[str] | None = None,
        material: Value[str] | None = None,
        size_m: Value[float] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> ConcreteItem:
        """A fixed thing of a shape family at a pose, its params, colour and material drawn below ``name``.

        ``yaw`` (radians about +z) replaces the quaternion. What is given replaces the family's own draw.
        """
        pose = Pose.of(position_m, quaternion_wxyz, yaw=yaw)
        look = self.under(name).look(shape, colour, material, size_m, params or {})
        return ConcreteItem(
            name=name,
            family=look.family,
            params=look.params,
            colour=look.colour,
            material=look.material,
            position_m=floats(pose.position_m),
            quaternion_wxyz=unit(pose),
        )

    def look(
        self,
        shape: Value[str],
        colour: Value[str] | None,
        material: Value[str] | None,
        size_m: Value[float] | None,
        params: Mapping[str, Any],
        left: Callable[[str, Any], Any] = lambda name, value: value,
        extent_m: Value[Vector] | None = None,
    ) -> Look:
        """The family, params, colour and material: the author's where given, else the family's own draws.

        ``left(field, value)`` gives what is left of a shape's, colour's or material's options.
        """
        kind = family(self("shape", left("shape", shape)))
        own = kind.draw(self._stream(self._full("params")))
        if unknown := sorted(set(params) - set(own)):
            raise SpecError(
                f'"{self.path}" sets params.{unknown[0]}, which shape "{kind.name}" does not have. '
                f"{did_you_mean(unknown[0], own)}"
            )
        for key, value in params.items():
            for option in value.examples() if isinstance(value, Distribution) else (value,):
                _check_kind(f"{self.path}.params.{key}", own[key], option)
        if size_m is not None and not kind.size_key:
            raise SpecError(
                f'"{self.path}" sets size_m, but shape "{kind.name}" has no size to set; use params'
            )
        drawn = {}
        for key, value in own.items():
            if key == kind.size_key and key not in params:
                drawn[key] = plain(self("size_m", value if size_m is None else size_m))
            else:
                drawn[key] = plain(self(f"params.{key}", params.get(key, value)))
        size = drawn[kind.size_key] if kind.size_key else 1.0
        if not isinstance(size, int | float) or size <= 0:
            raise SpecError(f"size_m is {size!r}; it must be a number above 0")
        if extent_m is not None:
            drawn[EXTENT] = self._extent(extent_m)
        return Look(
            kind.name,
            drawn,
            self._named("colour", left("colour", _own(colour, kind.colours))),
            self._named("material", left("material", _own(material, kind.materials))),
        )

    def _extent(self, extent_m: Value[Vector]) -> list[float]:
        """The box that a thing is stretched to; SpecError for what is no size."""
        given: Any = plain(self("extent_m", extent_m))
        if not (isinstance(given, list) and len(given) == 3 and all(_is_positive(side) for side in given)):
            raise SpecError(f"extent_m is {given!r}; it must be a length, a width and a height above 0")
        return [float(side) for side in given]

    def _named(self, field: str, value: Value[str] | None) -> str | None:
        """The drawn name of a colour or a material, or None; SpecError for anything else."""
        name: Any = self(field, value)
        if name is not None and not isinstance(name, str):
            some = next(iter(LOOKS[field]))
            raise SpecError(
                f'{self._full(field)} is {name!r}; it must be the name of a {field}, such as "{some}", or None'
            )
        if name is not None and name not in LOOKS[field]:
            raise SpecError(
                f'{self._full(field)}: unknown {field} "{name}". {did_you_mean(name, LOOKS[field])}'
            )
        return name

    def _stream(self, path: str) -> Stream:
        return self.stream / path / self.salt if self.salt else self.stream / path

    def _full(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


@dataclass(frozen=True)
class Look:
    """What a thing is, before it has a place."""

    family: str
    params: dict[str, Any]
    colour: str | None
    material: str | None


def plain(value: Any, name: str = "the value") -> Any:
    """The value as JSON has it: numpy scalars as numbers, tuples and arrays as lists. SpecError for anything else."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float) and not math.isfinite(value):
        raise SpecError(f"{name} is {value!r}; it must be finite")
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return [plain(v, name) for v in value]
    if isinstance(value, Mapping):
        return {str(k): plain(v, name) for k, v in value.items()}
    raise SpecError(f"{name} is {value!r}; it must be text, a number, true or false, or a list of them")


def _check_kind(name: str, own: Any, given: Any) -> None:
    """Raises SpecError for a param of another kind than the family's own."""
    number = isinstance(own, float) and isinstance(given, int) and not isinstance(given, bool)
    if own is not None and type(plain(given)) is not type(plain(own)) and not number:
        raise SpecError(f"{name} is {given!r}; it must be like {own!r}")


def unit(pose: Pose) -> Quaternion:
    """Its rotation as plain floats (w, x, y, z), w >= 0."""
    q = pose.quaternion_wxyz if pose.quaternion_wxyz[0] >= 0 else -pose.quaternion_wxyz
    w, x, y, z = (float(v) + 0.0 for v in q)
    return w, x, y, z


def _is_positive(side: Any) -> bool:
    return isinstance(side, int | float) and not isinstance(side, bool) and side > 0


def floats(values: Any) -> Any:
    """A tuple of plain floats."""
    return tuple(float(v) for v in values)


def _own(given: Value[str] | None, names: tuple[str, ...]) -> Value[str] | None:
    return Choice(*names) if given is None and names else given
