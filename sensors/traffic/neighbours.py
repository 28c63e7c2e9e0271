"""What an actor could run into: footprints of everything near, and what of it stands in the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64, I64, Pose
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import Instance, World
from pairforge.sensors.traffic.route import Route


@dataclass(frozen=True)
class Obstacle:
    """What is in the way: ``gap_m`` to it, its speed along the route, and the left offsets it covers.

    ``soon`` is False for somebody who only comes into the way later than ``FORESIGHT_S``: no cause for alarm yet."""

    gap_m: float
    speed_mps: float
    right_m: float
    left_m: float
    soon: bool = True


@dataclass(frozen=True)
class _Crosser:
    """Somebody who keeps to a lane, as seen from a route: their speed, and its parts along the route and across; the
    length and the offsets of the route that they cover."""

    speed_mps: float
    along_mps: float
    across_mps: float
    length_m: float
    right_m: float
    left_m: float

    @staticmethod
    def of(velocity: F64, tangent: F64, s: F64, d: F64) -> _Crosser:
        (vx, vy), (x, y) = velocity.tolist(), tangent.tolist()
        speed, right, left = float(np.hypot(vx, vy)), float(d.min()), float(d.max())
        return _Crosser(speed, vx * x + vy * y, x * vy - y * vx, float(s.max() - s.min()), right, left)

    def passes(self, lateral_m: float, half_width_m: float, comes_s: float, waiting: bool) -> bool:
        """Whether they are out of the corridor before we come, in ``comes_s``, or we wait for them anyway."""
        across = abs(self.across_mps)
        extent = self.length_m + (self.left_m - self.right_m) + 2.0
        crosses = self.speed_mps > 1.0 and self.along_mps < 0.5 * self.speed_mps
        if crosses and (waiting or extent / max(self.speed_mps, 1.0) < comes_s + 0.3):
            return True
        if self.across_mps > 0.0:
            out = lateral_m + half_width_m - self.right_m
        else:
            out = self.left_m - lateral_m + half_width_m
        leaves = across > 1.0 and across > abs(self.along_mps)
        return leaves and out / max(across, 1.0) + 0.5 < comes_s


FORESIGHT_S = 1.2
"""Who crosses counts where they will be this much later; drivers, whose stops take longer, look further ahead."""
CLEAR = Obstacle(float("inf"), 0.0, 0.0, 0.0)


class Neighbours:
    """Footprints of everything an actor could run into, by instance.

    Level rectangles with a velocity: things of boxed classes and all that moves; buildings, trees and the like stand
    clear of routes.
    """

    def __init__(self, world: World) -> None:
        near = [i for i in world.instances if i.moves or _may_stand_in_the_way(i)]
        self._row = {i.instance_id: row for row, i in enumerate(near)}
        self._local = np.array([_corners(*i.bulk) for i in near]).reshape(-1, 5, 2)
        self.footprints = np.zeros_like(self._local)
        self._centres = np.zeros((2, len(near)))
        self._radii = np.linalg.norm(self._local - self._local[:, 4:], axis=2).max(axis=1, initial=0.0)
        self.velocities = np.zeros((len(near), 2))
        self._speeds = np.zeros(len(near))
        self.ids = np.array([i.instance_id for i in near], dtype=np.int64)
        self.steady = np.zeros(len(near), dtype=np.bool_)
        """Who keeps to known lanes and rules: they count where they are, and not where they might drift to."""
        ids, poses = [i.instance_id for i in near], [_planar(i.world_from_body) for i in near]
        self.move(ids, poses, [(0.0, 0.0, 0.0)] * len(near))

    def move(
        self,
        instance_ids: Sequence[int],
        planar: Sequence[tuple[float, float, float]],
        velocities: Sequence[tuple[float, ...]],
    ) -> None:
        """Puts instances at (x, y, yaw) each, with their velocities in the world."""
        rows = [self._row[instance_id] for instance_id in instance_ids]
        if not rows:
            return
        x, y, yaw = np.array(planar)[:, :, None].transpose(1, 0, 2)
        c, s = np.cos(yaw), np.sin(yaw)
        local = self._local[rows]
        self.footprints[rows, :, 0] = x + c * local[..., 0] - s * local[..., 1]
        self.footprints[rows, :, 1] = y + s * local[..., 0] + c * local[..., 1]
        self._centres[:, rows] = self.footprints[rows, 4].T
        self.velocities[rows] = np.array(velocities)[:, :2]
        self._speeds[rows] = np.hypot(*self.velocities[rows].T)

    def outline(self, instance: Instance) -> F64:
        """Four corners and the centre (5, 2) of an instance's footprint: front left, rear left, rear right, front
        right. What is no neighbour stands where it was built."""
        row = self._row.get(instance.instance_id)
        if row is not None:
            return np.asarray(self.footprints[row], dtype=np.float64)
        local = np.pad(_corners(*instance.bulk), ((0, 0), (0, 1)))
        return np.asarray(instance.world_from_body.points(local)[:, :2], dtype=np.float64)

    def velocity(self, instance: Instance) -> F64:
        """(2,) m/s of an instance; zero for what is no neighbour."""
        row = self._row.get(instance.instance_id)
        return np.zeros(2) if row is None else np.asarray(self.velocities[row], dtype=np.float64)

    def keeps_lane(self, instance_id: int, steady: bool = True) -> None:
        """Notes whether somebody drives by lanes and rules that all know."""
        self.steady[self._row[instance_id]] = steady

    def sides(
        self,
        instance_id: int,
        route: Route,
        s: float,
        half_band_m: float,
        reach_m: tuple[float, float],
        joining: frozenset[int] = frozenset(),
    ) -> tuple[tuple[int, float, float] | None, tuple[int, float, float] | None]:
        """Who is next ahead of and next behind ``s`` on another lane's ``route``: (instance id, s of its rear or
        front, speed along), within ``reach_m`` (ahead, behind).

        Whoever reaches within ``half_band_m`` of the route counts, and whoever is ``joining`` it.
        """
        near = np.flatnonzero(
            (
                np.hypot(*(self.footprints[:, 4] - self.footprints[self._row[instance_id], 4]).T)
                < max(reach_m) + 8.0
            )
            & (self.ids != instance_id)
        )
        if not len(near):
            return None, None
        window = route.between(s - reach_m[1] - 10.0, s + reach_m[0] + 10.0)
        at, d, tangents = route.nearest(self.footprints[near].reshape(-1, 2), *window)
        at, d, along = at.reshape(-1, 5), d.reshape(-1, 5), tangents[4::5]
        there = (d.min(axis=1) < half_band_m) & (d.max(axis=1) > -half_band_m)
        there |= np.isin(self.ids[near], sorted(joining)) & (np.abs(d[:, 4]) < 6.0)
        speeds = (self.velocities[near] * along).sum(axis=1)
        front = np.where(there & (at[:, 4] >= s), at.min(axis=1), np.inf)
        back = np.where(there & (at[:, 4] < s), at.max(axis=1), -np.inf)
        k, m = int(front.argmin()), int(back.argmax())
        ahead = (
            (int(self.ids[near[k]]), float(front[k]), float(speeds[k])) if front[k] - s < reach_m[0] else None
        )
        behind = (
            (int(self.ids[near[m]]), float(back[m]), float(speeds[m])) if s - back[m] < reach_m[1] else None
        )
        return ahead, behind

    def ahead(
        self,
        instance_id: int,
        route: Route,
        from_s: float,
        half_width_m: float,
        reach_m: float,
        lateral_m: float = 0.0,
        foresight_s: float = FORESIGHT_S,
        waiting: bool = False,
    ) -> Obstacle:
        """The nearest other footprint in the corridor ahead, ``lateral_m`` left of the route; CLEAR when there is
        none within ``reach_m``. Who is ``waiting`` for those who cross need not also brake for them."""
        row = self._row[instance_id]
        near = self._near(row, route.tangent(from_s), reach_m)
        if not len(near):
            return CLEAR
        segments = route.between(from_s - 10.0, from_s + reach_m + 10.0)
        near = self._beside(near, route, segments, abs(lateral_m) + half_width_m, foresight_s)
        if not len(near):
            return CLEAR
        s, d, tangents = route.nearest(self.footprints[near].reshape(-1, 2), *segments)
        s, d, along = s.reshape(-1, 5), d.reshape(-1, 5), tangents[4::5]
        v = self.velocities[near]
        # What crosses counts where it soon will be.
        across = along[:, 0] * v[:, 1] - along[:, 1] * v[:, 0]
        drift = np.where(self.steady[near], 0.0, foresight_s * across)
        low, high = d.min(axis=1), d.max(axis=1)
        right, left = low + np.minimum(drift, 0.0), high + np.maximum(drift, 0.0)
        beside = (right < lateral_m + half_width_m) & (left > lateral_m - half_width_m)
        own_mps = max(float(np.hypot(*self.velocities[row])), 1.0)
        first, gap = -1, math.inf
        for k in np.flatnonzero(beside & (s[:, 4] > from_s)).tolist():
            gap_k = float(s[k].min()) - from_s
            if gap_k < gap and not (
                self.steady[near[k]]
                and _Crosser.of(v[k], along[k], s[k], d[k]).passes(
                    lateral_m, half_width_m, gap_k / own_mps, waiting
                )
            ):
                first, gap = k, gap_k
        if gap > reach_m:
            return CLEAR
        speed = float(v[first] @ along[first])
        gap = max(gap, 0.0)
        # Who comes only once we have gone by, 5 m of ourselves included, is not in our way.
        shift = (
            0.0
            if self.steady[near[first]]
            else min(FORESIGHT_S, (gap + 5.0) / own_mps) * float(across[first])
        )
        nearest_right = float(low[first]) + min(shift, 0.0)
        nearest_left = float(high[first]) + max(shift, 0.0)
        soon = nearest_right < lateral_m + half_width_m and nearest_left > lateral_m - half_width_m
        return Obstacle(gap, max(speed, 0.0), float(right[first]), float(left[first]), soon)

    def _near(self, row: int, ahead: F64, reach_m: float) -> I64:
        """Rows of all others that are near and not behind; 8 m allow for half the length of a lorry."""
        x, y = self._centres
        dx, dy = x - x[row], y - y[row]
        maybe = (dx * dx + dy * dy < (reach_m + 8.0) ** 2) & (dx * ahead[0] + dy * ahead[1] > -8.0)
        maybe[row] = False
        return np.flatnonzero(maybe)

    def _beside(
        self, rows: I64, route: Route, segments: tuple[int, int], aside_m: float, foresight_s: float
    ) -> I64:
        """Those of ``rows`` that may come within ``aside_m`` of some segments of the route in ``foresight_s``."""
        drift = np.where(self.steady[rows], 0.0, foresight_s * self._speeds[rows])
        clear = route.clear_of(self.footprints[rows, 4], *segments, self._radii[rows] + aside_m + drift)
        return rows if clear is None else rows[~clear]


def _may_stand_in_the_way(instance: Instance) -> bool:
    """Traffic lights stand beside routes, and only their arms reach over them."""
    kind = CLASSES[instance.semantic_id]
    return kind.boxed and kind.name != "traffic_light"


def _corners(size_m: tuple[float, float, float], centre_m: tuple[float, float, float]) -> F64:
    """Four corners and the centre (5, 2) of a footprint in the body frame."""
    x, y = size_m[0] / 2, size_m[1] / 2
    around = np.array([[x, y], [-x, y], [-x, -y], [x, -y], [0.0, 0.0]])
    return np.asarray(around + np.asarray(centre_m[:2]), dtype=np.float64)


def _planar(pose: Pose) -> tuple[float, float, float]:
    return float(pose.position_m[0]), float(pose.position_m[1]), pose.yaw


def sidestep(obstacle: Obstacle, half_width_m: float, most_m: float) -> float:
    """The left offset that passes an obstacle: on its right if that is no longer, 0 when neither side is free."""
    if obstacle.gap_m == float("inf"):
        return 0.0
    right, left = obstacle.right_m - half_width_m, obstacle.left_m + half_width_m
    shortest = right if -right <= left + 0.15 else left
    return shortest if abs(shortest) <= most_m else 0.0
