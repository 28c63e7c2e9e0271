"""Colours of the report: one for each instance wherever it appears, and smooth scales for measures."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.scenes.colours import linear_of, oklab

Rgb = tuple[int, int, int]

INK: Rgb = (232, 236, 241)
FAINT: Rgb = (139, 150, 163)
PAPER: Rgb = (15, 18, 23)
PANEL: Rgb = (23, 28, 35)
EGO: Rgb = (255, 255, 255)
NEARER: Rgb = (255, 90, 80)
AWAY: Rgb = (90, 160, 255)
STILL: Rgb = (215, 222, 230)

_NEAR_TO_FAR = ((255, 241, 168), (253, 180, 92), (232, 94, 92), (158, 47, 127), (79, 28, 112), (22, 15, 48))
_COLOURS = 32
_RAINBOW = ((255, 70, 60), (255, 170, 40), (220, 235, 70), (60, 220, 130), (40, 180, 240), (100, 90, 250))


def instance_colour(instance_id: int) -> Rgb:
    """A colour that depends on the id alone. What moves has ids that follow one another, so any ``_COLOURS`` ids in a
    row have colours that are told apart."""
    r, g, b = _told_apart()[instance_id % _COLOURS]
    return r, g, b


@cache
def _told_apart() -> list[list[int]]:
    """``_COLOURS`` bright colours, each as far as can be from all before it (in Oklab, where distance is what eyes
    see) and from those of the page. Greyish and dark ones are left out: they would be taken for paper and ink."""
    steps = np.linspace(0.0, 1.0, 18)
    srgb = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    lab, page = oklab(linear_of(srgb)), oklab(linear_of(np.array([PAPER, INK, EGO]) / 255.0))
    vivid = (lab[:, 0] > 0.52) & (lab[:, 0] < 0.93) & (np.hypot(lab[:, 1], lab[:, 2]) > 0.085)
    srgb, lab = srgb[vivid], lab[vivid]
    away = np.linalg.norm(lab[:, None] - page, axis=2).min(axis=1)
    chosen = []
    for _ in range(_COLOURS):
        k = int(away.argmax())
        chosen.append(np.rint(255 * srgb[k]).astype(int).tolist())
        away = np.minimum(away, np.linalg.norm(lab - lab[k], axis=1))
    return chosen


def near_to_far(share: F64) -> NDArray[np.uint8]:
    """Colours (..., 3) from bright and warm (0) to dark (1)."""
    return _scale(share, _NEAR_TO_FAR)


def rainbow(share: F64) -> NDArray[np.uint8]:
    """Colours (..., 3) from red (0) by green to violet (1), all bright."""
    return _scale(share, _RAINBOW)


def log_share(metres: F64, near: float, far: float) -> F64:
    """Where distances stand between ``near`` and ``far`` on a logarithmic scale, 0..1."""
    safe = np.clip(np.where(np.isfinite(metres), metres, far), near, far)
    return np.asarray(np.log(safe / near) / np.log(far / near))


def wheel(vectors: F64, largest: float) -> NDArray[np.uint8]:
    """Direction as hue and length as strength, (..., 2) -> (..., 3); dark where still."""
    angle = np.arctan2(vectors[..., 1], vectors[..., 0])
    strength = np.clip(np.hypot(vectors[..., 0], vectors[..., 1]) / max(largest, 1e-9), 0, 1)[..., None]
    phases = np.array([0.0, -2.0 * np.pi / 3, 2.0 * np.pi / 3])
    hue = 255 * (0.56 + 0.44 * np.cos(angle[..., None] + phases))
    return np.asarray((1 - strength) * np.array(PANEL) + strength * hue).astype(np.uint8)


def _scale(share: F64, stops: tuple[Rgb, ...]) -> NDArray[np.uint8]:
    at = np.linspace(0, 1, len(stops))
    table = np.array(stops, dtype=np.float64)
    return np.stack([np.interp(share, at, table[:, k]) for k in range(3)], axis=-1).astype(np.uint8)
