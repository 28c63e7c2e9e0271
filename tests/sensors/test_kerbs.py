"""On foot over kerbs and round corners: nobody stumbles, no sole stands in a kerb, nobody turns sharply at speed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pairforge.frames import F64, Track
from pairforge.scenes.families import family
from pairforge.scenes.gait import limb_poses
from pairforge.scenes.world import Shape
from pairforge.seeding import Stream
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.limits import LIMITS, measured
from pairforge.sensors.physics import simulate
from pairforge.sensors.physics_gait import step_up
from pairforge.sensors.physics_ground import Ground
from pairforge.sensors.physics_kerb import climb_mps, feelers_m
from pairforge.sensors.physics_legs import bent, legs, stepping
from pairforge.sensors.timeline import Timeline
from tests.worlds import FLOOR, Thing, box_shape, make_concrete, make_world, outside_box_m

EDGE_M = 3.0
PLAN_S = 0.04


@cache
def pedestrian(seed: int = 4) -> Shape:
    kind = family("pedestrian")
    return kind.build(kind.draw(Stream(seed)), None)


def walked(path: list[list[float]], mps: float, seconds: float, *more: Thing) -> Timeline:
    told = {"kind": "walk", "speed_mps": mps, "path": path}
    x, y, z = path[0]
    who = Thing("walker", pedestrian(), (x, y, z), semantic="pedestrian", motion="walker", behaviour=told)
    things = (FLOOR, who, *more)
    return simulate(make_world(things), make_concrete(things, duration_s=seconds))


def kerb(height_m: float) -> tuple[Thing, Thing]:
    """A block whose edge lies across the way at x = 3: what bodies meet, and the same as ground for soles."""
    block, at = box_shape(6.0, "grey", height_ratio=height_m / 6.0), (EDGE_M + 3.0, 0.0, 0.0)
    return Thing("kerb", block, at, semantic="pavement"), Thing(
        "top", block, at, semantic="pavement", stuff=True
    )


@pytest.mark.parametrize(("height_m", "mps"), [(0.12, 1.0), (0.12, 2.3), (0.2, 1.4)])
def test_who_walks_up_a_kerb_keeps_their_pace(height_m: float, mps: float) -> None:
    timeline = walked([[0.0, 0.0, 0.0], [9.0, 0.0, 0.0]], mps, 6.0 / mps, *kerb(height_m))
    x, _, z = timeline.bodies[1].positions_m.T
    there = (x > EDGE_M - 1.0) & (x < EDGE_M + 1.5)
    assert x.max() > EDGE_M + 1.5
    assert timeline.velocities[1][there, 0] == pytest.approx(mps, abs=0.1 * mps)
    assert z[x < EDGE_M - 0.6] == pytest.approx(0.0, abs=0.005), "nobody rises long before it"
    assert z[there & (x > EDGE_M + 1.2)] == pytest.approx(height_m, abs=0.006), (
        "all are up once both feet are"
    )
    assert np.diff(z[there]).min() > -0.002, "and nobody sinks back"
    assert z.max() < height_m + 0.006, "without a hop"
    weight_n = 75.0 * 9.81
    assert max(c.peak_force_n for c in timeline.contacts) < 3.0 * weight_n


@pytest.mark.parametrize("starts_m", [0.0, 8.0], ids=["up", "down"])
def test_who_steps_over_a_kerb_stays_in_their_box(starts_m: float) -> None:
    high = 0.14 * (starts_m > EDGE_M)
    path = [[starts_m, 0.0, high], [9.0 - starts_m, 0.0, 0.14 - high]]
    timeline = walked(path, 1.6, 4.5, *kerb(0.14))
    assert abs(timeline.bodies[1].positions_m[-1, 0] - starts_m) > 5.5
    assert outside_box_m(timeline, 1).max() < 0.03
    rates = np.diff(timeline.bodies[1].positions_m[:, 2]) / 0.01
    told = timeline.velocities[1][:, 2]
    assert np.abs((rates[1:] + rates[:-1]) / 2 - told[1:-1]).mean() < 0.01, (
        "velocities are those of the track"
    )


@pytest.mark.parametrize("off_m", [0.0, 0.3], ids=["kerb", "log_off_the_ground"])
def test_who_is_replayed_over_a_kerb_stays_in_the_box_of_the_log(off_m: float) -> None:
    track = [[int(2e8 * k), 0.3 * k, 0.0, -off_m, 1.0, 0.0, 0.0, 0.0] for k in range(30)]
    told = {"kind": "replay", "track": track}
    who = Thing(
        "who", pedestrian(), (0.0, 0.0, -off_m), semantic="pedestrian", motion="replay", behaviour=told
    )
    things = (FLOOR, who, kerb(0.14)[1])
    timeline = simulate(make_world(things), make_concrete(things, duration_s=4.5))
    assert timeline.bodies[1].positions_m[-1, 0] > EDGE_M + 3.0
    assert np.abs(timeline.bodies[1].positions_m[:, 2] + off_m).max() < 1e-9, "the log's to the bit"
    assert outside_box_m(timeline, 1).max() < 0.045


@pytest.mark.parametrize("mps", [0.4, 1.0, 1.6, 2.4])
def test_a_climb_is_straight_and_done_before_the_edge(mps: float) -> None:
    height, round_m, x, z = 0.12, 0.22, -1.0, 0.0
    rates = []
    while x < 0.0:
        ahead = [Ground(height if x + d > 0.0 else 0.0, (0.0, 0.0, 1.0)) for d in feelers_m(round_m)]
        rate = climb_mps(z, mps, 0.0, Ground(0.0, (0.0, 0.0, 1.0)), ahead, round_m, PLAN_S)
        z, x = z + PLAN_S * (rate or 0.0), x + PLAN_S * mps
        rates.append(rate)
        # The underside of a ball that stands there just clears the edge.
        assert x < -round_m or z + round_m - np.sqrt(round_m**2 - min(x, 0.0) ** 2) > height - 0.012
    assert z == pytest.approx(height, abs=1e-6)
    climbing = [r for r in rates if r is not None and r > 0.01]
    assert max(climbing) < 1.0, "nobody leaps"


def test_nothing_is_climbed_that_is_no_step() -> None:
    level = Ground(0.0, (0.0, 0.0, 1.0))
    feelers = feelers_m(0.2)
    slope = [Ground(0.1 * d, level.normal) for d in feelers]
    wall = [Ground(0.5, level.normal) for _ in feelers]
    for ahead, rises in (
        (slope, 0.1),
        (wall, 0.0),
        ([None] * len(feelers), 0.0),
        ([level] * len(feelers), 0.0),
    ):
        assert climb_mps(0.0, 1.4, rises, level, ahead, 0.2, PLAN_S) is None


def test_round_a_sharp_corner_nobody_is_pulled_aside_harder_than_a_walker_can() -> None:
    timeline = walked([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.3, 0.0], [0.0, 6.0, 0.0]], 2.2, 5.0)
    found = measured(timeline, timeline.world.instance(1), ExactGround(timeline.world))
    assert np.nanmax(found["sideways_mps2"]) < LIMITS["pedestrian"].sideways_mps2
    assert timeline.bodies[1].positions_m[-1, 1] > 2.0, "and gets there"


class Edge:
    """Ground that is 12 cm high beyond a straight edge through the origin, whose normal points at ``angle``."""

    def __init__(self, angle: float) -> None:
        self._ahead = np.array([np.cos(angle), np.sin(angle)])

    def height(self, points: F64) -> F64:
        return np.where(points[:, :2] @ self._ahead > 0.0, 0.12, 0.0)

    def below(self, points: F64) -> F64:
        return points[:, 2] - self.height(points)


STANCES = (
    (5.12, -0.05, 4.96, 0.07),
    (0.73, -0.10, 2.23, 0.08),
    (3.20, 0.20, 2.60, 0.01),
    (5.83, -0.23, 1.84, 0.01),
    (1.37, 0.06, 2.10, 0.01),
    (1.45, 0.25, 2.14, 0.04),
)
"""Edge's angle, body's x in metres, phase of the stride, body's z: a rim of 16 points missed up to 23 mm there."""


