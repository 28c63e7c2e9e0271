"""What wetness and lying snow do to reflectivities at 905 nm."""

from __future__ import annotations

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.taxonomy import BY_NAME
from pairforge.sensors.ray_engine import Hits, RayEngine

SNOW_REFLECTIVITY = 0.8
"""Of dry snow, as spectral libraries have it (it falls from 0.95 in the visible to some 0.8 at 905 nm)."""
WET_DARKENING = 0.45
"""Share of the diffuse reflectance that a film of water takes from a porous ground."""
POROUS = frozenset(("asphalt", "concrete", "grass"))
"""Patterns of grounds that soak up water."""
_FLATTEST, _STEEPEST = 0.75, 0.35
_BARE = frozenset(BY_NAME[name].semantic_id for name in ("pedestrian", "cyclist"))


def reflectivities(engine: RayEngine, hits: Hits) -> F64:
    """(N,) diffuse reflectivity of each hit in its world's weather; 0 where nothing was hit."""
    sky, materials = engine.world.sky, engine.materials
    which = engine.material_of(hits)
    dry = np.array([*(m.lidar_reflectivity for m in materials), 0.0])[which]
    porous = np.array([*(m.pattern in POROUS for m in materials), False])[which]
    out = np.where(porous, dry * (1.0 - WET_DARKENING * sky.wetness), dry)
    if sky.snow_cover > 0.0:
        share = snow_shares(engine, hits)
        out = out * (1.0 - share) + SNOW_REFLECTIVITY * share
    return np.asarray(out, dtype=np.float64)


def snow_shares(engine: RayEngine, hits: Hits) -> F64:
    """(N,) how much of each hit snow covers: it lies on what looks up and neither moves nor lives, as the renderers
    show it."""
    t = np.clip((hits.normal[:, 2] - _STEEPEST) / (_FLATTEST - _STEEPEST), 0.0, 1.0)
    moves = np.array([True, *(p.moves or p.semantic_id in _BARE for p in engine.world.parts)])[hits.part]
    return np.asarray(np.where(moves, 0.0, engine.world.sky.snow_cover * t * t * (3.0 - 2.0 * t)))
