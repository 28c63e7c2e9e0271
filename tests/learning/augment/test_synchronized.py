"""An augmented pair still verifies, and one of which only a part was changed does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairforge.learning.augment.clip import Clip, retold
from pairforge.learning.augment.crop import Crop, RandomCrop
from pairforge.learning.augment.flip import Flip, RandomFlip
from pairforge.learning.augment.fog import RandomFog
from pairforge.learning.augment.points import RandomPoints
from pairforge.learning.augment.proof import faults
from pairforge.learning.augment.protocol import Augment, OneOf, Sometimes, replay
from pairforge.learning.augment.repaint import Repaint
from pairforge.learning.augment.roll import RandomRoll, Roll
from pairforge.learning.augment.scale import RandomScale, Scale
from pairforge.learning.augment.tone import RandomTone, Tone
from pairforge.learning.augment.turn_world import RandomTurnWorld, TurnWorld
from pairforge.sample import CameraFrame, Keyframe
from pairforge.seeding import Stream
from tests.learning.augment.clips import clip, one

RANDOM = (
    RandomFlip(0.7),
    RandomCrop((0.5, 0.95)),
    RandomScale((0.5, 1.2)),
    RandomRoll(12.0),
    RandomTone(hue_deg=180.0),
    RandomFog(chance=0.5),
    RandomTurnWorld(),
    RandomPoints(),
)


def same(a: Clip, b: Clip) -> bool:
    """Byte for byte: every array of every sensor, every pose, box, fact and word, and the record's rows."""
    if [f.facts for f in a.frames] != [f.facts for f in b.frames]:
        return False
    for x, y in zip(a.frames, b.frames, strict=True):
        boxes = [[vars(b) for b in f.boxes] for f in (x, y)]
        if x.captions != y.captions or boxes[0] != boxes[1] or x.cameras.keys() != y.cameras.keys():
            return False
        pairs: list[tuple[Any, Any]] = [(x.cameras[n], y.cameras[n]) for n in x.cameras]
        pairs += [(x.lidars[n], y.lidars[n]) for n in x.lidars]
        for one_frame, other in pairs:
            for name, value in vars(one_frame).items():
                if isinstance(value, np.ndarray) and not np.array_equal(
                    value, getattr(other, name), equal_nan=value.dtype.kind == "f"
                ):
                    return False
    return a.record.concrete == b.record.concrete and a.record.instances == b.record.instances


@pytest.mark.slow
@settings(max_examples=14)
@given(
    st.sampled_from(["yard", "yard", "table", "drop"]),
    st.lists(st.sampled_from(range(len(RANDOM))), min_size=1, max_size=3),
    st.integers(0, 2**32),
)
def test_whatever_is_drawn_the_augmented_pair_verifies_and_is_replayed_from_its_history(
    name: str, chosen: list[int], seed: int
) -> None:
    before = one(name)
    after = Augment([RANDOM[k] for k in chosen])(before, Stream(seed, "any"))
    assert faults(after) == []
    assert same(after, replay(before, json.loads(json.dumps(after.history))))


@pytest.mark.slow
def test_a_street_with_lidar_verifies_cropped_turned_in_colour_and_thinned() -> None:
    before = one("street")
    both = Augment([RandomCrop((0.6, 0.8)), RandomTurnWorld(), RandomTone(), RandomPoints()])
    after = both(before, Stream(3))
    assert faults(after) == []
    assert [h["transform"] for h in after.history] == ["crop", "turn_world", "tone", "points", "told"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        [Roll({"CAM_FRONT": -11.0})],
        [RandomScale((1.4, 1.4))],
        [Roll({"CAM_FRONT": 4.2}), Scale({"CAM_FRONT": (210, 117)})],
    ],
    ids=["rolled", "enlarged", "rolled and scaled"],
)
def test_what_a_street_shows_lies_in_the_boxes_and_planes_of_its_things(changes: list[Any]) -> None:
    after = Augment(changes)(one("street"), Stream(1))
    asked = ("surfaces_in_boxes", "ids", "calibration", "flow", "boxes2d", "normals")
    assert faults(after, lambda name: name in asked) == []


@pytest.mark.parametrize(
    "change", [Tone(hue_deg=120.0), Repaint(5, "purple"), TurnWorld(0.3, 1.1)], ids=lambda t: t.NAME
)
def test_labels_of_paint_that_are_kept_are_still_true(change: Any) -> None:
    after = Augment([change])(one("table"), Stream(1))
    assert faults(after) == []
    (camera,) = after.frame.cameras.values()
    kept = {"tone": set[str](), "repaint": {"albedo"}, "turn_world": {"albedo", "material"}}[change.NAME]
    assert {"albedo", "material"} & camera.extra.keys() == kept


