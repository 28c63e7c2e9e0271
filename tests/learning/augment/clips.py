"""Small real clips: each made once a process, by the pipeline and the fast renderer."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from pairforge.learning.augment.clip import Clip
from pairforge.pipeline import keyframes, prepare
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.library.tabletop import DROP, SUPPORT
from pairforge.scenes.library.yard import THINGS
from pairforge.scenes.placement import On
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene

LABELS = ("albedo", "amodal", "backward_flow", "flow_occluded", "material", "panoptic", "range", "scene_flow")


def small(scene: Scene, width: int, height: int, labels: tuple[str, ...] = ()) -> Scene:
    """With small cameras that have some labels, and thin sweeps."""

    def sensor(s: Camera | Lidar) -> Camera | Lidar:
        if isinstance(s, Camera):
            return replace(s, width_px=width, height_px=height, labels=labels)
        return replace(s, columns=360, beams=16)

    return replace(scene, sensors=[sensor(s) for s in scene.sensors])  # type: ignore[arg-type]


THING = Prop(name="thing", shape="box", size_m=0.5, moves=False)
ORBIT = Scene(
    name="orbit",
    setting=Empty(size_m=60.0),
    props=[
        replace(THING, name="mug", shape="mug", colour="red", place=On("floor", x_m=0.4, y_m=0.5)),
        replace(THING, name="ball", shape="sphere", colour="blue", place=On("floor", x_m=0.6, y_m=-0.5)),
    ],
    sensors=[
        Camera(name=f"cam_{side}", look_at=(0.5, 0.0, 0.2), distance_m=3.0, azimuth_deg=azimuth, elevation_deg=15.0,
               fov_deg=45.0, width_px=96, height_px=72)
        for side, azimuth in (("left", 165.0), ("right", 195.0))
    ],
    duration_s=1.0,
    keyframe_rate_hz=2.0,
    languages=("en", "de", "es", "zh"),
)  # fmt: skip
"""A red mug to the left of a blue ball, seen by a left and a right camera; nothing moves."""


@cache
def clip(name: str) -> Clip:
    """ "yard" (one keyframe), "table" (settled, two, labelled), "drop" (things fall; four), "street" (one),
    "orbit"."""
    scene, index = {
        "yard": (THINGS, 1),
        "table": (small(replace(SUPPORT, languages=("en", "de", "es", "zh")), 160, 120, LABELS), 0),
        "drop": (small(replace(DROP, duration_s=1.0), 160, 120), 0),
        "street": (small(replace(STREET, duration_s=0.5), 240, 135), 0),
        "orbit": (ORBIT, 0),
    }[name]  # fmt: skip
    ready = prepare(scene, 11, index)
    return Clip(ready.record, tuple(keyframes(ready, RaycastRenderer(), "draft")))


def one(name: str, k: int = -1) -> Clip:
    """A single keyframe of a clip."""
    whole = clip(name)
    return Clip(whole.record, whole.frames[k : k + 1 or None])
