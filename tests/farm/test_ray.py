"""Ray over several nodes of one machine (real raylets): a node dies, one joins, a driver dies, a file is missing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import psutil
import pytest

from pairforge.errors import MachineError, SpecError
from pairforge.farm.job import Job
from pairforge.farm.options import executor_of
from pairforge.farm.protocol import Done, Failure, Limits
from pairforge.farm.ray import RayExecutor
from pairforge.farm.ray_cluster import import_ray
from pairforge.generate import Request, generate
from tests.farm.check_executor import alive, check_nothing_left, soon
from tests.farm.deeds import Unit, made
from tests.farm.here import Here
from tests.farm.test_determinism import SPEC, contents

pytestmark = pytest.mark.slow
SCENES = 6
SMALL = {"object_store_memory": 80 << 20}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head without room for work; tests add nodes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray = import_ray()
        from ray.cluster_utils import Cluster

        made = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 0, **SMALL, "include_dashboard": False}
        )
        yield made
        ray.shutdown()
        made.shutdown()


@pytest.fixture
def nodes(cluster) -> Any:
    """The cluster with two nodes, each with room for one station."""
    while len(cluster.worker_nodes) < 2:
        join(cluster)
    return cluster


def join(cluster: Any) -> None:
    """One more node. Ray gives up on a raylet after 30 s, which a busy machine may need."""
    for _ in range(4):
        with suppress(Exception):
            cluster.add_node(num_cpus=1, **SMALL)
            return
    pytest.fail("no raylet would start")


def test_a_node_killed_midway_loses_no_scene_and_changes_no_byte(nodes, tmp_path, capfd):
    calm, out = tmp_path / "calm", tmp_path / "data"
    request = Request(SPEC, calm, SCENES, seed=7, renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    frames, lost = [], list[Failure]()

    def frame() -> None:
        frames.append(1)
        if len(frames) == 5:
            nodes.remove_node(next(iter(nodes.worker_nodes)), allow_graceful=False)

    executor = RayExecutor(2, address=nodes.address)
    outcome = generate(replace(request, out=out), executor, on_frame=frame, on_retry=lost.append)
    assert not outcome.failed
    assert sorted(d.index for d in outcome.done) == list(range(SCENES))
    assert len(frames) == 4 * SCENES, "each keyframe is told once"
    assert [f.reason for f in lost] == ["died"]
    assert "raylet" not in "".join(capfd.readouterr()), "Ray's logs are no business of whoever makes scenes"
    assert all(d.tries == 1 for d in outcome.done), "a node's death is not the unit's fault"
    assert contents(out) == contents(calm)
    check_nothing_left(out)


def test_work_goes_to_a_node_that_joins_while_it_runs(nodes, tmp_path):
    """Both nodes are gone when the run begins; a new one comes later."""
    for node in tuple(nodes.worker_nodes):
        nodes.remove_node(node)
    units = [Unit(i, tmp_path) for i in range(5)]
    run = RayExecutor(3, address=nodes.address).run(units, lambda: None)
    join(nodes)
    results = list(run)
    assert sorted(r.index for r in results if isinstance(r, Done)) == list(range(5))
    assert all((tmp_path / "made" / str(i)).read_bytes() == made(i) for i in range(5))


def test_a_station_that_is_killed_is_no_fault_of_its_unit(nodes, tmp_path):
    lost = list[Failure]()
    units = [Unit(0, tmp_path, "orphan_once")]
    (done,) = RayExecutor(1, address=nodes.address).run(units, lambda: None, lost.append)
    assert isinstance(done, Done)
    assert done.tries == 1
    assert [f.reason for f in lost] == ["died"], "nothing says that it was memory"


def test_a_spec_file_that_nodes_lack_is_named_with_the_node(nodes, tmp_path):
    job = Job("gone/spec.py:SCENE", "0" * 64, {}, 7, 0, tmp_path, "gone-000000", "raycast", "draft")
    (failure,) = RayExecutor(1, address=nodes.address).run([job], lambda: None)
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.tries) == ("spec", 1)
    assert 'no spec file "gone/spec.py" on node' in str(failure.error)
    assert "every node" in str(failure.error)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_driver_ended_midway_leaves_no_process_and_resumes_to_the_same_bytes(tmp_path, end):
    calm, out = tmp_path / "calm", tmp_path / "data"
    request = Request(SPEC, calm, 4, seed=7, renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    command = [
        sys.executable,
        "-m",
        "pairforge",
        "generate",
        SPEC,
        "--scenes",
        "4",
        "--seed",
        "7",
        "--out",
        str(out),
    ]
    command += ["--renderer", "raycast", "--quality", "draft", "--executor", "ray", "--workers", "1"]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    soon(lambda: any(out.glob("records/*")) or driver.poll() is not None, within_s=240)
    kin = psutil.Process(driver.pid).children(recursive=True)
    assert len(kin) > 5, "it ended before it could be ended"
    assert ranks(kin) == {os.getpriority(os.PRIO_PROCESS, 0)}, (
        "on a busy machine some would get next to nothing"
    )
    driver.send_signal(end)
    said = driver.communicate(timeout=60)[1]
    assert driver.returncode == (-end if end == signal.SIGKILL else 128 + end), said
    soon(lambda: not any(alive(process) for process in kin), "processes stayed")
    if end == signal.SIGTERM:
        assert not (out / ".staging").exists()
    assert not generate(replace(request, out=out), Here()).failed
    assert contents(out) == contents(calm)


def ranks(processes: Iterable[psutil.Process]) -> set[int]:
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            found.add(process.nice())
    return found


def test_an_address_where_no_cluster_is_is_explained(tmp_path):
    executor = executor_of("ray", 1, Limits(), "127.0.0.1:1")
    with pytest.raises(MachineError, match=r'could not join the Ray cluster at "127.0.0.1:1"'):
        list(executor.run([Unit(0, tmp_path)], lambda: None))
    with pytest.raises(SpecError, match="--executor ray"):
        executor_of("local", 1, Limits(), "127.0.0.1:1")


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SpecError, match=r'pip install "pairforge\[ray\]"'):
        RayExecutor()
