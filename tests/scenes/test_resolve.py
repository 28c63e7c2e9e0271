from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from pairforge.errors import SpecError
from pairforge.pipeline import prepare
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.distributions import Choice, Constant, Distribution, Integer, Uniform
from pairforge.scenes.placement import Above, Anywhere, At, LeftOf, On
from pairforge.scenes.requirements import AtRest
from pairforge.scenes.resolve import resolve, resolve_candidate
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors import physics
from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline
from tests.strategies import COLOURS, props, scenes, seeds, spaced_scenes

few = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

TABLE = Prop(name="table", shape="table", place=At((0.0, 0.0, 0.0)), moves=False)
MUG = Prop(
    name="mug", shape="cylinder", colour=Choice("red", "blue"), size_m=Uniform(0.08, 0.12), place=On("table")
)
CUP = replace(MUG, name="cup", place=LeftOf("mug", gap_m=Uniform(0.05, 0.2)))
SCENE = Scene(
    name="tabletop",
    props=[CUP, TABLE, MUG],  # the cup is placed by the mug, which comes later
    sensors=[Camera(name="front", look_at="table", distance_m=Uniform(1.2, 1.8)), Lidar(name="mast")],
)


def another(name: str, value: Any) -> Any:
    """Another legal value for a draw of that name."""
    last = name.rpartition(".")[2]
    if last == "colour":
        return next(c for c in COLOURS if c != value)
    if last == "material":
        return "metal" if value != "metal" else "wood"
    if last == "orientation":
        return [0.5, 0.5, 0.5, 0.5]
    if isinstance(value, list):
        return [v + 0.25 for v in value]
    if value is None:
        return 0.5  # within the bounds of every draw that may be left open: a mass, wetness, lying snow
    return 0.77 * value + 0.01 if isinstance(value, float) else value


@few
@given(scenes(), seeds, st.data())
def test_do_replaces_one_draw_and_holds_every_other(scene: Scene, seed: int, data: st.DataObject) -> None:
    base = resolve(scene, seed)
    name = data.draw(
        st.sampled_from([n for n in base.draws if not n.endswith(".shape") and not n.startswith("setting.")])
    )
    value = another(name, base.draws[name])
    try:
        twin = resolve(scene, seed, do={name: value})
    except SpecError as error:
        assume("cannot be" not in str(error))  # a thing that no longer fits where it stands
        raise
    assert twin.draws == {**base.draws, name: value}
    assert (twin.attempt, twin.do) == (base.attempt, {name: value})
    if name.endswith(("colour", "material", "mass_kg")):
        assert [i.position_m for i in twin.items] == [i.position_m for i in base.items]


@few
@given(scenes(), seeds)
def test_another_shape_changes_only_its_own_draws(scene: Scene, seed: int) -> None:
    base = resolve(scene, seed)
    other = (
        "cone"
        if base.draws["a.shape" if "a.shape" in base.draws else f"{scene.props[0].name}.shape"] != "cone"
        else "box"
    )
    name = scene.props[0].name
    try:
        twin = resolve(scene, seed, do={f"{name}.shape": other})
    except SpecError as error:
        assume("cannot be" not in str(error))
        raise
    mine = f"{name}."
    assert {k: v for k, v in twin.draws.items() if not k.startswith(mine)} == {
        k: v for k, v in base.draws.items() if not k.startswith(mine)
    }


@few
@given(scenes(), seeds, props("newcomer"))
def test_an_added_prop_never_moves_or_changes_another(scene: Scene, seed: int, newcomer: Prop) -> None:
    base, more = resolve(scene, seed), resolve(scene.plus(newcomer), seed)
    assert more.attempt == base.attempt == 0
    assert {k: v for k, v in more.draws.items() if not k.startswith("newcomer.")} == base.draws
    assert more.items[: len(base.items)] == base.items
    assert more.sensors == base.sensors


@few
@given(spaced_scenes(), seeds, st.randoms(use_true_random=False))
def test_the_order_of_props_does_not_matter(scene: Scene, seed: int, shuffler: Any) -> None:
    shuffled = list(scene.props)
    shuffler.shuffle(shuffled)
    base, other = resolve(scene, seed), resolve(replace(scene, props=shuffled), seed)
    assert other.draws == base.draws
    assert {i.name: i for i in other.items} == {i.name: i for i in base.items}


@few
@given(scenes(), seeds)
def test_resolving_twice_gives_the_same_and_json_keeps_every_bit(scene: Scene, seed: int) -> None:
    import json

    concrete = resolve(scene, seed)
    assert resolve(scene, seed) == concrete
    text = json.dumps(concrete.to_json(), allow_nan=False)
    assert ConcreteScene.from_json(json.loads(text)) == concrete


