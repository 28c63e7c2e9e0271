"""pairforge beside others: the same scene, pixels, samples and labels, in one run (see docs/peers.md).

    make peers                                    # the environments, then this
    python -m benchmarks.peers [--samples 4,16] [--frames 4] [--only pairforge,blenderproc] [--out out/peers]

Prints Markdown and keeps ``results.json``. Wall seconds mean something on an idle machine only.
"""

from __future__ import annotations

import argparse
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.measuring import machine
from benchmarks.peers.agreement import Agreement, Arrays, agreement, read_npz, read_shard
from benchmarks.peers.exchange import write_exchange
from benchmarks.peers.running import Contender, Measured, measure, run, unpack

CONTENDERS = (
    Contender("pairforge", "pairforge_frames.py", "", "same"),
    Contender("pairforge, BlenderProc's bounces", "pairforge_frames.py", "", "blenderproc"),
    Contender("pairforge, LiDAR and text too", "pairforge_frames.py", "", "own"),
    Contender("blenderproc", "blenderproc_scene.py", "blenderproc", "own"),
    Contender("blenderproc, pairforge's light settings", "blenderproc_scene.py", "blenderproc", "same"),
    Contender("naive bpy", "naive_bpy.py", "naive", "own"),
    Contender("naive bpy, pairforge's light settings", "naive_bpy.py", "naive", "same"),
    Contender("kubric", "kubric_scene.py", "kubric", "own"),
    Contender("kubric, pairforge's light settings", "kubric_scene.py", "kubric", "same"),
)
REFEREE = Contender("referee", "naive_bpy.py", "naive", "centres")


def slug(name: str) -> str:
    return name.replace(",", "").replace("'", "").replace(" ", "-")


def arrays_of(contender: Contender, out: Path, exchange: Path, frames: int) -> list[Arrays]:
    """The first frames of what a contender kept."""
    if not contender.environment:
        document = json.loads((exchange / "world.json").read_text())
        return read_shard(out, document | {"frames": document["frames"][:frames]})
    unpack(contender, out, exchange)
    return read_npz(out, frames)


def timed(found: dict[str, Measured], samples: int) -> str:
    """A Markdown table; ratios are to pairforge's steady wall and CPU seconds."""
    ours = found.get("pairforge")
    lines = [
        f"{samples} samples | frame, s | to pairforge | frame, CPU s | to pairforge | first frame, s | peak MB "
        "| MB kept",
        "---|" * 8,
    ]
    for name, m in found.items():
        ratios = (m.wall_s / ours.wall_s, m.cpu_s / ours.cpu_s) if ours else (float("nan"),) * 2
        lines.append(
            f"{name} | {m.wall_s:.2f} | {ratios[0]:.2f}x | {m.cpu_s:.2f} | {ratios[1]:.2f}x "
            f"| {m.first.wall_s:.1f} | {m.many.peak_mb:.0f} | {m.kept_bytes / 1e6:.2f}"
        )
    return "\n".join(f"| {line} |" if "---" not in line else f"|{line}" for line in lines)


def agreed(found: dict[str, Agreement]) -> str:
    """A Markdown table."""
    columns = (
        "other ids | inside | other class | depth, mm | 99 % of pixels | depth off | normal, deg | normal off "
        "| not unit | picture, dB"
    )
    lines = [f"| | {columns} |", "|" + "---|" * 11]
    for name, a in found.items():
        lines.append(
            f"| {name} | {a.ids:.4f} % | {a.ids_inside:.4f} % | {a.classes:.4f} % | {a.depth_mm:.4f} "
            f"| {a.depth_99_mm:.3f} | {a.depth_off:.4f} % | {a.normal_deg:.4f} | {a.normal_off:.2f} % "
            f"| {a.normal_short:.2f} % | {a.rgb_db:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--samples", default="4,16")
    ask.add_argument("--frames", type=int, default=4)
    ask.add_argument("--only", default="", help="how contenders' names begin, comma separated")
    ask.add_argument("--out", type=Path, default=Path("out/peers"))
    ask.add_argument("--no-agreement", action="store_true", help="measure times alone")
    options = ask.parse_args()
    wanted = [c for c in CONTENDERS if any(c.name.startswith(o) for o in options.only.split(","))]
    out = options.out.resolve()
    exchange = out / "exchange"
    shutil.rmtree(exchange, ignore_errors=True)
    write_exchange(exchange, options.frames)
    results: dict[str, Any] = {"machine": machine(), "frames": options.frames}
    print(f"{machine()}; frames {options.frames}")
    for samples in map(int, options.samples.split(",")):
        found: dict[str, Measured] = {}
        for contender in wanted:
            folder = out / f"{slug(contender.name)}-{samples}"
            found[contender.name] = measure(contender, exchange, folder, samples, options.frames)
            print(f"{contender.name}, {samples} samples: {found[contender.name]}", flush=True)
        results[f"samples {samples}"] = {name: asdict(m) for name, m in found.items()}
        (out / "results.json").write_text(json.dumps(results, indent=1))
        print("\n" + timed(found, samples) + "\n", flush=True)
    if options.no_agreement:
        return
    run(REFEREE, exchange, out / "referee", 1, options.frames)
    referee = arrays_of(REFEREE, out / "referee", exchange, options.frames)
    last = options.samples.split(",")[-1]
    arrays = {c.name: arrays_of(c, out / f"{slug(c.name)}-{last}", exchange, options.frames) for c in wanted}
    pictures = next(iter(arrays.values()))
    agreements = {name: agreement(a, referee, pictures) for name, a in arrays.items()}
    results["agreement"] = {name: asdict(a) for name, a in agreements.items()}
    (out / "results.json").write_text(json.dumps(results, indent=1))
    print(agreed(agreements))


if __name__ == "__main__":
    main()
