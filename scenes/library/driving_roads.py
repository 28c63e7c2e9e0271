"""Driving on road networks: crossroads, T-junction and what else roads make, seen from a car among traffic."""

from __future__ import annotations

from dataclasses import replace

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.library.driving import ANY_CAR, DAY, FRONT_CAMERA, ROOF_LIDAR
from pairforge.scenes.placement import Approaching, Leaving, OnPavement, Parked
from pairforge.scenes.roads.crossroads import Crossroads
from pairforge.scenes.spec import Actor, Behaviour, Scene

CAR = Actor(name="car", shape=ANY_CAR)
EGO = Actor(name="ego", shape="hatchback", place=Approaching("south", Uniform(38.0, 52.0)))


def _people(*sides: str) -> tuple[Actor, ...]:
    """Walkers on the pavements of these sides."""
    walker = Actor(name="walker", shape="pedestrian", behaviour=Behaviour(kind="walk"))
    return (
        replace(
            walker,
            count=Integer(2, 4),
            place=OnPavement(Choice(*sides), s_m=Uniform(8.0, 45.0), yaw_deg=Choice(0.0, 180.0)),
        ),
        replace(
            walker,
            name="crosser",
            count=Integer(0, 2),
            place=OnPavement("south_crossing", s_m=Uniform(2.0, 3.5), lateral_m=Uniform(-0.9, 0.9)),
        ),
    )


CROSSROADS = Scene(
    name="driving.crossroads",
    setting=Crossroads(arms=4, lanes=1, control="signals", parking=True),
    actors=[
        EGO,
        replace(CAR, name="leader", place=Approaching("south", Uniform(14.0, 24.0))),
        replace(CAR, name="oncoming", count=Integer(1, 2), place=Approaching("north", Uniform(20.0, 60.0))),
        replace(CAR, name="from_left", count=Integer(1, 2), place=Approaching("west", Uniform(20.0, 60.0))),
        replace(CAR, name="from_right", count=Integer(1, 2), place=Approaching("east", Uniform(20.0, 60.0))),
        replace(CAR, name="gone", count=Integer(0, 2), place=Leaving("north", Uniform(15.0, 60.0))),
        Actor(
            name="parked",
            shape=ANY_CAR,
            count=Integer(2, 4),
            place=Parked(Choice("south_right", "south_left"), lateral_m=Uniform(-0.1, 0.1)),
            behaviour=Behaviour(kind="park"),
        ),
        *_people("south_left", "south_right", "north_left", "north_right", "west_right", "east_left"),
    ],
    sensors=[FRONT_CAMERA, ROOF_LIDAR],
    weather=DAY,
    duration_s=5.0,
    captions=["short", "dense", "driving"],
)
"""Traffic from all four sides, ruled by lights."""
