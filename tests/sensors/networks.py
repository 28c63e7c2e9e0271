"""Small road networks for traffic tests, made by hand: crossroads, a roundabout, a two-lane road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.world import Lane, World
from pairforge.seeding import Stream
from tests.worlds import FLOOR, Thing, box_shape, car_shape, make_concrete, make_world

HALF_M = 1.75
BOX_M = 9.0
LIMIT_MPS = 11.0
SIGNALS = {
    "light_0": [["green", 9.0], ["yellow", 3.0], ["red", 14.0]],
    "light_1": [["red", 13.0], ["green", 8.0], ["yellow", 3.0], ["red", 2.0]],
}
"""Two groups: east and west (0), north and south (1), with two seconds of all red between."""


def lane(lane_id: int, points: np.ndarray, **more: object) -> Lane:
    return Lane(lane_id, np.column_stack([points, np.zeros(len(points))]), 2 * HALF_M, LIMIT_MPS, **more)  # type: ignore[arg-type]


def straight(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    steps = max(2, int(np.linalg.norm(end - start) / 2) + 1)
    return np.linspace(start, end, steps)


def curve(start: np.ndarray, heading: np.ndarray, end: np.ndarray, onward: np.ndarray) -> np.ndarray:
    """A quarter turn (or a straight line) between two poses."""
    if heading @ onward > 0.99:
        return straight(start, end)
    handle = 0.5523 * np.abs((end - start) @ heading)
    a, b = start + handle * heading, end - handle * onward
    t = np.linspace(0.0, 1.0, 25)[:, None]
    return (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * end


def arms() -> list[np.ndarray]:
    """Unit vectors outwards: east, north, west, south."""
    return [np.array(v, dtype=float) for v in ((1, 0), (0, 1), (-1, 0), (0, -1))]


def to_right(v: np.ndarray) -> np.ndarray:
    return np.array([v[1], -v[0]])


def crossroads(control: str, reach_m: float = 120.0, crossings: bool = False) -> list[Lane]:
    """Four arms, a lane each way. ``control``: "signal", "priority" (east and west go first), "stop" (likewise,
    with a stop sign), or "right" (who comes from the right goes first).

    Lane ids: k comes in from arm k, 4 + k goes out by it, 10 * (k + 1) + m crosses from arm k to arm m.
    """
    lanes = []
    u = arms()
    for k in range(4):
        side_in, side_out = HALF_M * to_right(-u[k]), HALF_M * to_right(u[k])
        minor = k % 2 == 1
        across = (
            ((reach_m - BOX_M - 5.0, reach_m - BOX_M - 2.0),) if crossings else (),
            ((2.0, 5.0),) if crossings else (),
        )
        lanes.append(
            lane(
                k,
                straight(u[k] * reach_m + side_in, u[k] * BOX_M + side_in),
                successors=tuple(10 * (k + 1) + m for m in range(4) if m != k),
                opposing=4 + k,
                stop_m=reach_m - BOX_M - (6.0 if crossings else 1.0),
                signal=f"light_{k % 2}" if control == "signal" else None,
                must_stop=control == "stop" and minor,
                crossings_m=across[0],
            )
        )
        lanes.append(
            lane(4 + k, straight(u[k] * BOX_M + side_out, u[k] * reach_m + side_out), crossings_m=across[1])
        )
        for m in range(4):
            if m != k:
                points = curve(u[k] * BOX_M + side_in, -u[k], u[m] * BOX_M + HALF_M * to_right(u[m]), u[m])
                turn = {1: "left", 2: "straight", 3: "right"}[(k - m) % 4]
                lanes.append(lane(10 * (k + 1) + m, points, successors=(4 + m,), junction=1, turn=turn))
    ways = {a.lane_id: a for a in lanes if a.junction is not None}
    return [
        replace(a, yields_to=tuple(b for b in sorted(ways) if _yields(control, a, ways[b])))
        if a.junction is not None
        else a
        for a in lanes
    ]


def _yields(control: str, a: Lane, b: Lane) -> bool:
    """Whether traffic on ``a`` lets that on ``b`` go first."""
    arm, other = a.lane_id // 10 - 1, b.lane_id // 10 - 1
    near = np.linalg.norm(a.centre_m[:, None] - b.centre_m[None], axis=2).min() < 2.0
    if arm == other or not near:
        return False
    if (arm - other) % 4 == 2:
        rank = {"straight": 0, "right": 1, "left": 2}
        return rank[a.turn] > rank[b.turn]
    if control in ("priority", "stop"):
        return arm % 2 == 1
    return control == "right" and (other - arm) % 4 == 1


def roundabout(reach_m: float = 110.0, radius_m: float = 16.0) -> list[Lane]:
    """Four arms on a ring (counter-clockwise): entries yield to it.

    Lane ids: k in, 4 + k out, 10 + k entry, 20 + k exit, 30 + k the ring from entry k to the next exit, 40 + k from
    exit k to entry k.
    """
    u = arms()
    spread = np.radians(24.0)

    def ring(angle: float) -> np.ndarray:
        return radius_m * np.array([np.cos(angle), np.sin(angle)])

    def tangent(angle: float) -> np.ndarray:
        return np.array([-np.sin(angle), np.cos(angle)])

    def arc(a: float, b: float) -> np.ndarray:
        return np.array([ring(t) for t in np.linspace(a, b, 12)])

    def bend(p: np.ndarray, h: np.ndarray, q: np.ndarray, g: np.ndarray) -> np.ndarray:
        handle = 0.4 * np.linalg.norm(q - p)
        t = np.linspace(0.0, 1.0, 25)[:, None]
        a, b = p + handle * h, q - handle * g
        return (1 - t) ** 3 * p + 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t**2 * b + t**3 * q

    lanes = []
    mouth = radius_m + 12.0
    for k in range(4):
        at = k * np.pi / 2
        side_in, side_out = HALF_M * to_right(-u[k]), HALF_M * to_right(u[k])
        entry, leave = at + spread, at - spread
        nxt = (k + 1) % 4
        lanes += [
            lane(
                k,
                straight(u[k] * reach_m + side_in, u[k] * mouth + side_in),
                successors=(10 + k,),
                stop_m=reach_m - mouth - 0.5,
            ),
            lane(4 + k, straight(u[k] * mouth + side_out, u[k] * reach_m + side_out)),
            lane(
                10 + k,
                bend(u[k] * mouth + side_in, -u[k], ring(entry), tangent(entry)),
                successors=(30 + k,),
                junction=1,
                turn="right",
                yields_to=(40 + k,),
            ),
            lane(
                20 + k,
                bend(ring(leave), tangent(leave), u[k] * mouth + side_out, u[k]),
                successors=(4 + k,),
                junction=1,
                turn="right",
            ),
            lane(
                30 + k,
                arc(entry, at + np.pi / 2 - spread),
                successors=(20 + nxt, 40 + nxt),
                junction=1,
                turn="straight",
            ),
            lane(40 + k, arc(leave, entry), successors=(30 + k,), junction=1, turn="straight"),
        ]
    return lanes


def around(arm: int, exits: int) -> list[int]:
    """The route from an arm to the ``exits``-th exit of the roundabout."""
    ids = [arm, 10 + arm, 30 + arm]
    for n in range(1, exits):
        there = (arm + n) % 4
        ids += [40 + there, 30 + there]
    out = (arm + exits) % 4
    return [*ids, 20 + out, 4 + out]


def car(name: str, lanes: Sequence[Lane], lane_id: int, s_m: float, **behaviour: object) -> Thing:
    """A car on a lane, its body origin ``s_m`` along it."""
    centre = next(a for a in lanes if a.lane_id == lane_id).centre_m
    lengths = np.linalg.norm(np.diff(centre[:, :2], axis=0), axis=1)
    s = np.concatenate([[0.0], np.cumsum(lengths)])
    x, y = (float(np.interp(s_m, s, centre[:, k])) for k in (0, 1))
    k = min(max(int(np.searchsorted(s, s_m)) - 1, 0), len(lengths) - 1)
    ahead = centre[k + 1, :2] - centre[k, :2]
    yaw = float(np.arctan2(ahead[1], ahead[0]))
    return Thing(
        name,
        car_shape(),
        (x, y, 0.0),
        (float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2))),
        semantic="car",
        noun="car",
        motion="vehicle",
        behaviour={"kind": "drive", "lane_id": lane_id, **behaviour},
    )


def lights(programmes: Mapping[str, object] = SIGNALS) -> list[Thing]:
    """Boxes far away that carry the programmes."""
    return [
        Thing(
            name,
            box_shape(0.3, "grey"),
            (200.0 + 2 * k, 200.0, 0.0),
            behaviour={"kind": "signal", "programme": programme},
        )
        for k, (name, programme) in enumerate(programmes.items())
    ]


def traffic(control: str, seed: int, cars: int = 10) -> tuple[list[Lane], list[Thing]]:
    """Random cars on the four arms of crossroads or of a roundabout."""
    lanes = roundabout() if control == "roundabout" else crossroads(control)
    draw = Stream(seed) / "traffic"
    things: list[Thing] = []
    ahead = [0.0] * 4
    for n in range(cars):
        arm = n % 4
        back = (draw / f"gap_{n}").rng().uniform(10.0, 24.0)
        ahead[arm] += back
        if ahead[arm] > 75.0:
            continue
        pick = int((draw / f"turn_{n}").rng().integers(0, 3))
        route = (
            around(arm, pick + 1)
            if control == "roundabout"
            else [arm, 10 * (arm + 1) + (arm + pick + 1) % 4, 4 + (arm + pick + 1) % 4]
        )
        speed = (draw / f"speed_{n}").rng().uniform(8.0, 12.0)
        s_m = (82.0 if control == "roundabout" else 111.0) - ahead[arm]
        things.append(car(f"car_{n}", lanes, arm, s_m, speed_mps=float(speed), route=route))
    return lanes, things


def scene(lanes: Sequence[Lane], things: Sequence[Thing], seconds: float) -> tuple[World, ConcreteScene]:
    all_things = (FLOOR, *things)
    return make_world(all_things, lanes), make_concrete(all_things, lanes, duration_s=seconds)


def two_lanes(length_m: float = 400.0) -> list[Lane]:
    """Two lanes along +x: 0 on the right, 1 on its left."""
    return [
        lane(0, straight(np.array([0.0, 0.0]), np.array([length_m, 0.0])), left=1),
        lane(1, straight(np.array([0.0, 3.5]), np.array([length_m, 3.5])), right=0),
    ]
