"""A bowl of fruit behind a carafe: things in things, one partly hidden by another, nothing lost.

pairforge generate examples/fruit_bowl.py:FRUIT_BOWL --scenes 4 --out out/fruit
"""

from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.library.tabletop import TABLE, Room
from pairforge.scenes.piles import Inside
from pairforge.scenes.placement import InFrontOf, On
from pairforge.scenes.requirements import Hidden, Kept, Settled
from pairforge.scenes.spec import Camera, Prop, Scene

FRUIT_BOWL = Scene(
    name="example.fruit_bowl",
    setting=Room(),
    props=[
        TABLE,
        Prop(name="carafe", shape="carafe", place=On("table", x_m=Uniform(-0.05, 0.05), y_m=-0.1)),
        Prop(name="bowl", shape="bowl", size_m=0.22, place=InFrontOf("carafe", gap_m=Uniform(0.05, 0.1))),
        Prop(name="orange", shape="orange", place=Inside("bowl")),
        Prop(name="second", shape=Choice("lemon", "pear"), place=Inside("bowl", height_m=Uniform(0.0, 0.05))),
    ],
    sensors=[Camera(name="front", look_at="bowl", distance_m=1.0, azimuth_deg=180.0, elevation_deg=20.0)],
    require=[Hidden("bowl", by="carafe", at_least=0.1, at_most=0.7), Settled(), Kept("table")],
    duration_s=0.5,
    warm_up_s=1.5,
)
