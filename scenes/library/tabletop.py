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
    """A thing let go above the table: what falls further starts nearer the middle, so that little rolls off."""
    reach_m = 0.3 - 0.3 * height_m[1]
    place = Above(
        "table",
        height_m=Uniform(*height_m),
        x_m=Uniform(-reach_m, reach_m),
        y_m=Uniform(-0.55 * reach_m, 0.55 * reach_m),
    )
    return Prop(name=name, shape=shape, place=place)


THINGS = (
    Prop(
        name="bowl",
        shape=Choice("bowl", "plate"),
        place=On("table", x_m=Uniform(-0.22, 0.22), y_m=Uniform(-0.1, 0.1)),
    ),
    dropped("vessel", Choice("mug", "can", "bottle"), (0.03, 0.10)),
    dropped("book", "book", (0.08, 0.16)),
    dropped("block", Choice("box", "cylinder", "cone"), (0.14, 0.24)),
    dropped("fruit", Choice("apple", "banana"), (0.18, 0.28)),
    dropped("ball", "sphere", (0.22, 0.32)),
    dropped("extra", Choice("box", "cylinder", "mug", "can", "apple"), (0.36, 0.46)),
)

DROP = Scene(
    name="tabletop.drop",
    setting=Room(),
    props=[TABLE, *THINGS],
    sensors=[
        Camera(
            name="front",
            look_at=(0.6, 0.6, 0.84),
            distance_m=Uniform(1.15, 1.3),
            azimuth_deg=Uniform(188.0, 215.0),
            elevation_deg=Uniform(24.0, 34.0),
            fov_deg=55.0,
        ),
        Lidar(name="mast", position_m=(-1.0, -0.6, 1.5), range_noise_m=0.005, max_range_m=20.0),
    ],
    weather=Weather(
        sun_elevation_deg=Uniform(35.0, 50.0), sun_azimuth_deg=Uniform(200.0, 250.0), cloudiness=0.2
    ),
    require=[Visible("table", at_least_px=2000)],
    duration_s=2.5,
    keyframe_rate_hz=4.0,
    warm_up_s=0.1,
)
"""A table in the corner of a room, seven things let fall on it, one camera and a LiDAR."""
