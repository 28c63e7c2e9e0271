"""A job's report: true while it runs, true after any end, bounded, and never a reason to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from pairforge.datasets import timings
from pairforge.errors import DatasetError, MachineError
from pairforge.farm import report
from pairforge.farm.protocol import Done, Failure
from pairforge.farm.report import Reporter, read_report, report_path
from pairforge.farm.report_schema import MOST_ATTEMPTS, MOST_FAILURES, JobReport


def last(root: Path, job: int = 0) -> JobReport:
    return read_report(report_path(root, job))


def until(true: object, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)


def test_a_job_is_seen_running_and_then_done_with_what_it_did(tmp_path):
    before = datetime.now(UTC) - timedelta(seconds=1)
    with Reporter(tmp_path, 12, scenes=range(24, 27), kept=[24], frames=6) as reporter:
        assert last(tmp_path, 12).last.state == "running"
        for index, seconds in ((25, 1.5), (26, 4.0)):
            for _ in range(3):
                reporter.frame()
            reporter.done(Done(index, 3, {"render": seconds, "sense": 0.5}, peak_bytes=index, bytes=100))
    told = json.loads((tmp_path / "farm" / "jobs" / "000012.json").read_text())
    assert told["job"] == 12
    (attempt,) = told["attempts"]
    assert attempt["state"] == "done"
    assert (attempt["scenes_asked"], attempt["scenes_kept"], attempt["scenes_done"]) == (3, 1, 2)
    assert (attempt["frames"], attempt["frames_done"], attempt["frames_asked"]) == (6, 6, 6)
    assert attempt["seconds"] == {"render": 5.5, "sense": 1.0}
    assert (attempt["bytes_written"], attempt["scene_peak_bytes"]) == (200, 26)
    assert (attempt["slowest_scene"], attempt["slowest_scene_s"]) == (26, 4.5)
    assert attempt["host"]
    assert attempt["process"] == os.getpid()
    moments = [datetime.fromisoformat(attempt[x]) for x in ("started", "last_frame", "ended")]
    assert before < moments[0] <= moments[1] <= moments[2] < datetime.now(UTC) + timedelta(seconds=1)


def test_the_heartbeat_goes_on_while_nothing_is_made(tmp_path):
    with Reporter(tmp_path, 0, scenes=[0], heartbeat_s=0.05):
        first = last(tmp_path).last.heartbeat
        until(lambda: last(tmp_path).last.heartbeat > first)


@pytest.mark.parametrize(
    ("leave", "state"),
    [
        (SystemExit(143), "preempted"),
        (KeyboardInterrupt(), "preempted"),
        (MachineError("the disk"), "failed"),
    ],
)
def test_a_job_that_is_left_says_how(tmp_path, leave, state):
    with pytest.raises(type(leave)), Reporter(tmp_path, 0, scenes=[0, 1]):
        raise leave
    attempt = last(tmp_path).last
    assert attempt.state == state
    assert attempt.notes == (("MachineError: the disk",) if state == "failed" else ())


def test_a_job_that_stopped_short_is_not_done(tmp_path):
    with Reporter(tmp_path, 0, scenes=[0, 1]) as reporter:
        reporter.done(Done(0, 1, {}))
    assert last(tmp_path).last.state == "preempted"


def test_scenes_left_out_do_not_keep_a_job_from_being_done(tmp_path):
    with Reporter(tmp_path, 0, scenes=[0, 1], left_out=[1]) as reporter:
        reporter.done(Done(0, 1, {}))
    assert last(tmp_path).last.state == "done"


def test_failures_and_retries_keep_their_reasons(tmp_path):
    with Reporter(tmp_path, 0, scenes=[0]) as reporter:
        reporter.retried(Failure(0, MachineError("killed"), "died", 1))
        reporter.failed(Failure(0, MachineError("too much"), "memory", 3))
    attempt = last(tmp_path).last
    assert attempt.state == "failed"
    assert (attempt.retries, attempt.last_retry.reason, attempt.last_retry.error) == (1, "died", "killed")
    assert [(f.scene, f.reason, f.tries, f.error) for f in attempt.failures] == [(0, "memory", 3, "too much")]


def test_an_earlier_attempt_is_kept_and_one_killed_without_a_word_is_called_lost(tmp_path):
    code = f"""
        import os, signal
        from pathlib import Path
        from pairforge.farm.protocol import Done
        from pairforge.farm.report import Reporter
        with Reporter(Path({str(tmp_path)!r}), 0, scenes=[0, 1]) as reporter:
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert killed.returncode == -signal.SIGKILL
    with Reporter(tmp_path, 0, scenes=[0, 1], kept=[0]) as reporter:
        reporter.done(Done(1, 1, {}))
    first, second = last(tmp_path).attempts
    assert (first.number, first.state, first.scenes_kept) == (1, "lost", 0)
    assert (second.number, second.state, second.scenes_kept) == (2, "done", 1)


