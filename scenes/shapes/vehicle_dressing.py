"""What is cut into and hung on a body: glass, lamps, grille, wheel arches, door seams, plates, mirrors."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from shapely.geometry import Polygon

from pairforge.scenes.shapes.meshing import box, combine, creased, ellipsoid, loft, mirrored, moved
from pairforge.scenes.shapes.vehicle_body import BodyPlan
from pairforge.scenes.shapes.vehicle_materials import (
    GLASS,
    GLOSS,
    PLATE,
    SEAM,
    TRIM,
    UNDERSIDE,
)
from pairforge.scenes.shapes.vehicle_shell import carve, circle, prism
from pairforge.scenes.world import Material, Mesh

SIDE = (0.0, 1.0, 0.0)
FRONT = (1.0, 0.0, 0.0)
REAR = (-1.0, 0.0, 0.0)
_WELL_DEPTH_M = 0.26


def wheel_arch(skin: Mesh, plan: BodyPlan, x: float, z: float, radius: float) -> Mesh:
    """A well for a wheel whose axle stands at (x, z)."""
    inner = plan.width / 2 - _WELL_DEPTH_M - 0.06
    region = prism("y", circle((x, z), radius), ("y>", inner))
    skin = carve(skin, region, facing=(0, 0, -1), facing_min=0.6, remove=True)
    return carve(
        skin,
        region,
        facing=(0, 0.8, -0.6),
        facing_min=0.0,
        material=UNDERSIDE,
        depth_m=_WELL_DEPTH_M,
        direction=(0, -1, 0),
    )


def cladding(skin: Mesh, plan: BodyPlan, arches: Sequence[tuple[float, float, float]], sill_z: float) -> Mesh:
    """Black plastic round the wheel arches (x, z, radius) and along the sills."""
    for x, z, radius in arches:
        skin = carve(
            skin, prism("y", circle((x, z), radius + 0.055), ("y>", 0.4)), facing=SIDE, material=TRIM
        )
    everywhere = [
        (plan.rear_x - 1, -1),
        (plan.front_x + 1, -1),
        (plan.front_x + 1, sill_z),
        (plan.rear_x - 1, sill_z),
    ]
    return carve(skin, prism("y", everywhere), material=TRIM)


def underside(skin: Mesh) -> Mesh:
    """The floor is dark, whatever the paint."""
    low = prism("y", [(-99, -1), (99, -1), (99, 9), (-99, 9)])
    return carve(skin, low, facing=(0, 0, -1), facing_min=0.85, material=UNDERSIDE)


def windscreen(cabin: Mesh, plan: BodyPlan, *, bottom: float, top: float, pillar: float = 0.075) -> Mesh:
    """Dark glass set into the front of the greenhouse between the A pillars."""
    wide, narrow = (plan.cabin_half_width(z) - pillar for z in (bottom, top))
    outline = [(-1, bottom), (wide, bottom), (narrow, top), (-1, top)]
    frame = [(-1, bottom - 0.3), (wide + 0.03, bottom - 0.3), (wide + 0.03, bottom), (-1, bottom)]
    mid = (plan.screen_base_x + plan.rear_base_x) / 2
    cabin = carve(cabin, prism("x", frame, ("x>", mid)), facing=FRONT, material=TRIM)
    return carve(
        cabin, prism("x", outline, ("x>", mid)), facing=FRONT, material=GLASS, depth_m=0.008, wall=SEAM
    )


def rear_window(cabin: Mesh, plan: BodyPlan, *, bottom: float, top: float, pillar: float = 0.12) -> Mesh:
    """Dark glass set into the back of the greenhouse."""
    wide, narrow = (plan.cabin_half_width(z) - pillar for z in (bottom, top))
    mid = (plan.screen_base_x + plan.rear_base_x) / 2
    outline = [(-1, bottom), (wide, bottom), (narrow, top), (-1, top)]
    return carve(
        cabin, prism("x", outline, ("x<", mid)), facing=REAR, material=GLASS, depth_m=0.008, wall=SEAM
    )


def side_glass(
    cabin: Mesh,
    outline: Sequence[tuple[float, float]],
    posts: Sequence[float],
    *,
    trim: Material | None = None,
) -> Mesh:
    """Side windows in one daylight opening (x, z), parted by gloss black posts at x; ``trim`` frames it."""
    if trim is not None:
        cabin = carve(cabin, prism("y", _grown(outline, 0.022)), facing=SIDE, material=trim)
    cabin = carve(
        cabin, prism("y", outline), facing=SIDE, material=GLASS, depth_m=0.01, direction=(0, -1, 0), wall=SEAM
    )
    for x in posts:
        strip = [(x - 0.035, -9), (x + 0.035, -9), (x + 0.035, 9), (x - 0.035, 9)]
        planes = np.concatenate([prism("y", strip), prism("y", outline)])
        cabin = carve(cabin, planes, facing=SIDE, material=GLOSS)
    return cabin


def seam(skin: Mesh, outline: Sequence[tuple[float, float]], width: float = 0.009) -> Mesh:
    """A thin dark line along an open polyline (x, z) on the side."""
    for (x0, z0), (x1, z1) in pairwise(outline):
        d = np.array([x1 - x0, z1 - z0])
        d /= np.linalg.norm(d)
        n = np.array([-d[1], d[0]]) * width / 2
        a, b = np.array([x0, z0]) - d * width / 2, np.array([x1, z1]) + d * width / 2
        skin = carve(skin, prism("y", [a - n, b - n, b + n, a + n], ("y>", 0.2)), facing=SIDE, material=SEAM)
    return skin


def lamp(
    skin: Mesh,
    outline: Sequence[tuple[float, float]],
    material: Material,
    *,
    front: bool,
    reach: tuple[str, float],
    depth_m: float = 0.006,
) -> Mesh:
    """A lens (y, z) wrapping round a corner of the body as far as the ``reach`` limit in x."""
    facing = (0.85, 0.5, 0.1) if front else (-0.85, 0.5, 0.1)
    return carve(
        skin,
        prism("x", outline, reach),
        facing=facing,
        facing_min=0.3,
        material=material,
        depth_m=depth_m,
        wall=SEAM,
    )


def panel(
    skin: Mesh,
    outline: Sequence[tuple[float, float]],
    material: Material,
    *,
    front: bool,
    x_limit: float,
    depth_m: float = 0.0,
) -> Mesh:
    """A region (y, z) of the front or rear face: grille, air intake, bumper insert."""
    return carve(
        skin,
        prism("x", outline, ("x>" if front else "x<", x_limit)),
        facing=FRONT if front else REAR,
        facing_min=0.25,
        material=material,
        depth_m=depth_m,
        wall=SEAM if depth_m else None,
    )


def finished(halves: Sequence[Mesh]) -> Mesh:
    """Both sides of left halves, welded along the middle, creases kept crisp."""
    return combine([creased(combine([m, mirrored(m)]), 32.0) for m in halves])


def plate(x: float, z: float, *, front: bool) -> Mesh:
    """A blank number plate with a dark frame."""
    out = 0.006 if front else -0.006
    return combine(
        [
            box((0.02, 0.54, 0.13), TRIM, (x, 0, z)),
            box((0.02, 0.52, 0.11), PLATE, (x + out, 0, z)),
        ]
    )


def mirror(x: float, y: float, z: float, paint: Material, size: float = 1.0) -> Mesh:
    """Both door mirrors; (x, y, z) is where the left one's arm leaves the body."""
    shell = ellipsoid((0.075 * size, 0.11 * size, 0.075 * size), paint, segments=12, rings=8)
    glass = box((0.008, 0.15 * size, 0.10 * size), GLASS, (-0.052 * size, 0, 0))
    arm = box((0.05, 0.12, 0.03), TRIM, (0.0, -0.09, -0.045))
    left = moved(combine([shell, glass, arm]), (x, y + 0.12, z + 0.05))
    return combine([left, mirrored(left)])


def handle(x: float, y: float, z: float, material: Material) -> Mesh:
    """A pair of door handles, one a side."""
    ring = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float64)
    rings = [
        [(x + dx, y + out + 0.010 * b, z + h * a) for a, b in ring]
        for dx, out, h in (
            (-0.09, 0.0, 0.012),
            (-0.06, 0.028, 0.014),
            (0.06, 0.028, 0.014),
            (0.09, 0.0, 0.012),
        )
    ]
    left = loft(rings, material, smooth=False)
    return combine([left, mirrored(left)])


def shrunk(outline: Sequence[tuple[float, float]], by: float) -> list[tuple[float, float]]:
    """A convex outline with a margin taken off."""
    return _grown(outline, -by)


def _grown(outline: Sequence[tuple[float, float]], by: float) -> list[tuple[float, float]]:
    grown = Polygon(outline).buffer(by, join_style="bevel")
    return [(float(x), float(z)) for x, z in grown.exterior.coords[:-1]]
