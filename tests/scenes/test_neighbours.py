"""What keeps a scene of ten thousand things from costing a hundred million comparisons."""

import numpy as np
import pytest

from pairforge.frames import Pose
from pairforge.scenes import build
from pairforge.scenes.families import family
from pairforge.scenes.footprint import Body
from pairforge.scenes.neighbours import Neighbours
from pairforge.scenes.placement import At
from pairforge.scenes.resolve import resolve_candidate
from pairforge.scenes.spec import Prop, Scene
from pairforge.scenes.world import Shape
from tests.farm.tiny_spec import TINY


def boxes(count: int, seed: int) -> list[Body]:
    """Boxes of 0.3 to 30 m at random places and turns."""
    rng = np.random.Generator(np.random.PCG64(seed))
    found = []
    for k in range(count):
        side = float(0.3 * 10 ** (2 * rng.random() ** 4))
        shape = family("box").build({"size_m": side, "width_ratio": 1.0, "height_ratio": 1.0}, None)
        x, y, turn = rng.uniform(-25, 25), rng.uniform(-25, 25), rng.uniform(0, np.pi)
        pose = Pose.of((x, y, 0.0), (np.cos(turn / 2), 0.0, 0.0, np.sin(turn / 2)))
        found.append(Body(f"box{k}", shape, pose))
    return found


@pytest.mark.parametrize("margin_m", [0.01, 3.0])
def test_nobody_who_overlaps_is_missed_and_the_oldest_comes_first(margin_m: float) -> None:
    bodies, placed, pairs = boxes(60, 7), list[Body](), 0
    neighbours = Neighbours()
    for body in bodies:
        everyone = [b.name for b in placed if body.overlaps(b, margin_m)]
        near = [b.name for b in neighbours.near(body, margin_m) if body.overlaps(b, margin_m)]
        assert near == everyone
        pairs += len(near)
        placed.append(body)
        neighbours.add(body)
    assert pairs > 10, "hardly anything overlaps, so this shows nothing"


def test_a_thing_among_many_is_held_against_its_neighbours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, whole = list[str](), Body.overlaps

    def counted(self: Body, other: Body, margin_m: float) -> bool:
        asked.append(other.name)
        return whole(self, other, margin_m)

    monkeypatch.setattr(Body, "overlaps", counted)

    def per_thing(side: int) -> float:
        asked.clear()
        props = [
            Prop(name=f"b{i}", shape="box", colour="red", size_m=0.4, place=At((i % side, i // side, 0.0)))
            for i in range(side * side)
        ]
        resolve_candidate(Scene(name="many", props=props, sensors=TINY.sensors[1:]), 1)
        return len(asked) / len(props)

    few, many = per_thing(4), per_thing(10)
    assert many < 8
    assert many < 2 * few


def test_shapes_of_a_drawn_scene_are_not_built_again_for_its_world(monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = resolve_candidate(TINY, 1)
    build._shape.cache_clear()  # as more things than the cache holds would

    built, whole = list[str](), build._built

    def noted(name: str, *rest: str) -> Shape:
        built.append(name)
        return whole(name, *rest)

    monkeypatch.setattr(build, "_built", noted)
    assert len(candidate.world.instances) == 3
    assert built == ["floor"]  # of stuff there is little, and nobody holds it
