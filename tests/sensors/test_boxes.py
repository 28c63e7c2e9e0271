"""3D boxes against the geometry they must hold."""

from __future__ import annotations

import numpy as np

from pairforge.frames import Pose
from pairforge.seeding import Stream
from pairforge.sensors.boxes import boxes3d
from pairforge.sensors.labels import camera_frame
from pairforge.sensors.lidar import sweep
from pairforge.sensors.ray_engine import RayEngine
from tests.worlds import (
    FLOOR,
    Thing,
    box_shape,
    camera,
    car_shape,
    gliding_timeline,
    lidar,
    make_world,
    small_world,
)

AT_NS = 500_000_000


def test_points_of_an_instance_lie_in_its_box() -> None:
    turned = (0.9, 0.0, 0.0, 0.4358899)
    things = [FLOOR, Thing("car", car_shape(), (5.0, 1.0, 0.0), turned, semantic="car", motion="vehicle")]
    world = make_world(things)
    timeline = gliding_timeline(world, (0.5, -1.0, 0.0))
    frame = camera_frame(RayEngine(world), timeline, camera(), AT_NS)
    (box,) = boxes3d(world, timeline, AT_NS, {"front": frame}, {}, None)
    pose = Pose.of(box.centre_m, box.quaternion_wxyz)
    on_car = frame.instance == 1
    xyz = frame.world_from_camera.points((frame.intrinsics.rays() * frame.depth[..., None])[on_car])
    inside = np.abs(pose.inverse.points(xyz)) <= np.array(box.size_m) / 2 + 0.02
    assert on_car.sum() > 50
    assert inside.all()
    assert box.visible_px == on_car.sum()
    np.testing.assert_allclose(box.velocity_mps, (0.5, -1.0, 0.0))


def test_every_boxed_thing_has_a_box_but_the_ego() -> None:
    things = [
        FLOOR,
        Thing("ego", car_shape(), motion="vehicle", semantic="car"),
        Thing("seen", box_shape(1.0, "red"), (5.0, 0.0, 0.0)),
        Thing("hidden", box_shape(0.5, "blue"), (7.0, 0.0, 0.0)),
        Thing("house", box_shape(5.0, "grey"), (30.0, 0.0, 0.0), semantic="building"),
    ]
    world = make_world(things)
    boxes = boxes3d(world, gliding_timeline(world), AT_NS, {}, {}, "ego")
    assert [b.instance_id for b in boxes] == [2, 3]
    assert len(boxes3d(world, gliding_timeline(world), AT_NS, {}, {}, None)) == 3


def test_counts_are_the_most_pixels_of_any_camera_and_the_sum_over_lidars() -> None:
    world = small_world()
    timeline, engine = gliding_timeline(world), RayEngine(world)
    frames = {
        name: camera_frame(engine, timeline, camera(eye_m=eye, name=name), AT_NS)
        for name, eye in (("a", (-1.0, 0.0, 1.5)), ("b", (1.0, 3.0, 1.0)))
    }
    sweeps = {
        name: sweep(engine, timeline, lidar(where, columns=180), AT_NS, Stream(1))
        for name, where in (("x", (0.0, 0.0, 1.2)), ("y", (2.0, 2.0, 1.0)))
    }
    for box in boxes3d(world, timeline, AT_NS, frames, sweeps, None):
        k = box.instance_id
        assert box.visible_px == max((f.instance == k).sum() for f in frames.values())
        assert box.lidar_points == sum((s.instance == k).sum() for s in sweeps.values())
