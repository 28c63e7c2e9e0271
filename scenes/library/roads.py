"""Driving on road networks: junctions, a roundabout, winding and hilly roads, a motorway."""

from __future__ import annotations

from dataclasses import replace

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.library.driving import ANY_CAR, DAY, FRONT_CAMERA, ROOF_LIDAR
from pairforge.scenes.placement import Approaching, Leaving, OnLane, OnPavement, OnRoad, Parked
from pairforge.scenes.roads.crossroads import Crossroads
from pairforge.scenes.roads.motorway import Motorway
from pairforge.scenes.roads.roundabout import Roundabout
from pairforge.scenes.roads.winding import WindingRoad
from pairforge.scenes.scripts import Turn
from pairforge.scenes.spec import Actor, Behaviour, Scene

CAR = Actor(name="car", shape=ANY_CAR)
EGO = Actor(name="ego", shape="hatchback", place=Approaching("south", Uniform(38.0, 52.0)))
LEADER = replace(CAR, name="leader", place=Approaching("south", Uniform(14.0, 24.0)))
WALKER = Actor(name="walker", shape="pedestrian", count=Integer(3, 6), behaviour=Behaviour(kind="walk"))
PARKED = Actor(
    name="parked",
    shape=Choice("hatchback", "sedan", "suv", "van", weights=(0.4, 0.3, 0.2, 0.1)),
    count=Integer(3, 6),
    place=Parked(Choice("south_right", "south_left"), lateral_m=Uniform(-0.1, 0.1)),
    behaviour=Behaviour(kind="park"),
)


def _walking(*sides: str) -> OnPavement:
    return OnPavement(Choice(*sides), s_m=Uniform(8.0, 45.0), yaw_deg=Choice(0.0, 180.0))


def _coming(name: str, road: str, *turns: Turn) -> Actor:
    """One or two cars that come to the junction on a road and go any of several ways, the first most often."""
    way: Choice[Turn] = Choice(*turns, weights=(2.0, *(1.0 for _ in turns[1:])))
    return replace(
        CAR,
        name=name,
        count=Integer(1, 2),
        place=Approaching(road, Uniform(20.0, 60.0)),
        behaviour=Behaviour(turns=[way]),
    )


def _circling(name: str, road: str) -> Actor:
    """As many that leave the roundabout by its first arm or go on."""
    way: Choice[Turn] = Choice("left", "right")
    return replace(_coming(name, road, "right"), behaviour=Behaviour(turns=["right", way]))


CROSSROADS = Scene(
    name="roads.crossroads",
    setting=Crossroads(arms=4, lanes=1, control="signals", parking=True),
    actors=[
        EGO,
        LEADER,
        _coming("oncoming", "north", "straight", "left", "right"),
        _coming("from_left", "west", "straight", "left", "right"),
        _coming("from_right", "east", "straight", "left", "right"),
        replace(CAR, name="gone", count=Integer(0, 2), place=Leaving("north", Uniform(15.0, 60.0))),
        PARKED,
        replace(WALKER, place=_walking("south_left", "south_right", "north_left", "west_right", "east_left")),
        replace(
            WALKER, name="crosser", count=Integer(0, 2), place=OnPavement("south_crossing", Uniform(2.0, 3.5))
        ),
    ],
    sensors=[FRONT_CAMERA, ROOF_LIDAR],
    weather=DAY,
    duration_s=5.0,
    captions=["short", "dense", "driving"],
)
"""Traffic from all four sides, ruled by lights."""

T_JUNCTION = replace(
    CROSSROADS,
    name="roads.t_junction",
    setting=Crossroads(arms=3, control="priority", parking=True),
    actors=[
        replace(EGO, behaviour=Behaviour(turns=[Choice("left", "right")])),
        LEADER,
        _coming("from_left", "west", "straight", "right"),
        _coming("from_right", "east", "straight", "left"),
        replace(CAR, name="gone", count=Integer(0, 1), place=Leaving("east", Uniform(15.0, 50.0))),
        PARKED,
        replace(WALKER, place=_walking("south_left", "south_right", "west_left", "west_right", "east_left")),
    ],
)
"""The ego comes up a side street and gives way."""

ROUNDABOUT = replace(
    CROSSROADS,
    name="roads.roundabout",
    setting=Roundabout(arms=4),
    actors=[
        replace(EGO, place=Approaching("south", Uniform(30.0, 45.0))),
        replace(LEADER, place=Approaching("south", Uniform(8.0, 18.0))),
        _circling("from_left", "west"),
        _circling("from_right", "east"),
        _circling("oncoming", "north"),
        replace(CAR, name="leaving", count=Integer(0, 2), place=Leaving("south", Uniform(10.0, 50.0))),
        replace(WALKER, place=_walking("south_left", "south_right", "west_right", "east_left")),
    ],
)
"""One lane round an island, four arms that give way."""

WINDING = replace(
    CROSSROADS,
    name="roads.winding",
    setting=WindingRoad(),
    actors=[
        replace(EGO, place=OnLane(lane=0, s_m=Uniform(60.0, 90.0))),
        replace(LEADER, place=OnLane(lane=0, s_m=Uniform(110.0, 135.0))),
        replace(CAR, name="oncoming", count=Integer(2, 4), place=OnLane(lane=1, s_m=Uniform(40.0, 250.0))),
        Actor(name="van", shape="van", count=Integer(0, 1), place=OnLane(lane=1, s_m=Uniform(60.0, 200.0))),
        Actor(
            name="cyclist",
            shape="cyclist",
            count=Integer(0, 1),
            place=OnLane(lane=0, s_m=Uniform(150.0, 190.0), lateral_m=-1.0),
            behaviour=Behaviour(kind="cycle"),
        ),
    ],
)
"""A country road that winds between trees."""

HILLS = replace(WINDING, name="roads.hills", setting=WindingRoad(hills_m=7.0, bend_deg=Uniform(10.0, 35.0)))
"""The same up and down."""

MOTORWAY = replace(
    CROSSROADS,
    name="roads.motorway",
    setting=Motorway(),
    actors=[
        replace(EGO, place=OnRoad("motorway", s_m=Uniform(60.0, 80.0))),
        replace(LEADER, place=OnRoad("motorway", s_m=Uniform(112.0, 140.0))),
        replace(
            CAR,
            name="passing",
            place=OnRoad("motorway", lane=1, s_m=Uniform(20.0, 120.0)),
            count=Integer(1, 2),
        ),
        replace(
            CAR, name="ahead", place=OnRoad("merge", lane=1, s_m=Uniform(20.0, 160.0)), count=Integer(1, 2)
        ),
        replace(CAR, name="joining", place=OnRoad("on_ramp", s_m=Uniform(70.0, 120.0)), count=Integer(0, 1)),
        Actor(
            name="truck",
            shape="truck",
            place=OnRoad("merge", lane=1, s_m=Uniform(170.0, 230.0)),
            count=Integer(0, 1),
        ),
        replace(
            CAR,
            name="oncoming",
            count=Integer(2, 5),
            place=OnRoad("opposite", lane=Choice(0, 1), s_m=Uniform(250.0, 600.0)),
        ),
    ],
)
"""Two carriageways, a slip road that joins and one that leaves."""
