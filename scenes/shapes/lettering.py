"""Letters as flat geometry: a plain stroke alphabet for signs and shop fronts.

Glyphs are strokes on a grid 4 wide and 6 high; "04 26 44" is a line through (0, 4), (2, 6) and (4, 4).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.world import Material

GLYPHS: dict[str, str] = {
    "A": "00 04 26 44 40|02 42",
    "B": "00 06 36 45 44 33 03|33 42 41 30 00",
    "C": "45 36 16 05 01 10 30 41",
    "D": "00 06 26 44 42 20 00",
    "E": "46 06 00 40|03 33",
    "F": "46 06 00|03 33",
    "G": "45 36 16 05 01 10 30 41 43 23",
    "H": "00 06|40 46|03 43",
    "I": "20 26",
    "J": "46 41 30 10 01",
    "K": "00 06|46 03 40",
    "L": "06 00 40",
    "M": "00 06 23 46 40",
    "N": "00 06 40 46",
    "O": "10 01 05 16 36 45 41 30 10",
    "P": "00 06 36 45 44 33 03",
    "Q": "10 01 05 16 36 45 41 30 10|22 40",
    "R": "00 06 36 45 44 33 03|23 40",
    "S": "45 36 16 05 04 13 33 42 41 30 10 01",
    "T": "20 26|06 46",
    "U": "06 01 10 30 41 46",
    "V": "06 20 46",
    "W": "06 10 23 30 46",
    "X": "00 46|06 40",
    "Y": "06 23 46|23 20",
    "Z": "06 46 00 40",
    "0": "10 01 05 16 36 45 41 30 10",
    "1": "04 26 20",
    "2": "05 16 36 45 44 00 40",
    "3": "05 16 36 45 44 33 13|33 42 41 30 10 01",
    "4": "30 36 02 42",
    "5": "46 06 03 33 42 41 30 10 01",
    "6": "45 36 16 05 01 10 30 41 42 33 03",
    "7": "06 46 10",
    "8": "13 04 05 16 36 45 44 33 13 02 01 10 30 41 42 33",
    "9": "01 10 30 41 45 36 16 05 04 13 43",
    " ": "",
}
_ADVANCE = 5.4


def text_width_m(text: str, height_m: float) -> float:
    """How wide ``text`` is when its capitals are ``height_m`` high."""
    return (len(text) * _ADVANCE - 1.4) * height_m / 6


def write(
    model: Modeller,
    text: str,
    centre_m: tuple[float, float, float],
    height_m: float,
    material: Material,
    weight: float = 0.16,
) -> None:
    """Capitals facing +x (y runs to the right for the reader), centred at a point; ``weight`` of the height is the
    stroke's width. Characters without a glyph are left blank."""
    unit, half = height_m / 6, weight * height_m / 2
    left = centre_m[1] - text_width_m(text, height_m) / 2
    quads = []
    for k, letter in enumerate(text.upper()):
        origin = np.array([left + k * _ADVANCE * unit, centre_m[2] - height_m / 2])
        for a, b in _strokes(letter):
            quads.append(_bar(origin + a * unit, origin + b * unit, half))
    if quads:
        flat = np.stack(quads)
        x = np.full((*flat.shape[:2], 1), centre_m[0])
        model.quads(np.concatenate([x, flat], axis=2), material)


def _strokes(letter: str) -> list[tuple[F64, F64]]:
    lines = [
        [np.array([float(p[0]), float(p[1])]) for p in line.split()]
        for line in GLYPHS.get(letter, "").split("|")
    ]
    return [pair for line in lines for pair in pairwise(line)]


def _bar(a: F64, b: F64, half: float) -> F64:
    """A stroke (4, 2) from a to b, counter-clockwise, a little longer than its ends so that corners close."""
    along = (b - a) / np.linalg.norm(b - a)
    across = np.array([-along[1], along[0]]) * half
    a, b = a - along * half * 0.8, b + along * half * 0.8
    return np.stack([a - across, b - across, b + across, a + across])
