"""What a keyframe opened for measuring remembers of its cameras."""

from __future__ import annotations

from pairforge.captioners.facts_list import Scene
from tests.captioners.random_scenes import busy_table, told


def test_what_may_be_told_follows_a_second_look_through_the_same_camera() -> None:
    scene = Scene(*told(busy_table(), 0))
    scene.saw("front", (1, 2), ())
    assert scene.seen == {1, 2}
    assert scene.told >= {1, 2}
    scene.saw("front", (3,), ())
    assert scene.seen == {3}
    assert scene.told - scene.hit <= {3}
