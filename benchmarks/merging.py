"""How the merge of a dataset's manifest grows: time and peak memory of finishing and of opening, by number of scenes.

    python -m benchmarks.merging --scenes 1000 10000 100000        in a folder
    python -m benchmarks.merging --scenes 1000 10000 --store seaweedfs     in a server on this machine

Scenes have the files of real ones (a shard and a table of each kind), one byte each; finishing asks for names and
sizes, and reads records, never the files. Each measurement is a process of its own. ``--store`` names a server of
tests/store_servers.py, which rclone fills from a folder; requests are counted as botocore sends them.
With ``--place DIR`` the datasets stay there, and those that are there already are measured as they are.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCENE = "merge.test"


def identity() -> Any:
    from pairforge.datasets.manifest import Identity

    return Identity(
        scene=SCENE, spec_source="merge", spec_sha256="0" * 64, seed=0, quality="draft", renderer="raycast"
    )


def scene_files(index: int) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file of a scene, its record among them."""
    from pairforge.datasets.records import CompletionRecord, FileEntry, dumped
    from pairforge.datasets.schema import TABLES
    from pairforge.datasets.store import shard_path, table_path

    slug = f"merge-test-{index:06d}"
    names = sorted([shard_path(slug), *(table_path(name, slug) for name in TABLES)])
    yield from ((name, b"x") for name in names)
    files = {n: FileEntry(sha256=hashlib.sha256(n.encode()).hexdigest(), bytes=1) for n in names}
    record = CompletionRecord(scene_index=index, slug=slug, frames=10, files=files)
    yield f"records/{slug}.json", dumped(record)


def prepare(root: Path, scenes: int) -> None:
    """A dataset of many small scenes, written past pairforge's own writing, which would fsync each of the files."""
    from pairforge.datasets.manifest import create_or_check

    create_or_check(root, identity(), scenes)
    for index in range(scenes):
        for name, data in scene_files(index):
            (root / name).parent.mkdir(parents=True, exist_ok=True) if index == 0 else None
            handle = os.open(root / name, os.O_WRONLY | os.O_CREAT, 0o644)
            os.write(handle, data)
            os.close(handle)


def fill(store: Any, scenes: int) -> None:
    """The same in a server's bucket: rclone uploads the folder, many files at a time."""
    from tests.store_servers import program

    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), scenes)
        key, secret = (store.env[f"AWS_{what}"] for what in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
        keys = f"access_key_id={key},secret_access_key={secret}"
        there = f":s3,provider=Other,{keys},endpoint='{store.endpoint}':{store.bucket}/merging/{scenes}"
        many = ["--transfers=32", "--checkers=32", "--s3-no-check-bucket", "--s3-no-head", "--no-check-dest"]
        command = [program("rclone"), "--config", os.devnull, "copy", folder, there, *many, "--no-traverse"]
        subprocess.run(list(map(str, command)), check=True)


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
def peak_mb():  # not ru_maxrss, which a process inherits
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
requests = 0
def count(**_):
    global requests
    requests += 1
if hasattr(root, "storage_options"):
    root.fs.connect()
    root.fs.s3.meta.events.register("before-send.s3", count)
at_first = peak_mb()
before = resource.getrusage(resource.RUSAGE_SELF)
begun = time.perf_counter()
{step}
after = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({{
    "seconds": time.perf_counter() - begun,
    "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
    "peak_mb": peak_mb(),
    "more_mb": peak_mb() - at_first,
    "requests": requests,
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
def places(options: argparse.Namespace) -> Iterator[Path]:
    """Where the datasets of a measurement lie."""
    if options.place is not None:
        yield options.place
    elif not options.store:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    else:
        from tests.object_store import object_store

        with object_store(options.store) as server:
            os.environ.update(server.env)
            for scenes in options.scenes:
                fill(server, scenes)
            yield server.place("merging")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--store", metavar="SERVER", help="in such a server instead of a folder")
    parser.add_argument("--place", type=Path, metavar="DIR", help="in this folder, where they stay")
    parser.add_argument("--json", type=Path, help="keep the figures there")
    options = parser.parse_args()
    rows = []
    print(
        "| scenes | step | wall s | CPU s | peak MiB | above imports | requests | dataset.json + index, bytes |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with places(options) as place:
        for scenes in options.scenes:
            root = place / str(scenes)
            if not options.store and not (root / "dataset.json").exists():
                prepare(root, scenes)
            for step in ("finish", "open", "done"):
                row = {"scenes": scenes, "step": step, **measure(root, step)}
                kept = sum(_size(root / name) for name in ("dataset.json", "index.parquet"))
                rows.append(row | {"bytes": kept})
                print(
                    f"| {scenes:,} | {step} | {row['seconds']:.2f} | {row['cpu_s']:.2f} | {row['peak_mb']:.0f} | "
                    f"{row['more_mb']:.0f} | {row['requests']:,} | {kept:,} |",
                    flush=True,
                )
            if not options.store and options.place is None:
                shutil.rmtree(root)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")


def _size(path: Path) -> int:
    from pairforge.datasets.files import sizes

    return sizes([path])[0]


if __name__ == "__main__":
    main()
