"""The library's street on a foggy, wet morning: a scene is a value, so take one and replace what differs.

pairforge generate examples/foggy_morning.py:FOGGY_MORNING --out out/fog --renderer raycast
Thicker still: --set weather.fog_per_m=0.06
"""

from dataclasses import replace

from pairforge.scenes.distributions import Uniform
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.requirements import Visible
from pairforge.scenes.spec import Weather

FOGGY_MORNING = replace(
    STREET,
    name="example.foggy_morning",
    weather=Weather(
        sun_elevation_deg=Uniform(8.0, 18.0),
        cloudiness=0.7,
        fog_per_m=Uniform(0.015, 0.03),  # extinction: contrast falls to 2 % after 3.9 / fog_per_m metres
        wetness=1.0,
    ),
    require=[Visible("leader", at_least_px=300, when="first")],
    duration_s=1.0,
)