def test_another_process_and_hash_seed_give_the_same_bytes(tmp_path: Any) -> None:
    code = (
        "import json; from tests.scenes.test_resolve import SCENE; from pairforge.scenes.resolve import resolve;"
        "print(json.dumps(resolve(SCENE, 11).to_json()))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": h},
        ).stdout
        for h in ("1", "2")
    ]
    assert runs[0] == runs[1] != b""


def test_seeds_differ() -> None:
    assert resolve(SCENE, 1).draws != resolve(SCENE, 2).draws


def test_the_counterfactual_of_the_design_page() -> None:
    base, twin = resolve(SCENE, 7), resolve(SCENE, 7, do={"mug.colour": "green"})
    assert twin.draws == {**base.draws, "mug.colour": "green"}
    changed = [a.name for a, b in zip(base.items, twin.items, strict=True) if a != b]
    assert changed == ["mug"]


def test_count_makes_numbered_things_and_another_count_keeps_them() -> None:
    scene = replace(SCENE, props=[TABLE, replace(MUG, count=Integer(2, 4))])
    base = resolve(scene, 3)
    count = base.draws["mug.count"]
    assert [i.name for i in base.items if i.family == "cylinder"] == [f"mug_{k}" for k in range(count)]
    more = resolve(scene, 3, do={"mug.count": count + 1})
    assert {k: v for k, v in more.draws.items() if not k.startswith(f"mug_{count}.")} == {
        **base.draws,
        "mug.count": count + 1,
    }
    assert more.items[: len(base.items)] == base.items


def test_author_params_replace_the_familys_own() -> None:
    prop = Prop(
        name="b", shape="box", params={"height_ratio": Uniform(0.5, 0.5), "size_m": 0.2}, place=Anywhere()
    )
    item = resolve(Scene(name="s", props=[prop]), 0).items[-1]
    assert item.params["height_ratio"] == 0.5
    assert item.params["size_m"] == 0.2


class _Rogue(Distribution[float]):
    """Claims numbers and draws text."""

    def draw(self, stream: Stream) -> float:
        return "big"  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        (
            replace(SCENE, sensors=[Camera(name="front", look_at="tabel")]),
            'Camera "front" looks at "tabel", which is not in the scene. Did you mean "table"?',
        ),
        (
            replace(SCENE, sensors=[Lidar(name="top", mount="mugg")]),
            'Lidar "top" is mounted on "mugg", which is not in the scene. Did you mean "mug"?',
        ),
        (
            SCENE.plus(Prop(name="x", shape="box", place=On("tabel"))),
            'Prop "x" is placed by "tabel", which is not in the scene. Did you mean "table"?',
        ),
        (
            SCENE.plus(Prop(name="x", shape="cilinder")),
            'Prop "x": shape: unknown shape "cilinder". Did you mean "cylinder"?',
        ),
        (
            SCENE.plus(Prop(name="x", shape="box", colour=Choice("red", "blu"))),
            'Prop "x": colour: unknown colour "blu". Did you mean "blue"?',
        ),
        (
            SCENE.plus(Prop(name="x", shape="box", params={"hight_ratio": 1.0})),
            '"x" sets params.hight_ratio, which shape "box" does not have. Did you mean "height_ratio"?',
        ),
        (
            SCENE.plus(Prop(name="x", shape="box", params={"height_ratio": "tall"})),
            "params.height_ratio",
        ),
        (
            SCENE.plus(Prop(name="mug", shape="box")),
            'scene "tabletop" has two things named "mug" (Prop and Prop); names must be unique.',
        ),
        (SCENE.plus(Prop(name="weather", shape="box")), 'the name "weather" is reserved'),
        (
            SCENE.plus(Prop(name="a.b", shape="box")),
            "a name is a letter of a to z, then up to 63 such letters, digits and underscores",
        ),
        (
            SCENE.plus(
                Prop(name="x", shape="box", place=LeftOf("y")), Prop(name="y", shape="box", place=LeftOf("x"))
            ),
            'places refer to each other in a circle: "x" -> "y" -> "x". Place one of them by itself.',
        ),
        (SCENE.plus(Prop(name="x", shape="box", size_m=-0.1)), 'Prop "x": size_m: -0.1 must be above 0'),
        (SCENE.plus(Prop(name="x", shape="box", size_m=_Rogue())), 'Prop "x"'),
        (replace(SCENE, weather=Weather(wetness=1.5)), "weather.wetness is 1.5; it must lie in 0..1"),
        (replace(SCENE, duration_s=0.1), "gives no keyframe; raise either"),
        (
            replace(SCENE, sensors=[Camera(name="c")]),
            'Camera "c" does not say where it is',
        ),
        (
            replace(SCENE, sensors=[Camera(name="c", look_at="mug", fov_deg=Constant(190.0))]),
            "fov_deg is 190; of a pinhole camera it must lie in 1..170",
        ),
        (replace(SCENE, sensors=[Lidar(name="l", dropout=1.5)]), "dropout is 1.5; it must lie in 0..1"),
    ],
)
def test_a_wrong_spec_gets_a_clear_error(scene: Scene, says: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve(scene, 0)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("do", "says"),
    [
        (
            {"mug.color": "red"},
            'do names "mug.color", which is not a draw of this scene. Did you mean "mug.colour"?',
        ),
        ({"mug.colour": 3}, "it draws text"),
        ({"mug.colour": "gren"}, 'unknown colour "gren". Did you mean "green"?'),
        ({"table.colour": 1.5}, "table.colour is 1.5; it must be the name of a colour, such as"),
        (
            {"table.material": ["wood"]},
            "table.material is ['wood']; it must be the name of a material, such as",
        ),
        ({"table.material": "woud"}, 'table.material: unknown material "woud". Did you mean "wood"?'),
        (
            {"setting.floor.colour": 1.5},
            "setting.floor.colour is 1.5; it must be the name of a colour, such as",
        ),
        (
            {"setting.floor.colour": "gren"},
            'setting.floor.colour: unknown colour "gren". Did you mean "green"?',
        ),
        ({"table.mass_kg": "heavy"}, "table.mass_kg\" to 'heavy' (text), but it takes a number, or None"),
        ({"table.mass_kg": True}, "true or false"),
        ({"mug.size_m": "big"}, "it draws a number"),
        ({"mug.size_m": True}, "it draws a number"),
        ({"table.place.position_m": [0.0, 0.0]}, "3 entries"),
        ({"mug.size_m": 3.0}, "cannot be"),
    ],
)
def test_a_wrong_do_gets_a_clear_error(do: dict[str, Any], says: str) -> None:
    with pytest.raises(SpecError) as caught:
        resolve(SCENE, 7, do=do)
    assert says in str(caught.value)


