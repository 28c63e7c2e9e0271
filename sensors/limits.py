"""What bodies can do: physical limits of each class, and what of a simulated scene lies outside them.

All is measured from the timeline's poses and velocities and from the exact ground, none of it asked of the engine.

Sources: [1] Gillespie, Fundamentals of Vehicle Dynamics (1992), braking and roll-over; [2] UNECE R13-H and R13:
service brakes give at least 6.43 m/s^2 in cars and 5 in buses and lorries, the best 10 and 7.5; [3] Winkler and
Ervin, Rollover of Heavy Commercial Vehicles (UMTRI-99-19, 1999): lorries roll over at 0.35 to 0.45 g, buses at 0.5 g,
cars beyond 1 g; [4] Reimpell, Stoll and Betzler, The Automotive Chassis (2001): steering ratios of 14 to 20, hands
turn the wheel by up to 1000 deg/s; [5] Wilson, Bicycling Science (2004): braking past 0.56 g pitches the rider over,
tyres hold 45 deg of lean; [6] Bohannon, Age and Ageing 26 (1997): the fastest walk is 2.5 m/s; [7] Winter,
Biomechanics and Motor Control of Human Movement (2009): a walk starts and stops within a step, below 4 m/s^2;
[8] UNECE R152: emergency braking builds up 5 to 8 m/s^2 in 0.25 to 0.4 s, so 20 to 32 m/s^3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, rotation
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import Instance
from pairforge.sensors.friction import grip
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_record import mean_rate
from pairforge.sensors.timeline import Timeline

INF = float("inf")
WINDOW_KNOTS = 10
"""Rates are means over +-100 ms: what a body does, not what the solver does within a step."""
SLOW_MPS = 1.5
"""Jerk, yaw rate and slip are not judged below this speed: every halt ends with a jolt, and angles of slow
velocities mean nothing."""
SETTLE_NS = 300_000_000
"""Tyres may be this long in coming down on ground that is round where they were put."""
TOUCH_NS = 500_000_000
"""Nor is anything within this time of a collision."""
GRIP_TOLERANCE = 1.05
GRIP_OFFSET_MPS2 = 0.3


@dataclass(frozen=True)
class Limits:
    """The most of each quantity that a class is capable of (absolute values, SI units, radians)."""

    speed_mps: float
    push_mps2: float
    braking_mps2: float
    sideways_mps2: float
    jerk_mps3: float = INF
    yaw_rate_rad_s: float = INF
    slip_rad: float = INF
    steering_rate_rad_s: float = INF
    tilt_rad: float = INF
    sunk_m: float = 0.01
    gap_m: float = 0.02


LIMITS: dict[str, Limits] = {
    "car": Limits(70.0, 4.5, 10.0, 8.0, 35.0, 1.2, 0.15, 1.2, 0.12),  # [1] [2] [3] [4] [8]
    "van": Limits(50.0, 3.5, 9.0, 6.0, 35.0, 1.2, 0.15, 1.2, 0.12),  # [1] [2] [3] [4] [8]
    "truck": Limits(38.0, 2.5, 7.5, 3.5, 35.0, 0.8, 0.12, 1.2, 0.12),  # [2] [3]
    "bus": Limits(38.0, 2.5, 7.5, 4.5, 35.0, 0.8, 0.12, 1.2, 0.12),  # [2] [3]
    "cyclist": Limits(18.0, 2.5, 5.5, 7.0, INF, 2.5, INF, INF, 0.8, 0.01, 0.02),  # [5]
    # A step down a kerb is a hop of up to its height, for legs bend but do not reach down.
    "pedestrian": Limits(2.5, 4.0, 4.0, 4.0, INF, INF, INF, INF, 0.1, 0.01, 0.13),  # [6] [7]
}
"""Semantic class -> limits. What is not here (a falling cup) has none but the ground's."""

WORDS = {
    "speed_mps": "speed (m/s)",
    "push_mps2": "push (m/s^2)",
    "braking_mps2": "braking (m/s^2)",
    "sideways_mps2": "sideways (m/s^2)",
    "jerk_mps3": "jerk (m/s^3)",
    "yaw_rate_rad_s": "yaw rate (rad/s)",
    "slip_rad": "slip angle (rad)",
    "steering_rate_rad_s": "steering rate (rad/s)",
    "tilt_rad": "tilt (rad)",
    "sunk_m": "wheel or sole in the ground (m)",
    "gap_m": "wheel or sole above the ground (m)",
    "grip_mps2": "level acceleration over grip (m/s^2)",
}


@dataclass(frozen=True)
class Violation:
    """A quantity beyond its limit: its worst value, and when that was."""

    instance_id: int
    name: str
    quantity: str
    value: float
    limit: float
    time_ns: int

    def __str__(self) -> str:
        return (
            f'"{self.name}": {WORDS[self.quantity]} {self.value:.3g} at {self.time_ns * 1e-9:.2f} s, '
            f"beyond {self.limit:.3g}"
        )


