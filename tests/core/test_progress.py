"""Progress says how far, how fast, at what cost and what went wrong; a log gets few lines, a terminal a bar."""

from __future__ import annotations

import re

import pytest
from rich.console import Console

from pairforge import progress
from pairforge.errors import RenderError
from pairforge.farm.protocol import Done, Failure
from pairforge.farm.usage import Used
from pairforge.progress import Frames


class Clock:
    """Seconds that pass when told to."""

    def __init__(self, monkeypatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(progress.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


def test_a_log_gets_a_line_at_most_every_ten_seconds_and_the_last(clock, capsys):
    with Frames("street") as frames:
        frames.plan(100)
        for _ in range(100):
            clock.now += 0.5
            frames.tick()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5
    assert lines[0] == "street: 21/100 keyframes, 10 s elapsed, ETA 40 s, 2/s"
    assert lines[-1].startswith("street: 100/100 keyframes, 50 s elapsed, ETA 0 s")


def test_the_eta_leaves_out_what_is_done_once(clock, capsys):
    with Frames("street") as frames:
        frames.plan(11)
        clock.now += 300  # Blender starts
        frames.tick()
        clock.now += 11
        frames.tick()
    first, second = capsys.readouterr().err.splitlines()
    assert "1/11 keyframes, 300 s elapsed, 0.00" in first, (
        "one keyframe that waited for the start tells no pace"
    )
    assert "2/11 keyframes, 311 s elapsed, ETA 99 s" in second


def test_the_stage_that_costs_most_is_named_and_waiting_is_none(clock, capsys):
    with Frames("street") as frames:
        frames.plan(2)
        frames.result(Done(0, 1, {"render": 3.0, "sense": 1.0, "wait_for_render": 2.0}))
        clock.now += 11
        frames.tick()
    assert "render 75 %" in capsys.readouterr().err


def test_lost_tries_and_failures_are_told_as_they_come_and_counted(clock, capsys):
    with Frames("street") as frames:
        frames.plan(2)
        frames.retry(Failure(4, RenderError("signal 11\nand a long tail"), "died", 1))
        frames.result(Failure(4, RenderError("no [bold]picture"), "render", 3))
        told = capsys.readouterr().err.splitlines()
        clock.now += 11
        frames.tick()
    assert told == [
        "scene 4 lost (died, try 1), begun again: signal 11",
        "scene 4 failed (render, begun 3 times): no [bold]picture",
    ]
    assert "1 try lost, 1 failed" in capsys.readouterr().err


def test_the_cost_is_told_so_far_and_in_all(clock, capsys, monkeypatch):
    monkeypatch.setattr(progress.Usage, "measure", lambda self: Used(11.0, 45.0, 0))
    with Frames("street", cost=True) as frames:
        frames.plan(4)
        clock.now += 11
        frames.tick()
        monkeypatch.setattr(progress.Usage, "measure", lambda self: Used(11.0, 55.0, 0))
        clock.now += 11
        frames.tick()
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("CPU 45 s"), "what starting costs says nothing of the rest"
    assert second.endswith("CPU 55 s of about 75 s")


def test_quiet_is_quiet(clock, capsys):
    with Frames("street", quiet=True) as frames:
        frames.plan(1)
        clock.now += 20
        frames.retry(Failure(0, RenderError("x"), "died", 1))
        frames.tick()
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_all_of_it_in_one_line(clock, monkeypatch, capsys):
    monkeypatch.setattr(progress, "Console", lambda **kw: Console(force_terminal=True, width=140, **kw))
    with Frames("street") as frames:
        frames.plan(4)
        clock.now += 2
        frames.result(Done(0, 1, {"render": 3.0, "sense": 1.0}))
        frames.tick()
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    last = [line for line in re.split(r"[\r\n]+", shown) if line.strip()][-1]
    for word in ("street", "1/4", "keyframes", "ETA", "0.5/s", "render 75 %"):
        assert word in last
