"""Range and panoptic ids; how labels are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.arrays import ArraySpec
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.errors import SpecError
from pairforge.scenes.check import check
from pairforge.scenes.optics import Shutter
from pairforge.scenes.spec import Camera, Scene
from pairforge.sensors.camera_labels.protocol import LABELS, chosen
from tests.sensors.camera_labels.shooting import asking, shoot, with_labels_asked
from tests.worlds import Thing, ball_shape, make_world, small_concrete, small_world


def test_range_is_the_distance_to_a_sphere_along_each_ray() -> None:
    """|o + t d - c| = r, solved by hand."""
    world = make_world([Thing("ball", ball_shape(2.0, "red"), (6.0, 0.5, 0.0))])
    frame = shoot(world, asking("range", width_px=128, height_px=72))
    seen = frame.instance == 1
    d = frame.world_from_camera.vectors(frame.intrinsics.rays()[seen])
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    to = np.array([6.0, 0.5, 1.0]) - frame.world_from_camera.position_m
    b = d @ to
    want = b - np.sqrt(b * b - to @ to + 1.0)
    flat = np.abs(np.einsum("ij,ij->i", d, frame.world_from_camera.vectors(frame.normal[seen]))) > 0.5
    assert flat.sum() > 300
    np.testing.assert_allclose(frame.extra["range"][seen][flat], want[flat], atol=0.02)  # facets lie inside
    assert np.isinf(frame.extra["range"][frame.part == 0]).all()


def test_a_panoptic_png_holds_class_and_instance_as_coco_reads_it() -> None:
    frame = shoot(small_world(), with_labels_asked(small_concrete().sensors[0], "panoptic"))
    rgb = frame.extra["panoptic"].astype(np.int64)
    segment = rgb[..., 0] + 256 * rgb[..., 1] + 256**2 * rgb[..., 2]
    np.testing.assert_array_equal(segment // 65536, frame.semantic)
    np.testing.assert_array_equal(segment % 65536, frame.instance)
    assert len(np.unique(segment)) >= 6


def test_a_camera_that_asks_for_nothing_has_nothing_more() -> None:
    assert shoot(small_world(), small_concrete().sensors[0]).extra == {}


@pytest.mark.parametrize("name", LABELS.names())
def test_a_label_gives_the_arrays_that_it_declares_and_no_others(name: str) -> None:
    sensor = with_labels_asked(small_concrete().sensors[0], name)
    frame, again = (shoot(small_world(), sensor) for _ in range(2))
    specs: dict[str, ArraySpec] = {s.name: s for s in LABELS.load(name).arrays}
    assert set(frame.extra) == set(specs)
    for key, array in frame.extra.items():
        assert specs[key].optional
        assert array.dtype == specs[key].dtype
        assert array.ndim == len(specs[key].shape)
        np.testing.assert_array_equal(array, again.extra[key])


def test_names_of_arrays_are_unique_over_all_labels() -> None:
    names = [s.name for s in arrays_of("camera")]
    assert sorted(set(names)) == sorted(names)


def test_all_means_all() -> None:
    assert chosen("all") == chosen(["range", "all"]) == LABELS.names()


def test_an_unknown_label_is_refused_with_a_hint() -> None:
    camera = Camera(name="front", position_m=(0, 0, 1), labels=("rnage",))
    with pytest.raises(SpecError, match=r'"front": labels: unknown label "rnage".*"range"'):
        check(Scene(name="x", sensors=[camera]))


def test_a_label_that_looks_back_wants_time_before_the_first_keyframe() -> None:
    camera = Camera(name="front", position_m=(0, 0, 1), rate_hz=10.0, labels=("backward_flow",))
    check(Scene(name="x", sensors=[camera], warm_up_s=0.11))
    rolling = replace(camera, shutter=Shutter(readout_s=0.03))
    for asked, warm_up_s in ((camera, 0.09), (rolling, 0.11)):
        with pytest.raises(SpecError, match=r"backward_flow.*looks 0\.1 s back"):
            check(Scene(name="x", sensors=[asked], warm_up_s=warm_up_s))
