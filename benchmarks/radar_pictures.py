"""The pictures of docs/sensors/radar.md and docs/sensors/ultrasonic.md.

python -m benchmarks.radar_pictures [--only street,map,aspect,poles] [--out docs/images]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Polygon
from PIL import Image

from pairforge.frames import F64, Pose
from pairforge.pipeline import Stage, stage
from pairforge.sample import Reading
from pairforge.scenes.aim import settings_of
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteItem, ConcreteScene, ConcreteSensor
from pairforge.scenes.draws import Draws
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Device
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import Sky
from pairforge.seeding import Stream
from pairforge.sensors.protocol import SENSORS, Sensing
from pairforge.sensors.radar import Radar
from pairforge.sensors.radar_frame import echoes, home_of
from pairforge.sensors.radar_model import RadarModel
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from pairforge.sensors.ultrasonic import Ultrasonic

AT_NS = 1_000_000_000
FRONT = Radar(name="front", mount="ego", position_m=(3.41, 0.0, 0.5), raw=True)


@cache
def street() -> tuple[Stage, Reading]:
    concrete = replace(resolve(replace(STREET, sensors=[FRONT]), seed=7), duration_s=0.5)
    ready = stage(concrete, 0)
    return ready, sensed(ready.engine, ready.timeline, ready.concrete, ready.concrete.sensors[0])


def sensed(
    engine: RayEngine, timeline: Timeline, concrete: ConcreteScene, sensor: ConcreteSensor, draw: int = 0
) -> Any:
    stream = Stream(7, f"pictures/{draw}")
    asked = Sensing(engine, timeline, concrete, sensor, AT_NS, AT_NS - 10**8, stream, stream)
    return SENSORS.load(sensor.kind).sense(asked)


def birds_eye() -> plt.Figure:
    """Detections over boxes, coloured by compensated range rate."""
    ready, reading = street()
    figure, axes = plt.subplots(figsize=(12, 6.2), dpi=110)
    world, inverse = ready.world, reading.world_from_sensor.inverse
    for instance in world.instances:
        kind = CLASSES[instance.semantic_id]
        signs = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)]) / 2
        local = np.zeros((4, 3)) + instance.centre_m
        local[:, :2] += signs * instance.size_m[:2]
        pose = ready.timeline.world_from_body(instance.instance_id, AT_NS)
        ring = inverse.points(pose.points(local))[:, :2]
        face = "#e7e4df" if kind.name == "building" else "#dfead6" if kind.name == "vegetation" else "none"
        edge = "#333333" if kind.boxed else "#b5b0a8"
        axes.add_patch(
            Polygon(ring[:, :2], facecolor=face, edgecolor=edge, linewidth=0.9 if kind.boxed else 0.5)
        )
    a = reading.arrays
    along = np.sum(
        a["velocity_compensated_mps"] * np.column_stack([np.cos(a["azimuth_rad"]), np.sin(a["azimuth_rad"])]),
        axis=1,
    )
    for code, mark, size, name in (
        (2, "o", 10, "clutter"),
        (1, "x", 26, "ghost"),
        (3, "+", 40, "false alarm"),
        (0, "o", 30, "thing"),
    ):
        of = a["kind"] == code
        x, y = a["position_m"][of, 0], a["position_m"][of, 1]
        edge = {"edgecolors": "#222222", "linewidths": 0.4} if mark == "o" else {"linewidths": 1.4}
        drawn = axes.scatter(
            x,
            y,
            c=along[of],
            cmap="coolwarm_r",
            vmin=-12,
            vmax=12,
            marker=mark,
            s=size,
            label=f"{name} ({of.sum()})",
            zorder=5,
            **edge,
        )
    figure.colorbar(
        drawn,
        ax=axes,
        label="range rate without the ego's motion (m/s); red comes nearer",
        fraction=0.025,
        pad=0.01,
    )
    axes.set(
        xlim=(-6, 112), ylim=(-27, 27), xlabel="ahead of the radar (m)", ylabel="left (m)", aspect="equal"
    )
    axes.legend(loc="upper left", ncol=4, fontsize=8, framealpha=0.9)
    axes.set_title("driving.street, seed 7: one front radar, one frame", loc="left", fontsize=10)
    figure.tight_layout()
    return figure


def range_doppler() -> plt.Figure:
    _, reading = street()
    a, model = reading.arrays, RadarModel.of(street()[0].concrete.sensors[0])
    figure, axes = plt.subplots(figsize=(9, 5.4), dpi=110)
    half = model.span_mps / 2
    extent = (-half, half, 0.0, model.range_cells * model.range_cell_m)
    shown = axes.imshow(
        a["range_doppler"], origin="lower", aspect="auto", extent=extent, vmin=0, vmax=45, cmap="magma"
    )
    figure.colorbar(shown, label="mean power of the antennas over their noise (dB)")
    folded = model.wrapped_mps(a["doppler_mps"].astype(float), model.span_mps)
    axes.scatter(
        folded,
        a["range_m"],
        s=24,
        facecolors="none",
        edgecolors="#6fe0ff",
        linewidths=0.8,
        label="detections",
    )
    own = np.linalg.norm(_ego_velocity())
    axes.axvline(-own, color="white", linewidth=0.6, linestyle=":")
    axes.text(
        -own - 0.4,
        112,
        "what stands, dead ahead",
        color="white",
        rotation=90,
        ha="right",
        va="top",
        fontsize=7,
    )
    axes.set(xlabel="range rate (m/s), away positive", ylabel="range (m)", ylim=(0, 120))
    axes.legend(loc="upper right", fontsize=8)
    figure.tight_layout()
    return figure


def _ego_velocity() -> F64:
    ready = street()[0]
    ego = next(i for i in ready.world.instances if i.name == "ego")
    return ready.timeline.velocity(ego.instance_id, AT_NS)


def alone(shape: str, seed: int = 1, **params: Any) -> tuple[ConcreteScene, RayEngine, Timeline]:
    """One thing of a family in an empty, still world."""
    item = Draws(Stream(seed)).item("thing", shape, **params)
    return empty(item)


def empty(*items: ConcreteItem) -> tuple[ConcreteScene, RayEngine, Timeline]:
    concrete = ConcreteScene("alone", 0, 0, {}, {}, items, (), (), Sky(), 1.0, 2.0, 1.0, ())
    world = build(concrete)
    return concrete, RayEngine(world), Timeline(world, np.arange(0, 300) * 10**7, {}, {}, {}, {})


def placed(spec: Device, at_m: F64, yaw: float) -> ConcreteSensor:
    q = Pose.of(yaw=yaw).quaternion_wxyz
    x, y, z = map(float, at_m)
    settings = settings_of(spec, Draws(Stream(1)))
    return ConcreteSensor(spec.name, spec.KIND, None, (x, y, z), tuple(map(float, q)), settings)  # type: ignore[arg-type]


def aspect_rcs(shape: str, steps: int = 72, frames: int = 4, away_m: float = 25.0) -> F64:
    """(steps,) dBsm, mean over frames, seen from all round (0: its front)."""
    concrete, engine, timeline = alone(shape)
    thing = engine.world.instances[0]
    middle = np.array(thing.centre_m)
    out = np.zeros(steps)
    for k in range(steps):
        angle = 2 * np.pi * k / steps
        at = np.array([middle[0] + away_m * np.cos(angle), middle[1] + away_m * np.sin(angle), 0.6])
        sensor = placed(Radar(name="r", bounces=0), at, angle + np.pi)
        model = RadarModel.of(sensor)
        for n in range(frames):
            stream = Stream(n, "aspect")
            asked = Sensing(engine, timeline, concrete, sensor, AT_NS, 0, stream, stream)
            paths, _ = echoes(asked, model, home_of(asked, model))
            mine = engine.world.instance_of_part[paths.part] == thing.instance_id
            out[k] += np.sum(4 * np.pi * paths.link[mine] * away_m**4) / frames
    return np.asarray(10 * np.log10(out))


def aspects() -> plt.Figure:
    figure, axes = plt.subplots(1, 2, figsize=(11, 5.2), dpi=110, subplot_kw={"projection": "polar"})
    groups = (
        (("hatchback", "#1f6fb4"), ("truck", "#a33c2b")),
        (("pedestrian", "#3a7d44"), ("cyclist", "#8a5fb0"), ("traffic_sign", "#c08a00")),
    )
    for plot, group, least in zip(axes, groups, (-10, -20), strict=True):
        for shape, colour in group:
            db = aspect_rcs(shape)
            angle = np.linspace(0, 2 * np.pi, len(db) + 1)
            median = np.median(db)
            plot.plot(
                angle,
                np.maximum(np.append(db, db[0]), least),
                color=colour,
                label=f"{shape.replace('_', ' ')}: median {median:.0f} dBsm",
            )
        plot.set_theta_zero_location("N")
        plot.set_rmin(least)
        plot.set_rlabel_position(112)
        plot.tick_params(labelsize=8)
        plot.legend(loc="lower center", bbox_to_anchor=(0.5, -0.24), fontsize=8)
    figure.suptitle("cross section (dBsm) over aspect, its front above; 25 m, mean of 4 frames", fontsize=10)
    figure.tight_layout()
    return figure


def pinged(shape: str, x: float, y: float, **look: Any) -> Any:
    """Ten pings at one thing standing there, from half a metre up."""
    concrete, engine, timeline = alone(shape, position_m=(x, y, 0.0), colour="grey", **look)
    unit = Ultrasonic(name="u", rays=3000, rate_hz=100.0)
    return sensed(engine, timeline, concrete, placed(unit, np.array([0.0, 0.0, 0.5]), 0.0)).arrays


POLE = {"size_m": 1.0, "material": "metal", "params": {"diameter_ratio": 0.075}}
BODY = {"size_m": 1.7, "material": "fabric", "params": {"diameter_ratio": 0.18}}
WALL = {"size_m": 0.2, "material": "concrete", "params": {"width_ratio": 20.0, "height_ratio": 12.0}}


def poles() -> plt.Figure:
    """Where an ultrasonic sensor hears a pole of 75 mm, and how strong three things are over its threshold."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.4), dpi=110)
    x, y = np.meshgrid(np.arange(0.3, 5.6, 0.3), np.arange(0.0, 2.8, 0.3))
    heard = np.array(
        [np.mean(pinged("cylinder", *at, **POLE)["kind"] == 1) for at in zip(x.flat, y.flat, strict=True)]
    )
    both = np.concatenate([heard.reshape(x.shape)[:0:-1], heard.reshape(x.shape)])
    sides = np.concatenate([-y[:0:-1], y])
    shown = axes[0].pcolormesh(x[0], sides[:, 0], both, cmap="Greens", vmin=0, vmax=1, shading="nearest")
    figure.colorbar(shown, ax=axes[0], label="share of pings that hear it")
    axes[0].set(xlabel="ahead (m)", ylabel="left (m)", aspect="equal")
    axes[0].set_title("a pole of 75 mm", fontsize=10)
    ranges = np.arange(0.3, 5.8, 0.25)
    for name, shape, look, colour in (
        ("a concrete wall", "box", WALL, "#555555"),
        ("a clothed body", "cylinder", BODY, "#3a7d44"),
        ("a pole of 75 mm", "cylinder", POLE, "#1f6fb4"),
    ):
        found = [pinged(shape, r + 0.1, 0.0, **look)["level_db"] for r in ranges]
        level = [np.nan if np.isnan(f).mean() > 0.5 else np.nanmean(f) for f in found]
        axes[1].plot(ranges, level, color=colour, label=name, marker="o", markersize=3)
    axes[1].set(xlabel="range (m)", ylabel="echo over the threshold (dB)", ylim=(0, 30))
    axes[1].grid(alpha=0.3)
    axes[1].legend(fontsize=8)
    figure.tight_layout()
    return figure


PICTURES = {"street": birds_eye, "map": range_doppler, "aspect": aspects, "poles": poles}


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--only", default=",".join(PICTURES))
    ask.add_argument("--out", type=Path, default=Path("docs/images"))
    options = ask.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only.split(","):
        with BytesIO() as whole:
            PICTURES[name]().savefig(whole, format="png")
            path = options.out / ("ultrasonic.png" if name == "poles" else f"radar_{name}.png")
            Image.open(whole).convert("RGB").quantize(160).save(path, optimize=True)


if __name__ == "__main__":
    main()
