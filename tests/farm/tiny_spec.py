"""A scene that takes a second: two things drop beside a still one, one camera, one LiDAR."""

from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.placement import Above, At
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene

TINY = Scene(
    name="tiny",
    props=[
        Prop(name="block", shape="box", colour="red", size_m=0.4, place=At((0.0, 0.0, 0.0)), moves=False),
        Prop(
            name="ball", shape="sphere", colour=Choice("blue", "green"), size_m=0.2, place=Above("block", 0.3)
        ),
        Prop(
            name="can", shape="cylinder", colour="yellow", size_m=Uniform(0.2, 0.3), place=At((0.6, 0.3, 0.2))
        ),
    ],
    sensors=[
        Camera(name="front", look_at="block", distance_m=2.0, width_px=96, height_px=64, fov_deg=60.0),
        Lidar(name="mast", position_m=(-2.0, 0.0, 0.6), beams=8, elevation_deg=(-20.0, 5.0), columns=180),
    ],
    duration_s=1.0,
    keyframe_rate_hz=4.0,
    warm_up_s=0.1,
)
