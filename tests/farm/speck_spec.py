"""The least scene that is still a scene: one keyframe, a camera of 32 x 24 pixels, a LiDAR of four beams, text.

The sun stands still, so that a worker computes the sky once; German, since the library that knows English plurals
takes two CPU seconds to load in each new worker.
"""

from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.placement import Above, At
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather

SPECK = Scene(
    name="speck",
    props=[
        Prop(
            name="block",
            shape="box",
            colour=Choice("red", "yellow"),
            size_m=Uniform(0.3, 0.5),
            place=At((0.0, 0.0, 0.0)),
            moves=False,
        ),
        Prop(
            name="ball", shape="sphere", colour=Choice("blue", "green"), size_m=0.2, place=Above("block", 0.1)
        ),
    ],
    sensors=[
        Camera(name="front", look_at="block", distance_m=1.5, width_px=32, height_px=24, fov_deg=60.0),
        Lidar(name="mast", position_m=(-2.0, 0.0, 0.6), beams=4, elevation_deg=(-20.0, 5.0), columns=36),
    ],
    weather=Weather(sun_elevation_deg=40.0, sun_azimuth_deg=30.0),
    duration_s=0.2,
    keyframe_rate_hz=5.0,
    warm_up_s=0.05,
    captions=("short",),
    languages=("de",),
)
