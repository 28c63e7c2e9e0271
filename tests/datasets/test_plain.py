"""Rows are what ``dataclasses.asdict`` makes of a record, key for key in its order."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from pairforge.datasets.plain import plain


@dataclass(frozen=True)
class Leaf:
    words: tuple[str, ...]
    weight: float | None


@dataclass(frozen=True)
class Tree:
    name: str
    leaves: tuple[Leaf, ...]
    by_name: dict[str, list[Leaf]]
    more: Any


def test_a_record_becomes_the_dictionary_that_asdict_gives() -> None:
    leaf = Leaf(("a", "b"), None)
    tree = Tree(
        "oak", (leaf, Leaf((), 2.5)), {"top": [leaf]}, {"deep": ({"x": leaf},), "size": np.float64(3)}
    )
    assert plain(tree) == asdict(tree)
    assert list(plain(tree)) == list(asdict(tree))
    assert type(plain(tree)["leaves"]) is tuple
    assert type(plain(tree)["by_name"]["top"]) is list
