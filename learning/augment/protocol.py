"""What every transform does: a random one draws a concrete one, which is stored with the sample and can be replayed.

``RandomFlip().draw(clip, stream)`` gives ``Flip()``; ``Flip()(clip)`` transforms all that the clip holds, and leaves
it without words. ``Augment`` runs several and then tells the clip anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Protocol

from pairforge.errors import SpecError
from pairforge.learning.augment.clip import Clip, Json, retold
from pairforge.registry import Registry
from pairforge.seeding import Stream

TOLD = "told"
"""How the history names the telling anew, with the stream that its phrasings were drawn from."""


class Transform(Protocol):
    """A concrete transform: a frozen dataclass of JSON values. Raises AugmentError where the clip forbids it."""

    NAME: ClassVar[str]

    def __call__(self, clip: Clip) -> Clip: ...


class RandomTransform(Protocol):
    """A transform with distributions in place of values."""

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        """What is to be done to this clip; None: nothing."""


TRANSFORMS = Registry(
    "transform",
    {
        "crop": "pairforge.learning.augment.crop:Crop",
        "flip": "pairforge.learning.augment.flip:Flip",
        "scale": "pairforge.learning.augment.scale:Scale",
        "roll": "pairforge.learning.augment.roll:Roll",
        "tone": "pairforge.learning.augment.tone:Tone",
        "repaint": "pairforge.learning.augment.repaint:Repaint",
        "fog": "pairforge.learning.augment.fog:Fog",
        "cut": "pairforge.learning.augment.cut:Cut",
        "reverse": "pairforge.learning.augment.reverse:Reverse",
        "turn_world": "pairforge.learning.augment.turn_world:TurnWorld",
        "points": "pairforge.learning.augment.points:Points",
    },
)


def to_json(transform: Transform) -> dict[str, Any]:
    """Its name and fields, as plain JSON."""
    values = {f.name: getattr(transform, f.name) for f in fields(transform)}  # type: ignore[arg-type]  # subclasses are dataclasses
    return {"transform": transform.NAME, **{k: _plain(v) for k, v in values.items()}}


def from_json(data: Json) -> Transform:
    """What ``to_json`` wrote; SpecError for an unknown transform or other fields."""
    kind = TRANSFORMS.load(str(data.get("transform")))
    given = {k: _tuples(v) for k, v in data.items() if k != "transform"}
    known = {f.name for f in fields(kind)}
    if set(given) != known:
        raise SpecError(
            f"transform {data['transform']!r} has fields {sorted(given)}; it takes {sorted(known)}"
        )
    made: Transform = kind(**given)
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


def _tuples(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _tuples(v) for k, v in value.items()}
    return tuple(_tuples(v) for v in value) if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class Sometimes:
    """A transform that is drawn with a probability."""

    what: Transform | RandomTransform
    chance: float

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        if (stream / "whether").rng().random() >= self.chance:
            return None
        return drawn(self.what, clip, stream / "what")


@dataclass(frozen=True)
class OneOf:
    """One of several, each as likely."""

    options: tuple[Transform | RandomTransform, ...]

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        k = int((stream / "which").rng().integers(len(self.options)))
        return drawn(self.options[k], clip, stream / k)


def drawn(what: Transform | RandomTransform, clip: Clip, stream: Stream) -> Transform | None:
    """The concrete transform of a random one; a concrete one stays what it is."""
    if hasattr(what, "draw"):
        return what.draw(clip, stream)
    assert callable(what)
    return what


@dataclass(frozen=True)
class Augment:
    """Transforms, one after the other, and then the words anew. The same clip and stream give the same outcome.

    Each transform draws from ``stream / "0"``, ``stream / "1"``, …; phrasings from ``stream / "told"``.
    """

    transforms: Sequence[Transform | RandomTransform]

    def __call__(self, clip: Clip, stream: Stream) -> Clip:
        for k, what in enumerate(self.transforms):
            concrete = drawn(what, clip, stream / k)
            clip = clip if concrete is None else concrete(clip)
        return tell(clip, stream / TOLD)


def tell(clip: Clip, stream: Stream) -> Clip:
    """``retold``, noted in the history."""
    done = {"transform": TOLD, "seed": stream.seed, "path": stream.path}
    return retold(clip.after(done, clip.record, clip.frames), stream)


def replay(clip: Clip, history: Sequence[Json]) -> Clip:
    """A clip as stored before any augmentation, with a history done to it: what came of it the first time."""
    for done in history:
        if done["transform"] == TOLD:
            clip = tell(clip, Stream(int(done["seed"]), str(done["path"])))
        else:
            clip = from_json(done)(clip)
    return clip
