"""Does each picture lie on its labels, to the pixel?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_view import FrameView
from pairforge.frames import F64

ALIGNED_PX = 1
"""How far the picture's edges may lie from the labels' outlines: along x, along y, and radially at the corners."""
REACH_PX = 6
OUTLINE_LEAST_PX, OUTLINE_MOST_PX = 5000, 20_000
"""Fewer pixels of outline than the first prove nothing; no more than about the second are looked at."""
OUTLINE_CLEAR = 1.1
"""Outlines are seen when the picture changes there by this multiple of what it does a few pixels off."""
OUTLINE_BETTER_BY = 1.03
_LUMA = np.array([0.299, 0.587, 0.114])


def alignment(view: FrameView) -> Iterator[Problem]:
    """The picture's edges are strongest where the part map's outlines are, give or take a pixel.

    Tried against outlines moved along x and y, and blown up or shrunk about the middle, which a wrong lens would do.
    Blur, noise and rolling rows leave the best place where it is, for they go to both sides alike, and labels roll
    too. A picture without clear outlines (a night, a fog, a blank wall) proves nothing and is let pass.
    """
    for name, camera in view.frame.cameras.items():
        found = offset_px(camera.rgb, camera.part)
        if found is None:
            continue
        shift, radial, better = found
        view.measured.add("picture_off_labels_px", np.abs(np.array([*shift, radial], dtype=np.float64)))
        if better > OUTLINE_BETTER_BY and max(abs(shift[0]), abs(shift[1]), abs(radial)) > ALIGNED_PX:
            yield Problem(
                view.member(name, "rgb.png"),
                f"the picture's edges lie ({shift[0]}, {shift[1]}) px off the labels' outlines, and {radial} px "
                f"outwards at the corners; {ALIGNED_PX} px is allowed",
            )


def offset_px(rgb: NDArray[np.uint8], part: NDArray[np.uint16]) -> tuple[tuple[int, int], int, float] | None:
    """How far the edges of a picture (H, W, 3) lie from the outlines of a part map (H, W): (x, y) of a shift, and
    outwards at the corners; and how much better that explains the picture than any place within ALIGNED_PX. None
    where too little is seen."""
    rows, columns = np.nonzero(_outlines(part))
    if rgb.shape[:2] != part.shape or len(rows) < OUTLINE_LEAST_PX:
        return None
    thin = -(-len(rows) // OUTLINE_MOST_PX)
    rows, columns = rows[::thin], columns[::thin]
    edges = _edges(rgb)
    steps = range(-REACH_PX, REACH_PX + 1)
    moved = {(x, y): float(edges[rows + y, columns + x].mean()) for y in steps for x in steps}
    shift, best = max(moved.items(), key=lambda item: item[1])
    if best <= OUTLINE_CLEAR * float(np.median(list(moved.values()))):
        return None
    near = max(v for (x, y), v in moved.items() if max(abs(x), abs(y)) <= ALIGNED_PX)
    at = np.stack([rows, columns]).astype(np.float64)
    middle = (np.array(part.shape)[:, None] - 1) / 2
    corner = float(np.hypot(*middle[:, 0]))
    grown = {e: _strength(edges, middle + (at - middle) * (1 + e / corner)) for e in steps}
    radial, outer = max(grown.items(), key=lambda item: item[1])
    inner = max(v for e, v in grown.items() if abs(e) <= ALIGNED_PX)
    return shift, radial, max(best / near, outer / inner)


def _edges(rgb: NDArray[np.uint8]) -> F64:
    """(H, W) how strongly the brightness changes; the logarithm keeps a few hard edges from speaking for all."""
    down, across = np.gradient(gaussian_filter(rgb.astype(np.float64) @ _LUMA, 0.7))
    strength: F64 = np.log1p(np.hypot(down, across))
    return strength


def _outlines(part: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """(H, W) pixels on either side of a border between parts, away from the picture's own."""
    out = np.zeros(part.shape, np.bool_)
    for a, b in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        crossing = part[a] != part[b]
        out[a] |= crossing
        out[b] |= crossing
    margin = REACH_PX + 1
    inside = np.zeros_like(out)
    inside[margin:-margin, margin:-margin] = True
    return out & inside


def _strength(edges: F64, at: F64) -> float:
    """Mean over places (2, N), rows and columns."""
    return float(map_coordinates(edges, at, order=1, mode="nearest").mean())


CHECKS = (alignment,)
