"""What each render preset costs and gives, in several worlds, against a many-sample reference of the same view.

    python -m benchmarks.presets [--worlds street,night,...] [--width 640] [--crop 1.0] [--reference-samples 512]
                                 [--only draft,standard] [--sweep] [--keep DIR]

Prints a Markdown table a world: seconds of the first frame (Cycles builds its ray structures then) and of a later
one, CPU seconds of the worker for the later one, its peak memory, and quality (``benchmarks/quality.py``). On a busy
machine only the CPU seconds mean anything.

"Blender's defaults" is a factory scene with nothing set but 16 samples (``FACTORY``). The reference has the factory's
bounces and caustics and more, no clamp (but ``Sight.clamp``), no denoiser: whatever a preset leaves out of the light
counts against it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
from numpy.typing import NDArray
from PIL import Image

from benchmarks.measuring import machine
from benchmarks.preset_worlds import SIGHTS, Seen, seen
from benchmarks.quality import Score, score
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_presets import FACTORY, PRESETS, Preset, denoised
from pairforge.renderers.protocol import View
from pairforge.scenes.world import World

DEFAULTS = "Blender's defaults"
REFERENCE = Preset(
    512,
    512,
    {
        "diffuse_bounces": 12,
        "glossy_bounces": 12,
        "transparent_max_bounces": 64,
        "sample_clamp_indirect": 0.0,
        "blur_glossy": 0.0,
        "light_sampling_threshold": 0.0,
        "use_adaptive_sampling": False,
        "use_denoising": False,
    },
    aims_at_sky=True,
)


@dataclass(frozen=True, eq=False)
class Measured:
    """One preset's picture and what it took."""

    pixels: NDArray[np.uint8]
    build_s: float
    first_s: float
    next_s: float
    cpu_s: float
    peak_mb: float


def measure(world: World, view: View, preset: Preset, frames: int = 2) -> Measured:
    """Renders the view ``frames`` times in a fresh worker."""
    renderer = BlenderRenderer(timeout_s=7200)
    try:
        clock = time.perf_counter
        seconds = [clock()]
        renderer.open(world, "standard", preset)
        seconds.append(clock())
        process = psutil.Process(renderer.worker_pid)
        for _ in range(frames):
            before = process.cpu_times()
            pixels = renderer.render(view)
            seconds.append(clock())
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


def candidates(sweep: bool) -> Iterator[tuple[str, Preset]]:
    """Blender's defaults and the presets; with ``sweep`` also standard with one setting changed at a time."""
    yield DEFAULTS, FACTORY
    yield f"{DEFAULTS}, not denoised", replace(FACTORY, cycles={"use_denoising": False})
    yield from PRESETS.items()
    if not sweep:
        return
    base = PRESETS["standard"]
    yield "standard: shadow rays to the sky", replace(base, aims_at_sky=True)
    for samples in (1, 2, 4, 5, 8, 16, 32):
        yield f"standard: {samples} samples", replace(base, samples=samples)
    changes = {
        "not denoised": {"use_denoising": False},
        "OIDN FAST": denoised("FAST", "FAST"),
        "ACCURATE guides": denoised("HIGH", "ACCURATE"),
        "raw guides": {"denoising_prefilter": "NONE"},
        "no guides": {"denoising_input_passes": "RGB"},
        "1 bounce": {"max_bounces": 1},
        "3 bounces": {"max_bounces": 3, "diffuse_bounces": 2, "glossy_bounces": 2},
        "12 bounces": {"max_bounces": 12},
        "no light through leaves twice": {"transmission_bounces": 0},
        "no caustics": {"caustics_reflective": False, "caustics_refractive": False},
        "no light tree": {"use_light_tree": False},
        "clamp 4": {"sample_clamp_indirect": 4.0},
        "no clamp": {"sample_clamp_indirect": 0.0},
        "fast GI": {"use_fast_gi": True},
        "Sobol": {"sampling_pattern": "TABULATED_SOBOL"},
        "filter 1.5 px": {"filter_width": 1.5},
        "filter 1.3 px": {"filter_width": 1.3},
        "filter 1.0 px": {"filter_width": 1.0},
        "glossiness blurred by 1": {"blur_glossy": 1.0},
    }
    for name, change in changes.items():
        yield f"standard: {name}", replace(base, cycles={**base.cycles, **change})


def reference(name: str, sight: Seen, samples: int, keep: Path | None) -> NDArray[np.uint8]:
    """The picture everything is compared with; kept as a PNG in ``keep``, where an earlier run's is taken."""
    height, width = sight.part.shape
    bound = f"-clamp{sight.clamp:g}" if sight.clamp else ""
    path = keep and keep / f"{name}-{width}x{height}-{samples}{bound}.png"
    if path is not None and path.is_file():
        with Image.open(path) as image:
            return np.array(image.convert("RGB"))
    cycles = {**REFERENCE.cycles, "sample_clamp_indirect": sight.clamp}
    preset = replace(REFERENCE, samples=samples, soft_samples=samples, cycles=cycles)
    pixels = measure(sight.world, sight.view, preset, 1).pixels
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return pixels


def report(name: str, sight: Seen, samples: int, only: set[str], sweep: bool, keep: Path | None) -> None:
    """Prints one world's table."""
    target = reference(name, sight, samples, keep)
    height, width = sight.part.shape
    triangles = sum(len(part.mesh.faces) for part in sight.world.parts)
    print(f"\n{name}: {width}x{height}, {len(sight.world.parts)} parts, {triangles:,} triangles; {machine()}")
    print(
        "| settings | first s | frame s | CPU s | peak MB | PSNR dB | SSIM | sharpness | edge error | GMSD |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for setting, preset in candidates(sweep):
        if only and setting not in only:
            continue
        m = measure(sight.world, sight.view, preset)
        if keep is not None:
            Image.fromarray(m.pixels).save(keep / f"{name}-{width}x{height}-{setting}.png")
        print(_row(setting, m, score(m.pixels, target, sight.part)), flush=True)


def _row(name: str, m: Measured, s: Score) -> str:
    times = f"{m.first_s:.1f} | {m.next_s:.1f} | {m.cpu_s:.2f} | {m.peak_mb:.0f}"
    pixels = f"{s.psnr_db:.2f} | {s.ssim:.4f}"
    return f"| {name} | {times} | {pixels} | {s.sharpness:.3f} | {s.edge_error:.3f} | {s.gmsd:.4f} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--worlds", default=",".join(SIGHTS), help="comma separated")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument(
        "--crop", type=float, default=1.0, help="the middle of the picture, as a share of its sides"
    )
    parser.add_argument("--reference-samples", type=int, default=512)
    parser.add_argument("--only", default="", help="names of settings, comma separated")
    parser.add_argument("--sweep", action="store_true", help="also change one setting of standard at a time")
    parser.add_argument("--keep", type=Path, help="where references and pictures are kept")
    options = parser.parse_args()
    only = set(filter(None, options.only.split(",")))
    for name in options.worlds.split(","):
        sight = seen(SIGHTS[name], options.width, options.crop)
        report(name, sight, options.reference_samples, only, options.sweep, options.keep)


if __name__ == "__main__":
    main()
