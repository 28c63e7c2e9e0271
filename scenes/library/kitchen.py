"""A kitchen worktop below a window, and what a cook leaves on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pairforge.scenes.distributions import Choice, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.piles import Atop, Inside
from pairforge.scenes.placement import On
from pairforge.scenes.requirements import Kept, Settled
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.shapes.kitchen import DEPTH_M, HEIGHT_M, SINK_X_M, SINK_Y_M
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather
from pairforge.scenes.surfaces import Rectangle


@dataclass(frozen=True, kw_only=True)
class Kitchen(Setting):
    """A worktop along a tiled wall at +x, a sink under a window to the right, cupboards; open to the viewer.

    Surfaces: "counter", the free worktop left of the sink (its x from the viewer's left to the right, its y to the
    wall), and "sink", the basin's floor.
    """

    length_m: Value[float] = 2.6
    sink_y_m: Value[float] = -0.85

    def expand(self, draw: Draws) -> SettingPlan:
        length_m, sink_y_m = draw("length_m", self.length_m), draw("sink_y_m", self.sink_y_m)
        same = {"length_m": length_m, "sink_y_m": sink_y_m}
        scenery = draw.item("kitchen", "kitchen", params=same)
        worktop = draw.item("worktop", "worktop", params={"sink_y_m": sink_y_m}, size_m=length_m)
        right = sink_y_m + SINK_Y_M / 2 + 0.05
        left = length_m / 2 - 0.05
        counter = Rectangle(
            "counter",
            (-0.01, (left + right) / 2, HEIGHT_M),
            (left - right, DEPTH_M - 0.08),
            yaw=-1.5707963267948966,
        )
        sink = Rectangle("sink", (0.0, sink_y_m, HEIGHT_M - 0.164), (SINK_X_M - 0.04, SINK_Y_M - 0.04))
        return SettingPlan(items=(scenery, worktop), surfaces=(counter, sink))


def _at(name: str, shape: Value[str], x_m: float, y_m: float, turn_deg: float = 30.0, **look: Any) -> Prop:
    """A thing on the counter about a spot, its face towards the viewer, within 3 cm and ``turn_deg``."""
    place = On(
        "counter",
        x_m=Uniform(x_m - 0.03, x_m + 0.03),
        y_m=Uniform(y_m - 0.03, y_m + 0.03),
        yaw_deg=Uniform(-90.0 - turn_deg, -90.0 + turn_deg),
    )
    return Prop(name=name, shape=shape, place=place, **look)


COUNTER = Scene(
    name="kitchen.counter",
    setting=Kitchen(),
    props=[
        _at("kettle", Choice("kettle", "teapot"), -0.62, 0.08, 60.0),
        _at("toaster", Choice("toaster", "cereal_box"), -0.26, 0.14, 20.0),
        _at("board", "cutting_board", -0.05, -0.06, 8.0, size_m=Uniform(0.32, 0.37)),
        Prop(
            name="loaf",
            shape=Choice("loaf", "tomato", "lemon"),
            place=Atop("board", x_m=Uniform(-0.05, 0.05)),
        ),
        Prop(
            name="knife",
            shape="knife",
            place=Atop("board", x_m=Uniform(-0.02, 0.02), y_m=-0.085, yaw_deg=Uniform(-8.0, 8.0)),
        ),
        _at("bowl", Choice("bowl", "basket"), 0.42, -0.06, 180.0, size_m=Uniform(0.21, 0.25)),
        *(
            Prop(name=name, shape=shape, place=Inside("bowl"))
            for name, shape in (
                ("orange", "orange"),
                ("second_fruit", Choice("apple", "lemon", "pear")),
                ("third_fruit", Choice("lemon", "tomato", "orange")),
            )
        ),
        _at("carton", Choice("milk_carton", "glass_bottle", "carafe"), 0.12, 0.17),
        _at("jar", Choice("jar", "tin"), 0.26, 0.20),
        _at("tin", Choice("tin", "packet", "jar"), 0.39, 0.20),
        _at("mug", Choice("mug", "cup", "glass"), -0.42, -0.16, 90.0),
        _at("vegetable", Choice("carrot", "pear", "tomato"), 0.20, -0.18, 180.0),
        _at("pot", Choice("pot", "pan"), -0.70, -0.10, 30.0, size_m=Uniform(0.24, 0.36)),
        _at("plant", Choice("potted_plant", "vase"), 0.66, 0.16, 180.0),
    ],
    sensors=[
        Camera(
            name="front",
            look_at=(0.0, 0.18, 0.98),
            distance_m=Uniform(1.6, 1.85),
            azimuth_deg=Uniform(165.0, 192.0),
            elevation_deg=Uniform(14.0, 26.0),
            fov_deg=54.0,
        ),
        Lidar(name="mast", position_m=(-1.6, 0.0, 1.5), range_noise_m=0.005, max_range_m=20.0),
    ],
    weather=Weather(
        sun_elevation_deg=Uniform(28.0, 42.0), sun_azimuth_deg=Uniform(-62.0, -35.0), cloudiness=0.42
    ),
    require=[Settled(), Kept("worktop")],
    duration_s=1.0,
    keyframe_rate_hz=2.0,
    warm_up_s=1.5,
)
"""A worktop with kettle, toaster, board and knife, a bowl of fruit and groceries; the sun comes in by the window."""
