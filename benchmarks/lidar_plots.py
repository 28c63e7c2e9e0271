"""The pictures of docs/sensors/lidar.md, made from the models and from one sweep down a wet street.

python -m benchmarks.lidar_plots [FOLDER] [NAME ...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from scipy.integrate import trapezoid

from benchmarks.lidar import sensor
from benchmarks.measuring import street
from pairforge.pipeline import stage
from pairforge.sample import LidarFrame
from pairforge.scenes.aim import settings_of
from pairforge.scenes.air import rain_per_m, snow_per_m
from pairforge.scenes.beams import Beam, Raster, Receiver, Rosette, Spin, Surfaces
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Lidar
from pairforge.scenes.world import Sky
from pairforge.seeding import Stream
from pairforge.sensors.air import AIR_THRESHOLD, air_returns, least_power, surface_power
from pairforge.sensors.lidar import sweep
from pairforge.sensors.lidar_patterns import scan
from pairforge.sensors.lidar_surfaces import COAT_ROUGHNESS, fresnel, lobe, mirror_share, retroreflectance

mpl.use("Agg")
KINDS = {
    0: ("#6b7780", "surface"), 2: ("#e0218a", "ghost"), 3: ("#f5a300", "blooming"), 4: ("#1fa35c", "behind glass"),
    1: ("#2d7dd2", "air"),
}  # fmt: skip


def incidence(figure: Figure) -> None:
    """Reflectance back to the sensor, and share mirrored on, against the angle of incidence."""
    degrees = np.linspace(0.0, 89.5, 400)
    cosine = np.cos(np.radians(degrees))
    back, on = figure.subplots(1, 2)
    coat = 1.0 - fresnel(cosine, 1.5)
    back.plot(degrees, 0.8 * cosine, label="white wall (Lambert)", color="#888")
    back.plot(degrees, 0.14 * cosine, label="asphalt, dry (Lambert)", color="#333")
    paint = 0.3 * cosine * coat + fresnel(cosine, 1.5) * lobe(cosine, COAT_ROUGHNESS)
    back.plot(degrees, paint, label="car paint under varnish", color="#c0392b")
    glass = 0.05 * cosine + fresnel(cosine, 1.45) * lobe(cosine, 0.03)
    back.plot(degrees, glass, label="window pane", color="#2980b9")
    back.plot(
        degrees, retroreflectance(np.full(400, 250.0), cosine), label="sign, white RA2", color="#f39c12"
    )
    back.set(
        yscale="log",
        ylim=(1e-3, 2e3),
        ylabel="reflectance (white wall head on = 1)",
        title="Back to the sensor",
    )
    on.plot(degrees, 0.5 * fresnel(cosine, 1.33), label="soaked asphalt", color="#333")
    on.plot(
        degrees,
        fresnel(cosine, 1.5) * mirror_share(COAT_ROUGHNESS),
        label="varnish on paint",
        color="#c0392b",
    )
    on.plot(degrees, fresnel(cosine, 1.45) * mirror_share(0.03), label="window pane", color="#2980b9")
    on.plot(degrees, (1 - fresnel(cosine, 1.45)) ** 2, "--", label="through a clear pane", color="#1fa35c")
    on.set(ylim=(0, 1), ylabel="share of the light, one way", title="Mirrored on, or let through")
    for axes in (back, on):
        axes.set(xlabel="angle of incidence, degrees", xlim=(0, 90))
        _finish(axes)


def weather(figure: Figure) -> None:
    """Extinction against published laws; what is left of surfaces; where the air answers."""
    (rain, fog), (reach, answers) = figure.subplots(2, 2)
    rate = np.linspace(0.5, 100.0, 200)
    rain.plot(
        rate,
        1e3 * np.array([rain_per_m(r) for r in rate]),
        color="#2d7dd2",
        lw=2.5,
        label="here: ITU-R P.1814",
    )
    rain.plot(
        rate,
        1e3 * np.array([_marshall_palmer(r) for r in rate]),
        "--",
        color="#333",
        label="Marshall-Palmer, integrated",
    )
    rain.plot(rate, 10.0 * rate**0.6, ":", color="#c0392b", label="Goodin et al. 2019: 0.01 R^0.6 a metre")
    water = np.linspace(0.1, 5.0, 100)
    rain.plot(
        water,
        1e3 * np.array([snow_per_m(s) for s in water]),
        color="#8e44ad",
        label="here: dry snow, ITU-R P.1814",
    )
    rain.set(
        xlabel="rate, mm/h of water",
        ylabel="extinction, 1/km",
        title="Rain and snow",
        yscale="log",
        ylim=(0.1, 300),
    )
    visibility = np.geomspace(20.0, 1000.0, 100)
    fog.loglog(
        visibility,
        1e3 * np.log(20.0) / visibility,
        color="#2d7dd2",
        lw=2.5,
        label="here: 5 % (MOR), Hahner et al. 2021",
    )
    fog.loglog(visibility, 1e3 * 3.912 / visibility, ":", color="#c0392b", label="Koschmieder: 2 %")
    fog.set(xlabel="visibility, m", ylabel="extinction, 1/km", title="Fog")
    for k, colour in ((0.0, "#333"), (0.01, "#2d7dd2"), (0.03, "#8e44ad"), (0.06, "#c0392b")):
        far = np.linspace(1.0, 160.0, 300)
        name = "clear" if k == 0 else f"fog, {np.log(20) / k:.0f} m"
        for reflectance, style in ((0.1, "-"), (0.8, "--")):
            s = surface_power(np.full(300, reflectance), far, k) / least_power(80.0)
            reach.semilogy(far, s, style, color=colour, label=name if style == "-" else None)
    reach.axhline(1.0, color="#999", lw=0.8)
    reach.set(
        ylim=(1e-2, 1e4),
        xlabel="range, m",
        ylabel="signal / least detected",
        title="10 % (solid) and 80 % (dashed) surfaces",
    )
    _answers(answers)
    for axes in (rain, fog, reach, answers):
        _finish(axes)


def _answers(axes: Axes) -> None:
    """Histogram of the air's own returns."""
    skies = {
        "fog, 50 m": (Sky(fog_per_m=0.06), "#c0392b"), "dust, 120 m": (Sky(dust_per_m=0.025), "#b7950b"),
        "rain, 25 mm/h": (Sky(rain_mm_h=25.0), "#2d7dd2"), "snow, 3 mm/h": (Sky(snow_mm_h=3.0), "#8e44ad"),
    }  # fmt: skip
    for name, (sky, colour) in skies.items():
        air = air_returns(sky, (1080, 32), Stream(3))
        assert air is not None
        seen = air.range_m[air.power > AIR_THRESHOLD * least_power(100.0)]
        count, edges = np.histogram(seen, bins=np.arange(0.0, 17.0, 0.5))
        axes.stairs(
            count / (1080 * 32), edges, label=f"{name}: {len(seen) / 34560:.0%} of rays", color=colour, lw=1.6
        )
    axes.set(
        xlabel="range, m",
        ylabel="share of open rays a half metre",
        title="Rays that the air answers",
        yscale="log",
    )


