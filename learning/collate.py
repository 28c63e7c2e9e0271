"""Samples as one batch: equal arrays stacked, ragged ones padded with a mask, or packed with offsets.

B: samples, M: the most rows of any of them, N: rows of all together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, Literal, TypeVar

import torch

from pairforge.datasets.shard_arrays import arrays_of
from pairforge.errors import DatasetError, SpecError
from pairforge.learning.sample import Boxes2D, Boxes3D, Sample, View, tensors
from pairforge.sample import Caption, Fact

T = TypeVar("T")
Ragged = Literal["pad", "pack"]


@dataclass(frozen=True, eq=False)
class Padded:
    """``values`` (B, M, …), 0 where ``mask`` (B, M) bool is False."""

    values: torch.Tensor
    mask: torch.Tensor


@dataclass(frozen=True, eq=False)
class Packed:
    """``values`` (N, …), one sample's rows after another's; ``offsets`` (B + 1,) int64: those of sample b are
    ``values[offsets[b]:offsets[b + 1]]``."""

    values: torch.Tensor
    offsets: torch.Tensor


@dataclass(frozen=True, eq=False)
class ViewBatch:
    """One sensor of every sample. time_ns (B,) int64, position_m (B, 3), quaternion_wxyz (B, 4) float32.

    Cameras: intrinsics (B, 4) float32 fx, fy, cx, cy; ``cameras`` the whole ``Intrinsics`` of each; next poses as
    above; ``boxes`` a ``Boxes2D`` whose fields are Padded or Packed. ``arrays``: name -> tensor (B, …), Padded or
    Packed.
    """

    sensor: str
    kind: str
    time_ns: torch.Tensor
    position_m: torch.Tensor
    quaternion_wxyz: torch.Tensor
    arrays: Mapping[str, torch.Tensor | Padded | Packed]
    intrinsics: torch.Tensor | None = None
    cameras: tuple[Any, ...] = ()
    next_position_m: torch.Tensor | None = None
    next_quaternion_wxyz: torch.Tensor | None = None
    boxes: Boxes2D | None = None


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples side by side. ``boxes``: a ``Boxes3D`` whose fields are Padded or Packed. ``skipped``: what is wrong
    with samples that were left out (``on_error="skip"``). ``sweeps`` stay apart, sample by sample."""

    keys: tuple[str, ...]
    time_ns: torch.Tensor
    views: Mapping[str, ViewBatch]
    boxes: Boxes3D | None
    captions: tuple[tuple[Caption, ...], ...]
    facts: tuple[tuple[Fact, ...], ...]
    text: tuple[str, ...]
    sweeps: tuple[Mapping[str, tuple[View, ...]], ...]
    skipped: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, place: tuple[str, str]) -> Any:
        """An array by sensor and name: ``batch["cam_front", "rgb"]``."""
        sensor, name = place
        return self.views[sensor].arrays[name]

    def to(self, *where: Any, **how: Any) -> Batch:
        """Every tensor through ``Tensor.to``."""
        return changed(self, lambda t: t.to(*where, **how))

    def pin_memory(self) -> Batch:
        """Every tensor in page-locked memory; torch's loaders call this with ``pin_memory=True``."""
        return changed(self, lambda t: t.pin_memory())


