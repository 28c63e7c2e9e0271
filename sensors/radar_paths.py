"""The ways that a radar's waves take: out, over what they meet, and back.

Direct: a surface sends back what reaches it. Over mirrors: what a smooth surface reflects goes on as a ray, and
whatever it meets sends a share straight to the radar (and, by reciprocity, the same share comes the other way round),
or back over the same mirror. Mirrors are flat: walls, glass, barriers, plates, and roads, above all at grazing
incidence; three of them make the corners that send waves back where they came from. What a curved body mirrors it
spreads, and that is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64, Pose
from pairforge.sensors.columns import Columns
from pairforge.sensors.radar_materials import facet_density, fresnel
from pairforge.sensors.radar_model import RadarModel
from pairforge.sensors.radar_rays import Fans
from pairforge.sensors.radar_scene import Instant, Met
from pairforge.sensors.ray_engine import lifted

DIRECT, OUT, BACK, BOTH = 0, 1, 2, 3
"""How a path goes: straight both ways; over mirrors on the way out, back, or both."""

_LEAST_MIRROR = 0.03
"""Mirrors that keep less of a ray's power are not followed."""
_LEAST_COSINE = 0.05
_EXACT_M = 2e-3
_FLAT_M2 = 0.05
"""No corner in the field is true to a fraction of the wavelength over a larger aperture than this."""
_PARALLEL = 1e-4


@dataclass(frozen=True, eq=False)
class Paths(Columns):
    """N paths. ``link``: echo power is ``RadarModel.snr_of_link`` times it. ``range_m`` half the whole length,
    ``rate_mps`` its change; ``departure`` and ``arrival`` (N, 3) unit directions in the sensor frame that it sets out
    to and that its echo comes from. The last
    surface before the way straight home is ``part`` at ``point_m`` (N, 3) in the world; the first mirror, if any, is
    ``via_part`` at ``via_m``. ``way``: DIRECT, OUT, BACK or BOTH. ``phase`` (N,) radians, random."""

    link: F64
    range_m: F64
    rate_mps: F64
    departure: F64
    arrival: F64
    point_m: F64
    part: NDArray[np.uint16]
    via_m: F64
    via_part: NDArray[np.uint16]
    way: NDArray[np.uint8]
    phase: F64

    def __len__(self) -> int:
        return len(self.link)


@dataclass(frozen=True, eq=False)
class _Beam(Columns):
    """Rays (N,) under way: where the last leg began and how fast that point moves, how far they came, the solid angle
    they stand for and what share of its power mirrors left, their first direction (world) and surface, and the rate
    of change of all legs but the last."""

    origin_m: F64
    velocity_mps: F64
    travelled_m: F64
    solid: F64
    share: F64
    first: F64
    via_m: F64
    via_part: NDArray[np.uint16]
    rate_mps: F64
    phase: F64


@dataclass(frozen=True, eq=False)
class Home:
    """Where the radar is (world) and how fast it moves, m/s, on average over the frame."""

    pose: Pose
    velocity_mps: F64


def find_paths(instant: Instant, home: Home, rays: Fans, model: RadarModel) -> Paths:
    """All paths of a frame."""
    n = len(rays.solid_angle)
    towards = home.pose.vectors(rays.directions)
    start = np.broadcast_to(home.pose.position_m, (n, 3))
    beam = _Beam(
        start,
        np.broadcast_to(home.velocity_mps, (n, 3)),
        np.zeros(n),
        rays.solid_angle,
        np.ones(n),
        towards,
        np.full((n, 3), np.nan),
        np.zeros(n, np.uint16),
        np.zeros(n),
        rays.phase,
    )
    met = instant.meet(start, towards)
    # Each thing that has a fan of its own is met by that one alone.
    aimed = np.unique(rays.aimed)
    who, meant = instant.instance_of_part[met.part], rays.aimed[met.ray]
    own = np.where(meant > 0, who == meant, ~np.isin(who, aimed[aimed > 0]))
    met = met.take(own)
    beam = beam.take(met.ray)
    found = [_direct(met, beam, home)]
    for bounce in range(model.bounces):
        beam, onward, kept = _mirrored(met, beam, model)
        if not len(kept):
            break
        met = instant.meet(beam.origin_m, onward)
        beam = beam.take(met.ray)
        found += _homewards(instant, met, beam, home, model.beam_cell)
        if bounce == 0:
            found.append(_twice(met, beam, home))
        else:
            found += _corners(met, beam, home, model)
    return Paths.joined(found)


