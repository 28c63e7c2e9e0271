"""How the merge of a dataset's manifest grows: time and peak memory of finishing and of opening, by number of scenes.

    python benchmarks/merging.py --scenes 1000 10000 100000        in a folder
    python benchmarks/merging.py --scenes 1000 10000 --store       in an S3-compatible server on this machine

Scenes have the files of real ones (a shard and a table of each kind), one byte each; finishing asks for names and
sizes, and reads records, never the files. Each measurement is a process of its own. ``--store`` needs moto's server.
With ``--place DIR`` the datasets stay there, and those that are there already are measured as they are.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

SCENE = "merge.test"


def prepare(root: Path, scenes: int, store: Any = None) -> None:
    """A dataset of many small scenes, written past pairforge's own writing, which would fsync each of the files."""
    from pairforge.datasets.manifest import Identity, create_or_check
    from pairforge.datasets.records import CompletionRecord, FileEntry, dumped
    from pairforge.datasets.schema import TABLES
    from pairforge.datasets.store import shard_path, table_path

    identity = Identity(
        scene=SCENE, spec_source="merge", spec_sha256="0" * 64, seed=0, quality="draft", renderer="raycast"
    )
    create_or_check(root, identity, scenes)
    put = _put_object(store, root) if store else _put_file(root)
    if not store:
        for folder in ("records", "shards", *(f"tables/{name}" for name in TABLES)):
            (root / folder).mkdir(parents=True)

    def one(index: int) -> None:
        from hashlib import sha256

        slug = f"merge-test-{index:06d}"
        names = [shard_path(slug), *(table_path(name, slug) for name in TABLES)]
        files = {n: FileEntry(sha256=sha256(n.encode()).hexdigest(), bytes=1) for n in sorted(names)}
        for name in names:
            put(name, b"x")
        record = CompletionRecord(scene_index=index, slug=slug, frames=10, files=files)
        put(f"records/{slug}.json", dumped(record))

    with ThreadPoolExecutor(8 if store else 1) as pool:
        for _ in pool.map(one, range(scenes)):
            pass


def _put_file(root: Path) -> Any:
    def put(name: str, data: bytes) -> None:
        handle = os.open(root / name, os.O_WRONLY | os.O_CREAT, 0o644)
        os.write(handle, data)
        os.close(handle)

    return put


def _put_object(store: Any, root: Path) -> Any:
    client, prefix = store.client(), str(root).partition("://")[2].partition("/")[2]

    def put(name: str, data: bytes) -> None:
        client.put_object(Bucket=store.bucket, Key=f"{prefix}/{name}", Body=data)

    return put


_STEPS = {
    "finish": "from pairforge.datasets.manifest import finish; finish(root)",
    "open": "from pairforge.datasets.reader import Dataset; d = Dataset(root); len(d), d.scene(len(d.scenes) - 1)",
    "done": "from pairforge.datasets.manifest import done; done(root)",
}
_RUN = """
import json, resource, sys, time
from pairforge.datasets.place import place_of
import pairforge.datasets.manifest, pairforge.datasets.reader
root = place_of(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF)
begun = time.perf_counter()
{step}
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({{
    "seconds": time.perf_counter() - begun,
    "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    "peak_mb": after.ru_maxrss / 1024,
    "more_mb": (after.ru_maxrss - before.ru_maxrss) / 1024,
}}))
"""


def measure(root: Path, step: str) -> dict[str, float]:
    """Wall seconds, CPU seconds, peak memory, and how far that rose above what the imports take (MiB)."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN.format(step=_STEPS[step]), str(root)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


@contextlib.contextmanager
def places(store: bool, kept: Path | None) -> Iterator[tuple[Any, Any]]:
    """Where datasets of a measurement lie, and the store."""
    if kept is not None:
        yield kept, None
        return
    if not store:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder), None
        return
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from tests.object_store import object_store

    with object_store() as server:
        os.environ.update(server.env)
        yield server.place("merging"), server


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--store", action="store_true", help="in an S3-compatible server instead of a folder")
    parser.add_argument("--place", type=Path, metavar="DIR", help="in this folder, where they stay")
    parser.add_argument("--json", type=Path, help="keep the figures there")
    options = parser.parse_args()
    rows = []
    print("| scenes | step | wall s | CPU s | peak MiB | above imports | dataset.json + index, bytes |")
    print("|---|---|---|---|---|---|---|")
    with places(options.store, options.place) as (place, server):
        for scenes in options.scenes:
            root = place / str(scenes)
            if server or not (root / "dataset.json").exists():
                prepare(root, scenes, server)
            for step in ("finish", "open", "done"):
                row = {"scenes": scenes, "step": step, **measure(root, step)}
                kept = sum(_size(root / name) for name in ("dataset.json", "index.parquet"))
                rows.append(row | {"bytes": kept})
                print(
                    f"| {scenes:,} | {step} | {row['seconds']:.2f} | {row['cpu_s']:.2f} | {row['peak_mb']:.0f} | "
                    f"{row['more_mb']:.0f} | {kept:,} |",
                    flush=True,
                )
            if server is None and options.place is None:
                shutil.rmtree(root)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


def _size(path: Path) -> int:
    from pairforge.datasets.files import sizes

    return sizes([path])[0]


if __name__ == "__main__":
    main()
