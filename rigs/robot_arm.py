"""As a robot arm carries them: colour and depth at the wrist, joints, the wrist's force, a finger's touch.

Rates are those usual of such robots: cameras 30 Hz, joints and forces 500 Hz. Parts are those of the library's
``robot_arm`` (hand, finger_left); for another robot leave out what it lacks.
"""

from __future__ import annotations

from pairforge.scenes.spec import Camera, Sensor
from pairforge.sensors.contact import ContactSensor
from pairforge.sensors.depth_camera import DepthCamera
from pairforge.sensors.force_torque import ForceTorque
from pairforge.sensors.joint_states import JointStates

SENSORS: tuple[Sensor, ...] = (
    Camera(
        name="wrist",
        mount=":hand",
        position_m=(0.039, 0.008, 0.060),
        pitch_deg=-18.0,
        width_px=640,
        height_px=480,
        fov_deg=69.0,
        rate_hz=30.0,
    ),
    DepthCamera(
        name="wrist_depth", mount=":hand", position_m=(0.039, 0.030, 0.060), pitch_deg=-18.0, colour="wrist"
    ),
    JointStates(name="joints", rate_hz=500.0),
    ForceTorque(name="wrist_force", mount=":hand"),
    ContactSensor(name="touch", mount=":finger_left"),
)
"""Mounts that begin with a colon are parts of what carries the rig."""
