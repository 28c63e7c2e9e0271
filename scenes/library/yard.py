"""A yard: plain things on open ground, made to be varied. Small pictures of it are made in a tenth of a second."""

from __future__ import annotations

from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.placement import Above, On
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather

COLOURS = Choice("red", "blue", "green", "yellow", "orange", "purple", "cyan")
SOLIDS = Choice("box", "sphere", "cylinder", "cone")
ONE = Integer(1, 1)
"""One, and counted, so that a counterfactual may take it away."""
MATERIALS = Choice("plastic", "metal", "wood")


def _solid(name: str, y_m: tuple[float, float]) -> Prop:
    """Fixed, near, on one side of the middle."""
    return Prop(
        name=name,
        count=ONE,
        shape=SOLIDS,
        colour=COLOURS,
        material=MATERIALS,
        size_m=Uniform(0.55, 0.8),
        moves=False,
        place=On("floor", x_m=Uniform(3.6, 5.4), y_m=Uniform(*y_m), yaw_deg=Uniform(0.0, 90.0)),
    )


def _dropped(name: str, y_m: tuple[float, float], height_m: tuple[float, float]) -> Prop:
    """Let go as the clock starts: at the keyframe a low one has landed, a high one is in the air."""
    return Prop(
        name=name,
        count=ONE,
        shape=Choice("box", "sphere", "cylinder"),
        colour=COLOURS,
        material=MATERIALS,
        size_m=Uniform(0.4, 0.55),
        place=Above("floor", height_m=Uniform(*height_m), x_m=Uniform(5.2, 6.2), y_m=Uniform(*y_m)),
    )


THINGS = Scene(
    name="yard.things",
    setting=Empty(size_m=400.0),
    props=[
        _solid("left", (0.6, 1.5)),
        _solid("right", (-1.5, -0.6)),
        Prop(
            name="animal",
            shape=Choice("dog", "cat", weights=(3, 1)),
            moves=False,
            place=On("floor", x_m=Uniform(3.2, 4.0), y_m=Uniform(-0.3, 0.3), yaw_deg=Choice(90.0, -90.0)),
        ),
        Prop(
            name="cone",
            shape="traffic_cone",
            count=Integer(1, 5),
            moves=False,
            place=On("floor", x_m=Uniform(2.9, 4.8), y_m=Uniform(-1.3, 1.3)),
        ),
        _dropped("low", (0.2, 1.0), (0.2, 0.6)),
        _dropped("high", (-1.0, -0.2), (1.3, 1.9)),
    ],
    sensors=[
        Camera(
            name="front",
            position_m=(0.0, 0.0, 1.5),
            pitch_deg=Uniform(-10.0, -7.0),
            yaw_deg=Uniform(-2.0, 2.0),
            fov_deg=52.0,
            width_px=128,
            height_px=96,
        ),
        Lidar(name="mast", position_m=(0.0, 0.0, 1.9), beams=16, columns=360),
    ],
    weather=Weather(
        sun_elevation_deg=Uniform(28.0, 60.0), sun_azimuth_deg=Uniform(120.0, 240.0), cloudiness=0.1
    ),
    duration_s=0.5,
    keyframe_rate_hz=2.0,
    warm_up_s=0.45,
)
"""Two solids, an animal, a few cones and two things that fall, under the open sky: one keyframe, at 0.45 s."""
