"""Do a scene's tables agree with each other, with its shard and with the concrete scene; do its tracks move as
bodies can?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pairforge.datasets import tar
from pairforge.datasets.files import read_bytes
from pairforge.datasets.finding import Problem
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.datasets.store import member_prefix, sensor_slug
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import F64, Track, rotation
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.taxonomy import BY_NAME

MAX_SPEED_MPS = 90.0
MAX_JUMP_MPS = 15.0
"""Velocity may change by this much between neighbouring knots (a hard impact), not more."""
MAX_LIMB_MPS2 = 250.0
"""Acceleration of a part within its body: wheels and limbs."""


def sample_index(scene: SceneView) -> Iterator[Problem]:
    """Tables frames and sensors point at exactly the members of the shard."""
    entry = scene.dataset.scene(scene.index)
    data = read_bytes(scene.dataset.root / scene.shard)
    stored = {m.name: m for m in tar.members(data, scene.shard)}
    said: set[str] = set()
    rows = scene.dataset.table("frames", scene.index).to_pylist()
    if [r["frame_index"] for r in rows] != list(range(entry.frames)):
        yield Problem(scene.table("frames"), f"frames are not 0 to {entry.frames - 1}, each once")
    for row in rows:
        key = f"{scene.index:06d}-{row['frame_index']:06d}"
        if row["key"] != key or row["scene_index"] != scene.index or row["shard"] != scene.shard:
            yield Problem(
                scene.table("frames"), f"row {key} names another key, scene or shard", row["frame_index"]
            )
        said.add(f"{key}.json")
    for row in scene.dataset.table("sensors", scene.index).to_pylist():
        key = f"{scene.index:06d}-{row['frame_index']:06d}"
        prefix = member_prefix(key, sensor_slug(row["sensor"]), row["sweep"])
        listed = {m["name"] for m in row["members"]}
        specs = arrays_of(row["kind"])
        asked = {s.suffix for s in specs if s.optional and prefix + s.suffix in listed}
        own = {f"{prefix}{s.suffix}" for s in specs if not s.optional or s.suffix in asked}
        if listed != own or row["slug"] != sensor_slug(row["sensor"]):
            yield Problem(
                scene.table("sensors"), f"members of {row['sensor']} are not its arrays", row["frame_index"]
            )
        for m in row["members"]:
            if m["name"] in stored and (stored[m["name"]].offset, stored[m["name"]].size) != (
                m["offset"],
                m["size"],
            ):
                yield Problem(
                    scene.table("sensors"), f"{m['name']} lies elsewhere in the shard", row["frame_index"]
                )
        said |= own
    for name in sorted(said ^ set(stored)):
        there = "is in the shard but in no table" if name in stored else "is missing from the shard"
        yield Problem(f"{scene.shard}:{name}", f"{name} {there}")


def frame_rows(scene: SceneView) -> Iterator[Problem]:
    """Every row about a keyframe belongs to one that exists."""
    frames = scene.dataset.scene(scene.index).frames
    for name in ("frames", "sensors", "boxes2d", "boxes3d", "facts", "captions"):
        table = scene.dataset.table(name, scene.index)
        for s, k, key in zip(
            *(table[c].to_pylist() for c in ("scene_index", "frame_index", "key")), strict=True
        ):
            if s != scene.index or not 0 <= k < frames or key != f"{s:06d}-{k:06d}":
                yield Problem(scene.table(name), f"a row says scene {s}, frame {k}, key {key}")
    of_scene = ("scenes", "instances", "parts", "trajectories", "events", "calibration")
    for name in (*of_scene, "happenings", "happening_relations", "causes"):
        if set(scene.dataset.table(name, scene.index)["scene_index"].to_pylist()) - {scene.index}:
            yield Problem(scene.table(name), "a row belongs to another scene")


def concrete_scene(scene: SceneView) -> Iterator[Problem]:
    """The record says what the concrete scene says."""
    concrete: ConcreteScene = scene.concrete
    record, table = scene.record, scene.table("scenes")
    if (record.scene, record.seed) != (concrete.scene, concrete.seed):
        yield Problem(
            table, f"scene and seed are not the concrete scene's ({concrete.scene}, {concrete.seed})"
        )
    if record.scene != scene.dataset.manifest.identity.scene:
        yield Problem(table, f'the manifest is about scene "{scene.dataset.manifest.identity.scene}"')
    if (count := scene.dataset.scene(scene.index).frames) != len(concrete.keyframe_times_ns):
        yield Problem(table, f"{count} keyframes are stored, {len(concrete.keyframe_times_ns)} are due")
    lanes = {x.lane_id: x for x in concrete.lanes}
    for lane_id, width_m, centre_m in record.lanes:
        lane = lanes.get(lane_id)
        if lane is not None and (
            lane.width_m != width_m or not np.array_equal(np.array(lane.centre_m), centre_m)
        ):
            yield Problem(table, f"lane {lane_id} is not that of the concrete scene")
    if concrete.lanes and {i for i, _, _ in record.lanes} != set(lanes):
        yield Problem(table, "its lanes are not those of the concrete scene")


def instances(scene: SceneView) -> Iterator[Problem]:
    """Ids run from 1; names, colours, materials and masses are the concrete scene's; sizes are sizes."""
    table = scene.table("instances")
    rows = scene.record.instances
    if [r.instance_id for r in rows] != list(range(1, len(rows) + 1)):
        yield Problem(table, "instance ids do not run from 1 without a gap")
    items = {item.name: item for item in scene.concrete.items}
    if len({r.name for r in rows}) != len(rows):
        yield Problem(table, "two instances share a name")
    for r in rows:
        if r.semantic not in BY_NAME:
            yield Problem(table, f'instance {r.instance_id}: class "{r.semantic}" does not exist')
        if not (all(np.isfinite(r.size_m)) and min(r.size_m) >= 0):
            yield Problem(table, f"instance {r.instance_id}: size {r.size_m} is no size")
        tracked = r.instance_id in scene.record.instance_tracks
        if tracked == (r.instance_id in scene.record.instance_poses):
            yield Problem(table, f"instance {r.instance_id} must have either a track or a still pose")
        if tracked != r.moves:
            yield Problem(
                table,
                f"instance {r.instance_id} moves: {r.moves}, but it has {'a' if tracked else 'no'} track",
            )
        item = items.get(r.name)
        if item is None:
            continue
        for what, said, truth in (
            ("colour", r.colour, item.colour),
            ("material", r.material, item.material),
            ("family", r.family, item.family),
            ("mass_kg", r.mass_kg, item.mass_kg),
            ("behaviour", r.behaviour, item.behaviour.get("kind")),
        ):
            if truth is not None and said != truth:
                yield Problem(
                    table, f"instance {r.instance_id}: {what} is {said!r}, the concrete scene has {truth!r}"
                )


