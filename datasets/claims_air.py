"""What thick air hides from a picture, derived by the verifier: nothing that it hides may be named."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from pairforge.datasets import claims_policy as policy
from pairforge.sample import CameraFrame, Caption


def thickness_per_m(concrete: Mapping[str, Any]) -> float:
    """Extinction of a concrete scene's air by fog and dust together; 0 where it is clear."""
    air = concrete.get("sky") or {}
    both = math.fsum(float(air.get(kind) or 0.0) for kind in ("fog_per_m", "dust_per_m"))
    return both if both > policy.CLEAR_FOG_PER_M else 0.0


def faint(metres: Any, per_m: float) -> Any:
    """Whether so little contrast is left over these distances."""
    return np.exp(-per_m * np.asarray(metres)) < policy.FAINTEST


def hidden(camera: CameraFrame, per_m: float) -> frozenset[int]:
    """Instances of a picture of which the nearest pixel is faint."""
    if per_m == 0.0:
        return frozenset()
    ids, depths = camera.instance.ravel(), camera.depth.ravel()
    order = np.lexsort((depths, ids))
    first = np.flatnonzero(np.diff(ids[order], prepend=-1))
    lost = faint(depths[order][first], per_m) & np.isfinite(depths[order][first])
    return frozenset(int(i) for i in ids[order][first][lost] if i > 0)


def cleared(camera: CameraFrame, lost: frozenset[int]) -> Any:
    """The instance mask (H, W) with nothing where those stand."""
    return np.where(np.isin(camera.instance, sorted(lost)), 0, camera.instance).astype(camera.instance.dtype)


def named_in_air(caption: Caption, lost: frozenset[int]) -> Iterator[tuple[tuple[int, int], tuple[int, ...]]]:
    """Spans and instances of phrases that name nothing but what the picture's air hides."""
    for phrase in caption.phrases:
        if phrase.instance_ids and lost.issuperset(phrase.instance_ids):
            yield (phrase.start, phrase.end), phrase.instance_ids
