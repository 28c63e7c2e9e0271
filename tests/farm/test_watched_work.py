"""What a job tells while it works, all from one run of the command: a report, a log, metrics, progress, seconds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed

from pairforge.cli import main
from pairforge.datasets import timings
from pairforge.errors import RenderError
from pairforge.farm.finish import finish_plan
from pairforge.farm.protocol import Failure
from pairforge.farm.report import read_report, report_path
from pairforge.farm.status import look
from tests.farm.test_work import FILE, Here, here, planned  # noqa: F401  (a fixture)


@pytest.fixture
def worked(here, tmp_path, capsys, monkeypatch) -> tuple[Path, int, str]:  # noqa: F811
    """A planned dataset after its first job, in which a scene failed; the exit code; what was on standard error."""
    here.faults = {1: Failure(1, RenderError("no picture"), "render", 3)}
    planned(tmp_path / "d")
    monkeypatch.setenv("PAIRFORGE_LOG", str(tmp_path / "log.jsonl"))
    metrics = str(tmp_path / "job.prom")
    with pytest.raises(SystemExit) as left:
        main(["work", str(tmp_path / "d"), "--job", "0", "--spec", str(FILE), "--metrics", metrics])
    return tmp_path, int(left.value.code or 0), capsys.readouterr().err


@pytest.mark.slow
def test_a_job_tells_all_that_it_does(worked):
    folder, code, told = worked
    assert code == 3
    assert "scene 1 failed (render, begun 3 times): no picture" in told
    attempt = read_report(report_path(folder / "d", 0)).last
    made = (folder / "d" / "shards").glob("*.tar")
    assert (attempt.state, attempt.scenes_done, attempt.frames, attempt.frames_asked) == ("failed", 1, 4, 8)
    assert attempt.bytes_written > sum(p.stat().st_size for p in made) > 0
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    assert [(x["event"], x["scene"]) for x in lines if x["event"] != "heartbeat"] == [
        ("begun", None),
        ("scene_done", 0),
        ("scene_failed", 1),
        ("ended", None),
    ]
    assert {x["job"] for x in lines} == {0}
    samples = {s.name: s.value for f in parsed((folder / "job.prom").read_text()) for s in f.samples}
    assert (samples["pairforge_job_scenes_made"], samples["pairforge_job_keyframes_total"]) == (1, 4)
    assert set(timings.read_job(timings.timings_path(folder / "d", 0))) == {0}
    finish_plan(folder / "d", allow_missing=True)
    assert timings.read_timings(folder / "d")[0].keys() == attempt.seconds.keys()
    # The scene that failed stands in quarantine: nothing is left to do for this job, and somebody must look.
    seen = look(folder / "d")
    assert ([j.state for j in seen.jobs], seen.exit_code) == (["done", "waiting", "waiting"], 1)
    assert seen.totals.seconds["sense"] > 0


@pytest.mark.slow
def test_a_job_whose_report_was_lost_reports_again_when_it_is_begun_again(worked):
    folder, _, _ = worked
    shutil.rmtree(folder / "d" / "farm")
    assert look(folder / "d").counts["waiting"] == 3
    with pytest.raises(SystemExit):
        main(["work", str(folder / "d"), "--job", "0"])
    attempt = read_report(report_path(folder / "d", 0)).last
    assert (attempt.state, attempt.scenes_kept, attempt.scenes_left_out) == ("done", 1, 1)
    assert Here.begun == [0, 1]
