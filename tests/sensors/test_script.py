"""Scripts and policies at work: what the spec says is what the simulated bodies do, when it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pairforge.errors import SimulationError
from pairforge.scenes.build import build
from pairforge.scenes.placement import On, OnLane
from pairforge.scenes.policies import Controller, Waypoints
from pairforge.scenes.resolve import resolve
from pairforge.scenes.scripts import (
    After,
    AheadOf,
    AllOf,
    Arrives,
    Behind,
    Brake,
    Brakes,
    ChangeLane,
    Condition,
    Ignore,
    Near,
    Overtake,
    Passes,
    Speed,
    Starts,
    Stop,
    Stops,
    Swerve,
    TimeTo,
    Walk,
    When,
)
from pairforge.scenes.spec import Actor, Behaviour, Scene, Weather
from pairforge.sensors.limits import violations
from pairforge.sensors.physics import simulate
from tests.plain_road import WIDTH_M, Run, car, road, run

SEDAN_M = 4.9


def fired_s(ran: Run, rule: str) -> float:
    return ran.timeline.fired[rule] * 1e-9


def test_a_lane_change_starts_when_told_and_ends_in_the_other_lane_in_time() -> None:
    cut = When(AheadOf("ego", by_m=5.0), ChangeLane("right", over_s=2.5), called="cut")
    ran = run(road(car("ego", 0, 40.0, speed_mps=10.0), car("cutter", 2, 35.0, speed_mps=15.0, script=[cut])))
    at = fired_s(ran, "cutter.cut")
    cutter, ego = ran.where("cutter"), ran.where("ego")
    k = round(at * 100)
    # Rear of the one over front of the other, from the body origins and the sedan's own extents.
    shape = {i.name: i.shape for i in ran.timeline.world.instances}
    rear = shape["cutter"].centre_m[0] - shape["cutter"].size_m[0] / 2
    front = shape["ego"].centre_m[0] + shape["ego"].size_m[0] / 2
    assert cutter[k, 0] + rear - ego[k, 0] - front == pytest.approx(5.0, abs=0.15)
    assert np.abs(cutter[:k, 1] + WIDTH_M / 2).max() < 0.1
    assert abs(cutter[min(k + 310, len(cutter) - 1), 1] + 1.5 * WIDTH_M) < 0.3
    assert not ran.touched()


@pytest.mark.parametrize(
    ("shape", "rain_mm_h"),
    [("pickup", 0.0), ("truck", 0.0), ("bus", 0.0), ("van", 0.0), ("sedan", 0.0), ("sedan", 30.0)],
)
def test_no_lane_change_is_so_quick_that_vehicle_or_road_could_not_bear_it(
    shape: str, rain_mm_h: float
) -> None:
    cut = When(After(0.4), ChangeLane("right", over_s=1.4), called="cut")
    hasty = replace(car("hasty", 2, 20.0, speed_mps=13.5, script=[cut]), shape=shape)
    ran = run(replace(road(hasty, seconds=5.0), weather=Weather(rain_mm_h=rain_mm_h)))
    assert violations(ran.timeline) == ()
    assert abs(ran.where("hasty")[-1, 1] + 1.5 * WIDTH_M) < 0.3


def test_braking_is_as_hard_as_told_and_ends_at_the_speed_told() -> None:
    scene = road(car("ego", 0, 40.0, speed_mps=15.0, script=[When(After(1.0), Brake(4.0, to_mps=5.0))]))
    speed = run(scene).speed("ego")
    assert abs(speed[90] - 15.0) < 0.2
    falling = np.diff(speed[190:300:10]) / 0.1
    assert falling == pytest.approx(np.full(len(falling), -4.0), abs=0.5)
    assert abs(speed[-1] - 5.0) < 0.3


def test_a_stop_is_final() -> None:
    ran = run(road(car("ego", 0, 40.0, speed_mps=8.0, script=[When(Passes(s_m=50.0), Stop())]), seconds=7.0))
    where = ran.where("ego")[:, 0]
    assert ran.speed("ego")[-1] < 0.02
    assert 8.0**2 / (2 * 2.2) - 2.0 < where[-1] - (50.0 - SEDAN_M + 1.0) < 8.0**2 / (2 * 2.2) + 5.0
    assert where[-1] - where[-20] < 0.01


def test_a_swerve_goes_out_and_comes_back() -> None:
    swerve = When(After(0.5), Swerve(1.2, over_s=1.5, back_after_s=1.0))
    y = run(road(car("ego", 0, 40.0, speed_mps=12.0, script=[swerve]))).where("ego")[:, 1] + 1.5 * WIDTH_M
    assert np.abs(y[:40]).max() < 0.05
    assert y.max() == pytest.approx(1.2, abs=0.2)
    assert abs(y[-1]) < 0.15


def walker(*script: When, x_m: float, y_m: float, **more: object) -> Actor:
    return Actor(
        name="walker",
        shape="pedestrian",
        place=On("floor", x_m=x_m, y_m=y_m, yaw_deg=90.0),
        behaviour=Behaviour(kind="walk", speed_mps=1.5, script=list(script), **more),  # type: ignore[arg-type]
    )


def test_a_walker_stands_until_told_and_stops_after_as_far_as_told() -> None:
    step_out = When(Arrives("ego", s=1.5), Walk(for_m=4.0), called="steps_out")
    ran = run(
        road(car("ego", 0, 20.0, speed_mps=10.0), walker(step_out, x_m=60.0, y_m=-30.0, ), seconds=7.0)
    )  # fmt: skip
    y, k = ran.where("walker")[:, 1], round(fired_s(ran, "walker.steps_out") * 100)
    assert np.ptp(y[:k]) < 0.02
    assert y[-1] - y[k] == pytest.approx(4.0, abs=0.6)
    assert ran.speed("walker")[-1] < 0.05
    front = ran.where("ego")[k, 0] + 3.9
    assert (60.0 - front) / 10.0 == pytest.approx(1.5, abs=0.12)


def test_overtaking_passes_on_the_left_without_touching_and_comes_back() -> None:
    passing = When(Behind("slow", by_m=18.0), Overtake("slow", gap_m=8.0, mps=15.0))
    ran = run(
        road(
            car("ego", 0, 30.0, speed_mps=13.0, script=[passing]),
            car("slow", 0, 60.0, speed_mps=5.0),
            seconds=11.0,
        )
    )
    ego, slow = ran.where("ego"), ran.where("slow")
    assert ego[-1, 0] > slow[-1, 0] + 10.0
    assert ego[:, 1].max() > -1.5 * WIDTH_M + 0.8 * WIDTH_M
    assert abs(ego[-1, 1] + 1.5 * WIDTH_M) < 0.3
    assert not ran.touched()


def test_nobody_overtakes_into_oncoming_traffic() -> None:
    passing = When(Behind("slow", by_m=18.0), Overtake("slow", mps=15.0))
    ran = run(
        road(
            car("ego", 2, 30.0, speed_mps=13.0, script=[passing]),
            car("slow", 2, 60.0, speed_mps=5.0),
            car("oncoming", 3, 200.0, speed_mps=13.0),
            seconds=6.0,
        )
    )
    assert ran.where("ego")[:, 1].max() < -0.5 * WIDTH_M + 0.3
    assert not ran.touched()


def test_ignoring_leaders_hits_them() -> None:
    blind = When(After(0.0), Ignore("leaders"))
    still = car("still", 0, 80.0, speed_mps=0.0)
    ran = run(road(car("ego", 0, 50.0, speed_mps=10.0, script=[blind]), still, seconds=4.0))
    assert frozenset(("ego", "still")) in ran.touched()
    ran = run(road(car("ego", 0, 50.0, speed_mps=10.0), still, seconds=4.0))
    assert not ran.touched()


CONDITIONS: list[tuple[Condition, Callable[[Run], float]]] = [
    (Near("other", m=12.0), lambda r: first(gap(r) <= 12.0)),
    (TimeTo("other", s=2.0), lambda r: first(gap(r) <= 2.0 * closing(r))),
    (Behind("other", by_m=9.0), lambda r: first(gap(r) <= 9.0)),
    (Brakes("other", mps2=2.0), lambda r: first(np.gradient(r.speed("other"), 0.01) < -2.0)),
    (Stops("other"), lambda r: first(r.speed("other") < 0.1)),
    (Starts("other"), lambda r: first((r.speed("other") > 0.3) & (np.arange(len(r.speed("other"))) > 500))),
    (Passes(40.0, name="other"), lambda r: first(r.where("other")[:, 0] + 3.9 >= 40.0)),
    (AllOf(After(1.0), Near("other", m=100.0)), lambda r: 1.0),
]


def first(holds: np.ndarray) -> float:
    return float(np.flatnonzero(holds)[0]) * 0.01


def gap(ran: Run) -> np.ndarray:
    return ran.where("other")[:, 0] - ran.where("me")[:, 0] - SEDAN_M


def closing(ran: Run) -> np.ndarray:
    return ran.speed("me") - ran.speed("other")


@pytest.mark.parametrize(("condition", "expected_s"), CONDITIONS, ids=lambda c: type(c).__name__)
def test_a_rule_fires_when_its_condition_comes_true(
    condition: Condition, expected_s: Callable[[Run], float]
) -> None:
    other = car(
        "other", 0, 30.0, speed_mps=9.0,
        script=[When(After(1.5), Brake(3.0)), When(After(5.5), Speed(6.0))],
    )  # fmt: skip
    me = car("me", 2, 10.0, speed_mps=9.0, script=[When(condition, Speed(9.0), called="rule")])
    if isinstance(condition, Near | TimeTo | Behind):
        me = replace(me, place=OnLane(lane=0, s_m=5.0))
    ran = run(road(me, other, seconds=8.0))
    assert fired_s(ran, "me.rule") == pytest.approx(expected_s(ran), abs=0.3)


def test_waypoints_are_met_in_place_and_time() -> None:
    points = [(0.0, 0.0, 0.0), (2.0, 20.0, 0.0), (4.0, 38.0, 3.0), (6.0, 56.0, 3.0)]
    scene = road(car("ego", 0, 40.0, policy=Waypoints(points, frame="start")), seconds=8.0)
    where = run(scene).where("ego")
    for t, x, y in points:
        off = where[round(t * 100), :2] - where[0, :2] - [x, y]
        assert np.linalg.norm(off) < 0.7, t
    assert np.linalg.norm(where[-1] - where[-30]) < 0.02 or where[-1, 0] - where[0, 0] > 60.0


DRIVER = '''
from pairforge.sensors.orders import Orders


class Slalom:
    """Swings from side to side; slows down behind whoever is near."""

    def __init__(self):
        self.calls = 0

    def __call__(self, situation):
        self.calls += 1
        near = any(abs(o.x_m - situation.x_m) < 15.0 for o in situation.others.values())
        side = 1.0 if situation.time_s % 4.0 < 2.0 else -1.0
        return Orders(speed_mps=4.0 if near else situation.params["mps"], lateral_m=side, over_s=1.5)
'''


def controlled(path: Path, text: str, name: str = "steer") -> Scene:
    (path / "driver.py").write_text(text)
    policy = Controller(f"{path / 'driver.py'}:{name}", params={"mps": 11.0})
    return road(car("ego", 0, 40.0, speed_mps=11.0, policy=policy), seconds=4.0)


def test_a_users_controller_drives_and_every_run_is_the_same(tmp_path: Path) -> None:
    concrete = resolve(controlled(tmp_path, DRIVER, "Slalom"), 0)
    one, two = (simulate(build(concrete), concrete) for _ in range(2))
    (body,) = one.bodies
    y = one.bodies[body].positions_m[:, 1] + 1.5 * WIDTH_M
    assert y.max() > 0.6
    assert y[-1] < 0.0
    assert one.bodies[body].positions_m.tobytes() == two.bodies[body].positions_m.tobytes()


BROKEN = [
    ("def steer(s):\n    return 1 / 0\n", r"driver.py:2: controller .* raised ZeroDivisionError at 0.00 s"),
    ("def steer(s):\n    return 'left'\n", "returned 'left'"),
    ("def steer():\n    pass\n", "raised TypeError"),
    ("import sys\ndef steer(s):\n    sys.exit(3)\n", "driver.py:3: .*raised SystemExit"),
    (
        "import no_such_module\ndef steer(s):\n    pass\n",
        "driver.py:1: .*ModuleNotFoundError when it was loaded",
    ),
    ("steer = 3\n", "is a int; it must be a function"),
] + [
    (f"from pairforge.sensors.orders import Orders\ndef steer(s):\n    return Orders({what})\n", says)
    for what, says in [
        ("speed_mps=float('nan')", "speed_mps=nan"),
        ("acceleration_mps2=float('inf')", "acceleration_mps2=inf"),
        ("acceleration_mps2='hard'", "acceleration_mps2='hard'"),
        ("curvature_per_m=9.0", r"curvature_per_m=9.0.*-1..1"),
        ("lateral_m=True", "lateral_m=True"),
        ("lane_id=17", "lane_id=17.*Lanes: 0, 1, 2, 3"),
        ("ignores=frozenset({'gravity'})", 'ignores "gravity"'),
    ]
]


@pytest.mark.parametrize(("text", "says"), BROKEN, ids=range(len(BROKEN)))
def test_a_controllers_mistakes_name_file_line_and_remedy(tmp_path: Path, text: str, says: str) -> None:
    concrete = resolve(controlled(tmp_path, text), 0)
    with pytest.raises(SimulationError, match=f"(?s){says}"):
        simulate(build(concrete), concrete)


def test_a_controller_that_changed_since_is_not_run(tmp_path: Path) -> None:
    concrete = resolve(controlled(tmp_path, "def steer(s):\n    return None\n"), 0)
    (tmp_path / "driver.py").write_text("def steer(s):\n    return 5\n")
    with pytest.raises(SimulationError, match="has changed since this scene was drawn"):
        simulate(build(concrete), concrete)
