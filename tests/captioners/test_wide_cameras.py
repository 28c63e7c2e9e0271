"""A camera that sees behind itself speaks of sides and depths only where its view can tell them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from pairforge.captioners import policy
from pairforge.captioners.facts_list import Scene
from pairforge.datasets import claims_policy
from pairforge.datasets.claims_scene import Proof
from pairforge.frames import Intrinsics, look_at

PINHOLE = Intrinsics.from_fov(400, 200, 90.0)
SPHERE = Intrinsics(400, 200, 400 / (2 * np.pi), 200 / np.pi, 200.0, 100.0, "equirectangular")
EYE = look_at([3.0, 4.0, 1.5], [3.0, 14.0, 1.5])  # north


def centre(bearing_deg: float) -> np.ndarray[Any, Any]:
    """10 m from the camera, that far to the right of its view."""
    turn = np.radians(bearing_deg)
    return np.array([3.0 + 10 * np.sin(turn), 4.0 + 10 * np.cos(turn), 0.7])


def says(lens: Intrinsics, bearing_deg: float, within_deg: float, width_px: int = 20) -> tuple[bool, bool]:
    """What captions say, and what the verifier's own bearing allows."""
    camera = SimpleNamespace(intrinsics=lens, world_from_camera=EYE)
    mask, body = SimpleNamespace(box=(0, 0, width_px, 9)), SimpleNamespace(centre=centre(bearing_deg))
    scene = Scene(cast(Any, None), cast(Any, None))
    scene.__dict__["eyes"] = {"eye": SimpleNamespace(camera=camera, masks={1: mask}, width=lens.width_px)}
    scene.__dict__["bodies"] = {1: body}
    proof = SimpleNamespace(shots={"eye": SimpleNamespace(camera=camera)}, solids={1: body})
    off_deg = Proof.off_view_deg(cast(Any, proof), "eye", 1)
    return scene.facing("eye", 1, within_deg), off_deg <= within_deg


@pytest.mark.parametrize("bearing_deg", [-170.0, -125.0, -100.0, -62.0, -5.0, 58.0, 119.0, 121.0, 179.0])
def test_sides_up_to_120_degrees_and_depths_up_to_60(bearing_deg: float) -> None:
    for within_deg in (policy.SIDES_DEG, policy.AHEAD_DEG):
        due = abs(bearing_deg) <= within_deg
        assert says(SPHERE, bearing_deg, within_deg) == (due, due)
        assert says(PINHOLE, bearing_deg, within_deg) == (True, True)


def test_what_reaches_around_has_no_side() -> None:
    assert says(SPHERE, 100.0, policy.SIDES_DEG, width_px=380)[0] is False


def test_captions_and_verifier_have_one_policy() -> None:
    assert (policy.SIDES_DEG, policy.AHEAD_DEG) == (claims_policy.SIDES_DEG, claims_policy.AHEAD_DEG)
