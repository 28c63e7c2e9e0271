"""The same bytes for any number of workers, in any order, after SIGKILL, and for one scene alone.

Runs that are to be killed are commands of their own; the others run here, as ``pairforge generate`` would.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from pairforge.datasets.manifest import done
from pairforge.datasets.timings import read_timings
from pairforge.farm.local import LocalExecutor
from pairforge.farm.protocol import Executor
from pairforge.generate import Outcome, Request, generate
from pairforge.replay import replay
from tests.farm.check_executor import alive, soon
from tests.farm.here import Here

SPEC = f"{Path(__file__).with_name('tiny_spec.py')}:TINY"
SCENES = 4


def make(
    out: Path,
    executor: Executor,
    only: tuple[int, ...] | None = None,
    on_frame: Callable[[], None] = lambda: None,
    renderer: str = "raycast",
) -> Outcome:
    request = Request(SPEC, out, SCENES, seed=7, renderer=renderer, quality="draft", only=only)
    return generate(request, executor, on_frame=on_frame)


def whole(out: Path) -> dict[str, bytes]:
    """What a plain run in this process makes of what is there."""
    assert not make(out, Here()).failed
    return contents(out)


def contents(root: Path) -> dict[str, bytes]:
    """Every byte of a dataset but its clock readings."""
    apart = {root / "timings.parquet", *(root / "farm").rglob("*")}
    files = (p for p in root.rglob("*") if p.is_file() and p not in apart)
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def calm(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("calm") / "data"
    assert len(make(out, Here()).done) == SCENES
    return out


@pytest.mark.slow
def test_two_workers_make_the_same_bytes_as_one(calm, tmp_path):
    assert len(make(tmp_path / "data", LocalExecutor(2)).done) == SCENES
    assert contents(tmp_path / "data") == contents(calm)
    assert sorted(read_timings(tmp_path / "data")) == list(range(SCENES))


@pytest.mark.slow
@pytest.mark.parametrize(("end", "workers"), [(signal.SIGKILL, 2), (signal.SIGINT, 1), (signal.SIGTERM, 1)])
def test_a_run_ended_midway_leaves_no_worker_and_resumes_to_the_same_bytes(calm, tmp_path, end, workers):
    out = tmp_path / "data"
    command = [sys.executable, "-m", "pairforge", "generate", SPEC, "--scenes", str(SCENES), "--seed", "7"]
    command += ["--out", str(out), "--renderer", "raycast", "--quality", "draft", "--workers", str(workers)]
    # A shell that started the tests in the background may have handed down a deaf ear for SIGINT.
    hearing = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    running = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=hearing
    )
    soon(lambda: bool(done(out)) or running.poll() is not None, within_s=120)
    children = descendants(running.pid)
    assert children, "it ended before it could be ended"
    running.send_signal(end)
    code = running.wait(timeout=20)
    assert code == (-end if end == signal.SIGKILL else 128 + end)
    soon(lambda: not any(alive(process) for process in children), within_s=20)
    if end != signal.SIGKILL:
        assert not (out / ".staging").exists()
    assert 1 <= len(done(out)) < SCENES, "ended too late to show anything"
    assert whole(out) == contents(calm)


@pytest.mark.slow
def test_a_run_on_an_object_store_killed_midway_resumes_to_the_bytes_of_a_disk(calm, object_store):
    command = [sys.executable, "-m", "pairforge", "generate", SPEC, "--scenes", str(SCENES), "--seed", "7"]
    command += [
        "--out",
        object_store.url("data"),
        "--renderer",
        "raycast",
        "--quality",
        "draft",
        "--workers",
        "1",
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def some() -> bool:
        time.sleep(0.1)
        return any(key.startswith("records/") for key in object_store.keys("data"))

    soon(lambda: some() or running.poll() is not None, within_s=300)
    running.send_signal(signal.SIGKILL)
    running.wait(timeout=20)
    out = object_store.place("data")
    assert 1 <= len(done(out)) < SCENES, "ended too late to show anything"
    assert not make(out, Here()).failed
    found = object_store.contents("data")
    assert {k: v for k, v in found.items() if not k.startswith(("timings", "farm/"))} == contents(calm)
    assert replay(out, "000001-000001").identical


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_the_bytes_stay_the_same(calm, tmp_path):
    killed: list[psutil.Process] = []
    frames: list[int] = []

    def kill() -> None:
        frames.append(1)
        if len(frames) == 5:
            killed.append(next(filter(is_worker, descendants(os.getpid()))))
            killed[0].kill()

    outcome = make(tmp_path / "data", LocalExecutor(2), on_frame=kill)
    assert killed
    assert not outcome.failed
    assert len(frames) == 4 * SCENES, "each keyframe is told once"
    assert contents(tmp_path / "data") == contents(calm)


def descendants(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def is_worker(process: psutil.Process) -> bool:
    return alive(process) and "pairforge.farm.worker" in process.cmdline()


@pytest.mark.slow
def test_one_scene_alone_has_the_bytes_it_has_in_the_full_run(calm, tmp_path):
    make(tmp_path / "data", Here(), only=(3,))
    alone, full = contents(tmp_path / "data"), contents(calm)
    scene = {name for name in alone if name.startswith(("shards/", "tables/", "records/"))}
    assert scene
    assert all("000003" in name for name in scene)
    assert all(alone[name] == full[name] for name in scene)


@pytest.mark.slow
def test_scenes_asked_for_one_by_one_make_the_whole_dataset(calm, tmp_path):
    for index in (2, 0, 3, 1):
        make(tmp_path / "data", Here(), only=(index,))
    assert contents(tmp_path / "data") == contents(calm)


@pytest.mark.slow
def test_a_replayed_keyframe_is_identical(calm):
    found = replay(calm, "000002-000001")
    assert found.identical
    assert len(found.same) >= 10


@pytest.mark.slow
def test_replay_sees_a_changed_byte(calm, tmp_path):
    shutil.copytree(calm, tmp_path / "data")
    shard = next((tmp_path / "data" / "shards").glob("*000002.tar"))
    data = bytearray(shard.read_bytes())
    at = data.find(b"flow.npy", 0)
    data[at + 512 + 400] ^= 1
    shard.write_bytes(bytes(data))
    assert not replay(tmp_path / "data", "000002-000000").identical


@pytest.mark.slow
def test_blender_frames_replay_identically_too(tmp_path):
    assert not make(tmp_path / "data", LocalExecutor(1), only=(1,), renderer="blender").failed
    assert replay(tmp_path / "data", "000001-000002").identical
