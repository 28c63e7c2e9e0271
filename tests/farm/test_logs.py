"""Each line of a log is JSON with the same fields; it never holds a secret and never stops the work."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest

from pairforge.errors import MachineError, RenderError
from pairforge.farm.logs import FIELDS, MORE, log_to, say, say_result, say_retry
from pairforge.farm.protocol import Done, Failure


def lines(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_line_has_the_same_fields_in_the_same_order(tmp_path):
    with log_to(str(tmp_path / "logs" / "a.jsonl"), job=3):
        say("begun", frames=8)
        say_result(Done(5, 4, {"render": 2.0, "sense": 0.5, "wait_for_render": 1.0}, 10**9, 2, 77))
        say_retry(Failure(6, RenderError("died of signal 11\nat frame 2"), "died", 1))
        say_result(Failure(6, RenderError("no picture"), "render", 3))
    begun, done, retried, failed = found = lines(tmp_path / "logs" / "a.jsonl")
    for line in found:
        assert tuple(line)[: len(FIELDS)] == FIELDS
        assert set(line) <= {*FIELDS, *MORE}
        assert line["job"] == 3
        assert abs((datetime.now(UTC) - datetime.fromisoformat(line["time"])).total_seconds()) < 60
    assert (begun["event"], begun["frames"], begun["scene"]) == ("begun", 8, None)
    assert (done["scene"], done["frames"], done["seconds"], done["tries"], done["bytes"]) == (
        5,
        4,
        2.5,
        2,
        77,
    )
    assert done["stages"] == {"render": 2.0, "sense": 0.5, "wait_for_render": 1.0}
    assert (retried["level"], retried["reason"], retried["tries"]) == ("warning", "died", 1)
    assert (failed["level"], failed["event"], failed["message"]) == ("error", "scene_failed", "no picture")


def test_a_second_run_adds_to_the_log(tmp_path):
    for _ in range(2):
        with log_to(str(tmp_path / "a.jsonl")):
            say("begun")
    assert len(lines(tmp_path / "a.jsonl")) == 2


def test_a_dash_logs_to_standard_error(capsys):
    with log_to("-"):
        say("begun")
    told = capsys.readouterr()
    assert (json.loads(told.err)["event"], told.out) == ("begun", "")


def test_without_a_log_nothing_is_said_anywhere(capsys, caplog):
    with log_to(None):
        say("begun", level=logging.ERROR)
    assert capsys.readouterr() == ("", "")
    assert not caplog.records


def test_an_error_that_ends_the_work_stands_in_the_log(tmp_path):
    with pytest.raises(MachineError), log_to(str(tmp_path / "a.jsonl")):
        raise MachineError("the disk is full")
    assert lines(tmp_path / "a.jsonl")[-1]["message"] == "MachineError: the disk is full"


@pytest.mark.parametrize(
    "text",
    [
        "s3://user:HUSH@store/x",
        "https://s/x?X-Amz-Credential=HUSH&X-Amz-Signature=HUSH",
        "AWS_SECRET_ACCESS_KEY=HUSH",
        "aws_session_token: HUSH",
        "{'password': 'HUSH'}",
        "https://x.blob/y?sv=1&sig=HUSH",
    ],
)
def test_credentials_in_messages_are_not_logged(tmp_path, text):
    with log_to(str(tmp_path / "a.jsonl")):
        say_result(Failure(0, MachineError(f"could not write: {text}"), "storage"))
    said = (tmp_path / "a.jsonl").read_text()
    assert "HUSH" not in said
    assert "could not write" in said


def test_a_log_that_cannot_be_opened_is_refused_before_the_work(tmp_path):
    with pytest.raises(MachineError, match="log"), log_to(str(tmp_path)):
        pass


def test_a_full_disk_loses_lines_and_not_the_work(capsys):
    with log_to("/dev/full"):
        say("begun")
    assert "Traceback" not in capsys.readouterr().err
