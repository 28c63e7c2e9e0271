"""What a loader's sample becomes when its keyframe is augmented."""

from __future__ import annotations

import numpy as np

from pairforge.learning.augment.clip import retold
from pairforge.learning.augment.flip import Flip
from pairforge.learning.augment.protocol import Augment
from pairforge.learning.augment.samples import resampled
from pairforge.learning.augment.scale import Resize
from pairforge.learning.convert import classes_of, columns
from pairforge.learning.sample import Boxes2D, Boxes3D, Sample, View
from pairforge.seeding import Stream
from tests.learning.augment.clips import one


def test_a_sample_keeps_its_selection_and_gets_the_augmented_values() -> None:
    clip = retold(one("orbit"), Stream(1))
    frame = clip.frame
    c, captions = frame.cameras["cam_left"], tuple(x for x in frame.captions if x.language == "de")
    view = View(
        *(
            "cam_left",
            "camera",
            c.time_ns,
            c.world_from_camera.position_m,
            c.world_from_camera.quaternion_wxyz,
        ),
        {"rgb": c.rgb, "depth": c.depth},
        c.intrinsics,
        boxes=columns(Boxes2D, c.boxes, classes_of(clip.record)),
    )
    sample = Sample(
        *(frame.key, frame.scene_index, frame.frame_index, frame.time_ns, {"cam_left": view}),
        boxes=columns(Boxes3D, frame.boxes, classes_of(clip.record)),
        captions=captions,
        text=captions[0].text,
    )
    after = Augment([Flip(), Resize(48, 36)])(clip, Stream(3))
    new = resampled(sample, after, Stream(3, "text"))
    assert set(new.views) == {"cam_left"}
    assert set(new.views["cam_left"].arrays) == {"rgb", "depth"}
    assert new["cam_left", "rgb"].shape == (36, 48, 3)
    assert new.boxes is not None
    assert np.allclose(new.boxes.centre_m, sample.boxes.centre_m * [1, -1, 1])  # type: ignore[union-attr]
    assert {x.language for x in new.captions} == {"de"}
    assert new.text in {x.text for x in new.captions}
    assert new.facts == ()
