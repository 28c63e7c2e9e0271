"""Tabletop: things released above a table, falling, knocking together and coming to rest."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.scenes.distributions import Choice, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.placement import Above, On
from pairforge.scenes.requirements import Visible
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather
from pairforge.scenes.surfaces import Rectangle


@dataclass(frozen=True, kw_only=True)
class Room(Setting):
    """The corner of a room: a plank floor with walls at +x and +y, lit through its open sides."""

    size_m: Value[float] = 5.0

    def expand(self, draw: Draws) -> SettingPlan:
        size_m = draw("size_m", self.size_m)
        room = draw.item("room", "room", size_m=size_m)
        return SettingPlan(items=(room,), surfaces=(Rectangle("floor", (0.0, 0.0, 0.0), (size_m, size_m)),))


TABLE = Prop(
    name="table",
    shape="table",
    moves=False,
    place=On("floor", x_m=0.6, y_m=0.6, yaw_deg=Uniform(-100.0, -80.0)),
)


def dropped(name: str, shape: Value[str], height_m: tuple[float, float]) -> Prop:
    """A thing let go somewhere above the table."""
    place = Above("table", height_m=Uniform(*height_m), x_m=Uniform(-0.34, 0.34), y_m=Uniform(-0.2, 0.2))
    return Prop(name=name, shape=shape, place=place)


THINGS = (
    Prop(
        name="bowl",
        shape=Choice("bowl", "plate"),
        place=On("table", x_m=Uniform(-0.3, 0.3), y_m=Uniform(-0.15, 0.15)),
    ),
    dropped("ball", "sphere", (0.35, 0.5)),
    dropped("block", Choice("box", "cylinder", "cone"), (0.12, 0.25)),
    dropped("vessel", Choice("mug", "can", "bottle"), (0.04, 0.12)),
    dropped("fruit", Choice("apple", "banana"), (0.30, 0.45)),
    dropped("book", "book", (0.05, 0.15)),
    dropped("extra", Choice("box", "sphere", "cylinder", "mug", "can", "apple"), (0.5, 0.7)),
)

DROP = Scene(
    name="tabletop.drop",
    setting=Room(),
    props=[TABLE, *THINGS],
    sensors=[
        Camera(
            name="front",
            look_at=(0.6, 0.6, 0.78),
            distance_m=Uniform(1.35, 1.55),
            azimuth_deg=Uniform(190.0, 215.0),
            elevation_deg=Uniform(24.0, 34.0),
            fov_deg=52.0,
        ),
        Lidar(name="mast", position_m=(-1.0, -0.6, 1.5), range_noise_m=0.005, max_range_m=20.0),
    ],
    weather=Weather(
        sun_elevation_deg=Uniform(35.0, 50.0), sun_azimuth_deg=Uniform(200.0, 250.0), cloudiness=0.2
    ),
    require=[Visible("table", at_least_px=2000)],
    duration_s=2.0,
    keyframe_rate_hz=5.0,
    warm_up_s=0.1,
)
"""A table in the corner of a room, seven things let fall on it, one camera and a LiDAR."""
