"""What a dataset of a million frames costs on a thousand nodes: a small model of measured figures (docs/cost.md).

    python -m benchmarks.cost [--figures benchmarks/cost.json] [--frames 1000000] [--nodes 1000] [--preset standard]

Every figure is a range (low, likely, high); the outcome's low takes every low, its high every high, so that the truth
is wrong only if a figure or the model is. Prices are the reader's.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("cost.json")
CASES = ("low", "likely", "high")


@dataclass(frozen=True)
class Figures:
    """One case of what was measured or assumed. Seconds are of the wall, of a worker that has its cores to itself.

    ``start_s`` a job's start and what its first scene takes before its pictures (drawn, built, simulated), which is
    done beside the one before in all others; ``scene_s`` what any scene takes beside its frames; ``frame_s`` each;
    ``cores`` and ``memory_gb`` of a worker; ``frame_mb`` and ``scene_mb`` published; requests of a scene:
    ``scene_puts``, ``scene_gets``, ``scene_lists``;
    ``heartbeat_s`` between a job's reports; merging: ``merge_scene_s`` of the wall, ``merge_scene_gets``;
    ``fail_share`` of scenes that fail once for no fault of their own; ``preempted_per_h`` of a node, after which
    ``away_s`` pass; ``spread``: how much of a job's length the last workers are waited for.
    """

    start_s: float
    scene_s: float
    frame_s: float
    cores: float
    memory_gb: float
    frame_mb: float
    scene_mb: float
    scene_puts: float
    scene_gets: float
    scene_lists: float
    heartbeat_s: float
    merge_scene_s: float
    merge_scene_gets: float
    fail_share: float
    preempted_per_h: float
    away_s: float
    spread: float


@dataclass(frozen=True)
class Asked:
    """The dataset and the farm. ``job_s``: how long a job shall be."""

    frames: int = 1_000_000
    frames_per_scene: int = 10
    nodes: int = 1000
    cores_per_node: int = 8
    memory_per_node_gb: float = 32.0
    job_s: float = 300.0


@dataclass(frozen=True)
class Cost:
    """What comes of it; hours are of the wall, ``cpu_h`` core hours paid for. ``lost_share`` of them is made twice or
    waited for."""

    scenes: float
    workers: float
    jobs: float
    scenes_per_job: float
    hours: float
    cpu_h: float
    lost_share: float
    storage_tb: float
    puts: float
    gets: float
    lists: float
    merge_h: float
    upload_mb_s: float


def cost(figures: Figures, asked: Asked) -> Cost:
    """The whole dataset: jobs in rounds over all workers, what is lost of them, and the merge.

    A preemption loses on average half a scene and a start, and the node's time away; a failure loses a scene. The
    last round is as long as its slowest job.
    """
    scenes = math.ceil(asked.frames / asked.frames_per_scene)
    scene_s = figures.scene_s + asked.frames_per_scene * figures.frame_s
    per_job = max(1, math.floor((asked.job_s - figures.start_s) / scene_s))
    jobs = math.ceil(scenes / per_job)
    workers = asked.nodes * workers_of_node(figures, asked)
    ideal_s = jobs * figures.start_s + scenes * scene_s
    failed_s = scenes * figures.fail_share * scene_s
    busy_h = (ideal_s + failed_s) / 3600
    # A node that is preempted loses what all its workers had under way.
    preempted_s = busy_h * figures.preempted_per_h * (scene_s / 2 + figures.start_s + figures.away_s)
    busy_s = ideal_s + failed_s + preempted_s
    job_s = busy_s / jobs
    rounds = jobs / workers
    hours = (max(rounds, 1.0) * job_s + figures.spread * job_s) / 3600
    paid_h = min(workers, jobs) * hours * figures.cores
    merge_h = scenes * figures.merge_scene_s / 3600
    frames_s = asked.frames * figures.frame_mb + scenes * figures.scene_mb
    reports = busy_s / figures.heartbeat_s
    return Cost(
        scenes=scenes,
        workers=workers,
        jobs=jobs,
        scenes_per_job=per_job,
        hours=hours + merge_h,
        cpu_h=paid_h,
        lost_share=1 - ideal_s * figures.cores / 3600 / paid_h,
        storage_tb=frames_s / 1e6,
        puts=scenes * figures.scene_puts * (1 + figures.fail_share) + reports,
        gets=scenes * (figures.scene_gets + figures.merge_scene_gets),
        lists=scenes * figures.scene_lists + scenes * figures.scene_puts / 1000,  # a page has a thousand
        merge_h=merge_h,
        upload_mb_s=frames_s / (hours * 3600),
    )


def workers_of_node(figures: Figures, asked: Asked) -> int:
    """As many as its cores and its memory carry, one at least."""
    by_cores = asked.cores_per_node / figures.cores
    return max(1, math.floor(min(by_cores, asked.memory_per_node_gb / figures.memory_gb)))


def figures_of(document: Mapping[str, Any], preset: str) -> dict[str, Figures]:
    """Case -> figures of a preset: its own [low, likely, high] beside those that all presets share."""
    rows: dict[str, list[float]] = {**document["shared"], **document["presets"][preset]}
    if wrong := sorted({f.name for f in fields(Figures)} ^ rows.keys()):
        raise ValueError(f"figures of {preset} and the model differ in {', '.join(wrong)}")
    for name, row in rows.items():
        if not row[0] <= row[1] <= row[2]:
            raise ValueError(f"{name} of {preset} is {row}: low, likely, high must rise")
    return {case: Figures(**{name: row[k] for name, row in rows.items()}) for k, case in enumerate(CASES)}


def table(document: Mapping[str, Any], asked: Asked, presets: tuple[str, ...]) -> str:
    """Markdown: a row an outcome, a column a preset; "likely (low to high)"."""
    found = {
        preset: {case: cost(f, asked) for case, f in figures_of(document, preset).items()}
        for preset in presets
    }
    lines = ["| | " + " | ".join(presets) + " |", "|---|" + "---|" * len(presets)]
    for name, words in ROWS.items():
        row = [_range(*(getattr(found[preset][case], name) for case in CASES)) for preset in presets]
        lines.append(f"| {words} | " + " | ".join(row) + " |")
    return "\n".join(lines)


ROWS = {
    "scenes": "scenes",
    "workers": "workers at once",
    "scenes_per_job": "scenes a job",
    "jobs": "jobs",
    "hours": "hours to the finished dataset",
    "cpu_h": "core hours",
    "lost_share": "of them lost or waited",
    "storage_tb": "storage, TB",
    "puts": "PUT and POST requests",
    "gets": "GET and HEAD requests",
    "lists": "LIST requests",
    "merge_h": "merging the manifest, hours",
    "upload_mb_s": "uploaded by all together, MB/s",
}


def _range(low: float, likely: float, high: float) -> str:
    first, last = sorted((low, high))
    return _short(likely) if first == last else f"{_short(likely)} ({_short(first)} to {_short(last)})"


def _short(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 1e4:
        return f"{value / 1e3:.3g} k"
    return f"{value:,.0f}" if value >= 100 or (value >= 1 and value == int(value)) else f"{value:.2g}"


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--figures", type=Path, default=FIGURES)
    ask.add_argument("--preset", default="draft,standard,high")
    for field in fields(Asked):
        kind = type(field.default)
        ask.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=field.default)
    options = vars(ask.parse_args())
    document, presets = (
        json.loads(options.pop("figures").read_text()),
        tuple(options.pop("preset").split(",")),
    )
    print(table(document, Asked(**options), presets))


if __name__ == "__main__":
    main()