def _scattered(met: Met, homewards: F64) -> F64:
    """(N,) share of a ray's power that goes towards unit directions (N, 3), per solid angle: facets and diffuse."""
    half = homewards - met.towards
    half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-12)
    tilt = np.einsum("ij,ij->i", half, met.normal)
    cos_in = np.maximum(-np.einsum("ij,ij->i", met.facing, met.towards), _LEAST_COSINE)
    cos_out = np.einsum("ij,ij->i", met.facing, homewards)
    mirror = fresnel(met.reflectivity, -np.einsum("ij,ij->i", half, met.towards))
    facets = mirror * facet_density(met.slope, tilt) / (4.0 * cos_in)
    shade_out = np.einsum("ij,ij->i", met.normal, homewards).clip(0.0)
    total = np.where(tilt > 0.0, facets, 0.0) + met.diffuse / np.pi * shade_out
    return np.asarray(np.where(cos_out > 0.0, total, 0.0))


def _ended(
    met: Met, beam: _Beam, link: F64, range_m: F64, rate: F64, departure: F64, arrival: F64, way: int
) -> Paths:
    """Paths whose last surface is ``met``."""
    return Paths(
        link=link,
        range_m=range_m,
        rate_mps=rate,
        departure=departure,
        arrival=arrival,
        point_m=met.point_m,
        part=met.part,
        via_m=beam.via_m,
        via_part=beam.via_part,
        way=np.full(len(met), way, np.uint8),
        phase=beam.phase,
    )


def _direct(met: Met, beam: _Beam, home: Home) -> Paths:
    link = beam.solid * _scattered(met, -met.towards) / met.travelled_m**2
    rate = np.einsum("ij,ij->i", met.velocity_mps - home.velocity_mps, met.towards)
    towards = home.pose.inverse.vectors(beam.first)
    return _ended(met, beam, link, met.travelled_m, rate, towards, towards, DIRECT)


def _mirrored(met: Met, beam: _Beam, model: RadarModel) -> tuple[_Beam, F64, I64]:
    """The rays that go on from mirrors, their directions (N, 3), and which of ``met`` they are."""
    cosine = met.cosine
    rough = np.exp(-((4.0 * np.pi * met.roughness_m * cosine / model.wavelength_m) ** 2))
    kept_share = fresnel(met.reflectivity, cosine) * rough
    kept = np.flatnonzero((kept_share > _LEAST_MIRROR) & met.flat)
    m, b = met.take(kept), beam.take(kept)
    onward = m.towards + 2.0 * cosine[kept, None] * m.normal
    onward /= np.linalg.norm(onward, axis=1, keepdims=True)
    above = np.einsum("ij,ij->i", onward, m.facing) > 1e-3
    kept, m, b, onward = kept[above], m.take(above), b.take(above), onward[above]
    first = b.via_part == 0
    return (
        replace(
            b,
            origin_m=lifted(m.point_m, m.facing),
            velocity_mps=m.velocity_mps,
            travelled_m=b.travelled_m + m.travelled_m,
            share=b.share * kept_share[kept],
            via_m=np.where(first[:, None], m.point_m, b.via_m),
            via_part=np.where(first, m.part, b.via_part).astype(np.uint16),
            rate_mps=b.rate_mps + np.einsum("ij,ij->i", m.velocity_mps - b.velocity_mps, m.towards),
        ),
        onward,
        kept,
    )