def same_noun(scene: SceneView) -> Iterator[Problem]:
    """One family has one noun and one class."""
    first: dict[str, tuple[str, str]] = {}
    for r in scene.record.instances:
        said = (r.noun, r.semantic)
        if first.setdefault(r.family, said) != said:
            yield Problem(
                scene.table("instances"),
                f"instance {r.instance_id}: noun and class are {said}, other {r.family} have {first[r.family]}",
            )


def split(scene: SceneView) -> Iterator[Problem]:
    """Every thing shows what its part of the split may show, and no composition held out for another part."""
    said, draws, table = scene.concrete.split, scene.concrete.draws, scene.table("instances")
    if not said or scene.concrete.do:
        return
    rows = [r for r in scene.record.instances if f"{r.name}.shape" in draws]
    looks = {r.name: {"shape": r.family, "colour": r.colour, "material": r.material} for r in rows}
    for name, look in looks.items():
        allowed = said["allowed"].get(name) or said["allowed"].get(name.rpartition("_")[0], {})
        for field, options in allowed.items():
            if look[field] not in options:
                yield Problem(table, f'"{name}" has the {field} "{look[field]}" of another part of the split')
    own = []
    for composition in said["held_out"]:
        wanted = {k: v for k, v in composition.items() if k != "part"}
        shown = [name for name, look in looks.items() if all(look[k] == v for k, v in wanted.items())]
        if composition["part"] == said["part"]:
            own += [bool(shown)]
        elif shown:
            yield Problem(table, f'"{shown[0]}" shows {wanted}, held out for part "{composition["part"]}"')
    if own and not any(own):
        yield Problem(table, f'nothing shows a composition held out for its part, "{said["part"]}"')


def parts(scene: SceneView) -> Iterator[Problem]:
    """Part ids run from 1, name known instances and classes, and have one pose or one track."""
    table = scene.table("parts")
    rows = scene.record.parts
    if [r.part_id for r in rows] != list(range(1, len(rows) + 1)):
        yield Problem(table, "part ids do not run from 1 without a gap")
    owners = {r.instance_id for r in rows}
    # The lamps of a traffic light switch while the rest of it stands.
    signals = {item.name for item in scene.concrete.items if item.motion == "signal"}
    switching = {r.instance_id for r in scene.record.instances if r.name in signals}
    for r in rows:
        if r.instance_id and r.instance_id not in scene.ids:
            yield Problem(
                table, f"part {r.part_id} belongs to instance {r.instance_id}, which does not exist"
            )
        if r.semantic not in BY_NAME:
            yield Problem(table, f'part {r.part_id}: class "{r.semantic}" does not exist')
        if (r.part_id in scene.record.part_tracks) == (r.part_id in scene.record.part_poses):
            yield Problem(table, f"part {r.part_id} must have either a track or a still pose")
        tracked = r.part_id in scene.record.part_tracks
        if r.instance_id in switching:
            together = r.instance_id not in scene.record.instance_tracks
        else:
            together = not r.instance_id or tracked == (r.instance_id in scene.record.instance_tracks)
        if not together:
            yield Problem(table, f"part {r.part_id} and its instance {r.instance_id} do not move together")
    for missing in sorted(scene.ids - owners):
        yield Problem(table, f"instance {missing} has no part")


