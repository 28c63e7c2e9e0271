"""The same bytes for any number of workers, in any order, after SIGKILL, and for one scene alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pairforge.datasets.manifest import done
from pairforge.replay import replay

SPEC = f"{Path(__file__).with_name('tiny_spec.py')}:TINY"
SCENES = 4


def command(out: Path, *more: str, renderer: str = "raycast") -> list[str]:
    base = [sys.executable, "-m", "pairforge", "generate", SPEC, "--scenes", str(SCENES), "--seed", "7"]
    return [*base, "--out", str(out), "--renderer", renderer, "--quality", "draft", *more]


def generate(out: Path, *more: str, renderer: str = "raycast") -> Path:
    finished = subprocess.run(
        command(out, *more, renderer=renderer), capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return out


def contents(root: Path) -> dict[str, bytes]:
    """Every byte of a dataset but its clock readings."""
    files = (p for p in root.rglob("*") if p.is_file() and p.name != "timings.json")
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def calm(tmp_path_factory) -> Path:
    return generate(tmp_path_factory.mktemp("calm") / "data")


@pytest.mark.slow
def test_two_workers_make_the_same_bytes_as_one(calm, tmp_path):
    assert contents(generate(tmp_path / "data", "--workers", "2")) == contents(calm)


@pytest.mark.slow
def test_a_run_killed_midway_and_resumed_makes_the_same_bytes(calm, tmp_path):
    out = tmp_path / "data"
    running = subprocess.Popen(command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not done(out):
        assert time.monotonic() < deadline
        assert running.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert 1 <= len(done(out)) < SCENES, "killed too late to show anything"
    assert contents(generate(out)) == contents(calm)


@pytest.mark.slow
def test_no_worker_outlives_a_killed_parent(tmp_path):
    running = subprocess.Popen(
        command(tmp_path / "data"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 60
    while not (children := descendants(running.pid)) or len(children) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + 20
    while any(alive(pid) for pid in children):
        assert time.monotonic() < deadline, "a worker outlived its parent"
        time.sleep(0.05)


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    direct = [int(x) for x in children.read_text().split()] if children.exists() else []
    return direct + [d for child in direct for d in descendants(child)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


@pytest.mark.slow
def test_one_scene_alone_has_the_bytes_it_has_in_the_full_run(calm, tmp_path):
    alone = contents(generate(tmp_path / "data", "--only", "3"))
    full = contents(calm)
    scene = {name for name in alone if name.startswith(("shards/", "tables/", "records/"))}
    assert scene
    assert all("000003" in name for name in scene)
    assert all(alone[name] == full[name] for name in scene)


@pytest.mark.slow
def test_scenes_asked_for_one_by_one_make_the_whole_dataset(calm, tmp_path):
    for index in (2, 0, 3, 1):
        generate(tmp_path / "data", "--only", str(index))
    assert contents(tmp_path / "data") == contents(calm)


@pytest.mark.slow
def test_a_replayed_keyframe_is_identical(calm):
    found = replay(calm, "000002-000001")
    assert found.identical
    assert len(found.same) >= 10


@pytest.mark.slow
def test_replay_sees_a_changed_byte(calm, tmp_path):
    subprocess.run(["cp", "-r", str(calm), str(tmp_path / "data")], check=True)
    shard = next((tmp_path / "data" / "shards").glob("*000002.tar"))
    data = bytearray(shard.read_bytes())
    at = data.find(b"flow.npy", 0)
    data[at + 512 + 400] ^= 1
    shard.write_bytes(bytes(data))
    assert not replay(tmp_path / "data", "000002-000000").identical


@pytest.mark.slow
def test_blender_frames_replay_identically_too(tmp_path):
    out = generate(tmp_path / "data", "--only", "1", renderer="blender")
    assert replay(out, "000001-000002").identical
