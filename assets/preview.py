"""A picture of one asset on a plain floor, by the preview renderer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pairforge.frames import Intrinsics, Pose
from pairforge.renderers.protocol import View
from pairforge.renderers.raycast import preview as picture_of
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.placement import At
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Prop, Scene, Weather

WIDTH_PX, HEIGHT_PX = 640, 480
FOV_DEG = 40.0


def preview(name: str, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 sRGB of the asset "FOLDER:ID", seen from its front left, filling most of the picture."""
    size_m = float(
        np.linalg.norm(build(resolve(_scene(name, 1.0, width_px, height_px), 0)).instances[0].size_m)
    )
    return _picture(resolve(_scene(name, size_m, width_px, height_px), 0))


def save(picture: NDArray[np.uint8], path: Path) -> None:
    Image.fromarray(picture).save(path, format="PNG")


def _scene(name: str, size_m: float, width_px: int, height_px: int) -> Scene:
    """The asset alone; ``size_m`` is the diagonal that must be seen."""
    distance_m = 0.65 * size_m / np.tan(np.radians(FOV_DEG / 2))
    return Scene(
        name="preview",
        setting=Empty(size_m=float(np.clip(60 * size_m, 20.0, 1e4))),
        props=[Prop(name="asset", shape=name, place=At((0.0, 0.0, 0.0)), moves=False)],
        sensors=[
            Camera(
                name="eye",
                look_at="asset",
                distance_m=float(distance_m),
                azimuth_deg=35.0,
                elevation_deg=20.0,
                width_px=width_px,
                height_px=height_px,
                fov_deg=FOV_DEG,
            )
        ],
        weather=Weather(sun_elevation_deg=48.0, sun_azimuth_deg=75.0, cloudiness=0.1),
    )


def _picture(concrete: ConcreteScene) -> NDArray[np.uint8]:
    eye = concrete.sensors[0]
    s = eye.settings
    k = Intrinsics(s["width_px"], s["height_px"], s["fx"], s["fy"], s["cx"], s["cy"])
    return picture_of(build(concrete), View(k, Pose.of(eye.position_m, eye.quaternion_wxyz), {}), "high")
