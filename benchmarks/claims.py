"""Is every claim about every library world true, and is every lie about it caught?

``python -m benchmarks.claims --seeds 3 --rows out/claims.jsonl`` takes keyframes of each library world, sensed small
and pictured by the fast renderer, measures and tells them in every kind of caption, asks every family of questions,
proves every fact, word, happening and answer, and then tells lies of every kind, which must all be refuted. Rows that
are in the file are kept, so that it may be stopped at any time. Prints Markdown: worlds, predicates, kinds of lies,
and whatever did not hold.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from time import process_time
from typing import Any

from benchmarks.claims_draws import try_happenings, try_questions
from benchmarks.claims_mutations import Tried, try_lies
from benchmarks.worlds import kept
from pairforge.captioners.caption import write
from pairforge.captioners.languages.protocol import codes
from pairforge.captioners.protocol import names
from pairforge.datasets.claims import prove
from pairforge.errors import PairforgeError
from pairforge.pipeline import keyframes, prepare
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.sample import Keyframe, SceneRecord
from pairforge.scenes.load import library_names, load_scene
from pairforge.scenes.spec import Camera, Lidar, Scene
from pairforge.seeding import Stream

DATASET_SEED = 11
COUNTED = ("facts", "captions", "happenings", "questions")
Row = dict[str, Any]


def small(scene: Scene) -> Scene:
    """The scene with small cameras and thin sweeps; parts are inspected at twice the size of other things."""
    width = 640 if scene.name.startswith("inspection") else 320
    sensors = [
        replace(s, width_px=width, height_px=width * 9 // 16)
        if isinstance(s, Camera)
        else (replace(s, columns=360) if isinstance(s, Lidar) else s)
        for s in scene.sensors
    ]
    return replace(scene, sensors=sensors)


def told(frame: Keyframe, record: SceneRecord, stream: Stream) -> Keyframe:
    """The keyframe with captions of every kind in every language there is."""
    return replace(frame, captions=write(frame, record, names(), stream, codes()))


def proved(name: str, index: int, frames: int, lies: int) -> Row:
    """What is to say of the proof of one draw of a world."""
    start = process_time()
    row: Row = {"scene": name, "index": index}
    try:
        ready = prepare(small(load_scene(name).scene), DATASET_SEED, index)
    except PairforgeError as error:
        return {**row, "failed": str(error), "cpu_s": process_time() - start}
    count = len(ready.concrete.keyframe_times_ns)
    only = tuple(sorted({round(k * (count - 1) / max(frames - 1, 1)) for k in range(frames)}))
    row |= {"frames": len(only), "refuted": [], "missed": []}
    counts = {name: Counter[str]() for name in (*COUNTED, "tried", "true")}
    stream = Stream(DATASET_SEED) / name / index
    kept: list[Keyframe] = []
    for bare in keyframes(ready, RaycastRenderer(), "draft", only):
        frame = told(bare, ready.record, stream / bare.frame_index)
        kept.append(frame)
        counts["facts"].update(f.predicate for f in frame.facts)
        counts["captions"].update(f"{c.language} {c.kind}" for c in frame.captions)
        row["refuted"] += [f"{frame.key} {finding}" for finding in prove(frame, ready.record)]
        if lies:
            _add(row, counts, try_lies(frame, ready.record, lies, stream / bare.frame_index / "lies"))
    wrong, said = try_happenings(ready.record, lies, stream)
    row["refuted"] += wrong
    counts["happenings"].update(h.kind for h in ready.record.happenings)
    _add(row, counts, said)
    asked, wrong, said = try_questions(ready.record, kept, lies, stream)
    row["refuted"] += wrong
    counts["questions"].update(q.family for q in asked)
    _add(row, counts, said)
    return row | {k: dict(sorted(n.items())) for k, n in counts.items()} | {"cpu_s": process_time() - start}


def _add(row: Row, counts: dict[str, Counter[str]], said: Tried) -> None:
    counts["tried"].update(said.tried)
    counts["true"].update(said.true)
    row["missed"] += said.missed


def summed(rows: Iterable[Row], what: str) -> Counter[str]:
    total = Counter[str]()
    for row in rows:
        total.update(row[what])
    return total


def report(rows: Iterable[Row]) -> None:
    """Prints the tables, then all that did not hold."""
    ordered = sorted(rows, key=lambda r: (r["scene"], r["index"]))
    fine = [r for r in ordered if "failed" not in r]
    head = ("world", "keyframes", *COUNTED, "refuted", "lies", "caught", "still true", "missed")
    print(f"| {' | '.join(head)} |\n|" + "---|" * len(head))
    for name in sorted({r["scene"] for r in fine}):
        _print_world(name, [r for r in fine if r["scene"] == name])
    _print_world("all", fine)
    for what in COUNTED:
        print(f"\n{what}: " + ", ".join(f"{k} {n}" for k, n in sorted(summed(fine, what).items())))
    tried, true = summed(fine, "tried"), summed(fine, "true")
    print("\n| kind of lie | told | still true |\n|---|---|---|")
    for kind in sorted(tried):
        print(f"| {kind} | {tried[kind]} | {true[kind] or ''} |")
    for row in ordered:
        for said in [row["failed"]] if "failed" in row else [*row["refuted"], *row["missed"]]:
            print(f"{row['scene']} {row['index']}: {said}")


def _print_world(name: str, rows: list[Row]) -> None:
    lies, true = summed(rows, "tried").total(), summed(rows, "true").total()
    missed = sum(len(r["missed"]) for r in rows)
    cells = (
        *(name, sum(r["frames"] for r in rows), *(summed(rows, what).total() for what in COUNTED)),
        sum(len(r["refuted"]) for r in rows),
        *(lies, lies - true - missed, true, missed),
    )
    print(f"| {' | '.join(str(c) for c in cells)} |")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--scene", action="append", default=[])
    ask.add_argument("--seeds", type=int, default=3)
    ask.add_argument("--frames", type=int, default=5, help="keyframes of each seed, spread over its time")
    ask.add_argument("--lies", type=int, default=1, help="of every kind about each keyframe")
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--rows", type=Path, default=Path("out/claims.jsonl"))
    options = ask.parse_args()
    worlds = options.scene or library_names()
    options.rows.parent.mkdir(parents=True, exist_ok=True)
    rows = [r for r in kept(options.rows) if r["scene"] in worlds and r["index"] < options.seeds]
    have = {(r["scene"], r["index"]) for r in rows}
    # Seed by seed over all worlds, so that a run that is stopped has tried each of them.
    todo = [(n, k) for k in range(options.seeds) for n in worlds if (n, k) not in have]
    with ProcessPoolExecutor(options.workers) as pool, options.rows.open("a") as file:
        try:
            for done in as_completed(
                [pool.submit(proved, *one, options.frames, options.lies) for one in todo]
            ):
                rows.append(done.result())
                file.write(json.dumps(rows[-1]) + "\n")
                file.flush()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    report(rows)


if __name__ == "__main__":
    main()
