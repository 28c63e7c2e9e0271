"""A picture that does not lie on its labels is found, and one that is blurred, noisy or dark is not blamed for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import affine_transform, uniform_filter1d

from pairforge.datasets.manifest import create_or_check, finish, slug_of
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.datasets.verify_alignment import ALIGNED_PX, OUTLINE_BETTER_BY, offset_px
from pairforge.record import scene_record
from pairforge.renderers.imager import developed
from pairforge.renderers.protocol import View
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.sample import CameraFrame, Keyframe, SceneRecord
from pairforge.scenes.optics import Imager
from pairforge.seeding import Stream
from pairforge.sensors.labels import camera_frame
from pairforge.sensors.ray_engine import RayEngine
from tests.datasets.conftest import IDENTITY
from tests.worlds import FLOOR, Thing, box_shape, camera, gliding_timeline, make_concrete, make_world

U8 = NDArray[np.uint8]


NAME = "eye"


def scattered() -> list[Thing]:
    """A floor and a crowd of boxes, enough outlines for the check to speak."""
    rng = Stream(5, "crowd").rng()
    colours = ("red", "green", "blue", "yellow", "white")
    spots = [(x, y) for x in range(3, 15) for y in range(-8, 9, 2) if abs(y) < x]
    return [FLOOR] + [
        Thing(
            f"box{k}",
            box_shape(float(rng.uniform(0.3, 0.8)), colours[k % 5]),
            (x + float(rng.uniform(-0.3, 0.3)), y + float(rng.uniform(-0.8, 0.8)), 0.0),
        )
        for k, (x, y) in enumerate(spots)
    ]


@pytest.fixture(scope="module")
def shot() -> tuple[SceneRecord, Keyframe]:
    """A picture by the preview renderer with its labels, and all that a dataset of it holds."""
    eye = replace(camera(eye_m=(-1.0, 0.0, 2.6), width_px=512, height_px=288), name=NAME)
    things = scattered()
    world, concrete = make_world(things), make_concrete(things, sensors=(eye,))
    timeline, at_ns = gliding_timeline(world), concrete.keyframe_times_ns[0]
    renderer = RaycastRenderer()
    renderer.open(world, "draft")
    taken = camera_frame(RayEngine(world), timeline, eye, at_ns)
    rgb = renderer.render(View(taken.intrinsics, taken.world_from_camera, {}))
    frame = Keyframe(0, 0, at_ns, {NAME: replace(taken, rgb=rgb)}, {}, ())
    return scene_record(0, concrete, world, timeline), frame


def blown_up(rgb: U8, by_px: float) -> U8:
    """The picture magnified about its middle, so that corners move outwards by ``by_px``."""
    middle = (np.array(rgb.shape[:2]) - 1) / 2
    scale = 1 + by_px / float(np.hypot(*middle))
    channels = [
        affine_transform(rgb[..., k].astype(float), np.eye(2) / scale, middle - middle / scale, order=1)
        for k in range(3)
    ]
    return np.stack(channels, axis=-1).astype(np.uint8)


MISPLACED: dict[str, Callable[[U8], U8]] = {
    "two to the right": lambda rgb: np.roll(rgb, 2, axis=1),
    "three up": lambda rgb: np.roll(rgb, -3, axis=0),
    "another focal length": lambda rgb: blown_up(rgb, 5.0),
}


@pytest.mark.parametrize("name", list(MISPLACED))
def test_a_misplaced_picture_is_told(shot: tuple[SceneRecord, Keyframe], name: str) -> None:
    seen = shot[1].cameras[NAME]
    assert_aligned(seen.rgb, seen)
    with pytest.raises(AssertionError):
        assert_aligned(MISPLACED[name](seen.rgb), seen)


@pytest.mark.parametrize("name", [None, "another focal length"])
def test_a_dataset_with_a_misplaced_picture_is_blamed(
    shot: tuple[SceneRecord, Keyframe], name: str | None, tmp_path: Path
) -> None:
    record, frame = shot
    seen = frame.cameras[NAME]
    if name is not None:
        frame = replace(frame, cameras={NAME: replace(seen, rgb=MISPLACED[name](seen.rgb))})
    create_or_check(tmp_path, IDENTITY, 1)
    write_scene(tmp_path, slug_of(IDENTITY.scene, 0), record, [frame])
    finish(tmp_path)
    report = verify(tmp_path)
    blamed = [f for f in report.findings if f.check == "alignment"]
    assert bool(blamed) == (name is not None), [str(f) for f in blamed]
    assert all("rgb.png" in f.file for f in blamed)
    assert "picture_off_labels_px_median" in report.measured


@pytest.mark.parametrize(
    "imager",
    [
        Imager(full_well_e=300.0, read_noise_e=8.0, exposure_ev=1.0),
        Imager(vignetting=0.7, jpeg_quality=20),
        Imager(exposure_ev=-4.0, read_noise_e=30.0),
    ],
)
def test_what_an_imager_does_moves_no_edge(shot: tuple[SceneRecord, Keyframe], imager: Imager) -> None:
    seen = shot[1].cameras[NAME]
    assert_aligned(developed(seen.rgb, imager, seen.intrinsics, Stream(1, "chip")), seen)


def test_a_blur_to_both_sides_moves_no_edge(shot: tuple[SceneRecord, Keyframe]) -> None:
    seen = shot[1].cameras[NAME]
    assert_aligned(uniform_filter1d(seen.rgb.astype(float), 13, axis=1).astype(np.uint8), seen)


def assert_aligned(rgb: U8, seen: CameraFrame) -> None:
    found = offset_px(rgb, seen.part)
    if found is not None:
        (x, y), radial, better = found
        assert better <= OUTLINE_BETTER_BY or max(abs(x), abs(y), abs(radial)) <= ALIGNED_PX, found


def test_a_blank_picture_proves_nothing(shot: tuple[SceneRecord, Keyframe]) -> None:
    seen = shot[1].cameras[NAME]
    assert offset_px(np.full_like(seen.rgb, 90), seen.part) is None
