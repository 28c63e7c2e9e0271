"""A car with the nuScenes rig on a wet street: six cameras, LiDAR, five radars, IMU, RTK and bus, with sweeps.

pairforge generate examples/rainy_rig.py:RAINY_RIG --renderer raycast --quality draft --out out/rainy_rig
"""

from dataclasses import replace

from pairforge.rigs import rig
from pairforge.scenes.conditions import RAIN
from pairforge.scenes.library.driving import STREET

RAINY_RIG = replace(
    STREET,
    name="example.rainy_rig",
    sensors=rig("nuscenes", mount="ego", scale=0.2, sweeps=True),
    weather=RAIN,
    require=[],
    duration_s=1.0,
)
