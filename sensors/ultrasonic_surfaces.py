"""What surfaces do to sound of some 50 kHz: hard ones are mirrors, soft ones keep most of it.

As for the radar, a surface is many small mirrors with Gaussian slopes and a diffuse rest; a flat wall square on then
gives what its mirror image would. Reflectivities are one less the absorption coefficients that room acoustics tables
for hard, porous and soft materials at their upper end (4 to 8 kHz), drawn on for cloth and plants: at 50 kHz there
are no tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.world import Material

_HARD, _ROUGH = (0.97, 0.08, 0.003), (0.9, 0.15, 0.015)
"""Reflectivity of power, rms slope, diffuse albedo."""
_PATTERNS: Mapping[str, tuple[float, float, float]] = {
    "asphalt": (0.85, 0.12, 0.012),
    "concrete": _ROUGH,
    "brick": (0.9, 0.15, 0.04),
    "plaster": (0.95, 0.1, 0.02),
    "grass": (0.3, 0.5, 0.06),
    "bark": (0.8, 0.35, 0.08),
    "leaves": (0.25, 0.6, 0.08),
    "wood": (0.94, 0.1, 0.02),
    "fabric": (0.35, 0.35, 0.05),
    "hair": (0.35, 0.35, 0.05),
    "skin": (0.9, 0.35, 0.02),
    "rubber": (0.93, 0.2, 0.03),
}


def acoustic_table(materials: Sequence[Material]) -> F64:
    """(M + 1, 3) reflectivity, slope and diffuse albedo of each material; the last row is of nothing."""
    return np.array([*(_PATTERNS.get(m.pattern, _HARD) for m in materials), (0.0, 1.0, 0.0)])
