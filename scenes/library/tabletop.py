"""Tabletop: things that fall, are stacked, put into vessels, bridged, hidden, seen through, bounced and slid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pairforge.scenes.distributions import Choice, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.piles import Across, Atop, Inside
from pairforge.scenes.placement import Above, InFrontOf, On
from pairforge.scenes.requirements import Hidden, Kept, Settled, Visible
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
    require=[Visible("table", at_least_px=2000), Settled(below_mps=0.05), Kept("table")],
    duration_s=2.5,
    keyframe_rate_hz=4.0,
    warm_up_s=0.1,
)
"""A table in the corner of a room, seven things let fall on it, one camera and a LiDAR."""


def _scene(name: str, *things: Prop, **changes: Any) -> Scene:
    """A scene about things on the table: settled before the first keyframe, unless ``changes`` say otherwise."""
    scene = Scene(
        name=f"tabletop.{name}",
        setting=Room(),
        props=[TABLE, *things],
        sensors=[
            Camera(
                name="front",
                look_at=(0.6, 0.6, 0.82),
                distance_m=Uniform(1.0, 1.2),
                azimuth_deg=Uniform(172.0, 205.0),
                elevation_deg=Uniform(16.0, 30.0),
                fov_deg=48.0,
            ),
            Lidar(name="mast", position_m=(-1.0, -0.6, 1.5), range_noise_m=0.005, max_range_m=20.0),
        ],
        weather=Weather(
            sun_elevation_deg=Uniform(32.0, 50.0), sun_azimuth_deg=Uniform(195.0, 255.0), cloudiness=0.2
        ),
        require=[Settled(), Kept("table")],
        duration_s=1.0,
        keyframe_rate_hz=2.0,
        warm_up_s=1.5,
    )
    return replace(scene, **changes)


def _upon(name: str, shape: Value[str], x_m: float, y_m: float, free_m: float = 0.03, **look: Any) -> Prop:
    """A thing on the table near a spot; the table's own x runs from the viewer's left to the right."""
    place = On("table", x_m=Uniform(x_m - free_m, x_m + free_m), y_m=Uniform(y_m - free_m, y_m + free_m))
    return Prop(name=name, shape=shape, place=place, **look)


def _tower(name: str, x_m: float, y_m: float, overhang_m: float, *shapes: Value[str]) -> list[Prop]:
    """Things piled on each other, each up to ``overhang_m`` off the middle of the one below."""
    props = [_upon(f"{name}_0", shapes[0], x_m, y_m)]
    for k, shape in enumerate(shapes[1:], start=1):
        off = Uniform(-overhang_m, overhang_m)
        props.append(Prop(name=f"{name}_{k}", shape=shape, place=Atop(f"{name}_{k - 1}", x_m=off, y_m=off)))
    return props


STACK = _scene(
    "stack",
    *_tower(
        "tall", -0.30, 0.10, 0.012, "book", "box", Choice("tin", "packet", "cylinder"), Choice("cup", "box")
    ),
    *_tower("leaning", 0.06, 0.05, 0.045, Choice("box", "cylinder"), "box", Choice("box", "book")),
    *_tower("pair", 0.36, 0.12, 0.01, "plate", Choice("cup", "bowl", "mug", "loaf")),
    _upon("loose", Choice("tomato", "lemon", "orange"), -0.05, -0.18),
    require=[Settled(below_mps=0.05), Kept("table")],
    warm_up_s=0.1,
    duration_s=2.0,
)
"""A tower of four that holds, one of three that may topple, and a vessel on a plate."""

SUPPORT = _scene(
    "support",
    *(
        Prop(
            name=name,
            shape="box",
            size_m=Uniform(0.11, 0.12),
            params={"height_ratio": 0.72, "width_ratio": 0.75},
            place=On("table", x_m=x_m, y_m=Uniform(-0.02, 0.02), yaw_deg=Uniform(-15.0, 15.0)),
        )
        for name, x_m in (("left_pier", -0.17), ("right_pier", 0.17))
    ),
    Prop(name="plank", shape="plank", size_m=Uniform(0.50, 0.56), place=Across("left_pier", "right_pier")),
    Prop(
        name="load", shape=Choice("cup", "mug", "tin", "jar"), place=Atop("plank", x_m=Uniform(-0.12, 0.12))
    ),
    Prop(name="under", shape=Choice("lemon", "tomato", "spoon"), place=On("table", x_m=0.0, y_m=-0.12)),
    _upon("beside", Choice("bowl", "cup", "teapot"), 0.42, -0.08),
)
"""A plank on two blocks, with something on it."""

CONTAIN = _scene(
    "contain",
    _upon("bowl", "bowl", -0.02, -0.05, size_m=Uniform(0.19, 0.23)),
    *(
        Prop(name=name, shape=shape, place=Inside("bowl"))
        for name, shape in (
            ("orange", "orange"),
            ("lemon", "lemon"),
            ("fruit", Choice("apple", "tomato", "orange")),
        )
    ),
    _upon("basket", Choice("basket", "crate"), -0.34, 0.12),
    Prop(name="bread", shape=Choice("loaf", "pear", "apple"), place=Inside("basket")),
    _upon("mug", Choice("mug", "cup", "glass"), 0.24, -0.12),
    Prop(
        name="spoon",
        shape=Choice("spoon", "fork"),
        place=Inside(
            "mug", x_m=0.004, y_m=0.0, orientation=(0.7071067811865476, 0.0, 0.7071067811865476, 0.0)
        ),
    ),
    _upon("pot", Choice("pot", "pan"), 0.33, 0.16),
    Prop(
        name="dropped",
        shape=Choice("tomato", "carrot", "lemon"),
        place=Inside("pot", height_m=Uniform(0.02, 0.1)),
    ),
)
"""Fruit in a bowl, bread in a basket, a spoon in a mug, something dropped into a pot."""

HIDE = _scene(
    "hide",
    _upon("screen", Choice("cereal_box", "toaster", "kettle", "pot"), 0.0, -0.06, free_m=0.02),
    Prop(
        name="hidden",
        shape=Choice("teapot", "cup", "vase", "jar", "loaf"),
        place=InFrontOf("screen", gap_m=Uniform(0.03, 0.10), offset_m=Uniform(-0.16, 0.16)),
    ),
    _upon("left", Choice("orange", "lemon", "pear"), -0.33, 0.0),
    _upon("right", Choice("tin", "milk_carton", "mug"), 0.34, 0.02),
    require=[Hidden("hidden", by="screen", at_least=0.3, at_most=0.8), Settled(), Kept("table")],
    max_redraws=150,
)
"""One thing partly hidden behind another from the camera: between 30 and 80 % of it."""

GLASS = _scene(
    "glass",
    _upon("carafe", "carafe", -0.20, 0.12),
    _upon("bottle", "glass_bottle", 0.20, 0.15),
    _upon("wine", "wine_glass", 0.05, -0.02),
    _upon("tumbler", "glass", -0.10, -0.10),
    _upon("jar", "jar", 0.30, -0.06),
    _upon("fruit", Choice("orange", "lemon", "tomato", "pear"), -0.30, -0.04),
    _upon("behind", Choice("tin", "packet", "teapot"), 0.0, 0.22, free_m=0.02),
)
"""Glasses, a carafe, a jar and a bottle, with things behind them to be seen through."""

BOUNCE = _scene(
    "bounce",
    *(
        Prop(
            name=f"{material}_ball",
            shape="sphere",
            material=material,
            size_m=Uniform(0.06, 0.09),
            place=Above("table", height_m=0.35, x_m=x_m, y_m=Uniform(-0.1, 0.1)),
        )
        for material, x_m in (("rubber", -0.25), ("wood", 0.0), ("metal", 0.25))
    ),
    require=[Kept("table")],
    warm_up_s=0.1,
    duration_s=1.5,
    keyframe_rate_hz=8.0,
)
"""Three balls let go at one height: the rubber one bounces highest, the metal one least."""

_SLOPE_DEG = 21.0
_C, _S = float(np.cos(np.radians(_SLOPE_DEG) / 2)), float(np.sin(np.radians(_SLOPE_DEG) / 2))
_H = 0.5**0.5
_TILT = (_C * _H, _S * _H, _S * _H, -_C * _H)
"""Tilted about its own y axis, then turned so that the slope falls from the viewer's left to the right."""

SLIDE = _scene(
    "slide",
    Prop(
        name="ramp",
        shape="plank",
        size_m=0.56,
        params={"width_ratio": 0.5},
        moves=False,
        place=Above("table", height_m=0.002, x_m=0.0, y_m=0.0, orientation=_TILT),
    ),
    *(
        Prop(
            name=f"{material}_block",
            shape="box",
            material=material,
            size_m=Uniform(0.055, 0.07),
            params={"height_ratio": 0.6, "width_ratio": 0.9},
            place=Atop("ramp", x_m=-0.20, y_m=y_m, orientation=_TILT),
        )
        for material, y_m in (("rubber", -0.08), ("wood", 0.0), ("metal", 0.08))
    ),
    require=[Kept("table")],
    warm_up_s=0.1,
    duration_s=1.0,
    keyframe_rate_hz=6.0,
)
"""Three blocks on a slope of 21 degrees: rubber grips, metal slides."""
