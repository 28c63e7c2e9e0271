"""What fog and dust hide: things so far off in thick air that nobody could say what they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from pairforge.captioners import policy
from pairforge.sample import CameraFrame, SceneRecord


def reach_m(concrete: Mapping[str, Any]) -> float:
    """How far one sees in a concrete scene: where a thing keeps ``policy.FAINTEST`` of its contrast, a tenth, by
    Koschmieder's law exp(-thickness * distance), at ln(10) / thickness metres; infinity in clear air."""
    sky = concrete.get("sky", {})
    thickness = sum(float(sky.get(name, 0.0)) for name in ("fog_per_m", "dust_per_m"))
    return -math.log(policy.FAINTEST) / thickness if thickness > policy.CLEAR_FOG_PER_M else math.inf


def lost_in_air(camera: CameraFrame, record: SceneRecord) -> frozenset[int]:
    """Instances of the picture whose nearest pixel is beyond ``reach_m``."""
    reach = reach_m(record.concrete)
    if reach == math.inf:
        return frozenset()
    nearest = np.full(int(camera.instance.max()) + 1, np.inf)
    np.minimum.at(nearest, camera.instance.ravel(), camera.depth.ravel())
    far = np.isfinite(nearest) & (nearest > reach)
    return frozenset(np.flatnonzero(far).tolist()) - {0}
