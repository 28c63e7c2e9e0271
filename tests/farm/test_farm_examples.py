"""examples/farm/ works as far as it can be run without a farm: its commands are the ones that do a plan's jobs."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
from pathlib import Path
from runpy import run_path

import pytest
import yaml

from pairforge.cli import main
from pairforge.datasets.manifest import done, read_manifest
from pairforge.farm.planning import PlanRequest, make_plan
from pairforge.registry import EXECUTORS
from tests.farm.here import Here

EXAMPLES = Path(__file__).parents[2] / "examples" / "farm"
FILE = Path(__file__).with_name("tiny_spec.py")
SCENES = 3


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A plan of two jobs; work is done in this process."""
    monkeypatch.setitem(EXECUTORS.rows, "local", "tests.farm.here:Here")
    monkeypatch.setattr(Here, "faults", {})
    fields = {"seed": 7, "renderer": "raycast", "quality": "draft", "scenes_per_job": 2, "measure": 0}
    make_plan(PlanRequest(f"{FILE}:TINY", tmp_path / "street", SCENES, **fields))  # type: ignore[arg-type]
    return tmp_path / "street"


def run(words: list[str]) -> int:
    """What a command line ends with, were it run."""
    assert words[0] == "pairforge"
    try:
        main(words[1:])
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def all_made(root: Path) -> bool:
    return len(read_manifest(root).scenes) == SCENES


@pytest.mark.slow
def test_the_kubernetes_job_does_its_indices_and_is_finished(root, tmp_path, monkeypatch):
    job, policy = yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text())
    (finish,) = yaml.safe_load_all((EXAMPLES / "kubernetes-finish.yaml").read_text())
    for index in range(job["spec"]["completions"]):
        monkeypatch.setenv("JOB_COMPLETION_INDEX", str(index))
        words = moved(container(job), {"/data/street": root, "/scratch": tmp_path / "scratch"})
        assert run([*words, "--spec", str(FILE)]) == 0
    assert run(moved(container(finish), {"/data/street": root})) == 0
    assert all_made(root)
    assert policy["spec"]["policyTypes"] == ["Ingress"]
    assert "ingress" not in policy["spec"]


def container(job: dict) -> dict:
    return job["spec"]["template"]["spec"]["containers"][0]


def moved(container: dict, places: dict[str, Path]) -> list[str]:
    """The container's command with its folders elsewhere."""
    return [str(places.get(word, word)) for word in [*container["command"], *container["args"]]]


