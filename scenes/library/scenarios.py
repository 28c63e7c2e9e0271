"""Scenarios: one thing happens, on a street otherwise like any other. docs/scenarios.md tells of each parameter."""

from __future__ import annotations

from dataclasses import replace

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.happenings import CrossesAhead, EndsAhead, EndsInLane, Happens, Hidden, Untouched
from pairforge.scenes.library.driving import ANY_CAR, PARKED
from pairforge.scenes.library.scenario_cast import (
    _AVENUE,
    _CROSSROADS,
    _STREET,
    BYSTANDER,
    ROAD,
    ROADSIDE,
    driver,
    ego,
    oncoming,
)
from pairforge.scenes.placement import Approaching, InFrontOf, OnLane, Parked
from pairforge.scenes.placement import Behind as PlacedBehind
from pairforge.scenes.scripts import (
    After,
    AheadOf,
    Arrives,
    BeforeLine,
    Behind,
    Brake,
    ChangeLane,
    Ignore,
    Overtake,
    RunRedLight,
    Speed,
    Swerve,
    TimeTo,
    Walk,
    When,
)
from pairforge.scenes.spec import Actor, Behaviour, Prop

CUT_IN = replace(
    _AVENUE,
    name="scenarios.cut_in",
    actors=[
        ego(mps=Uniform(9.5, 11.0)),
        driver(
            When(
                AheadOf("ego", by_m=Uniform(1.5, 6.0)),
                ChangeLane("right", over_s=Uniform(1.8, 3.0)),
                Speed(mps=Uniform(8.0, 10.0)),
                called="cut_in",
            ),
            name="cutter",
            lane=2,
            s_m=Uniform(41.0, 46.0),
            mps=Uniform(12.5, 14.0),
        ),
        *ROADSIDE,
        oncoming(Integer(1, 3)),
    ],
    require=[Happens("cutter.cut_in", before_end_s=2.5), EndsInLane("cutter", 0), EndsAhead("cutter", "ego")],
)
"""A car on the inner lane passes us and cuts in close before us."""

HARD_BRAKE = replace(
    _STREET,
    name="scenarios.hard_brake",
    actors=[
        ego(mps=Uniform(11.0, 13.0)),
        driver(
            When(After(Uniform(1.5, 3.0)), Brake(mps2=Uniform(5.0, 7.5)), called="brakes"),
            name="leader",
            s_m=Uniform(58.0, 66.0),
            mps=Uniform(11.0, 12.0),
        ),
        *ROADSIDE,
        oncoming(Integer(1, 3)),
    ],
    require=[Happens("leader.brakes", before_end_s=2.5), Untouched("ego")],
)
"""The car ahead brakes hard to a halt."""

JAYWALKER = replace(
    _STREET,
    name="scenarios.jaywalker",
    setting=replace(ROAD, parking="right"),
    actors=[
        ego(mps=Uniform(8.0, 10.0)),
        Actor(
            name="van",
            shape="van",
            place=Parked(side="right", s_m=Uniform(72.0, 84.0)),
            behaviour=Behaviour(kind="park"),
        ),
        Actor(
            name="walker",
            shape="pedestrian",
            place=InFrontOf("van", gap_m=Uniform(0.4, 1.4), offset_m=Uniform(-0.5, 0.3), yaw_deg=90.0),
            behaviour=Behaviour(
                kind="walk",
                script=[
                    When(
                        Arrives("ego", s=Uniform(1.8, 2.8)),
                        Walk(mps=Uniform(1.4, 2.4), for_m=7.0),
                        Ignore("leaders", "priority"),
                        called="steps_out",
                    )
                ],
            ),
        ),
        PARKED[0],
        replace(BYSTANDER, name="bystander"),
        oncoming(Integer(0, 1)),
    ],
    require=[
        Happens("walker.steps_out", before_end_s=1.5),
        Hidden("walker", until="walker.steps_out", camera="CAM_FRONT"),
        Untouched("walker"),
    ],
)
"""Somebody steps out from behind a parked van."""

STALLED = replace(
    _STREET,
    name="scenarios.stalled",
    actors=[
        ego(
            When(Behind("stalled", by_m=32.0), Overtake("stalled", gap_m=4.0), called="passes"),
            mps=Uniform(8.0, 9.5),
        ),
        Actor(
            name="stalled",
            shape=Choice("hatchback", "sedan", "suv", "van"),
            place=OnLane(lane=0, s_m=Uniform(84.0, 94.0), lateral_m=Uniform(-0.3, 0.0)),
            behaviour=Behaviour(kind="park"),
        ),
        *ROADSIDE,
    ],
    props=[
        Prop(
            name="warning",
            shape="traffic_cone",
            place=PlacedBehind("stalled", gap_m=Uniform(3.0, 6.0), offset_m=Uniform(-0.4, 0.4)),
            moves=False,
        )
    ],
    duration_s=8.0,
    require=[Happens("ego.passes"), EndsAhead("ego", "stalled"), Untouched("ego")],
)
"""A car has broken down in our lane; we go round it."""


def _cones(start_m: float) -> tuple[Prop, ...]:
    """A row of cones that closes the right lane: slantwise across it, then along its edge."""
    places = [(start_m + 3.5 * k, -1.3 + 0.5 * k) for k in range(6)]
    places += [(start_m + 17.5 + 5.0 * k, 1.35) for k in range(1, 6)]
    cone = Prop(name="cone", shape="traffic_cone", moves=False)
    return tuple(
        replace(
            cone,
            name=f"cone_{k}",
            place=OnLane(lane=0, s_m=s_m, lateral_m=Uniform(lateral_m - 0.12, lateral_m + 0.12)),
        )
        for k, (s_m, lateral_m) in enumerate(places)
    )


