"""A unit that is prepared beside another's run: used when its turn comes, to blame for no end but its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairforge.errors import MachineError
from pairforge.farm.attempts import Attempts, Lost
from pairforge.farm.foresight import Foresight
from pairforge.farm.local import LocalExecutor
from pairforge.farm.protocol import Done, Failure, Foresighted, Limits
from tests.farm.check_executor import check_nothing_left
from tests.farm.deeds import Unit
from tests.farm.foreseen import LARGE, Begun


def results(jobs: list[Begun], limits: Limits | None = None) -> list[Done | Failure]:
    executor = LocalExecutor(1, limits or Limits(tries=1, pause_s=0.0))
    return sorted(executor.run(jobs, lambda: None), key=lambda r: r.index)


def units(root: Path, *beginnings: str) -> list[Begun]:
    return [Begun(i, root, beginning=b) for i, b in enumerate(beginnings)]


def test_what_was_prepared_goes_to_the_unit_that_it_was_prepared_for_alone(tmp_path):
    first, second = units(tmp_path, "well", "well")
    foresight = Foresight()
    assert foresight.take(first) is None
    foresight.begin(first)
    assert foresight.take(second) is None
    assert foresight.take(first) is None, "it was dropped when another's turn came"
    foresight.begin(second)
    assert foresight.take(second) == "of 1"
    assert foresight.take(second) is None, "it is not kept"


@pytest.mark.slow
def test_units_are_prepared_while_the_one_before_runs_and_faults_are_told_at_their_own_turn(tmp_path):
    one, two, wrong, last = results(units(tmp_path, "well", "well", "fault", "well"))
    assert isinstance(one, Done)
    assert isinstance(two, Done)
    assert (one.seconds["foreseen"], two.seconds["foreseen"]) == (0, 1)
    assert isinstance(wrong, Failure)
    assert wrong.reason == "spec"
    assert isinstance(last, Done)
    check_nothing_left(tmp_path)


@pytest.mark.slow
def test_a_unit_whose_beginning_kills_the_worker_is_alone_to_blame(tmp_path):
    """With one try each: the unit beside it is done again, and no try of it counts."""
    well, dead, last = results(units(tmp_path, "well", "death", "well"))
    assert isinstance(well, Done)
    assert well.tries == 1
    assert isinstance(dead, Failure)
    assert (dead.reason, dead.tries) == ("died", 1)
    assert isinstance(last, Done)
    assert last.tries == 1
    check_nothing_left(tmp_path)


@pytest.mark.slow
def test_a_beginning_that_never_ends_costs_its_own_time_alone(tmp_path):
    well, hung = results(units(tmp_path, "well", "endless"), Limits(seconds=8.0, tries=1))
    assert isinstance(well, Done)
    assert isinstance(hung, Failure)
    assert hung.reason == "hung"
    check_nothing_left(tmp_path)


def test_what_was_lost_once_is_done_alone_the_next_time(tmp_path):
    todo = Attempts([Unit(i, tmp_path) for i in range(3)], Limits(tries=1, pause_s=0.0))
    first = todo.take(0.0)
    assert first is not None
    assert todo.after(first) == Unit(1, tmp_path)
    _, again = todo.lost(first, Lost("died", MachineError("gone"), blamed=False), 0.0)
    assert again, "no try was left, and none was counted"
    assert todo.take(0.0) is first
    assert todo.after(first) is None


def test_nothing_is_begun_ahead_any_more_where_memory_holds_no_two(tmp_path):
    todo = Attempts([Unit(i, tmp_path) for i in range(9)], Limits(tries=1, pause_s=1e9))
    crowded = Lost("memory", MachineError("too much"), blamed=False, crowded=True)
    for expected in (1, 2, None):
        job = todo.take(0.0)
        assert job is not None
        ahead = todo.after(job)
        assert (ahead and ahead.index) == expected
        todo.lost(job, crowded, 0.0)


@pytest.mark.slow
def test_what_holds_too_much_with_another_beside_it_is_made_alone(tmp_path):
    """One beginning is within the limit, two are not: no try counts, and the third is not even begun ahead."""
    lost: list[Failure] = []
    limits = Limits(memory_bytes=LARGE * 9 // 5, tries=1, pause_s=0.0)
    jobs = units(tmp_path, "large", "large", "large", "large")
    done = list(LocalExecutor(1, limits).run(jobs, lambda: None, lost.append))
    assert {(d.index, isinstance(d, Done), d.tries) for d in done} == {(i, True, 1) for i in range(4)}
    assert [(f.index, f.reason) for f in lost] == [(0, "memory"), (1, "memory")]
    check_nothing_left(tmp_path)


def test_work_that_cannot_be_begun_ahead_is_not_taken_for_work_that_can(tmp_path):
    assert isinstance(Begun(0, tmp_path), Foresighted)
    assert not isinstance(Unit(0, tmp_path), Foresighted)