@pytest.mark.parametrize("name", ["kubernetes.yaml", "kubernetes-finish.yaml"])
def test_the_pods_may_do_as_little_as_they_need(name):
    job = next(yaml.safe_load_all((EXAMPLES / name).read_text()))
    pod, inside = job["spec"]["template"]["spec"], container(job)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert inside["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "ports" not in inside
    places = {mount["mountPath"] for mount in inside["volumeMounts"]}
    assert {e["value"] for e in inside["env"]} <= places, "HOME and TMPDIR must be writable"
    assert {v["name"] for v in pod["volumes"]} == {m["name"] for m in inside["volumeMounts"]}


def test_kubernetes_gives_work_the_notice_that_it_is_told_of():
    job = next(yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text()))
    args = container(job)["args"]
    notice = float(args[args.index("--notice") + 1])
    assert notice < job["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    rules = {r["action"]: r for r in job["spec"]["podFailurePolicy"]["rules"]}
    assert rules["FailJob"]["onExitCodes"]["values"] == [2]
    assert rules["FailIndex"]["onExitCodes"]["values"] == [3]
    assert all(r.get("onExitCodes", {}).get("containerName", "work") == "work" for r in rules.values())


@pytest.mark.slow
def test_deadlines_frames_are_jobs_of_the_plan(root):
    job = info("deadline_job.job")
    first, last = map(int, job["Frames"].split("-"))
    for frame in range(first, last + 1):
        assert run([*deadline("deadline_work.job", root, frame), "--spec", str(FILE)]) == 0
    assert run(deadline("deadline_finish.job", root, 0)) == 0
    assert all_made(root)
    assert job["Plugin"] == "CommandLine"


def info(name: str) -> dict[str, str]:
    lines = (EXAMPLES / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def deadline(name: str, root: Path, frame: int) -> list[str]:
    plugin = info(name)
    arguments = plugin["Arguments"].replace("<STARTFRAME>", str(frame)).replace("/mnt/data/street", str(root))
    return [plugin["Executable"], *shlex.split(arguments)]


@pytest.mark.slow
def test_opencues_frames_are_jobs_of_the_plan(root):
    example = run_path(str(EXAMPLES / "opencue.py"))
    for frame in range(2):
        command = example["work_command"](str(root), str(FILE))
        assert run([word.replace("#IFRAME#", str(frame)) for word in command]) == 0
    assert run(example["finish_command"](str(root))) == 0
    assert all_made(root)


class Slurm:
    """A cluster of shell scripts: ``sbatch`` and ``scontrol`` note how they were called; ``pairforge`` notes it too
    and ends with the code that it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder, folder / "bin"
        self.bin.mkdir(parents=True)
        self._tool("sbatch", 'echo "OFFSET=${OFFSET:-} sbatch $*" >> "$LOG"; echo 70$(wc -l < "$LOG")')
        self._tool("scontrol", 'echo "scontrol $*" >> "$LOG"')
        self._tool(
            "pairforge", 'echo "pairforge $*" >> "$LOG"; [ "$3" = --count ] && echo "$JOBS"; eval "$HOW"'
        )

    def _tool(self, name: str, does: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/usr/bin/env bash\n{does}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        (self.folder / "log").unlink(missing_ok=True)
        there = {"PATH": f"{self.bin}:{os.environ['PATH']}", "LOG": str(self.folder / "log"), "HOW": "exit 0"}
        script = [str(EXAMPLES / "slurm.sh"), *arguments]
        env = {**there, "SLURM_JOB_ID": "9", **variables}
        return subprocess.Popen(script, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ran(self, *arguments: str, **variables: str) -> tuple[int, list[str]]:
        """The script's exit code, and what it called."""
        running = self.start(*arguments, **variables)
        said, _ = running.communicate(timeout=60)
        assert "error" not in said, said
        return running.returncode, self.log

    @property
    def log(self) -> list[str]:
        return (self.folder / "log").read_text().splitlines()


@pytest.fixture
def slurm(tmp_path) -> Slurm:
    return Slurm(tmp_path / "slurm")


TASK = {"SLURM_ARRAY_JOB_ID": "70", "SLURM_ARRAY_TASK_ID": "1"}


def test_slurm_submits_arrays_that_cover_every_job_once_and_a_last_job_after_them(slurm):
    code, log = slurm.ran("/d", "spec.py", JOBS="2500")
    script = re.escape(str(EXAMPLES / "slurm.sh"))
    assert code == 0
    covered: list[int] = []
    for line in log[1:-1]:
        match = re.fullmatch(
            rf"OFFSET=(\d+) sbatch --parsable --export=ALL --array=0-(\d+)%200 {script} work /d spec\.py",
            line,
        )
        assert match, line
        covered += range(int(match[1]), int(match[1]) + int(match[2]) + 1)
        assert int(match[2]) <= 1000
    assert covered == list(range(2500))
    assert re.fullmatch(rf"OFFSET= sbatch --dependency=afterany:702:703:704 {script} finish /d", log[-1])


@pytest.mark.slow
def test_slurms_tasks_do_the_plans_jobs(root, slurm, monkeypatch):
    for task in range(2):
        _, log = slurm.ran(
            "work", str(root), str(FILE), SLURM_ARRAY_TASK_ID=str(task), TMPDIR=str(root.parent)
        )
        monkeypatch.setenv("SLURM_ARRAY_TASK_ID", str(task))
        assert run(shlex.split(log[0])) == 0
    assert done(root) == {0, 1, 2}
    _, log = slurm.ran("finish", str(root))
    assert run(shlex.split(log[0])) == 0
    assert all_made(root)


@pytest.mark.parametrize(
    ("ends", "restarts", "code", "again"),
    [
        (0, "0", 0, False),
        (2, "0", 2, False),
        (3, "0", 3, False),
        (4, "0", 0, True),
        (143, "4", 0, True),
        (4, "5", 4, False),
    ],
)
def test_slurm_requeues_what_may_go_well_elsewhere(slurm, ends, restarts, code, again):
    found = slurm.ran("work", "/d", HOW=f"exit {ends}", SLURM_RESTART_COUNT=restarts, OFFSET="1000", **TASK)
    assert found[0] == code
    assert shlex.split(found[1][0])[:5] == ["pairforge", "work", "/d", "--offset", "1000"]
    assert ("scontrol requeue 70_1" in found[1]) == again


def test_slurms_signal_reaches_the_work_and_its_own_exit_code_counts(slurm):
    how = """trap 'echo stopping >> "$LOG"; sleep 0.3; exit 143' TERM
        echo ready >> "$LOG"
        while :; do sleep 0.05; done"""
    running = slurm.start("work", "/d", HOW=how, **TASK)
    try:
        while not ((slurm.folder / "log").exists() and "ready" in slurm.log):
            assert running.poll() is None
        running.terminate()
        assert running.wait(timeout=60) == 0
    finally:
        running.kill()
    assert slurm.log[-2:] == ["stopping", "scontrol requeue 70_1"]


def test_the_notice_of_slurm_is_longer_than_what_work_is_told():
    text = (EXAMPLES / "slurm.sh").read_text()
    given = int(re.search(r"--signal=B:TERM@(\d+)", text)[1])  # type: ignore[index]
    assert int(re.search(r"--notice (\d+)", text)[1]) < given  # type: ignore[index]


def test_plan_json_says_what_opencue_asks_it(root, capsys):
    assert run(["pairforge", "plan", str(root), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["jobs"] == 2
    assert said["estimate"] is None