@dataclass(frozen=True)
class Collate:
    """The ``collate_fn`` of a loader: samples to a ``Batch``. Raises DatasetError for samples that do not fit.

    ``ragged``: "pad" or "pack" for points, boxes and whatever else differs in number.
    """

    ragged: Ragged = "pad"

    def __post_init__(self) -> None:
        if self.ragged not in ("pad", "pack"):
            raise DatasetError(f'ragged is "{self.ragged}"; it may be "pad" or "pack".')

    def __call__(self, samples: Sequence[Sample]) -> Batch:
        if not samples:
            raise DatasetError("a batch of no samples cannot be collated")
        samples = [s if _is_torch(s) else tensors(s) for s in samples]
        boxes = [s.boxes for s in samples if s.boxes is not None]
        names = _same([tuple(s.views) for s in samples], "sensors", samples)
        return Batch(
            keys=tuple(s.key for s in samples),
            time_ns=torch.tensor([s.time_ns for s in samples], dtype=torch.int64),
            views={name: self._view([s.views[name] for s in samples], samples) for name in names},
            boxes=self._boxes(boxes) if len(boxes) == len(samples) else None,
            captions=tuple(s.captions for s in samples),
            facts=tuple(s.facts for s in samples),
            text=tuple(s.text for s in samples),
            sweeps=tuple(s.sweeps for s in samples),
            skipped=tuple(getattr(samples, "skipped", ())),
        )

    def _view(self, views: list[View], samples: Sequence[Sample]) -> ViewBatch:
        first = views[0]
        names = _same([tuple(v.arrays) for v in views], f"arrays of {first.sensor}", samples)
        boxes = [v.boxes for v in views if v.boxes is not None]
        lenses = [v.intrinsics for v in views if v.intrinsics is not None]
        following = all(v.next_position_m is not None for v in views)
        return ViewBatch(
            sensor=first.sensor,
            kind=first.kind,
            time_ns=torch.tensor([v.time_ns for v in views], dtype=torch.int64),
            position_m=torch.stack([v.position_m for v in views]),
            quaternion_wxyz=torch.stack([v.quaternion_wxyz for v in views]),
            arrays={name: self._array(name, views, samples) for name in names},
            intrinsics=torch.tensor([(k.fx, k.fy, k.cx, k.cy) for k in lenses]) if lenses else None,
            cameras=tuple(lenses),
            next_position_m=torch.stack([v.next_position_m for v in views]) if following else None,
            next_quaternion_wxyz=torch.stack([v.next_quaternion_wxyz for v in views]) if following else None,
            boxes=self._boxes(boxes) if len(boxes) == len(views) else None,
        )

    def _array(
        self, name: str, views: list[View], samples: Sequence[Sample]
    ) -> torch.Tensor | Padded | Packed:
        arrays = [v.arrays[name] for v in views]
        if name in _ragged(views[0].kind):
            return self._rows(arrays)
        shapes = [tuple(a.shape) for a in arrays]
        if len(set(shapes)) > 1:
            at = next(i for i, s in enumerate(shapes) if s != shapes[0])
            raise DatasetError(
                f"{views[0].sensor}.{name} is {shapes[0]} in {samples[0].key} and {shapes[at]} in {samples[at].key}: "
                "these cannot be stacked. Bring them to one size with a transform."
            )
        return torch.stack(arrays)

    def _boxes(self, boxes: Sequence[Any]) -> Any:
        kind = type(boxes[0])
        return kind(**{f.name: self._rows([getattr(b, f.name) for b in boxes]) for f in fields(kind)})

    def _rows(self, arrays: Sequence[torch.Tensor]) -> Padded | Packed:
        counts = torch.tensor([len(a) for a in arrays], dtype=torch.int64)
        if self.ragged == "pack":
            zero = torch.zeros(1, dtype=torch.int64)
            return Packed(torch.cat(list(arrays)), torch.cat([zero, counts.cumsum(0)]))
        most = int(counts.max())
        values = arrays[0].new_zeros((len(arrays), most, *arrays[0].shape[1:]))
        for row, array in zip(values, arrays, strict=True):
            row[: len(array)] = array
        return Padded(values, torch.arange(most)[None] < counts[:, None])


def changed(value: T, change: Callable[[torch.Tensor], torch.Tensor]) -> T:
    """A copy of a batch, or any part of one, with every tensor passed through ``change``."""
    return _changed(value, change)  # type: ignore[no-any-return]  # what went in, changed inside


def _changed(value: Any, change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return change(value)
    if isinstance(value, Batch | ViewBatch | View | Padded | Packed | Boxes2D | Boxes3D):
        return replace(value, **{f.name: _changed(getattr(value, f.name), change) for f in fields(value)})
    if isinstance(value, Mapping):
        return {k: _changed(v, change) for k, v in value.items()}
    if isinstance(value, tuple) and any(is_dataclass(v) or isinstance(v, Mapping) for v in value):
        return tuple(_changed(v, change) for v in value)
    return value


@lru_cache
def _ragged(kind: str) -> frozenset[str]:
    """Names of the arrays of a kind of sensor that have as many rows as there are things, points or samples."""
    try:
        specs = arrays_of(kind)
    except SpecError:
        return frozenset()
    return frozenset(s.name for s in specs if s.shape and isinstance(s.shape[0], str) and s.shape[0] != "H")


def _is_torch(sample: Sample) -> bool:
    return all(isinstance(v.position_m, torch.Tensor) for v in sample.views.values())


def _same(names: Sequence[tuple[str, ...]], what: str, samples: Sequence[Sample]) -> tuple[str, ...]:
    for found, sample in zip(names, samples, strict=True):
        if sorted(found) != sorted(names[0]):
            odd = sorted({*found} ^ {*names[0]})
            raise DatasetError(
                f"{samples[0].key} and {sample.key} differ in their {what}: {', '.join(odd)}. Select what all have."
            )
    return names[0]
