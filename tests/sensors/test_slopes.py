"""Hills made of triangles: who drives, rides or walks over them keeps to the ground, and who stands stays."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pairforge.frames import F64, Pose, Track, rotation
from pairforge.scenes.families import family
from pairforge.scenes.world import Collider, Lane, Material, Mesh, Shape, ShapePart
from pairforge.seeding import Stream
from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline
from tests.worlds import Thing, car_shape, make_concrete, make_world, outside_box_m

STATIONS = np.arange(-20.0, 141.0, 2.0)
"""The mesh has a seam across the road every 2 m, and one along its middle."""
GRADE = 0.05


def true_height(x: F64) -> F64:
    """Level, up at 5 % from 20 m on, over a crest at 70 m, down again: 300 m of radius throughout."""
    fine = np.arange(-20.0, 141.0, 0.01)
    slope = np.interp(fine, [5.0, 20.0, 55.0, 85.0, 120.0, 135.0], [0.0, GRADE, GRADE, -GRADE, -GRADE, 0.0])
    return np.asarray(1.0 + np.interp(x, fine, np.cumsum(slope) * 0.01), dtype=np.float64)


HEIGHTS = true_height(STATIONS)


def ground(x: F64) -> F64:
    """Height of the mesh, which is straight between its seams."""
    return np.interp(x, STATIONS, HEIGHTS)


def hill() -> Thing:
    across = np.array([-6.0, 0.0, 6.0])
    x, y = np.meshgrid(STATIONS, across, indexing="ij")
    points = np.stack([x, y, ground(x)], axis=-1).reshape(-1, 3)
    corner = (np.arange(len(STATIONS) - 1)[:, None] * 3 + np.arange(2)).ravel()
    faces = np.concatenate(
        [np.stack([corner, corner + 3, corner + 4], 1), np.stack([corner, corner + 4, corner + 1], 1)]
    ).astype(np.int32)
    grey = (Material("grey", (0.3, 0.3, 0.3)),)
    none = np.zeros(len(faces), np.uint8)
    mesh = Mesh(points.astype(np.float32), faces, none, grey, none.astype(bool))
    shape = Shape(
        parts=(ShapePart("hill", mesh, Pose.of()),),
        size_m=(160.0, 12.0, 4.0),
        centre_m=(60.0, 0.0, 2.0),
        mass_kg=0.0,
        colliders=(Collider("mesh", Pose.of(), points=points, faces=faces),),
        friction=1.0,
    )
    return Thing("hill", shape, semantic="terrain", noun="hill")


LANE = Lane(1, np.column_stack([STATIONS, 0.0 * STATIONS, HEIGHTS]), 3.5, 13.9)


def run(shape: Shape, motion: str, x_m: float, seconds: float, **behaviour: object) -> Timeline:
    slope = float(ground(np.array(x_m + 0.1)) - ground(np.array(x_m - 0.1))) / 0.2
    half = -np.arctan(slope) / 2 if motion != "walker" else 0.0
    who = Thing(
        "who",
        shape,
        (x_m, 0.0, float(ground(np.array(x_m)))),
        (float(np.cos(half)), 0.0, float(np.sin(half)), 0.0),
        semantic="car",
        motion=motion,
        behaviour=behaviour,
    )
    things = (who, hill())
    return simulate(make_world(things, [LANE]), make_concrete(things, [LANE], duration_s=seconds))


def tyre_gaps(timeline: Timeline) -> F64:
    """(W, T) metres from each tyre's circle to the nearest piece of the mesh's profile; negative inside."""
    instance = timeline.world.instance(1)
    ids = dict(zip((q.name for q in instance.shape.parts), instance.part_ids, strict=True))
    a = np.column_stack([STATIONS, HEIGHTS])[:-1]
    step = np.diff(np.column_stack([STATIONS, HEIGHTS]), axis=0)
    gaps = []
    for wheel in instance.shape.wheels:
        hub = timeline.parts[ids[wheel.part]].positions_m[:, None, [0, 2]]
        t = (((hub - a) * step).sum(axis=2) / (step**2).sum(axis=1)).clip(0.0, 1.0)
        gaps.append(np.linalg.norm(hub - a - t[..., None] * step, axis=2).min(axis=1) - wheel.radius_m)
    return np.array(gaps)


def along(track: Track) -> F64:
    """(T - 1,) m/s from positions."""
    return np.linalg.norm(np.diff(track.positions_m, axis=0), axis=1) / 0.01


@cache
def drive() -> Timeline:
    return run(car_shape(), "vehicle", 0.0, 8.0, kind="drive", lane_id=1, speed_mps=14.0)


def test_a_car_keeps_its_tyres_on_a_hill_and_its_body_off_it() -> None:
    timeline = drive()
    gaps = tyre_gaps(timeline)
    assert timeline.bodies[1].positions_m[-1, 0] > 105.0
    assert gaps.min() > -0.005
    assert gaps.max() < 0.01
    assert np.abs(timeline.bodies[1].positions_m[:, 1]).max() < 0.01
    assert timeline.contacts == ()


def test_seams_of_the_mesh_neither_shake_nor_slow_a_car() -> None:
    timeline = drive()
    assert along(timeline.bodies[1])[:550] == pytest.approx(14.0, abs=0.15)
    # 14 m/s over 300 m of radius is 0.65 m/s^2; what is more is the mesh's corners through the springs.
    assert np.abs(timeline.accelerations[1][:, 2]).max() < 1.5


def test_a_car_starts_on_the_slope_with_its_speed_along_it() -> None:
    timeline = run(car_shape(), "vehicle", 25.0, 1.0, kind="drive", lane_id=1, speed_mps=10.0)
    assert timeline.velocities[1][0] == pytest.approx(10.0 * np.array([1.0, 0.0, GRADE]), abs=0.03)
    assert np.abs(tyre_gaps(timeline)).max() < 0.005


def test_a_car_that_stands_on_a_slope_stays() -> None:
    told = {"kind": "drive", "lane_id": 1, "speed_mps": 0.0, "stop_at_s_m": 45.0}
    timeline = run(car_shape(), "vehicle", 25.0, 4.0, **told)
    at = timeline.bodies[1].positions_m
    assert np.linalg.norm(at[-1] - at[0]) < 0.01
    pitch = rotation(timeline.bodies[1].quaternions_wxyz).as_euler("ZYX")[-1, 1]
    assert -pitch == pytest.approx(np.arctan(GRADE), abs=0.005)


def figure(name: str) -> Shape:
    kind = family(name)
    return kind.build(kind.draw(Stream(2)), None)


def lowest(timeline: Timeline) -> F64:
    """Height over the mesh of the lowest vertex of any part, at every tenth knot."""
    world = timeline.world
    out = []
    for k in range(0, len(timeline.times_ns), 10):
        low = []
        for part_id in world.instance(1).part_ids:
            track = timeline.parts[part_id]
            points = Pose(track.positions_m[k], track.quaternions_wxyz[k]).points(
                world.part(part_id).mesh.vertices
            )
            low.append((points[:, 2] - ground(points[:, 0])).min())
        out.append(min(low))
    return np.array(out)


@pytest.mark.parametrize("x_m", [10.0, 64.0, 100.0], ids=["up", "over", "down"])
def test_a_walker_has_a_sole_on_the_hill_and_is_in_its_box(x_m: float) -> None:
    path = [[x_m, 0.0, 0.0], [x_m + 30.0, 0.0, 0.0]]
    timeline = run(figure("pedestrian"), "walker", x_m, 4.0, kind="walk", speed_mps=1.5, path=path)
    assert timeline.bodies[1].positions_m[-1, 0] > x_m + 4.0
    assert np.abs(lowest(timeline)).max() < 0.005
    assert outside_box_m(timeline, 1).max() < 0.01


@pytest.mark.parametrize("x_m", [0.0, 60.0], ids=["up", "over"])
def test_a_cyclist_rides_both_wheels_over_the_hill(x_m: float) -> None:
    timeline = run(figure("cyclist"), "cyclist", x_m, 5.0, kind="cycle", lane_id=1, speed_mps=6.0)
    gaps = tyre_gaps(timeline)
    assert timeline.bodies[1].positions_m[-1, 0] > x_m + 25.0
    assert np.abs(gaps).max() < 0.005


def test_a_cyclist_leans_into_a_bend_as_balance_asks() -> None:
    angle = np.arange(0.0, 2.0, 0.05)
    arc = np.column_stack([15.0 * np.sin(angle), 15.0 * (1 - np.cos(angle)), 0.0 * angle])
    lane = Lane(1, arc, 3.5, 13.9)
    who = Thing(
        "who",
        figure("cyclist"),
        semantic="cyclist",
        motion="cyclist",
        behaviour={"kind": "cycle", "lane_id": 1, "speed_mps": 5.0},
    )
    timeline = simulate(make_world((who,), [lane]), make_concrete((who,), [lane], duration_s=4.0))
    lean = rotation(timeline.bodies[1].quaternions_wxyz).as_euler("ZYX")[150:350, 2]
    assert -lean.mean() == pytest.approx(np.arctan(25.0 / 15.0 / 9.81), rel=0.2)
    assert np.ptp(lean) < np.radians(2.0)