@pytest.mark.parametrize(("angle", "x_m", "phase", "z_m"), STANCES)
def test_no_vertex_of_a_foot_is_in_a_kerb_however_it_runs_under_the_sole(
    angle: float, x_m: float, phase: float, z_m: float
) -> None:
    shape, edge = pedestrian(), Edge(angle)
    body = Track(np.array([0]), np.array([[x_m, 0.0, z_m]]), np.array([[1.0, 0.0, 0.0, 0.0]]))
    local = limb_poses(shape, np.array([phase]), np.ones(1), np.zeros(1))
    lift = step_up(shape, local, body, np.zeros(1), edge)  # type: ignore[arg-type]
    deepest = 0.0
    for piece in shape.parts:
        if piece.name.startswith("foot"):
            position, turn = local[piece.name]
            points = piece.mesh.vertices @ turn[0].as_matrix().T + position[0] + [x_m, 0.0, z_m + lift[0]]
            depth = edge.height(points) - points[:, 2]
            deepest = max(deepest, float(depth[edge.height(points) > 0.0].max(initial=0.0)))
    assert deepest < LIMITS["pedestrian"].sunk_m


def crossed(down: bool, mps: float, at: float) -> tuple[F64, F64]:
    """(T, 2) metres from the lowest vertex of each foot to the ground, walking over a kerb's edge; body's x (T,)."""
    shape, edge = pedestrian(), Edge(np.pi if down else 0.0)
    x = np.arange(-1.5, 1.5, 0.01 * mps)
    times_ns = np.arange(len(x), dtype=np.int64) * 10_000_000
    # The body as physics moves it: down over its own roundness, up along a line.
    z = 0.12 - 0.22 + np.sqrt(0.22**2 - np.clip(x, 0.0, 0.22) ** 2) if down else 0.12 * (x + 0.5) / 0.4
    z = np.clip(z, 0.0, 0.12)
    place = np.stack([x, 0.0 * x, z], axis=1)
    body = Track(times_ns, place, np.tile([1.0, 0.0, 0.0, 0.0], (len(x), 1)))
    phase, level = 2 * np.pi * (x / shape.stride_m + at), np.zeros(len(x))
    local, _ = stepping(shape, phase, np.ones(len(x)), body, level, edge)  # type: ignore[arg-type]
    gaps = []
    for piece in shape.parts:
        if piece.name.startswith("foot"):
            position, turn = local[piece.name]
            points = (
                np.einsum("tij,nj->tni", turn.as_matrix(), piece.mesh.vertices) + (position + place)[:, None]
            )
            heights = edge.height(points.reshape(-1, 3)).reshape(points.shape[:2])
            gaps.append((points[..., 2] - heights).min(axis=1))
    return np.stack(gaps, axis=1), x


