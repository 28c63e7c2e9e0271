"""Driving: a town street by day, seen from a hatchback among traffic."""

from __future__ import annotations

from dataclasses import replace

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.placement import OnLane, OnPavement, Parked
from pairforge.scenes.spec import Actor, Behaviour, Camera, Lidar, Prop, Scene, Weather
from pairforge.scenes.street import Street

TOWN = Street(length_m=210.0, lanes=2, parking="both", crossing=True)

ANY_CAR = Choice(
    "hatchback", "sedan", "suv", "estate", "minivan", "pickup", "taxi", weights=(6, 5, 4, 3, 2, 1, 1)
)

EGO = Actor(name="ego", shape="hatchback", place=OnLane(lane=0, s_m=Uniform(34.0, 44.0)))

LEADER = Actor(name="leader", shape=ANY_CAR, place=OnLane(lane=0, s_m=Uniform(53.0, 68.0)))

TRAFFIC = (
    LEADER,
    replace(LEADER, name="ahead", count=Integer(0, 2), place=OnLane(lane=0, s_m=Uniform(80.0, 125.0))),
    replace(LEADER, name="behind", count=Integer(0, 1), place=OnLane(lane=0, s_m=Uniform(10.0, 22.0))),
    replace(LEADER, name="oncoming", count=Integer(2, 4), place=OnLane(lane=1, s_m=Uniform(20.0, 135.0))),
    Actor(name="van", shape="van", count=Integer(0, 1), place=OnLane(lane=1, s_m=Uniform(40.0, 130.0))),
    Actor(name="truck", shape="truck", count=Integer(0, 1), place=OnLane(lane=1, s_m=Uniform(10.0, 90.0))),
)

CYCLISTS = (
    Actor(
        name="cyclist",
        shape="cyclist",
        place=OnLane(lane=0, s_m=Uniform(90.0, 120.0), lateral_m=-1.0),
        behaviour=Behaviour(kind="cycle"),
    ),
    Actor(
        name="oncoming_cyclist",
        shape="cyclist",
        count=Integer(0, 1),
        place=OnLane(lane=1, s_m=Uniform(80.0, 130.0), lateral_m=-1.0),
        behaviour=Behaviour(kind="cycle"),
    ),
)

PARKED = (
    Actor(
        name="parked_right",
        shape=Choice(
            "hatchback", "sedan", "suv", "estate", "minivan", "pickup", "van", weights=(6, 4, 4, 3, 2, 1, 2)
        ),
        count=Integer(4, 7),
        place=Parked(side="right", s_m=Uniform(35.0, 140.0), lateral_m=Uniform(-0.1, 0.1)),
        behaviour=Behaviour(kind="park"),
    ),
    Actor(
        name="parked_left",
        shape=ANY_CAR,
        count=Integer(3, 6),
        place=Parked(side="left", s_m=Uniform(70.0, 175.0), lateral_m=Uniform(-0.1, 0.1)),
        behaviour=Behaviour(kind="park"),
    ),
)

CONES = Prop(
    name="cone",
    shape="traffic_cone",
    count=Integer(0, 3),
    place=Parked(side="right", s_m=Uniform(62.0, 84.0), lateral_m=Uniform(-0.7, 0.7)),
    moves=False,
)

PEDESTRIANS = (
    Actor(
        name="crosser",
        shape="pedestrian",
        count=Integer(0, 2),
        place=OnPavement(side="crossing", s_m=Uniform(2.5, 5.0), lateral_m=Uniform(-1.0, 1.0)),
        behaviour=Behaviour(kind="walk"),
    ),
    Actor(
        name="walker",
        shape="pedestrian",
        count=Integer(3, 5),
        place=OnPavement(side=Choice("left", "right"), s_m=Uniform(55.0, 125.0), yaw_deg=Choice(0.0, 180.0)),
        behaviour=Behaviour(kind="walk"),
    ),
    Actor(
        name="bystander",
        shape="pedestrian",
        count=Integer(1, 2),
        place=OnPavement(
            side=Choice("left", "right"), s_m=Uniform(55.0, 120.0), yaw_deg=Uniform(-180.0, 180.0)
        ),
        behaviour=Behaviour(kind="stand"),
    ),
)

PETS = (
    Actor(
        name="pet",
        shape=Choice("dog", "dog", "cat"),
        count=Integer(0, 1),
        place=OnPavement(side=Choice("left", "right"), s_m=Uniform(55.0, 110.0), yaw_deg=Choice(0.0, 180.0)),
        behaviour=Behaviour(kind="walk", speed_mps=Uniform(0.7, 1.2)),
    ),
)

FRONT_CAMERA = Camera(name="CAM_FRONT", mount="ego", position_m=(1.70, 0.0, 1.55), fov_deg=70.0)
ROOF_LIDAR = Lidar(name="LIDAR_TOP", mount="ego", position_m=(0.94, 0.0, 1.90))

DAY = Weather(
    sun_elevation_deg=Uniform(28.0, 58.0),
    sun_azimuth_deg=Uniform(0.0, 360.0),
    cloudiness=Choice(0.0, 0.15, 0.35),
)

STREET = Scene(
    name="driving.street",
    setting=TOWN,
    props=[CONES],
    actors=[EGO, *TRAFFIC, *CYCLISTS, *PARKED, *PEDESTRIANS, *PETS],
    sensors=[FRONT_CAMERA, ROOF_LIDAR],
    weather=DAY,
    duration_s=5.0,
    keyframe_rate_hz=2.0,
    captions=["short", "dense", "driving"],
)
"""One front camera and a roof LiDAR on a two-lane street with traffic, parked cars, cyclists and people."""

NUSCENES_RIG = (
    FRONT_CAMERA,
    Camera(name="CAM_FRONT_LEFT", mount="ego", position_m=(1.52, 0.49, 1.55), yaw_deg=55.0, fov_deg=70.0),
    Camera(name="CAM_FRONT_RIGHT", mount="ego", position_m=(1.52, -0.49, 1.55), yaw_deg=-55.0, fov_deg=70.0),
    Camera(name="CAM_BACK_LEFT", mount="ego", position_m=(1.03, 0.48, 1.62), yaw_deg=110.0, fov_deg=70.0),
    Camera(name="CAM_BACK_RIGHT", mount="ego", position_m=(1.03, -0.48, 1.62), yaw_deg=-110.0, fov_deg=70.0),
    Camera(name="CAM_BACK", mount="ego", position_m=(-0.5, 0.0, 1.68), yaw_deg=180.0, fov_deg=110.0),
    ROOF_LIDAR,
)
"""Six cameras and a LiDAR laid out like the nuScenes car's (Caesar et al., CVPR 2020)."""

AVENUE = replace(
    STREET,
    name="driving.avenue",
    setting=replace(TOWN, lanes=4, speed_limit_mps=13.89, tree_spacing_m=16.5),
).plus(
    replace(LEADER, name="passing", count=Integer(1, 2), place=OnLane(lane=2, s_m=Uniform(20.0, 110.0))),
    replace(LEADER, name="meeting", count=Integer(1, 3), place=OnLane(lane=3, s_m=Uniform(20.0, 130.0))),
    Actor(name="bus", shape="bus", count=Integer(0, 1), place=OnLane(lane=2, s_m=Uniform(60.0, 90.0))),
)
"""Four lanes, faster, and now and then a bus."""

STREET_SIX = replace(STREET, name="driving.street_six", sensors=NUSCENES_RIG)
"""The same street, seen all round."""
