"""A plan divides scenes by arithmetic, repeats itself but for its clock readings, and refuses what cannot be made."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from statistics import stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairforge.datasets.manifest import read_manifest
from pairforge.errors import DatasetError, PairforgeError, SpecError
from pairforge.farm import plan as plans
from pairforge.farm.cost import Measured, Spread, estimate, scenes_in
from pairforge.farm.indices import Indices, ranges_of, read_ranges, told
from pairforge.farm.job_number import job_number
from pairforge.farm.measuring import sampled
from pairforge.farm.planning import PlanRequest, make_plan

SPEC = f"{Path(__file__).with_name('tiny_spec.py')}:TINY"


def asked(out: Path, **changes: object) -> PlanRequest:
    base = PlanRequest(SPEC, out, scenes=7, seed=7, renderer="raycast", quality="draft", measure=0)
    return replace(base, **changes)  # type: ignore[arg-type]


NUMBERS = st.lists(st.integers(0, 60), min_size=1).map(lambda numbers: sorted({*numbers}))


@given(NUMBERS)
def test_ranges_hold_the_numbers_they_were_made_of(numbers):
    found = Indices(ranges_of(numbers))
    assert list(found) == numbers
    assert len(found) == len(numbers)
    assert [found.index(n) for n in numbers] == list(range(len(numbers)))
    assert [n for n in range(-2, 70) if n in found] == numbers


@given(NUMBERS, st.integers(1, 9))
def test_every_wanted_scene_is_in_exactly_one_job(numbers, block):
    plan = plan_of(scenes=61, only=ranges_of(numbers), scenes_per_job=block)
    assert [i for k in range(plan.jobs) for i in plan.scenes_of(k)] == numbers
    assert all(k == plan.job_of(i) for k in range(plan.jobs) for i in plan.scenes_of(k))
    with pytest.raises(SpecError, match=f"no job {plan.jobs}"):
        plan.scenes_of(plan.jobs)


def plan_of(**changes: object) -> plans.Plan:
    identity = {
        "scene": "tiny",
        "spec_source": "tiny_spec.py:TINY",
        "spec_sha256": "0" * 64,
        "seed": 7,
        "quality": "draft",
        "renderer": "raycast",
    }
    said = {"identity": identity, "scenes": 7, "scenes_per_job": 2, **changes}
    return plans.parse(json.dumps(said).encode(), "here")


@pytest.mark.parametrize("text", ["", "a", "3-", "-3", "1,,2", "5-2", "1.5", "²"])
def test_text_that_is_no_list_of_scenes_is_refused(text):
    with pytest.raises(SpecError):
        read_ranges(text)


def test_ranges_are_read_whatever_their_order_and_overlap():
    assert read_ranges("7,0-3, 2-5 ,6") == ((0, 7),)
    assert told([9, *range(5)]) == "0-4, 9"


def test_a_hundred_thousand_scenes_make_a_small_plan(tmp_path):
    make_plan(asked(tmp_path / "d", scenes=100_000, scenes_per_job=64))
    plan = plans.read(tmp_path / "d")[1]
    assert (tmp_path / "d" / "plan.json").stat().st_size < 2000
    assert plan.jobs == math.ceil(100_000 / 64)
    assert plan.scenes_of(plan.jobs - 1) == tuple(range(99_968, 100_000))


def test_the_same_arguments_make_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        make_plan(asked(tmp_path / name, only=((1, 4), (6, 6)), settings={"front.width_px": "32"}))
    assert (tmp_path / "a/plan.json").read_bytes() == (tmp_path / "b/plan.json").read_bytes()


def test_all_scenes_asked_for_as_a_range_make_the_same_plan(tmp_path):
    make_plan(asked(tmp_path / "a"))
    make_plan(asked(tmp_path / "b", only=((0, 6),)))
    assert plans.read(tmp_path / "a")[1].id == plans.read(tmp_path / "b")[1].id


@pytest.mark.slow
def test_measured_figures_stand_apart_and_are_of_the_very_spec(tmp_path):
    first = make_plan(asked(tmp_path / "a", measure=2)).plan
    second = make_plan(asked(tmp_path / "b", measure=2)).plan
    assert first.model_copy(update={"measured": None}) == second.model_copy(update={"measured": None})
    assert first.id == second.id
    assert first.measured is not None
    assert second.measured is not None
    assert first.measured.scenes == second.measured.scenes == sampled(7, first.wanted, 2)[1:]
    assert first.measured.bytes == second.measured.bytes, "the same scenes have the same sizes"
    assert first.measured.keyframes.mean == 4
    assert first.measured.wall_s.least > 0
    assert first.measured.cpu_s.mean > 0.05
    assert first.measured.peak_bytes > 50 << 20
    assert {"resolve", "simulate", "render", "sense"} <= set(first.measured.stages)
    assert first.time_limit_s is not None
    assert first.time_limit_s >= 10 * first.measured.wall_s.most
    assert not list((tmp_path / "a").glob("shards/*")), "measuring leaves no scene in the dataset"
    assert read_manifest(tmp_path / "a").identity == first.identity


@pytest.mark.slow
def test_a_scene_that_cannot_be_made_fails_the_plan_at_once_and_leaves_nothing(tmp_path):
    spec = tmp_path / "never.py"
    spec.write_text(
        Path(SPEC.rpartition(":")[0]).read_text()
        + "\nfrom dataclasses import replace\nfrom pairforge.scenes.requirements import Apart\n"
        "NEVER = replace(TINY, require=[Apart('ball', 'can', at_least_m=1000.0)])\n"
    )
    with pytest.raises(PairforgeError, match=r"scene \d+ of this spec cannot be made: .*ball"):
        make_plan(asked(tmp_path / "d", spec=f"{spec}:NEVER", measure=1))
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scenes": 0}, "at least 1"),
        ({"only": ((3, 9),)}, "scene 9"),
        ({"spec": "tabletop.dorp"}, 'Did you mean "tabletop.drop"'),
        ({"renderer": "raycats"}, 'Did you mean "raycast"'),
        ({"quality": "drft"}, 'Did you mean "draft"'),
        ({"settings": {"front.widht_px": "3"}}, "width_px"),
        ({"scenes_per_job": 2, "minutes_per_job": 3.0}, "not both"),
        ({"minutes_per_job": 3.0}, "--measure"),
        ({"scenes": 10**9}, "scenes"),
    ],
)
def test_a_bad_request_says_why_and_writes_nothing(tmp_path, changes, said):
    with pytest.raises(SpecError, match=said):
        make_plan(asked(tmp_path / "d", **changes))
    assert not (tmp_path / "d").exists()


def test_a_place_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DatasetError, match="notes"):
        make_plan(asked(tmp_path))
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_a_dataset_of_another_seed_is_refused(tmp_path):
    make_plan(asked(tmp_path / "d"))
    with pytest.raises(DatasetError, match="seed was 7, now 8"):
        make_plan(asked(tmp_path / "d", seed=8))


def test_a_plan_under_way_is_not_divided_anew(tmp_path):
    make_plan(asked(tmp_path / "d", scenes_per_job=2))
    make_plan(asked(tmp_path / "d", scenes_per_job=3))  # nothing has begun
    (tmp_path / "d" / "farm" / "jobs").mkdir(parents=True)
    with pytest.raises(SpecError, match="--scenes-per-job 3"):
        make_plan(asked(tmp_path / "d", scenes_per_job=2))
    assert make_plan(asked(tmp_path / "d", scenes_per_job=3)).renewed


SECONDS = [10.0, 14.0]
MEASURED = Measured(
    scenes=(0, 1),
    failed=0,
    cores=2,
    keyframes=Spread.of([8, 8]),
    wall_s=Spread.of(SECONDS),
    cpu_s=Spread.of([20, 28]),
    renderer_cpu_s=Spread.of([1, 1]),
    stages={},
    bytes=Spread.of([1e6, 3e6]),
    start_s=30.0,
    peak_bytes=1 << 30,
)


def test_estimates_are_the_sums_done_by_hand():
    found = estimate(MEASURED, scenes=1000, scenes_per_job=100, workers=(1, 4, 10))
    assert found.jobs == 10
    assert found.job_s == 30 + 100 * 12
    assert found.worker_hours == pytest.approx((1000 * 12 + 10 * 30) / 3600)
    assert found.cpu_hours == pytest.approx(24_000 / 3600)
    assert found.keyframes == 8000
    assert found.storage_bytes == 2_000_000_000
    assert found.hours_at == pytest.approx({1: 12_300 / 3600, 4: 3 * 1230 / 3600, 10: 1230 / 3600})
    assert found.uncertainty == pytest.approx(stdev(SECONDS) / math.sqrt(2) / 12, rel=1e-3)
    assert MEASURED.cores_used == 2
    assert MEASURED.memory_bytes == 3 << 29
    assert MEASURED.time_limit_s == 300
    slow = MEASURED.model_copy(update={"wall_s": Spread.of([10.0, 31.0])})
    assert slow.time_limit_s == 360, "ten times the longest, in whole minutes"


@pytest.mark.parametrize(("minutes", "scenes"), [(0.1, 1), (1.0, 2), (5.0, 22), (30.0, 140), (1e6, 1000)])
def test_minutes_make_round_blocks(minutes, scenes):
    assert scenes_in(MEASURED, minutes, 1000) == scenes
    assert scenes == 1 or MEASURED.job_s(scenes) <= 60 * minutes


def test_schedulers_say_which_job():
    assert job_number(None, 0, {"SLURM_ARRAY_TASK_ID": "7"}) == 7
    assert job_number(None, 2000, {"JOB_COMPLETION_INDEX": "5"}) == 2005
    assert job_number(None, -1, {"SGE_TASK_ID": "1"}) == 0
    assert job_number(3, 1, {"SLURM_ARRAY_TASK_ID": "7"}) == 4
    assert job_number(None, 0, {"SGE_TASK_ID": "undefined", "PBS_ARRAY_INDEX": "2"}) == 2
    for said in (
        {},
        {"SLURM_ARRAY_TASK_ID": "1-3"},
        {"SLURM_ARRAY_TASK_ID": "1", "JOB_COMPLETION_INDEX": "2"},
    ):
        with pytest.raises(SpecError, match="--job K"):
            job_number(None, 0, said)