def _marshall_palmer(rate: float) -> float:
    """1/m: twice the section of drops N0 exp(-L D), by geometrical optics."""
    d = np.linspace(1e-4, 8.0, 4000)
    number = 8000.0 * np.exp(-4.1 * rate**-0.21 * d)
    return float(trapezoid(2.0 * np.pi / 4.0 * (d * 1e-3) ** 2 * number, d))


def patterns(figure: Figure) -> None:
    """Where beams look: an even head, one by a table, a raster, a rosette after a tenth of a second and after one."""
    table = (-25.0, -15.6, -11.3, -8.8, -7.2, -6.1, -5.3, -4.7, -4.0, -3.7, -3.3, -3.0, -2.7, -2.3, -2.0, -1.7, -1.3,
             -1.0, -0.7, -0.3, 0.0, 0.3, 0.7, 1.0, 1.3, 1.7, 2.3, 3.3, 4.7, 7.0, 10.3, 15.0)  # fmt: skip
    aside = tuple(float(v) for v in np.resize([1.4, -4.2, 1.4, -1.4, 4.2, -1.4], 32))
    shown: list[tuple[str, dict[str, Any], int]] = [
        ("Spin: evenly", {"beams": 32, "columns": 450}, 1),
        (
            "Spin: a table, turned aside",
            {"pattern": Spin(elevations_deg=table, azimuths_deg=aside), "columns": 450},
            1,
        ),
        ("Raster: 40 x 120", {"pattern": Raster(rows=40, columns=120)}, 1),
        ("Rosette after 0.1 s", {"pattern": Rosette(), "rate_hz": 10.0}, 1),
        ("Rosette after 0.5 s", {"pattern": Rosette(), "rate_hz": 10.0}, 5),
    ]
    for axes, (title, fields, frames) in zip(figure.subplots(1, 5), shown, strict=True):
        told = settings_of(Lidar(name="top", **fields), Draws(Stream(1)))
        found = [scan(told, (k + 10) * 100_000_000) for k in range(frames)]
        d = np.concatenate([s.directions.reshape(-1, 3) for s in found])
        ring = np.concatenate([s.ring.ravel() for s in found])
        azimuth, elevation = np.degrees(np.arctan2(d[:, 1], d[:, 0])), np.degrees(np.arcsin(d[:, 2]))
        axes.scatter(azimuth, elevation, s=1.0, c=ring, cmap="viridis", linewidths=0)
        axes.set(title=title, xlim=(22, -22), ylim=(-26, 20), xlabel="azimuth, degrees", aspect="equal")
        axes.set_ylabel("elevation, degrees" if "evenly" in title else "")
        axes.title.set_fontsize(9)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.2)


