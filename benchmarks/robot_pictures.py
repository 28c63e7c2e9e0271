"""The pictures of docs/sensors/event_camera.md, depth_camera.md and robot.md.

python -m benchmarks.robot_pictures [--renderer blender] [--out docs/images]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap

from pairforge.pipeline import Stage, _asked, keyframes, prepare
from pairforge.registry import RENDERERS
from pairforge.sample import Keyframe
from pairforge.scenes.library.robot import PICK
from pairforge.scenes.spec import Camera
from pairforge.sensors.depth_camera import STRUCTURED_LIGHT, DepthCamera
from pairforge.sensors.event_camera import EventCamera
from pairforge.sensors.protocol import SENSORS

SEED, CARRIED = 3, 6
"""Which scene, and the keyframe at which the arm carries the block across."""
EYE: dict[str, Any] = {
    "look_at": (0.50, 0.62, 0.96),
    "distance_m": 1.05,
    "azimuth_deg": 205.0,
    "elevation_deg": 16.0,
    "fov_deg": 52.0,
}
FIXED: dict[str, Any] = {
    "look_at": (0.5, 0.62, 0.8),
    "distance_m": 1.1,
    "azimuth_deg": 200.0,
    "elevation_deg": 30.0,
}
STATUS = (
    ("measured", "#e8e8e8"),
    ("edge", "#f5a623"),
    ("nothing there", "#000000"),
    ("too near", "#6b2d73"),
    ("too far", "#20306f"),
    ("hidden", "#c0392b"),
    ("too little light", "#2e7d32"),
    ("mirror or glass", "#29b6d8"),
    ("lost", "#ff4fd8"),
)


def watched() -> Stage:
    """The library's scene with an event camera, a plain one beside it, and two depth cameras that stand still."""
    more = [
        EventCamera(name="events", **EYE),
        Camera(name="beside", **EYE, width_px=240, height_px=180),
        Camera(name="fixed", **FIXED, fov_deg=57.0, width_px=320, height_px=240),
        DepthCamera(name="stereo", **FIXED, fov_deg=57.0),
        DepthCamera(name="projector", **FIXED, **STRUCTURED_LIGHT),
    ]
    return prepare(replace(PICK, sensors=[*PICK.sensors, *more]), SEED, 0)


def save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=80, bbox_inches="tight", pad_inches=0.05)
    plt.close(figure)
    print(f"{path}: {path.stat().st_size // 1024} KB")


def events(frame: Keyframe, out: Path) -> None:
    """Events of the last 20 ms, red brighter and blue darker, on the picture; and all of them by column and time."""
    a = frame.readings["events"].arrays
    figure, axes = plt.subplots(1, 3, figsize=(13.0, 3.4))
    picture = frame.cameras["beside"].rgb
    axes[0].imshow(picture)
    axes[0].set_title("picture", fontsize=9)
    grey = np.repeat((picture.mean(axis=2, keepdims=True) * 0.55 + 90).astype(np.uint8), 3, axis=2)
    axes[1].imshow(grey)
    late = a["times_ns"] > a["window_ns"][1] - 20_000_000
    colours = np.where(a["polarity"] > 0, "#e53020", "#2050e0")
    axes[1].scatter(a["x"][late], a["y"][late], s=1.6, c=colours[late], marker="s", linewidths=0)
    axes[1].set_title(f"events of the last 20 ms: {int(late.sum())}", fontsize=9)
    ms = (a["times_ns"] - a["window_ns"][0]) * 1e-6
    axes[2].scatter(ms, a["x"], s=0.7, c=colours, linewidths=0)
    axes[2].set(xlabel="ms since the window began", ylabel="column", xlim=(0, 50), ylim=(0, 240))
    axes[2].set_title(f"all {len(ms)} by column and time", fontsize=9)
    for axis in axes[:2]:
        axis.set_axis_off()
    save(figure, out / "event_camera.png")


