"""Making one stored keyframe again, alone, and comparing it byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pairforge.datasets.reader import Dataset, parse_key
from pairforge.datasets.store import frame_members
from pairforge.pipeline import keyframes, stage
from pairforge.registry import RENDERERS
from pairforge.renderers.protocol import Quality, Renderer
from pairforge.scenes.concrete import ConcreteScene


@dataclass(frozen=True)
class Comparison:
    """Members of the sample that came out the same and those that did not (or are on one side only)."""

    key: str
    same: tuple[str, ...]
    different: tuple[str, ...]

    @property
    def identical(self) -> bool:
        return bool(self.same) and not self.different


def replay(root: Path, key: str) -> Comparison:
    """Rebuild the keyframe ``key`` of the dataset at ``root`` from its stored concrete spec and compare.

    Nothing is written. Raises DatasetError for a key that is not there, RenderError when the renderer fails.
    """
    dataset = Dataset(root)
    scene_index, frame_index = parse_key(key)
    stored = dataset.members(scene_index, frame_index)
    concrete = ConcreteScene.from_json(dict(dataset.record(scene_index).concrete))
    identity = dataset.manifest.identity
    renderer: Renderer = RENDERERS.load(identity.renderer)()
    try:
        ready = stage(concrete, scene_index)
        quality = cast(Quality, identity.quality)
        (frame,) = keyframes(ready, renderer, quality, only=(frame_index,))
    finally:
        renderer.close()
    again = frame_members(frame)
    names = sorted({*stored, *again})
    same = tuple(n for n in names if stored.get(n) == again.get(n))
    return Comparison(key, same, tuple(n for n in names if n not in same))
