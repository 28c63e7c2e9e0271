"""A depth camera: the depth image that structured light or active stereo measures, with its errors.

Depth is found by matching between two viewpoints ``baseline_m`` apart, the second to the right of the first: a
projector (structured light) or another imager (active stereo). With ``f`` the focal length in pixels of the matching,
z = f b / d, so an error of disparity s makes one of z^2 s / (f b). The measurement's stages are in ``depth_noise``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import Pose
from pairforge.sample import Reading
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.scenes.distributions import Value
from pairforge.scenes.spec import Aimed, Camera, Scene
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pairforge.frames import F64


@dataclass(frozen=True, kw_only=True)
class DepthCamera(Aimed):
    """Measured z-depth, aligned with its own image; the defaults are those of a small active stereo camera.

    ``matching_px``: width of the image that is matched, of which ``width_px`` is kept. ``disparity_sigma_px`` and
    ``disparity_step_px``: noise and resolution of a disparity in it. ``window_px``: half the width, in the image
    kept, of the window that is matched: near edges the foreground spreads by up to as much. ``flying_share``: of the
    pixels at an edge, those between both depths. ``reach_m``: where a facing surface that sends back a tenth of the
    light is just measured in the dark; ``sunlight``: how many times weaker the light counts in full sun.
    ``hole_share``: pixels lost for no reason that is modelled. ``colour``: a camera into whose image the depth is
    carried too.
    """

    KIND: ClassVar[str] = "depth_camera"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "width_px": (1, 4096),
        "height_px": (1, 4096),
        "baseline_m": (0.001, 10.0),
        "matching_px": (1, 16384),
        "disparity_sigma_px": (0.0, 10.0),
        "disparity_step_px": (0.0, 10.0),
        "window_px": (0, 50),
        "flying_share": (0.0, 1.0),
        "min_range_m": (0.0, 1000.0),
        "max_range_m": (0.01, 10_000.0),
        "reach_m": (0.01, 10_000.0),
        "sunlight": (0.0, 10_000.0),
        "hole_share": (0.0, 1.0),
    }

    width_px: int = 320
    height_px: int = 240
    fov_deg: Value[float] = 70.0
    method: Literal["active_stereo", "structured_light"] = "active_stereo"
    baseline_m: Value[float] = 0.05
    matching_px: int = 848
    disparity_sigma_px: Value[float] = 0.08
    disparity_step_px: float = 1 / 32
    window_px: int = 2
    flying_share: float = 0.3
    min_range_m: float = 0.2
    max_range_m: float = 6.0
    reach_m: float = 5.0
    sunlight: float = 1.0
    hole_share: float = 0.002
    colour: str | None = None

    def check(self, scene: Scene) -> None:
        cameras = [s.name for s in scene.sensors if isinstance(s, Camera)]
        if self.colour is not None and self.colour not in cameras:
            raise SpecError(
                f'DepthCamera "{self.name}": colour names "{self.colour}", which is no Camera of the scene. '
                f"{did_you_mean(self.colour, cameras)}"
            )
        if self.min_range_m >= self.max_range_m:
            raise SpecError(
                f'DepthCamera "{self.name}": min_range_m {self.min_range_m:g} must lie below max_range_m '
                f"{self.max_range_m:g}"
            )


STRUCTURED_LIGHT: Mapping[str, Any] = {
    "method": "structured_light",
    "fov_deg": 57.0,
    "baseline_m": 0.075,
    "matching_px": 640,
    "disparity_sigma_px": 1 / 16,
    "disparity_step_px": 1 / 8,
    "window_px": 2,
    "flying_share": 0.1,
    "min_range_m": 0.5,
    "max_range_m": 5.0,
    "reach_m": 6.0,
    "sunlight": 100.0,
}
"""Fields of a first-generation structured-light camera, as ``DepthCamera(name="depth", **STRUCTURED_LIGHT)``:
baseline, resolution and noise of disparity after K. Khoshelham and S. O. Elberink, "Accuracy and resolution of Kinect
depth data for indoor mapping applications" (2012), who find a standard deviation of 1.4 mm at 1 m and 36 mm at 5
m."""

MEASURED, EDGE, NOTHING, NEAR, FAR, HIDDEN, WEAK, MIRROR, HOLE = range(9)
"""Why a pixel has its depth, or none: see ``ARRAYS``."""

ARRAYS = (
    ArraySpec("depth_m", "npy", "float32", ("H", "W"), "m", "camera", "z-depth as measured; 0: none"),
    ArraySpec(
        "status",
        "png",
        "uint8",
        ("H", "W"),
        "id",
        "image",
        "0: measured; 1: measured at an edge, off to a neighbour's depth; without depth: 2: nothing there; "
        "3: too near; 4: too far; 5: hidden from the second viewpoint; 6: too little light; 7: a mirror or glass; "
        "8: lost",
    ),
    ArraySpec("true_depth_m", "npy", "float32", ("H", "W"), "m", "camera", "exact; inf: nothing hit"),
    ArraySpec("instance", "png", "uint16", ("H", "W"), "id", "image", "instance id; 0: stuff or nothing"),
    ArraySpec(
        "colour_from_depth",
        "npy",
        "float64",
        (4, 4),
        "m",
        "colour camera",
        "its pose seen from colour's",
        True,
    ),
    ArraySpec(
        "depth_in_colour",
        "npy",
        "float32",
        ("K", "M"),
        "m",
        "colour camera",
        "measured z-depth in the colour camera's image; 0: none",
        True,
    ),
)


def sense(at: Sensing) -> Reading:
    """One depth image at the keyframe."""
    from pairforge.sensors.depth_noise import look, measured  # it imports this module

    pose = world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns)
    seen = look(at.engine, at.timeline, at.sensor, pose, at.time_ns)
    depth, status = measured(seen, at.sensor.settings, at.stream)
    return Reading(
        sensor=at.sensor.name,
        kind="depth_camera",
        time_ns=at.time_ns,
        world_from_sensor=pose,
        arrays={
            "depth_m": depth.astype(np.float32),
            "status": status,
            "true_depth_m": seen.depth.astype(np.float32),
            "instance": seen.instance,
            **_aligned(at, pose, depth),
        },
    )


def _aligned(at: Sensing, pose: Pose, depth: F64) -> dict[str, NDArray[Any]]:
    """What the colour camera is given; nothing when there is none."""
    name = at.sensor.settings.get("colour")
    if name is None:
        return {}
    colour = next(s for s in at.concrete.sensors if s.name == name)
    there = world_from_sensor(at.engine.world, at.timeline, colour, at.time_ns)
    colour_from_depth = there.inverse @ pose
    return {
        "colour_from_depth": colour_from_depth.matrix,
        "depth_in_colour": carried(depth, at.sensor, colour, colour_from_depth).astype(np.float32),
    }


def carried(depth: F64, sensor: ConcreteSensor, colour: ConcreteSensor, colour_from_depth: Pose) -> F64:
    """(K, M) the z-depth of each colour pixel that a measured point (H, W) falls into, the nearest; 0: none."""
    camera, into = intrinsics_of(sensor), intrinsics_of(colour)
    has = depth > 0.0
    points = colour_from_depth.points(camera.rays()[has] * depth[has][:, None])
    points = points[points[:, 2] > 1e-6]
    pixel = np.floor(into.project(points)).astype(np.int64)
    size = np.array([into.width_px, into.height_px])
    inside = ((pixel >= 0) & (pixel < size)).all(axis=1)
    found = np.full((into.height_px, into.width_px), np.inf)
    np.minimum.at(found, (pixel[inside, 1], pixel[inside, 0]), points[inside, 2])
    return np.where(np.isfinite(found), found, 0.0)


DEPTH_CAMERA = SensorModel(
    "depth_camera",
    Reading,
    sense,
    ARRAYS,
    DepthCamera,
    "measured depth, with its errors",
)
