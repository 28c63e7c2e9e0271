"""Which palette colour an instance's colour is nearest to, in Oklab, by the verifier's own arithmetic."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.colours import PALETTE


def _oklab(rgb: tuple[float, float, float]) -> F64:
    """Ottosson (2020), written out: linear sRGB -> LMS -> cube root -> L, a, b."""
    r, g, b = (max(float(c), 0.0) for c in rgb)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return np.array(
        [
            0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
            1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
            0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
        ]
    )


@lru_cache(maxsize=4096)
def colour_distances(rgb: tuple[float, float, float]) -> dict[str, float]:
    """Palette name -> Oklab distance from ``rgb``. Do not change what is returned: it is kept."""
    own = _oklab(rgb)
    return {name: float(np.linalg.norm(_oklab(of) - own)) for name, of in PALETTE.items()}
