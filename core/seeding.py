"""Named random streams: the only source of randomness in pairforge.

A stream is seeded from (seed, path), so a new draw beside others never shifts them, and a counterfactual is
one path whose value is replaced while every other path draws what it drew before.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Stream:
    """A place in the tree of draws.

    >>> root = Stream(seed=7)
    >>> a = root / "mug" / "colour"
    >>> bool(a.rng().random() == Stream(7, "mug/colour").rng().random())
    True
    """

    seed: int
    path: str = ""

    def __truediv__(self, name: str | int) -> Stream:
        return Stream(self.seed, f"{self.path}/{name}" if self.path else str(name))

    def rng(self) -> np.random.Generator:
        """A fresh generator; the same one for the same (seed, path), on any machine."""
        digest = hashlib.sha256(f"{self.seed}\n{self.path}".encode()).digest()
        words = np.frombuffer(digest, dtype="<u4")
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))

    def integer(self) -> int:
        """A seed (0 .. 2**53 - 1, exact in JSON) for something that has streams of its own, such as a scene."""
        return int(self.rng().integers(0, 2**53))
