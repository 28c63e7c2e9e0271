"""Camera labels against what geometry says by hand."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pairforge.errors import SpecError
from pairforge.frames import CAMERA_AXES_IN_BODY, Intrinsics, Pose, Track, wxyz
from pairforge.sample import CameraFrame
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import World
from pairforge.sensors.labels import camera_frame
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from tests.worlds import (
    FLOOR,
    Thing,
    box_shape,
    car_shape,
    gliding_timeline,
    make_world,
    small_concrete,
    small_world,
)

AT_NS = 200_000_000


def level_camera(
    height_m: float = 1.0, mount: str | None = None, width_px: int = 64, height_px: int = 36
) -> ConcreteSensor:
    """Looks along +x."""
    k = Intrinsics.from_fov(width_px, height_px, 60.0)
    settings = {**asdict(k), "rate_hz": 10.0}
    w, x, y, z = wxyz(Rotation.from_matrix(CAMERA_AXES_IN_BODY))
    return ConcreteSensor("cam", "camera", mount, (0.0, 0.0, height_m), (w, x, y, z), settings)


def shoot(world: World, sensor: ConcreteSensor, timeline: Timeline | None = None) -> CameraFrame:
    return camera_frame(RayEngine(world), timeline or gliding_timeline(world), sensor, AT_NS)


def block(name: str, x: float, y: float = 0.0, size: float = 1.0, motion: str = "static") -> Thing:
    return Thing(name, box_shape(size, "red"), (x, y, 0.0), motion=motion)


def test_depth_is_z_and_not_range() -> None:
    """A wall square to the axis has one depth over the whole image."""
    frame = shoot(make_world([Thing("wall", box_shape(20.0, "red"), (15.0, 0.0, -8.0))]), level_camera())
    np.testing.assert_allclose(frame.depth, 5.0, atol=1e-4)
    np.testing.assert_allclose(frame.normal, np.broadcast_to([0, 0, -1], (36, 64, 3)), atol=1e-3)


def test_ground_depth_follows_from_the_pixel_centre() -> None:
    """A camera one metre up sees the ground of row v at z = fy / (v + 0.5 - cy)."""
    frame = shoot(make_world([FLOOR]), level_camera())
    k = frame.intrinsics
    rows = np.arange(26, 36)
    want = k.fy / (rows + 0.5 - k.cy)
    np.testing.assert_allclose(frame.depth[26:, 32], want, rtol=1e-5)
    assert np.isinf(frame.depth[:18]).all()
    np.testing.assert_allclose(frame.normal[30, 10].astype(float), [0, -1, 0], atol=1e-3)  # up is -y


def test_empty_pixels_hold_nothing() -> None:
    frame = shoot(make_world([FLOOR]), level_camera())
    sky = np.isinf(frame.depth)
    assert sky.any()
    for image in (frame.part, frame.instance, frame.semantic, frame.normal):
        assert not image[sky].any()
    assert np.isnan(frame.flow[sky]).all()
    assert np.isfinite(frame.flow[~sky]).all()


def test_normals_face_the_camera() -> None:
    frame = shoot(small_world(), small_concrete().sensors[0])
    hit = frame.part > 0
    assert (np.einsum("ij,ij->i", frame.normal[hit].astype(float), frame.intrinsics.rays()[hit]) < 0).all()
    np.testing.assert_allclose(np.linalg.norm(frame.normal[hit].astype(float), axis=1), 1.0, atol=2e-3)


def test_flow_of_a_body_sliding_sideways() -> None:
    """A body at depth z moving dy metres left shifts by -fx dy / z pixels."""
    world = make_world([FLOOR, block("box", 5.5, motion="dynamic")])
    frame = shoot(world, level_camera(0.5), gliding_timeline(world, (0.0, 2.0, 0.0)))
    on_front = (frame.instance == 1) & (np.abs(frame.depth - 5.0) < 1e-3)
    assert on_front.sum() > 20
    dt = frame.flow_dt_ns * 1e-9
    np.testing.assert_allclose(frame.flow[on_front, 0], -frame.intrinsics.fx * 2.0 * dt / 5.0, rtol=1e-4)
    np.testing.assert_allclose(frame.flow[on_front, 1], 0.0, atol=1e-4)
    np.testing.assert_allclose(frame.flow[(frame.semantic > 0) & (frame.instance == 0)], 0.0, atol=1e-4)


def test_flow_of_a_turning_body_moves_its_corners_to_their_new_places() -> None:
    world = make_world([block("box", 5.0, motion="dynamic")])
    times = np.arange(0, 11, dtype=np.int64) * 100_000_000
    turn = Rotation.from_euler("z", np.linspace(0, 2.0, 11)[:, None])
    track = Track(times, np.tile([5.0, 0.0, 0.0], (11, 1)), wxyz(turn))
    frame = shoot(world, level_camera(0.5), Timeline(world, times, {1: track}, {1: track}, {}, {}))
    rows, columns = np.nonzero(frame.instance == 1)
    k = frame.intrinsics
    for r, c in list(zip(rows, columns, strict=True))[::5]:
        point = frame.world_from_camera.points(k.rays()[r, c] * frame.depth[r, c])
        moved = track.at(AT_NS + frame.flow_dt_ns).points(track.at(AT_NS).inverse.points(point))
        u, v = k.project(frame.world_from_camera_next.inverse.points(moved))
        np.testing.assert_allclose(frame.flow[r, c], [u - c - 0.5, v - r - 0.5], atol=1e-3)


def test_flow_of_a_driving_camera_spreads_from_the_heading() -> None:
    world = make_world([FLOOR, Thing("ego", car_shape(), (-5.0, 0.0, 0.0), motion="vehicle", semantic="car")])
    frame = shoot(world, level_camera(2.5, mount="ego"), gliding_timeline(world, (3.0, 0.0, 0.0)))
    floor = (frame.semantic > 0) & (frame.instance == 0) & np.isfinite(frame.flow[..., 0])
    _, columns = np.nonzero(floor)
    k, dz = frame.intrinsics, 3.0 * frame.flow_dt_ns * 1e-9
    depth = frame.depth[floor]
    near = depth - dz > 0.5
    want = (columns + 0.5 - k.cx) * (depth / (depth - dz) - 1)
    np.testing.assert_allclose(frame.flow[floor][near, 0], want[near], atol=2e-3)
    own = frame.instance == 1
    if own.any():  # what rides with the camera stands still in it
        np.testing.assert_allclose(frame.flow[own], 0.0, atol=1e-3)


def test_a_half_covered_box_is_half_occluded() -> None:
    cover = Thing("cover", box_shape(2.0, "red"), (3.0, 1.0, 0.0))
    world = make_world([cover, block("behind", 8.0)])
    frame = shoot(world, level_camera(0.5, width_px=256, height_px=144))
    box = next(b for b in frame.boxes if b.instance_id == 2)
    assert box.occlusion == pytest.approx(0.5, abs=0.03)
    assert box.visible_px == (frame.instance == 2).sum()
    alone = shoot(make_world([block("behind", 8.0)]), level_camera(0.5, width_px=256, height_px=144))
    assert box.solo_px == (alone.instance == 1).sum()
    assert box.truncation == 0.0


def test_full_box_is_that_of_the_object_alone() -> None:
    world = make_world([Thing("cover", box_shape(2.0, "red"), (3.0, 1.0, 0.0)), block("behind", 8.0)])
    box = shoot(world, level_camera(0.5, width_px=256, height_px=144)).boxes[-1]
    alone = shoot(make_world([block("behind", 8.0)]), level_camera(0.5, width_px=256, height_px=144)).boxes[0]
    np.testing.assert_allclose(box.full_box, alone.full_box, atol=0.5)
    np.testing.assert_allclose(alone.full_box, alone.visible_box, atol=1.0)


def test_truncation_at_the_border() -> None:
    """A cube whose near face is centred on the image's left edge: half of that face is cut off."""
    k = Intrinsics.from_fov(256, 144, 60.0)
    left = 7.5 * (k.width_px / 2) / k.fx
    world = make_world([block("box", 8.0, y=left)])
    box = shoot(world, level_camera(0.5, width_px=256, height_px=144)).boxes[0]
    assert box.visible_box[0] == 0.0
    low, high = k.cx - k.fx * (left + 0.5) / 7.5, k.cx - k.fx * (left - 0.5) / 8.5
    assert box.full_box[0] == pytest.approx(low, abs=0.7)  # the cube's edges are rounded
    assert box.full_box[2] == pytest.approx(high, abs=0.7)
    assert box.truncation == pytest.approx(-low / (high - low), abs=0.02)


