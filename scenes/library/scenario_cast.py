"""Where scenarios take place and who is in all of them."""

from __future__ import annotations

from dataclasses import replace

from pairforge.scenes.distributions import Integer, Uniform
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
from pairforge.scenes.placement import OnLane
from pairforge.scenes.roads.crossroads import Crossroads
from pairforge.scenes.scripts import After, KeepLane, When
from pairforge.scenes.spec import Actor, Behaviour, Scene

_, WALKER, BYSTANDER = PEDESTRIANS
ROADSIDE = (*PARKED, WALKER, BYSTANDER)


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
    rules = script or (When(After(0.0), KeepLane()),)
    return driver(*rules, mps=mps, s_m=Uniform(38.0, 42.0))


def oncoming(count: Integer, lane: int = 1) -> Actor:
    """Traffic the other way."""
    return replace(
        EGO, name="oncoming", shape=ANY_CAR, count=count, place=OnLane(lane=lane, s_m=Uniform(20.0, 120.0))
    )


ROAD = replace(TOWN, crossing=False, curvature_per_m=Uniform(-0.0015, 0.0015), speed_limit_mps=13.89)
_STREET = Scene(
    name="scenarios.street",
    setting=ROAD,
    sensors=[FRONT_CAMERA, ROOF_LIDAR],
    weather=DAY,
    duration_s=6.0,
    captions=["short", "dense", "driving"],
)
_AVENUE = replace(_STREET, setting=replace(ROAD, lanes=4, length_m=260.0, tree_spacing_m=16.5))
_CROSSROADS = replace(
    _STREET,
    setting=Crossroads(
        lanes=1,
        control="signals",
        cycle_start=Uniform(0.5, 0.53),
        green_s=Uniform(13.0, 16.0),
        parking=False,
    ),
)
"""North and south have just got green."""
