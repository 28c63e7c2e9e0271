"""What ``pairforge status`` says of a plan: true sums, failures first, the right exit code, bounded work."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from pairforge.cli import main
from pairforge.datasets.manifest import Identity
from pairforge.errors import DatasetError, MachineError, RenderError
from pairforge.farm import plan as plans
from pairforge.farm import quarantine, status
from pairforge.farm.clock import now
from pairforge.farm.cost import Measured, Spread
from pairforge.farm.protocol import Done, Failure
from pairforge.farm.report import Reporter, report_path
from pairforge.farm.report_schema import Attempt, JobReport, SceneFailure
from pairforge.farm.status import Look, look
from pairforge.farm.status_view import summary, view
from pairforge.generate import Request, generate
from tests.farm.here import Here

SMALL = {"front.width_px": "64", "front.height_px": "48", "duration_s": "0.5"}


def planned(root: Path, scenes: int = 30, measured: bool = True) -> plans.Plan:
    """A plan of ten scenes a job; a scene was measured to take 20 s, 36 CPU seconds and 10 keyframes."""
    identity = Identity(
        scene="street",
        spec_source="driving.street",
        spec_sha256="0" * 64,
        seed=7,
        quality="draft",
        renderer="raycast",
    )
    figures = Measured(
        scenes=(0, 1),
        failed=0,
        cores=2,
        keyframes=Spread.of([10]),
        wall_s=Spread.of([20]),
        cpu_s=Spread.of([36]),
        renderer_cpu_s=Spread.of([30]),
        stages={"render": Spread.of([15])},
        bytes=Spread.of([1e6]),
        start_s=2.0,
        peak_bytes=10**9,
    )
    made = plans.made(
        identity=identity, scenes=scenes, scenes_per_job=10, measured=figures if measured else None
    )
    root.mkdir(exist_ok=True)
    plans.write(root, made)
    return made


def reported(root: Path, job: int, state: str, silent_s: float = 1.0, **fields: object) -> None:
    """The report of a job with one attempt, as a Reporter on another machine would have left it."""
    beat = now() - timedelta(seconds=silent_s)
    attempt = Attempt(
        number=fields.pop("number", 1),
        state=state,
        host=fields.pop("host", "a"),
        process=1,
        version="0",
        started=beat,
        heartbeat=beat,
        scenes_asked=10,
        **fields,
    )
    path = report_path(root, job)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(JobReport(job=job, attempts=(attempt,)).model_dump_json())


def text_of(seen: status.Status, **options: object) -> str:
    console = Console(width=118, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(view(seen, **options), soft_wrap=True)
    return console.export_text()


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["status", *arguments])
    return int(left.value.code or 0)


def test_a_plan_that_nobody_began_waits(tmp_path):
    planned(tmp_path, scenes=25)
    seen = look(tmp_path)
    assert seen.counts == {"failed": 0, "stalled": 0, "preempted": 0, "running": 0, "waiting": 3, "done": 0}
    assert [j.scenes for j in seen.jobs] == [10, 10, 5]
    assert (seen.scenes_made, seen.eta_s, seen.to_begin) == (0, None, (0, 1, 2))
    assert seen.cpu_hours_in_all == pytest.approx(25 * 36 / 3600)
    assert "no job is running; about 8 min 20 s of work left" in text_of(seen)
    assert seen.exit_code == 3


def test_the_reporters_of_real_jobs_are_read_back(tmp_path):
    planned(tmp_path)
    for job in range(3):
        with Reporter(tmp_path, job, range(10 * job, 10 * job + 10)) as reporter:
            for k in range(10):
                reporter.frame()
                reporter.done(Done(10 * job + k, 1, {"render": 0.5, "sense": 0.25}, bytes=7))
    seen = look(tmp_path)
    assert seen.complete
    assert (seen.scenes_made, seen.totals.frames, seen.totals.bytes_written) == (30, 30, 210)
    assert seen.totals.seconds == {"render": 15.0, "sense": 7.5}
    assert (seen.eta_s, seen.exit_code) == (0.0, 0)


def test_each_state_is_told_apart(tmp_path):
    planned(tmp_path, scenes=60)
    reported(tmp_path, 0, "done", scenes_done=10)
    reported(tmp_path, 1, "running", silent_s=100, scenes_done=3)
    reported(tmp_path, 2, "running", silent_s=200, scenes_done=4, host="b")
    reported(tmp_path, 3, "failed", notes=("DatasetError: it is another dataset",))
    reported(tmp_path, 4, "preempted", scenes_kept=2, scenes_done=1)
    seen = look(tmp_path)
    assert [j.state for j in seen.jobs] == ["done", "running", "stalled", "failed", "preempted", "waiting"]
    assert (seen.scenes_made, seen.to_begin) == (20, (2, 3, 4, 5))
    text = text_of(seen)
    assert "job 2 on b, attempt 1: silent for 3 min 20 s, 4 of 10 scenes made" in text
    assert "job 3 on a, attempt 1: DatasetError: it is another dataset" in text
    assert [j.state for j in look(tmp_path, stalled_after_s=300).jobs][2] == "running"


def test_failures_stand_first_with_their_reason_and_reproducer(tmp_path):
    planned(tmp_path)
    lost = Failure(4, RenderError("Blender gave no picture"), "render", 3)
    with Reporter(tmp_path, 0, range(10)) as reporter:
        for k in range(10):
            reporter.failed(lost) if k == 4 else reporter.done(Done(k, 1, {"render": 1.0}))
    command = "pairforge generate driving.street --only 4 --out poison-000004"
    quarantine.put(tmp_path, lost, "street-000004", command)
    with Reporter(tmp_path, 1, range(10, 20)) as reporter:
        reporter.failed(Failure(11, MachineError("no space is left"), "storage", 1))
    seen = look(tmp_path)
    lines = text_of(seen).splitlines()
    told = [
        k for k, line in enumerate(lines) if "scene 4 render, begun 3 times: Blender gave no picture" in line
    ]
    assert told
    assert lines[told[0] + 1].strip() == command
    progress = next(k for k, line in enumerate(lines) if "%" in line)
    assert max(k for k, line in enumerate(lines) if "no space is left" in line) < progress
    # All that job 0 has not made stands in quarantine: to begin it again would do nothing.
    assert [j.state for j in seen.jobs] == ["done", "failed", "waiting"]
    assert seen.exit_code == 1


def test_the_eta_is_what_is_left_at_the_pace_of_the_jobs_that_run(tmp_path):
    planned(tmp_path, scenes=100)
    reported(tmp_path, 0, "running", scenes_done=4, frames=40, frames_done=40, frames_asked=100, wall_s=40.0)
    reported(tmp_path, 1, "running", scenes_done=2, frames=25, frames_done=20, frames_asked=100, wall_s=50.0)
    seen = look(tmp_path)
    pace = 4 / 40 + 2.5 / 50  # half a scene of job 1 is under way
    assert seen.pace == pytest.approx(pace)
    assert seen.frame_pace == pytest.approx(40 / 40 + 25 / 50)
    assert seen.eta_s == pytest.approx((100 - 6.5) / pace)


def test_with_nothing_waiting_the_slowest_job_decides_the_eta(tmp_path):
    planned(tmp_path, scenes=20)
    reported(tmp_path, 0, "running", scenes_done=9, wall_s=90.0)
    reported(tmp_path, 1, "running", scenes_done=1, wall_s=100.0)
    assert look(tmp_path).eta_s == pytest.approx(900.0)


def test_a_job_that_has_just_begun_counts_as_the_plan_foresees(tmp_path):
    planned(tmp_path, scenes=100)
    reported(tmp_path, 0, "running", wall_s=1.0)
    assert look(tmp_path).eta_s == pytest.approx(100 * 20)
    planned(tmp_path, scenes=100, measured=False)
    assert look(tmp_path).eta_s is None


def test_costs_count_every_attempt_and_foresee_the_rest(tmp_path):
    planned(tmp_path, scenes=20)
    for number in range(1, 12):  # more attempts than are kept one by one
        with Reporter(tmp_path, 0, range(10)) as reporter:
            reporter._usage = Spent(cpu_s=3600.0)
            for k in range(10 if number == 11 else 0):
                reporter.done(Done(k, 1, {"render": 1.0}))
    seen = look(tmp_path)
    assert seen.cpu_hours == pytest.approx(11.0)
    assert seen.cpu_hours_in_all == pytest.approx(22.0)
    assert "11 CPU hours = 5.50 so far, about 22 CPU hours = 11.00 in all" in text_of(seen, price=0.5)
    assert seen.totals.attempts == 11


class Spent:
    """Usage as if an hour of CPU time had passed."""

    def __init__(self, cpu_s: float) -> None:
        self.wall_s, self.cpu_s, self.memory_bytes, self.elapsed_s = 60.0, cpu_s, 0, 60.0

    def measure(self) -> Spent:
        return self


def test_hosts_with_trouble_and_the_slowest_jobs_are_named(tmp_path):
    planned(tmp_path)
    failure = SceneFailure(scene=1, reason="died", tries=1, error="killed")
    reported(tmp_path, 0, "done", host="good", scenes_done=10, wall_s=100.0)
    reported(tmp_path, 1, "done", host="bad", scenes_done=10, wall_s=900.0, retries=4, last_retry=failure)
    seen = look(tmp_path)
    assert seen.totals.trouble == {"bad": 4}
    assert [j.job for j in seen.slowest()] == [1, 0]
    assert "lost tries, failures and jobs by host: bad 4" in text_of(seen)


def test_a_damaged_report_is_told_and_hides_no_other(tmp_path):
    planned(tmp_path)
    reported(tmp_path, 0, "done", scenes_done=10)
    report_path(tmp_path, 1).write_text("{")
    (tmp_path / "farm" / "jobs" / "notes.json").write_text("not ours")
    (tmp_path / "quarantine").mkdir()
    (tmp_path / "quarantine" / "street-000001.json").write_text("{}")
    reported(tmp_path, 99, "done", scenes_done=10)  # of an older plan with more jobs
    seen = look(tmp_path)
    assert [j.state for j in seen.jobs] == ["done", "waiting", "waiting"]
    assert len(seen.unreadable) == 2
    assert seen.exit_code == 1
    assert "UNREADABLE: 2 files" in text_of(seen)


def test_what_an_error_says_cannot_steer_the_terminal(tmp_path):
    planned(tmp_path)
    evil = SceneFailure(scene=1, reason="spec", tries=1, error="a\x1b[2Jb [bold]c[/]\n" + "x" * 1000)
    reported(tmp_path, 0, "failed", failures=(evil,), scenes_failed=1)
    text = text_of(look(tmp_path))
    assert "\x1b" not in text
    assert "a?[2Jb [bold]c[/]" in text
    assert max(map(len, text.splitlines())) < 300


def test_looking_again_reads_no_job_that_is_done(tmp_path, monkeypatch):
    planned(tmp_path)
    reported(tmp_path, 0, "done", scenes_done=10)
    reported(tmp_path, 1, "running", scenes_done=1)
    read: list[str] = []
    parse = status.parse_report
    monkeypatch.setattr(
        status, "parse_report", lambda data, path: (read.append(path.stem), parse(data, path))[1]
    )
    again = Look(tmp_path)
    assert again().scenes_made == again().scenes_made == 11
    assert sorted(read) == ["000000", "000001", "000001"]
    report_path(tmp_path, 0).unlink()
    assert again().scenes_made == 1


def test_the_command_prints_json_and_exits_by_what_it_saw(tmp_path, capsys):
    planned(tmp_path)
    for job in range(3):
        reported(
            tmp_path, job, "done" if job < 2 else "running", scenes_done=10 if job < 2 else 1, cpu_s=360.0
        )
    assert code_of(str(tmp_path), "--json", "--price-per-cpu-hour", "2") == 3
    told = json.loads(capsys.readouterr().out)
    assert told["scenes"] == {"wanted": 30, "made": 21, "quarantined": 0}
    assert (told["cpu_hours"], told["cost"]) == (0.3, 0.6)
    assert [j["job"] for j in told["jobs_of_note"]] == [2]
    reported(tmp_path, 2, "done", scenes_done=10)
    assert code_of(str(tmp_path / "plan.json")) == 0
    assert "100.0 %" in capsys.readouterr().out
    assert code_of(str(tmp_path / "nowhere")) == 2


def test_watching_ends_when_all_is_made(tmp_path, capsys, monkeypatch):
    planned(tmp_path, scenes=10)
    reported(tmp_path, 0, "running", scenes_done=5)
    monkeypatch.setattr("time.sleep", lambda s: reported(tmp_path, 0, "done", scenes_done=10))
    assert code_of(str(tmp_path), "--watch") == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert "5/10 scenes" in first
    assert "1 running" in first
    assert any("100.0 %" in line for line in rest)


def test_a_line_for_a_log_holds_what_matters(tmp_path):
    planned(tmp_path)
    reported(tmp_path, 0, "running", frames=30, wall_s=60.0)
    assert "0/30 scenes, 0 in quarantine; jobs: 1 running, 2 waiting; 0.5 keyframes/s; ETA" in summary(
        look(tmp_path)
    ).replace("not begun", "waiting")


def test_a_place_without_a_plan_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no plan"):
        look(tmp_path)


@pytest.mark.slow
def test_a_plan_in_an_object_store_fares_as_one_on_a_disk(object_store, tmp_path):
    where = object_store.place("data")
    for root in (tmp_path / "data", where):
        plans.write(root, planned(tmp_path / "plan", scenes=300))
        for job in range(0, 30, 2):
            with Reporter(root, job, range(10 * job, 10 * job + 10)) as reporter:
                for k in range(10):
                    reporter.done(Done(10 * job + k, 4, {"render": 1.0}, bytes=3))
    here, there = look(tmp_path / "data"), look(object_store.url("data"))
    assert there.counts == here.counts == {**dict.fromkeys(here.counts, 0), "done": 15, "waiting": 15}
    assert (there.scenes_made, there.totals.bytes_written) == (150, 450)


def test_a_dataset_without_a_plan_is_told_by_what_lies_there(tmp_path, capsys, monkeypatch):
    root = tmp_path / "data"
    request = Request(
        "yard.things", root, scenes=3, seed=7, renderer="raycast", quality="draft", settings=SMALL
    )
    monkeypatch.setattr(Here, "faults", {1: Failure(1, RenderError("no picture\x1b[2J"), "render", 3)})
    generate(request, Here())
    assert code_of(str(root)) == 1
    told = capsys.readouterr().out
    assert "2 of 3 scenes made, 2 keyframes" in told
    assert "scene 1 render, begun 3 times: no picture" in told
    assert "\x1b" not in told
    assert "--release all" in told
    (root / "shards" / "yard-things-000002.tar").unlink()
    quarantine.release(root)
    assert code_of(str(root), "--json") == 3
    assert json.loads(capsys.readouterr().out)["missing"] == [1, 2]
    monkeypatch.setattr(Here, "faults", {})
    monkeypatch.setattr("time.sleep", lambda s: generate(request, Here()))
    assert code_of(str(root), "--watch") == 0
    assert "missing: 1-2" in capsys.readouterr().out
    assert code_of(str(root), "--metrics", "-") == 2