def depths(frame: Keyframe, out: Path) -> None:
    """What both kinds of depth camera make of one view."""
    rows = ("stereo", "projector")
    figure, axes = plt.subplots(2, 4, figsize=(13.0, 5.2))
    colours = ListedColormap([c for _, c in STATUS])
    for row, name in zip(axes, rows, strict=True):
        a = frame.readings[name].arrays
        true = np.where(np.isfinite(a["true_depth_m"]), a["true_depth_m"], np.nan)
        low, high = 0.6, 2.4
        row[0].imshow(frame.cameras["fixed"].rgb)
        row[1].imshow(true, cmap="viridis", vmin=low, vmax=high)
        row[2].imshow(np.where(a["depth_m"] > 0, a["depth_m"], np.nan), cmap="viridis", vmin=low, vmax=high)
        row[2].set_facecolor("black")
        shown = row[3].imshow(a["status"], cmap=colours, norm=BoundaryNorm(np.arange(10) - 0.5, 9))
        titles = ("picture", "true depth, 0.6..2.4 m", f"measured: {name}", "why")
        for axis, title in zip(row, titles, strict=True):
            axis.set_title(title, fontsize=9)
            axis.set_xticks([])
            axis.set_yticks([])
    bar = figure.colorbar(shown, ax=axes, ticks=range(9), fraction=0.025, pad=0.01)
    bar.ax.set_yticklabels([word for word, _ in STATUS], fontsize=8)
    save(figure, out / "depth_camera.png")


def robot(ready: Stage, frame: Keyframe, out: Path) -> None:
    """The arm, what its wrist sees, and the traces of its force, finger and joint sensors over the whole scene."""
    figure = plt.figure(figsize=(13.0, 6.0))
    grid = figure.add_gridspec(2, 3, width_ratios=(1.5, 1.0, 1.0), hspace=0.28, wspace=0.22)
    axes = [figure.add_subplot(grid[0, k]) for k in range(3)]
    depth = frame.readings["depth"].arrays["depth_m"]
    axes[0].imshow(frame.cameras["front"].rgb)
    axes[1].imshow(frame.cameras["wrist"].rgb)
    axes[2].imshow(np.where(depth > 0, depth, np.nan), cmap="viridis")
    axes[2].set_facecolor("black")
    for axis, title in zip(axes, ("front", "wrist camera", "wrist depth"), strict=True):
        axis.set_title(title, fontsize=9)
        axis.set_xticks([])
        axis.set_yticks([])
    count = len(ready.concrete.keyframe_times_ns)
    names = ("wrist_force", "touch_left", "joints")
    found = {n: [_sensed(ready, n, k) for k in range(count)] for n in names}
    lower = [figure.add_subplot(grid[1, k]) for k in range(3)]
    time_s = np.concatenate([a["times_ns"] for a in found["wrist_force"]]) * 1e-9
    force = np.concatenate([a["force_n"] for a in found["wrist_force"]])
    for k, (axis, colour) in enumerate(zip("xyz", ("#d1495b", "#2e8b57", "#2e6fd1"), strict=True)):
        lower[0].plot(time_s, force[:, k], lw=0.8, color=colour, label=f"{axis} (hand)")
    lower[0].set(ylabel="N", title="wrist force: weight, inertia, the block")
    squeeze = [
        np.bincount(a["touch_sample"], a["normal_force_n"], len(a["times_ns"])) for a in found["touch_left"]
    ]
    touch_s = np.concatenate([a["times_ns"] for a in found["touch_left"]]) * 1e-9
    lower[1].plot(touch_s, np.concatenate(squeeze), lw=0.9, color="#444")
    lower[1].set(ylabel="N", title="normal force on the left finger")
    position = np.concatenate([a["position"] for a in found["joints"]])
    joint_s = np.concatenate([a["times_ns"] for a in found["joints"]]) * 1e-9
    sensor = next(s for s in ready.concrete.sensors if s.name == "joints")
    for k, joint in enumerate(sensor.settings["joints"][:6]):
        lower[2].plot(joint_s, np.degrees(position[:, k]), lw=1.0, label=joint)
    lower[2].set(ylabel="degrees", title="joints")
    for axis in lower:
        axis.set_xlabel("s")
        axis.title.set_fontsize(9)
        axis.grid(alpha=0.3)
    lower[0].legend(fontsize=7)
    lower[2].legend(fontsize=7, ncol=2)
    save(figure, out / "robot.png")


def _sensed(ready: Stage, name: str, k: int) -> dict[str, Any]:
    sensor = next(s for s in ready.concrete.sensors if s.name == name)
    return dict(SENSORS.load(sensor.kind).sense(_asked(ready, sensor, k)).arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renderer", default="blender")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    options = parser.parse_args()
    ready = watched()
    renderer = RENDERERS.load(options.renderer)()
    try:
        (frame,) = keyframes(ready, renderer, "standard", only=(CARRIED,))
    finally:
        renderer.close()
    events(frame, options.out)
    depths(frame, options.out)
    robot(ready, frame, options.out)
    for caption in frame.captions:
        print(caption.text)


if __name__ == "__main__":
    main()
