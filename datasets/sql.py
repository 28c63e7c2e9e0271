"""SQL over a dataset's own tables, in a connection that can reach nothing else.

Programs stored in a dataset are a stranger's text. The connection has no files, no network, no extensions and no
settings to change; it holds copies of the tables in memory, and runs one SELECT at a time, for so long and no longer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from pairforge.datasets.reader import Dataset
from pairforge.datasets.schema import TABLES
from pairforge.datasets.store import table_path
from pairforge.errors import DatasetError

SECONDS = 20.0
"""Longest CPU time that one program may take: a busy or a stopped machine makes none of them wrong."""
WALL_SECONDS = 900.0
"""Longest time by the clock, of one that waits."""
MEMORY = "1GB"
MOST_CHARACTERS = 20_000
"""Longest program; ours stay below 4,000."""
ASKED_TABLES = (
    "scenes",
    "frames",
    "sensors",
    "calibration",
    "instances",
    "boxes2d",
    "boxes3d",
    "trajectories",
    "events",
    "happenings",
    "facts",
    "captions",
)
"""Tables that programs may read: all but the parts."""
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "async_threads": 0,  # by default eight a connection, for files and networks that ours may not reach
    "memory_limit": MEMORY,
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "python_enable_replacements": "false",
    "preserve_insertion_order": "true",
    "temp_directory": "",
}


class ProgramError(DatasetError):
    """A program is no single SELECT, fails, takes too long, or reaches for what it may not have."""


class Tables:
    """Tables of one or more scenes, open for SELECT. Use it in a ``with``, or call ``close``."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self._base = duckdb.connect(":memory:", config=_CONFIG)
        for name, table in tables.items():
            self._base.register("arriving", table)
            self._base.execute(f'CREATE TABLE "{name}" AS SELECT * FROM arriving')
            self._base.unregister("arriving")
        self._base.execute("SET enable_external_access = false")
        self._base.execute("SET lock_configuration = true")
        self._known: dict[str, Any] = {}
        self._parts: list[Tables] = []
        self._watch = _Watch(self._base.interrupt)

    @classmethod
    def of(cls, dataset: Dataset, scenes: Iterable[int]) -> Tables:
        """The tables of these scenes of a dataset."""
        wanted = list(scenes)
        return cls({n: pa.concat_tables([_table(dataset, n, i) for i in wanted]) for n in ASKED_TABLES})

    def define(self, name: str, sql: str) -> None:
        """A table from a SELECT of our own."""
        self._base.execute(f'CREATE TABLE "{name}" AS {sql}')

    def without(self, rows: Mapping[str, str]) -> Tables:
        """The same tables, less those rows of each of which an SQL condition of our own holds; closed with these."""
        sql = {name: f'SELECT * FROM "{name}"' for name in ASKED_TABLES}
        sql |= {name: f"{sql[name]} WHERE NOT ({condition})" for name, condition in rows.items()}
        part = Tables({name: self._base.sql(select).to_arrow_table() for name, select in sql.items()})
        self._parts.append(part)
        return part

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a SELECT, by column name. Raises ProgramError."""
        with self._running(sql) as found:
            names = [d[0] for d in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def value(self, sql: str) -> Any:
        """What a program of one row and one column gives; the same program runs once. Raises ProgramError."""
        if sql not in self._known:
            with self._running(sql) as found:
                rows = found.fetchmany(2)
            if len(rows) != 1 or len(rows[0]) != 1:
                raise ProgramError(f"the program gives {_shape(rows)}, not one value: {_short(sql)}")
            self._known[sql] = rows[0][0]
        return self._known[sql]

    @contextmanager
    def _running(self, sql: str) -> Iterator[Any]:
        if len(sql) > MOST_CHARACTERS:
            raise ProgramError(f"the program has {len(sql)} characters, more than {MOST_CHARACTERS}")
        try:
            statements = self._base.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise ProgramError(f"the program is no single SELECT: {_short(sql)}")
            self._watch.begin()
            yield self._base.execute(statements[0])
        except duckdb.Error as error:
            raise ProgramError(f"the program fails ({str(error).splitlines()[0]}): {_short(sql)}") from error
        finally:
            self._watch.end()

    def close(self) -> None:
        for part in self._parts:
            part.close()
        self._watch.stop()
        self._base.close()

    def __enter__(self) -> Tables:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _table(dataset: Dataset, name: str, scene_index: int) -> pa.Table:
    """A table of a scene; empty where the scene was made before there was such a table."""
    if table_path(name, dataset.scene(scene_index).slug) not in dataset.files(scene_index):
        return TABLES[name].empty_table()
    return dataset.table(name, scene_index)


class _Watch:
    """Interrupts what runs past its time; one thread for all programs of a connection."""

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._ends: list[tuple[int, float]] = []
        self._interrupt, self._stopped = interrupt, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """Time what this thread does from here on: a connection of one thread works in its caller's."""
        limits = ((_cpu_clock(), SECONDS), (time.CLOCK_MONOTONIC, WALL_SECONDS))
        self._ends = [(clock, time.clock_gettime(clock) + most) for clock, most in limits]

    def end(self) -> None:
        self._ends = []

    def _run(self) -> None:
        while not self._stopped.wait(0.25):
            if any(time.clock_gettime(clock) > end for clock, end in self._ends):
                self._interrupt()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()


def _cpu_clock() -> int:
    """The clock of this thread's CPU time, to be read by another; of the whole process where there is no other."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.CLOCK_PROCESS_CPUTIME_ID
    return time.pthread_getcpuclockid(threading.get_ident())


def _short(sql: str) -> str:
    flat = " ".join(sql.split())
    return flat if len(flat) <= 200 else f"{flat[:197]}..."


def _shape(rows: list[Any]) -> str:
    if not rows:
        return "no row"
    return "several rows" if len(rows) > 1 else f"{len(rows[0])} columns"
