"""Some keyframes of a clip, in a row: a shorter clip of its own, with what happened within it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pairforge.captioners.happenings import happenings_of
from pairforge.errors import SpecError
from pairforge.learning.augment.clip import AugmentError, Clip
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.sample import SceneRecord
from pairforge.seeding import Stream


@dataclass(frozen=True)
class Cut:
    """Keyframes ``first`` to ``first + count - 1`` of the clip, numbered from 0 again. Tracks stay whole; happenings
    that reach into the new clip are found anew, and what was told of the old one's start and end is not kept."""

    first: int
    count: int

    NAME: ClassVar[str] = "cut"

    def __call__(self, clip: Clip) -> Clip:
        if not (self.first >= 0 and 1 <= self.count <= len(clip.frames) - self.first):
            raise SpecError(
                f"cut: keyframes {self.first} to {self.first + self.count - 1} of a clip of {len(clip.frames)}"
            )
        if len(clip.frames) != keyframe_count(clip.record):
            raise AugmentError("cut: the clip does not hold all keyframes of its scene; give it whole")
        kept = clip.frames[self.first : self.first + self.count]
        frames = [replace(f, frame_index=k) for k, f in enumerate(kept)]
        if self.first:  # what was sensed since a keyframe that is not there any more
            frames[0] = replace(frames[0], sweeps={})
        concrete = {
            **clip.record.concrete,
            "warm_up_s": kept[0].time_ns * 1e-9,
            "duration_s": self.count / float(clip.record.concrete["keyframe_rate_hz"]),
        }
        record = with_found(replace(clip.record, concrete=concrete))
        return clip.after(to_json(self), record, frames)


def keyframe_count(record: SceneRecord) -> int:
    """How many keyframes the concrete scene has."""
    c: Any = record.concrete
    return round(float(c["duration_s"]) * float(c["keyframe_rate_hz"]))


def with_found(record: SceneRecord) -> SceneRecord:
    """The record with happenings found anew, and the causes that still lead from one of them to another."""
    found = happenings_of(record)
    old = {h.happening_id: (h.kind, h.subjects, h.argument, h.t0_ns) for h in record.happenings}
    new = {(h.kind, h.subjects, h.argument, h.t0_ns): h.happening_id for h in found}
    ids = {0: 0, **{k: new[h] for k, h in old.items() if h in new}}
    causes = tuple(
        replace(c, effect_id=ids[c.effect_id], cause_id=ids[c.cause_id])
        for c in record.causes
        if c.effect_id in ids and c.cause_id in ids
    )
    return replace(record, happenings=found, causes=causes)


@dataclass(frozen=True)
class RandomCut:
    """``count`` keyframes from anywhere in the clip; all of a shorter one."""

    count: int = 4

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        spare = len(clip.frames) - self.count
        if spare <= 0 or len(clip.frames) != keyframe_count(clip.record):
            return None
        return Cut(int(stream.rng().integers(spare + 1)), self.count)
