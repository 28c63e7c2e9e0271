"""The sky as an image, by day, in twilight and by night: scattered light of a clear atmosphere, clouds, haze, fog.

Single scattering after Nishita et al., "Display of the earth taking into account atmospheric scattering" (1993), with
sea-level coefficients of Rayleigh and Mie scattering and ozone absorption as commonly tabulated; what is scattered
again is taken as even in all directions. Evaluated once a world on a coarse grid: Blender's own sky node takes
seconds, this takes a few tens of milliseconds. Radiances are in the units of the sun lamp (W/m^2 for irradiance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from pairforge.frames import F64
from pairforge.renderers.darkness import LUX, glow, twilight_lux
from pairforge.renderers.noise import cloud_noise, smoothstep
from pairforge.scenes.air import extinction_per_m
from pairforge.scenes.world import Sky
from pairforge.seeding import Stream

SUN_ABOVE_AIR = np.array([5.75, 6.2, 6.85])
"""Irradiance outside the atmosphere, RGB, as a camera balanced for daylight sees it."""
_RAYLEIGH = np.array([5.80e-6, 13.56e-6, 33.1e-6])
_MIE_SCATTER, _MIE_EXTINCT, _MIE_G = 6.0e-6, 6.7e-6, 0.76
_OZONE = np.array([0.65e-6, 1.88e-6, 0.085e-6])
_EARTH_M, _AIR_M = 6360e3, 60e3
_H_RAYLEIGH_M, _H_MIE_M = 8000.0, 1200.0
_AGAIN, _SKY_GAIN = 1.0, 2.2
"""Share of light scattered more than once, and a gain; set so that shadows look as a camera shows them."""
_GROUND = np.array([0.16, 0.15, 0.13])
_FADED, _FADES, _FAR_TINT = 0.85, np.radians(0.8), np.array([0.72, 0.80, 0.90])
"""How much of land at the horizon is lost in the air, the angle below it by which that is a third, and its tint."""
_FOG_LAYER_M = 250.0
_ROWS = 16
"""Rows of the sky that are clouded at once: few enough to stay in cache."""
_TABLED_FROM, _TABLED_BELOW = np.radians(3.0), np.radians(-1.0)
"""Below these the clear sky is as bright as tables say: there the model makes too much of light scattered twice."""
_TOWN_GLOW = np.array([1.25, 1.0, 0.85])
_NIGHT_BLUE = np.array([0.50, 0.82, 1.65])
_TOWN_LIES = 2.0
"""Where the town's middle lies, radians from the sun's azimuth: an arbitrary way."""
_DUST = np.array([1.0, 0.72, 0.43])
"""Colour of light scattered by mineral dust, which absorbs blue."""


@dataclass(frozen=True, eq=False)
class Daylight:
    """``image`` (H, W, 3) float32 radiance, equirectangular as Cycles reads it, row 0 straight up, centre +x;
    ``sun`` (3,) irradiance across the sun's rays; ``to_sun`` (3,) unit; ``haze`` (3,) radiance of lit fog;
    ``horizontal`` irradiance of level ground, sun and sky together, averaged over RGB."""

    image: F64
    sun: F64
    to_sun: F64
    haze: F64
    horizontal: float


def daylight(sky: Sky, width_px: int = 2048) -> Daylight:
    """The light of a world's sky. A sun below the horizon leaves dusk, then a dim blue night."""
    to_sun = sun_direction(sky)
    height_px = width_px // 2
    # Only what is above the horizon is reckoned; below it is ground of one colour.
    elevation = (0.5 - (np.arange(height_px // 2) + 0.5) / height_px) * np.pi
    azimuth = (0.5 - (np.arange(width_px) + 0.5) / width_px) * 2 * np.pi
    clear = _clear_image(sky, elevation, azimuth)
    solid_angle = (np.cos(elevation) * (np.pi / height_px) * (2 * np.pi / width_px))[:, None, None]
    beam = SUN_ABOVE_AIR * transmittance(max(sky.sun_elevation, 0.0)) * _above_horizon(sky.sun_elevation)
    up = np.sin(elevation)[:, None, None]
    clear *= _as_tabled(sky, float(_level(clear, up, solid_angle).mean()))
    clear += _glow(sky, elevation, azimuth)
    clear_level = _level(clear, up, solid_angle)
    image = _with_clouds(sky, clear, elevation, azimuth, beam, clear_level)
    image *= sky.sky_strength
    sun = beam * sky.sun_strength
    level = _level(image, up, solid_angle) + sun * max(float(to_sun[2]), 0.0)
    haze = _haze(sky, level)
    image = _with_fog(sky, image, elevation, haze)
    del clear  # 25 MB
    ground = _far_ground(elevation, image[-1], level)
    return Daylight(np.concatenate([image, ground]), sun, to_sun, haze, float(level.mean()))


def _far_ground(elevation: F64, horizon: F64, level: F64) -> F64:
    """(H, W, 3) what lies below the horizon: ground of one colour that fades towards ``horizon`` (W, 3), the lowest
    sky, as the air over kilometres makes it: a plain does not end at a line."""
    near = level * _GROUND / np.pi
    below = np.sort(elevation)
    far = _FADED * np.exp(-below / _FADES)[:, None, None]
    return np.asarray(near + far * (horizon[None, :, :] * _FAR_TINT - near))


def _level(image: F64, up: F64, solid_angle: F64) -> F64:
    """(3,) irradiance of level ground from a sky (H, W, 3); ``up`` (H, 1, 1) is the sine of the elevation."""
    lit = image * up
    lit *= solid_angle
    return np.asarray(lit.sum((0, 1)))


def _as_tabled(sky: Sky, level: float) -> float:
    """What a clear sky of that illuminance is multiplied by, to be as bright as is tabled for a low or set sun."""
    share = 1.0 - float(smoothstep(_TABLED_BELOW, _TABLED_FROM, np.array(sky.sun_elevation)))
    return float((twilight_lux(sky.sun_elevation) / LUX / level) ** share)


def _glow(sky: Sky, elevation: F64, azimuth: F64) -> F64:
    """(H, W, 3) radiance of a town's night sky: blue overhead, warmer and brighter near the horizon, most of all on
    the side where the town's middle lies."""
    low = np.exp(-np.maximum(elevation, 0.0) / 0.17)[:, None, None]
    cloud = sky.cloudiness
    colour = _NIGHT_BLUE * (1 - cloud) + _TOWN_GLOW * cloud
    dome = 1.0 + 0.6 * np.cos(azimuth - sky.sun_azimuth - _TOWN_LIES)[None, :, None]
    return np.asarray(glow(sky) / np.pi * (colour * (1 - low) + 2.2 * _TOWN_GLOW * low * dome))


def _haze(sky: Sky, level: F64) -> F64:
    """(3,) radiance of lit air under that light on level ground: as white as water, as brown as dust."""
    all_of_it = extinction_per_m(sky)
    dust = sky.dust_per_m / all_of_it if all_of_it > 0.0 else 0.0
    white = level / np.pi * 0.8
    return np.asarray(white * (1.0 - dust) + white.mean() * _DUST * dust)


def sun_direction(sky: Sky) -> F64:
    """Unit vector (3,) towards the sun."""
    across = np.cos(sky.sun_elevation)
    x, y = across * np.cos(sky.sun_azimuth), across * np.sin(sky.sun_azimuth)
    return np.array([x, y, np.sin(sky.sun_elevation)])


def transmittance(elevation: float) -> F64:
    """(3,) share of the sun's beam that reaches the ground."""
    path = _depths(np.array([[0.0, 0.0, _EARTH_M + 2.0]]), _direction(np.array([elevation]), 0.0), steps=48)
    return np.asarray(np.exp(-path[0]))


def _above_horizon(elevation: float) -> float:
    return float(smoothstep(-0.01, 0.02, np.array(elevation)))


def _clear_image(sky: Sky, elevation: F64, azimuth: F64) -> F64:
    """(H, W, 3): the clear sky, evaluated on a coarse grid of elevation and angle from the sun's azimuth."""
    grid_elevation = np.radians(90.0) * np.linspace(0.0, 1.0, 40) ** 2
    grid_azimuth = np.linspace(0.0, np.pi, 48)
    coarse = _scattered(grid_elevation, grid_azimuth, sky.sun_elevation)
    rows = np.sqrt(elevation / np.radians(90.0)) * 39
    turned = np.abs((azimuth - sky.sun_azimuth + np.pi) % (2 * np.pi) - np.pi) / np.pi * 47
    where = np.broadcast_arrays(rows[:, None], turned[None, :])
    return np.stack([map_coordinates(coarse[..., k], where, order=1, mode="nearest") for k in range(3)], -1)


def _scattered(elevation: F64, azimuth: F64, sun_elevation: float, steps: int = 24) -> F64:
    """(E, A, 3) radiance of the clear sky; the sun stands at azimuth 0."""
    view = _direction(elevation[:, None], azimuth[None, :]).reshape(-1, 3)
    sun = _direction(np.array([sun_elevation]), 0.0)
    eye = np.array([0.0, 0.0, _EARTH_M + 2.0])
    reach = _to_edge(eye, view)
    # Steps grow with distance: most of the air lies near.
    edges = np.linspace(0.0, 1.0, steps + 1) ** 2
    middle, length = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    points = eye + view[:, None, :] * (reach[:, None] * middle)[..., None]
    step_m = reach[:, None] * length
    height = np.linalg.norm(points, axis=-1) - _EARTH_M
    rayleigh, mie = np.exp(-height / _H_RAYLEIGH_M), np.exp(-height / _H_MIE_M)
    local = _extinction(height) * step_m[..., None]
    before = np.cumsum(local, axis=1) - local / 2
    flat = points.reshape(-1, 3)
    to_sun = _depths(flat, np.broadcast_to(sun, flat.shape), steps=12).reshape(points.shape)
    light = np.exp(-before - to_sun) * step_m[..., None]
    cosine = view @ sun[0]
    single = _phase_rayleigh(cosine)[:, None] * _RAYLEIGH * (light * rayleigh[..., None]).sum(1)
    single = single + _phase_mie(cosine)[:, None] * _MIE_SCATTER * (light * mie[..., None]).sum(1)
    again = np.exp(-before - 0.35 * to_sun) * step_m[..., None]
    scatter = _RAYLEIGH * rayleigh[..., None] + _MIE_SCATTER * mie[..., None]
    many = (again * scatter).sum(1) * _AGAIN / (4 * np.pi) * smoothstep(-0.25, 0.25, np.array(sun_elevation))
    return np.asarray(_SKY_GAIN * SUN_ABOVE_AIR * (single + many)).reshape(len(elevation), len(azimuth), 3)


def _direction(elevation: F64, azimuth: F64 | float) -> F64:
    across = np.cos(elevation)
    x, y, z = (
        across * np.cos(azimuth),
        across * np.sin(azimuth),
        np.sin(elevation) + 0.0 * np.asarray(azimuth),
    )
    return np.stack([x, y, z], axis=-1)


def _to_edge(start: F64, direction: F64) -> F64:
    """Metres from points inside the atmosphere to its edge."""
    b = (start * direction).sum(-1)
    c = (start * start).sum(-1) - (_EARTH_M + _AIR_M) ** 2
    return np.asarray(-b + np.sqrt(np.maximum(b * b - c, 0.0)))


def _extinction(height: F64) -> F64:
    """(..., 3) per metre."""
    ozone = np.maximum(1.0 - np.abs(height - 25e3) / 15e3, 0.0)
    rayleigh, mie = np.exp(-height / _H_RAYLEIGH_M), np.exp(-height / _H_MIE_M)
    air = _RAYLEIGH * rayleigh[..., None] + _MIE_EXTINCT * mie[..., None]
    return np.asarray(air + _OZONE * ozone[..., None])


def _depths(start: F64, direction: F64, steps: int) -> F64:
    """(N, 3) optical depth from each point to the edge; very deep where the earth is in the way."""
    edges = np.linspace(0.0, 1.0, steps + 1) ** 2
    middle, length = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    reach = _to_edge(start, direction)
    points = start[:, None, :] + direction[:, None, :] * (reach[:, None] * middle)[..., None]
    height = np.linalg.norm(points, axis=-1) - _EARTH_M
    depth = (_extinction(np.maximum(height, 0.0)) * (reach[:, None] * length)[..., None]).sum(1)
    return np.asarray(depth + np.where((height < -2e3).any(1), 30.0, 0.0)[:, None])


def _phase_rayleigh(cosine: F64) -> F64:
    return np.asarray(3 / (16 * np.pi) * (1 + cosine**2))


def _phase_mie(cosine: F64) -> F64:
    """Henyey-Greenstein."""
    g = _MIE_G
    return np.asarray((1 - g * g) / (4 * np.pi * (1 + g * g - 2 * g * cosine) ** 1.5))


def _with_clouds(sky: Sky, clear: F64, elevation: F64, azimuth: F64, beam: F64, clear_level: F64) -> F64:
    """Fair-weather clouds on a plane overhead; at cloudiness 1 a closed, uneven ceiling."""
    if sky.cloudiness <= 0.0:
        return clear
    noise = cloud_noise(
        1024, Stream(0, f"clouds/{sky.sun_azimuth:.6f}/{sky.sun_elevation:.6f}/{sky.cloudiness:.6f}")
    )
    edge = float(np.quantile(noise, max(1.0 - 1.1 * sky.cloudiness, 0.0))) - 0.3 * max(
        sky.cloudiness - 0.8, 0.0
    )
    closed = 1.0 - 0.6 * sky.cloudiness**3
    # By night a town lights its clouds from below.
    lit = beam * max(np.sin(sky.sun_elevation), 0.12) * 1.1 + clear_level + 2.0 * glow(sky) * _TOWN_GLOW
    white = lit / np.pi * closed
    image = np.empty_like(clear)
    for top in range(0, len(clear), _ROWS):
        rows = slice(top, top + _ROWS)
        image[rows] = _clouded(sky, clear[rows], elevation[rows], azimuth, white, noise, edge)
    return image


def _clouded(sky: Sky, clear: F64, elevation: F64, azimuth: F64, white: F64, noise: F64, edge: float) -> F64:
    """Some rows of the sky behind its clouds, whose lit side is ``white`` (3,)."""
    high = np.maximum(elevation, 0.01)[:, None]
    distance = np.cos(high) / (np.sin(high) + 0.08)
    x, y = distance * np.cos(azimuth)[None, :], distance * np.sin(azimuth)[None, :]
    ahead = 0.06
    thick = _cover(noise, x, y, edge)
    sunward = _cover(noise, x + ahead * np.cos(sky.sun_azimuth), y + ahead * np.sin(sky.sun_azimuth), edge)
    lit = 0.25 + 0.75 * np.exp(-1.6 * sunward)
    cloud = white * (lit * (1.0 - 0.35 * thick**2))[..., None]
    haze = np.exp(-0.09 * distance)[..., None]
    cover = (1.0 - np.exp(-3.2 * thick))[..., None]
    cloud *= cover
    blended = clear * (1 - cover)
    blended += cloud
    blended *= haze
    far = np.multiply(clear, 1 - sky.cloudiness, out=cloud)
    far += white * 0.7 * sky.cloudiness
    far *= 1 - haze
    far += blended
    return far


def _cover(noise: F64, x: F64, y: F64, edge: float) -> F64:
    """Cloud thickness 0..1 over plane positions."""
    n = len(noise)
    scale = n / 7.0
    value = map_coordinates(noise, np.broadcast_arrays(x * scale, y * scale), order=1, mode="grid-wrap")
    return smoothstep(edge - 0.03, edge + 0.32, np.asarray(value))


def _with_fog(sky: Sky, image: F64, elevation: F64, haze: F64) -> F64:
    """The sky seen through a layer of fog, dust, rain or snow."""
    extinction = extinction_per_m(sky)
    if extinction <= 0.0:
        return image
    path_m = _FOG_LAYER_M / np.maximum(np.sin(elevation), 1e-3)
    clear = np.exp(-extinction * path_m)[:, None, None]
    return np.asarray(image * clear + haze * (1 - clear))