def test_do_takes_whole_numbers_for_numbers() -> None:
    assert resolve(SCENE, 7, do={"front.distance_m": 2}).draws["front.distance_m"] == 2.0


def test_do_leaves_open_what_was_open_and_fills_it() -> None:
    base = resolve(SCENE, 7).draws
    assert base["table.colour"] is base["table.mass_kg"] is None
    twin = resolve(SCENE, 7, do={"table.colour": "red", "table.mass_kg": 30})
    assert (twin.items[2].colour, twin.items[2].mass_kg) == ("red", 30.0)
    assert resolve(SCENE, 7, do={"table.colour": None}).draws == base


def test_things_dropped_from_above_start_at_their_height() -> None:
    ball = Prop(name="ball", shape="sphere", size_m=0.1, place=Above("table", height_m=0.4))
    concrete = resolve(SCENE.plus(ball), 2)
    table, item = concrete.items[2], concrete.items[-1]
    assert table.name == "table"
    # A sphere of diameter 0.1 about (0, 0, 0.05) in its body frame, turned at random.
    _, x, y, _ = item.quaternion_wxyz
    up = 1 - 2 * (x * x + y * y)
    assert item.position_m[2] + 0.05 * up - 0.05 == pytest.approx(table.params["height_m"] + 0.4, abs=2e-4)


def test_a_scene_simulated_to_be_judged_is_sensed_as_judged_and_not_simulated_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = replace(SCENE, require=[AtRest("mug", below_mps=5.0)], duration_s=0.5)
    runs: list[ConcreteScene] = []

    def counted(world: World, concrete: ConcreteScene) -> Timeline:
        runs.append(concrete)
        return simulate(world, concrete)

    monkeypatch.setattr(physics, "simulate", counted)
    ready = prepare(scene, seed=3, index=0)
    assert runs == [ready.concrete]
    again = simulate(build(ready.concrete), ready.concrete)
    for instance_id, track in again.bodies.items():
        assert np.array_equal(track.positions_m, ready.timeline.bodies[instance_id].positions_m)
        assert np.array_equal(track.quaternions_wxyz, ready.timeline.bodies[instance_id].quaternions_wxyz)


def test_a_twin_is_not_sensed_as_the_scene_that_was_judged() -> None:
    scene = replace(SCENE, require=[AtRest("mug", below_mps=5.0)], duration_s=0.5)
    base = resolve_candidate(scene, 3)
    other = "red" if base.concrete.draws["mug.colour"] == "blue" else "blue"
    twin = resolve_candidate(scene, 3, do={"mug.colour": other})
    assert twin.concrete == resolve(scene, 3, do={"mug.colour": other})
    assert base.instance("mug").colour != other
    assert twin.instance("mug").colour == other
    assert twin.timeline.world is twin.world
