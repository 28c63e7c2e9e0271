"""A street with traffic of one's own: a school run. The number of lanes is one override away.

pairforge generate examples/school_run.py:SCHOOL_RUN --out out/school --renderer raycast
pairforge generate examples/school_run.py:SCHOOL_RUN --out out/school_wide --renderer raycast --set setting.lanes=4
"""

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.library.driving import FRONT_CAMERA, ROOF_LIDAR
from pairforge.scenes.placement import OnLane, OnPavement, Parked
from pairforge.scenes.spec import Actor, Behaviour, Scene
from pairforge.scenes.street import Street

# Lane 0 goes forward along the right kerb, lane 1 comes back; s_m is the distance along the lane.
EGO = Actor(name="ego", shape="hatchback", place=OnLane(lane=0, s_m=40.0))
BUS = Actor(
    name="bus",
    shape="bus",
    colour="yellow",
    place=OnLane(lane=1, s_m=Uniform(100.0, 115.0)),
    behaviour=Behaviour(kind="drive", speed_mps=Uniform(5.0, 7.0)),
)
CYCLIST = Actor(
    name="cyclist",
    shape="cyclist",
    count=Integer(1, 2),
    place=OnLane(lane=0, s_m=Uniform(58.0, 80.0), lateral_m=-1.0),
    behaviour=Behaviour(kind="cycle"),
)
PARENT = Actor(
    name="parent",
    shape=Choice("suv", "van", "hatchback"),
    count=Integer(3, 5),
    place=Parked(side="right", s_m=Uniform(48.0, 110.0)),
    behaviour=Behaviour(kind="park"),
)
PUPIL = Actor(
    name="pupil",
    shape="pedestrian",
    count=Integer(5, 8),
    place=OnPavement(side=Choice("left", "right"), s_m=Uniform(50.0, 85.0), yaw_deg=Choice(0.0, 180.0)),
    behaviour=Behaviour(kind="walk", speed_mps=Uniform(1.0, 1.8)),
)

SCHOOL_RUN = Scene(
    name="example.school_run",
    setting=Street(length_m=200.0, lanes=2, parking="right", speed_limit_mps=8.33, crossing=True),
    actors=[EGO, BUS, CYCLIST, PARENT, PUPIL],
    sensors=[FRONT_CAMERA, ROOF_LIDAR],
    duration_s=2.0,
    keyframe_rate_hz=2.0,
    captions=["short", "dense", "driving"],
)