def tracks(scene: SceneView) -> Iterator[Problem]:
    """Knots ascend and cover the keyframes; rotations are rotations; nothing jumps."""
    table = scene.table("trajectories")
    times = scene.concrete.keyframe_times_ns
    pairs = [("part", i, t) for i, t in scene.record.part_tracks.items()]
    pairs += [("instance", i, t) for i, t in scene.record.instance_tracks.items()]
    for kind, number, track in pairs:
        who = f"{kind} {number}"
        t = track.times_ns
        if len(t) < 2 or (np.diff(t) <= 0).any():
            yield Problem(table, f"{who}: time stamps do not ascend")
            continue
        if times and (t[0] > times[0] or t[-1] < times[-1]):
            yield Problem(table, f"{who}: its knots do not cover the keyframes")
        norms = np.linalg.norm(track.quaternions_wxyz, axis=1)
        if not np.isfinite(track.positions_m).all() or not np.allclose(norms, 1.0, atol=1e-6):
            yield Problem(table, f"{who}: a knot has no finite position or no unit quaternion")
            continue
        yield from (Problem(table, f"{who}: {m}") for m in _jumps(track, kind))


def _jumps(track: Track, kind: str) -> Iterator[str]:
    seconds = np.diff(track.times_ns) * 1e-9
    velocity = np.diff(track.positions_m, axis=0) / seconds[:, None]
    speed = np.linalg.norm(velocity, axis=1)
    if speed.max() > MAX_SPEED_MPS:
        at = int(track.times_ns[speed.argmax()])
        yield f"moves at {speed.max():.1f} m/s near {at} ns; nothing here can"
        return
    jump = np.linalg.norm(np.diff(velocity, axis=0), axis=1)
    if kind == "instance" and len(jump) and jump.max() > MAX_JUMP_MPS:
        at = int(track.times_ns[jump.argmax() + 1])
        yield f"velocity changes by {jump.max():.1f} m/s at the knot {at} ns (at most {MAX_JUMP_MPS:g})"


def parts_follow_bodies(scene: SceneView) -> Iterator[Problem]:
    """Seen from its body, a part stays or moves smoothly (wheels turn, limbs swing)."""
    table = scene.table("trajectories")
    for p in scene.record.parts:
        part, body = scene.record.part_tracks.get(p.part_id), scene.record.instance_tracks.get(p.instance_id)
        if part is None or body is None:
            continue
        if not np.array_equal(part.times_ns, body.times_ns):
            yield Problem(table, f"part {p.part_id} and its instance {p.instance_id} have other knots")
            continue
        turn = rotation(body.quaternions_wxyz).inv()
        inside = np.asarray(turn.apply(part.positions_m - body.positions_m))
        bend = _bend(inside)
        seconds = float(np.median(np.diff(part.times_ns))) * 1e-9
        limit = 2e-3 + MAX_LIMB_MPS2 * seconds**2
        if len(bend) and bend.max() > limit:
            at = int(part.times_ns[bend.argmax() + 1])
            yield Problem(
                table,
                f"part {p.part_id} leaves instance {p.instance_id} by {bend.max():.3f} m at the knot {at} ns "
                f"(at most {limit:.3f})",
            )


def _bend(positions: F64) -> F64:
    """(T - 2,) how far each inner knot lies off the middle of its neighbours."""
    return np.asarray(np.linalg.norm(positions[1:-1] - (positions[:-2] + positions[2:]) / 2, axis=1))


def contacts(scene: SceneView) -> Iterator[Problem]:
    """Contacts are between known instances, within the simulated time, with a force."""
    table = scene.table("events")
    spans = [(t.times_ns[0], t.times_ns[-1]) for t in scene.record.instance_tracks.values()]
    first, last = (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else (0, 0)
    if not scene.record.contacts and not spans:
        return
    for c in scene.record.contacts:
        if {c.instance_a, c.instance_b} - scene.ids - {0} or c.instance_a == c.instance_b:
            yield Problem(table, f"contact between {c.instance_a} and {c.instance_b}: no such pair")
        if not first <= c.t0_ns <= c.t1_ns <= last:
            yield Problem(
                table, f"contact at {c.t0_ns}..{c.t1_ns} ns lies outside the simulated {first}..{last} ns"
            )
        if not (np.isfinite(c.peak_force_n) and c.peak_force_n >= 0):
            yield Problem(table, f"contact force {c.peak_force_n} N is no force")
        movers = {c.instance_a, c.instance_b} & set(scene.record.instance_tracks)
        if not movers:
            yield Problem(table, f"contact between {c.instance_a} and {c.instance_b}: neither of them moves")


CHECKS = (
    sample_index,
    frame_rows,
    concrete_scene,
    instances,
    same_noun,
    split,
    parts,
    tracks,
    parts_follow_bodies,
    contacts,
)
