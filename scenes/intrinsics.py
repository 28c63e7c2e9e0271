"""A camera of a spec -> its intrinsics: from its field of view, or as they were measured."""

from __future__ import annotations

import math

import numpy as np

from pairforge.camera_models import KannalaBrandt
from pairforge.errors import SpecError
from pairforge.frames import Intrinsics
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Aimed, Camera
from pairforge.scenes.typecheck import label

FOV_DEG = {
    "pinhole": (1.0, 170.0),
    "brown_conrady": (1.0, 170.0),
    "kannala_brandt": (1.0, 320.0),
    "equirectangular": (1.0, 360.0),
}
"""Fields of view that each camera model takes."""
CIRCLE_DEG = (1.0, 360.0)


def intrinsics(camera: Aimed, draw: Draws) -> Intrinsics:
    """Draws ``fov_deg`` and, for a Camera, ``focal_px``, ``principal_px`` and ``circle_deg``. Raises SpecError."""
    fov_deg = draw("fov_deg", camera.fov_deg)
    model = camera.model if isinstance(camera, Camera) else "pinhole"
    low, high = FOV_DEG[model]
    if not low <= fov_deg <= high:
        raise SpecError(
            f"{label(camera)}: fov_deg is {fov_deg:g}; of a {model} camera it must lie in {low:g}..{high:g}"
        )
    if isinstance(camera, Camera):
        return _of_model(camera, fov_deg, draw)
    return Intrinsics.from_fov(camera.width_px, camera.height_px, fov_deg)


def _of_model(camera: Camera, fov_deg: float, draw: Draws) -> Intrinsics:
    focal = _focal(camera, fov_deg) if camera.focal_px is None else draw("focal_px", camera.focal_px)
    if not all(0.0 < f < math.inf for f in focal):
        raise SpecError(f"{label(camera)}: focal_px is {tuple(focal)}; both must be finite and above 0")
    middle = (camera.width_px / 2, camera.height_px / 2)
    centre = middle if camera.principal_px is None else draw("principal_px", camera.principal_px)
    if not all(math.isfinite(c) for c in centre):
        raise SpecError(f"{label(camera)}: principal_px is {tuple(centre)}; both must be finite")
    circle_deg = 360.0 if camera.circle_deg is None else draw("circle_deg", camera.circle_deg)
    if not CIRCLE_DEG[0] <= circle_deg <= CIRCLE_DEG[1]:
        raise SpecError(f"{label(camera)}: circle_deg is {circle_deg:g}; it must lie in 1..360")
    fx, fy, cx, cy = (float(x) for x in (*focal, *centre))
    bent = tuple(float(d) for d in camera.distortion)
    return Intrinsics(
        camera.width_px, camera.height_px, fx, fy, cx, cy, camera.model, bent, float(circle_deg)
    )


def _focal(camera: Camera, fov_deg: float) -> tuple[float, float]:
    """fx, fy of square pixels, but that a whole turn is given a whole sphere."""
    if camera.model == "kannala_brandt":
        lens, half = KannalaBrandt(tuple(camera.distortion)), math.radians(fov_deg) / 2
        if half > lens.angle:
            raise SpecError(
                f"{label(camera)}: fov_deg is {fov_deg:g}, but its distortion folds back at "
                f"{2 * math.degrees(lens.angle):.4g}; take less, or other coefficients"
            )
        f = camera.width_px / 2 / float(lens.radius(np.array(half)))
        return f, f
    if camera.model == "equirectangular":
        f = camera.width_px / math.radians(fov_deg)
        return f, camera.height_px / math.pi if fov_deg == 360.0 else f
    f = Intrinsics.from_fov(camera.width_px, camera.height_px, fov_deg).fx
    return f, f
