"""The painted skin of a vehicle: a lower body lofted along x and a greenhouse lofted upwards, left half only.

Frame: x forward from the rear axle, y left, z up from the ground. The right half is the mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from pairforge.scenes.shapes.meshing import grid, rounded
from pairforge.scenes.world import Material, Mesh

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class BodyPlan:
    """The lines of a body, metres. ``deck`` are (x, z) points of the lower body's top from rear to front; the
    greenhouse stands on it from ``rear_base_x`` to ``screen_base_x`` at ``belt_z`` and has its roof edge between
    ``roof_rear_x`` and ``roof_front_x``."""

    rear_x: float
    front_x: float
    width: float
    height: float
    clearance: float
    deck: tuple[tuple[float, float], ...]
    belt_z: float
    screen_base_x: float
    roof_front_x: float
    roof_rear_x: float
    rear_base_x: float
    cabin_inset: float = 0.07
    tumblehome: float = 0.13
    roof_round: float = 0.10
    roof_crown: float = 0.035
    roof_arc: float = 0.05
    nose_taper: float = 0.20
    tail_taper: float = 0.10
    nose_retreat: float = 0.10
    tail_retreat: float = 0.06
    nose_round: float = 0.10
    taper_m: float = 0.75
    corner: float = 0.17
    screen_bow: float = 0.12
    rear_bow: float = 0.06
    shoulder: float = 0.91

    @cached_property
    def deck_z(self) -> PchipInterpolator:
        """The deck's height over x."""
        return PchipInterpolator(*np.asarray(self.deck).T)

    @property
    def roof_edge_z(self) -> float:
        """Where the sides of the greenhouse end and the roof's rounding starts."""
        return self.height - self.roof_crown - self.roof_round

    def screen_x(self, z: float) -> float:
        """The windscreen's x on the centre line at a height."""
        t = (z - self.belt_z) / (self.roof_edge_z - self.belt_z)
        return self.screen_base_x + (self.roof_front_x - self.screen_base_x) * t

    def rear_glass_x(self, z: float) -> float:
        """The rear window's x on the centre line at a height."""
        t = (z - self.belt_z) / (self.roof_edge_z - self.belt_z)
        return self.rear_base_x + (self.roof_rear_x - self.rear_base_x) * t

    def cabin_half_width(self, z: float) -> float:
        """The greenhouse's half width at a height, slightly barrelled."""
        t = (z - self.belt_z) / (self.roof_edge_z - self.belt_z)
        return self.width / 2 - self.cabin_inset - self.tumblehome * (0.75 * t + 0.25 * t * abs(t))


def lower_body(plan: BodyPlan, paint: Material) -> Mesh:
    """The left half of the body below the windows, from the underside's middle to the hood's middle."""
    stations = _stations(plan)
    points = np.stack([_section(plan, x) for x in stations])
    points = _ends(plan, points)
    # Rows run forward, columns from the bottom over the left side to the top: row x column points inward.
    return grid(points[::-1], paint)


def greenhouse(plan: BodyPlan, paint: Material) -> Mesh:
    """The left half of the cabin above the belt: windscreen, sides, rear and roof as one skin."""
    z0, z1 = plan.belt_z - 0.14, plan.roof_edge_z
    rings = [
        _ring(plan, plan.rear_glass_x(z), plan.screen_x(z), plan.cabin_half_width(z), z)
        for z in np.linspace(z0, z1, 4)
    ]
    top = plan.cabin_half_width(z1)
    slope_f = (plan.roof_front_x - plan.screen_base_x) / (z1 - plan.belt_z)
    slope_r = (plan.roof_rear_x - plan.rear_base_x) / (z1 - plan.belt_z)
    r = plan.roof_round
    for a in np.linspace(0, np.pi / 2, 5)[1:]:
        up, inward = r * np.sin(a), 1 - np.cos(a)
        xf = plan.roof_front_x + slope_f * up * (1 + 0.6 * inward) - r * inward * 0.6
        xr = plan.roof_rear_x + slope_r * up * (1 + 0.6 * inward) + r * inward * 0.5
        rings.append(_ring(plan, xr, xf, top - r * 1.1 * inward, z1 + up))
    last = rings[-1]
    for f in (0.8, 0.55, 0.28, 0.0):
        ring = last.copy()
        ring[:, 1] *= f
        ring[:, 2] += plan.roof_crown * (1 - f**2)
        rings.append(ring)
    points = np.stack(rings)
    centre = (points[..., 0].max() + points[..., 0].min()) / 2
    half = (points[..., 0].max() - points[..., 0].min()) / 2
    high = np.clip((points[..., 2] - (z1 - 0.1)) / (plan.height - z1 + 0.1), 0, 1)
    points[..., 2] -= plan.roof_arc * high * ((points[..., 0] - centre) / half) ** 2
    return grid(points, paint)