def test_a_body_reaching_behind_the_camera_still_has_a_box_that_holds_its_mask() -> None:
    """A long slab under and beside the camera: its far end is seen, its near end lies behind."""
    world = make_world([Thing("slab", box_shape(30.0, "red", 1.0, 0.02), (5.0, 0.0, 0.0))])
    box = shoot(world, level_camera(1.5)).boxes[0]
    assert np.isfinite(box.full_box).all()
    for side in (0, 1):
        assert box.full_box[side] <= box.visible_box[side]
        assert box.full_box[side + 2] >= box.visible_box[side + 2]
    assert box.truncation > 0.5


def test_boxes_hold_their_masks_exactly() -> None:
    frame = shoot(small_world(), small_concrete().sensors[0])
    assert len(frame.boxes) == 5
    for box in frame.boxes:
        rows, columns = np.nonzero(frame.instance == box.instance_id)
        assert box.visible_box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert box.visible_px == len(rows) <= box.solo_px


def test_the_carrier_is_in_the_mask_but_has_no_box() -> None:
    things = [
        FLOOR,
        Thing("ego", car_shape(), motion="vehicle", semantic="car"),
        block("other", 6.0, size=2.0),
    ]
    world = make_world(things)
    low = replace(level_camera(1.9, mount="ego"), quaternion_wxyz=_pitched(-20.0))
    frame = shoot(world, low)
    assert (frame.instance == 1).any()
    assert 1 not in {b.instance_id for b in frame.boxes}
    assert 2 in {b.instance_id for b in frame.boxes}


def test_a_sensor_on_nothing_is_an_error_with_a_suggestion() -> None:
    world = make_world([Thing("ego", car_shape(), motion="vehicle")])
    with pytest.raises(SpecError, match='Did you mean "ego"'):
        shoot(world, level_camera(mount="eggo"))


def _pitched(degrees: float) -> tuple[float, float, float, float]:
    down = Rotation.from_euler("y", -degrees, degrees=True) * Rotation.from_matrix(CAMERA_AXES_IN_BODY)
    w, x, y, z = wxyz(down)
    return w, x, y, z


def test_the_camera_stands_where_its_mount_carries_it() -> None:
    world = make_world([Thing("ego", car_shape(), motion="vehicle", semantic="car")])
    frame = shoot(world, level_camera(2.0, mount="ego"), gliding_timeline(world, (4.0, 0.0, 0.0)))
    np.testing.assert_allclose(frame.world_from_camera.position_m, [0.8, 0.0, 2.0], atol=1e-9)
    np.testing.assert_allclose(frame.world_from_camera_next.position_m, [1.2, 0.0, 2.0], atol=1e-9)
    assert isinstance(frame.world_from_camera, Pose)
