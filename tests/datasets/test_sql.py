"""A program from a stranger reads the tables and nothing else."""

from __future__ import annotations

import os
import time

import pyarrow as pa
import pytest

from pairforge.datasets import sql
from pairforge.datasets.sql import ProgramError, Tables

HOSTILE = {
    "reads a file": "SELECT * FROM read_csv('/etc/passwd')",
    "reads text": "SELECT * FROM read_text('/etc/passwd')",
    "reads Parquet by name": "SELECT * FROM '/tmp/x.parquet'",
    "lists files": "SELECT * FROM glob('/etc/*')",
    "writes a file": "COPY events TO '/tmp/pairforge-stolen.csv'",
    "attaches a database": "ATTACH '/tmp/pairforge-x.db' AS z",
    "installs an extension": "INSTALL httpfs",
    "loads an extension": "LOAD httpfs",
    "asks by pragma": "PRAGMA database_list",
    "calls a procedure": "CALL pragma_version()",
    "changes a setting": "SET enable_external_access = true",
    "resets a setting": "RESET lock_configuration",
    "drops a table": "DROP TABLE events",
    "changes a table": "UPDATE events SET t0_ns = 0",
    "adds a view": "CREATE VIEW facts2 AS SELECT 1",
    "hides a second statement": "SELECT 1; DROP TABLE events",
    "hides one in a table function": "SELECT * FROM query('DROP TABLE events')",
    "exports the database": "EXPORT DATABASE '/tmp/pairforge-x'",
    "reads the environment": "SELECT getenv('HOME')",
    "reads a variable of ours": "SELECT * FROM mine",
    "fetches from the network": "SELECT * FROM read_csv('https://example.org/x.csv')",
    "is empty": "",
    "is no SQL": "how many?",
}


@pytest.fixture
def tables():
    with Tables({"events": pa.table({"t0_ns": [1, 2]})}) as opened:
        yield opened


@pytest.mark.parametrize("what", HOSTILE)
def test_a_program_is_refused_that(tables, what):
    mine = pa.table({"x": [1]})
    assert mine is not None
    with pytest.raises(ProgramError):
        tables.rows(HOSTILE[what])
    assert tables.value("SELECT sum(t0_ns) FROM events") == 3, "the tables are as they were"


def test_a_program_without_end_is_stopped(tables, monkeypatch):
    monkeypatch.setattr(sql, "SECONDS", 0.2)
    start = time.monotonic()
    with pytest.raises(ProgramError, match="Interrupt"):
        tables.value("SELECT count(*) FROM range(1000000000000)")
    assert time.monotonic() - start < 10
    assert tables.value("SELECT count(*) FROM events") == 2


def test_a_program_is_judged_by_what_it_works_not_by_a_stopped_machine(tables, monkeypatch):
    monkeypatch.setattr(sql, "SECONDS", 0.5)
    with tables._running("SELECT x FROM range(1000000) AS t(x)") as found:
        assert found.fetchone() == (0,)
        time.sleep(1.0)
        assert len(found.fetchall()) == 999_999


def test_a_program_that_waits_is_stopped_too(tables, monkeypatch):
    monkeypatch.setattr(sql, "WALL_SECONDS", 0.2)
    with pytest.raises(ProgramError, match="Interrupt"):
        tables.value("SELECT count(*) FROM range(1000000000000)")


def test_a_program_that_eats_memory_is_stopped(tables):
    with pytest.raises(ProgramError):
        tables.value("SELECT count(DISTINCT repeat(x::VARCHAR, 1000)) FROM range(100000000) AS t(x)")


@pytest.mark.parametrize("text", ["SELECT t0_ns FROM events", "SELECT 1, 2", "SELECT 1 WHERE FALSE"])
def test_a_program_must_give_one_value(tables, text):
    with pytest.raises(ProgramError, match="not one value"):
        tables.value(text)


def test_a_program_of_any_length_is_not_taken(tables):
    with pytest.raises(ProgramError, match="characters"):
        tables.value("SELECT 1" + " " * sql.MOST_CHARACTERS)


def test_a_connection_starts_one_thread_and_leaves_none():
    def threads() -> set[str]:
        return set(os.listdir("/proc/self/task"))

    pa.array([1])
    before = threads()
    with Tables({"events": pa.table({"n": [1, 2]})}) as tables:
        assert tables.value("SELECT count(*) FROM events") == 2
        assert len(threads() - before) == 1  # the watch that ends what runs too long
    assert threads() <= before
