"""Splits: which assets and which compositions of attributes a part of the data (train, validation, test) may show.

    Split(part="test", divide=("shape",), held_out=(HeldOut(shape="mug", colour="red"),))

``divide`` deals the options of things out among the parts, each option to one; ``held_out`` combinations are never
seen on a thing outside their part, and in their part at least one thing of every scene has one. Parts share no random
stream. Which option went where follows from the options' names alone, so that it is the same for every seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.distributions import Choice
from pairforge.scenes.typecheck import Checked

PartName = Literal["train", "validation", "test"]
PARTS: tuple[str, ...] = get_args(PartName)
FIELDS = ("shape", "colour", "material")


@dataclass(frozen=True, kw_only=True)
class HeldOut(Checked):
    """Two or three attributes that no thing shows together outside ``part``."""

    shape: str | None = None
    colour: str | None = None
    material: str | None = None
    part: PartName = "test"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.wanted) < 2:
            raise SpecError(
                f"{self!r}: a composition needs two attributes at least; to keep one back, use divide"
            )

    @property
    def wanted(self) -> dict[str, str]:
        """Attribute -> the value that makes up the composition."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


@dataclass(frozen=True, kw_only=True)
class Split(Checked):
    """``part`` is the one being made. ``train``, ``validation`` and ``test`` share the options out (any scale;
    0: there is no such part). ``divide`` names fields ("shape", "colour", "material"), of every thing that chooses
    among options, or of one thing ("mug.shape")."""

    part: PartName = "train"
    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1
    divide: tuple[str, ...] = ()
    held_out: tuple[HeldOut, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in PARTS:
            share = getattr(self, name)
            if not 0.0 <= share < float("inf"):
                raise SpecError(f"Split: {name} is {share!r}; a share is 0 or more")
        if not self.shares.get(self.part):
            raise SpecError(
                f'Split: part "{self.part}" has the share 0; give {self.part}= a share, or make another part'
            )
        for entry in self.divide:
            if (field := entry.rpartition(".")[2]) not in FIELDS:
                raise SpecError(f'Split: divide names "{entry}". {did_you_mean(field, FIELDS)}')
        for composition in self.held_out:
            if composition.part not in self.shares:
                raise SpecError(
                    f'Split: {composition!r} is held out for "{composition.part}", whose share is 0'
                )

    @property
    def shares(self) -> dict[str, float]:
        """Part -> share, of the parts that there are."""
        return {name: getattr(self, name) for name in PARTS if getattr(self, name) > 0.0}


@dataclass(frozen=True)
class Dealt:
    """A split worked out for one scene: thing -> field -> the options left to it in this part; and the compositions
    that it must not show."""

    part: str
    allowed: Mapping[str, Mapping[str, tuple[str, ...]]]
    forbidden: tuple[HeldOut, ...]

    def options(self, thing: str, field: str, value: Any) -> Any:
        """``value`` with only the options that this part may show."""
        left = self.allowed.get(thing, {}).get(field)
        return value if left is None or not isinstance(value, Choice) else _only(value, left)

    def forbids(self, shape: str, colour: str | None, material: str | None) -> bool:
        """Whether a look is a composition held out for another part."""
        look = {"shape": shape, "colour": colour, "material": material}
        return any(all(look[f] == v for f, v in c.wanted.items()) for c in self.forbidden)


def deal(split: Split, things: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Field -> option -> the part it belongs to. ``things``: name -> field -> its value or distribution.

    Every divided thing has an option in every part; beyond that the shares decide. Raises SpecError where it cannot.
    """
    dealt: dict[str, dict[str, str]] = {}
    for field in FIELDS:
        sets = {
            name: _options(values[field]) for name, values in things.items() if _divided(split, name, field)
        }
        sets = {name: options for name, options in sets.items() if len(options) > 1}
        for name, options in sets.items():
            if len(options) < len(split.shares):
                raise SpecError(
                    f'Split: "{name}.{field}" has {len(options)} options, but {len(split.shares)} parts want '
                    "one each. "
                    f'Give it more, set a share to 0, or name what to divide, as in divide=("other.{field}",)'
                )
        if sets:
            dealt[field] = _dealt(split, field, sets)
    for entry in split.divide:
        thing, _, field = entry.rpartition(".")
        if field not in dealt or (thing and thing not in things):
            known = did_you_mean(thing or field, [*things, *FIELDS])
            raise SpecError(
                f'Split: divide names "{entry}", but nothing of that name chooses among options. {known}'
            )
    _check_undivided(split, dealt, things)
    return dealt


def work_out(split: Split, things: Mapping[str, Mapping[str, Any]]) -> Dealt:
    """The split for the things of a scene (name -> field -> value or distribution)."""
    dealt = deal(split, things)
    allowed: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, values in things.items():
        for field, owner in dealt.items():
            if _divided(split, name, field) and len(options := _options(values[field])) > 1:
                left = tuple(o for o in options if owner[o] == split.part)
                allowed.setdefault(name, {})[field] = left
    others = tuple(c for c in split.held_out if c.part != split.part)
    return Dealt(split.part, allowed, others)


def compositions(split: Split, dealt: Dealt, things: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """Which thing could show which composition held out for this part: {"thing": name, "shape": ..., ...}.

    Raises SpecError where no thing can show any.
    """
    own = [c for c in split.held_out if c.part == split.part]
    found = []
    for name, values in things.items():
        for composition in own:
            options = {f: _options(dealt.options(name, f, values[f])) for f in composition.wanted}
            if all(value in options[f] for f, value in composition.wanted.items()):
                found.append({"thing": name, **composition.wanted})
    if own and not found:
        raise SpecError(
            f"Split: no thing of the scene can show {own[0]!r}, which is held out for this part; "
            "let one choose these attributes"
        )
    return found


def rows(split: Split, dealt: Dealt) -> dict[str, Any]:
    """The split as JSON, stored with the concrete scene so that it can be proved without the spec."""
    return {
        "part": split.part,
        "allowed": {name: {f: list(o) for f, o in of.items()} for name, of in dealt.allowed.items()},
        "held_out": [{"part": c.part, **c.wanted} for c in split.held_out],
    }


def _divided(split: Split, name: str, field: str) -> bool:
    return any(entry in (field, f"{name}.{field}") for entry in split.divide)


def _options(value: Any) -> tuple[str, ...]:
    """The distinct values that a field may take, in order."""
    options = value.options if isinstance(value, Choice) else (value,)
    return tuple(dict.fromkeys(o for o in options if isinstance(o, str)))


def _dealt(split: Split, field: str, sets: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Option -> part: first one of every part for every thing, the smallest sets first, then by shares."""
    order = sorted({o for options in sets.values() for o in options}, key=lambda o: _rank(field, o))
    parts = sorted(split.shares, key=lambda p: (split.shares[p], PARTS.index(p)))
    owner: dict[str, str] = {}
    for name in sorted(sets, key=lambda n: (len(sets[n]), n)):
        for part in parts:
            if any(owner.get(o) == part for o in sets[name]):
                continue
            free = [o for o in order if o in sets[name] and o not in owner]
            if not free:
                raise SpecError(
                    f'Split: "{name}.{field}" cannot have an option in part "{part}" beside what others share '
                    "with it. "
                    f'Name what to divide, as in divide=("{name}.{field}",), or give it options of its own'
                )
            owner[free[0]] = part
    total = sum(split.shares.values())
    for option in order:
        if option not in owner:
            held = {p: sum(1 for o in owner.values() if o == p) for p in parts}
            owner[option] = max(parts, key=lambda p: len(order) * split.shares[p] / total - held[p])
    return owner


def _rank(field: str, option: str) -> bytes:
    return hashlib.sha256(f"split\n{field}\n{option}".encode()).digest()


def _check_undivided(
    split: Split, dealt: Mapping[str, Mapping[str, str]], things: Mapping[str, Mapping[str, Any]]
) -> None:
    """What is dealt out must not come back through a thing that is not divided but chooses it too."""
    for name, values in things.items():
        for field, owner in dealt.items():
            options = _options(values[field])
            if _divided(split, name, field) or len(options) < 2:
                continue
            if shared := [o for o in options if o in owner]:
                raise SpecError(
                    f'Split: {field} "{shared[0]}" belongs to part "{owner[shared[0]]}" alone, but "{name}", '
                    f'which is not divided, may take it too. Divide "{name}.{field}" as well'
                )


def _only(value: Choice[Any], left: Sequence[str]) -> Choice[Any]:
    weights = value.weights or (1.0,) * len(value.options)
    kept = [(o, w) for o, w in zip(value.options, weights, strict=True) if o in left]
    if not kept:
        raise SpecError(f"Split: of {value!r} nothing is left in this part, which has {', '.join(left)}")
    return Choice(*(o for o, _ in kept), weights=[w for _, w in kept])


def things_of(props: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Name -> field -> value or distribution, the family's own colours and materials where the author gives none."""
    from pairforge.scenes.families import family  # for splits by shape alone

    out: dict[str, dict[str, Any]] = {}
    for thing in props:
        kinds = [family(name) for name in _options(thing.shape)]
        given: dict[str, Any] = {"shape": thing.shape}
        for field, own in (("colour", "colours"), ("material", "materials")):
            value = getattr(thing, field)
            names = tuple(dict.fromkeys(n for kind in kinds for n in getattr(kind, own)))
            given[field] = Choice(*names) if value is None and names else value
        out[thing.name] = given
    return out
