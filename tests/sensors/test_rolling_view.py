"""A rolling shutter shows each row as it is at the row's own time: against closed forms, and rays cast one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.frames import Intrinsics
from pairforge.sample import CameraFrame
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.scenes.optics import row_times_ns
from pairforge.sensors.labels import camera_frame
from pairforge.sensors.mount import world_from_sensor_over
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.rolling_view import view_at
from pairforge.sensors.timeline import Timeline
from tests.worlds import FLOOR, Thing, ball_shape, box_shape, camera, car_shape, gliding_timeline, make_world

READOUT_S = 0.030
TIME_NS = 1_000_000_000
BENT = {
    "pinhole": {},
    "brown": {"model": "brown_conrady", "distortion": [-0.3, 0.09, 0.001, -0.0005]},
    "fisheye": {"model": "kannala_brandt", "distortion": [-0.02, 0.003, 0.0, 0.0], "fx": 20.0, "fy": 20.0},
    "sphere": {"model": "equirectangular", "fx": 64 / (2 * np.pi), "fy": 36 / np.pi},
}


def rolling(sensor: ConcreteSensor, **more: object) -> ConcreteSensor:
    shutter = {"exposure_s": 0.0, "readout_s": READOUT_S}
    return replace(sensor, settings={**sensor.settings, "shutter": shutter, **more})


def wall(speed_mps: float = 8.0) -> tuple[RayEngine, Timeline]:
    """A cube of 4 m whose face stands 10 m ahead of the camera, gliding sideways."""
    world = make_world([Thing("wall", box_shape(4.0, "red"), (12.0, 0.0, 0.0), motion="dynamic")])
    return RayEngine(world), gliding_timeline(world, (0.0, speed_mps, 0.0))


def still_eye(y_m: float, **more: object) -> ConcreteSensor:
    return rolling(camera((0.0, y_m, 2.0), (10.0, y_m, 2.0), 320, 180), **more)


def edge_columns(frame: CameraFrame) -> tuple[np.ndarray, np.ndarray]:
    """Of each row that shows the wall: the row, and the mean of its first and last columns' outer edges."""
    rows = np.flatnonzero((frame.part > 0).any(axis=1))
    first = (frame.part[rows] > 0).argmax(axis=1)
    last = frame.part.shape[1] - (frame.part[rows][:, ::-1] > 0).argmax(axis=1)
    return rows, (first + last) / 2


def test_the_edge_of_a_moving_wall_slants_by_speed_and_readout() -> None:
    engine, timeline = wall()
    sensor = still_eye(8.0)
    k = intrinsics_of(sensor)
    frame = camera_frame(engine, timeline, sensor, TIME_NS)
    rows, middle = edge_columns(frame)
    assert len(rows) > 60
    # The face's centre is at y = 8 t, its image at cx - f (y - 8) / 10 m, and t is linear in the row.
    times = TIME_NS * 1e-9 + ((rows + 0.5) / 180 - 0.5) * READOUT_S
    due = k.cx - k.fx * 8.0 * (times - 1.0) / 10.0
    assert np.abs(middle - due).max() <= 1.0
    assert np.abs((middle - due).mean()) < 0.1
    slope = np.polyfit(rows, middle, 1)[0]
    assert slope == pytest.approx(-k.fx * 8.0 / 10.0 * READOUT_S / 180, rel=0.1)


def test_flow_leads_to_where_the_point_shows_in_the_next_frame() -> None:
    """Closed form: u(v, t) = u0 - f w t / d in both frames, each at the time of the row, which does not change."""
    engine, timeline = wall()
    sensor = still_eye(8.0)
    k = intrinsics_of(sensor)
    frame = camera_frame(engine, timeline, sensor, TIME_NS)
    face = (frame.part > 0) & (np.abs(frame.depth - 10.0) < 1e-3)
    assert face.sum() > 1000
    assert np.abs(frame.flow[face][:, 0] + k.fx * 8.0 / 10.0 * frame.flow_dt_ns * 1e-9).max() < 3e-3
    assert np.abs(frame.flow[face][:, 1]).max() < 1e-3


def test_flow_of_a_falling_thing_is_stretched_by_the_rows_it_passes() -> None:
    """Down the image at w px/s a point lands v' = v + w (dt + (v' - v) R / H): further than w dt."""
    world = make_world([Thing("wall", box_shape(4.0, "red"), (12.0, 0.0, 4.0), motion="dynamic")])
    timeline = gliding_timeline(world, (0.0, 0.0, -3.0))
    sensor = still_eye(0.0)
    k = intrinsics_of(sensor)
    frame = camera_frame(RayEngine(world), timeline, sensor, TIME_NS)
    speed_px_s = k.fy * 3.0 / 10.0
    face = (frame.part > 0) & (np.abs(frame.depth - 10.0) < 1e-3)
    due = speed_px_s * frame.flow_dt_ns * 1e-9 / (1 - speed_px_s * READOUT_S / 180)
    inside = face & (np.arange(180)[:, None] + due < 178)  # past the image the last row's time holds
    assert inside.sum() > 500
    assert np.abs(frame.flow[inside][:, 1] - due).max() < 2e-3


