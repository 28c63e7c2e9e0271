"""The ray engine against PyBullet's ray test on the same triangles, and against geometry by hand."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from weakref import ref

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Pose, Track, rotation, wxyz
from pairforge.scenes.build import build
from pairforge.scenes.resolve import resolve
from pairforge.scenes.world import Material, Mesh, Shape, ShapePart, World
from pairforge.seeding import Stream
from pairforge.sensors.labels import intrinsics_of
from pairforge.sensors.lidar import fired_rays
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.physics import simulate
from pairforge.sensors.ray_engine import Hits, RayEngine, Snapshot, lifted
from pairforge.sensors.ray_poses import PartTracks, TimedPoses, part_poses
from pairforge.sensors.timeline import Timeline
from tests.sensors.bullet_rays import BulletRays
from tests.worlds import FLOOR, Thing, ball_shape, box_shape, car_shape, lidar, make_world, person_shape

NS = 1_000_000_000


def wall(size_m: float = 4.0) -> Shape:
    """A square facing -x, standing on its body origin."""
    h = size_m / 2
    vertices = np.array([[0, -h, -h], [0, h, -h], [0, h, h], [0, -h, h]], dtype=np.float32)
    faces = np.array([[0, 2, 1], [0, 3, 2]], dtype=np.int32)
    mesh = Mesh(
        vertices, faces, np.zeros(2, np.uint8), (Material("wall", (0.5, 0.5, 0.5)),), np.zeros(2, bool)
    )
    return Shape((ShapePart("wall", mesh, Pose.of()),), (0.01, size_m, size_m), (0.0, 0.0, 0.0), 1.0)


def moving_timeline(world: World, seed: int = 3, end_s: float = 0.5) -> Timeline:
    """Every moving part flies and tumbles on a track of its own: far wilder than any traffic."""
    times = np.arange(0, round(end_s * 240) + 1, dtype=np.int64) * 4_166_667
    seconds = times[:, None] * 1e-9
    parts = {}
    for part in (p for p in world.parts if p.moves):
        rng = (Stream(seed) / part.part_id).rng()
        velocity, spin = rng.uniform(-15, 15, 3), rng.uniform(-8, 8, 3)
        turn = rotation(part.world_from_part.quaternion_wxyz) * Rotation.from_rotvec(seconds * spin)
        parts[part.part_id] = Track(times, part.world_from_part.position_m + seconds * velocity, wxyz(turn))
    return Timeline(world, times, parts, {}, {}, {})


@pytest.fixture(scope="module")
def crowd() -> World:
    things = [FLOOR]
    for k in range(4):
        things.append(Thing(f"car{k}", car_shape(), (6.0 + 5 * k, 3.0 * (-1) ** k, 0.0), motion="vehicle"))
        things.append(Thing(f"person{k}", person_shape(), (4.0 + 3 * k, 1.0 - k, 0.0), motion="walker"))
        things.append(Thing(f"box{k}", box_shape(1.0 + 0.3 * k, "blue"), (-4.0 - 3 * k, 2.0 * k - 3, 0.0)))
    things.append(Thing("ball", ball_shape(0.8, "white"), (2.0, -2.0, 1.0), motion="dynamic"))
    return make_world(things)


def random_rays(n: int, seed: int = 0) -> tuple[F64, F64]:
    rng = Stream(seed, "rays").rng()
    origins = rng.uniform([-10, -8, 0.3], [20, 8, 4], (n, 3))
    directions = rng.uniform([2, -4, 0], [22, 4, 1.6], (n, 3)) - origins
    return origins, directions / np.linalg.norm(directions, axis=1, keepdims=True)


def cast_over_with(bullet: BulletRays, o: F64, d: F64, times: I64, timeline: Timeline) -> tuple[F64, F64]:
    """PyBullet's ranges and parts, everything moved to each ray's time first."""
    ranges, parts = np.empty(len(o)), np.empty(len(o))
    for time_ns in np.unique(times):
        now = times == time_ns
        bullet.move({k: t.at(int(time_ns)) for k, t in timeline.parts.items()})
        ranges[now], parts[now] = bullet.cast(o[now], d[now], 1000.0)
    return ranges, parts


def assert_same(ours: F64, our_part: F64, theirs: F64, their_part: F64, at_least: float = 0.999) -> None:
    """Same hits and ids for ``at_least`` this share of rays, and range within 1 mm."""
    same_hit = np.isfinite(ours) == np.isfinite(theirs)
    assert same_hit.mean() >= at_least
    assert (our_part == their_part).mean() >= at_least
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.sum() > 0.2 * len(ours)
    assert (np.abs(ours[both] - theirs[both]) < 1e-3).mean() >= at_least


def test_agrees_with_bullet_at_one_instant(crowd: World) -> None:
    timeline = moving_timeline(crowd)
    bullet = BulletRays(crowd)
    for time_ns in (0, 123_456_789, 500_000_040):
        bullet.move(part_poses(timeline, time_ns))
        o, d = random_rays(4000, seed=time_ns)
        hits = RayEngine(crowd).cast_at(o, d, time_ns, timeline)
        assert_same(hits.distance, hits.part, *bullet.cast(o, d))
    bullet.close()


def test_agrees_with_bullet_at_each_rays_own_time(crowd: World) -> None:
    timeline = moving_timeline(crowd)
    o, d = random_rays(40 * 50, seed=5)
    times = np.repeat(np.linspace(0, 0.45 * NS, 40).astype(np.int64), 50)
    hits = RayEngine(crowd).cast_over(o, d, times, timeline)
    bullet = BulletRays(crowd)
    theirs, their_part = cast_over_with(bullet, o, d, times, timeline)
    bullet.close()
    assert_same(hits.distance, hits.part, theirs, their_part)
    moving = np.isin(hits.part, list(timeline.parts))
    assert moving.sum() > 100, "the moving parts were hardly met, so this shows nothing"


def test_a_sweep_agrees_with_bullet_column_by_column(crowd: World) -> None:
    timeline = moving_timeline(crowd)
    o, d, times = fired_rays(crowd, timeline, lidar(columns=60), 400_000_000)
    hits = RayEngine(crowd).cast_over(o, d, times, timeline)
    bullet = BulletRays(crowd)
    theirs, their_part = cast_over_with(bullet, o, d, times, timeline)
    bullet.close()
    assert_same(hits.distance, hits.part, theirs, their_part)


def test_culling_never_changes_an_answer(crowd: World) -> None:
    """A ray cast alone, in its own block, meets what it meets among thousands in any order."""
    timeline = moving_timeline(crowd)
    engine = RayEngine(crowd)
    o, d = random_rays(600, seed=9)
    times = Stream(1, "times").rng().integers(0, NS // 2, 600)
    together = engine.cast_over(o, d, times, timeline)
    order = Stream(2, "order").rng().permutation(600)
    shuffled = engine.cast_over(o[order], d[order], times[order], timeline)
    np.testing.assert_array_equal(together.part[order], shuffled.part)
    np.testing.assert_allclose(together.distance[order], shuffled.distance, rtol=1e-6)
    for k in range(0, 600, 20):
        alone = engine.cast_over(o[k : k + 1], d[k : k + 1], times[k : k + 1], timeline)
        assert alone.part[0] == together.part[k]


@pytest.mark.parametrize("order", ["in order", "one time a block", "at random"])
def test_no_ray_misses_a_moving_part_for_being_culled(crowd: World, order: str) -> None:
    """Beside every ray cast at every part, nothing culled, from outside and inside of the parts' boxes."""
    timeline = moving_timeline(crowd)
    engine, parts = RayEngine(crowd), [p for p in crowd.parts if p.moves]
    o, d = random_rays(1500, seed=9)
    d *= Stream(9, "lengths").rng().uniform(0.2, 5.0, (len(d), 1))
    times = np.sort(Stream(9, "times").rng().integers(0, NS // 2, len(o)))
    if order == "one time a block":
        times, o[:] = np.repeat(times[::32], 32)[: len(o)], np.repeat(o[::32], 32, axis=0)[: len(o)]
    if order == "at random":
        times = times[Stream(9, "order").rng().permutation(len(o))]
    best = np.full(len(o), np.inf, np.float32)
    for part in parts:
        p, q = timeline.parts[part.part_id].sample(times)
        turn = rotation(q).inv()
        best = np.minimum(best, engine.scene(part.mesh).first_hits(turn.apply(o - p), turn.apply(d))[0])
    hits = engine.cast_over(o, d, times, timeline)
    moved = np.isin(hits.part, [p.part_id for p in parts])
    assert moved.sum() > 100
    np.testing.assert_allclose(hits.distance[moved], best[moved], rtol=2e-6)
    assert (hits.distance[~moved] <= best[~moved] * (1 + 2e-6)).all()


def test_positions_of_moving_parts_are_the_tracks_own(crowd: World) -> None:
    timeline = moving_timeline(crowd)
    times = Stream(1, "t").rng().integers(0, NS // 2, 200)
    parts = [p for p in crowd.parts if p.moves]
    which, rays = np.repeat(np.arange(len(parts)), 200), np.tile(np.arange(200), len(parts))
    turns, positions, row = TimedPoses(PartTracks(parts, timeline), times).placed(which, rays)
    for k, part in enumerate(parts):
        turn, position = turns[row[which == k]], positions[row[which == k]]
        p, q = timeline.parts[part.part_id].sample(times)
        np.testing.assert_allclose(position, p, atol=1e-9)
        np.testing.assert_allclose(turn, rotation(q).as_matrix(), atol=1e-9)
    for time_ns in (0, 4_166_667, 77, int(timeline.times_ns[-1])):
        for part_id, pose in part_poses(timeline, time_ns).items():
            want = timeline.world_from_part(part_id, time_ns)
            np.testing.assert_allclose(pose.matrix, want.matrix, atol=1e-9)


def test_engines_of_one_world_share_what_stands_still_and_let_go_of_it_with_the_world() -> None:
    world, other = (make_world([Thing("wall", wall(), (5.0, 0.0, 0.0))]) for _ in range(2))
    one, two = RayEngine(world), RayEngine(world)
    assert one.still is two.still
    assert one.tables is two.tables
    assert RayEngine(other).still is not one.still
    still = ref(one.still)
    del world, one, two
    gc.collect()
    assert still() is None


def test_two_threads_that_are_first_to_cast_get_the_same_hits(crowd: World) -> None:
    rays = random_rays(2000)
    engines = [RayEngine(crowd) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        one, two = (pool.submit(engine.cast, *rays, {}) for engine in engines)
    alone = RayEngine(replace(crowd)).cast(*rays, {})
    for hits in (one.result(), two.result()):
        assert np.array_equal(hits.distance, alone.distance)
        assert np.array_equal(hits.part, alone.part)
        assert np.array_equal(hits.normal, alone.normal)


def test_plane_distance_and_normal_by_hand() -> None:
    engine = RayEngine(make_world([FLOOR]))
    o = np.array([[0.0, 0.0, 2.0], [1.0, 1.0, 3.0], [0.0, 0.0, -2.0], [0.0, 0.0, 2.0]])
    d = np.array([[0.0, 0.0, -1.0], [1.0, 0.0, -1.0], [0.0, 0.0, 0.5], [0.0, 0.0, 1.0]])
    hits = engine.cast(o, d, {})
    np.testing.assert_allclose(hits.distance, [2.0, 3.0, 4.0, np.inf], rtol=1e-6)
    np.testing.assert_allclose(hits.normal, [[0, 0, 1], [0, 0, 1], [0, 0, -1], [0, 0, 0]], atol=1e-6)
    assert hits.part.tolist() == [1, 1, 1, 0]
    assert hits.triangle[3] == -1
    assert engine.material_of(hits)[3] == -1
    assert engine.materials[engine.material_of(hits)[0]].name == "floor"


def test_sphere_distance_by_hand() -> None:
    engine = RayEngine(make_world([Thing("ball", ball_shape(1.0, "red"), (5.0, 0.0, 0.0), motion="dynamic")]))
    z = np.linspace(0.1, 0.9, 9)
    o = np.column_stack([np.zeros(9), np.zeros(9), z])
    hits = engine.cast(o, np.tile([1.0, 0.0, 0.0], (9, 1)), {})
    want = 5.0 - np.sqrt(0.25 - (z - 0.5) ** 2)
    np.testing.assert_allclose(hits.distance, want, atol=5e-3)  # facets lie a little inside the sphere
    assert (hits.normal[:, 0] < 0).all()


def test_moving_wall_is_met_where_it_is_at_each_rays_time() -> None:
    world = make_world([Thing("wall", wall(), (10.0, 0.0, 0.0), motion="dynamic")])
    times = np.arange(0, 11, dtype=np.int64) * 100_000_000
    x = 10.0 - 5.0 * times * 1e-9
    track = Track(times, np.column_stack([x, 0 * x, 0 * x]), np.tile([1.0, 0, 0, 0], (11, 1)))
    timeline = Timeline(world, times, {1: track}, {1: track}, {}, {})
    when = np.linspace(0, NS, 77).astype(np.int64)
    n = len(when)
    hits = RayEngine(world).cast_over(np.zeros((n, 3)), np.tile([1.0, 0, 0], (n, 1)), when, timeline)
    np.testing.assert_allclose(hits.distance, 10.0 - 5.0 * when * 1e-9, atol=2e-6)


def test_times_outside_the_track_are_refused(crowd: World) -> None:
    timeline = moving_timeline(crowd)
    o, d = random_rays(3)
    with pytest.raises(ValueError, match="outside the track"):
        RayEngine(crowd).cast_over(o, d, np.array([0, 1, 9 * NS]), timeline)
    with pytest.raises(ValueError, match="outside the track"):
        RayEngine(crowd).cast_at(o, d, -1, timeline)


def test_occlusion_agrees_with_first_hits(crowd: World) -> None:
    timeline = moving_timeline(crowd)
    engine, poses = RayEngine(crowd), part_poses(timeline, 200_000_000)
    o, d = random_rays(3000, seed=4)
    distance = engine.cast(o, d, poses).distance
    for reach in (1.5, 6.0, np.inf):
        clear = np.abs(distance - reach) > 1e-4 if np.isfinite(reach) else np.ones(len(o), bool)
        want = distance <= min(reach, 1e6)
        np.testing.assert_array_equal(engine.occluded(o, d, reach, poses)[clear], want[clear])


def test_a_snapshot_sees_what_the_engine_sees(crowd: World) -> None:
    timeline = moving_timeline(crowd)
    engine, poses = RayEngine(crowd), part_poses(timeline, 300_000_000)
    o, d = random_rays(3000, seed=6)
    exact, baked = engine.cast(o, d, poses), Snapshot(engine, poses).cast(o, d)
    assert (exact.part == baked.part).mean() > 0.998
    both = (exact.part == baked.part) & exact.hit
    np.testing.assert_allclose(exact.distance[both], baked.distance[both], atol=1e-4)


def test_lifted_points_do_not_shade_themselves() -> None:
    """Far from the origin too, where float32 is coarse."""
    world = make_world([Thing("ball", ball_shape(2.0, "red"), (900.0, -700.0, 0.0))])
    engine = RayEngine(world)
    rng = Stream(0, "lift").rng()
    d = rng.standard_normal((2000, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    centre = np.array([900.0, -700.0, 1.0])
    hits = engine.cast(centre - 5 * d, d, {})
    points = centre - 5 * d + d * hits.distance[:, None]
    away = hits.normal.astype(np.float64)
    assert not engine.occluded(lifted(points, hits.normal), away, np.inf, {}).any()


def test_solo_sees_through_everything_else() -> None:
    world = make_world(
        [
            Thing("front", box_shape(1.0, "red"), (3.0, 0.0, 0.0)),
            Thing("back", box_shape(1.0, "blue"), (6.0, 0.0, 0.0), motion="dynamic"),
        ]
    )
    engine = RayEngine(world)
    o, d = np.array([[0.0, 0.0, 0.5]]), np.array([[1.0, 0.0, 0.0]])
    assert engine.cast(o, d, {}).part[0] == 1
    np.testing.assert_allclose(engine.solo(1, o, d, {}), 2.5, atol=1e-5)
    np.testing.assert_allclose(engine.solo(2, o, d, {}), 5.5, atol=1e-5)
    np.testing.assert_allclose(engine.solo(2, o, d, {2: Pose.of((8.0, 0.0, 0.0))}), 7.5, atol=1e-5)


def test_equal_hits_go_to_the_lowest_part() -> None:
    """Two walls in one place: the answer must not be a matter of luck."""
    things = [Thing(f"wall{k}", wall(), (5.0, 0.0, 0.0), motion="dynamic") for k in range(2)]
    engine = RayEngine(make_world(things))
    o, d = np.zeros((64, 3)), np.tile([1.0, 0.01, 0.02], (64, 1))
    assert set(engine.cast(o, d, {}).part.tolist()) == {1}


def test_a_world_without_triangles_gives_no_hits() -> None:
    engine = RayEngine(make_world([]))
    hits = engine.cast(np.zeros((3, 3)), np.ones((3, 3)), {})
    assert not hits.hit.any()
    assert np.isinf(hits.distance).all()
    assert len(engine.cast(np.zeros((0, 3)), np.zeros((0, 3)), {}).part) == 0


_ONE_THREAD = """
import os, sys, hashlib
sys.path.insert(0, {root!r})
from tests.sensors.test_ray_engine import *
world = make_world([FLOOR, *(Thing(f"c{{k}}", car_shape(), (6.0 + 3 * k, 0, 0), motion="vehicle") for k in range(3))])
timeline = moving_timeline(world)
o, d = random_rays(20000, seed=8)
times = np.sort(Stream(3, "t").rng().integers(0, NS // 2, 20000))
h = RayEngine(world).cast_over(o, d, times, timeline)
arrays = (h.distance, h.part, h.triangle, h.normal, h.uv)
print(hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "name"),
    [("pairforge.scenes.library.driving", "STREET"), ("pairforge.scenes.library.tabletop", "DROP")],
)
def test_agrees_with_bullet_on_the_library(where: str, name: str) -> None:
    """Traffic and falling cups under way: at one instant, and each ray at its own time over the second before."""
    concrete = resolve(getattr(import_module(where), name), seed=3)
    concrete = replace(concrete, duration_s=1.0)
    world = build(concrete)
    timeline = simulate(world, concrete)
    camera_at = next(s for s in concrete.sensors if s.kind == "camera")
    time_ns = concrete.keyframe_times_ns[-1]
    pose = world_from_sensor(world, timeline, camera_at, time_ns)
    d = pose.vectors(intrinsics_of(camera_at).rays()[::4, ::4].reshape(-1, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    o = np.tile(pose.position_m, (len(d), 1))
    engine, bullet = RayEngine(world), BulletRays(world)
    hits = engine.cast(o, d, part_poses(timeline, time_ns))
    bullet.move(part_poses(timeline, time_ns))
    assert agreement(hits, *bullet.cast(o, d, 1000.0)) >= 0.999

    times = np.linspace(0, time_ns, 30).astype(np.int64)
    o, d, times = rays_at_bodies(timeline, times, 100)
    order = Stream(1, "order").rng().permutation(len(o))
    o, d, times = o[order], d[order], times[order]
    hits = engine.cast_over(o, d, times, timeline)
    theirs, their_part = cast_over_with(bullet, o, d, times, timeline)
    bullet.close()
    assert np.isin(hits.part, list(timeline.parts)).mean() > 0.15, "moving bodies were hardly met"
    assert agreement(hits, theirs, their_part) >= 0.999


def rays_at_bodies(timeline: Timeline, times: I64, each: int) -> tuple[F64, F64, I64]:
    """``each`` rays at each of these times, from a few lengths around a moving body to near its origin."""
    rng = Stream(2, "around bodies").rng()
    when = np.repeat(times, each)
    whose = rng.choice(sorted(timeline.bodies), len(when))
    place = np.array(
        [timeline.bodies[int(b)].at(int(t)).position_m for b, t in zip(whose, when, strict=True)]
    )
    size = np.array([max(timeline.world.instance(int(b)).size_m) for b in whose])[:, None]
    o = place + size * rng.uniform([-3, -3, 0.2], [3, 3, 2], place.shape)
    d = place + size * rng.uniform([-0.4, -0.4, 0], [0.4, 0.4, 0.5], place.shape) - o
    return o, d / np.linalg.norm(d, axis=1, keepdims=True), when


def agreement(hits: Hits, theirs: F64, their_part: F64) -> float:
    """Share of rays with the same answer in all three: hit or not, the same part, and range within 1 mm."""
    nothing = ~hits.hit & np.isinf(theirs)
    both = hits.hit & np.isfinite(theirs)
    off = np.abs(np.where(both, hits.distance, 0.0) - np.where(both, theirs, 0.0))
    return float((nothing | (both & (hits.part == their_part) & (off < 1e-3))).mean())


@pytest.mark.slow
def test_hits_do_not_depend_on_the_number_of_threads() -> None:
    root = str(Path(__file__).parents[2])
    digests = set()
    for cores in ({0}, set(os.sched_getaffinity(0))):
        done = subprocess.run(
            [sys.executable, "-c", _ONE_THREAD.format(root=root)],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda cores=cores: os.sched_setaffinity(0, cores),
        )
        digests.add(done.stdout.strip().splitlines()[-1])
    assert len(digests) == 1
