"""A driver of one's own: Python that is asked fifty times a second what the car shall do.

pairforge generate examples/own_driver.py:OWN_DRIVER --out out/own_driver --renderer raycast
"""

from dataclasses import replace

from pairforge.scenes.distributions import Uniform
from pairforge.scenes.library.driving import DAY, EGO, FRONT_CAMERA, TOWN
from pairforge.scenes.placement import OnLane, OnPavement
from pairforge.scenes.policies import Controller
from pairforge.scenes.scripts import Arrives, Ignore, Walk, When
from pairforge.scenes.spec import Actor, Behaviour, Scene
from pairforge.sensors.orders import Orders
from pairforge.sensors.policy import Situation


def steer(situation: Situation) -> Orders:
    """Keeps left of its lane's middle, and creeps past anybody on foot who is near and ahead."""
    near = any(
        other.kind == "pedestrian" and 0.0 < other.x_m - situation.x_m < situation.params["caution_m"]
        for other in situation.others.values()
    )
    return Orders(speed_mps=2.5 if near else 9.0, lateral_m=0.4, over_s=2.0)


OWN_DRIVER = Scene(
    name="example.own_driver",
    setting=replace(TOWN, crossing=False, curvature_per_m=0.0),
    actors=[
        replace(
            EGO,
            place=OnLane(lane=0, s_m=40.0),
            behaviour=Behaviour(
                speed_mps=9.0,
                policy=Controller("own_driver.py:steer", params={"caution_m": Uniform(15.0, 25.0)}),
            ),
        ),
        Actor(
            name="walker",
            shape="pedestrian",
            place=OnPavement(side="right", s_m=Uniform(70.0, 80.0)),
            behaviour=Behaviour(
                kind="walk",
                script=[
                    When(Arrives("ego", s=Uniform(2.0, 3.0)), Walk(mps=1.6), Ignore("leaders", "priority"))
                ],
            ),
        ),
    ],
    sensors=[FRONT_CAMERA],
    weather=DAY,
    duration_s=4.0,
    captions=["short", "driving"],
)
