"""Reading tables must leave no thread behind that still holds their bytes when the process ends."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq

from pairforge.datasets.parquet import table_of

THREADS = """
import os, sys
import pyarrow as pa, pyarrow.parquet as pq
from pairforge.datasets.parquet import table_of
data = open(sys.argv[1], "rb").read()
def started(work):
    before = set(os.listdir("/proc/self/task"))
    for _ in range(5):
        work()
    return len(set(os.listdir("/proc/self/task")) - before)
print(started(lambda: table_of(data)), started(lambda: pq.read_table(pa.BufferReader(data))))
"""


def test_a_table_reads_back_with_its_schema(tmp_path):
    table = pa.table({"a": list(range(1000)), "b": [["x"] * (k % 3) for k in range(1000)]})
    table = table.replace_schema_metadata({"format": "pairforge"})
    pq.write_table(table, tmp_path / "t.parquet", compression="zstd", row_group_size=100)
    data = (tmp_path / "t.parquet").read_bytes()
    arrows = pq.read_table(pa.BufferReader(data))  # noqa: TID251  (the way that table_of stands in for)
    assert table_of(data).equals(arrows, check_metadata=True)
    assert table_of(data).to_pydict() == table.to_pydict()


def test_reading_starts_no_thread_where_arrows_own_way_starts_some(tmp_path):
    pq.write_table(pa.table({"a": list(range(1000)), "b": ["x"] * 1000}), tmp_path / "t.parquet")
    ran = subprocess.run(
        [sys.executable, "-c", THREADS, str(tmp_path / "t.parquet")],
        capture_output=True,
        text=True,
        check=True,
    )
    ours, arrows = (int(n) for n in ran.stdout.split())
    assert (ours, arrows > 0) == (0, True)
