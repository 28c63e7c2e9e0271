"""Staging that several processes share: nobody's folder is taken from under it, and the dead leave nothing."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import time
from pathlib import Path

from pairforge.datasets.files import STAGING, clean_stale, staging, write_atomic


def busy(root: Path, name: str, rounds: int, clean: bool) -> None:
    for k in range(rounds):
        with staging(root, name) as folder:
            (folder / "data").write_text(str(k))
            if clean:
                clean_stale(root)
            assert (folder / "data").read_text() == str(k)
        write_atomic(root, root / name, str(k).encode())


def hang(root: Path, ready: Path) -> None:
    with staging(root, "hung") as folder:
        (folder / "half").write_bytes(b"x")
        ready.touch()
        time.sleep(60)


def test_two_processes_staging_and_cleaning_in_a_tight_loop_do_not_disturb_each_other(tmp_path: Path) -> None:
    context = mp.get_context("fork")
    pair = [
        context.Process(target=busy, args=(tmp_path, n, 300, clean))
        for n, clean in (("a", True), ("b", False))
    ]
    for process in pair:
        process.start()
    for process in pair:
        process.join(60)
    assert [p.exitcode for p in pair] == [0, 0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_what_a_killed_process_left_is_cleaned_and_what_a_living_one_uses_is_not(tmp_path: Path) -> None:
    process = mp.get_context("fork").Process(target=hang, args=(tmp_path, tmp_path / "ready"))
    process.start()
    while not (tmp_path / "ready").exists():
        time.sleep(0.01)
    assert clean_stale(tmp_path) == 0
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert list((tmp_path / STAGING).iterdir())
    assert clean_stale(tmp_path) == 1
    assert not (tmp_path / STAGING).exists()
