"""What things are: class, colour, material, and how many of a kind a camera shows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pairforge.captioners.facts_list import FactList, Scene, member
from pairforge.captioners.nouns import material_word, words_for
from pairforge.sample import InstanceRow
from pairforge.scenes.colours import PALETTE, oklab


def thing_facts(scene: Scene, found: FactList) -> None:
    """Class, colour and material of everything some camera shows or LiDAR hits."""
    hit = {int(i) for lidar in scene.frame.lidars.values() for i in np.unique(lidar.touched)}
    for instance_id in sorted((scene.seen | (hit & set(scene.bodies))) - {0, scene.ego_id}):
        row = scene.record.instance(instance_id)
        for word in words_for(row):
            found.add("category", instance_id, argument=word, evidence=("instances",))
        _colour(row, found)
        word = material_word(row.material)
        if word and row.semantic in ("object", "table"):
            found.add("material", instance_id, argument=word, evidence=("instances",))


def _colour(row: InstanceRow, found: FactList) -> None:
    if row.colour not in PALETTE:
        return
    own, others = _palette_distances(row.colour, row.colour_rgb)
    if own < others:
        found.add(
            "colour",
            row.instance_id,
            argument=row.colour,
            value=own,
            unit="Oklab",
            threshold=others,
            at_most=True,
            evidence=("instances",),
        )


@lru_cache(maxsize=1024)
def _palette_distances(name: str, rgb: tuple[float, float, float]) -> tuple[float, float]:
    """Oklab distance of a colour to its name, and to the nearest other name."""
    here = oklab(rgb)
    others = np.linalg.norm(oklab([PALETTE[n] for n in PALETTE if n != name]) - here, axis=1)
    return float(np.linalg.norm(oklab(PALETTE[name]) - here)), float(others.min())


def count_facts(scene: Scene, sensor: str, found: FactList) -> None:
    """Exact counts over the visible boxed things; "at least" where a thing is too small or hidden to be sure of.

    ``argument`` is "quality|word": quality a colour, "parked", or empty.
    """
    qualities = _qualities(found)
    boxed = [i for i in scene.visible[sensor] if i in scene.bodies]
    groups: dict[tuple[str, str], list[int]] = {}
    for instance_id in boxed:
        for word in words_for(scene.record.instance(instance_id)):
            for quality in ("", *qualities.get(instance_id, ())):
                groups.setdefault((quality, word), []).append(instance_id)
    unsure = {w for i in scene.unsure[sensor] for w in words_for(scene.record.instance(i))}
    for (quality, word), ids in sorted(groups.items()):
        found.add(
            "at_least" if word in unsure else "count",
            *ids,
            argument=f"{quality}|{word}",
            sensor=sensor,
            value=len(ids),
            threshold=1,
            evidence=(member(sensor, "instance"), "boxes3d", "instances"),
        )


def _qualities(found: FactList) -> dict[int, tuple[str, ...]]:
    said: dict[int, tuple[str, ...]] = {}
    for fact in found.facts:
        if fact.predicate == "colour":
            said[fact.subjects[0]] = (*said.get(fact.subjects[0], ()), fact.argument)
        elif fact.predicate == "parked":
            said[fact.subjects[0]] = (*said.get(fact.subjects[0], ()), "parked")
    return said
