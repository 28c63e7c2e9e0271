"""Backward flow, what is hidden at the end of a flow, and scene flow, in scenes with answers by hand."""

from __future__ import annotations

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.world import World
from tests.sensors.camera_labels.shooting import asking, shoot
from tests.sensors.test_labels import AT_NS, block
from tests.worlds import FLOOR, Thing, box_shape, gliding_timeline, make_world

WIDE = {"height_m": 0.5, "width_px": 160, "height_px": 90}
DT_S = 0.1


def columns_of(world_y: F64 | float, depth_m: float, fx: float, cx: float) -> F64:
    return np.asarray(cx - fx * np.asarray(world_y) / depth_m)


def test_backward_flow_of_a_steady_glide_is_minus_the_forward_flow() -> None:
    world = make_world([FLOOR, block("box", 5.5, motion="dynamic")])
    frame = shoot(world, asking("backward_flow", **WIDE), gliding_timeline(world, (0.0, 2.0, 0.0)))
    front = (frame.instance == 1) & (np.abs(frame.depth - 5.0) < 1e-3)
    assert front.sum() > 100
    want = frame.intrinsics.fx * 2.0 * DT_S / 5.0
    np.testing.assert_allclose(frame.extra["backward_flow"][front, 0], want, rtol=1e-4)
    assert np.isnan(frame.extra["backward_flow"][frame.part == 0]).all()


def sliding_behind_a_post() -> World:
    """A wide box glides to the left (+y) behind a post that stands on the camera's axis."""
    post = Thing("post", box_shape(0.6, "red", 1.0, 4.0), (3.3, 0.0, 0.0))
    return make_world([post, block("box", 6.0, y=-0.8, size=2.0, motion="dynamic")])


def test_points_that_go_behind_a_post_are_hidden_and_others_are_not() -> None:
    """Of the box's front, at depth 5 m, the post (front at 3 m) hides what ends up between its edges' rays."""
    world = sliding_behind_a_post()
    sensor = asking("flow_occluded", "backward_flow_occluded", **WIDE)
    frame = shoot(world, sensor, gliding_timeline(world, (0.0, 2.0, 0.0)))
    k, hidden = frame.intrinsics, frame.extra["flow_occluded"]
    front = (frame.instance == 2) & (np.abs(frame.depth - 5.0) < 1e-3)
    rows, columns = np.nonzero(front)
    ends = columns + 0.5 - k.fx * 2.0 * DT_S / 5.0
    left, right = columns_of(np.array([0.3, -0.3]), 3.0, k.fx, k.cx)
    clear = np.minimum(np.abs(ends - left), np.abs(ends - right)) > 1.0  # the post's edges are rounded
    want = (ends > left) & (ends < right)
    assert 20 < want[clear].sum() < clear.sum() - 20
    np.testing.assert_array_equal(hidden[rows[clear], columns[clear]] == 1, want[clear])
    post = (frame.instance == 1) & (np.abs(frame.depth - 3.0) < 1e-3)
    assert not hidden[post].any()
    assert (hidden[frame.part == 0] == 255).all()
    began = (
        columns + 0.5 + k.fx * 2.0 * DT_S / 5.0
    )  # a tenth of a second before, it was to the right of the post
    clear = np.minimum(np.abs(began - left), np.abs(began - right)) > 1.0
    before = frame.extra["backward_flow_occluded"][rows[clear], columns[clear]]
    np.testing.assert_array_equal(before == 1, ((began > left) & (began < right))[clear])


def test_points_that_leave_the_image_are_hidden() -> None:
    world = make_world([Thing("wall", box_shape(20.0, "red"), (15.0, 0.0, -8.0), motion="dynamic")])
    frame = shoot(world, asking("flow_occluded", **WIDE), gliding_timeline(world, (0.0, 2.0, 0.0)))
    shift = frame.intrinsics.fx * 2.0 * DT_S / 5.0
    want = np.arange(160) + 0.5 < shift
    assert 3 <= want.sum() <= 10
    np.testing.assert_array_equal(frame.extra["flow_occluded"] == 1, np.broadcast_to(want, (90, 160)))


def test_a_surface_seen_at_a_grazing_angle_does_not_hide_itself() -> None:
    world = make_world([FLOOR, Thing("ego", box_shape(0.2, "blue"), (-8.0, 0.0, 0.0), motion="dynamic")])
    sensor = asking("flow_occluded", height_m=0.6, mount="ego", width_px=320, height_px=180)
    frame = shoot(world, sensor, gliding_timeline(world, (3.0, 0.5, 0.0)))
    u = np.arange(320) + 0.5 + frame.flow[..., 0]
    v = np.arange(180)[:, None] + 0.5 + frame.flow[..., 1]
    within = (frame.part == 1) & (u > 0) & (u < 320) & (v > 0) & (v < 180)
    assert not frame.extra["flow_occluded"][within].any()
    assert frame.depth[frame.part == 1].max() > 20


def test_scene_flow_of_a_moving_wall_is_its_motion_in_camera_axes_whatever_the_camera_does() -> None:
    """Everything moves 2 m/s to the left (+y), which is -x for a camera that looks along +x."""
    ego = Thing("ego", box_shape(0.2, "blue"), (-1.0, 0.0, 0.0), motion="dynamic")
    world = make_world([FLOOR, block("box", 5.5, motion="dynamic"), ego])
    timeline = gliding_timeline(world, (0.3, 2.0, 0.0))
    for mount in (None, "ego"):
        frame = shoot(world, asking("scene_flow", mount=mount, **WIDE), timeline)
        flow = frame.extra["scene_flow"]
        box = frame.instance == 1
        assert box.sum() > 100
        want = np.broadcast_to([-2.0 * DT_S, 0.0, 0.3 * DT_S], flow[box].shape)
        np.testing.assert_allclose(flow[box], want, atol=1e-6)
        still = (frame.part > 0) & (frame.instance == 0)
        assert still.any()
        assert not flow[still].any()
        assert np.isnan(flow[frame.part == 0]).all()


def test_scene_flow_looks_as_far_ahead_as_the_flow() -> None:
    world = make_world([FLOOR, block("box", 5.5, motion="dynamic")])
    frame = shoot(world, asking("scene_flow", **WIDE), gliding_timeline(world, (0.0, 1.0, 0.0)), AT_NS)
    assert frame.flow_dt_ns == round(DT_S * 1e9)
