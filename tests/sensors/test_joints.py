"""Arms that move: joints follow what they are told, and image, masks, LiDAR and boxes follow the joints."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pybullet as p
import pybullet_data
import pytest

from pairforge.assets.ingest import Options, add
from pairforge.datasets.claims import prove
from pairforge.errors import SpecError
from pairforge.frames import Pose
from pairforge.pipeline import Stage, keyframes, prepare
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.joints import Hold, JointMotion, Swing, Through, target
from pairforge.scenes.placement import On
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene
from pairforge.sensors.mount import world_from_sensor, world_from_sensor_over

BULLET = Path(pybullet_data.getDataPath())
SECOND, FOURTH = "lbr_iiwa_joint_2", "lbr_iiwa_joint_4"
SWING = Swing(amplitude=0.9, period_s=2.0, centre=0.1)


_HOME = TemporaryDirectory(prefix="robots-")


@cache
def pack() -> Path:
    home = Path(_HOME.name)
    add(BULLET / "kuka_iiwa" / "model.urdf", home / "pack", Options(licence="Zlib", noun="arm"))
    add(BULLET / "r2d2.urdf", home / "pack", Options(licence="Zlib", noun="robot"))
    return home / "pack"


def scene(joints: dict[str, JointMotion] | None = None, **changes: object) -> Scene:
    arm = Prop(
        name="arm",
        shape=f"{pack()}:model",
        place=On("floor", x_m=0.0, y_m=0.0, yaw_deg=20.0),
        moves=False,
        joints={SECOND: SWING, FOURTH: Hold(at=-0.6)} if joints is None else joints,
    )
    return Scene(
        name="cell",
        setting=Empty(size_m=8.0),
        props=[replace(arm, **changes)],  # type: ignore[arg-type]
        sensors=[
            Camera(
                name="front",
                position_m=(-3.0, 0.0, 1.0),
                pitch_deg=-6.0,
                width_px=120,
                height_px=80,
                fov_deg=55.0,
            ),
            Lidar(
                name="mast", position_m=(-2.5, 0.4, 1.0), beams=24, columns=360, elevation_deg=(-25.0, 25.0)
            ),
        ],
        duration_s=1.0,
        keyframe_rate_hz=2.0,
        warm_up_s=0.5,
    )


@cache
def ready() -> Stage:
    return prepare(scene(), seed=3, index=0)


def bullets_own(time_s: float, joints: dict[str, float]) -> dict[str, Pose]:
    """Where PyBullet's own URDF loader puts the links of the arm, in the frame of its root."""
    client = p.connect(p.DIRECT)
    try:
        path = str(BULLET / "kuka_iiwa" / "model.urdf")
        body = p.loadURDF(path, useFixedBase=True, physicsClientId=client)
        found = {}
        count = p.getNumJoints(body, physicsClientId=client)
        names = [p.getJointInfo(body, k, physicsClientId=client) for k in range(count)]
        for k, info in enumerate(names):
            p.resetJointState(body, k, joints.get(info[1].decode(), 0.0), physicsClientId=client)
        for k, info in enumerate(names):
            state = p.getLinkState(body, k, computeForwardKinematics=1, physicsClientId=client)
            x, y, z, w = state[5]
            found[info[12].decode()] = Pose.of(state[4], (w, x, y, z))
        return found
    finally:
        p.disconnect(client)


@pytest.mark.parametrize("time_s", [0.0, 0.5, 1.1])
def test_links_are_where_bullets_own_kinematics_has_them(time_s: float) -> None:
    timeline, world = ready().timeline, ready().world
    (arm,) = world.instances
    own = bullets_own(time_s, {SECOND: 0.1 + 0.9 * np.sin(np.pi * time_s), FOURTH: -0.6})
    ids = {piece.name: k for piece, k in zip(arm.shape.parts, arm.part_ids, strict=True)}
    time_ns = round(time_s * 1e9)
    # Both trees hang on different roots: compare the last link as the first moving one sees it.
    near, far = "lbr_iiwa_link_1", "lbr_iiwa_link_7"
    ours = timeline.world_from_part(ids[near], time_ns).inverse @ timeline.world_from_part(ids[far], time_ns)
    theirs = own[near].inverse @ own[far]
    assert ours.position_m == pytest.approx(theirs.position_m, abs=0.003)
    assert abs(float(ours.quaternion_wxyz @ theirs.quaternion_wxyz)) == pytest.approx(1.0, abs=1e-4)


def test_the_arm_moves_in_image_masks_lidar_and_boxes_and_every_word_is_proved() -> None:
    frames = list(keyframes(ready(), RaycastRenderer(), "draft"))
    assert len(frames) == 2
    first, second = frames
    masks = [f.cameras["front"].instance == 1 for f in frames]
    assert masks[0].sum() > 150
    assert (masks[0] ^ masks[1]).sum() > 0.2 * masks[0].sum()
    pictures = [f.cameras["front"].rgb.astype(int) for f in frames]
    assert np.abs(pictures[0] - pictures[1])[masks[0] ^ masks[1]].mean() > 10.0
    assert first.cameras["front"].boxes[0].visible_box != second.cameras["front"].boxes[0].visible_box
    assert first.boxes[0].size_m != second.boxes[0].size_m
    for frame in frames:
        (box,), sweep = frame.boxes, frame.lidars["mast"]
        points = sweep.deskewed[sweep.instance == 1]
        assert len(points) > 20
        local = Pose.of(box.centre_m, box.quaternion_wxyz).inverse.points(
            sweep.world_from_lidar.points(points)
        )
        # The sweep ends at the keyframe and took 50 ms, in which the arm moved on by up to 7 cm.
        assert (np.abs(local) < np.array(box.size_m) / 2 + 0.1).all()
        assert prove(frame, ready().record) == []


