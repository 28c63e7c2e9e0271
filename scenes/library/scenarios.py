"""Scenarios: one thing happens, on a street otherwise like any other. docs/scenarios.md tells of each parameter."""

from __future__ import annotations

from dataclasses import replace

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.happenings import EndsAhead, EndsInLane, Happens, Hidden, Untouched
from pairforge.scenes.library.driving import (
    ANY_CAR,
    DAY,
    EGO,
    FRONT_CAMERA,
    PARKED,
    PEDESTRIANS,
    ROOF_LIDAR,
    TOWN,
)
from pairforge.scenes.placement import Behind as PlacedBehind
from pairforge.scenes.placement import InFrontOf, OnLane, Parked
from pairforge.scenes.scripts import (
    After,
    AheadOf,
    Arrives,
    Behind,
    Brake,
    ChangeLane,
    Ignore,
    Overtake,
    Speed,
    Swerve,
    TimeTo,
    Walk,
    When,
)
from pairforge.scenes.spec import Actor, Behaviour, Prop, Scene

_, _WALKER, _BYSTANDER = PEDESTRIANS
_ROADSIDE = (*PARKED, _WALKER, _BYSTANDER)


def driver(*script: When, mps: Uniform, lane: int = 0, s_m: Uniform, name: str = "ego") -> Actor:
    """Somebody who drives by a script."""
    return replace(
        EGO,
        name=name,
        shape=EGO.shape if name == "ego" else ANY_CAR,
        place=OnLane(lane=lane, s_m=s_m),
        behaviour=Behaviour(speed_mps=mps, script=script),
    )


def ego(*script: When, mps: Uniform) -> Actor:
    """The one who sees it all."""
    return driver(*script, mps=mps, s_m=Uniform(38.0, 42.0))


def oncoming(count: Integer, lane: int = 1) -> Actor:
    """Traffic the other way."""
    return replace(
        EGO, name="oncoming", shape=ANY_CAR, count=count, place=OnLane(lane=lane, s_m=Uniform(20.0, 120.0))
    )


_ROAD = replace(TOWN, crossing=False, curvature_per_m=Uniform(-0.0015, 0.0015), speed_limit_mps=13.89)
_STREET = Scene(
    name="scenarios.street",
    setting=_ROAD,
    sensors=[FRONT_CAMERA, ROOF_LIDAR],
    weather=DAY,
    duration_s=6.0,
    captions=["short", "dense", "driving"],
)
_AVENUE = replace(_STREET, setting=replace(_ROAD, lanes=4, length_m=260.0, tree_spacing_m=16.5))

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
        *_ROADSIDE,
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
        *_ROADSIDE,
        oncoming(Integer(1, 3)),
    ],
    require=[Happens("leader.brakes", before_end_s=2.5), Untouched("ego")],
)
"""The car ahead brakes hard to a halt."""

JAYWALKER = replace(
    _STREET,
    name="scenarios.jaywalker",
    setting=replace(_ROAD, parking="right"),
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
                        Ignore("leaders"),
                        called="steps_out",
                    )
                ],
            ),
        ),
        PARKED[0],
        replace(_BYSTANDER, name="bystander"),
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
        *_ROADSIDE,
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
            _BYSTANDER,
            name="worker",
            count=2,
            place=OnLane(lane=0, s_m=Uniform(108.0, 114.0), lateral_m=Uniform(-1.2, 0.5)),
        ),
        *_ROADSIDE,
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
        *_ROADSIDE,
    ],
    require=[Happens("ego.gives_way", before_end_s=1.0), Untouched("ego")],
)
"""A cyclist comes towards us on the wrong side of the road, in our lane."""

OVERTAKING = replace(
    _STREET,
    name="scenarios.overtaking",
    setting=replace(_ROAD, length_m=280.0),
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
            place=OnLane(lane=0, s_m=Uniform(64.0, 72.0)),
            behaviour=Behaviour(speed_mps=Uniform(3.5, 5.0)),
        ),
        *_ROADSIDE,
    ],
    duration_s=10.0,
    require=[
        Happens("ego.overtakes"),
        EndsAhead("ego", "slow", by_m=2.0),
        EndsInLane("ego", 0, within_m=0.5),
        Untouched("ego"),
    ],
)
"""We overtake a slow vehicle and come back to our lane before it."""