@pytest.mark.parametrize("name", BENT)
def test_pixels_see_what_rays_at_their_rows_times_meet(name: str) -> None:
    things = [FLOOR, Thing("car", car_shape(), (4.0, 1.0, 0.0), motion="vehicle")]
    things.append(Thing("ball", ball_shape(0.8, "red"), (3.0, -1.0, 0.5), motion="dynamic"))
    things.append(Thing("ego", car_shape("blue"), (-3.0, 0.0, 0.0), motion="vehicle"))
    world = make_world(things)
    timeline = gliding_timeline(world, (6.0, 2.0, 0.0), 3.0)
    engine = RayEngine(world)
    sensor = rolling(camera((2.2, 0.0, 1.5), (9.0, 0.5, 0.3), mount="ego"), **BENT[name])
    k: Intrinsics = intrinsics_of(sensor)
    frame = camera_frame(engine, timeline, sensor, TIME_NS)
    times = row_times_ns(TIME_NS, READOUT_S, k.height_px)
    at, turn = world_from_sensor_over(world, timeline, sensor, times)
    rays = k.depth_rays()
    seen = np.isfinite(rays[..., 0])
    rows, _ = np.nonzero(seen)
    hits = engine.cast_over(at[rows], np.einsum("nij,nj->ni", turn[rows], rays[seen]), times[rows], timeline)
    assert (frame.part[seen] == hits.part).mean() > 0.998
    same = (frame.part[seen] == hits.part) & hits.hit
    assert len(np.unique(frame.part)) > 4
    np.testing.assert_allclose(frame.depth[seen][same], hits.distance[same], rtol=3e-5)
    normal = np.einsum("nij,nj->ni", turn[rows], frame.normal[seen].astype(float))
    agree = np.einsum("ij,ij->i", normal[same], hits.normal[same])
    assert (agree > 0.998).mean() > 0.995


@pytest.mark.parametrize("name", BENT)
def test_no_part_shows_outside_its_window(name: str) -> None:
    """Fast parts close by, whose images move over many pixels between the first row and the last."""
    things = [
        Thing(f"ball{k}", ball_shape(0.8, "red"), (1.0 + k, 0.4 * k - 1, 0.5), motion="dynamic")
        for k in range(5)
    ]
    world = make_world(things)
    timeline = gliding_timeline(world, (3.0, 12.0, 5.0), 2.0)
    engine = RayEngine(world)
    sensor = rolling(camera((0.0, 6.0, 3.0), (4.0, 12.0, 4.0), 128, 72), **BENT[name])
    view = view_at(world, timeline, sensor, TIME_NS)
    whole = (slice(0, 72), slice(0, 128))
    reach, shown = view.windows(*engine.boxes), 0
    for part in world.parts:
        t, _, _, _ = engine.scene(part.mesh).cast(view.rays(part.part_id, whole))
        met = np.isfinite(t).reshape(72, 128)
        if met.any():
            inside = np.zeros_like(met)
            inside[reach[part.part_id].window] = True
            assert not (met & ~inside).any()
            assert reach[part.part_id].nearest_m <= t.min() + 1e-3
            shown += 1
    assert shown >= 2


def test_full_boxes_hold_masks_that_the_shutter_skews() -> None:
    engine, timeline = wall(25.0)
    frame = camera_frame(
        engine, timeline, rolling(camera((0.0, 24.0, 2.0), (10.0, 24.0, 2.0), 320, 180)), TIME_NS
    )
    (box,) = frame.boxes
    full, visible = np.array(box.full_box), np.array(box.visible_box)
    assert np.abs(full - visible).max() < 1.01
    assert box.truncation == 0.0


def test_a_readout_of_nothing_is_a_global_shutter() -> None:
    engine, timeline = wall()
    plain = camera((0.0, 0.0, 2.0), (10.0, 0.0, 2.0), 96, 54)
    shut = {**plain.settings, "shutter": {"exposure_s": 0.01, "readout_s": 0.0}}
    a = camera_frame(engine, timeline, plain, TIME_NS)
    b = camera_frame(engine, timeline, replace(plain, settings=shut), TIME_NS)
    assert a.depth.tobytes() == b.depth.tobytes()
    assert a.flow.tobytes() == b.flow.tobytes()


def test_row_times_straddle_the_time_stamp() -> None:
    times = row_times_ns(5_000_000, 0.004, 4)
    assert times.tolist() == [3_500_000, 4_500_000, 5_500_000, 6_500_000]