def violations(timeline: Timeline) -> tuple[Violation, ...]:
    """Everything that moves past the limits of its class, in order of instance ids."""
    ground = ExactGround(timeline.world)
    return tuple(
        found
        for instance in judged(timeline)
        for found in _beyond(instance, measured(timeline, instance, ground), timeline)
    )


def judged(timeline: Timeline) -> tuple[Instance, ...]:
    """The moving instances whose class has limits."""
    moving = (i for i in timeline.world.instances if i.instance_id in timeline.bodies)
    return tuple(i for i in moving if CLASSES[i.semantic_id].name in LIMITS)


def limits_of(timeline: Timeline, instance: Instance) -> dict[str, float]:
    """Quantity -> limit, friction included."""
    own = LIMITS[CLASSES[instance.semantic_id].name]
    table = {f.name: float(getattr(own, f.name)) for f in fields(own)}
    return table | {"grip_mps2": GRIP_TOLERANCE * grip(timeline.world) + GRIP_OFFSET_MPS2}


def measured(timeline: Timeline, instance: Instance, ground: ExactGround) -> dict[str, F64]:
    """Quantity -> its size (T,) at every knot; nan where it is not judged."""
    motion = _Motion(timeline, instance, ground)
    free, moving = motion.untouched, motion.untouched & (motion.speed > SLOW_MPS)
    along = np.where(free, motion.along, np.nan)
    found = {
        "speed_mps": motion.speed,
        "push_mps2": np.maximum(along, 0.0),
        "braking_mps2": np.maximum(-along, 0.0),
        "sideways_mps2": np.where(free, np.abs(motion.sideways), np.nan),
        "grip_mps2": np.where(free, np.hypot(motion.along, motion.sideways), np.nan),
        "jerk_mps3": np.where(moving, np.abs(motion.jerk), np.nan),
        "yaw_rate_rad_s": np.where(moving, np.abs(motion.yaw_rate), np.nan),
        "slip_rad": np.where(moving, np.abs(motion.slip), np.nan),
        "tilt_rad": np.where(free, motion.tilt, np.nan),
    }
    controls = timeline.controls.get(instance.instance_id)
    if controls is not None:
        found["steering_rate_rad_s"] = np.abs(mean_rate(controls[:, 2:3], timeline.times_ns, 2)[:, 0])
    settled = timeline.times_ns >= SETTLE_NS
    feet = _footing(timeline, instance, ground)
    return found | {quantity: np.where(settled, values, np.nan) for quantity, values in feet.items()}


def _beyond(instance: Instance, found: dict[str, F64], timeline: Timeline) -> Iterator[Violation]:
    for quantity, limit in limits_of(timeline, instance).items():
        values = found.get(quantity)
        if values is None or np.isnan(values).all():
            continue
        worst = int(np.nanargmax(values))
        if values[worst] > limit:
            yield Violation(
                instance.instance_id,
                instance.name,
                quantity,
                float(values[worst]),
                limit,
                int(timeline.times_ns[worst]),
            )


class _Motion:
    """Rates of one body in its own axes over the knots (T,)."""

    def __init__(self, timeline: Timeline, instance: Instance, ground: ExactGround) -> None:
        times, number = timeline.times_ns, instance.instance_id
        track = timeline.bodies[number]
        self.turn = rotation(track.quaternions_wxyz)
        ahead = np.asarray(self.turn.apply([1.0, 0.0, 0.0]))
        level = ahead * [1.0, 1.0, 0.0]
        level /= np.maximum(np.linalg.norm(level, axis=1, keepdims=True), 1e-9)
        left = np.stack([-level[:, 1], level[:, 0], 0.0 * level[:, 0]], axis=1)
        velocity = mean_rate(track.positions_m, times, 2)
        acceleration = mean_rate(velocity, times, WINDOW_KNOTS)
        forward, aside = (np.einsum("tk,tk->t", velocity, axis) for axis in (level, left))
        self.speed: F64 = np.linalg.norm(velocity, axis=1)
        self.along: F64 = np.einsum("tk,tk->t", acceleration, level)
        self.sideways: F64 = np.einsum("tk,tk->t", acceleration, left)
        self.jerk: F64 = mean_rate(self.along[:, None], times, WINDOW_KNOTS)[:, 0]
        yaw = np.unwrap(np.arctan2(level[:, 1], level[:, 0]))
        self.yaw_rate: F64 = mean_rate(yaw[:, None], times, WINDOW_KNOTS)[:, 0]
        self.slip: F64 = np.arctan2(aside, np.maximum(forward, 0.1))
        stands = _slope(ground, track.positions_m, level) if instance.shape.wheels else np.zeros(len(times))
        self.tilt: F64 = self._tilt(timeline, instance, stands)
        self.untouched = _untouched(timeline, number)

    def _tilt(self, timeline: Timeline, instance: Instance, stands: F64) -> F64:
        """Radians between the body's up and the plumb line, less the slope of its way; of one that hardly moves, less
        the slope that it ``stands`` on (T,)."""
        up = np.asarray(self.turn.apply([0.0, 0.0, 1.0]))
        lean = np.arccos(up[:, 2].clip(-1.0, 1.0))
        velocity = timeline.velocities[instance.instance_id]
        run = np.hypot(velocity[:, 0], velocity[:, 1])
        slope = np.where(run > SLOW_MPS, np.abs(np.arctan2(velocity[:, 2], np.maximum(run, 1e-6))), stands)
        return np.asarray(np.maximum(lean - slope, 0.0), dtype=np.float64)


