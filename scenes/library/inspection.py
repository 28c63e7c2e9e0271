"""Industrial inspection: one part in a light box, with or without a defect, under a macro camera.

twin = resolve(PLATE, seed=3, do={"part.params.defect": "none"})    # the same picture without the defect
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from pairforge.scenes.distributions import Choice, Flag, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.placement import On
from pairforge.scenes.requirements import Visible
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather
from pairforge.scenes.surfaces import Rectangle


@dataclass(frozen=True, kw_only=True)
class LightBox(Setting):
    """A bent sheet to stand parts on, luminous panels above it and, now and then, a steel rule beside the part.

    ``sheet`` and ``lights`` are names that ``pairforge.scenes.inspection.light_box`` lists; None draws them.
    """

    sheet: Value[str] | None = None
    lights: Value[str] | None = None
    rule: Value[bool] = field(default_factory=lambda: Flag(0.4))

    def expand(self, draw: Draws) -> SettingPlan:
        sheet = draw.item("sheet", "inspection_sheet", params=_given("colour", self.sheet))
        lights = draw.item("lights", "inspection_lights", params=_given("layout", self.lights))
        x, y, yaw = (draw(f"rule_{k}", v) for k, v in _RULE_PLACE.items())
        rule = draw.item("rule", "steel_rule", position_m=(x, y, 0.0), yaw=yaw)
        shown = draw("rule", self.rule)
        table = Rectangle("sheet", (0.0, 0.0, 0.0), (0.5, 0.5))
        return SettingPlan(items=(sheet, lights, *((rule,) if shown else ())), surfaces=(table,))


_RULE_PLACE = {"x_m": Uniform(-0.02, 0.02), "y_m": Uniform(-0.086, -0.078), "yaw": Uniform(-0.06, 0.06)}


def _given(name: str, value: Value[str] | None) -> dict[str, Value[str]]:
    return {} if value is None else {name: value}


CAMERA = Camera(
    name="macro",
    look_at="part",
    distance_m=Uniform(0.17, 0.25),
    azimuth_deg=Uniform(250.0, 290.0),
    elevation_deg=Uniform(42.0, 80.0),
    width_px=960,
    height_px=540,
    fov_deg=Uniform(34.0, 40.0),
)
PROFILER = Lidar(
    name="profiler",
    position_m=(0.0, 0.0, 0.30),
    beams=64,
    elevation_deg=(-90.0, -62.0),
    columns=720,
    max_range_m=1.0,
    range_noise_m=0.00002,
    dropout=0.0,
)


def inspected(name: str, shape: Value[str], *cameras: Camera) -> Scene:
    """A scene of one part of a shape, which lies square to the camera but for a few degrees."""
    return Scene(
        name=name,
        setting=LightBox(),
        props=[
            Prop(
                name="part",
                shape=shape,
                moves=False,
                place=On(
                    "sheet",
                    x_m=Uniform(-0.006, 0.006),
                    y_m=Uniform(-0.006, 0.006),
                    yaw_deg=Uniform(-14.0, 14.0),
                ),
            )
        ],
        sensors=[*(cameras or (CAMERA,)), PROFILER],
        weather=Weather(sun_elevation_deg=50.0, sun_azimuth_deg=200.0, cloudiness=1.0),
        require=[Visible("part", at_least_px=2000)],
        duration_s=1.0,
        keyframe_rate_hz=1.0,
        warm_up_s=0.1,
        captions=("short", "dense", "inspection"),
    )


PLATE = inspected("inspection.plate", "machined_plate")
"""A drilled plate with an engraved serial number."""
BRACKET = inspected("inspection.bracket", "sheet_bracket")
"""Bent sheet metal: an L or a U, with gussets, slots and a stamped part number."""
GEAR = inspected("inspection.gear", "spur_gear")
"""A spur gear."""
CASTING = inspected("inspection.casting", "cast_housing")
"""A cast housing with machined faces."""
CLOSURE = inspected("inspection.closure", "bottle_closure", replace(CAMERA, distance_m=Uniform(0.1, 0.14)))
"""A moulded bottle closure with a print."""
BOARD = inspected("inspection.board", "circuit_board")
"""A populated circuit board."""
OBLIQUE = replace(
    CAMERA,
    name="oblique",
    azimuth_deg=Uniform(200.0, 340.0),
    elevation_deg=Uniform(22.0, 40.0),
    distance_m=Uniform(0.2, 0.28),
)
PART = inspected(
    "inspection.part",
    Choice("machined_plate", "sheet_bracket", "spur_gear", "cast_housing", "circuit_board", "bottle_closure"),
    CAMERA,
    OBLIQUE,
)
"""Any of them, seen from above and at a slant."""
