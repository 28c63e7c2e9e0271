"""A job makes its scenes and no others, goes on where it was left, and its exit code says what a scheduler must do.

Most run here, in this process; what concerns signals, processes and imports runs as the command that farms run.
"""

from __future__ import annotations

import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pairforge.cli import main
from pairforge.datasets.manifest import done, read_manifest
from pairforge.datasets.records import is_whole
from pairforge.datasets.verify import verify
from pairforge.errors import DatasetError, MachineError, RenderError, SpecError
from pairforge.farm import plan as plans
from pairforge.farm import quarantine
from pairforge.farm.finish import finish_plan
from pairforge.farm.planning import PlanRequest, make_plan
from pairforge.farm.protocol import Failure
from pairforge.farm.report import read_report, report_path
from pairforge.farm.work import Code, Order, Result, work
from pairforge.generate import Request, generate
from pairforge.registry import EXECUTORS
from tests.farm.here import APART, Here, contents

FILE = Path(__file__).with_name("tiny_spec.py")
SPEC = f"{FILE}:TINY"
SCENES = 5


@pytest.fixture
def here(monkeypatch) -> type[Here]:
    monkeypatch.setitem(EXECUTORS.rows, "local", "tests.farm.here:Here")
    monkeypatch.setattr(Here, "faults", {})
    monkeypatch.setattr(Here, "begun", [])
    return Here


def planned(out: Path, spec: str = SPEC, **changes: object) -> plans.Plan:
    fields: dict[str, object] = {
        "scenes": SCENES,
        "seed": 7,
        "renderer": "raycast",
        "quality": "draft",
        "scenes_per_job": 2,
        "measure": 0,
    }
    return make_plan(PlanRequest(spec, out, **{**fields, **changes})).plan  # type: ignore[arg-type]