def _stations(plan: BodyPlan) -> F64:
    length = plan.front_x - plan.rear_x
    r = plan.nose_round
    end = r * (1 - np.cos(np.linspace(0, np.pi / 2, 5)))
    near = r + np.array([0.10, 0.25, 0.45])
    middle = np.linspace(0.62 + r, length - 0.62 - r, max(int((length - 1.24) / 0.3), 3))
    offsets = np.concatenate([end, near, middle, length - near[::-1], length - end[::-1]])
    stations: F64 = plan.rear_x + np.unique(offsets[(offsets >= 0) & (offsets <= length)])
    return stations


def _top(plan: BodyPlan, x: float) -> float:
    return float(plan.deck_z(np.clip(x, plan.deck[0][0], plan.deck[-1][0])))


def _section(plan: BodyPlan, x: float) -> F64:
    """Half cross-section (N, 3) from (0, bottom) outward and up to (0, top)."""
    taper = _taper(plan.front_x - x, plan.taper_m) * plan.nose_taper
    taper += _taper(x - plan.rear_x, plan.taper_m) * plan.tail_taper
    w = plan.width / 2 * (1 - taper)
    lift = 0.07 * (_taper(plan.front_x - x, 0.8) + _taper(x - plan.rear_x, 0.8))
    bottom, top = plan.clearance + lift, _top(plan, x)
    tuck = 0.0
    for distance in (plan.front_x - x, x - plan.rear_x):
        if distance < plan.nose_round:
            tuck = 1 - np.sqrt(max(0.0, 1 - (1 - distance / plan.nose_round) ** 2))
    w -= 0.9 * plan.nose_round * tuck
    bottom += 0.6 * plan.nose_round * tuck
    top -= 0.8 * plan.nose_round * tuck
    h = top - bottom
    control = np.array(
        [
            (0.0, bottom),
            (0.55 * w, bottom),
            (0.93 * w, bottom),
            (0.985 * w, bottom + 0.16 * h),
            (w, bottom + 0.52 * h),
            (0.985 * w, bottom + 0.78 * h),
            (plan.shoulder * w, top - 0.012),
            (0.6 * w, top + 0.012),
            (0.3 * w, top + 0.028),
            (0.0, top + 0.032),
        ]
    )
    yz = rounded(control, [0, 0.1, 0.07, 0.1, 0.15, 0.08, 0.09, 0.1, 0.1, 0], steps=2, closed=False)
    section: F64 = np.column_stack([np.full(len(yz), x), yz])
    return section


def _taper(distance: float, over: float) -> float:
    """1 at an end, smoothly 0 ``over`` metres away."""
    return float(np.clip(1 - distance / over, 0, 1) ** 2.2)


def _ends(plan: BodyPlan, points: F64) -> F64:
    """Close both ends and lean them back above the bumpers."""
    rear, front = points[0].copy(), points[-1].copy()
    for ring in (rear, front):
        ring[:, 1] = 0.0
    out = np.concatenate([rear[None], points, front[None]])
    z = np.clip((out[..., 2] - 0.42) / 0.5, -0.3, 1.2)
    lean = np.where(z > 0, z**2, 0.35 * z**2)
    fore = np.clip(1 - (plan.front_x - out[..., 0]) / 0.6, 0, 1) ** 1.5
    aft = np.clip(1 - (out[..., 0] - plan.rear_x) / 0.5, 0, 1) ** 1.5
    out[..., 0] += aft * lean * plan.tail_retreat - fore * lean * plan.nose_retreat
    closed: F64 = out
    return closed


def _ring(plan: BodyPlan, xr: float, xf: float, half: float, z: float) -> F64:
    """Half plan outline (N, 3) of the greenhouse from the rear's middle round the left side to the front's."""
    c = min(plan.corner, 0.45 * half)
    corner = rounded([(xr, 0.0), (xr, half), (xf, half), (xf, 0.0)], [0, c, c, 0], steps=4, closed=False)
    rear, front = corner[1:6], corner[6:11]
    side_x = np.linspace(rear[-1, 0], front[0, 0], 7)[1:-1]
    side = np.column_stack([side_x, np.full(5, half)])
    across = np.linspace(0, half - c, 5)[:-1]
    outline = np.concatenate(
        [
            np.column_stack([np.full(4, xr), across]),
            rear,
            side,
            front,
            np.column_stack([np.full(4, xf), across[::-1]]),
        ]
    )
    y = outline[:, 1] / half
    mid = (xr + xf) / 2
    outline[:, 0] += np.where(outline[:, 0] > mid, -plan.screen_bow, plan.rear_bow) * y**2
    along = (outline[:, 0] - mid) / max(xf - mid, 1e-6)
    outline[:, 1] *= 1 - 0.05 * along**2
    ring: F64 = np.column_stack([outline, np.full(len(outline), z)])
    return ring
