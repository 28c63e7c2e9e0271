"""Does each picture belong to its labels?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.store import sensor_slug
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import F64

BLANK_LEVELS = 1.0
BETTER_BY = 0.02


def pictures(scene: SceneView) -> Iterator[Problem]:
    """A picture is not blank, and no other keyframe's part map explains its colours better than its own does.

    Two measures must both say so: the share of colour variance that lies between parts (eta squared), and how much
    more the colours change across the parts' outlines than elsewhere. A picture put in another's place is told by
    them as soon as something has moved.
    """
    for sensor, shots in sorted(scene.thumbnails.items()):
        for k, (rgb, part) in sorted(shots.items()):
            name = f"{scene.index:06d}-{k:06d}.{sensor_slug(sensor)}.rgb.png"
            if rgb.std() < BLANK_LEVELS:
                yield Problem(f"{scene.shard}:{name}", "the picture is blank", k)
                continue
            own = explained(rgb, part)
            best, where = max((explained(rgb, p), j) for j, (_, p) in shots.items())
            if where != k and best > own + BETTER_BY and outlined(rgb, shots[where][1]) > outlined(rgb, part):
                yield Problem(
                    f"{scene.shard}:{name}",
                    f"the picture fits the labels of keyframe {where} ({best:.2f}) better than its own ({own:.2f})",
                    k,
                )


def explained(rgb: F64, part: NDArray[np.uint16]) -> float:
    """Share of the colour variance of (H, W, 3) that lies between the parts of (H, W)."""
    if rgb.shape[:2] != part.shape:
        return 0.0
    pixels, labels = rgb.reshape(-1, 3), part.ravel()
    _, index, count = np.unique(labels, return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(index, weights=pixels[:, k]) / count for k in range(3)], axis=1)
    total = float(((pixels - pixels.mean(axis=0)) ** 2).sum())
    within = float(((pixels - means[index]) ** 2).sum())
    return 1.0 - within / total if total > 0 else 0.0


def outlined(rgb: F64, part: NDArray[np.uint16]) -> float:
    """Mean change of colour between neighbours of different parts, as a multiple of that between any neighbours."""
    if rgb.shape[:2] != part.shape:
        return 0.0
    change, crossing = [], []
    for a, b in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        change.append(np.abs(rgb[a] - rgb[b]).sum(axis=-1).ravel())
        crossing.append((part[a] != part[b]).ravel())
    steps, across = np.concatenate(change), np.concatenate(crossing)
    return float(steps[across].mean() / max(steps.mean(), 1e-9)) if across.any() else 0.0


CHECKS = (pictures,)
