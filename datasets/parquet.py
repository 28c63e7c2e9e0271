"""Tables from the bytes of Parquet files, read on the caller's own thread."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq


def table_of(data: bytes, columns: list[str] | None = None) -> pa.Table:
    """The table in a Parquet file's bytes, or some ``columns`` of it. Raises ArrowException or OSError when damaged.

    ``pq.read_table`` reads through Arrow's data set scanner, whose threads let go of ``data`` some time after it has
    returned. One that does so while the interpreter is shutting down is ended by Python within a destructor, and the
    whole process with it: "terminate called without an active exception", after all its work was done.
    """
    return pq.ParquetFile(pa.BufferReader(data)).read(columns, use_threads=False)
