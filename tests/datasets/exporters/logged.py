"""The datasets that tests of exporters, importers and loaders read: made once a run, shared by its processes."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest

from pairforge.generate import Request, generate
from pairforge.rigs import rig
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.library.inspection import PLATE
from pairforge.scenes.library.robot import PICK as ROBOT_PICK
from pairforge.scenes.library.tabletop import SUPPORT
from pairforge.scenes.placement import At
from pairforge.scenes.spec import Camera, Framed, Lidar, Prop, Scene
from pairforge.scenes.splits import Split
from pairforge.sensors.joint_states import JointStates
from pairforge.sensors.radar import Radar
from tests.farm.here import Here

UNUSED = ("RADAR_FRONT_LEFT", "RADAR_FRONT_RIGHT", "RADAR_BACK_RIGHT")
SWEPT = ("LIDAR_TOP", "RADAR_FRONT", "CAM_FRONT")
FEWER = {Radar: {"rays": 6000, "chirps": 32}}

SURROUND = replace(
    STREET,
    name="surround",
    sensors=[
        replace(s, sweeps=s.name in SWEPT, **FEWER.get(type(s), {})) if isinstance(s, Framed) else s
        for s in rig("nuscenes", mount="ego", leave_out=UNUSED, scale=0.15, columns=360, rate_hz=8.0)
    ],
    duration_s=1.5,
    keyframe_rate_hz=2.0,
    captions=("short", "driving"),
    languages=("en", "de"),
)
"""A street through nuScenes' rig: six cameras of 240 x 135, a thinned LiDAR, two thinned radars, IMU, GNSS and bus;
three keyframes at 2 Hz, with the sweeps between them of the LiDAR, a radar and the front camera, all at 8 Hz."""

KITTI = replace(
    STREET,
    name="kitti",
    sensors=[
        replace(s, labels=()) if isinstance(s, Camera) else s
        for s in rig("kitti", mount="ego", scale=0.2, columns=500)
    ],
    duration_s=0.3,
    keyframe_rate_hz=10.0,
    captions=(),
)
"""A street through KITTI's rig: four cameras of 248 x 75 in two pairs, a thinned LiDAR, IMU and GNSS; three keyframes
at 10 Hz."""

TABLE = replace(
    SUPPORT,
    name="table",
    sensors=[
        replace(s, width_px=160, height_px=120, labels=("amodal", "keypoints"))
        if isinstance(s, Camera)
        else s
        for s in SUPPORT.sensors
        if isinstance(s, Camera | Lidar)
    ],
    duration_s=1.0,
)
"""Things on a table, small."""

CROWD = Scene(
    name="crowd",
    props=[
        Prop(name="walker", shape="pedestrian", place=At((0.5, -1.0, 0.0), yaw_deg=150.0), moves=False),
        Prop(name="second", shape="pedestrian", place=At((2.6, 0.2, 0.0), yaw_deg=90.0), moves=False),
        Prop(name="rider", shape="cyclist", place=At((3.0, 1.9, 0.0), yaw_deg=200.0), moves=False),
        Prop(name="car", shape="hatchback", place=At((6.5, -0.5, 0.0), yaw_deg=150.0), moves=False),
    ],
    sensors=[
        Camera(name="front", position_m=(-3.0, 0.0, 1.4), width_px=208, height_px=117, labels=("keypoints",)),
        Camera(
            name="wide",
            position_m=(-1.0, 0.0, 1.4),
            width_px=96,
            height_px=96,
            model="kannala_brandt",
            distortion=(0.0, 0.0, 0.0, 0.0),
            fov_deg=180.0,
            circle_deg=150.0,
        ),
    ],
    duration_s=0.2,
    keyframe_rate_hz=5.0,
    warm_up_s=0.2,
    split=Split(part="validation"),
)
"""People, a rider and a car, standing; the second camera is a fisheye whose circle ends within its picture."""

PART = replace(
    PLATE,
    name="part",
    sensors=[replace(s, width_px=320, height_px=180) for s in PLATE.sensors if isinstance(s, Camera)],
)
"""A plate with defects."""


PICK = replace(
    ROBOT_PICK,
    name="pick",
    sensors=[
        replace(s, width_px=64, height_px=48) if isinstance(s, Camera) else s
        for s in ROBOT_PICK.sensors
        if s.name == "front" or isinstance(s, JointStates)
    ],
    require=[],
    duration_s=1.5,
)
"""An arm that reaches for a block, its joints and one small camera."""


def made(tmp_path_factory: pytest.TempPathFactory, name: str, scenes: int) -> Path:
    """The dataset of a spec of this module, made by the first process that asks for it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    out = shared / f"logged-{name.lower()}"
    with (shared / f"{out.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        request = Request(
            spec=f"{Path(__file__)}:{name}",
            out=out,
            scenes=scenes,
            seed=5,
            renderer="raycast",
            quality="draft",
        )
        outcome = generate(request, Here())
        assert not outcome.failed, outcome.failed
    return out
