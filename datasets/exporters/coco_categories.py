"""COCO's categories: which there are, and their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pairforge.datasets.reader import Dataset
from pairforge.scenes.inspection.defects import SIZES_MM
from pairforge.scenes.keypoints import SKELETONS, Skeleton
from pairforge.scenes.taxonomy import BY_NAME, CLASSES, SemanticClass

Row = dict[str, Any]

DEFECTS: Mapping[str, int] = {kind: n for n, kind in enumerate(SIZES_MM, start=1)}
"""Kind of defect -> category id of the defects' file."""


class Categories:
    """``kind`` "class": the classes of ``scenes/taxonomy.py``, their ids plus 1, so the same in every dataset.
    "noun": what a person calls each thing, from 1 in order of the alphabet over the dataset; then classes of stuff.
    """

    def __init__(self, kind: str, dataset: Dataset) -> None:
        if kind == "class":
            self._ids = {_key(c.name, c.thing): c.semantic_id + 1 for c in CLASSES}
            self.rows = [_row(c.semantic_id + 1, c.name, _sort(c), c) for c in CLASSES]
            return
        nouns = _nouns(dataset)
        stuff = [c for c in CLASSES if not c.thing]
        self.rows = [_row(n, noun, c.name, c) for n, (noun, c) in enumerate(sorted(nouns.items()), start=1)]
        self.rows += [_row(n, c.name, "stuff", c) for n, c in enumerate(stuff, start=len(nouns) + 1)]
        self._ids = {_key(r["name"], bool(r["isthing"])): r["id"] for r in self.rows}

    def id(self, key: str) -> int:
        """The number of what ``thing`` or ``stuff`` called."""
        return int(self._ids[key])

    def things(self, boxed: bool) -> list[Row]:
        """The categories of an instances file: without what only a panoptic file needs."""
        found = [r for r in self.rows if r["isthing"] and (r["boxed"] or not boxed)]
        return [{k: r[k] for k in ("id", "name", "supercategory")} for r in found]

    def panoptic(self) -> list[Row]:
        return [{k: v for k, v in r.items() if k != "boxed"} for r in self.rows]


def thing(name: str) -> str:
    """What a part of an export calls a category of things until its number is known."""
    return _key(name, True)


def stuff(name: str) -> str:
    return _key(name, False)


def keypoint_category(skeleton: Skeleton) -> Row:
    """The one category of a keypoints file; its skeleton counts from 1."""
    return {
        "id": SKELETONS.index(skeleton) + 1,
        "name": skeleton.name,
        "supercategory": skeleton.name,
        "keypoints": list(skeleton.keypoints),
        "skeleton": [[a + 1, b + 1] for a, b in skeleton.edges],
    }


def _key(name: str, is_thing: bool) -> str:
    return f"{'thing' if is_thing else 'stuff'} {name}"


def _sort(one: SemanticClass) -> str:
    return "thing" if one.thing else "stuff"


def _row(number: int, name: str, above: str, one: SemanticClass) -> Row:
    return {
        "id": number,
        "name": name,
        "supercategory": above,
        "isthing": int(one.thing),
        "color": list(one.colour),
        "boxed": one.boxed,
    }


def _nouns(dataset: Dataset) -> dict[str, SemanticClass]:
    """Noun -> class of every thing in any scene; of a noun of two classes, the one with boxes, then the first."""
    found: dict[str, SemanticClass] = {}
    for i in dataset.scenes:
        for row in dataset.table("instances", i).select(["noun", "semantic"]).to_pylist():
            one = BY_NAME[row["semantic"]]
            old = found.setdefault(row["noun"], one)
            found[row["noun"]] = min(old, one, key=lambda c: (not c.boxed, c.semantic_id))
    return found
