"""Keyframes of a dataset, opened for proving what contrasts say of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.reader import Dataset
from pairforge.sample import SceneRecord


@dataclass(frozen=True, eq=False)
class Worlds:
    """Keyframes opened for proving, the latest kept."""

    dataset: Dataset
    proof: Callable[[str], Proof] = field(init=False)
    scene: Callable[[int], SceneRecord] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "proof", lru_cache(maxsize=64)(self._proof))
        object.__setattr__(self, "scene", lru_cache(maxsize=64)(self.dataset.record))

    def _proof(self, key: str) -> Proof:
        frame = self.dataset.frame_by_key(key)
        return Proof(frame, self.scene(frame.scene_index))
