"""What the physics of the library's scenes does wrong, measured from their timelines alone.

``python -m benchmarks.physics --scene driving.street --seeds 12`` prints one Markdown row a seed and the worst of
each column. Nothing is rendered. Overlaps are asked of a fresh PyBullet client with the poses of the timeline.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np

from pairforge.frames import F64, rotation
from pairforge.pipeline import scene_seed
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve
from pairforge.scenes.world import Instance, World
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.physics import simulate
from pairforge.sensors.physics_bodies import add_dynamic
from pairforge.sensors.timeline import Timeline
from pairforge.stopwatch import Stopwatch

DATASET_SEED = 7
AT_REST_MPS = 0.02
TRAFFIC = ("vehicle", "walker", "cyclist")
Row = dict[str, float]


def traffic_row(world: World, concrete: ConcreteScene, timeline: Timeline) -> Row:
    """Of a street: slips, spins, brakes, strays and knocks."""
    kinds = {m: [i for i in world.instances if _motion(i) == m] for m in TRAFFIC}
    cars = [i for i in kinds["vehicle"] if i.behaviour.get("kind") != "park"]
    people = kinds["walker"]
    users = {i.instance_id for group in kinds.values() for i in group}
    touches = [c for c in timeline.contacts if {c.instance_a, c.instance_b} & users]
    return {
        "cars": len(cars),
        "people": len(people),
        "cyclists": len(kinds["cyclist"]),
        "slip (m/s)": _worst(_slip_mps(timeline, i) for i in cars),
        "spin (m/s)": _worst(_spin_error_mps(world, timeline, i) for i in cars),
        "braking (m/s2)": -_worst(-_along(timeline, i).min() for i in cars),
        "push (m/s2)": _worst(_along(timeline, i).max() for i in cars),
        "wheel height (mm)": 1e3 * _worst(_wheel_height_m(world, timeline, i) for i in kinds["vehicle"]),
        "lean (deg)": _worst(_lean_deg(timeline, i) for group in kinds.values() for i in group),
        "off path (m)": _worst(_off_path_m(timeline, i) for i in people),
        "touches": len(touches),
    }


def drop_row(world: World, concrete: ConcreteScene, timeline: Timeline) -> Row:
    """Of things let fall: where and how they end."""
    things = [i for i in world.instances if i.moves]
    first, last = concrete.keyframe_times_ns[0], concrete.keyframe_times_ns[-1]
    table = next(i for i in world.instances if i.family == "table")
    overlap, gaps = _nearness(world, timeline, last)
    at_rest = [i for i in things if _speed(timeline, i, last) < AT_REST_MPS]
    return {
        "things": len(things),
        "falling at first": sum(timeline.velocity(i.instance_id, first)[2] < -0.3 for i in things),
        "moving at last": len(things) - len(at_rest),
        "fastest at last (m/s)": max(_speed(timeline, i, last) for i in things),
        "off the table": sum(
            timeline.world_from_body(i.instance_id, last).position_m[2] < 0.8 * table.size_m[2]
            for i in things
        ),
        "overlap (mm)": 1e3 * overlap,
        "floating (mm)": 1e3 * _worst(gaps[i.instance_id] for i in at_rest),
        "seconds": (last - first) * 1e-9,
    }


ROWS: dict[str, Callable[[World, ConcreteScene, Timeline], Row]] = {
    "driving": traffic_row,
    "tabletop": drop_row,
}


def _motion(instance: Instance) -> object:
    return instance.behaviour.get("motion") if instance.moves else None


def _worst(values: object) -> float:
    return max((float(v) for v in values), default=0.0)  # type: ignore[attr-defined]


def _speed(timeline: Timeline, instance: Instance, time_ns: int) -> float:
    return float(np.linalg.norm(timeline.velocity(instance.instance_id, time_ns)))


def _axis(timeline: Timeline, instance: Instance, axis: Sequence[float]) -> F64:
    """(T, 3) an axis of the body in the world."""
    turn = rotation(timeline.bodies[instance.instance_id].quaternions_wxyz)
    return np.asarray(turn.apply(np.asarray(axis)), dtype=np.float64)


def _along(timeline: Timeline, instance: Instance) -> F64:
    """(T,) m/s^2 ahead, from positions alone: second difference over +-100 ms, knots at the ends left out."""
    track = timeline.bodies[instance.instance_id]
    t = track.times_ns.astype(np.float64) * 1e-9
    k = 10
    v = np.diff(track.positions_m, axis=0) / np.diff(t)[:, None]
    a = (v[2 * k :] - v[: -2 * k]) / (t[2 * k : -1] - t[: -2 * k - 1])[:, None]
    ahead = _axis(timeline, instance, (1.0, 0.0, 0.0))[k : k + len(a)]
    return np.asarray(np.einsum("tk,tk->t", a, ahead))


def _slip_mps(timeline: Timeline, instance: Instance) -> float:
    """Greatest sideways speed midway between unsteered wheels, from positions."""
    track = timeline.bodies[instance.instance_id]
    x = min(w.centre_m[0] for w in instance.shape.wheels)
    rear = track.positions_m + x * _axis(timeline, instance, (1.0, 0.0, 0.0))
    seconds = np.diff(track.times_ns).astype(np.float64)[:, None] * 1e-9
    aside = np.einsum(
        "tk,tk->t", np.diff(rear, axis=0) / seconds, _axis(timeline, instance, (0.0, 1.0, 0.0))[:-1]
    )
    return float(np.abs(aside).max())


def _spin_error_mps(world: World, timeline: Timeline, instance: Instance) -> float:
    """Greatest difference of a wheel's rim speed and its hub's speed, for unsteered wheels, over 100 ms."""
    parts = dict(zip((q.name for q in instance.shape.parts), instance.part_ids, strict=True))
    worst = 0.0
    for wheel in instance.shape.wheels:
        track = timeline.parts[parts[wheel.part]]
        turn = rotation(track.quaternions_wxyz)
        if wheel.steered:
            continue
        axle = rotation(timeline.bodies[instance.instance_id].quaternions_wxyz).apply([0.0, 1.0, 0.0])
        spun = np.einsum("tk,tk->t", (turn[1:] * turn[:-1].inv()).as_rotvec(), axle[:-1])
        went = np.einsum(
            "tk,tk->t", np.diff(track.positions_m, axis=0), _axis(timeline, instance, (1.0, 0.0, 0.0))[:-1]
        )
        seconds = float(np.diff(track.times_ns)[0]) * 1e-9
        error = np.convolve(spun * wheel.radius_m - went, np.full(10, 0.1 / seconds), mode="valid")
        worst = max(worst, float(np.abs(error).max()))
    return worst


def _wheel_height_m(world: World, timeline: Timeline, instance: Instance) -> float:
    """Greatest distance of a tyre's underside from the road (z = 0) at any knot."""
    parts = dict(zip((q.name for q in instance.shape.parts), instance.part_ids, strict=True))
    return max(
        float(np.abs(timeline.parts[parts[w.part]].positions_m[:, 2] - w.radius_m).max())
        for w in instance.shape.wheels
    )


