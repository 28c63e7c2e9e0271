"""A setting of one's own: a courtyard of hedges, in ten lines.

pairforge generate examples/courtyard.py:COURTYARD --out out/courtyard --renderer raycast
"""

from dataclasses import dataclass

from pairforge.scenes.distributions import Choice, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.placement import On
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene
from pairforge.scenes.surfaces import Rectangle


@dataclass(frozen=True, kw_only=True)
class Courtyard(Setting):
    """A square floor with a hedge along its far side and a tree in each far corner."""

    size_m: Value[float] = 9.0

    def expand(self, draw: Draws) -> SettingPlan:
        size_m = draw("size_m", self.size_m)  # the named draw "setting.size_m": --set and do reach it
        floor = draw.item("ground", "floor", size_m=3 * size_m)
        country = draw.item("horizon", "horizon")
        hedge = draw.item(
            "hedge", "hedge", position_m=(size_m / 2, 0.0, 0.0), yaw=1.5708, params={"length_m": size_m}
        )
        trees = [
            draw.item(f"tree_{k}", "tree", position_m=(0.6 * size_m, y * size_m, 0.0))
            for k, y in enumerate((-0.45, 0.45))
        ]
        return SettingPlan(
            items=(country, floor, hedge, *trees),
            surfaces=(Rectangle("court", (0.0, 0.0, 0.0), (size_m - 1.5, size_m - 1.5)),),
        )


COURTYARD = Scene(
    name="example.courtyard",
    setting=Courtyard(size_m=Uniform(8.0, 10.0)),
    props=[
        Prop(
            name="bench",
            shape="bench",
            place=On("court", x_m=2.0, y_m=Uniform(-1.0, 1.0), yaw_deg=180.0),
            moves=False,
        ),
        Prop(
            name="ball",
            shape="sphere",
            colour=Choice("red", "blue", "yellow"),
            material="rubber",
            size_m=Uniform(0.3, 0.6),
            count=4,
            place=On("court"),
        ),
    ],
    sensors=[
        Camera(name="gate", position_m=(-5.5, 0.0, 1.6), pitch_deg=-6.0, fov_deg=75.0),
        Lidar(name="mast", position_m=(-4.0, 1.0, 1.5), max_range_m=40.0),
    ],
    duration_s=1.0,
    keyframe_rate_hz=2.0,
    warm_up_s=0.5,
)
