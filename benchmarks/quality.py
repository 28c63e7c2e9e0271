"""How near a picture comes to a reference: by pixels, by structure, and at the outlines of the labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from pairforge.frames import F64

_LUMA = np.array([0.2126, 0.7152, 0.0722])
_GMSD_C = 170.0


@dataclass(frozen=True)
class Score:
    """``psnr_db``, ``ssim`` (7x7 windows, over colours): more is better.

    At the pixels on either side of the labels' outlines, ``sharpness`` is how much of the reference's change of
    brightness the picture has, in its direction (1: all of it; less: blurred). ``edge_error`` is the root mean square
    of the difference of the two changes over that of the reference's (0: none), which blur and noise both raise.
    ``gmsd`` is the deviation of gradient similarities (Xue et al., 2014; 0: none).
    """

    psnr_db: float
    ssim: float
    sharpness: float
    edge_error: float
    gmsd: float


def score(picture: NDArray[np.uint8], reference: NDArray[np.uint8], part: NDArray[np.uint16]) -> Score:
    """Of pictures (H, W, 3) sRGB and the part map (H, W) of their view."""
    outline = outlines(part)
    ours, theirs = gradient(picture)[:, outline], gradient(reference)[:, outline]
    power = float((theirs**2).sum()) or 1.0
    return Score(
        psnr_db=float(peak_signal_noise_ratio(reference, picture)),
        ssim=float(structural_similarity(reference, picture, channel_axis=2)),
        sharpness=float((ours * theirs).sum()) / power,
        edge_error=float(np.sqrt(((ours - theirs) ** 2).sum() / power)),
        gmsd=_gmsd(picture, reference),
    )


def outlines(part: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """(H, W) pixels on either side of a border between parts."""
    out = np.zeros(part.shape, np.bool_)
    for a, b in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        crossing = part[a] != part[b]
        out[a] |= crossing
        out[b] |= crossing
    return out


def gradient(picture: NDArray[np.uint8], blur_px: float = 0.0) -> F64:
    """(2, H, W) how brightness changes down and across, in levels a pixel."""
    bright = picture.astype(np.float64) @ _LUMA
    return np.stack(np.gradient(gaussian_filter(bright, blur_px) if blur_px else bright))


def _gmsd(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    x, y = (np.hypot(*gradient(picture, 0.5)) for picture in (a, b))
    return float(((2 * x * y + _GMSD_C) / (x**2 + y**2 + _GMSD_C)).std())
