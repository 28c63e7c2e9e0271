"""A plain level floor, for settings that are nothing but somewhere to stand."""

from __future__ import annotations

from typing import Any

from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.meshing import box
from pairforge.scenes.world import Collider, Material, Shape, ShapePart
from pairforge.seeding import Stream

THICKNESS_M = 0.2
SCREED = Material("screed", (0.34, 0.33, 0.31), pattern="concrete", roughness=0.75, lidar_reflectivity=0.35)


def _draw(stream: Stream) -> dict[str, Any]:
    return {"size_m": 20.0}


def _build(params: dict[str, Any], paint: Material | None) -> Shape:
    """A square slab of side ``size_m`` whose top is at height 0."""
    side = float(params["size_m"])
    size, centre = (side, side, THICKNESS_M), (0.0, 0.0, -THICKNESS_M / 2)
    return Shape(
        parts=(ShapePart("slab", box(size, paint or SCREED, centre), Pose.of()),),
        size_m=size,
        centre_m=centre,
        mass_kg=0.0,
        colliders=(Collider("box", Pose.of(centre), size),),
        friction=0.9,
        restitution=0.9,
    )


FLOOR = ShapeFamily(
    "floor", semantic="floor", noun="floor", draw=_draw, build=_build, stuff=True, size_key="size_m"
)
