"""Things in, on and across each other, and the requirements about them, held to PyBullet and to counted pixels."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pybullet
import pytest

from pairforge.errors import RequirementError, SpecError
from pairforge.scenes.build import build
from pairforge.scenes.candidate import Candidate
from pairforge.scenes.families import family
from pairforge.scenes.piles import Across, Atop, InRow, Inside
from pairforge.scenes.placement import Above, At
from pairforge.scenes.requirements import Hidden, Kept, Settled
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.shapes.meshing import volume_m3
from pairforge.scenes.spec import Camera, Prop, Scene
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.physics_bodies import add_static, bottom_m

BOWL = Prop(name="bowl", shape="bowl", size_m=0.22, place=At((0.0, 0.0, 0.0)))
VESSELS = ("bowl", "mug", "cup", "glass", "basket", "crate", "pot", "pan")
SMALL = (
    *("glass", "wine_glass", "jar", "glass_bottle", "vase", "carafe", "pot", "pan", "kettle", "teapot"),
    *("toaster", "cutting_board", "knife", "fork", "spoon", "pear", "orange", "lemon", "carrot", "tomato"),
    *("loaf", "cereal_box", "packet", "milk_carton", "tin", "cup", "basket", "crate", "potted_plant", "lamp"),
    *("clock", "picture_frame", "plank", "standing_book", "chair", "bookcase"),
)


def scene(*props: Prop, **rest: object) -> Scene:
    return Scene(name="s", setting=Empty(size_m=4.0), props=list(props), **rest)  # type: ignore[arg-type]


def gap_m(world: World, a: str, b: str) -> float:
    """Least distance between two things' colliders, below 0 where they overlap, by PyBullet's own narrow phase."""
    client = pybullet.connect(pybullet.DIRECT)
    try:
        made = {
            i.name: add_static(client, i.shape.colliders, i.world_from_body, 1.0, 0.0)
            for i in world.instances
            if i.name in (a, b)
        }
        found = [
            point[8]
            for one in made[a]
            for other in made[b]
            for point in pybullet.getClosestPoints(one, other, 0.5, physicsClientId=client)
        ]
        return float(min(found))
    finally:
        pybullet.disconnect(client)


@pytest.mark.parametrize("vessel", VESSELS)
def test_what_is_put_into_a_vessel_starts_within_it_and_touches_nothing(vessel: str) -> None:
    holder = Prop(name="holder", shape=vessel, place=At((0.0, 0.0, 0.0)))
    berry = Prop(name="berry", shape="sphere", size_m=0.03, place=Inside("holder", x_m=0.0, y_m=0.0))
    world = build(resolve(scene(holder, berry), 3))
    one, other = world.instances
    rim = one.world_from_body.points(one.centre_m)[2] + one.size_m[2] / 2
    assert other.world_from_body.position_m[2] < rim - 0.005
    assert 0.0 < gap_m(world, "holder", "berry") < 0.004


def test_a_heap_in_a_bowl_grows_without_overlap_and_stays_there() -> None:
    fruit = [Prop(name=f"fruit_{k}", shape="orange", size_m=0.075, place=Inside("bowl")) for k in range(3)]
    concrete = resolve(scene(BOWL, *fruit, warm_up_s=1.5, duration_s=0.5), 1)
    world = build(concrete)
    for k, one in enumerate(fruit):
        assert gap_m(world, "bowl", one.name) > -0.001
        assert all(gap_m(world, one.name, other.name) > -0.001 for other in fruit[:k])
    candidate = Candidate(concrete)
    end = concrete.keyframe_times_ns[-1]
    for one in fruit:
        instance = candidate.instance(one.name)
        at = candidate.timeline.world_from_body(instance.instance_id, end).points(instance.centre_m)
        assert np.hypot(at[0], at[1]) < 0.11
        assert candidate.speed_mps(one.name, end) < 0.02


def test_what_does_not_go_into_a_vessel_is_refused() -> None:
    loaf = Prop(name="loaf", shape="loaf", size_m=0.3, place=Inside("mug"))
    mug = Prop(name="mug", shape="mug", place=At((0.0, 0.0, 0.0)))
    with pytest.raises(RequirementError, match='does not go into "mug"'):
        resolve(scene(mug, loaf, max_redraws=2), 0)


def test_a_plank_across_two_blocks_rests_on_both() -> None:
    piers = [
        Prop(name=name, shape="box", size_m=0.1, params={"height_ratio": 0.8}, place=At((0.0, y, 0.0)))
        for name, y in (("left", 0.17), ("right", -0.17))
    ]
    plank = Prop(name="plank", shape="plank", size_m=0.5, place=Across("left", "right"))
    world = build(resolve(scene(*piers, plank), 0))
    assert 0.0 < gap_m(world, "left", "plank") < 0.003
    assert 0.0 < gap_m(world, "right", "plank") < 0.003
    length = next(i for i in world.instances if i.name == "plank").world_from_body.vectors([1.0, 0.0, 0.0])
    assert abs(length[1]) == pytest.approx(1.0, abs=1e-6), "its length does not span the gap"


def test_a_tower_that_hangs_over_topples_and_a_straight_one_holds() -> None:
    def end_height(off_m: float) -> float:
        low = Prop(
            name="low", shape="box", size_m=0.1, params={"height_ratio": 1.0}, place=At((0.0, 0.0, 0.0))
        )
        high = Prop(name="high", shape="box", size_m=0.1, place=Atop("low", x_m=off_m, yaw_deg=0.0))
        concrete = resolve(scene(low, high, duration_s=1.0), 0)
        return Candidate(concrete).lowest_m("high", concrete.keyframe_times_ns[-1])

    assert end_height(0.0) == pytest.approx(0.1, abs=0.004)
    assert end_height(0.07) < 0.05


def test_a_row_stands_from_left_to_right_with_its_gaps() -> None:
    things = [
        Prop(
            name=f"t{k}", shape="standing_book", place=InRow("floor", f"t{k - 1}" if k else None, gap_m=0.005)
        )
        for k in range(4)
    ]
    world = build(resolve(scene(*things), 5))
    spans = []
    for instance in world.instances:
        points = np.concatenate(
            [world.part(p).world_from_part.points(world.part(p).mesh.vertices) for p in instance.part_ids]
        )
        spans.append((points[:, 1].min(), points[:, 1].max()))
        assert points[:, 2].min() == pytest.approx(0.0, abs=1e-5)
    for (_, end), (start, _) in pairwise(spans):
        assert start - end == pytest.approx(0.005, abs=1e-5)


def test_hidden_is_the_share_of_the_silhouette_that_the_other_covers() -> None:
    """A wall that ends at the middle of a ball behind it hides half of it: geometry says so, no pixel count does."""
    wall = Prop(name="wall", shape="box", size_m=1.0, params={"width_ratio": 1.0}, place=At((1.5, 0.5, 0.0)))
    ball = Prop(name="ball", shape="sphere", size_m=0.3, place=At((3.5, 0.0, 0.2)), moves=False)
    camera = Camera(name="front", position_m=(-2.0, 0.0, 0.35), width_px=320, height_px=180)
    made = scene(wall, ball, sensors=[camera], duration_s=0.5)
    share = Candidate(resolve(made, 0)).hidden_share("ball", "wall", None, 1_000_000_000)
    assert share == pytest.approx(0.5, abs=0.03)
    require = [Hidden("ball", by="wall", at_least=0.6, at_most=0.9)]
    with pytest.raises(RequirementError, match=r'"wall" hides (49|50|51)% of "ball"'):
        resolve(scene(wall, ball, sensors=[camera], duration_s=0.5, require=require, max_redraws=0), 0)
    with pytest.raises(SpecError, match="shares"):
        Hidden("ball", by="wall", at_least=0.8, at_most=0.3)


def test_lost_and_restless_things_are_named() -> None:
    table = Prop(name="table", shape="table", moves=False, place=At((0.0, 0.0, 0.0)))
    off = Prop(name="ball", shape="sphere", place=At((0.0, 0.9, 0.4)))
    with pytest.raises(RequirementError, match='"ball" has left "table"'):
        resolve(scene(table, off, duration_s=0.5, require=[Kept("table")], max_redraws=0), 0)
    falling = Prop(name="ball", shape="sphere", place=Above("table", height_m=3.0, x_m=0.0, y_m=0.0))
    with pytest.raises(RequirementError, match=r'"ball" moves at \d'):
        resolve(scene(table, falling, warm_up_s=0.1, duration_s=0.5, require=[Settled()], max_redraws=0), 0)


@pytest.mark.parametrize("name", SMALL)
def test_a_shape_is_one_of_its_kind_closed_outward_and_stands_on_its_colliders(name: str) -> None:
    kind = family(name)
    draws = [kind.draw(Stream(seed, name)) for seed in (1, 2)]
    assert draws[0] != draws[1], "two draws alike"
    for params in draws:
        shape = kind.build(params, None)
        points = np.concatenate([p.body_from_part.points(p.mesh.vertices) for p in shape.parts])
        assert np.isfinite(points).all()
        assert sum(volume_m3(p.mesh) for p in shape.parts) > 0, "wound inward"
        assert points[:, 2].min() == pytest.approx(0.0, abs=1e-5)
        assert min(bottom_m(c) for c in shape.colliders) > -1e-5, "a collider reaches below the mesh"
        low, high = points.min(axis=0) - 0.03, points.max(axis=0) + 0.03
        for collider in shape.colliders:
            centre = collider.body_from_collider.position_m
            assert collider.points is not None or ((centre >= low) & (centre <= high)).all()
        assert 0.01 < shape.mass_kg < 40.0
        key = kind.size_key
        if key == "size_m":
            assert max(shape.size_m) == pytest.approx(params[key], rel=1e-3)


def test_inside_takes_a_whole_orientation() -> None:
    upright = (0.7071067811865476, 0.0, 0.7071067811865476, 0.0)
    mug = Prop(name="mug", shape="mug", place=At((0.0, 0.0, 0.0)))
    spoon = Prop(name="spoon", shape="spoon", place=Inside("mug", x_m=0.0, y_m=0.0, orientation=upright))
    made = build(resolve(scene(mug, spoon), 0)).instances[1].world_from_body
    assert abs(made.vectors([1.0, 0.0, 0.0])[2]) == pytest.approx(1.0)
    with pytest.raises(SpecError, match="unit quaternion"):
        resolve(
            scene(mug, Prop(name="s", shape="spoon", place=Inside("mug", orientation=(2.0, 0.0, 0.0, 0.0)))),
            0,
        )