def _slope(ground: ExactGround, positions_m: F64, level: F64) -> F64:
    """(T,) radians that the ground rises or falls over a metre to either side along the heading; 0 where there is
    none."""
    above = positions_m + np.array([0.0, 0.0, 1.0])
    ahead, behind = (ground.below(above + way * level) for way in (1.0, -1.0))
    both = np.isfinite(ahead) & np.isfinite(behind)
    rise = np.where(both, behind, 0.0) - np.where(both, ahead, 0.0)
    return np.asarray(np.abs(np.arctan2(rise, 2.0)), dtype=np.float64)


def _untouched(timeline: Timeline, instance_id: int) -> NDArray[np.bool_]:
    """(T,) False near any contact of the instance."""
    clear = np.ones(len(timeline.times_ns), dtype=np.bool_)
    for contact in timeline.contacts:
        if instance_id in (contact.instance_a, contact.instance_b):
            near = (timeline.times_ns >= contact.t0_ns - TOUCH_NS) & (
                timeline.times_ns <= contact.t1_ns + TOUCH_NS
            )
            clear &= ~near
    return clear


def _footing(timeline: Timeline, instance: Instance, ground: ExactGround) -> dict[str, F64]:
    """How far tyres or soles are in the ground, and above it."""
    if instance.shape.wheels:
        above = _tyres(timeline, instance, ground)
        return {"sunk_m": np.maximum(-above.min(axis=0), 0.0), "gap_m": np.maximum(above.max(axis=0), 0.0)}
    if instance.shape.limbs:
        above = _soles(timeline, instance, ground)
        return {"sunk_m": np.maximum(-above, 0.0), "gap_m": np.maximum(above, 0.0)}
    return {}


def _soles(timeline: Timeline, instance: Instance, ground: ExactGround) -> F64:
    """(T,) metres between the lowest vertex near the feet and the ground below it, at every tenth knot, else nan."""
    knots = np.arange(0, len(timeline.times_ns), 10)
    above = np.full(len(timeline.times_ns), np.nan)
    above[knots] = np.inf
    up = np.array([0.0, 0.0, 0.5])
    for piece, part_id in zip(instance.shape.parts, instance.part_ids, strict=True):
        vertices = piece.mesh.vertices.astype(np.float64)
        heights = piece.body_from_part.points(vertices)[:, 2]
        feet = vertices[heights < 0.15]
        track = timeline.parts[part_id]
        turns = rotation(track.quaternions_wxyz[knots]).as_matrix()
        if len(feet):
            points = np.einsum("tij,vj->tvi", turns, feet) + track.positions_m[knots, None]
            below = ground.below(points.reshape(-1, 3) + up).reshape(points.shape[:2]) - 0.5
            above[knots] = np.minimum(above[knots], below.min(axis=1))
    return np.where(np.isfinite(above), above, np.nan)


def _tyres(timeline: Timeline, instance: Instance, ground: ExactGround) -> F64:
    """(W, T) metres between each tyre and the ground, along the plumb line through its hub."""
    ids = {piece.name: k for piece, k in zip(instance.shape.parts, instance.part_ids, strict=True)}
    rows = []
    for wheel in instance.shape.wheels:
        track = timeline.parts.get(ids[wheel.part])
        if track is None:
            continue
        hubs = track.positions_m
        depth = ground.below(hubs)
        # On a slope the tyre touches beside the plumb line: take the nearest of three ways down.
        for tip in (-0.08, 0.08):
            ahead = np.array([tip, 0.0, -1.0]) / np.hypot(tip, 1.0)
            depth = np.minimum(depth, ground.below(hubs, (float(ahead[0]), 0.0, float(ahead[2]))))
        rows.append(np.where(np.isfinite(depth), depth - wheel.radius_m, np.nan))
    return np.array(rows)
