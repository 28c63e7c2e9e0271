"""Seamless surface images, drawn with numpy once a worker: how a pattern varies a material's colour.

Each is (N, N, 4) float32. RGB multiply the base colour, 0.5 meaning unchanged; alpha is where a second colour shows
(mortar, sealed cracks). Row 0 is the bottom. Everything is fixed by the pattern's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pairforge.frames import F64
from pairforge.renderers.noise import fractal_noise, smoothstep
from pairforge.seeding import Stream

Image4 = NDArray[np.float32]


@dataclass(frozen=True)
class Pattern:
    """``draw(stream)`` gives the image; one repeat is ``tile_m`` metres, times the material's scale up to
    ``longest_m``. ``second`` (linear RGB) shows where alpha is 1; with a ``relief_m`` alpha is a height instead, in
    those metres."""

    draw: Callable[[Stream], Image4]
    tile_m: float
    longest_m: float = 1e9
    second: tuple[float, float, float] = (0.0, 0.0, 0.0)
    relief_m: float = 0.0


def surface(name: str) -> Image4:
    """The image of a pattern."""
    return PATTERNS[name].draw(Stream(0, f"texture/{name}"))


def mottle(blots: float = 0.0) -> Image4:
    """(512, 512, 4) in 0..1 for wear over tens of metres: R broad stains, G cracks, B patches, A where water
    gathers. ``blots`` adds stains of 0.1 to 0.6 m: a driver sees only these of asphalt, whose stones are finer than a
    pixel.
    """
    stream = Stream(0, "texture/mottle")
    small = fractal_noise(512, stream / "blots", -0.2, lowest=40, highest=200)
    stains = _unit(fractal_noise(512, stream / "stains", 0.7, lowest=2) + blots * small)
    warp = fractal_noise(512, stream / "cracks", 0.55, lowest=4)
    where = smoothstep(0.4, 1.3, fractal_noise(512, stream / "where", 1.2, lowest=2))
    cracks = (1.0 - smoothstep(0.0, 0.09, np.abs(warp))) * where
    patches = _unit(fractal_noise(512, stream / "patches", 1.4, lowest=3))
    water = _unit(fractal_noise(512, stream / "water", 1.1, lowest=4))
    return np.asarray(np.stack([stains, cracks, patches, water], axis=-1), dtype=np.float32)


def _asphalt(stream: Stream) -> Image4:
    n = 1024
    stones = fractal_noise(n, stream / "stones", -0.7, lowest=60, highest=330)
    dust = fractal_noise(n, stream / "dust", 0.4, lowest=3)
    pale = smoothstep(1.3, 2.6, stones)
    grey = 1.0 + 0.22 * stones.clip(-2, 2) + 0.06 * dust + 1.1 * pale
    warm = fractal_noise(n, stream / "warm", -0.5, lowest=60, highest=200)
    return _packed(grey[..., None] * (1.0 + 0.03 * warm[..., None] * np.array([1.0, 0.2, -1.0])))


def _concrete(stream: Stream) -> Image4:
    n = 512
    grain = fractal_noise(n, stream / "grain", -0.4, lowest=30)
    cloud = fractal_noise(n, stream / "cloud", 0.8, lowest=2)
    pits = smoothstep(2.1, 2.9, fractal_noise(n, stream / "pits", -0.2, lowest=30))
    grey = (1.0 + 0.05 * grain + 0.06 * cloud) * (1.0 - 0.35 * pits)
    return _packed(grey[..., None] * (1.0 + 0.015 * cloud[..., None] * np.array([1.0, 0.3, -0.8])))


def _brick(stream: Stream) -> Image4:
    """Running bond, 24 courses of 75 mm and 8 stretchers of 225 mm to a tile of 1.8 m."""
    n, rows, columns = 1024, 24, 8
    y, x = np.mgrid[0:n, 0:n] / n
    row = np.floor(y * rows).astype(int)
    along = x * columns + 0.5 * (row % 2)
    column = np.floor(along).astype(int) % columns
    wobble = 0.03 * fractal_noise(n, stream / "wobble", 0.2, lowest=40)
    across_m = np.minimum(along % 1, 1 - along % 1) * 0.225 + 0.02 * wobble
    up_m = np.minimum(y * rows % 1, 1 - y * rows % 1) * 0.075 + 0.02 * wobble
    mortar = 1.0 - smoothstep(0.0045, 0.0075, np.minimum(across_m, up_m))
    rng = stream.rng()
    tone = 1.0 + 0.20 * rng.standard_normal((rows, columns)).clip(-1.8, 1.8)
    dark = np.where(rng.random((rows, columns)) < 0.07, 0.5, 1.0)
    hue = 0.06 * rng.standard_normal((rows, columns))
    value = (tone * dark)[row, column] * (1.0 + 0.09 * fractal_noise(n, stream / "grain", -0.1, lowest=20))
    tint = 1.0 + hue[row, column][..., None] * np.array([0.2, 1.0, 1.0])
    return _packed(value[..., None] * tint, mortar)


def _plaster(stream: Stream) -> Image4:
    n = 512
    grain = fractal_noise(n, stream / "grain", -0.5, lowest=40)
    cloud = fractal_noise(n, stream / "cloud", 0.9, lowest=1)
    streaks = _stretched(n, stream / "streaks", 14, axis=0)
    grey = 1.0 + 0.03 * grain + 0.035 * cloud - 0.035 * streaks.clip(0, None)
    return _packed(grey[..., None] * (1.0 + 0.012 * cloud[..., None] * np.array([0.2, 0.0, -1.0])))


def _grass(stream: Stream) -> Image4:
    n = 1024
    blades = fractal_noise(n, stream / "blades", -0.35, lowest=20, highest=400)
    tufts = fractal_noise(n, stream / "tufts", 0.35, lowest=6)
    straw = smoothstep(0.6, 2.4, fractal_noise(n, stream / "straw", 0.3, lowest=8) + 0.5 * blades)
    green = (1.0 + 0.30 * blades + 0.25 * tufts).clip(0.15, 2.4)
    tint = 1.0 + straw[..., None] * np.array([0.9, 0.45, 0.5])
    return _packed(green[..., None] * tint)


def _bark(stream: Stream) -> Image4:
    n = 512
    grooves = _stretched(n, stream / "grooves", 7, axis=0)
    grain = fractal_noise(n, stream / "grain", 0.0, lowest=20)
    grey = (1.0 + 0.30 * grooves + 0.15 * grain).clip(0.25, 1.9)
    return _packed(grey[..., None] * np.array([1.02, 1.0, 0.97]))


def _leaves(stream: Stream) -> Image4:
    n = 512
    light = fractal_noise(n, stream / "light", -0.1, lowest=10, highest=120)
    clump = fractal_noise(n, stream / "clump", 0.6, lowest=3)
    value = (1.0 + 0.30 * light + 0.18 * clump).clip(0.2, 2.2)
    tint = 1.0 + 0.10 * clump[..., None] * np.array([1.0, 0.25, -0.5])
    return _packed(value[..., None] * tint)


def _wood(stream: Stream) -> Image4:
    """Long even grain that bends round slow swells, and fine pores."""
    n, lines = 1024, 18
    swell = _stretched(n, stream / "swell", 7, axis=1, falloff=3.0)
    fibre = _stretched(n, stream / "fibre", 60, axis=1)
    pores = smoothstep(1.3, 2.4, _stretched(n, stream / "pores", 22, axis=1, falloff=0.3))
    cloud = fractal_noise(n, stream / "cloud", 1.2, lowest=1)
    phase = 2 * np.pi * (lines * (np.arange(n) / n)[:, None] + 1.3 * swell)
    figure = np.sin(phase) + 0.35 * np.sin(3.0 * phase + 1.0)
    value = 1.0 + 0.09 * figure + 0.045 * fibre + 0.05 * cloud - 0.16 * pores
    warm = 0.05 * figure + 0.05 * cloud
    return _packed(value.clip(0.4, 1.6)[..., None] * (1.0 + warm[..., None] * np.array([0.5, -0.1, -0.8])))


def _fabric(stream: Stream) -> Image4:
    """A weave, and creases that hang and cross: their height in alpha, and a little of their shade."""
    n = 512
    y, x = np.mgrid[0:n, 0:n] / n * 2 * np.pi
    weave = np.sin(128 * x) * np.sin(128 * y)
    hang = _stretched(n, stream / "hang", 3, axis=0, falloff=1.9)
    soft = fractal_noise(n, stream / "fold", 1.6, lowest=2)
    # Creases are ridges, here and there, on cloth that is smooth for the rest.
    where = smoothstep(-0.4, 1.6, fractal_noise(n, stream / "where", 1.4, lowest=2))
    ridge = np.exp(-((1.5 * (soft + 0.5 * hang)) ** 2)) * where
    height = 0.5 * ridge + 0.5 * smoothstep(-2.0, 2.0, soft + hang)
    shade = height - height.mean()
    return _packed((1.0 + 0.05 * weave + 0.14 * shade)[..., None] * np.ones(3), height)


def _skin(stream: Stream) -> Image4:
    """Skin: blood nearer here than there, and freckles too faint to count."""
    n = 256
    blood = fractal_noise(n, stream / "blood", 0.7, lowest=2)
    grain = fractal_noise(n, stream / "grain", -0.2, lowest=16)
    value = 1.0 + 0.025 * grain - 0.02 * blood
    return _packed(value[..., None] * (1.0 + 0.045 * blood[..., None] * np.array([0.35, -0.7, -0.6])))


def _hair(stream: Stream) -> Image4:
    """Strands that hang, some paler, in locks; their height in alpha."""
    n = 512
    locks = _stretched(n, stream / "locks", 10, axis=0, falloff=1.0)
    strands = _stretched(n, stream / "strands", 40, axis=0, falloff=0.2)
    value = (1.0 + 0.30 * locks + 0.25 * strands).clip(0.3, 2.2)
    height = smoothstep(-2.0, 2.0, 0.7 * locks + 0.5 * strands)
    return _packed(value[..., None] * np.array([1.02, 1.0, 0.98]), height)


def _metal(stream: Stream) -> Image4:
    n = 512
    cloud = fractal_noise(n, stream / "cloud", 0.5, lowest=3)
    scratch = _stretched(n, stream / "scratch", 50, axis=1)
    return _packed((1.0 + 0.04 * cloud + 0.03 * scratch)[..., None] * np.ones(3))


def _citrus(stream: Stream) -> Image4:
    """Peel: fine pores, a shade darker, on a skin that hardly varies."""
    n = 512
    pores = smoothstep(0.9, 1.9, fractal_noise(n, stream / "pores", -0.5, lowest=40, highest=110))
    cloud = fractal_noise(n, stream / "cloud", 0.8, lowest=2)
    return _packed(((1.0 + 0.04 * cloud) * (1.0 - 0.20 * pores))[..., None] * np.ones(3))


def _fruit(stream: Stream) -> Image4:
    """Skin with a blush and small specks."""
    n = 512
    specks = smoothstep(1.7, 2.5, fractal_noise(n, stream / "specks", -0.3, lowest=24, highest=120))
    blush = fractal_noise(n, stream / "blush", 1.1, lowest=1)
    value = (1.0 + 0.07 * blush) * (1.0 - 0.35 * specks)
    return _packed(value[..., None] * (1.0 + 0.10 * blush[..., None] * np.array([1.0, -0.15, -0.4])))


def _crust(stream: Stream) -> Image4:
    """Bread: browned in patches, dusted with flour."""
    n = 512
    brown = fractal_noise(n, stream / "brown", 0.9, lowest=2)
    grain = fractal_noise(n, stream / "grain", -0.1, lowest=20)
    flour = smoothstep(0.7, 2.0, fractal_noise(n, stream / "flour", 0.5, lowest=5) + 0.3 * grain)
    value = (1.0 - 0.20 * brown + 0.07 * grain).clip(0.35, 1.7) * (1.0 + 0.35 * flour)
    return _packed(value[..., None] * (1.0 - 0.05 * brown[..., None] * np.array([-0.3, 0.3, 1.0])))


def _terrazzo(stream: Stream) -> Image4:
    """Stone chips, pale and dark, in an even ground."""
    n = 1024
    chips = fractal_noise(n, stream / "chips", -0.6, lowest=30, highest=90)
    fine = fractal_noise(n, stream / "fine", -0.6, lowest=90, highest=300)
    dark = smoothstep(1.25, 1.45, chips)
    pale = smoothstep(1.25, 1.45, -chips)
    cloud = fractal_noise(n, stream / "cloud", 1.0, lowest=1)
    value = (1.0 + 0.03 * fine + 0.02 * cloud) * (1.0 - 0.38 * dark) + 0.16 * pale
    warm = fractal_noise(n, stream / "warm", 0.2, lowest=20)
    return _packed(value[..., None] * (1.0 + 0.03 * warm[..., None] * np.array([1.0, 0.2, -0.8])))


def _fields(stream: Stream) -> Image4:
    """Land as farmers divide it, a metre a pixel: some fields mown, some ripe (alpha), between dark hedges."""
    n, rows = 512, 7
    rng = stream.rng()
    cells = (np.indices((rows, rows)).reshape(2, -1).T + rng.uniform(0.1, 0.9, (rows**2, 2))) / rows
    warp = 0.004 * np.stack([fractal_noise(n, stream / f"warp{k}", 1.0, lowest=2) for k in (0, 1)])
    place = np.moveaxis(np.mgrid[0:n, 0:n] / n + warp, 0, -1).reshape(-1, 2) % 1.0
    near, which = cKDTree(cells, boxsize=1.0).query(place, k=2, p=4)
    field = which[:, 0].reshape(n, n)
    edge_m = ((near[:, 1] - near[:, 0]) * n / 2).reshape(n, n)
    gaps = 0.9 * fractal_noise(n, stream / "gaps", 0.2, lowest=6)
    hedge = 1.0 - smoothstep(1.6, 3.2, edge_m - gaps)
    tone = rng.uniform(0.72, 1.35, rows**2)
    tint = 1.0 + rng.uniform(-1.0, 1.0, rows**2)[:, None] * np.array([0.28, 0.0, 0.22])
    ripe = np.where(rng.random(rows**2) < 0.28, rng.uniform(0.45, 0.95, rows**2), 0.0)
    y, x = np.mgrid[0:n, 0:n] / n * 2 * np.pi
    turn = rng.random(rows**2) < 0.5
    drills = np.where(turn[field], np.sin(64 * x), np.sin(64 * y))
    cloud = fractal_noise(n, stream / "cloud", 0.5, lowest=3)
    value = tone[field] * (1.0 + 0.05 * drills + 0.10 * cloud)
    value, hue = value * (1.0 - 0.62 * hedge), 1.0 + (tint[field] - 1.0) * (1.0 - hedge)[..., None]
    return _packed(
        value[..., None] * hue, ripe[field] * (1.0 - hedge) * (1.0 - 0.15 * cloud.clip(-2, 2)).clip(0, 1)
    )


PATTERNS: dict[str, Pattern] = {
    "asphalt": Pattern(_asphalt, 2.2),
    "concrete": Pattern(_concrete, 1.7),
    "brick": Pattern(_brick, 1.8, second=(0.36, 0.33, 0.29)),
    "plaster": Pattern(_plaster, 5.0),
    "grass": Pattern(_grass, 2.6),
    "bark": Pattern(_bark, 0.9),
    "leaves": Pattern(_leaves, 1.1),
    "wood": Pattern(_wood, 4.0, longest_m=1.4),
    "fabric": Pattern(_fabric, 25.0, longest_m=0.5, relief_m=0.010),
    "skin": Pattern(_skin, 0.22),
    "hair": Pattern(_hair, 0.16, relief_m=0.006),
    "metal": Pattern(_metal, 0.8),
    "citrus": Pattern(_citrus, 0.10),
    "fruit": Pattern(_fruit, 0.16),
    "crust": Pattern(_crust, 0.30),
    "terrazzo": Pattern(_terrazzo, 0.9),
    "fields": Pattern(_fields, 510.0, second=(0.30, 0.215, 0.085)),
}


def _stretched(n: int, stream: Stream, ratio: int, axis: int, falloff: float = 1.2) -> F64:
    """Seamless streaks that run along ``axis``, deviation 1; the larger ``falloff`` the smoother."""
    fy, fx = np.fft.fftfreq(n)[:, None] * n, np.fft.rfftfreq(n)[None, :] * n
    along, across = (fy, fx) if axis == 0 else (fx, fy)
    reach = np.hypot(along * ratio, across)
    amplitude = np.where(reach >= 2, np.maximum(reach, 1.0) ** -falloff, 0.0)
    out = np.fft.irfft2(np.fft.rfft2(stream.rng().standard_normal((n, n))) * amplitude, s=(n, n))
    return np.asarray((out - out.mean()) / out.std())


def _unit(x: F64) -> F64:
    """Ranks to 0..1, so that a threshold t covers a share 1 - t of the image."""
    order = np.empty(x.size)
    order[np.argsort(x, axis=None, kind="stable")] = np.linspace(0.0, 1.0, x.size)
    return order.reshape(x.shape)


def _packed(multiplier: F64, second: F64 | None = None) -> Image4:
    """Scales RGB so that the mean is exactly unchanged, and adds the second colour's mask."""
    rgb = 0.5 * multiplier.clip(0.05, 2.0)
    rgb = rgb * (0.5 / rgb.mean())
    alpha = np.zeros(rgb.shape[:2]) if second is None else second
    return np.asarray(np.concatenate([rgb.clip(0.0, 1.0), alpha[..., None]], axis=-1), dtype=np.float32)
