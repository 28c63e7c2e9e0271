"""Wall seconds by scene and stage. Clocks differ from run to run, so they are kept apart from all that is hashed.

Each job keeps those of its own scenes in ``farm/timings/<job>.json``, so that no two jobs write one file; ``merge``
makes the table ``timings.parquet`` of them, one job at a time.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pairforge.datasets.files import is_file, names, read_all, read_bytes, write_atomic
from pairforge.errors import DatasetError

TIMINGS = "timings.parquet"
AT_A_TIME = 100
Timings = dict[int, dict[str, float]]
"""Scene index -> stage -> seconds."""

SCHEMA = pa.schema(
    [
        pa.field("job", pa.int32(), nullable=False),
        pa.field("scene_index", pa.int32(), nullable=False),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("seconds", pa.float32(), nullable=False),
    ]
)


def timings_path(root: Path, job: int) -> Path:
    return root / "farm" / "timings" / f"{job:06d}.json"


def keep(root: Path, job: int, seconds: Mapping[int, Mapping[str, float]]) -> None:
    """Add scenes' seconds to those of the job; a scene that was made again replaces its own."""
    path = timings_path(root, job)
    kept: Timings = read_job(path) | {k: {s: round(x, 4) for s, x in v.items()} for k, v in seconds.items()}
    text = json.dumps({str(k): kept[k] for k in sorted(kept)}, indent=1)
    write_atomic(root, path, (text + "\n").encode())


def read_job(path: Path) -> Timings:
    """One job's; empty when it kept none, or none that can be read."""
    return _parsed(read_bytes(path)) if is_file(path) else {}


def _parsed(data: bytes | DatasetError) -> Timings:
    try:
        if isinstance(data, DatasetError):
            raise data
        rows = json.loads(data).items()
        return {int(k): {s: float(x) for s, x in v.items()} for k, v in rows}
    except (DatasetError, ValueError, AttributeError, TypeError):
        return {}


def merge(root: Path) -> int:
    """Write ``timings.parquet`` from what the jobs kept; returns how many scenes it tells of.

    A row group a hundred jobs, so memory holds their rows and the table's bytes. No jobs: nothing is written.
    """
    stems = (
        name.removesuffix(".json") for name in names(root / "farm" / "timings") if name.endswith(".json")
    )
    jobs = sorted(int(stem) for stem in stems if stem.isdecimal())
    if not jobs:
        return 0
    sink, scenes = io.BytesIO(), 0
    with pq.ParquetWriter(sink, SCHEMA, compression="zstd") as writer:
        for some in (jobs[k : k + AT_A_TIME] for k in range(0, len(jobs), AT_A_TIME)):
            read = zip(some, read_all(timings_path(root, job) for job in some), strict=True)
            kept = [(job, _parsed(data)) for job, data in read]
            scenes += sum(len(seconds) for _, seconds in kept)
            rows = [row for job, seconds in kept for row in _rows(job, seconds)]
            writer.write_table(pa.Table.from_pylist(rows, schema=SCHEMA))
    write_atomic(root, root / TIMINGS, sink.getvalue())
    return scenes


def read_timings(root: Path) -> Timings:
    """Seconds by scene and stage; empty when none were merged. Where two jobs made a scene, the later job's."""
    path = root / TIMINGS
    if not is_file(path):
        return {}
    by_job: dict[tuple[int, int], dict[str, float]] = {}
    for batch in pq.ParquetFile(io.BytesIO(read_bytes(path))).iter_batches():
        for row in batch.to_pylist():
            by_job.setdefault((row["job"], row["scene_index"]), {})[row["stage"]] = row["seconds"]
    return {scene: by_job[job, scene] for job, scene in sorted(by_job)}


def _rows(job: int, kept: Timings) -> Iterator[dict[str, object]]:
    for scene, stages in sorted(kept.items()):
        for stage, seconds in sorted(stages.items()):
            yield {"job": job, "scene_index": scene, "stage": stage, "seconds": seconds}