def at_work(out: Path, job: int, spec: str | None = str(FILE), **changes: object) -> Result:
    return work(Order(out, job, spec, **changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def calm(tmp_path_factory) -> Path:
    """The same dataset as ``pairforge generate`` makes it."""
    Here.faults = {}
    out = tmp_path_factory.mktemp("calm") / "data"
    outcome = generate(Request(SPEC, out, SCENES, seed=7, renderer="raycast", quality="draft"), Here())
    assert len(outcome.done) == SCENES
    return out


@pytest.mark.slow
def test_jobs_done_in_any_order_make_the_bytes_that_generate_makes(calm, here, tmp_path):
    planned(tmp_path / "d")
    for job in (2, 0, 1):
        assert at_work(tmp_path / "d", job).code == Code.DONE
    assert here.begun == [4, 0, 1, 2, 3]
    found = finish_plan(tmp_path / "d")
    assert (found.whole, found.made, found.keyframes) == (True, SCENES, 4 * SCENES)
    assert contents(tmp_path / "d") == contents(calm)
    assert read_report(report_path(tmp_path / "d", 0)).last.state == "done"


@pytest.mark.slow
def test_a_job_begun_again_makes_only_what_is_missing(here, tmp_path):
    planned(tmp_path / "d")
    assert at_work(tmp_path / "d", 0).made == (0, 1)
    next((tmp_path / "d" / "shards").glob("*000001.tar")).unlink()
    result = at_work(tmp_path / "d", 0)
    assert (result.made, result.kept, result.code) == ((1,), (0,), Code.DONE)


@pytest.mark.slow
def test_a_job_that_is_done_imports_neither_blender_nor_the_ray_engine_nor_the_spec(here, tmp_path):
    planned(tmp_path / "d")
    at_work(tmp_path / "d", 0)
    script = (
        "import sys\nfrom pairforge.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'bpy', 'open3d', 'pybullet', 'trimesh', 'pairforge.scenes.library'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    command = [sys.executable, "-c", script, "work", str(tmp_path / "d")]
    ended = subprocess.run(
        command, env={**os.environ, "JOB_COMPLETION_INDEX": "0"}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert "0 scenes made, 2 already there" in ended.stdout


@pytest.mark.slow
def test_a_scene_that_kills_its_worker_is_set_aside_left_out_and_made_after_release(calm, here, tmp_path):
    out = tmp_path / "d"
    planned(out)
    here.faults = {2: Failure(2, MachineError("killed by signal 11"), "died", 3)}
    result = at_work(out, 1)
    assert (result.code, result.made, result.poison) == (Code.QUARANTINED, (3,), (2,))
    poison = quarantine.read(out)[0]
    assert (poison.scene, poison.reason, poison.tries) == (2, "died", 3)
    assert shlex.split(poison.reproducer)[:6] == ["pairforge", "generate", SPEC, "--scenes", "5", "--only"]
    here.begun = []
    again = at_work(out, 1)
    assert (again.code, again.kept, again.poison) == (Code.QUARANTINED, (3,), (2,))
    assert here.begun == [], "poison is not tried again"
    for job in (0, 2):
        at_work(out, job)
    found = finish_plan(out)
    assert [p.scene for p in found.quarantined] == [2]
    assert not found.missing
    assert not found.whole
    here.faults = {}
    quarantine.release(out, [2])
    assert at_work(out, 1).made == (2,)
    assert finish_plan(out).whole
    assert contents(out) == contents(calm)


@pytest.mark.slow
def test_what_is_missing_is_named_and_may_be_let_go_of(here, tmp_path):
    out = tmp_path / "d"
    planned(out)
    at_work(out, 1)
    found = finish_plan(out)
    assert (found.missing, found.jobs, found.whole) == ((0, 1, 4), (0, 2), False)
    assert verify(out, crosscheck=0).findings, "verify misses scenes that are asked for"
    finish_plan(out, allow_missing=True)
    assert tuple(read_manifest(out).wanted) == (2, 3)
    assert not verify(out, crosscheck=0).findings
    finish_plan(out)
    assert tuple(read_manifest(out).wanted) == tuple(range(SCENES)), "the plan still knows what was asked for"


def test_a_machine_on_which_nothing_can_be_made_declares_no_scene_poison(here, tmp_path):
    planned(tmp_path / "d")
    here.faults = {i: Failure(i, RenderError("no libGL"), "render", 3) for i in range(2)}
    result = at_work(tmp_path / "d", 0)
    assert (result.code, [f.index for f in result.failed]) == (Code.MACHINE, [0, 1])
    assert quarantine.read(tmp_path / "d") == ()


def test_a_store_that_refuses_stops_the_job_and_blames_no_scene(here, tmp_path):
    planned(tmp_path / "d")
    here.faults = {0: Failure(0, MachineError("no space is left"), "storage", 3)}
    result = at_work(tmp_path / "d", 0)
    assert (result.code, result.said) == (Code.MACHINE, "no space is left")
    assert here.begun == [0], "a full disk would refuse the next one too"
    assert quarantine.read(tmp_path / "d") == ()


@pytest.mark.slow
def test_a_disk_that_fills_up_keeps_what_is_whole_and_nothing_half_made(calm, here, tmp_path):
    out = tmp_path / "d"
    planned(out, scenes_per_job=5)
    assert at_work(out, 0, workers=1).code == Code.DONE
    for i in (3, 4):
        for path in sorted(out.rglob(f"*00000{i}*")):
            if "farm" not in path.parts:
                path.unlink()
    before = contents(out)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    ears = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # a real refusal, by the kernel
    try:
        result = at_work(out, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        signal.signal(signal.SIGXFSZ, ears)
    assert result.code == Code.MACHINE
    assert "no space" in result.said
    assert contents(out) == before
    assert done(out) == {0, 1, 2}
    assert at_work(out, 0).code == Code.DONE
    finish_plan(out)
    assert contents(out) == contents(calm)


def test_a_plan_is_refused_where_other_packages_would_make_other_bytes(here, tmp_path, monkeypatch):
    planned(tmp_path / "d")
    monkeypatch.setattr("pairforge.datasets.manifest.package_versions", lambda: {"pairforge": "9"})
    with pytest.raises(DatasetError, match="version of"):
        at_work(tmp_path / "d", 0)
    assert here.begun == []


def test_a_job_that_the_plan_has_not_is_refused(tmp_path):
    planned(tmp_path / "d")
    with pytest.raises(SpecError, match="jobs 0 to 2"):
        at_work(tmp_path / "d", 3)


def command(out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "pairforge", "work", str(out), "--spec", str(FILE), *more]


@pytest.mark.slow
def test_two_workers_on_one_job_do_no_harm_and_nothing_listens_on_a_network(calm, tmp_path, monkeypatch):
    out = tmp_path / "d"
    planned(out)
    alone = [
        sys.executable,
        "-m",
        "pairforge",
        "generate",
        SPEC,
        "--renderer",
        "raycast",
        "--quality",
        "draft",
    ]
    commands = [
        command(out, "--job", "0"),
        command(out, "--job", "0"),
        [*alone, "--out", str(tmp_path / "alone")],
    ]
    pair = [subprocess.Popen(c, stdout=subprocess.DEVNULL) for c in commands]
    try:
        looks = 0
        while any(p.poll() is None for p in pair):
            assert not [s for p in pair for s in listening(p.pid)], "something listens on a network"
            looks += 1
            time.sleep(1.5)
        assert looks > 1
        assert [p.returncode for p in pair] == [0, 0, 0]
    finally:
        for p in pair:
            p.kill()
    assert done(out) == {0, 1}
    monkeypatch.setitem(EXECUTORS.rows, "local", "tests.farm.here:Here")
    for job in (1, 2):
        at_work(out, job)
    assert finish_plan(out).whole
    assert contents(out) == contents(calm)


def listening(pid: int) -> list[str]:
    """Sockets of a process and its descendants that others could reach."""
    found: list[str] = []
    try:
        kin = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:  # it has ended since
        return found
    for process in kin:
        try:
            connections = process.net_connections("inet")
        except psutil.Error:
            continue
        open_to_all = (psutil.CONN_LISTEN, psutil.CONN_NONE)  # TCP; UDP
        found += [f"{process.pid}: {c.laddr}" for c in connections if c.status in open_to_all]
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("notice", "finishes"), [("60", True), ("0", False)])
def test_sigterm_begins_nothing_new_and_leaves_nothing_half_made(tmp_path, notice, finishes):
    out = tmp_path / "d"
    plan = planned(out, scenes_per_job=5)
    running = subprocess.Popen(command(out, "--job", "0", "--notice", notice), stderr=subprocess.DEVNULL)
    try:
        under_way(out, running)
        before = done(out)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=120) == Code.STOPPED
    finally:
        running.kill()
    after = done(out)
    assert len(after) < SCENES, "it was told too late to show anything"
    assert len(after - before) == (1 if finishes else 0)
    assert not (out / ".staging").exists()
    assert all(is_whole(out, plan.slug(i)) for i in after)
    assert read_report(report_path(out, 0)).last.state == "preempted"


def under_way(out: Path, running: subprocess.Popen[bytes]) -> None:
    """Waits until a second scene is being written."""
    deadline = time.monotonic() + 240
    while not (done(out) and list((out / ".staging").glob("*/shard"))):
        assert running.poll() is None, "it ended before it could be ended"
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.slow
def test_a_scene_that_really_crashes_is_set_aside_with_a_command_that_crashes_too(tmp_path):
    out, spec = tmp_path / "d", FILE.with_name("poison_spec.py")
    fields = {"scenes": 3, "seed": 0, "renderer": "raycast", "quality": "draft", "measure": 0}
    plan = make_plan(
        PlanRequest(f"{spec}:POISON", out, limits=plans.PlanLimits(tries=2), scenes_per_job=3, **fields)  # type: ignore[arg-type]
    ).plan
    result = at_work(out, 0, str(spec))
    assert (plan.jobs, result.code, result.made, result.poison) == (1, Code.QUARANTINED, (0,), (1, 2))
    held = quarantine.read(out)
    assert [(p.scene, p.reason, p.tries) for p in held] == [(1, "spec", 1), (2, "died", 2)]
    for poison, said in zip(held, ("a ball must not be white", "signal 11"), strict=True):
        assert said in poison.error
        pasted = subprocess.run(
            [
                "bash",
                "-c",
                poison.reproducer.replace("pairforge", shlex.join([sys.executable, "-m", "pairforge"]), 1),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert pasted.returncode == 2
        assert said in pasted.stderr
        assert f"scene {poison.scene} failed ({poison.reason}" in pasted.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"d"}, "a failed reproduction leaves nothing behind"


@pytest.mark.slow
def test_a_plan_in_an_object_store_is_made_worked_and_finished_as_on_a_disk(calm, here, object_store):
    url, place = object_store.url("d"), object_store.place("d")
    make_plan(
        PlanRequest(
            SPEC, place, SCENES, seed=7, renderer="raycast", quality="draft", scenes_per_job=3, measure=0
        )
    )
    here.faults = {4: Failure(4, MachineError("killed"), "died", 3)}
    assert [work(Order(url, job, str(FILE))).code for job in (0, 1)] == [Code.DONE, Code.QUARANTINED]
    assert [p.scene for p in finish_plan(f"{url}/plan.json").quarantined] == [4]
    here.faults, here.begun = {}, []
    assert work(Order(url, 1, str(FILE))).poison == (4,)
    quarantine.release(place)
    assert work(Order(url, 1, str(FILE))).made == (4,)
    assert finish_plan(url).whole
    found = {n: b for n, b in object_store.contents("d").items() if not n.startswith(APART)}
    assert found == contents(calm)


def test_the_command_says_which_file_it_needs(tmp_path, capsys):
    planned(tmp_path / "d")
    with pytest.raises(SystemExit) as ended:
        main(["work", str(tmp_path / "d"), "--job", "0"])
    assert ended.value.code == Code.BAD_INPUT
    assert "--spec path/tiny_spec.py" in capsys.readouterr().err
