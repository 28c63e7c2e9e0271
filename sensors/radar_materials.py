"""What surfaces do to waves of 77 GHz: how much they reflect, how rough they are, and what rain and snow change.

A surface is many small facets with Gaussian slopes that reflect like mirrors (the geometrical-optics limit of
Kirchhoff's approximation: Ulaby, Moore and Fung, Microwave Remote Sensing II, 1982, section 12-4), plus a diffuse
remainder after Lambert. Integrated over a smooth curved surface the facets give its optical cross section, pi times
the product of the radii of curvature and the reflectivity, whatever the slope. A flat plate is broadened to the lobe
of its slope: its 4 pi A^2 / lambda^2 would need the phase of every square millimetre.

Reflectivities at normal incidence follow from permittivities: ITU-R P.2040-3 (2023) for concrete, brick, glass, wood
and plasterboard; asphalt 3.2, skin 7 - 11j (Gabriel et al., 1996), rubber 5. Diffuse parts are set so that
backscatter near grazing has the order that Sarabandi, Li and Nashashibi (1997, asphalt and concrete at 94 GHz) and
Currie and Brown (Principles and Applications of Millimeter-Wave Radar, 1987, grass and trees) report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.world import Material, Sky


@dataclass(frozen=True)
class Surface:
    """``reflectivity`` of power at normal incidence; ``slope`` rms of the facets; ``diffuse`` albedo;
    ``roughness_m`` rms height of what is too fine to be a facet, which spoils mirror images; ``porous`` soaks."""

    reflectivity: float
    slope: float
    diffuse: float
    roughness_m: float
    porous: bool = False


METAL = Surface(0.95, 0.11, 0.004, 0.0)
PLASTIC = Surface(0.06, 0.15, 0.01, 0.0)
GLASS = Surface(0.18, 0.08, 0.002, 0.0)
RUBBER = Surface(0.15, 0.25, 0.02, 0.001)
BODY = Surface(0.35, 0.3, 0.03, 0.002)
"""Skin, or cloth on it, which is nearly transparent and has folds."""
FABRIC = Surface(0.02, 0.3, 0.02, 0.001)
WOOD = Surface(0.03, 0.2, 0.03, 0.0005)
CONCRETE = Surface(0.15, 0.1, 0.015, 0.0004, porous=True)
BRICK = Surface(0.11, 0.15, 0.03, 0.0006, porous=True)
PLASTER = Surface(0.06, 0.1, 0.02, 0.0003)
ASPHALT = Surface(0.08, 0.12, 0.02, 0.0006, porous=True)
GRASS = Surface(0.01, 0.5, 0.15, 0.01, porous=True)
LEAVES = Surface(0.01, 0.6, 0.12, 0.01)
BARK = Surface(0.08, 0.4, 0.05, 0.004)

WATER_REFLECTIVITY = 0.38
"""Of a film of water at 77 GHz, permittivity 7 - 13j."""
SNOW_DIFFUSE = 0.12
"""Of dry snow, which scatters in its volume."""

_PATTERNS: Mapping[str, Surface] = {
    "asphalt": ASPHALT,
    "concrete": CONCRETE,
    "terrazzo": CONCRETE,
    "brick": BRICK,
    "plaster": PLASTER,
    "grass": GRASS,
    "bark": BARK,
    "leaves": LEAVES,
    "wood": WOOD,
    "fabric": FABRIC,
    "skin": BODY,
    "paint": METAL,
    "glass": GLASS,
    "rubber": RUBBER,
    "metal": METAL,
    "brushed": METAL,
    "turned": METAL,
    "milled": METAL,
    "cast": METAL,
    "blasted": METAL,
    "powder": METAL,
}
_METALS = ("sign_", "iron_", "vehicle_plate", "manhole", "housing_", "mount")
"""First words of materials that look plain and are painted metal."""
_GLASSES = ("window_glass", "shop_glass", "curtain")
_BODIES = ("skin_", "cloth_", "hair_", "lips_")
_METALLIC = 0.5


def surface_of(material: Material) -> Surface:
    """What a material is to the radar, told from how it looks."""
    if material.metallic >= _METALLIC or material.name.startswith(_METALS):
        return METAL
    if material.name.startswith(_GLASSES):
        return GLASS
    if material.name.startswith(_BODIES):
        return BODY
    if material.name.startswith("paint_"):
        return ASPHALT
    return _PATTERNS.get(material.pattern, PLASTIC)


@dataclass(frozen=True, eq=False)
class SurfaceTable:
    """Surfaces of a world's materials in its weather, one row a material, the last for none."""

    reflectivity: F64
    slope: F64
    diffuse: F64
    roughness_m: F64
    soaks: F64


def surface_table(materials: Sequence[Material], sky: Sky) -> SurfaceTable:
    """Water on porous ground reflects like a mirror and hides some of its grain."""
    rows = [*(surface_of(m) for m in materials), Surface(0.0, 1.0, 0.0, 1.0)]
    porous = np.array([r.porous for r in rows])
    wet = np.where(porous, sky.wetness, 0.0)
    dry = np.array([(r.reflectivity, r.slope, r.diffuse, r.roughness_m) for r in rows], dtype=np.float64)
    return SurfaceTable(
        reflectivity=dry[:, 0] + 0.5 * wet * (WATER_REFLECTIVITY - dry[:, 0]).clip(0.0),
        slope=dry[:, 1],
        diffuse=dry[:, 2] * (1.0 - 0.5 * wet),
        roughness_m=dry[:, 3] * (1.0 - 0.5 * wet),
        soaks=porous.astype(np.float64),
    )


def fresnel(reflectivity: F64, cosine: F64) -> F64:
    """(N,) reflectivity away from normal incidence, after Schlick (1994)."""
    return np.asarray(reflectivity + (1.0 - reflectivity) * (1.0 - cosine.clip(0.0, 1.0)) ** 5)


def facet_density(slope: F64, cosine: F64) -> F64:
    """(N,) how many facets, per solid angle, face a direction at ``cosine`` from the mean normal (Beckmann's
    distribution for Gaussian slopes of rms ``slope``; times the cosine it integrates to 1)."""
    c2 = np.maximum(cosine, 1e-3) ** 2
    twice = 2.0 * slope**2
    return np.asarray(np.exp(-(1.0 - c2) / (c2 * twice)) / (np.pi * twice * c2 * c2))
