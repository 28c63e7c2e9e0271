"""Every library world over many seeds: does it resolve and simulate, how does it rest, does it keep to physics?

``python -m benchmarks.worlds --seeds 200 --rows out/worlds.jsonl`` draws each world that many times, two at once, and
prints a Markdown row a world. Rows that are in the file already are kept, so that it may be stopped at any time and
go on later. Nothing is rendered.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.rest import DATASET_SEED, wrong
from pairforge.errors import PairforgeError
from pairforge.pipeline import scene_seed
from pairforge.scenes.load import library_names, load_scene
from pairforge.scenes.resolve import resolve_candidate
from pairforge.sensors.limits import violations
from pairforge.sensors.rest import rest

Row = dict[str, Any]


def drawn(name: str, index: int) -> Row:
    """What is to say of one draw of a world: its things, redraws, faults and CPU seconds."""
    start = process_time()
    row: Row = {"scene": name, "index": index}
    try:
        candidate = resolve_candidate(load_scene(name).scene, scene_seed(DATASET_SEED, index))
        concrete, timeline = candidate.concrete, candidate.timeline
    except PairforgeError as error:
        return {**row, "failed": str(error), "cpu_s": process_time() - start}
    stands = rest(timeline, concrete)
    return {
        **row,
        "things": len(timeline.world.instances),
        "redraws": concrete.attempt,
        "deepest_mm": 1e3 * stands.deepest_m,
        "wrong": wrong(timeline, stands),
        "moving": len(stands.moving),
        "violations": [str(v) for v in violations(timeline)],
        "cpu_s": process_time() - start,
    }


def report(rows: Iterable[Row]) -> None:
    """Prints a Markdown row a world, then every fault."""
    columns = (
        "world | seeds | failed | things | most redraws | deepest overlap (mm) | rests wrong | past limits"
    )
    print(f"| {columns} | CPU s |\n|" + "---|" * 9)
    groups: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda r: (r["scene"], r["index"])):
        groups.setdefault(row["scene"], []).append(row)
    for name, of in groups.items():
        fine = [r for r in of if "failed" not in r]
        most = {key: max((r[key] for r in fine), default=0) for key in ("things", "redraws", "deepest_mm")}
        faults = {key: sum(1 for r in fine if r[key]) for key in ("wrong", "violations")}
        cpu_s = sum(r["cpu_s"] for r in of) / len(of)
        print(
            f"| {name} | {len(of)} | {len(of) - len(fine)} | {most['things']} | {most['redraws']} "
            f"| {most['deepest_mm']:.1f} | {faults['wrong']} | {faults['violations']} | {cpu_s:.1f} |"
        )
    for name, of in groups.items():
        for row in of:
            for said in [row["failed"]] if "failed" in row else [*row["wrong"], *row["violations"]]:
                print(f"{name} {row['index']}: {said}")


def kept(path: Path) -> list[Row]:
    """Rows of an earlier run; a last line that was cut off is left out."""
    rows = []
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--scene", action="append", default=[])
    ask.add_argument("--seeds", type=int, default=20)
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--rows", type=Path, default=Path("out/worlds.jsonl"))
    options = ask.parse_args()
    names = options.scene or library_names()
    options.rows.parent.mkdir(parents=True, exist_ok=True)
    rows = [r for r in kept(options.rows) if r["scene"] in names and r["index"] < options.seeds]
    have = {(r["scene"], r["index"]) for r in rows}
    # Seed by seed over all worlds, so that a run that is stopped has tried each of them.
    todo = [(n, k) for k in range(options.seeds) for n in names if (n, k) not in have]
    with ProcessPoolExecutor(options.workers) as pool, options.rows.open("a") as file:
        for done in as_completed([pool.submit(drawn, *one) for one in todo]):
            rows.append(done.result())
            file.write(json.dumps(rows[-1]) + "\n")
            file.flush()
    report(rows)


if __name__ == "__main__":
    main()
