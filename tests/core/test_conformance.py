"""One test for every registered backend of a kind: a new renderer or executor passes it by being registered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.manifest import Identity, create_or_check, done, slug_of
from pairforge.errors import RenderError, SpecError
from pairforge.farm.job import Job, load_spec
from pairforge.farm.protocol import Done, Failure
from pairforge.frames import Intrinsics, Pose, look_at
from pairforge.registry import EXECUTORS, RENDERERS, Registry
from pairforge.renderers.devices import CPU
from pairforge.renderers.protocol import View
from pairforge.scenes.world import World
from tests.farm.check_executor import check_executor
from tests.worlds import small_world

HERE = tuple(name for name in RENDERERS.names() if getattr(RENDERERS.load(name), "device", CPU) == CPU)
"""Renderers that any machine can try; those on GPUs are in tests/renderers/test_devices.py."""
TINY = f"{Path(__file__).parents[1] / 'farm' / 'tiny_spec.py'}:TINY"


@pytest.mark.parametrize("registry", [RENDERERS, EXECUTORS], ids=lambda r: r.kind)
def test_every_registered_name_loads_and_a_misspelt_one_is_explained(registry: Registry):
    for name in registry.names():
        assert registry.load(name).__doc__
    with pytest.raises(SpecError, match=f'Did you mean "{registry.names()[0]}"'):
        registry.load(registry.names()[0] + "x")


@pytest.mark.slow
@pytest.mark.parametrize("name", HERE)
def test_renderer_gives_the_same_picture_whatever_came_before(name):
    world, moved = posed_world()
    renderer = RENDERERS.load(name)()
    assert renderer.name == name
    try:
        renderer.open(world, "draft")
        first, second = (View(Intrinsics.from_fov(48, 32, 60.0), look_at(eye, TARGET), moved) for eye in EYES)
        a, b, again = renderer.render(first), renderer.render(second), renderer.render(first)
        assert a.shape == (32, 48, 3)
        assert a.dtype == np.uint8
        assert a.std() > 5, "a blank picture"
        assert (a == again).all()
        assert (a != b).any()
        renderer.open(world, "draft")
        assert (renderer.render(first) == a).all(), "opening a world again changed the picture"
    finally:
        renderer.close()
        renderer.close()
    with pytest.raises(RenderError):
        renderer.render(first)


def posed_world() -> tuple[World, dict[int, Pose]]:
    """A world, and its moving parts where they stand at rest."""
    world = small_world()
    return world, {p.part_id: p.world_from_part for p in world.parts if p.moves}


EYES = ((-1.0, -3.0, 2.0), (0.0, 3.0, 2.0))
TARGET = (3.0, 0.0, 0.8)


@pytest.mark.slow
@pytest.mark.parametrize("name", HERE)
def test_renderer_moves_what_moves(name):
    world, poses = posed_world()
    part, pose = next(iter(poses.items()))
    renderer = RENDERERS.load(name)()
    camera = Intrinsics.from_fov(48, 32, 60.0), look_at(EYES[0], TARGET)
    try:
        renderer.open(world, "draft")
        here = renderer.render(View(*camera, poses))
        away = renderer.render(View(*camera, {**poses, part: Pose.of((0, 0, -50)) @ pose}))
        assert (here != away).any()
    finally:
        renderer.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", EXECUTORS.names())
def test_executor_ends_every_job_once_and_says_which_failed(name, tmp_path):
    _, _, sha256 = load_spec(TINY, {})
    jobs = [job(tmp_path, i, sha256 if i != 1 else "0" * 64) for i in range(3)]
    identity = Identity(
        scene="tiny", spec_source="x", spec_sha256=sha256, seed=7, quality="draft", renderer="raycast"
    )
    create_or_check(tmp_path, identity, 3)
    ticks: list[None] = []
    results = list(EXECUTORS.load(name)(workers=2).run(jobs, lambda: ticks.append(None)))
    assert sorted(r.index for r in results if isinstance(r, Done)) == [0, 2]
    (failure,) = (r for r in results if isinstance(r, Failure))
    assert failure.index == 1
    assert failure.reason == "spec"
    assert "not the file that was asked for" in str(failure.error)
    assert done(tmp_path) == {0, 2}
    assert len(ticks) == sum(r.frames for r in results if isinstance(r, Done)) == 8


@pytest.mark.slow
@pytest.mark.parametrize("name", EXECUTORS.names())
def test_executor_keeps_its_limits_and_harms_no_neighbour(name, tmp_path):
    check_executor(lambda workers, limits: EXECUTORS.load(name)(workers=workers, limits=limits), tmp_path)


def job(root: Path, index: int, sha256: str) -> Job:
    return Job(
        spec=TINY,
        spec_sha256=sha256,
        settings={},
        seed=7,
        index=index,
        root=root,
        slug=slug_of("tiny", index),
        renderer="raycast",
        quality="draft",
    )
