"""Somebody's OpenDRIVE map as a world: examples/maps/town.xodr, four streets around a block.

pairforge roads check examples/maps/town.xodr
pairforge generate examples/imported_town.py:IMPORTED_TOWN --out out/town --renderer raycast
"""

from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.library.driving import FRONT_CAMERA, ROOF_LIDAR
from pairforge.scenes.placement import Approaching, OnPavement
from pairforge.scenes.roads.opendrive_map import OpenDriveMap
from pairforge.scenes.spec import Actor, Behaviour, Scene

# Roads go by the names that they have in the file: "South Street" is south_street.
EGO = Actor(name="ego", shape="hatchback", place=Approaching("south_street_west", Uniform(18.0, 30.0)))
VAN = Actor(name="van", shape="van", place=Approaching("west_street_south", Uniform(12.0, 25.0)))
WALKER = Actor(
    name="walker",
    shape="pedestrian",
    count=3,
    place=OnPavement(
        side=Choice("south_street_west_left", "south_street_west_right"), s_m=Uniform(6.0, 40.0)
    ),
    behaviour=Behaviour(kind="walk"),
)

IMPORTED_TOWN = Scene(
    name="example.imported_town",
    setting=OpenDriveMap(file="maps/town.xodr"),  # beside this file
    actors=[EGO, VAN, WALKER],
    sensors=[FRONT_CAMERA, ROOF_LIDAR],
    duration_s=4.0,
    keyframe_rate_hz=1.0,
    captions=["short", "dense", "driving"],
)