def wet_street() -> LidarFrame:
    """A sweep of the library street under standing water, by a 64-beam head that gives two returns."""
    dry = street()
    concrete = replace(dry.concrete, sky=replace(dry.concrete.sky, wetness=1.0))
    ready = stage(concrete, 0)
    roof = next(s for s in concrete.sensors if s.kind == "lidar")
    own = sensor(
        roof, beams=64, elevation_deg=(-22.0, 8.0), columns=1440, rate_hz=10.0, dropout=0.01,
        beam=Beam(divergence_mrad=3.0, returns="dual"), receiver=Receiver(reach_m=100.0),
        surfaces=Surfaces(blooming_mrad=12.0), labels=("incidence",),
    )  # fmt: skip
    return sweep(ready.engine, ready.timeline, own, concrete.keyframe_times_ns[0], Stream(5))


def ghosts(figure: Figure) -> None:
    """From above and from the side, by kind: what the wet road mirrors stands below it."""
    x = wet_street()
    above, side = figure.subplots(2, 1, height_ratios=(1.5, 1.0))
    p = x.points
    order = np.argsort(np.isin(x.kind, (2, 3)), kind="stable")
    near = order[(np.abs(p[order, 1]) < 22) & (p[order, 0] > -25) & (p[order, 0] < 60)]
    for kind, (colour, name) in KINDS.items():
        rows = near[x.kind[near] == kind]
        if len(rows):
            above.scatter(
                p[rows, 0], p[rows, 1], s=1.4, c=colour, linewidths=0, label=f"{name} ({len(rows):,})"
            )
            slab = rows[np.abs(p[rows, 1]) < 9]
            side.scatter(p[slab, 0], p[slab, 2] + 1.9, s=1.4, c=colour, linewidths=0)
    above.set(
        aspect="equal",
        xlim=(-25, 60),
        ylim=(-20, 20),
        ylabel="left, m",
        title="A sweep down a soaked street, from above",
    )
    side.set(
        aspect="equal",
        xlim=(-25, 60),
        ylim=(-9, 9),
        xlabel="ahead, m",
        ylabel="up, m",
        title="The same within 9 m of its middle, from the side",
    )
    side.axhline(0.0, color="#999", lw=0.5)
    above.legend(loc="upper right", fontsize=7, markerscale=5, framealpha=0.9)


def images(figure: Figure) -> None:
    """Range images of the front half: range, intensity, number of returns, kind."""
    x = wet_street()
    rings, columns = 64, 1440
    period = 100_000_000
    column = np.round((x.times_ns - x.time_ns + period) * columns / period).astype(int) - 1
    front = slice(columns // 4, 3 * columns // 4)
    shown: list[tuple[str, Any, str, Callable[[LidarFrame], Any]]] = [
        ("range, first return (0 to 60 m)", "turbo_r", "min", lambda f: np.minimum(f.range_m, 60.0)),
        ("intensity, calibrated", "magma", "max", lambda f: np.sqrt(f.intensity)),
        ("returns of the ray", "cividis", "max", lambda f: f.extra["returns_of_ray"]),
        (
            "kind of the last return: grey surface, pink ghost, orange blooming",
            None,
            "last",
            lambda f: f.kind,
        ),
    ]
    for axes, (title, cmap, which, of) in zip(figure.subplots(4, 1), shown, strict=True):
        grid = np.full((rings, columns), np.nan)
        value = np.asarray(of(x), dtype=float)
        order = np.arange(len(value))[:: -1 if which == "min" else 1]
        grid[x.ring[order], column[order]] = value[order]
        shown_grid = grid[::-1, front]
        if cmap is None:
            picture = np.full((*shown_grid.shape, 3), 1.0)
            for kind, (colour, _) in KINDS.items():
                picture[shown_grid == kind] = mpl.colors.to_rgb(colour)
            axes.imshow(picture, aspect="auto", interpolation="nearest")
        else:
            axes.imshow(shown_grid, cmap=cmap, aspect="auto", interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.set_title(title, fontsize=8, loc="left", pad=2)


def _finish(axes: Axes) -> None:
    axes.grid(alpha=0.25)
    axes.legend(fontsize=7)
    axes.title.set_fontsize(9)


PLOTS: dict[str, tuple[Callable[[Figure], None], tuple[float, float]]] = {
    "lidar_incidence": (incidence, (9.0, 3.6)),
    "lidar_weather": (weather, (9.0, 6.4)),
    "lidar_patterns": (patterns, (12.0, 3.0)),
    "lidar_ghosts": (ghosts, (9.0, 7.4)),
    "lidar_images": (images, (9.0, 5.4)),
}


def main(folder: Path, names: list[str]) -> None:
    for name, (draw, size) in PLOTS.items():
        if not names or name in names:
            figure = Figure(figsize=size, layout="constrained")
            draw(figure)
            figure.savefig(folder / f"{name}.png", dpi=105, metadata={"Software": None})
            with Image.open(folder / f"{name}.png") as whole:
                small = whole.convert("RGB").quantize(96, dither=Image.Dither.NONE)
            small.save(folder / f"{name}.png", optimize=True)
            print(folder / f"{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"), sys.argv[2:])
