"""Point tracks: kept to their surfaces, hidden and seen again, topped up, the same whichever frame is made alone."""

from __future__ import annotations

import numpy as np

from pairforge.sample import CameraFrame
from pairforge.scenes.world import World
from tests.sensors.camera_labels.shooting import asking, shoot
from tests.sensors.test_labels import block
from tests.worlds import FLOOR, Thing, box_shape, gliding_timeline, make_world

VELOCITY = (0.0, 2.0, 0.0)
KEYFRAMES = (0.2, 5.0, 1.0)
"""Keyframes at 0.2, 0.4, ... s."""
SIZE = {"height_m": 0.5, "width_px": 160, "height_px": 90}


def world() -> World:
    """A wide box glides to the left behind a post."""
    post = Thing("post", box_shape(0.6, "red", 1.0, 4.0), (3.3, 0.0, 0.0))
    return make_world([FLOOR, post, block("box", 6.0, y=-0.8, size=2.0, motion="dynamic")])


def frame(k: int) -> CameraFrame:
    made = world()
    timeline = gliding_timeline(made, VELOCITY)
    return shoot(made, asking("tracks", **SIZE), timeline, round((0.2 + 0.2 * k) * 1e9), KEYFRAMES)


def test_the_first_keyframe_has_one_seen_point_a_cell_with_a_surface() -> None:
    first = frame(0)
    extra = first.extra
    assert extra["track_visible"].all()
    uv = extra["track_uv"]
    cells = (uv / 10).astype(int)
    assert len(np.unique(cells, axis=0)) == len(cells)
    covered = first.part.reshape(9, 10, 16, 10).transpose(0, 2, 1, 3).reshape(9, 16, 100) > 0
    assert set(map(tuple, cells[:, ::-1].tolist())) >= set(
        map(tuple, np.argwhere(covered.all(axis=2)).tolist())
    )
    r, c = uv[:, 1].astype(int), uv[:, 0].astype(int)
    np.testing.assert_array_equal(first.part[r, c], extra["track_part"])
    np.testing.assert_allclose(uv % 1.0, 0.5, atol=1e-3)  # they are chosen at pixel centres


def test_points_glide_with_their_box_and_stay_with_what_stands() -> None:
    first, last = frame(0), frame(4)
    common = np.isin(last.extra["track_ids"], first.extra["track_ids"])
    assert common.sum() == len(first.extra["track_ids"])
    moved = last.extra["track_xyz"][common] - first.extra["track_xyz"]
    on_box = first.extra["track_part"] == 3
    assert on_box.sum() > 10
    np.testing.assert_allclose(
        moved[on_box], np.broadcast_to([0.0, 1.6, 0.0], moved[on_box].shape), atol=1e-9
    )
    np.testing.assert_allclose(moved[~on_box], 0.0, atol=1e-9)
    k = last.intrinsics
    p = last.world_from_camera.inverse.points(last.extra["track_xyz"])
    ahead = p[:, 2] > 0
    np.testing.assert_allclose(last.extra["track_uv"][ahead], k.project(p[ahead]), atol=1e-3)


def test_points_go_out_of_sight_behind_the_post_and_come_back() -> None:
    """On the box's front, at depth 5 m, those between the post's edge rays (at 3 m) are hidden."""
    gone, back = set(), set()
    for k in range(5):
        extra = frame(k).extra
        x, y, _ = extra["track_xyz"].T
        front = (extra["track_part"] == 3) & (np.abs(x - 5.0) < 1e-3)
        within = np.abs(y) < 0.5 - 0.08
        clear = np.abs(y) > 0.5 + 0.08
        assert not extra["track_visible"][front & within].any()
        assert extra["track_visible"][front & clear].all()
        gone |= set(extra["track_ids"][front & within].tolist())
        back |= set(extra["track_ids"][front & clear].tolist()) & gone
    assert len(back) >= 3


def test_cells_that_show_no_point_any_more_get_new_ones() -> None:
    first, last = frame(0), frame(4)
    new = last.extra["track_ids"] > first.extra["track_ids"].max()
    assert new.sum() >= 5
    for k in range(5):
        extra = frame(k).extra
        born = extra["track_ids"] // 144 == k
        assert extra["track_visible"][born].all()


def test_a_frame_made_alone_has_the_tracks_that_it_has_in_the_clip() -> None:
    assert set(frame(2).extra["track_ids"].tolist()) <= set(frame(4).extra["track_ids"].tolist())
    one, other = frame(3).extra, frame(3).extra
    for name in ("track_ids", "track_part", "track_uv", "track_visible", "track_xyz"):
        np.testing.assert_array_equal(one[name], other[name])
