"""Masks as COCO has them: run lengths, or polygons that are read back to the very same pixels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def run_lengths(mask: Mask) -> dict[str, Any]:
    """A mask (H, W) as COCO's compressed run lengths: ``{"size": [H, W], "counts": ASCII}``."""
    from pycocotools.mask import encode

    coded = encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": [int(n) for n in coded["size"]], "counts": coded["counts"].decode("ascii")}


def polygons(mask: Mask) -> list[list[int]]:
    """A mask (H, W) as closed outlines ``[x, y, x, y, …]`` along the edges of its pixels.

    COCO's polygons know no holes: what has one is cut into pieces without, from top to bottom. Together they fill
    the mask's pixels and no others, as pycocotools and what follows it fill them.
    """
    pieces = (p for part in shapely.get_parts(shapely.union_all(_runs(mask))) for p in without_holes(part))
    outlines = [np.asarray(p.normalize().exterior.coords)[:-1].astype(int).ravel().tolist() for p in pieces]
    return sorted(outlines)


def _runs(mask: Mask) -> NDArray[Any]:
    """Boxes, one for each run of pixels in a row."""
    padded = np.pad(mask.astype(np.int8), ((0, 0), (1, 1)))
    steps = np.diff(padded, axis=1)
    (rows, starts), (_, ends) = np.nonzero(steps == 1), np.nonzero(steps == -1)
    return np.asarray(shapely.box(starts, rows, ends, rows + 1))


def without_holes(polygon: Any) -> Iterator[Any]:
    """A polygon cut at the left end of each of its holes, which are then notches."""
    left, low, right, high = polygon.bounds
    edges = [left, *sorted({hole.bounds[0] for hole in polygon.interiors}), right]
    for start, end in pairwise(edges):
        strip = shapely.box(start, low, end, high)
        for piece in shapely.get_parts(shapely.intersection(polygon, strip)):
            if piece.geom_type == "Polygon" and piece.area > 0.0:
                yield piece
