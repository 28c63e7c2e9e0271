"""What a surface does to a beam at 905 nm: how much it scatters back, reflects on as a mirror, and lets through.

All reflectances are relative to a perfectly white Lambertian surface met head on, which gives 1.

- Lambert's law (Photometria, 1760): the diffuse reflectivity times the cosine of incidence.
- A glint: the GGX lobe of Walter et al., "Microfacet models for refraction" (2007), back towards the sensor,
  ``pi F D G / (4 cos)``, no narrower than what beam and receiver resolve.
- A mirror: Fresnel's equations, unpolarised, times the share of microfacets that lean less than 1 degree, which for
  GGX is ``tan^2 / (alpha^2 + tan^2)``. Metals follow Schlick (1994). Wet ground is a film of water on a share
  ``wetness^2 / 2`` of what lies level: grains and joints stand out of the rest.
- Glass lets the rest of what falls on it through, at each of a pane's two faces.
- Retro-reflective sheeting by its coefficient R_A in cd/(lx m^2) (EN 12899-1): a beam of cross-section S lights
  S / cos of it, so its reflectance is ``pi R_A / cos``. R_A falls with the entrance angle e as
  exp(-(e / 43 deg)^2 - (e / 65 deg)^8): what class RA2 asks for (250, 150 and 110 at 5, 30 and 40 degrees) within a
  tenth, and next to nothing at grazing angles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.sensors.lidar_model import SurfacesModel
from pairforge.sensors.ray_engine import Hits, RayEngine
from pairforge.sensors.weathering import POROUS, reflectivities, snow_shares

WATER_IOR, COAT_IOR, COAT_ROUGHNESS = 1.33, 1.5, 0.03
_NARROWEST_ALPHA = 0.05
_MIRROR_TAN = float(np.tan(np.radians(1.0)))
_RETRO_FALL, _RETRO_END = np.radians(43.0), np.radians(65.0)
_FILM_SHARE = 0.5
_LEVEL = 0.9
"""Water stands on what looks up at least this much."""


@dataclass(frozen=True, eq=False)
class Answer:
    """Of N hits: ``reflectance`` back to the sensor; one-way shares ``mirrored`` and ``through``; whether it is a
    ``retro``-reflector."""

    reflectance: F64
    mirrored: F64
    through: F64
    retro: NDArray[np.bool_]


def answer(engine: RayEngine, hits: Hits, cosine: F64, model: SurfacesModel) -> Answer:
    """What N hits do to their beams, met with these cosines of incidence (N,)."""
    look = _Look.of(engine, hits)
    bare = 1.0 - snow_shares(engine, hits) if engine.world.sky.snow_cover > 0.0 else np.ones(len(cosine))
    mirrored = bare * _mirrored(look, cosine) if model.mirrors else np.zeros(len(cosine))
    face = fresnel(cosine, look.ior)
    through = bare * look.transmission * (1.0 - face) if model.glass else np.zeros(len(cosine))
    out = reflectivities(engine, hits) * cosine * (1.0 - mirrored)
    if model.gloss:
        out = out + bare * _glint(look, cosine)
    retro = look.retro > 0.0
    if model.retro and retro.any():
        out = out + bare * retroreflectance(look.retro, cosine)
    return Answer(np.where(hits.hit, out, 0.0), mirrored, through, retro & model.retro)


def fresnel(cosine: F64, ior: F64 | float) -> F64:
    """(N,) share of unpolarised light that a dielectric of refractive index ``ior`` reflects, coming from air."""
    c = np.clip(cosine, 1e-6, 1.0)
    g = np.sqrt(np.maximum(np.square(ior) - 1.0 + c * c, 1e-12))
    first = np.square((g - c) / (g + c)) / 2.0
    return np.asarray(first * (1.0 + np.square((c * (g + c) - 1.0) / (c * (g - c) + 1.0))))


def mirror_share(roughness: F64 | float) -> F64:
    """Share of a GGX surface's facets that lean less than 1 degree: what it reflects as a mirror does."""
    alpha = np.square(roughness)
    return np.asarray(_MIRROR_TAN**2 / (np.square(alpha) + _MIRROR_TAN**2))


def lobe(cosine: F64, roughness: F64 | float) -> F64:
    """``pi D G / (4 cos)`` of GGX back towards where the light came from; for a reflectance times Fresnel's share."""
    alpha2 = np.square(np.maximum(np.square(roughness), _NARROWEST_ALPHA))
    c2 = np.square(np.clip(cosine, 1e-3, 1.0))
    spread = alpha2 / np.square(c2 * (alpha2 - 1.0) + 1.0)
    shadow = 2.0 / (1.0 + np.sqrt(1.0 + alpha2 * (1.0 / c2 - 1.0)))
    return np.asarray(spread * np.square(shadow) / (4.0 * np.sqrt(c2)))


def retroreflectance(coefficient: F64, cosine: F64) -> F64:
    """(N,) of sheeting with R_A ``coefficient`` in cd/(lx m^2)."""
    entrance = np.arccos(np.clip(cosine, 0.0, 1.0))
    kept = np.exp(-np.square(entrance / _RETRO_FALL) - (entrance / _RETRO_END) ** 8)
    return np.asarray(np.pi * coefficient * kept / np.maximum(cosine, 0.05))


@dataclass(frozen=True, eq=False)
class _Look:
    """Properties of the materials hit (N,)."""

    roughness: F64
    metallic: F64
    metal: F64
    coat: F64
    ior: F64
    transmission: F64
    retro: F64
    film: F64

    @staticmethod
    def of(engine: RayEngine, hits: Hits) -> _Look:
        which, materials = engine.material_of(hits), engine.materials

        def of(values: list[float], none: float = 0.0) -> F64:
            return np.array([*values, none])[which]

        level = hits.normal[:, 2] >= _LEVEL
        soaked = of([float(m.pattern in POROUS) for m in materials])
        return _Look(
            roughness=of([m.roughness for m in materials], 1.0),
            metallic=of([m.metallic for m in materials]),
            metal=of([m.colour[0] for m in materials]),
            coat=of([m.coat for m in materials]),
            ior=of([m.ior for m in materials], 1.0),
            transmission=of([m.transmission for m in materials]),
            retro=of([m.retro_cd_lx_m2 for m in materials]),
            film=np.where(level, _FILM_SHARE * soaked * engine.world.sky.wetness**2, 0.0),
        )


def _parts(look: _Look, cosine: F64) -> tuple[F64, F64, F64]:
    """Light reflected (N,) by a film of water, by a coat of varnish, and by the surface beneath."""
    film = look.film * fresnel(cosine, WATER_IOR)
    coat = (1.0 - look.film) * look.coat * fresnel(cosine, COAT_IOR)
    metal = look.metal + (1.0 - look.metal) * (1.0 - cosine) ** 5
    base = look.metallic * metal + (1.0 - look.metallic) * fresnel(cosine, look.ior)
    return film, coat, (1.0 - look.film) * (1.0 - coat) * base


def _mirrored(look: _Look, cosine: F64) -> F64:
    film, coat, base = _parts(look, cosine)
    return np.asarray(film + coat * mirror_share(COAT_ROUGHNESS) + base * mirror_share(look.roughness))


def _glint(look: _Look, cosine: F64) -> F64:
    film, coat, base = _parts(look, cosine)
    sharp = lobe(cosine, COAT_ROUGHNESS)
    return np.asarray((film + coat) * sharp + base * lobe(cosine, look.roughness))