def _lean_deg(timeline: Timeline, instance: Instance) -> float:
    up = _axis(timeline, instance, (0.0, 0.0, 1.0))[:, 2]
    return float(np.degrees(np.arccos(up.min().clip(-1, 1))))


def _off_path_m(timeline: Timeline, instance: Instance) -> float:
    """How far a walker strays from the path it was given."""
    path = np.asarray(instance.behaviour.get("path", ()), dtype=np.float64)
    xy = timeline.bodies[instance.instance_id].positions_m[::10, :2]
    if len(path) < 2:
        return float(np.linalg.norm(xy - xy[0], axis=1).max())
    a, b = path[:-1, :2], path[1:, :2]
    step = b - a
    t = np.einsum("mnk,nk->mn", xy[:, None] - a, step) / np.einsum("nk,nk->n", step, step)
    nearest = a + t.clip(0.0, 1.0)[..., None] * step
    return float(np.linalg.norm(xy[:, None] - nearest, axis=2).min(axis=1).max())


def _nearness(world: World, timeline: Timeline, time_ns: int) -> tuple[float, dict[int, float]]:
    """Deepest overlap in metres of any two bodies of the world, and each moving one's gap to its nearest other."""
    client = p.connect(p.DIRECT)
    try:
        solid = [i for i in world.instances if i.semantic_id and (i.moves or i.family == "table")]
        bodies = {
            i.instance_id: add_dynamic(
                client, i.shape, 1.0, timeline.world_from_body(i.instance_id, time_ns)
            )[0]
            for i in solid
        }
        floor = p.createMultiBody(
            0.0, p.createCollisionShape(p.GEOM_PLANE, physicsClientId=client), physicsClientId=client
        )
        overlap, gaps = 0.0, {}
        for i in solid:
            others = [b for k, b in bodies.items() if k != i.instance_id] + [floor]
            near = [
                point[8]
                for other in others
                for point in p.getClosestPoints(bodies[i.instance_id], other, 0.5, physicsClientId=client)
            ]
            overlap = max(overlap, -min(near, default=0.0))
            gaps[i.instance_id] = max(min(near, default=0.5), 0.0)
        return overlap, gaps
    finally:
        p.disconnect(client)


def measure(name: str, index: int) -> Row:
    """One scene of the library, resolved, built, simulated and measured."""
    scene = load_scene(name).scene
    watch = Stopwatch()
    with watch.stage("resolve"):
        concrete = resolve(scene, scene_seed(DATASET_SEED, index))
    with watch.stage("build"):
        world = build(concrete)
    start = time.process_time()
    timeline = simulate(world, concrete)
    took = time.process_time() - start
    row = ROWS[name.split(".")[0]](world, concrete, timeline)
    return {"seed": index, **row, "CPU (s)": took}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--scene", default="driving.street")
    ask.add_argument("--seeds", type=int, default=12)
    ask.add_argument("--first", type=int, default=0)
    options = ask.parse_args()
    rows: list[Row] = []
    for index in range(options.first, options.first + options.seeds):
        row = measure(options.scene, index)
        if not rows:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        rows.append(row)
        print("| " + " | ".join(f"{v:.4g}" for v in row.values()) + " |", flush=True)
    worst = {k: max((r[k] for r in rows), key=abs) for k in rows[0]}
    print("| worst | " + " | ".join(f"{v:.4g}" for k, v in worst.items() if k != "seed") + " |")


if __name__ == "__main__":
    main()
