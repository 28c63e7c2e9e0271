"""A mirrored world: what turns over, what stays, and what must not be mirrored at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import pairforge.scenes
from pairforge.errors import SpecError
from pairforge.frames import Pose
from pairforge.learning.augment.clip import AugmentError, retold
from pairforge.learning.augment.flip import LETTERED, Flip, RandomFlip
from pairforge.learning.augment.guided import guided
from pairforge.learning.augment.protocol import Augment, from_json, to_json
from pairforge.learning.augment.readings import mapped
from pairforge.learning.augment.repaint import Repaint
from pairforge.learning.augment.reverse import Reverse
from pairforge.learning.augment.world_map import WorldMap
from pairforge.learning.views import pixel_map, two_cameras, two_views
from pairforge.sample import Reading
from pairforge.scenes.families import FAMILIES
from pairforge.seeding import Stream
from tests.learning.augment.clips import one


def test_two_flips_give_back_every_pixel_pose_and_point() -> None:
    before = one("orbit")
    after = Flip()(Flip()(before))
    for name, c in before.frame.cameras.items():
        d = after.frame.cameras[name]
        assert np.array_equal(c.rgb, d.rgb)
        assert np.array_equal(c.flow, d.flow, equal_nan=True)
        assert np.allclose(c.world_from_camera.matrix, d.world_from_camera.matrix, atol=1e-12)
        assert c.boxes == d.boxes
        assert c.intrinsics == d.intrinsics


def test_left_and_right_change_places_in_facts_names_and_four_languages() -> None:
    before = retold(one("orbit"), Stream(1))
    after = Augment([Flip()])(before, Stream(1))
    sides = [{f.subjects for f in c.frame.facts if f.predicate == "left_of"} for c in (before, after)]
    assert sides[0]
    assert sides[1] == {(b, a) for a, b in sides[0]}
    assert set(after.frame.cameras) == {"cam_left", "cam_right"}
    assert np.array_equal(after.frame.cameras["cam_right"].rgb, before.frame.cameras["cam_left"].rgb[:, ::-1])
    assert {c.language for c in after.frame.captions} == {"en", "de", "es", "zh"}


def test_a_point_seen_in_the_mirrored_picture_lies_where_the_mirrored_world_has_it() -> None:
    before, after = one("yard"), Flip()(one("yard"))
    (c,), (d,) = before.frame.cameras.values(), after.frame.cameras.values()
    row, column = np.argwhere(c.instance == 1)[0]
    mirrored = d.intrinsics.width_px - 1 - column
    points = [
        k.world_from_camera.points(k.intrinsics.depth_rays()[row, u] * float(k.depth[row, u]))
        for k, u in ((c, column), (d, mirrored))
    ]
    assert np.allclose(points[0] * [1, -1, 1], points[1], atol=1e-9)


def test_traffic_that_keeps_right_and_writing_must_not_be_mirrored() -> None:
    with pytest.raises(AugmentError, match="keeps to the right"):
        Flip()(one("street"))
    assert RandomFlip(1.0).draw(one("street"), Stream(1)) is None
    assert Flip(handed=True)(one("street")).frame.controls is not None


def test_every_module_that_writes_letters_has_its_families_among_the_lettered() -> None:
    root = Path(pairforge.scenes.__file__).resolve().parent
    files = [*(root / "shapes").glob("*.py"), *(root / "inspection").glob("*.py")]
    writes = {
        p.stem
        for p in files
        if "lettering import" in p.read_text() or "import ink, lettered" in p.read_text()
    }
    # helpers that write for others, and defects, which are of parts that are lettered themselves
    writes -= {
        "making",
        "lettering",
        "building_details",
        "vehicle_extras",
        "parts",
        "defects",
        "board_components",
    }
    modules = {name: target.partition(":")[0].rpartition(".")[2] for name, target in FAMILIES.rows.items()}
    assert writes <= set(modules.values()) | {"light_box"}
    for name, module in modules.items():
        if module in writes and name not in ("inspection_lights",):
            assert name in LETTERED, f"{name} of {module} bears letters"


def test_inertial_axes_turn_over_as_vectors_and_as_turns_do() -> None:
    zero = np.zeros((1, 3))
    force, rate = np.array([[1.0, 2.0, 9.8]]), np.array([[0.1, 0.2, 0.3]])
    arrays = {
        **dict.fromkeys(
            ("specific_force_mps2", "true_specific_force_mps2", "accelerometer_bias_mps2"), force
        ),
        **dict.fromkeys(("turn_rate_radps", "true_turn_rate_radps", "gyro_bias_radps"), rate),
        "position_m": zero,
        "velocity_mps": zero,
        "quaternion_wxyz": np.array([[1.0, 0.0, 0.0, 0.0]]),
    }
    turned = mapped(Reading("imu_left", "imu", 0, Pose.of(), arrays), WorldMap(mirror=True))
    assert turned.sensor == "imu_right"
    assert np.array_equal(turned.arrays["specific_force_mps2"], [[1.0, -2.0, 9.8]])
    assert np.array_equal(turned.arrays["turn_rate_radps"], [[-0.1, 0.2, -0.3]])


def test_an_adjective_paints_the_thing_that_it_is_said_of_and_the_caption_says_so() -> None:
    before = retold(one("orbit"), Stream(1))
    asked = guided("make the red mug green", before)
    assert isinstance(asked, Repaint)
    assert before.record.instance(asked.instance_id).name == "mug"
    after = Augment([asked])(before, Stream(1))
    assert any("green mug" in c.text for c in after.frame.captions)
    changed = after.frame.cameras["cam_left"].rgb != before.frame.cameras["cam_left"].rgb
    assert (before.frame.cameras["cam_left"].instance[changed.any(axis=-1)] == asked.instance_id).all()
    with pytest.raises(AugmentError, match="nothing in view"):
        guided("make the cow blue", before)
    with pytest.raises(AugmentError, match="Render the twin"):
        guided("wetter", before)


def test_what_falls_or_drives_is_not_played_backwards() -> None:
    for name, why in (("street", "drives"), ("yard", "falls")):
        with pytest.raises(AugmentError, match=why):
            Reverse()(one(name))


def test_transforms_are_json_and_unknown_ones_are_named() -> None:
    for transform in (Flip(), Repaint(3, "blue")):
        assert from_json(to_json(transform)) == transform
    with pytest.raises(SpecError, match="Did you mean"):
        from_json({"transform": "flop"})


def test_pixels_of_two_cameras_meet_on_the_same_thing() -> None:
    clip = one("orbit")
    seen = two_cameras(clip, "cam_left", "cam_right")
    a, b = clip.frame.cameras["cam_left"], clip.frame.cameras["cam_right"]
    hit = np.isfinite(seen.uv[..., 0])
    at = seen.uv[hit].astype(int)
    assert 0.2 < seen.overlap < 1.0
    assert np.array_equal(a.part[hit], b.part[at[:, 1], at[:, 0]])
    # there and back again: within the pixel that one came from, but for steep slopes
    back = pixel_map(clip, "cam_right", clip, "cam_left")[at[:, 1], at[:, 0]]
    off = np.abs(back - (np.argwhere(hit)[:, ::-1] + 0.5)).max(axis=1)
    assert np.nanquantile(off, 0.9) < 2.5


def test_a_flipped_view_is_found_again_pixel_by_pixel() -> None:
    clip = one("orbit")
    seen = two_views(clip, [], [Flip()], Stream(1), "cam_left")
    assert seen.cameras == ("cam_left", "cam_right")
    rows, columns = np.nonzero(np.isfinite(seen.uv[..., 0]))
    assert np.allclose(seen.uv[rows, columns, 0], 96 - (columns + 0.5), atol=1e-3)
    assert np.allclose(seen.uv[rows, columns, 1], rows + 0.5, atol=1e-3)
