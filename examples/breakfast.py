"""A laid table: things said by relation, drawn afresh for every scene.

pairforge generate examples/breakfast.py:BREAKFAST --out out/breakfast --scenes 4 --renderer raycast
"""

from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.library.tabletop import Room
from pairforge.scenes.placement import Above, InFrontOf, LeftOf, On, RightOf
from pairforge.scenes.requirements import AtRest, Visible
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather

TABLE = Prop(name="table", shape="table", moves=False, place=On("floor", x_m=0.6, y_m=0.6, yaw_deg=-90.0))

# The plate lies on the table; everything else is placed by it, at gaps measured between real surfaces. A plate has no
# front, so left, right and ahead are the world's: +y, -y and +x, which is away from this camera.
PLATE = Prop(
    name="plate",
    shape="plate",
    colour=Choice("white", "blue"),
    place=On("table", x_m=Uniform(-0.05, 0.05), y_m=Uniform(-0.12, -0.05), yaw_deg=0.0),
)
MUG = Prop(
    name="mug",
    shape="mug",
    colour=Choice("red", "yellow", "green"),
    place=RightOf("plate", gap_m=Uniform(0.03, 0.10), yaw_deg=Uniform(0.0, 360.0)),
)
BOTTLE = Prop(name="bottle", shape="bottle", place=InFrontOf("plate", gap_m=Uniform(0.05, 0.10)))
BOOK = Prop(
    name="book", shape="book", place=LeftOf("plate", gap_m=Uniform(0.04, 0.12), yaw_deg=Uniform(-20.0, 20.0))
)

# An apple is let go just above the plate: physics decides where it comes to rest. Now and then it is blue, which no
# model has learnt by heart.
APPLE = Prop(
    name="apple",
    shape="apple",
    colour=Choice("red", "green", "blue", weights=(3, 3, 1)),
    place=Above("plate", height_m=0.02, x_m=0.0, y_m=0.0),
)

BREAKFAST = Scene(
    name="example.breakfast",
    setting=Room(),
    props=[TABLE, PLATE, MUG, BOTTLE, BOOK, APPLE],
    sensors=[
        Camera(
            name="front",
            look_at="plate",
            distance_m=Uniform(1.0, 1.2),
            azimuth_deg=Uniform(190.0, 215.0),
            elevation_deg=Uniform(28.0, 36.0),
            fov_deg=50.0,
        ),
        Lidar(name="mast", position_m=(-1.0, -0.6, 1.5), range_noise_m=0.005, max_range_m=20.0),
    ],
    weather=Weather(sun_elevation_deg=Uniform(35.0, 50.0), sun_azimuth_deg=Uniform(200.0, 250.0)),
    # A scene that fails one of these is drawn again, at most max_redraws times.
    require=[Visible("mug", at_least_px=400), Visible("apple", at_least_px=200), AtRest("apple")],
    duration_s=1.0,
    keyframe_rate_hz=2.0,
    warm_up_s=1.5,
)
