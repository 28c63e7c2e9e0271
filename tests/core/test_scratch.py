"""Folders for temporary files: gone with their owner, also when that is killed, and never taken from the living."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pairforge import scratch
from pairforge.errors import MachineError

CLAIM = """
import subprocess, sys, time
from pathlib import Path
from pairforge.scratch import claim_scratch
claimed = claim_scratch("test", Path(sys.argv[1]))
(claimed.folder / "half").write_text("x")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[claimed.lock])
print(child.pid, flush=True)
time.sleep(60)
"""


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*"))


def test_a_folder_goes_with_all_that_is_in_it(tmp_path):
    with scratch.scratch("test", tmp_path) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("x")
        (folder / "link").symlink_to(tmp_path)
        assert folder.stat().st_mode & 0o077 == 0
    assert names(tmp_path) == []


def test_what_a_killed_process_left_goes_when_the_last_of_its_children_has_ended(tmp_path):
    environment = {**os.environ, "PYTHONPATH": ":".join(p for p in sys.path if p)}
    command = [sys.executable, "-c", CLAIM, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    (left,) = tmp_path.glob("*/*.test.*")
    with scratch.scratch("next", tmp_path):
        assert (left / "half").exists(), "a child still uses it"
    os.kill(child, signal.SIGKILL)
    while Path(f"/proc/{child}/fd").exists() and any(Path(f"/proc/{child}/fd").iterdir()):
        pass
    with scratch.scratch("next", tmp_path):
        assert not left.exists()
    assert names(tmp_path) == []


def test_a_folder_in_which_somebody_still_uses_another_stays(tmp_path):
    """A worker was killed, and its Blender has not noticed yet."""
    outer = scratch.claim_scratch("outer", tmp_path)
    inner = scratch.claim_scratch("inner", outer.folder)
    os.close(outer.lock)
    assert scratch.sweep(outer.folder.parent) == 0
    assert inner.folder.exists()
    os.close(inner.lock)
    assert scratch.sweep(outer.folder.parent) == 1
    assert names(tmp_path) == []


def test_a_removal_that_was_broken_off_is_finished_by_the_next(tmp_path):
    claimed = scratch.claim(tmp_path / "base", f"{scratch.host()}.")
    os.close(claimed.lock)
    (claimed.folder / "a").write_text("x")
    calls: list[str] = []
    unlink = Path.unlink

    def die(self: Path, missing_ok: bool = False) -> None:
        calls.append(self.name)
        if self.name == "a" and len(calls) == 1:
            raise KeyboardInterrupt
        unlink(self, missing_ok=missing_ok)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", die)
        with pytest.raises(KeyboardInterrupt):
            scratch.sweep(tmp_path / "base")
    assert names(claimed.folder) == [scratch.LOCK, "a"], "its lock goes last"
    assert scratch.sweep(tmp_path / "base") == 1
    assert names(tmp_path) == []


def test_another_machines_folder_goes_when_nothing_happened_in_it_for_long(tmp_path):
    """Its lock says nothing: many file systems keep locks of a machine to that machine."""
    still, busy = tmp_path / "other.still.x", tmp_path / "other.busy.y"
    for folder in (still, busy):
        folder.mkdir()
        (folder / "shard").write_text("x")
    os.utime(still / "shard", (0, 0))
    os.utime(still, (0, 0))
    os.utime(busy, (0, 0))
    assert scratch.sweep(tmp_path) == 0
    assert scratch.sweep(tmp_path, older_s=86400.0) == 1
    assert names(tmp_path) == ["other.busy.y", "shard"]


def test_a_folder_of_our_name_that_is_somebody_elses_is_refused(tmp_path):
    if os.geteuid():
        pytest.skip("only root can give a folder away")
    os.chown(scratch.own_folder(tmp_path), 12345, 12345)
    with pytest.raises(MachineError, match="belongs to somebody else"):
        scratch.claim_scratch("test", tmp_path)
