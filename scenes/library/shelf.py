"""Shelves: a bookcase, and a store's shelf of goods, in rows from left to right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pairforge.scenes.distributions import Choice, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.piles import Atop, InRow
from pairforge.scenes.placement import On
from pairforge.scenes.requirements import Settled
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.shapes.furniture import BOARD_M, CASES, SIDE_M
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather
from pairforge.scenes.surfaces import Rectangle

FOOT_M = 0.055
"""Height of the plinth, on which the lowest shelf lies."""


@dataclass(frozen=True, kw_only=True)
class Bookcase(Setting):
    """A case against the wall at +x of a room, its front towards -x, with ``shelves`` boards.

    Surfaces: "shelf_0", the lowest, to "shelf_<n - 1>"; "top" of the case; "floor". The x of a shelf points to its
    front, its y to the viewer's right.
    """

    shelves: Value[int] = 4
    width_m: Value[float] = field(default_factory=lambda: Uniform(0.92, 1.0))
    height_m: Value[float] = field(default_factory=lambda: Uniform(1.34, 1.44))
    depth_m: Value[float] = field(default_factory=lambda: Uniform(0.33, 0.36))
    timber: Value[str] = field(default_factory=lambda: Choice(*sorted(CASES)))

    def expand(self, draw: Draws) -> SettingPlan:
        count = int(draw("shelves", self.shelves))
        width, height = draw("width_m", self.width_m), draw("height_m", self.height_m)
        depth, timber = draw("depth_m", self.depth_m), draw("timber", self.timber)
        x = 2.5 - depth / 2 - 0.012
        look = {"depth_m": depth, "timber": timber}
        room = draw.item("room", "room", size_m=5.0)
        case = draw.item(
            "case",
            "bookcase",
            position_m=(x, 0.0, 0.0),
            yaw=np.pi,
            size_m=height,
            params=look | {"width_m": width},
        )
        inner = (depth - 0.024, width - 2 * SIDE_M - 0.002)
        boards, surfaces = [], [Rectangle("floor", (0.0, 0.0, 0.0), (5.0, 5.0))]
        pitch = (height - FOOT_M) / count
        for k in range(count):
            low = FOOT_M + k * pitch
            board = draw.item(
                f"board_{k}",
                "shelf_board",
                position_m=(x - 0.004, 0.0, low),
                yaw=np.pi,
                size_m=inner[1],
                params={"depth_m": inner[0], "timber": timber},
            )
            boards.append(board)
            surfaces.append(Rectangle(f"shelf_{k}", (x - 0.004, 0.0, low + BOARD_M), inner, np.pi))
        surfaces.append(Rectangle("top", (x, 0.0, height + BOARD_M), (depth, width), np.pi))
        return SettingPlan(items=(room, case, *boards), surfaces=tuple(surfaces))


def row(
    shelf: str,
    shapes: Sequence[Value[str]],
    name: str,
    *,
    start_m: float = 0.01,
    gap_m: Value[float] = 0.004,
    inset_m: Value[float] = 0.02,
    yaw_deg: Value[float] = 0.0,
) -> list[Prop]:
    """Things side by side along a shelf, the first ``start_m`` from its left end."""
    made: list[Prop] = []
    for k, shape in enumerate(shapes):
        after = f"{name}_{k - 1}" if k else None
        place = InRow(shelf, after=after, gap_m=gap_m if k else start_m, inset_m=inset_m, yaw_deg=yaw_deg)
        made.append(Prop(name=f"{name}_{k}", shape=shape, place=place))
    return made


_TIGHT, _LOOSE = Uniform(0.0025, 0.006), Uniform(0.012, 0.05)
_BOOK = "standing_book"
_SENSORS = (
    Camera(
        name="front",
        look_at=(2.3, 0.0, 0.74),
        distance_m=Uniform(2.05, 2.3),
        azimuth_deg=Uniform(166.0, 194.0),
        elevation_deg=Uniform(2.0, 12.0),
        fov_deg=58.0,
    ),
    Lidar(name="mast", position_m=(0.0, -0.6, 1.3), range_noise_m=0.005, max_range_m=20.0),
)
_LIGHT = Weather(
    sun_elevation_deg=Uniform(24.0, 36.0), sun_azimuth_deg=Uniform(198.0, 228.0), cloudiness=0.25
)


def _after(name: str, last: str, shelf: str, shape: Value[str], gap_m: Value[float]) -> Prop:
    return Prop(
        name=name,
        shape=shape,
        place=InRow(shelf, after=last, gap_m=gap_m, inset_m=0.04, yaw_deg=Uniform(-20.0, 20.0)),
    )


BOOKS = Scene(
    name="shelf.books",
    setting=Bookcase(),
    props=[
        *row("shelf_3", [_BOOK] * 7, "upper", gap_m=_TIGHT, inset_m=Uniform(0.015, 0.03)),
        _after("plant", "upper_6", "shelf_3", Choice("potted_plant", "vase", "clock"), Uniform(0.08, 0.15)),
        *row("shelf_2", [_BOOK] * 5, "left", gap_m=_TIGHT, inset_m=Uniform(0.015, 0.03)),
        _after(
            "ornament", "left_4", "shelf_2", Choice("clock", "picture_frame", "vase"), Uniform(0.04, 0.08)
        ),
        _after(
            "picture", "ornament", "shelf_2", Choice("picture_frame", "vase", "basket"), Uniform(0.03, 0.06)
        ),
        *row("shelf_1", [_BOOK] * 9, "lower", start_m=0.2, gap_m=_TIGHT, inset_m=Uniform(0.015, 0.03)),
        Prop(
            name="basket",
            shape=Choice("basket", "crate"),
            place=On("shelf_0", x_m=0.0, y_m=-0.25, yaw_deg=0.0),
        ),
        Prop(
            name="flat", shape="book", place=On("shelf_0", x_m=0.02, y_m=0.22, yaw_deg=Uniform(-100.0, -80.0))
        ),
        Prop(name="on_flat", shape="book", place=Atop("flat", yaw_deg=Uniform(-12.0, 12.0))),
    ],
    sensors=_SENSORS,
    weather=_LIGHT,
    require=[Settled()],
    duration_s=1.0,
    keyframe_rate_hz=2.0,
    warm_up_s=1.0,
)
"""A bookcase: rows of upright books, some lying, a plant, a clock, a picture, a basket."""

GOODS = replace(
    BOOKS,
    name="shelf.goods",
    setting=Bookcase(timber="white", width_m=1.0, height_m=Uniform(1.45, 1.55)),
    props=[
        *row("shelf_3", ["cereal_box"] * 2, "cereal", start_m=0.03, gap_m=_LOOSE, yaw_deg=Uniform(-6.0, 6.0)),
        _after("milk", "cereal_1", "shelf_3", "milk_carton", _LOOSE),
        _after("bottle", "milk", "shelf_3", "glass_bottle", _LOOSE),
        *row("shelf_2", ["tin"] * 4, "tins", start_m=0.03, gap_m=_LOOSE, yaw_deg=Uniform(-25.0, 25.0)),
        _after("jar", "tins_3", "shelf_2", "jar", Uniform(0.03, 0.08)),
        _after("second_jar", "jar", "shelf_2", "jar", _LOOSE),
        *row("shelf_1", ["packet"] * 3, "packets", start_m=0.04, gap_m=_LOOSE, yaw_deg=Uniform(-8.0, 8.0)),
        _after("loaf", "packets_2", "shelf_1", Choice("carafe", "can", "teapot"), Uniform(0.02, 0.04)),
        *(
            replace(p, size_m=0.25)
            for p in row("shelf_0", ["basket", "pot"], "low", start_m=0.03, gap_m=_LOOSE)
        ),
        _after("last", "low_1", "shelf_0", Choice("bottle", "can", "bowl"), _LOOSE),
    ],
)
"""A store's shelf: boxes with printed fronts, tins, jars, bottles, packets, with gaps between."""
