"""The model of a large run agrees with sums done by hand, and with a simulation of the farm event by event."""

from __future__ import annotations

import heapq
import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.cost import CASES, FIGURES, Asked, Cost, Figures, cost, figures_of, table, workers_of_node

PLAIN = Figures(
    start_s=10.0,
    scene_s=5.0,
    frame_s=2.0,
    cores=2.0,
    memory_gb=2.0,
    frame_mb=5.0,
    scene_mb=1.0,
    scene_puts=17.0,
    scene_gets=1.0,
    scene_lists=1.0,
    heartbeat_s=10.0,
    merge_scene_s=0.01,
    merge_scene_gets=2.0,
    fail_share=0.0,
    preempted_per_h=0.0,
    away_s=0.0,
    spread=0.0,
)
ASKED = Asked(
    frames=1000, frames_per_scene=10, nodes=2, cores_per_node=4, memory_per_node_gb=16.0, job_s=260.0
)


def test_a_calm_run_is_the_sum_of_its_parts():
    found = cost(PLAIN, ASKED)
    assert (found.scenes, found.workers, found.scenes_per_job, found.jobs) == (100, 4, 10, 10)
    job_s = 10.0 + 10 * (5.0 + 10 * 2.0)
    assert found.hours == pytest.approx((10 / 4 * job_s + 100 * 0.01) / 3600)
    assert found.cpu_h == pytest.approx(10 * job_s * 2 / 3600)
    assert found.lost_share == pytest.approx(0.0)
    assert found.storage_tb == pytest.approx((1000 * 5 + 100) / 1e6)
    assert found.puts == pytest.approx(100 * 17 + 10 * job_s / 10)
    assert (found.gets, found.lists) == (300, pytest.approx(101.7))


def test_memory_limits_workers_where_it_is_short():
    assert workers_of_node(PLAIN, replace(ASKED, memory_per_node_gb=3.0)) == 1
    assert workers_of_node(replace(PLAIN, cores=16.0), ASKED) == 1


def test_no_farm_ends_before_its_longest_job():
    found = cost(PLAIN, replace(ASKED, nodes=1000))
    assert found.hours * 3600 >= 260.0


@pytest.mark.parametrize("rate", [0.5, 3.0])
def test_preemption_costs_what_a_simulated_farm_loses(rate: float):
    asked = replace(ASKED, frames=200_000, nodes=20)
    figures = replace(PLAIN, preempted_per_h=rate, away_s=60.0)
    expected = cost(figures, asked)
    rng = np.random.Generator(np.random.PCG64(3))
    scene_s = figures.scene_s + asked.frames_per_scene * figures.frame_s
    free = [0.0] * int(expected.workers)
    left = [int(expected.scenes_per_job)] * int(expected.jobs)
    heapq.heapify(free)
    while left:
        clock, todo = heapq.heappop(free), left.pop()
        until = clock + rng.exponential(3600 / rate)
        clock += figures.start_s
        while todo:
            if (
                clock + scene_s > until
            ):  # the scene under way is lost; the node comes back, the job begins again
                clock = until + figures.away_s + figures.start_s
                until = clock + rng.exponential(3600 / rate)
            else:
                clock, todo = clock + scene_s, todo - 1
        heapq.heappush(free, clock)
    assert max(free) / 3600 == pytest.approx(expected.hours - expected.merge_h, rel=0.04)


def test_failures_are_paid_for():
    calm, failing = cost(PLAIN, ASKED), cost(replace(PLAIN, fail_share=0.1), ASKED)
    assert failing.cpu_h / calm.cpu_h == pytest.approx(1 + 0.1 * 25 / 26)
    assert failing.puts > calm.puts


def test_the_kept_figures_are_whole_and_their_ranges_rise():
    document = json.loads(FIGURES.read_text())
    for preset in document["presets"]:
        cases = figures_of(document, preset)
        hours = [cost(cases[case], Asked()).cpu_h for case in CASES]
        assert hours == sorted(hours)
    assert all(isinstance(row, list) and len(row) == 3 for row in document["shared"].values())


def test_a_range_upside_down_is_refused():
    document = json.loads(FIGURES.read_text())
    document["shared"]["start_s"] = [9.0, 5.0, 7.0]
    with pytest.raises(ValueError, match="start_s of draft"):
        figures_of(document, "draft")


def test_the_table_on_the_page_is_the_one_that_the_kept_figures_give():
    document = json.loads(FIGURES.read_text())
    page = (FIGURES.parents[1] / "docs" / "cost.md").read_text()
    assert table(document, Asked(), ("draft", "standard", "high")) in page


def test_every_outcome_has_a_row():
    from benchmarks.cost import ROWS

    assert ROWS.keys() == Cost.__dataclass_fields__.keys()
