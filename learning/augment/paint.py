"""Colours of things: in linear light, by name, and as pictures show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pairforge.frames import F64
from pairforge.sample import Keyframe, SceneRecord
from pairforge.scenes.colours import PALETTE, linear_of, nearest_colour, oklab

_MARGIN = 0.03
"""A name is given when every other is further away by this, in Oklab: amid two names neither is said."""


def linear(rgb: ArrayLike) -> F64:
    """Linear light 0..1 of sRGB bytes (IEC 61966-2-1)."""
    return linear_of(np.asarray(rgb, dtype=np.float64) / 255.0)


def srgb(light: ArrayLike) -> NDArray[np.uint8]:
    """Bytes of linear light, clipped to 0..1."""
    v = np.clip(np.asarray(light, dtype=np.float64), 0.0, 1.0)
    coded = np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)
    out: NDArray[np.uint8] = np.rint(coded * 255.0).astype(np.uint8)
    return out


def named(rgb: ArrayLike) -> str:
    """The palette's name of a linear colour; "" amid two."""
    name, here = nearest_colour(rgb), oklab(rgb)
    away = sorted(float(np.linalg.norm(oklab(c) - here)) for c in PALETTE.values())
    return name if away[1] - away[0] >= _MARGIN else ""


def shown_colour(frames: Sequence[Keyframe], instance_id: int, least_px: int = 12) -> F64 | None:
    """(3,) the median linear colour of an instance over all pictures; None where too little shows."""
    seen = [
        linear(c.rgb[c.instance == instance_id])
        for f in frames
        for c in f.cameras.values()
        if (c.instance == instance_id).any()
    ]
    pixels = np.concatenate([np.zeros((0, 3)), *seen])
    return None if len(pixels) < least_px else np.asarray(np.median(pixels, axis=0))


def recoloured(
    record: SceneRecord, colours: Mapping[int, tuple[str, tuple[float, float, float]]]
) -> SceneRecord:
    """The record with other colours of instances: a name ("": none is said) and linear RGB."""
    rows = tuple(
        replace(r, colour=colours[r.instance_id][0], colour_rgb=colours[r.instance_id][1])
        if r.instance_id in colours
        else r
        for r in record.instances
    )
    names = {r.name: r.colour for r in rows if r.instance_id in colours}

    def painted(item: Mapping[str, Any]) -> Mapping[str, Any]:
        own = names.get(item["name"])
        return {**item, "colour": own or None} if own is not None and item["colour"] is not None else item

    items = [painted(i) for i in record.concrete.get("items", ())]
    return replace(record, instances=rows, concrete={**record.concrete, "items": items})
