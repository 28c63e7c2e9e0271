"""Two cameras on one heap: the same instance ids in both pictures, in the point cloud and in the words.

pairforge generate examples/two_views.py:TWO_VIEWS --out out/views --renderer raycast
pairforge generate examples/two_views.py:TWO_VIEWS --out out/dozen --renderer raycast --set block.count=12
"""

from dataclasses import replace

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.placement import Above, At
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene

# count makes block_0, block_1, …: each with draws of its own, so a ninth block never changes the first eight.
BLOCK = Prop(
    name="block",
    shape=Choice("box", "cylinder", "sphere"),
    colour=Choice("red", "yellow", "green", "blue", "white"),
    size_m=Uniform(0.08, 0.14),
    count=Integer(5, 9),
    place=Above("floor", height_m=Uniform(0.02, 0.5), x_m=Uniform(-0.35, 0.35), y_m=Uniform(-0.35, 0.35)),
)
LEFT = Camera(
    name="left", look_at=(0.0, 0.0, 0.05), distance_m=1.7, azimuth_deg=Uniform(150.0, 170.0), fov_deg=50.0
)

TWO_VIEWS = Scene(
    name="example.two_views",
    setting=Empty(size_m=6.0),
    props=[BLOCK, Prop(name="cone", shape="traffic_cone", moves=False, place=At((0.0, 0.0, 0.0)))],
    sensors=[
        LEFT,
        replace(LEFT, name="right", azimuth_deg=Uniform(190.0, 210.0)),
        Lidar(name="mast", position_m=(-2.0, 0.0, 1.0)),
    ],
    duration_s=1.0,
    keyframe_rate_hz=2.0,
    warm_up_s=1.5,
)
