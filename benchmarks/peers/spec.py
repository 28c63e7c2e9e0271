"""The peers' scene as a pairforge spec: ``scene.json`` and nothing else.

The camera rides on a box no larger than a fist that follows the path, and looks past it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from pairforge.frames import Pose
from pairforge.scenes.draws import Draws
from pairforge.scenes.placement import Exactly
from pairforge.scenes.policies import Replay
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.spec import Actor, Behaviour, Camera, Lidar, Prop, Scene, Weather
from pairforge.scenes.surfaces import Rectangle

SCENE: dict[str, Any] = json.loads(Path(__file__).with_name("scene.json").read_text())
WARM_UP_S = 1.0
CARRIER, CAMERA = "carrier", "camera"
AHEAD_M = 0.3
"""The camera looks on from so far before its carrier, which it never sees."""


@dataclass(frozen=True, kw_only=True)
class Yard(Setting):
    """The ground of ``scene.json``."""

    def expand(self, draw: Draws) -> SettingPlan:
        ground = SCENE["ground"]
        look = {key: ground[key] for key in ("colour", "material", "size_m")}
        item = draw.item(ground["name"], "floor", **look)
        size_m = (ground["size_m"], ground["size_m"])
        return SettingPlan(items=(item,), surfaces=(Rectangle(ground["name"], (0.0, 0.0, 0.0), size_m),))


def things() -> list[Prop]:
    """The sixty things, bolted down where they stand."""
    return [_thing(**thing) for thing in SCENE["things"]]


def _thing(
    name: str,
    kind: str,
    extent_m: list[float],
    position_m: list[float],
    yaw_deg: float,
    colour: str,
    material: str,
) -> Prop:
    x, y, z = extent_m
    turned = Pose.of(yaw=yaw_deg * 0.017453292519943295)
    return Prop(
        name=name,
        shape=kind,
        extent_m=(x, y, z),
        colour=colour,
        material=material,
        moves=False,
        place=Exactly(tuple(position_m), tuple(float(v) for v in turned.quaternion_wxyz)),  # type: ignore[arg-type]
    )


def carrier() -> Actor:
    """What takes the camera along the path, one row a keyframe."""
    camera = SCENE["camera"]
    period_ns = round(1e9 / camera["rate_hz"])
    rows = []
    for k, stop in enumerate(camera["path"]):
        x, y, z = stop["position_m"]
        q = Pose.of(yaw=stop["yaw_deg"] * 0.017453292519943295).quaternion_wxyz
        rows.append((round(WARM_UP_S * 1e9) + k * period_ns, x, y, z, *(float(v) for v in q)))
    assert all(a[0] < b[0] for a, b in pairwise(rows))
    return Actor(
        name=CARRIER,
        shape="box",
        extent_m=(0.1, 0.1, 0.1),
        colour="black",
        material="paper",
        place=Exactly(rows[0][1:4], rows[0][4:]),  # type: ignore[arg-type]
        behaviour=Behaviour(kind="replay", policy=Replay(tuple(rows))),
    )


def scene(frames: int, lidar: bool = False, captions: bool = False) -> Scene:
    """The scene seen ``frames`` times along its path."""
    camera = SCENE["camera"]
    sensors: list[Camera | Lidar] = [
        Camera(
            name=CAMERA,
            mount=CARRIER,
            position_m=(AHEAD_M, 0.0, 0.0),
            pitch_deg=camera["path"][0]["pitch_deg"],
            width_px=camera["width_px"],
            height_px=camera["height_px"],
            fov_deg=camera["fov_deg"],
        )
    ]
    if lidar:
        sensors.append(Lidar(name="lidar", mount=CARRIER, position_m=(AHEAD_M, 0.0, 0.2)))
    sun = SCENE["sun"]
    return Scene(
        name="peers.yard",
        setting=Yard(),
        props=things(),
        actors=[carrier()],
        sensors=sensors,
        weather=Weather(
            sun_elevation_deg=sun["elevation_deg"],
            sun_azimuth_deg=sun["azimuth_deg"],
            cloudiness=sun["cloudiness"],
        ),
        duration_s=frames / camera["rate_hz"],
        keyframe_rate_hz=camera["rate_hz"],
        warm_up_s=WARM_UP_S,
        captions=("short", "dense") if captions else (),
    )


LABELS = scene(4)
EVERYTHING = scene(4, lidar=True, captions=True)