def test_a_report_stays_small_whatever_happens(tmp_path):
    for _ in range(MOST_ATTEMPTS + 3):
        with Reporter(tmp_path, 0, scenes=range(1000)) as reporter:
            for index in range(MOST_FAILURES + 50):
                reporter.failed(Failure(index, MachineError("x" * 100_000)))
                reporter.note("y" * 100_000)
            reporter.frame()
    found = last(tmp_path)
    assert found.attempts_made == MOST_ATTEMPTS + 3
    assert (len(found.attempts), found.forgotten.attempts, found.forgotten.frames) == (MOST_ATTEMPTS, 3, 3)
    assert found.last.scenes_failed == MOST_FAILURES + 50
    assert len(found.last.failures) == MOST_FAILURES
    assert report_path(tmp_path, 0).stat().st_size < 1_000_000


def test_a_store_that_refuses_does_not_stop_the_work(tmp_path, monkeypatch):
    write = report.write_atomic
    refusing = True

    def put(*args: object) -> None:
        if refusing:
            raise RuntimeError("SlowDown")  # as an object store's client raises, which is no OSError
        write(*args)

    monkeypatch.setattr(report, "write_atomic", put)
    with Reporter(tmp_path, 0, scenes=[0], heartbeat_s=0.02) as reporter:
        until(lambda: reporter.attempt.reports_refused >= 2)
        refusing = False
        reporter.done(Done(0, 1, {}))
    assert last(tmp_path).last.state == "done"
    assert last(tmp_path).last.reports_refused >= 2


def test_a_folder_that_cannot_be_written_does_not_stop_the_work(tmp_path):
    (tmp_path / "farm").write_text("a file where a folder should be")
    with Reporter(tmp_path, 0, scenes=[0]) as reporter:
        reporter.done(Done(0, 1, {"render": 1.0}))
    assert reporter.attempt.reports_refused == 2


def test_a_damaged_report_is_replaced(tmp_path):
    report_path(tmp_path, 0).parent.mkdir(parents=True)
    report_path(tmp_path, 0).write_text('{"job": 0, "attempts": 7}')
    with pytest.raises(DatasetError, match="no job report"):
        last(tmp_path)
    with Reporter(tmp_path, 0, scenes=[]):
        pass
    assert last(tmp_path).last.number == 1


BURN = "import time; block = bytearray(120_000_000)\nwhile time.process_time() < 0.5: pass"


def test_cpu_and_memory_are_those_of_the_worker_processes_too(tmp_path):
    with Reporter(tmp_path, 0, scenes=[], heartbeat_s=0.05):
        workers = [subprocess.Popen([sys.executable, "-S", "-c", BURN]) for _ in range(2)]
        for worker in workers:
            worker.wait()
    attempt = last(tmp_path).last
    assert 1.0 <= attempt.cpu_s < 10.0
    assert attempt.peak_bytes > 240_000_000


def test_cpu_seconds_of_children_before_the_start_are_not_counted(tmp_path):
    burnt = f"{BURN}\nprint(flush=True)\ninput()"
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-S", "-c", burnt], **streams) as child:
        child.stdout.readline()
        burned_s = psutil.Process(child.pid).cpu_times().user
        with Reporter(tmp_path, 0, scenes=[], heartbeat_s=0.05):
            child.communicate(b"\n")
    assert last(tmp_path).last.cpu_s < burned_s


def test_seconds_of_each_scene_are_kept_by_job_and_merged(tmp_path):
    with Reporter(tmp_path, 0, scenes=[0, 1]) as reporter:
        reporter.done(Done(0, 1, {"render": 1.5}))
    with Reporter(tmp_path, 1, scenes=[2]) as reporter:
        reporter.done(Done(2, 1, {"render": 3.0, "wait": 0.25}))
    with Reporter(tmp_path, 0, scenes=[0, 1], kept=[0]) as reporter:
        reporter.done(Done(1, 1, {"render": 2.0}))
    assert timings.merge(tmp_path) == 3
    assert timings.read_timings(tmp_path) == {
        0: {"render": 1.5},
        1: {"render": 2.0},
        2: {"render": 3.0, "wait": 0.25},
    }


def test_damaged_timings_are_left_out(tmp_path):
    timings.keep(tmp_path, 1, {5: {"render": 1.0}})
    timings.timings_path(tmp_path, 0).write_text("{")
    assert timings.merge(tmp_path) == 1
    assert timings.read_timings(tmp_path) == {5: {"render": 1.0}}
    assert timings.read_timings(tmp_path / "nowhere") == {}


@pytest.mark.slow
def test_reports_and_seconds_in_an_object_store_are_those_of_a_disk(object_store):
    root = object_store.place("data")
    with Reporter(root, 3, scenes=[6, 7]) as reporter:
        reporter.done(Done(6, 1, {"render": 1.0}, bytes=5))
        reporter.done(Done(7, 1, {"render": 2.0}, bytes=5))
    with Reporter(root, 3, scenes=[6, 7], kept=[6, 7]) as reporter:
        pass
    found = last(root, 3)
    assert [(a.state, a.scenes_done, a.reports_refused) for a in found.attempts] == [
        ("done", 2, 0),
        ("done", 0, 0),
    ]
    assert timings.merge(root) == 2
    assert timings.read_timings(root) == {6: {"render": 1.0}, 7: {"render": 2.0}}
