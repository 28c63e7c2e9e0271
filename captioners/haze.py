"""What fog and dust hide: things so far off in thick air that nobody could say what they are."""

from __future__ import annotations

import math

import numpy as np

from pairforge.captioners import policy
from pairforge.sample import CameraFrame, SceneRecord


def lost_in_air(camera: CameraFrame, record: SceneRecord) -> frozenset[int]:
    """Instances of the picture whose nearest pixel keeps less than ``policy.FAINTEST`` of its contrast: a tenth, by
    Koschmieder's law exp(-thickness * distance), those farther off than ln(10) / thickness metres."""
    sky = record.concrete.get("sky", {})
    thickness = sum(float(sky.get(name, 0.0)) for name in ("fog_per_m", "dust_per_m"))
    if thickness <= policy.CLEAR_FOG_PER_M:
        return frozenset()
    nearest = np.full(int(camera.instance.max()) + 1, np.inf)
    np.minimum.at(nearest, camera.instance.ravel(), camera.depth.ravel())
    far = np.isfinite(nearest) & (nearest > -math.log(policy.FAINTEST) / thickness)
    return frozenset(np.flatnonzero(far).tolist()) - {0}
