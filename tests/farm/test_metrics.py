"""Prometheus' own parser reads the metrics back; what they say is what the reports say."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed

from pairforge.errors import MachineError, RenderError
from pairforge.farm import metrics, quarantine
from pairforge.farm.protocol import Done, Failure
from pairforge.farm.report import Reporter
from tests.farm.test_status import code_of, planned, reported


def read(text: str) -> dict[tuple[str, str], float]:
    """(name, value of its label beside plan, scene and job) -> value."""
    common = {"plan", "scene", "job"}
    samples = [s for family in parsed(text) for s in family.samples]
    return {(s.name, " ".join(v for k, v in s.labels.items() if k not in common)): s.value for s in samples}


def test_a_plans_metrics_say_what_its_reports_say(tmp_path, capsys):
    plan = planned(tmp_path)
    reported(tmp_path, 0, "done", scenes_done=10, frames=100, cpu_s=50.0, seconds={"render": 7.5})
    reported(tmp_path, 1, "running", scenes_done=2, frames=20, wall_s=40.0, retries=3)
    lost = Failure(25, RenderError("no picture"), "render", 3)
    quarantine.put(tmp_path, lost, "street-000025", "pairforge generate driving.street")
    assert code_of(str(tmp_path), "--metrics", "-") == 1
    text = capsys.readouterr().out
    found = read(text)
    assert found["pairforge_plan_scenes", ""] == 30
    assert found["pairforge_plan_scenes_made", ""] == 12
    assert found["pairforge_plan_scenes_quarantined", "render"] == 1
    states = ("done", "running", "waiting", "failed", "stalled", "preempted")
    assert [found["pairforge_plan_jobs", state] for state in states] == [1, 1, 1, 0, 0, 0]
    assert found["pairforge_plan_keyframes_total", ""] == 120
    assert found["pairforge_plan_retries_total", ""] == 3
    assert found["pairforge_plan_cpu_seconds_total", ""] == 50
    assert found["pairforge_plan_stage_seconds_total", "render"] == 7.5
    assert found["pairforge_plan_keyframes_per_second", ""] == 0.5
    for family in parsed(text):
        assert family.documentation, family.name
        assert family.type == ("counter" if family.name + "_total" in text else "gauge"), family.name
        for sample in family.samples:
            assert (sample.labels["plan"], sample.labels["scene"]) == (plan.id, "street")


def test_metrics_are_put_in_place_whole_beside_the_status(tmp_path, capsys):
    planned(tmp_path / "data", scenes=10)
    reported(tmp_path / "data", 0, "done", scenes_done=10)
    target = tmp_path / "collector" / "pairforge.prom"
    assert code_of(str(tmp_path / "data"), "--metrics", str(target)) == 0
    assert "100.0 %" in capsys.readouterr().out
    assert read(target.read_text())["pairforge_plan_scenes_made", ""] == 10
    assert [p.name for p in target.parent.iterdir()] == ["pairforge.prom"]


def test_a_jobs_own_metrics_name_the_job_and_its_state(tmp_path):
    with Reporter(tmp_path, 7, range(3)) as reporter:
        reporter.frame()
        reporter.done(Done(0, 1, {"render": 2.0}, bytes=9))
        text = metrics.of_attempt(reporter.attempt, 7, {"plan": "p"}).decode()
    found = read(text)
    assert found["pairforge_job_state", "running"] == 1
    assert found["pairforge_job_scenes_made", ""] == 1
    assert found["pairforge_job_keyframes_total", ""] == 1
    assert found["pairforge_job_written_bytes_total", ""] == 9
    assert {s.labels["job"] for family in parsed(text) for s in family.samples} == {"7"}


def test_what_stands_in_labels_cannot_break_the_format(tmp_path):
    with Reporter(tmp_path, 0, range(1)) as reporter:
        reporter.done(Done(0, 1, {'a"\nb': 1.0}))
    assert (
        read(metrics.of_attempt(reporter.attempt, 0, {}).decode())[
            "pairforge_job_stage_seconds_total", 'a"\nb'
        ]
        == 1
    )


def test_a_folder_that_refuses_metrics_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="file"):
        metrics.write(tmp_path / "file" / "x.prom", b"")
