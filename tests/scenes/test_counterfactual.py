"""`do` changes one thing: on the library's own worlds, every kind of draw, and all that must stand still does."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from pairforge.errors import SpecError
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteItem, ConcreteScene
from pairforge.scenes.load import library_names, load_scene
from pairforge.scenes.resolve import resolve
from pairforge.seeding import Stream

SEED = 3


@cache
def base(name: str) -> ConcreteScene:
    return resolve(load_scene(name).scene, SEED)


def items(concrete: ConcreteScene) -> dict[str, ConcreteItem]:
    return {item.name: item for item in concrete.items}


def changed(a: ConcreteScene, b: ConcreteScene) -> set[str]:
    """Names of items that differ in any field or are on one side only."""
    mine, yours = items(a), items(b)
    return {name for name in mine.keys() | yours.keys() if mine.get(name) != yours.get(name)}


CASES: list[tuple[str, str, Any, set[str]]] = [
    # scene, draw, its new value, the items that may differ
    ("driving.street", "leader.colour", "red", {"leader"}),
    ("driving.street", "ego.params.grille_m", 0.2, {"ego"}),
    ("driving.street", "weather.fog_per_m", 0.03, set()),
    ("driving.street", "weather.sun_azimuth_deg", 10.0, set()),
    ("driving.street", "CAM_FRONT.fov_deg", 90.0, set()),
    ("driving.street", "LIDAR_TOP.position_m", [0.9, 0.0, 2.1], set()),
    ("driving.street", "ego.place.s_m", 36.0, {"ego"}),
    ("driving.street", "leader.behaviour.speed_mps", 3.0, {"leader"}),
    ("tabletop.drop", "ball.colour", "green", {"ball"}),
    ("tabletop.drop", "ball.place.height_m", 0.6, {"ball"}),
    ("tabletop.drop", "ball.size_m", 0.06, {"ball"}),
    ("tabletop.drop", "fruit.mass_kg", 0.5, {"fruit"}),
    ("tabletop.drop", "front.azimuth_deg", 200.0, set()),
    ("tabletop.drop", "weather.cloudiness", 0.9, set()),
    ("tabletop.drop", "setting.size_m", 6.0, {"room"}),
]

FOLLOW = {"setting.size_m": {"setting.room.size_m": 6.0}}
"""Values a setting passes on to its parts as they are: they are no draws from a distribution, and follow."""


@pytest.mark.parametrize(("scene", "draw", "value", "may"), CASES, ids=[f"{s}-{d}" for s, d, _, _ in CASES])
def test_do_changes_that_draw_and_what_it_is_about(scene: str, draw: str, value: Any, may: set[str]) -> None:
    world = base(scene)
    twin = resolve(load_scene(scene).scene, SEED, do={draw: value})
    assert twin.draws == {**world.draws, draw: value, **FOLLOW.get(draw, {})}
    assert changed(world, twin) == may
    ours = draw.partition(".")[0]
    assert [s for s in twin.sensors if s.name != ours] == [s for s in world.sensors if s.name != ours]
    assert (twin.sky == world.sky) == (not draw.startswith("weather."))
    assert twin.lanes == world.lanes
    assert twin.keyframe_times_ns == world.keyframe_times_ns


def test_a_changed_setting_keeps_every_other_draw_and_every_other_look() -> None:
    world = base("driving.street")
    twin = resolve(load_scene("driving.street").scene, SEED, do={"setting.pavement_m": 4.4})
    assert twin.draws == {**world.draws, "setting.pavement_m": 4.4, "setting.road.params.pavement_m": 4.4}
    looks = [
        {n: (i.family, i.colour, i.params) for n, i in items(c).items() if n != "road"} for c in (world, twin)
    ]
    assert looks[0] == looks[1]


def test_one_more_of_a_kind_leaves_all_others_where_they_are() -> None:
    world = base("driving.street")
    count = world.draws["cone.count"]
    twin = resolve(load_scene("driving.street").scene, SEED, do={"cone.count": count + 1})
    assert changed(world, twin) == {f"cone_{count}"}
    assert {d: v for d, v in twin.draws.items() if not d.startswith(f"cone_{count}.")} == {
        **world.draws,
        "cone.count": count + 1,
    }


def test_what_stands_on_a_thing_goes_where_it_goes() -> None:
    world = base("tabletop.drop")
    twin = resolve(load_scene("tabletop.drop").scene, SEED, do={"table.place.x_m": 0.5})
    assert twin.draws == {**world.draws, "table.place.x_m": 0.5}
    for name, item in items(world).items():
        moved = [a - b for a, b in zip(items(twin)[name].position_m, item.position_m, strict=True)]
        if name == "room":
            assert moved == [0.0, 0.0, 0.0]
        else:
            shift = 0.5 - world.draws["table.place.x_m"]
            assert moved == pytest.approx([shift, 0.0, 0.0], abs=1e-9), name


def test_the_triangles_of_all_others_are_the_very_same() -> None:
    world = build(base("driving.street"))
    twin = build(resolve(load_scene("driving.street").scene, SEED, do={"leader.colour": "red"}))
    leader = next(i for i in world.instances if i.name == "leader")
    mine = set(leader.part_ids)
    for a, b in zip(world.parts, twin.parts, strict=True):
        assert (a.part_id, a.instance_id, a.name) == (b.part_id, b.instance_id, b.name)
        if a.part_id not in mine:
            assert a.mesh is b.mesh, a.name


TRIED, WANTED = 12, 1
"""Draws looked at in each world, and how many of them must have had a twin."""


def another(value: Any, name: str) -> Any:
    """A value near the one drawn, of the same kind; None where there is none to be known."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value + 1e-3 * max(abs(value), 1e-2)
    if name.endswith(".colour"):
        return "blue" if value != "blue" else "green"
    return None


@pytest.mark.slow
@pytest.mark.parametrize("name", library_names())
def test_any_draw_of_any_world_leaves_every_other_as_it_was(name: str) -> None:
    """Draws picked at random over the whole record, setting and weather and sensors included."""
    world, scene = base(name), load_scene(name).scene
    names = [n for n, v in sorted(world.draws.items()) if another(v, n) is not None]
    picked = (Stream(0) / "counterfactual" / name).rng().permutation(len(names))[:TRIED]
    made = 0
    for draw in (names[int(k)] for k in picked):
        value = another(world.draws[draw], draw)
        try:
            twin = resolve(scene, SEED, do={draw: value})
        except SpecError:
            continue  # a value under which something no longer fits, or that is out of range
        made += 1
        owner = draw.partition(".")[0]
        others = {n for n in world.draws.keys() | twin.draws.keys() if n.partition(".")[0] != owner}
        assert {n: twin.draws.get(n) for n in others} == {n: world.draws.get(n) for n in others}, draw
        assert twin.attempt == world.attempt
        assert twin.do == {draw: value}
        if made == WANTED:
            break
    assert made == min(WANTED, len(names)), f"{made} of {len(picked)} draws could be replaced"