def test_its_box_holds_every_pose_of_the_scene() -> None:
    timeline, world = ready().timeline, ready().world
    (arm,) = world.instances
    low, high = (np.array(arm.centre_m) + s * np.array(arm.size_m) / 2 for s in (-1, 1))
    body = arm.world_from_body.inverse
    for time_ns in range(0, int(timeline.times_ns[-1]), 100_000_000):
        for part_id, piece in zip(arm.part_ids, arm.shape.parts, strict=True):
            points = (body @ timeline.world_from_part(part_id, time_ns)).points(piece.mesh.vertices)
            assert (points > low - 0.02).all()
            assert (points < high + 0.02).all()


def test_a_free_robot_stands_while_its_head_turns() -> None:
    head = {"head_swivel": Swing(amplitude=0.8, period_s=1.5)}
    made = prepare(scene(head, shape=f"{pack()}:r2d2", moves=True), seed=3, index=0)
    (robot,) = made.world.instances
    track = made.timeline.bodies[1]
    assert np.linalg.norm(track.positions_m[-1] - track.positions_m[0]) < 0.1
    ids = {piece.name: k for piece, k in zip(robot.shape.parts, robot.part_ids, strict=True)}
    turned = made.timeline.parts[ids["head"]]
    assert np.ptp([Pose(turned.positions_m[k], q).yaw for k, q in enumerate(turned.quaternions_wxyz)]) > 1.2


def test_targets_ease_through_their_way_points() -> None:
    motion = {"kind": "through", "times_s": [1.0, 2.0, 3.0], "values": [0.0, 1.0, 0.5]}
    assert [target(motion, t) for t in (0.0, 1.0, 1.5, 2.0, 3.0, 9.0)] == [0.0, 0.0, 0.5, 1.0, 0.5, 0.5]
    assert target(motion, 1.1) < 0.03, "it starts gently"


def test_values_are_draws_of_their_own_and_can_be_replaced() -> None:
    swung = scene({SECOND: Swing(amplitude=Uniform(0.2, 0.9), period_s=2.0)})
    usual = resolve(swung, seed=3)
    twin = resolve(swung, seed=3, do={f"arm.joints.{SECOND}.amplitude": 0.5})
    assert twin.items[-1].behaviour["joints"][SECOND]["amplitude"] == 0.5
    assert {k for k in usual.draws if usual.draws[k] != twin.draws[k]} == {f"arm.joints.{SECOND}.amplitude"}


@pytest.mark.parametrize(
    ("joints", "says"),
    [
        ({"lbr_iiwa_joint_22": Hold(at=0.0)}, "does not have. Did you mean"),
        ({SECOND: Hold(at=9.0)}, "its limits are"),
        ({SECOND: Swing(amplitude=0.1, period_s=0.0)}, "at least 0.1 s"),
        ({SECOND: Through(times_s=(1.0, 1.0), values=(0.0, 0.1))}, "in ascending order"),
    ],
)
def test_a_wrong_motion_is_refused_with_a_remedy(joints: dict[str, JointMotion], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        resolve(scene(joints), seed=1)


@pytest.mark.parametrize("over", [False, True])
def test_what_is_mounted_on_a_link_goes_where_the_link_goes(over: bool) -> None:
    wrist = Camera(name="wrist", mount="arm:lbr_iiwa_link_7", position_m=(0.0, 0.0, 0.1), width_px=32)
    made = prepare(replace(scene(), sensors=[wrist]), seed=3, index=0)
    (arm,), (sensor,) = made.world.instances, made.concrete.sensors
    ids = {piece.name: k for piece, k in zip(arm.shape.parts, arm.part_ids, strict=True)}
    for time_ns in (0, 333_333_333, 700_000_000):
        link = made.timeline.world_from_part(ids["lbr_iiwa_link_7"], time_ns)
        if over:
            times = np.array([time_ns], dtype=np.int64)
            position, turn = (x[0] for x in world_from_sensor_over(made.world, made.timeline, sensor, times))
        else:
            pose = world_from_sensor(made.world, made.timeline, sensor, time_ns)
            position, turn = pose.position_m, pose.rotation
        np.testing.assert_allclose(position, link.points([0.0, 0.0, 0.1]), atol=1e-12)
        # It looks along the link's x axis: the camera's z is the link's x, its y the link's -z.
        np.testing.assert_allclose(turn[:, 2], link.rotation[:, 0], atol=1e-12)
        np.testing.assert_allclose(turn[:, 1], -link.rotation[:, 2], atol=1e-12)


@pytest.mark.parametrize(
    ("mount", "says"),
    [
        ("arm:lbr_iiwa_link_77", 'Camera "wrist".*part "lbr_iiwa_link_77".*Did you mean "lbr_iiwa_link_7"'),
        ("arn:lbr_iiwa_link_7", 'mounted on "arn".*Did you mean "arm"'),
    ],
)
def test_a_mount_that_is_not_there_is_refused_with_a_suggestion(mount: str, says: str) -> None:
    wrist = Camera(name="wrist", mount=mount, position_m=(0.0, 0.0, 0.1), width_px=32)
    with pytest.raises(SpecError, match=says):
        resolve(replace(scene(), sensors=[wrist]), seed=3)
