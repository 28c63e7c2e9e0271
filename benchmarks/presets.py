"""What each render preset costs and gives, against a many-sample reference of the same view.

    python benchmarks/presets.py [--width 640] [--reference-samples 512] [--seed 1] [--only draft,standard]

Prints a Markdown table: seconds to build the world, for the first frame (Cycles builds its ray structures then) and
for a later one, CPU seconds and peak memory of the worker, PSNR and SSIM against the reference.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import psutil
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from pairforge.frames import Intrinsics, Pose
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_presets import PRESETS, Preset
from pairforge.renderers.protocol import View
from pairforge.scenes.build import build
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.resolve import resolve
from pairforge.scenes.world import World


@dataclass(frozen=True, eq=False)
class Measured:
    """One preset's picture and what it took."""

    pixels: NDArray[np.uint8]
    build_s: float
    first_s: float
    next_s: float
    cpu_s: float
    peak_mb: float


def street_view(seed: int, width_px: int) -> tuple[World, View]:
    """The library street at rest, seen by the ego car's first camera, scaled to ``width_px``."""
    concrete = resolve(STREET, seed)
    world = build(concrete)
    camera = next(s for s in concrete.sensors if s.kind == "camera")
    ego = next(i for i in world.instances if i.name == camera.mount)
    scale = width_px / camera.settings["width_px"]
    height_px = round(camera.settings["height_px"] * scale)
    k = Intrinsics(width_px, height_px, *(camera.settings[n] * scale for n in ("fx", "fy", "cx", "cy")))
    pose = ego.world_from_body @ Pose.of(camera.position_m, camera.quaternion_wxyz)
    return world, View(k, pose, {})


def measure(world: World, view: View, preset: Preset, frames: int = 2) -> Measured:
    """Renders the view ``frames`` times in a fresh worker."""
    renderer = BlenderRenderer(timeout_s=7200)
    try:
        seconds = [time.perf_counter()]
        renderer.open(world, "standard", preset)
        seconds.append(time.perf_counter())
        process = psutil.Process(renderer.worker_pid)
        for _ in range(frames):
            before = process.cpu_times()
            pixels = renderer.render(view)
            seconds.append(time.perf_counter())
        after = process.cpu_times()
        took = np.diff(seconds)
        cpu_s = after.user + after.system - before.user - before.system
        return Measured(pixels, took[0], took[1], took[-1], cpu_s, _peak_mb(process.pid))
    finally:
        renderer.close()


def _peak_mb(pid: int) -> float:
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return float(line.split()[1]) / 1024


def candidates() -> Iterator[tuple[str, Preset]]:
    """The presets, and standard with one setting changed at a time."""
    yield from PRESETS.items()
    base = PRESETS["standard"]
    yield "standard, 2 samples", replace(base, samples=2)
    yield "standard, 8 samples", replace(base, samples=8)
    yield "standard, 16 samples", replace(base, samples=16)
    yield "standard, no denoiser", replace(base, denoise="")
    yield "standard, FAST denoiser", replace(base, denoise="FAST")
    yield "standard, raw guides", replace(base, prefilter="NONE")
    yield "standard, 1 bounce", replace(base, bounces=1, diffuse_bounces=1, glossy_bounces=1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--reference-samples", type=int, default=512)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="names of presets, comma separated")
    options = parser.parse_args()
    world, view = street_view(options.seed, options.width)
    reference_preset = replace(PRESETS["high"], samples=options.reference_samples, denoise="")
    reference = measure(world, view, reference_preset, frames=1).pixels
    triangles = sum(len(part.mesh.faces) for part in world.parts)
    k = view.intrinsics
    print(
        f"{k.width_px}x{k.height_px}, {len(world.parts)} parts, {triangles:,} triangles, {psutil.cpu_count()} cores"
    )
    print("| preset | build s | first s | frame s | CPU s | peak MB | PSNR dB | SSIM |")
    print("|---|---|---|---|---|---|---|---|")
    only = set(filter(None, options.only.split(",")))
    for name, preset in candidates():
        if only and name not in only:
            continue
        m = measure(world, view, preset)
        psnr = peak_signal_noise_ratio(reference, m.pixels)
        ssim = structural_similarity(reference, m.pixels, channel_axis=2)
        times = f"{m.build_s:.1f} | {m.first_s:.1f} | {m.next_s:.1f} | {m.cpu_s:.1f}"
        print(f"| {name} | {times} | {m.peak_mb:.0f} | {psnr:.1f} | {ssim:.3f} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
