"""A car has stopped in our lane. We brake, or we go round it: which, is one draw, and so a counterfactual.

pairforge generate examples/brake_or_swerve.py:AVOID --out out/avoid --scenes 2 --renderer raycast
pairforge contrast examples/brake_or_swerve.py:AVOID --out out/avoided --kinds motion --pairs 4 --renderer raycast
"""

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.library.driving import DAY, FRONT_CAMERA, PARKED, ROOF_LIDAR
from pairforge.scenes.placement import OnLane, OnPavement
from pairforge.scenes.scripts import Behind, Brake, Either, Ignore, Swerve, When
from pairforge.scenes.spec import Actor, Behaviour, Scene
from pairforge.scenes.street import Street

# One rule, two ways out. "ego.behaviour.avoids.either" says which; the numbers of both are drawn whichever it is.
AVOIDS = When(
    Behind("stopped", by_m=Uniform(24.0, 28.0)),
    Either(Brake(mps2=Uniform(3.5, 5.0)), Swerve(Uniform(2.9, 3.2), over_s=2.0, back_after_s=2.5)),
    Ignore("leaders"),
    called="avoids",
)
EGO = Actor(
    name="ego",
    shape="hatchback",
    place=OnLane(lane=0, s_m=Uniform(38.0, 41.0)),
    behaviour=Behaviour(speed_mps=Uniform(8.0, 9.0), script=[AVOIDS]),
)
STOPPED = Actor(
    name="stopped",
    shape=Choice("hatchback", "sedan", "suv", "van"),
    place=OnLane(lane=0, s_m=Uniform(80.0, 83.0), lateral_m=-0.3),
    behaviour=Behaviour(kind="park"),
)
BYSTANDER = Actor(
    name="bystander",
    shape="pedestrian",
    count=Integer(1, 2),
    place=OnPavement(side="right", s_m=Uniform(60.0, 90.0), yaw_deg=Uniform(-180.0, 180.0)),
    behaviour=Behaviour(kind="stand"),
)

AVOID = Scene(
    name="example.avoid",
    setting=Street(length_m=170.0, lanes=2, parking="both"),
    actors=[EGO, STOPPED, PARKED[0], BYSTANDER],
    sensors=[FRONT_CAMERA, ROOF_LIDAR],
    weather=DAY,
    duration_s=3.0,
    captions=["short", "dense", "driving"],
)
