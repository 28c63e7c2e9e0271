"""Keyframes by number, from a folder or a URL: tables say where the selected arrays lie, and only those are read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pairforge.datasets.codec import decode
from pairforge.datasets.store import shard_path
from pairforge.datasets.tar import BLOCK, check_member
from pairforge.errors import DatasetError
from pairforge.learning.index import FramePlan, Index, Read, ViewPlan
from pairforge.learning.sample import Sample, View, tensors
from pairforge.learning.selection import Selection
from pairforge.learning.source import Buffer, Range, Source
from pairforge.learning.whole import Checked
from pairforge.seeding import Stream

Place = int | tuple[int, int]
"""A keyframe's place in the dataset, or (epoch, place)."""

_GAP = 1 << 16
_REMOTE_GAP = 1 << 19
"""Bytes between two wanted ones that are read along rather than asked for apart."""


@dataclass(frozen=True, eq=False)
class Fetched:
    """One keyframe's selected members as bytes, by name."""

    epoch: int
    plan: FramePlan
    data: Mapping[str, memoryview]


class Samples(list[Sample]):
    """What a batch's places gave; ``skipped`` says what is wrong with those that are left out."""

    skipped: tuple[str, ...] = ()


class KeyframeDataset:
    """A map-style dataset (it has what ``torch.utils.data.DataLoader`` asks for): ``dataset[i]`` is a ``Sample``.

    ``root``: a folder, or a URL that fsspec opens with ``storage_options``. ``transform`` is called with each sample,
    in numpy, and the stream that all its randomness must come from, that of (seed, epoch, key). ``numpy`` leaves
    arrays as they are stored; otherwise they become tensors (``sample.tensors``).

    ``on_error="skip"`` leaves out of a batch what is damaged, and says so in ``Samples.skipped``; a single sample
    always raises. ``verify`` compares a shard's hash with the manifest before a process reads from it the first time:
    without it damage inside an array that still decodes goes unseen. Raises DatasetError.

    >>> KeyframeDataset("out/driving", Selection(arrays=("rgb", "depth")))[0]["CAM_FRONT", "rgb"]  # doctest: +SKIP
    tensor(...)
    """

    def __init__(
        self,
        root: Path | str,
        select: Selection | None = None,
        *,
        seed: int = 0,
        transform: Callable[[Sample, Stream], Sample] | None = None,
        numpy: bool = False,
        on_error: Literal["raise", "skip"] = "raise",
        verify: bool = False,
        scenes_kept: int = 512,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        if on_error not in ("raise", "skip"):
            raise DatasetError(f'on_error is "{on_error}"; it may be "raise" or "skip".')
        self.source = Source(str(root), storage_options or {})
        self.select = select or Selection()
        self.index = Index(self.source, self.select, scenes_kept)
        self.seed, self._transform, self._numpy, self._skips = seed, transform, numpy, on_error == "skip"
        self._checked = Checked(self.source) if verify else None

    def __len__(self) -> int:
        """Number of keyframes."""
        return len(self.index)

    def __getitem__(self, place: Place) -> Sample:
        fetched = self._alone(place)
        if isinstance(fetched, DatasetError):
            raise fetched
        return self._sample(fetched)

    def __getitems__(self, places: Sequence[Place]) -> Samples:
        """A batch, fetched together; torch's loaders call this where it is there."""
        return self.decoded(self.fetch(places))

    def fetch(self, places: Sequence[Place]) -> list[Fetched | DatasetError]:
        """The bytes of a batch, not decoded yet; may run in another thread than ``decoded``."""
        with contextlib.suppress(DatasetError):
            return list(self._together(places))
        found = [self._alone(place) for place in places]  # to find out which it was
        for one in found:
            if isinstance(one, DatasetError) and not self._skips:
                raise one
        return found

    def decoded(self, fetched: Sequence[Fetched | DatasetError]) -> Samples:
        """The samples of what was fetched."""
        found, skipped = Samples(), []
        for one in fetched:
            try:
                if isinstance(one, DatasetError):
                    raise one
                found.append(self._sample(one))
            except DatasetError as error:
                if not self._skips:
                    raise
                skipped.append(str(error))
        found.skipped = tuple(skipped)
        return found

    def _alone(self, place: Place) -> Fetched | DatasetError:
        try:
            return self._together([place])[0]
        except DatasetError as error:
            index = place[1] if isinstance(place, tuple) else place
            key = self.index.key(index)
            if key in str(error):
                return error
            named = DatasetError(f"{shard_path(self.index.record(index).slug)} {key}: {error}")
            named.__cause__ = error
            return named

    def _together(self, places: Sequence[Place]) -> list[Fetched]:
        wanted = [place if isinstance(place, tuple) else (0, place) for place in places]
        plans = [self._plan(index) for _, index in wanted]
        spans = [_spans(plan, _REMOTE_GAP if self.source.remote else _GAP) for plan in plans]
        data = iter(self.source.ranges([span for of_plan in spans for span, _ in of_plan]))
        return [
            Fetched(epoch, plan, _members(plan, [(span, reads, next(data)) for span, reads in own]))
            for (epoch, _), plan, own in zip(wanted, plans, spans, strict=True)
        ]

    def _plan(self, index: int) -> FramePlan:
        if self._checked is not None:
            self._checked.shard(self.index.record(index))
        return self.index.frame(index)

    def _sample(self, fetched: Fetched) -> Sample:
        plan, epoch, data = fetched.plan, fetched.epoch, fetched.data
        views: dict[str, View] = {}
        sweeps: dict[str, list[View]] = {}
        for view in plan.views:
            made = _view(plan, view, data)
            if view.sweep:
                sweeps.setdefault(view.sensor, []).append(made)
            else:
                views[view.sensor] = made
        sample = Sample(
            plan.key, plan.scene_index, plan.frame_index, plan.time_ns, views,
            {name: tuple(found) for name, found in sweeps.items()},
            plan.boxes3d, plan.captions, plan.facts, self._text(plan, epoch),
        )  # fmt: skip
        if self._transform is not None:
            sample = self._transform(sample, Stream(self.seed) / "transform" / epoch / plan.key)
        return sample if self._numpy else tensors(sample)

    def _text(self, plan: FramePlan, epoch: int) -> str:
        if not plan.texts:
            return ""
        if self.select.text == "first":
            return plan.texts[0]
        rng = (Stream(self.seed) / "text" / epoch / plan.key).rng()
        return plan.texts[int(rng.integers(len(plan.texts)))]


def _spans(plan: FramePlan, gap: int) -> list[tuple[Range, list[Read]]]:
    """Runs of wanted members, their tar headers included, with what little lies between."""
    found: list[tuple[Range, list[Read]]] = []
    for read in sorted((r for v in plan.views for r in v.reads), key=lambda r: r.offset):
        start, stop = read.offset - BLOCK, read.offset + read.size
        if found and start - found[-1][0].stop <= gap:
            last, reads = found[-1]
            found[-1] = (Range(plan.shard, last.start, max(stop, last.stop)), [*reads, read])
        else:
            found.append((Range(plan.shard, start, stop), [read]))
    return found


def _members(plan: FramePlan, spans: list[tuple[Range, list[Read], Buffer]]) -> dict[str, memoryview]:
    found = {}
    for span, reads, data in spans:
        view = memoryview(data)
        for read in reads:
            at = read.offset - span.start
            check_member(view[at - BLOCK : at], read.member, read.size, f"{plan.shard} {plan.key}")
            found[read.member] = view[at : at + read.size]
    return found


def _view(plan: FramePlan, view: ViewPlan, data: Mapping[str, memoryview]) -> View:
    sizes = dict(view.sizes)
    arrays = {
        r.spec.name: decode(r.spec, data[r.member], sizes, f"{plan.shard} {r.member}") for r in view.reads
    }
    return View(
        view.sensor, view.kind, view.time_ns, view.position_m, view.quaternion_wxyz, arrays, view.intrinsics,
        view.flow_dt_ns, view.next_position_m, view.next_quaternion_wxyz,
        None if view.sweep else plan.boxes2d.get(view.sensor),
    )  # fmt: skip
