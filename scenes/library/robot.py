"""Robots at work: an arm on a table that pushes one thing and picks up another, with all that it senses by."""

from __future__ import annotations

import math

from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.library.tabletop import Room
from pairforge.scenes.placement import On
from pairforge.scenes.reach import At, through
from pairforge.scenes.requirements import Kept, Visible
from pairforge.scenes.spec import Camera, Prop, Scene, Weather
from pairforge.sensors.contact import ContactSensor
from pairforge.sensors.depth_camera import DepthCamera
from pairforge.sensors.force_torque import ForceTorque
from pairforge.sensors.joint_states import JointStates

TABLE = Prop(
    name="table",
    shape="table",
    params={"length_m": 1.4, "width_m": 0.84},
    moves=False,
    place=On("floor", x_m=0.6, y_m=0.6, yaw_deg=-90.0),
)
_TURN_DEG = math.degrees(math.atan2(0.12, 0.40))
"""The gripper is turned by as much as the waist, so that it closes along the table's edge."""
PICK_WAY = through(
    [
        At(0.0, (0.34, 0.0, 0.26), open_m=0.04),
        At(0.7, (0.40, 0.12, 0.14), open_m=0.04, roll_deg=_TURN_DEG),
        At(1.3, (0.40, 0.12, 0.018), open_m=0.04, roll_deg=_TURN_DEG),
        At(1.7, (0.40, 0.12, 0.018), open_m=0.010, roll_deg=_TURN_DEG),
        At(2.5, (0.40, 0.12, 0.18), open_m=0.010, roll_deg=_TURN_DEG),
        At(3.6, (0.38, -0.16, 0.18), open_m=0.010),
    ]
)
ARM = Prop(
    name="arm",
    shape="robot_arm",
    colour=Choice("orange", "white", "yellow"),
    place=On("table", x_m=0.0, y_m=0.18, yaw_deg=-90.0),
    moves=False,
    joints=PICK_WAY,
)

THINGS = (
    Prop(
        name="block",
        shape="box",
        colour=Choice("red", "blue", "green", "yellow"),
        material="wood",
        size_m=Uniform(0.046, 0.052),
        params={"width_ratio": Uniform(0.85, 1.0), "height_ratio": Uniform(0.85, 1.0)},
        place=On("table", x_m=Uniform(0.115, 0.125), y_m=Uniform(-0.225, -0.215), yaw_deg=Uniform(-6.0, 6.0)),
    ),
    Prop(
        name="tin",
        shape=Choice("tin", "can", "mug"),
        place=On("table", x_m=Uniform(-0.42, -0.36), y_m=Uniform(-0.12, -0.02)),
    ),
    Prop(
        name="fruit",
        shape=Choice("orange", "lemon", "apple", "pear"),
        place=On("table", x_m=Uniform(0.30, 0.40), y_m=Uniform(-0.10, 0.05)),
    ),
    Prop(
        name="tray",
        shape=Choice("bowl", "plate"),
        place=On("table", x_m=Uniform(-0.20, -0.14), y_m=Uniform(-0.24, -0.20)),
    ),
)

_HAND = "arm:hand"
PICK = Scene(
    name="robot.pick",
    setting=Room(),
    props=[TABLE, ARM, *THINGS],
    sensors=[
        Camera(
            name="front",
            look_at=(0.52, 0.6, 0.97),
            distance_m=Uniform(1.4, 1.5),
            azimuth_deg=Uniform(195.0, 215.0),
            elevation_deg=Uniform(18.0, 26.0),
            fov_deg=46.0,
        ),
        Camera(name="wrist", mount=_HAND, position_m=(0.039, 0.008, 0.060), pitch_deg=-18.0, fov_deg=75.0),
        DepthCamera(
            name="depth",
            mount=_HAND,
            position_m=(0.039, 0.030, 0.060),
            pitch_deg=-18.0,
            fov_deg=75.0,
            min_range_m=0.1,
            max_range_m=3.0,
            colour="wrist",
        ),
        JointStates(name="joints", mount="arm"),
        ForceTorque(name="wrist_force", mount=_HAND),
        ContactSensor(name="touch_left", mount="arm:finger_left"),
        ContactSensor(name="touch_right", mount="arm:finger_right"),
    ],
    weather=Weather(
        sun_elevation_deg=Uniform(34.0, 48.0), sun_azimuth_deg=Uniform(200.0, 245.0), cloudiness=0.3
    ),
    require=[Visible("block", at_least_px=150), Kept("table")],
    duration_s=4.0,
    keyframe_rate_hz=2.0,
    warm_up_s=0.2,
)
"""An arm closes its gripper on a block, lifts it and carries it across; it sees by a camera and depth on its wrist,
and feels by its joints, wrist and fingers."""