def test_the_same_stream_gives_the_same_and_another_something_else() -> None:
    some = Augment([OneOf((RandomCrop(), RandomRoll())), Sometimes(RandomTone(), 0.9)])
    first, again, other = (some(one("yard"), Stream(k, "epoch/0/key")) for k in (1, 1, 2))
    assert same(first, again)
    assert not same(first, other)


def _cameras(change: Callable[[CameraFrame], CameraFrame]) -> Callable[[Keyframe], Keyframe]:
    return lambda f: replace(f, cameras={n: change(c) for n, c in f.cameras.items()})


def _over(c: CameraFrame, *names: str) -> CameraFrame:
    return replace(c, **{n: np.ascontiguousarray(getattr(c, n)[:, ::-1]) for n in names})


def _all_over(c: CameraFrame) -> CameraFrame:
    names = [n for n, v in vars(c).items() if isinstance(v, np.ndarray)]
    return replace(_over(c, *names), extra={})


def _words_alone(f: Keyframe) -> Keyframe:
    mirrored = Augment([Flip()])(Clip(one("orbit").record, (f,)), Stream(1)).frame
    return replace(f, captions=mirrored.captions, facts=mirrored.facts)


def _boxes_alone(f: Keyframe) -> Keyframe:
    def flipped(c: CameraFrame) -> CameraFrame:
        w = c.intrinsics.width_px
        moved = [
            replace(
                b,
                visible_box=(w - b.visible_box[2], b.visible_box[1], w - b.visible_box[0], b.visible_box[3]),
            )
            for b in c.boxes
        ]
        return replace(c, boxes=tuple(moved))

    return _cameras(flipped)(f)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (_cameras(_all_over), "claims"),
        (_words_alone, "claims"),
        (_boxes_alone, "boxes2d"),
        (_cameras(lambda c: _over(c, "depth")), "ids"),
        (_cameras(lambda c: _over(c, "flow")), "flow"),
        (_cameras(lambda c: _over(c, "instance")), "ids"),
        (
            _cameras(lambda c: replace(c, intrinsics=replace(c.intrinsics, cx=c.intrinsics.cx - 9.0))),
            "calibration",
        ),
        (_cameras(lambda c: replace(c, normal=c.normal * np.float16([-1, 1, 1]))), "normals"),
    ],
    ids=["image", "words", "boxes", "depth", "flow", "ids", "calibration", "normals"],
)
def test_what_is_flipped_alone_is_refuted(change: Callable[[Keyframe], Keyframe], check: str) -> None:
    told = retold(one("orbit"), Stream(1))
    assert faults(told) == []
    broken = Clip(told.record, (change(told.frame),))
    assert check in {f.partition(":")[0] for f in faults(broken)}


def test_words_left_as_they_were_in_a_mirrored_world_are_refuted() -> None:
    told = retold(one("orbit"), Stream(1))
    mirrored = Augment([Flip()])(told, Stream(1))
    assert faults(mirrored) == []
    stale = replace(
        mirrored.frame, captions=tuple(replace(c, sensor="cam_right") for c in told.frame.captions)
    )
    found = faults(Clip(mirrored.record, (stale,)), lambda name: name == "claims")
    assert any("left_of" in f or "right_of" in f or "caption" in f for f in found)


def test_points_turned_without_their_world_are_refuted() -> None:
    before = one("yard")
    turned = before.lidars(
        lambda f, x: replace(x, points=x.points[:, [1, 0, 2]], deskewed=x.deskewed[:, [1, 0, 2]])
    )
    found = {f.partition(":")[0] for f in faults(Clip(before.record, turned))}
    assert {"points_in_boxes", "lidar_on_depth"} <= found


def test_what_is_cropped_away_is_not_said_any_more() -> None:
    before = retold(one("orbit"), Stream(1))
    ball = before.frame.cameras["cam_left"].boxes[-1].visible_box
    cut = Crop({"cam_left": (0, 0, int(ball[0]), 72), "cam_right": (0, 0, 40, 72)})
    after = Augment([cut])(before, Stream(1))
    assert faults(after) == []
    said = {
        c.language: c.text.lower()
        for c in after.frame.captions
        if c.sensor == "cam_left" and c.kind == "short"
    }
    was = {
        c.language: c.text.lower()
        for c in before.frame.captions
        if c.sensor == "cam_left" and c.kind == "short"
    }
    # the ball is the only blue thing; what a ball is called depends on what it is drawn to be made of
    for code, word in (("en", "blue"), ("de", "blau"), ("es", "azul"), ("zh", "蓝")):
        assert word in was[code]
        assert word not in said[code]
    assert clip("orbit").record.concrete["sensors"][0]["settings"]["width_px"] == 96
