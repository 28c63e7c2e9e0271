"""Amodal masks and occlusion order against boxes whose outlines are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.seeding import Stream
from pairforge.sensors.camera_labels.amodal import run_lengths
from tests.sensors.camera_labels.shooting import asking, shoot
from tests.sensors.test_labels import block
from tests.worlds import FLOOR, Thing, box_shape, make_world

SIZE = {"height_m": 0.5, "width_px": 160, "height_px": 90}


def decoded(counts: NDArray[np.uint32], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """COCO's uncompressed RLE, run by run."""
    flat, at, value = np.zeros(shape[0] * shape[1], dtype=bool), 0, False
    for n in counts.tolist():
        flat[at : at + n] = value
        at, value = at + n, not value
    assert at == len(flat)
    return flat.reshape(shape[1], shape[0]).T


def masks(frame: object) -> dict[int, NDArray[np.bool_]]:
    extra = frame.extra  # type: ignore[attr-defined]
    cuts = np.cumsum(extra["amodal_runs"])[:-1]
    runs = np.split(extra["amodal_counts"], cuts)
    return {
        int(i): decoded(r, frame.part.shape)  # type: ignore[attr-defined]
        for i, r in zip(extra["amodal_ids"], runs, strict=True)
    }


@pytest.mark.parametrize("motion", ["static", "dynamic"])
def test_an_amodal_mask_is_that_of_the_thing_alone_in_the_world(motion: str) -> None:
    cover = Thing("cover", box_shape(2.0, "red"), (3.0, 1.0, 0.0), motion=motion)
    behind = block("behind", 8.0, motion=motion)
    frame = shoot(make_world([FLOOR, cover, behind]), asking("amodal", **SIZE))
    alone = shoot(make_world([behind]), asking(**SIZE))
    found = masks(frame)
    assert set(found) == {1, 2}
    np.testing.assert_array_equal(found[1], frame.instance == 1)
    np.testing.assert_array_equal(found[2], alone.instance == 1)
    assert (found[2] & (frame.instance != 2)).sum() > 50


def test_who_hides_whom_and_by_how_many_pixels() -> None:
    """A near box covers the left half of a far one, and nothing covers the near one; the floor hides neither."""
    cover = Thing("cover", box_shape(2.0, "red"), (3.0, 1.0, 0.0))
    frame = shoot(make_world([FLOOR, cover, block("behind", 8.0)]), asking("occlusion_order", **SIZE))
    box = next(b for b in frame.boxes if b.instance_id == 2)
    np.testing.assert_array_equal(frame.extra["occlusion_order"], [[1, 2, box.solo_px - box.visible_px]])
    assert box.occlusion == pytest.approx(0.5, abs=0.06)


def test_stuff_that_hides_is_instance_0() -> None:
    wall = Thing("wall", box_shape(2.0, "red"), (3.0, 1.0, 0.0), stuff=True, semantic="wall")
    frame = shoot(make_world([FLOOR, wall, block("behind", 8.0)]), asking("occlusion_order", **SIZE))
    (row,) = frame.extra["occlusion_order"]
    assert row[:2].tolist() == [0, 1]
    assert row[2] > 50


@pytest.mark.parametrize("seed", range(6))
def test_run_lengths_lose_nothing(seed: int) -> None:
    rng = Stream(seed, "mask").rng()
    mask = rng.random((7, 11)) < [0.0, 1.0, 0.5, 0.1, 0.9, 0.5][seed]
    if seed == 5:
        mask[:, :4] = mask[:, 8:] = False
    np.testing.assert_array_equal(decoded(run_lengths(mask), (7, 11)), mask)