@pytest.mark.parametrize("mps", [0.8, 1.4, 2.2])
@pytest.mark.parametrize(("down", "most_s"), [(True, 0.2), (False, 0.3)])
def test_over_a_kerb_one_foot_stands_while_the_other_steps(down: bool, most_s: float, mps: float) -> None:
    """With the figure lifted as a whole both soles were up to 18 cm above the ground, and 0.37 s on the way down."""
    limits, aloft_s = LIMITS["pedestrian"], []
    for at in np.arange(0.0, 1.0, 0.125):
        gaps, x = crossed(down, mps, float(at))
        hop = gaps.min(axis=1)
        assert hop[np.abs(x) > 1.2] == pytest.approx(0.0, abs=1e-6)
        assert gaps.min() > -limits.sunk_m
        assert hop.max() < limits.gap_m
        aloft_s.append(float((hop > 0.03).sum()) * 0.01)
    assert np.mean(aloft_s) < most_s


@pytest.mark.parametrize("rise_m", [0.05, 0.15])
def test_a_bent_leg_lifts_its_foot_straight_up_and_keeps_it_level(rise_m: float) -> None:
    shape = pedestrian()
    phase = np.linspace(0.0, 2 * np.pi, 30)
    rise, swing = np.full(30, rise_m), np.ones(30)
    still = limb_poses(shape, phase, swing, phase)
    found = list(legs(shape))
    assert [leg.foot for leg in found] == ["foot_left", "foot_right"]
    for leg in found:
        moved = limb_poses(shape, phase, swing, phase, bent(leg, still, rise))
        assert moved[leg.foot][0] - still[leg.foot][0] == pytest.approx(
            rise[:, None] * [0.0, 0.0, 1.0], abs=1e-9
        )
        assert moved[leg.foot][1].as_matrix() == pytest.approx(still[leg.foot][1].as_matrix(), abs=1e-9)
        assert moved[leg.shin][0][:, 0] == pytest.approx(still[leg.shin][0][:, 0], abs=0.3), (
            "the knee stays near"
        )
        # Bones keep their lengths, for limbs turn about their joints.
        bone = np.linalg.norm((moved[leg.foot][0] - moved[leg.shin][0])[:, [0, 2]], axis=1)
        assert bone == pytest.approx(float(np.linalg.norm(leg.lower)), abs=1e-9)
