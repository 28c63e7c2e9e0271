"""The datasets that tests of exporters, importers and loaders read: made once a run, shared by its processes."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest

from pairforge.farm.local import LocalExecutor
from pairforge.generate import Request, generate
from pairforge.rigs import rig
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.library.tabletop import SUPPORT
from pairforge.scenes.spec import Camera, Framed, Lidar

UNUSED = ("RADAR_FRONT_LEFT", "RADAR_FRONT_RIGHT", "RADAR_BACK_RIGHT")
SWEPT = ("LIDAR_TOP", "RADAR_FRONT", "CAM_FRONT")

SURROUND = replace(
    STREET,
    name="surround",
    sensors=[
        replace(s, sweeps=s.name in SWEPT) if isinstance(s, Framed) else s
        for s in rig("nuscenes", mount="ego", leave_out=UNUSED, scale=0.15, columns=360, rate_hz=8.0)
    ],
    duration_s=1.5,
    keyframe_rate_hz=2.0,
    captions=("short", "driving"),
    languages=("en", "de"),
)
"""A street through nuScenes' rig: six cameras of 240 x 135, a thinned LiDAR, two radars, IMU, GNSS and bus; three
keyframes at 2 Hz, with the sweeps between them of the LiDAR, a radar and the front camera, all at 8 Hz."""

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
        generate(request, LocalExecutor(1))
    return out
