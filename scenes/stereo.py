"""Stereo pairs: two cameras from one description, rectified."""

from __future__ import annotations

from dataclasses import replace

from pairforge.scenes.distributions import Value
from pairforge.scenes.optics import StereoEye
from pairforge.scenes.spec import Camera


def stereo(camera: Camera, baseline_m: Value[float]) -> tuple[Camera, Camera]:
    """The left and the right camera of a pair: NAME_left where ``camera`` is, NAME_right ``baseline_m`` to the right
    along the image's rows.

    Both share all draws, which are named by the pair: ``do={"NAME.yaw_deg": …}`` turns both, and ``NAME.baseline_m``
    is one of them. A point at z-depth z shows ``fx * baseline_m / z`` pixels further left in the right image, in the
    same row.
    """
    left, right = (f"{camera.name}_{side}" for side in ("left", "right"))
    return (
        replace(camera, name=left, stereo=StereoEye(pair=camera.name, other=right, baseline_m=baseline_m)),
        replace(
            camera,
            name=right,
            stereo=StereoEye(pair=camera.name, other=left, baseline_m=baseline_m, right=True),
        ),
    )