CONSTRUCTION = replace(
    _AVENUE,
    name="scenarios.construction",
    props=_cones(88.0),
    actors=[
        ego(
            When(
                Behind("cone_0", by_m=Uniform(24.0, 34.0)),
                ChangeLane("left", over_s=Uniform(2.2, 3.0)),
                called="moves_over",
            ),
            mps=Uniform(8.0, 9.5),
        ),
        Actor(
            name="lorry",
            shape=Choice("truck", "van"),
            place=OnLane(lane=0, s_m=Uniform(118.0, 124.0), lateral_m=-0.2),
            behaviour=Behaviour(kind="park"),
        ),
        replace(
            BYSTANDER,
            name="worker",
            count=2,
            place=OnLane(lane=0, s_m=Uniform(108.0, 114.0), lateral_m=Uniform(-1.2, 0.5)),
        ),
        *ROADSIDE,
        oncoming(Integer(1, 3), lane=3),
    ],
    duration_s=7.0,
    require=[Happens("ego.moves_over", before_end_s=3.0), EndsInLane("ego", 2), Untouched("ego")],
)
"""Cones close our lane for road works; we change to the next one."""

WRONG_WAY = replace(
    _STREET,
    name="scenarios.wrong_way",
    actors=[
        ego(
            When(
                TimeTo("cyclist", s=Uniform(2.0, 3.0)),
                Swerve(Uniform(0.9, 1.2), over_s=1.6, back_after_s=1.2),
                called="gives_way",
            ),
            mps=Uniform(7.0, 9.0),
        ),
        Actor(
            name="cyclist",
            shape="cyclist",
            place=OnLane(lane=1, s_m=Uniform(100.0, 116.0), lateral_m=Uniform(4.1, 4.5)),
            behaviour=Behaviour(
                kind="cycle", speed_mps=Uniform(3.5, 5.5), script=[When(After(0.0), Ignore("leaders"))]
            ),
        ),
        *ROADSIDE,
    ],
    require=[Happens("ego.gives_way", before_end_s=1.0), Untouched("ego")],
)
"""A cyclist comes towards us on the wrong side of the road, in our lane."""

OVERTAKING = replace(
    _STREET,
    name="scenarios.overtaking",
    setting=replace(ROAD, length_m=280.0),
    actors=[
        ego(
            When(
                Behind("slow", by_m=Uniform(12.0, 18.0)),
                Overtake("slow", gap_m=Uniform(5.0, 8.0), mps=Uniform(13.0, 14.5)),
                called="overtakes",
            ),
            mps=Uniform(11.0, 12.5),
        ),
        Actor(
            name="slow",
            shape=Choice("truck", "van", "suv"),
            place=OnLane(lane=0, s_m=Uniform(74.0, 82.0)),
            behaviour=Behaviour(speed_mps=Uniform(3.5, 5.0)),
        ),
        *ROADSIDE,
    ],
    duration_s=12.0,
    require=[
        Happens("ego.overtakes"),
        EndsAhead("ego", "slow", by_m=2.0),
        EndsInLane("ego", 0, within_m=0.6),
        Untouched("ego"),
    ],
)
"""We overtake a slow vehicle and come back to our lane before it."""

LEFT_TURN = replace(
    _CROSSROADS,
    name="scenarios.left_turn",
    actors=[
        Actor(
            name="ego",
            shape="hatchback",
            place=Approaching("south", Uniform(24.0, 30.0)),
            behaviour=Behaviour(speed_mps=Uniform(8.0, 9.5), turns=["left"]),
        ),
        Actor(
            name="first",
            shape=ANY_CAR,
            place=Approaching("north", Uniform(18.0, 27.0)),
            behaviour=Behaviour(speed_mps=Uniform(9.0, 11.0)),
        ),
        Actor(
            name="second",
            shape=ANY_CAR,
            place=Approaching("north", Uniform(86.0, 98.0)),
            behaviour=Behaviour(speed_mps=Uniform(8.0, 9.0)),
        ),
    ],
    duration_s=10.0,
    require=[CrossesAhead("ego", "second"), Untouched("ego")],
)
"""We turn left across oncoming traffic that also has green: we let the first pass and go before the second."""

RED_LIGHT = replace(
    _CROSSROADS,
    name="scenarios.red_light",
    actors=[
        Actor(
            name="ego",
            shape="hatchback",
            place=Approaching("south", Uniform(40.0, 48.0)),
            behaviour=Behaviour(speed_mps=Uniform(8.0, 9.5)),
        ),
        Actor(
            name="runner",
            shape=ANY_CAR,
            place=Approaching(Choice("west", "east"), Uniform(52.0, 64.0)),
            behaviour=Behaviour(
                speed_mps=Uniform(12.0, 14.0),
                script=[When(BeforeLine(m=Uniform(36.0, 44.0)), RunRedLight(), called="runs_red")],
            ),
        ),
    ],
    duration_s=6.0,
    require=[CrossesAhead("runner", "ego", within_s=8.0), Untouched("ego")],
)
"""Somebody drives over the crossroads at red, before us who have green."""
