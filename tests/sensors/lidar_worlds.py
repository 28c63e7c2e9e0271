"""Panels, panes and LiDARs of a few beams whose answers have closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.frames import Pose
from pairforge.sample import LidarFrame
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import Material, Mesh, Shape, ShapePart, World
from pairforge.seeding import Stream
from pairforge.sensors.lidar import sweep
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from tests.worlds import Thing, gliding_timeline, lidar

AT_NS = 500_000_000
WHITE = Material("white", (0.8, 0.8, 0.8), roughness=1.0, lidar_reflectivity=0.8)
GREY = Material("grey", (0.2, 0.2, 0.2), roughness=1.0, lidar_reflectivity=0.3)
PANE = Material("pane", (0.9, 0.9, 0.9), "glass", 0.02, transmission=1.0, ior=1.5, lidar_reflectivity=0.0)
MIRROR = Material("mirror", (0.9, 0.9, 0.9), "metal", 0.0, metallic=1.0, lidar_reflectivity=0.0)
SHEETING = Material("sheeting", (0.8, 0.8, 0.8), roughness=1.0, lidar_reflectivity=0.4, retro_cd_lx_m2=250.0)

BEAM = {"divergence_mrad": 4.0, "vertical_mrad": None, "subrays": 7, "pulse_m": 0.5, "returns": "strongest"}
RECEIVER = {
    "reach_m": 80.0, "reach_probability": 0.9, "threshold": 5.0, "rise_m": 0.15, "quantum_m": 0.0,
    "intensity": "calibrated", "full_scale": 1.0, "reference_m": 10.0, "bits": None,
}  # fmt: skip
SURFACES = {"gloss": False, "glass": True, "mirrors": True, "retro": True, "blooming_mrad": 0.0}


def panel(material: Material, wide_m: float, high_m: float) -> Shape:
    """An upright rectangle in its y-z plane, its lower edge's middle at the origin."""
    w = wide_m / 2
    vertices = np.array([[0, -w, 0], [0, w, 0], [0, w, high_m], [0, -w, high_m]], dtype=np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
    mesh = Mesh(vertices, faces, np.zeros(2, np.uint8), (material,), np.zeros(2, bool))
    part = ShapePart("panel", mesh, Pose.of())
    return Shape((part,), (0.01, wide_m, high_m), (0.0, 0.0, high_m / 2), 1.0, ())


def wall(
    name: str,
    material: Material,
    x_m: float,
    y_m: float = 0.0,
    wide_m: float = 40.0,
    yaw: float = 0.0,
    **more: Any,
) -> Thing:
    """A panel 20 m high about the LiDAR's height 0, which it faces when ``yaw`` is 0."""
    turn = Pose.of(yaw=yaw).quaternion_wxyz
    w, x, y, z = (float(v) for v in turn)
    return Thing(name, panel(material, wide_m, 20.0), (x_m, y_m, -10.0), (w, x, y, z), **more)


def eye(**settings: Any) -> ConcreteSensor:
    """A LiDAR at the origin whose single beam goes round level; ``settings`` on top."""
    base = lidar((0.0, 0.0, 0.0), beams=1, columns=360, max_range_m=100.0)
    own = {"elevation_deg": [0.0, 0.0], **settings}
    return ConcreteSensor(
        base.name, "lidar", None, base.position_m, base.quaternion_wxyz, {**base.settings, **own}
    )


def take(
    world: World, sensor: ConcreteSensor, timeline: Timeline | None = None, seed: int = 11
) -> LidarFrame:
    found = timeline or gliding_timeline(world, (0.0, 0.0, 0.0))
    return sweep(RayEngine(world), found, sensor, AT_NS, Stream(seed, "lidar"))


def azimuth(frame: LidarFrame) -> np.ndarray:
    """(N,) where each point's beam looked, from +x towards +y."""
    return np.arctan2(frame.points[:, 1].astype(float), frame.points[:, 0].astype(float))
