"""A slowdown is noticed, and said in words; counts do not depend on anything but the code."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from benchmarks.counting import disk, instructions, rays
from benchmarks.history import HISTORY, append, problems, read
from benchmarks.history_figures import TOLERANCE, Counted
from pairforge.frames import Pose
from pairforge.scenes.colours import colour_rgb
from pairforge.sensors.ray_scene import TriangleScene


def test_a_figure_that_grew_past_its_tolerance_is_named_with_both_values(tmp_path):
    kept = tmp_path / "history.csv"
    append([Counted("write", "instructions", 1000), Counted("write: syncs", "count", 34)], "first", kept)
    now = [Counted("write", "instructions", 1051), Counted("write: syncs", "count", 35)]
    said = problems(read(kept), now)
    assert len(said) == 2
    assert '"write" grew from 1,000 to 1,051 instructions (+5.1%' in said[0]
    assert "34 to 35" in said[1]


def test_growth_within_the_tolerance_and_savings_pass(tmp_path):
    kept = tmp_path / "history.csv"
    append([Counted("write", "instructions", 1000), Counted("write: syncs", "count", 34)], "first", kept)
    now = [Counted("write", "instructions", 1049), Counted("write: syncs", "count", 12)]
    assert problems(read(kept), now) == []


def test_a_figure_that_nobody_kept_is_asked_for(tmp_path):
    assert "not in the history" in problems(read(tmp_path / "none.csv"), [Counted("new", "count", 1)])[0]


def test_appending_keeps_the_past_and_leaves_out_what_did_not_change(tmp_path):
    kept = tmp_path / "history.csv"
    append([Counted("a", "count", 1), Counted("b", "count", 2)], "first", kept)
    append([Counted("a", "count", 1), Counted("b", "count", 3)], 'a comma, and "quotes"', kept)
    rows = read(kept)
    assert [(r.figure, r.value, r.why) for r in rows] == [
        ("a", 1, "first"),
        ("b", 2, "first"),
        ("b", 3, 'a comma, and "quotes"'),
    ]
    assert problems(rows, [Counted("b", "count", 3)]) == []


def test_the_kept_history_has_a_tolerance_for_every_unit_and_a_reason_in_every_row():
    rows = read(HISTORY)
    assert rows
    assert {r.unit for r in rows} <= TOLERANCE.keys()
    assert all(r.why and r.value >= 0 for r in rows)


def test_instructions_are_those_of_our_code_alone_and_always_the_same():
    pose = Pose.of((1.0, 2.0, 3.0))

    def work(times: int) -> int:
        with instructions() as found:
            for _ in range(times):
                colour_rgb("red")
                _ = pose.inverse
            textwrap.dedent(f"  a library's {times}")
        return found["instructions"]

    work(1)
    one, again, ten = work(1), work(1), work(10)
    assert one == again > 0
    assert ten == 10 * one


def test_counting_leaves_a_debuggers_trace_as_it_was():
    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError), instructions():
        _ = 1 / 0
    assert sys.gettrace() is before


def test_disk_counts_syncs_renames_and_files(tmp_path):
    with disk() as found:
        for name in ("a", "b", "c"):
            with (tmp_path / name).open("w") as file:
                file.write(name)
                os.fsync(file.fileno())
        os.replace(tmp_path / "a", tmp_path / "d")
        os.listdir(tmp_path)
    (tmp_path / "later").write_text("not counted")
    assert dict(found) == {"opened": 3, "syncs": 3, "renames": 1, "listed": 1}


def test_rays_count_what_is_cast():
    scene = TriangleScene(np.eye(3), np.array([[0, 1, 2]]))
    with rays() as found:
        scene.cast(np.zeros((7, 6), dtype=np.float32))
        scene.blocked(np.zeros((5, 6), dtype=np.float32))
    scene.cast(np.zeros((9, 6), dtype=np.float32))
    assert dict(found) == {"rays": 12, "casts": 2}


@pytest.mark.slow
def test_the_figures_do_not_depend_on_the_order_of_sets():
    code = (
        "from benchmarks.history_figures import _resolving, _sensing\n"
        "print([(f.figure, f.value) for part in (_resolving(), _sensing()) for f in part])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=HISTORY.parents[1],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
