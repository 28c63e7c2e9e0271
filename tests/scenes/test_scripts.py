"""The language of scripts and policies: named draws, JSON, and errors before anything is simulated."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pairforge.errors import SpecError
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.load import load_scene
from pairforge.scenes.placement import On
from pairforge.scenes.policies import Controller, Waypoints
from pairforge.scenes.resolve import resolve
from pairforge.scenes.scripts import (
    After,
    AheadOf,
    AllOf,
    AnyOf,
    Brake,
    ChangeLane,
    Either,
    Ignore,
    Near,
    Overtake,
    Speed,
    Stop,
    Swerve,
    Walk,
    When,
)
from pairforge.scenes.spec import Actor, Behaviour, Scene
from tests.plain_road import car, road

CUT_IN = When(AheadOf("ego", by_m=Uniform(4, 9)), ChangeLane("right", over_s=Uniform(2, 3)), called="cut_in")
BRAKE = When(After(1.5, since="cut_in"), Brake(mps2=Uniform(2, 6)), Ignore("leaders"))


def cutting(*script: When) -> Scene:
    return road(car("ego", 0, 40.0), car("cutter", 2, 20.0, speed_mps=14.0, script=list(script)))


def walking(*script: When) -> Scene:
    walker = Actor(
        name="walker",
        shape="pedestrian",
        place=On("floor", x_m=0.0, y_m=20.0),
        behaviour=Behaviour(kind="walk", script=list(script)),
    )
    return road(car("ego", 0, 40.0), walker)


def test_every_number_is_a_draw_with_a_name_one_can_guess() -> None:
    draws = resolve(cutting(CUT_IN, BRAKE), 3).draws
    assert {k: v for k, v in draws.items() if k.startswith("cutter.behaviour.cut_in")} == {
        "cutter.behaviour.cut_in.when.by_m": pytest.approx(6.5, abs=2.5),
        "cutter.behaviour.cut_in.change_lane.over_s": pytest.approx(2.5, abs=0.5),
        "cutter.behaviour.cut_in.change_lane.to": "right",
    }
    assert 2.0 <= draws["cutter.behaviour.script.1.brake.mps2"] <= 6.0
    assert draws["cutter.behaviour.script.1.when.seconds"] == 1.5


def test_replacing_one_number_of_a_script_leaves_every_other_draw() -> None:
    base = resolve(cutting(CUT_IN, BRAKE), 3)
    twin = resolve(cutting(CUT_IN, BRAKE), 3, do={"cutter.behaviour.cut_in.when.by_m": 20.0})
    differing = {name for name in base.draws if base.draws[name] != twin.draws[name]}
    assert differing == {"cutter.behaviour.cut_in.when.by_m"}
    items = {item.name: item for item in twin.items}
    assert items["cutter"].behaviour["script"][0]["when"]["by_m"] == 20.0


def test_which_of_two_actions_is_one_draw_and_the_numbers_of_both_are_drawn() -> None:
    avoids = When(Near("ego", 9.0), Either(Brake(Uniform(3, 5)), Swerve(Uniform(1, 2))), called="avoids")
    drawn = {seed: resolve(cutting(avoids), seed).draws for seed in range(12)}
    name = "cutter.behaviour.avoids.either"
    assert {d[name] for d in drawn.values()} == {"brake", "swerve"}
    for seed, other in ((0, "brake"), (1, "swerve")):
        twin = resolve(cutting(avoids), seed, do={name: other})
        assert {k for k, v in twin.draws.items() if drawn[seed][k] != v} <= {name}
        assert twin.draws.keys() == drawn[seed].keys()
        (rule,) = next(i for i in twin.items if i.name == "cutter").behaviour["script"]
        assert [a["kind"] for a in rule["then"]] == [other]


def test_a_scripted_scene_is_json_and_back() -> None:
    either = When(AnyOf(Near("ego", 5.0), AllOf(After(1.0), Near("ego", 9.0))), Speed(Uniform(3.0, 5.0)))
    policy = Waypoints([(0.0, 0.0, 0.0), (2.0, Uniform(15.0, 20.0), 0.0)], frame="start")
    scene = road(
        car("ego", 0, 40.0, policy=policy), car("cutter", 2, 20.0, script=[CUT_IN, either]), seconds=2.0
    )
    concrete = resolve(scene, 1)
    assert ConcreteScene.from_json(concrete.to_json()) == concrete
    assert concrete.draws["ego.behaviour.policy.points.1.x_m"] == pytest.approx(17.5, abs=2.5)


WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: cutting(When(Near("eggo", 5.0), Stop())), 'speaks of "eggo".*Did you mean "ego"'),
    (lambda: cutting(When(After(1.0), Overtake("eg"))), 'speaks of "eg".*Did you mean "ego"'),
    (lambda: cutting(CUT_IN, When(After(1.0, since="cutin"), Stop())), 'called "cutin".*"cut_in"'),
    (lambda: cutting(CUT_IN, replace_called(BRAKE, "cut_in")), 'two rules are called "cut_in"'),
    (lambda: cutting(When(After(1.0), ChangeLane("left"))), "no lane .* on the left of lane 2"),
    (lambda: cutting(When(After(1.0), ChangeLane(9))), "no lane 9"),
    (lambda: cutting(When(After(1.0), Walk())), 'Walk is not for who is to drive.*"?What it can'),
    (lambda: walking(When(After(1.0), ChangeLane("left"))), "ChangeLane is not for who is to walk.*Walk"),
    (lambda: cutting(When(After(-1.0), Stop())), "seconds is -1.*0..3600"),
    (lambda: cutting(When(After(1.0), Brake(mps2=Uniform(2, 40)))), "mps2 is 40.*0.1..9"),
    (lambda: cutting(When(After(1.0), Swerve(30.0))), "lateral_m is 30"),
    (lambda: cutting(When(After(1.0))), "say what to do"),
    (lambda: cutting(When(After(1.0), Stop(), Speed(3.0))), "decide on the same thing"),
    (lambda: cutting(When(After(1.0), Either(Brake(2.0)))), "two actions or more"),
    (lambda: cutting(When(After(1.0), Either(Brake(2.0), Brake(3.0)))), "each of another kind"),
    (lambda: cutting(When(After(1.0), Either(Swerve(1.0), Overtake("eg")))), 'speaks of "eg"'),
    (lambda: cutting(When(After(1.0), Either(Swerve(1.0), Stop()), Speed(3.0))), "decide on the same thing"),
    (lambda: walking(When(After(1.0), Either(Stop(), Swerve(1.0)))), "Swerve is not for who is to walk"),
    (lambda: cutting(When(After(1.0), Ignore("singals"))), "singals"),  # type: ignore[arg-type]
    (lambda: cutting(When(After(1.0), ChangeLane(Choice("left", "up")))), "up"),  # type: ignore[arg-type]
    (lambda: cutting(When(After("soon"), Stop())), "seconds is 'soon'; it must be a number"),  # type: ignore[arg-type]
    (lambda: cutting(When(Stop(), Stop())), "condition is Stop"),  # type: ignore[arg-type]
    (lambda: road(car("ego", 0, 40.0, policy=Waypoints([(0.0, 0.0, 0.0)]))), "at least two points"),
    (lambda: driven(Waypoints([(0.0, 0, 0), (1.0, 300.0, 0)])), "300 m/s"),
    (lambda: driven(Waypoints([(1.0, 0, 0), (0.5, 3.0, 0)])), "times start at 0 or later and rise"),
    (lambda: driven(Controller("nowhere.py:steer")), 'no file "nowhere.py"'),
    (lambda: driven(Controller("not_a_package_of_ours:steer")), "no Python module"),
    (lambda: driven(Controller("steer")), "say file and function"),
    (lambda: driven(Controller("pairforge.sensors.orders:Ordres")), 'Did you mean "Orders"'),
    (
        lambda: road(car("ego", 2, 40.0, script=[CUT_IN], policy=Controller("a.py:f"))),
        "both a script and Controller",
    ),
]


def replace_called(rule: When, called: str) -> When:
    return When(After(1.0), *rule.actions, called=called)


def driven(policy: Waypoints | Controller) -> Scene:
    return road(car("ego", 0, 40.0, policy=policy))


@pytest.mark.parametrize(("make", "says"), WRONG, ids=range(len(WRONG)))
def test_what_makes_no_sense_is_a_spec_error_that_says_so(make: Callable[[], Scene], says: str) -> None:
    with pytest.raises(SpecError, match=f"(?s){says}"):
        resolve(make(), 0)


def test_a_number_out_of_bounds_is_refused_when_do_sets_it_too() -> None:
    with pytest.raises(SpecError, match=r"over_s is 0\.1; it must lie in 1\.\.30"):
        resolve(cutting(CUT_IN), 0, do={"cutter.behaviour.cut_in.change_lane.over_s": 0.1})


def test_an_action_that_a_rule_does_not_offer_is_refused_by_name() -> None:
    avoids = When(Near("ego", 9.0), Either(Brake(4.0), Swerve(1.0)), called="avoids")
    with pytest.raises(SpecError, match=r'"swerv" is none of its actions.*"swerve"'):
        resolve(cutting(avoids), 0, do={"cutter.behaviour.avoids.either": "swerv"})


def test_a_controller_file_is_found_beside_the_spec_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "driver.py").write_text("def steer(situation):\n    return None\n")
    (tmp_path / "spec.py").write_text(
        "from pairforge.scenes.placement import On\n"
        "from pairforge.scenes.policies import Controller\n"
        "from pairforge.scenes.spec import Actor, Behaviour, Scene\n"
        'EGO = Actor(name="ego", shape="sedan", place=On("floor"),\n'
        '            behaviour=Behaviour(policy=Controller("driver.py:steer")))\n'
        'S = Scene(name="s", actors=[EGO])\n'
    )
    scene = load_scene(f"{tmp_path / 'spec.py'}:S").scene
    concrete = resolve(scene, 0)
    (ego,) = (item for item in concrete.items if item.name == "ego")
    assert ego.behaviour["policy"]["function"] == f"{tmp_path / 'driver.py'}:steer"
    assert len(ego.behaviour["policy"]["sha256"]) == 64


def test_scenes_without_scripts_are_stored_as_before() -> None:
    plain = resolve(road(car("ego", 0, 40.0)), 0)
    (ego,) = (item for item in plain.items if item.name == "ego")
    assert set(ego.behaviour) == {"kind", "lane_id", "s_m", "lateral_m", "speed_mps"}