def _homewards(instant: Instant, met: Met, beam: _Beam, home: Home, apart: float) -> list[Paths]:
    """From the last surface straight home, and the same way round backwards, which keeps as much power, where the two
    arrive ``apart`` at least (as sines of azimuth)."""
    offset = home.pose.position_m - met.point_m
    back = np.linalg.norm(offset, axis=1)
    homewards = offset / np.maximum(back, 1e-9)[:, None]
    scattered = _scattered(met, homewards)
    lit = np.flatnonzero(scattered > 0.0)
    hits, far = instant.first(np.broadcast_to(home.pose.position_m, (len(lit), 3)), -homewards[lit])
    seen = lit[(np.abs(far - back[lit]) < _EXACT_M * (1.0 + back[lit])) & (hits.part == met.part[lit])]
    m, b, home_ward, r = met.take(seen), beam.take(seen), homewards[seen], back[seen]
    out = b.travelled_m + m.travelled_m
    rate = b.rate_mps + np.einsum("ij,ij->i", m.velocity_mps - b.velocity_mps, m.towards)
    rate = (rate + np.einsum("ij,ij->i", home.velocity_mps - m.velocity_mps, home_ward)) / 2.0
    link, half = b.solid * b.share * scattered[seen] / r**2, (out + r) / 2.0
    last, first = home.pose.inverse.vectors(-home_ward), home.pose.inverse.vectors(b.first)
    there = _ended(m, b, link, half, rate, first, last, OUT)
    round_about = _ended(m, b, link, half, rate, last, first, BACK)
    # In a corner the same way backwards begins on the last surface, and is found from there.
    return [there, round_about.take(np.abs(last[:, 1] - first[:, 1]) > apart)]


def _twice(met: Met, beam: _Beam, home: Home) -> Paths:
    """Back over the same mirror: the thing as it looks in it."""
    whole = beam.travelled_m + met.travelled_m
    rate = beam.rate_mps + np.einsum("ij,ij->i", met.velocity_mps - beam.velocity_mps, met.towards)
    link = beam.solid * beam.share**2 * _scattered(met, -met.towards) / whole**2
    towards = home.pose.inverse.vectors(beam.first)
    return _ended(met, beam, link, whole, rate, towards, towards, BOTH)


def _corners(met: Met, beam: _Beam, home: Home, model: RadarModel) -> list[Paths]:
    """Three flat mirrors that send rays back where they came from, one path for each corner.

    Such an aperture A is in phase all over, so that its cross section is 4 pi A^2 / lambda^2 (Knott, Shaeffer and
    Tuley, Radar Cross Section, 2004); A is what the rays that come back cover.
    """
    cosine = met.cosine
    onward = met.towards + 2.0 * cosine[:, None] * met.normal
    retro = np.einsum("ij,ij->i", onward, -beam.first) > 1.0 - _PARALLEL
    back = np.flatnonzero(retro & met.flat)
    m, b = met.take(back), beam.take(back)
    area = b.solid * np.einsum("ij,ij->i", b.via_m - home.pose.position_m, b.first) ** 2
    rough = np.exp(-((4.0 * np.pi * m.roughness_m * cosine[back] / model.wavelength_m) ** 2))
    left = b.share * fresnel(m.reflectivity, cosine[back]) * rough
    out = []
    for part in np.unique(m.part):
        mine = np.flatnonzero(m.part == part)
        middle = (m.point_m[mine] * area[mine, None]).sum(axis=0) / area[mine].sum()
        nearest = mine[np.linalg.norm(m.point_m[mine] - middle, axis=1).argmin()][None]
        one, of = m.take(nearest), b.take(nearest)
        aperture = min(float(area[mine].sum()), _FLAT_M2)
        kept = float(np.average(left[mine], weights=area[mine]))
        offset = home.pose.position_m - one.point_m
        length = of.travelled_m + one.travelled_m + np.linalg.norm(offset, axis=1)
        towards = home.pose.inverse.vectors(of.first)
        link = kept * (aperture / model.wavelength_m) ** 2 / (length / 2.0) ** 4
        rate = np.einsum("ij,ij->i", one.velocity_mps - home.velocity_mps, of.first)
        out.append(_ended(one, of, link, length / 2.0, rate, towards, towards, OUT))
    return out
