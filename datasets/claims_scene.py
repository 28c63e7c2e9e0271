"""A keyframe opened for proving: masks by scipy, bodies along the stored tracks, outlines by shapely."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_air import cleared, hidden, thickness_per_m
from pairforge.datasets.claims_words import CLASS_NOUN, MATERIAL_ADJECTIVE
from pairforge.datasets.readers.authored import rows_of
from pairforge.datasets.readers.protocol import Reader, reader
from pairforge.datasets.schema import TABLES
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.datasets.store import sensor_slug
from pairforge.sample import Box2D, CameraFrame, Fact, InstanceRow, Keyframe, SceneRecord

F64 = NDArray[np.float64]


@lru_cache(maxsize=1 << 12)
def _names_of(noun: str, semantic: str, family: str) -> tuple[str, ...]:
    own = noun or (CLASS_NOUN.get(semantic) or (family.replace("_", " "),))[0]
    return tuple(dict.fromkeys((own, *CLASS_NOUN.get(semantic, ()))))


def matrix_of(wxyz: F64) -> F64:
    """(3, 3) rotation of a unit quaternion, by the textbook formula."""
    w, x, y, z = wxyz / np.linalg.norm(wxyz)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def slerp(a: F64, b: F64, share: float) -> F64:
    """Between two unit quaternions, the short way (Shoemake 1985)."""
    dot = float(a @ b)
    b, dot = (-b, -dot) if dot < 0 else (b, dot)
    angle = np.arccos(min(dot, 1.0))
    if angle < 1e-9:
        return np.asarray(a)
    mixed: F64 = (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / np.sin(angle)
    return mixed


@dataclass(frozen=True, eq=False)
class Solid:
    """An instance's upright box at the keyframe: centre, half extents, rotation, velocity."""

    row: InstanceRow
    centre: F64
    half: F64
    turn: F64
    velocity: F64

    @cached_property
    def corners(self) -> F64:
        """(8, 3) world positions."""
        grid = np.array(np.meshgrid([-1.0, 1.0], [-1.0, 1.0], [-1.0, 1.0])).reshape(3, -1)
        placed: F64 = (self.turn @ (grid * self.half[:, None])).T + self.centre
        return placed

    @cached_property
    def outline(self) -> shapely.Polygon:
        """The box's base seen from above."""
        ring = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
        return shapely.Polygon([(self.centre + self.turn @ (self.half * [x, y, 0]))[:2] for x, y in ring])

    @property
    def heading(self) -> F64:
        flat = self.turn[:2, 0]
        unit: F64 = flat / np.hypot(*flat)
        return unit

    @property
    def ground_speed(self) -> float:
        return float(np.hypot(self.velocity[0], self.velocity[1]))


@dataclass(frozen=True, eq=False)
class Shot:
    """One camera's stored arrays."""

    camera: CameraFrame

    @cached_property
    def pixels(self) -> dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Instance id -> (rows, columns) of its pixels."""
        ids = self.camera.instance
        order = np.argsort(ids, axis=None, kind="stable")
        values, starts = np.unique(ids.ravel()[order], return_index=True)
        rows, columns = np.unravel_index(order, ids.shape)
        ends = [*starts[1:], order.size]
        return {
            int(v): (rows[a:b], columns[a:b]) for v, a, b in zip(values, starts, ends, strict=True) if v != 0
        }

    @cached_property
    def rows(self) -> dict[int, Box2D]:
        return {b.instance_id: b for b in self.camera.boxes}

    @cached_property
    def counts(self) -> dict[int, int]:
        """Instance id -> number of its pixels, ids ascending."""
        return {i: n for i, n in enumerate(np.bincount(self.camera.instance.ravel()).tolist()) if i and n}

    def px(self, instance_id: int) -> int:
        return self.counts.get(instance_id, 0)

    def mean_column(self, instance_id: int) -> float:
        return float(self.pixels[instance_id][1].mean()) + 0.5

    def columns(self, instance_id: int) -> int:
        """Width of the mask's bounding box in pixels."""
        return int(np.ptp(self.pixels[instance_id][1])) + 1

    def hidden_share(self, instance_id: int) -> float:
        return 1.0 - self.px(instance_id) / max(self.rows[instance_id].solo_px, 1)


@dataclass(frozen=True, eq=False)
class Proof:
    """Everything that proving one keyframe needs, derived from what is stored."""

    frame: Keyframe
    record: SceneRecord

    @cached_property
    def lost(self) -> dict[str, frozenset[int]]:
        """Camera -> what fog and dust hide from its picture."""
        per_m = thickness_per_m(self.record.concrete)
        return {n: hidden(c, per_m) for n, c in self.frame.cameras.items()}

    @cached_property
    def seen(self) -> Proof:
        """The keyframe without what fog and dust hide from its pictures; itself where they hide nothing."""
        if not any(self.lost.values()):
            return self
        cameras = {n: replace(c, instance=cleared(c, self.lost[n])) for n, c in self.frame.cameras.items()}
        return Proof(replace(self.frame, cameras=cameras), self.record)

    @cached_property
    def shots(self) -> dict[str, Shot]:
        return {name: Shot(camera) for name, camera in self.frame.cameras.items()}

    def reader(self, code: str) -> Reader:
        """Who reads a language here: it knows the sentences of the scene's author too, which are stored with it.
        ValueError where those are none."""
        stored = self.record.concrete.get("sentences", {})
        rows = rows_of(stored.get(code, [])) if isinstance(stored, Mapping) else ()
        try:
            return reader(code, rows)
        except re.error as error:
            raise ValueError(f"a pattern cannot be read: {error}") from None

    @cached_property
    def ego(self) -> int | None:
        named = [r.instance_id for r in self.record.instances if r.name == self.record.ego]
        return named[0] if named else None

    def row(self, instance_id: int) -> InstanceRow:
        return self.record.instances[instance_id - 1]

    @cached_property
    def known(self) -> frozenset[int]:
        return frozenset(r.instance_id for r in self.record.instances)

    @cached_property
    def boxed(self) -> frozenset[int]:
        """What has a 3D box: the keys of ``solids``."""
        boxes = {b.instance_id for b in self.frame.boxes} & self.known
        return frozenset(boxes if self.ego is None else boxes | {self.ego})

    @cached_property
    def solids(self) -> dict[int, Solid]:
        made = {}
        for box in self.frame.boxes:
            if box.instance_id in self.known:
                made[box.instance_id] = Solid(
                    self.row(box.instance_id),
                    np.array(box.centre_m, dtype=float),
                    np.array(box.size_m, dtype=float) / 2,
                    matrix_of(np.array(box.quaternion_wxyz, dtype=float)),
                    np.array(box.velocity_mps, dtype=float),
                )
        if self.ego is not None and self.ego not in made:
            made[self.ego] = self._tracked(self.ego)
        return made

    def _tracked(self, instance_id: int) -> Solid:
        row, now = self.row(instance_id), self.frame.time_ns
        position, quaternion = self.pose(instance_id, now)
        ahead, _ = self.pose(instance_id, now + 20_000_000)
        back, _ = self.pose(instance_id, now - 20_000_000)
        turn = matrix_of(quaternion)
        return Solid(
            row,
            position + turn @ np.array(row.centre_m),
            np.array(row.size_m) / 2,
            turn,
            (ahead - back) / 0.04,
        )

    def pose(self, instance_id: int, time_ns: int) -> tuple[F64, F64]:
        """Position (3,) and quaternion (4,) of a body, interpolated between the two stored knots around a time."""
        track = self.record.instance_tracks.get(instance_id)
        if track is None:
            still = self.record.instance_poses[instance_id]
            return still.position_m, still.quaternion_wxyz
        after = int(np.clip(np.searchsorted(track.times_ns, time_ns), 1, len(track.times_ns) - 1))
        t0, t1 = int(track.times_ns[after - 1]), int(track.times_ns[after])
        share = (time_ns - t0) / (t1 - t0)
        a, b = track.positions_m[after - 1], track.positions_m[after]
        qa, qb = track.quaternions_wxyz[after - 1], track.quaternions_wxyz[after]
        return a + share * (b - a), slerp(qa, qb, share)

    def showing(self, sensor: str) -> dict[int, str]:
        """Instance id -> "sure" when it may be mentioned, "unsure" when it may only blur a count."""
        shot, found = self.shots[sensor], {}
        for instance_id, px in shot.counts.items():
            if instance_id == self.ego:
                continue
            row = shot.rows.get(instance_id)
            share = px / max(row.solo_px, 1) if row else 1.0
            if px >= policy.MENTION_PX and share >= policy.MENTION_FRACTION:
                found[instance_id] = "sure"
            elif px >= policy.NOTICE_PX:
                found[instance_id] = "unsure"
        return found

    @cached_property
    def shown(self) -> dict[str, dict[int, str]]:
        return {name: self.showing(name) for name in self.shots}

    def sure(self, sensor: str) -> list[int]:
        if sensor not in self._sure:
            self._sure[sensor] = sorted(i for i, s in self.shown[sensor].items() if s == "sure")
        return list(self._sure[sensor])

    @cached_property
    def _sure(self) -> dict[str, list[int]]:
        return {}

    @cached_property
    def fitting(self) -> dict[tuple[str, str, str], list[int]]:
        """What has been found out about which things of a camera a quality and a noun fit."""
        return {}

    @cached_property
    def seen_anywhere(self) -> frozenset[int]:
        return frozenset(i for name in self.shots for i in self.sure(name))

    @cached_property
    def returns(self) -> dict[str, dict[int, int]]:
        """LiDAR -> instance id -> number of returns off it, straight or through glass: no ghosts, no stray light."""
        return {
            name: {i: n for i, n in enumerate(np.bincount(lidar.instance[lidar.kind % 4 == 0]).tolist()) if n}
            for name, lidar in self.frame.lidars.items()
        }

    @cached_property
    def noticed(self) -> frozenset[int]:
        """What some camera shows or some LiDAR hits."""
        return self.seen_anywhere.union(*(hits.keys() for hits in self.returns.values()))

    @cached_property
    def parked(self) -> dict[int, bool]:
        """What has been found out about who is parked, by instance id."""
        return {}

    def evidence_of(self, sensor: str) -> frozenset[str]:
        """What a fact may name as its evidence: the shard members of its own sensor, and the tables."""
        if sensor not in self._evidence:
            self._evidence[sensor] = self._evidence_of(sensor)
        return self._evidence[sensor]

    @cached_property
    def _evidence(self) -> dict[str, frozenset[str]]:
        return {}

    def _evidence_of(self, sensor: str) -> frozenset[str]:
        kinds = {**dict.fromkeys(self.frame.cameras, "camera"), **dict.fromkeys(self.frame.lidars, "lidar")}
        kinds |= {name: reading.kind for name, reading in self.frame.readings.items()}
        arrays = arrays_of(kinds[sensor]) if sensor in kinds else ()
        members = {f"{sensor_slug(sensor)}.{spec.name}.{spec.extension}" for spec in arrays}
        return frozenset(members | set(TABLES))

    def facts_of(self, sensor: str) -> list[Fact]:
        """The stated facts that a text about one camera may rest on: its own and those of the world."""
        if sensor not in self._facts:
            self._facts[sensor] = [f for f in self.frame.facts if f.sensor in ("", sensor)]
        return self._facts[sensor]

    @cached_property
    def _facts(self) -> dict[str, list[Fact]]:
        return {}

    def true_of(self, sensor: str) -> dict[tuple[str, str], frozenset[int]]:
        """(predicate, argument) -> of what the facts of one camera and of the world state it."""
        if sensor not in self._true_of:
            stated: dict[tuple[str, str], set[int]] = {}
            for fact in self.facts_of(sensor):
                stated.setdefault((fact.predicate, fact.argument), set()).update(fact.subjects[:1])
            self._true_of[sensor] = {key: frozenset(ids) for key, ids in stated.items()}
        return self._true_of[sensor]

    @cached_property
    def _true_of(self) -> dict[str, dict[tuple[str, str], frozenset[int]]]:
        return {}

    @cached_property
    def facts_by_id(self) -> dict[int, Fact]:
        return {f.fact_id: f for f in self.frame.facts}

    @cached_property
    def nouns(self) -> frozenset[str]:
        """Everything that anything of the scene may be called."""
        return frozenset(self._by_name)

    def at_odds(self, instance_id: int) -> bool:
        """Whether a stored velocity lies outside what the stored track's own segments about the keyframe give.

        0.25 m/s and 3 % are allowed: velocities are instantaneous, segments are means. A body without a track
        stands still.
        """
        if instance_id not in self._odd:
            self._odd[instance_id] = self._is_at_odds(instance_id)
        return self._odd[instance_id]

    def _is_at_odds(self, instance_id: int) -> bool:
        velocity = self.solids[instance_id].velocity
        track = self.record.instance_tracks.get(instance_id)
        if track is None:
            return bool(np.abs(velocity).max() > 0.01)
        last = len(track.times_ns) - 1
        middle = int(np.clip(np.searchsorted(track.times_ns, self.frame.time_ns), 1, last))
        steps = [k for k in range(middle - 2, middle + 3) if 1 <= k <= last]
        rates = np.array(
            [
                (track.positions_m[k] - track.positions_m[k - 1])
                / (int(track.times_ns[k] - track.times_ns[k - 1]) * 1e-9)
                for k in steps
            ]
        )
        slack = 0.25 + 0.03 * float(np.linalg.norm(velocity))
        return bool(((velocity < rates.min(axis=0) - slack) | (velocity > rates.max(axis=0) + slack)).any())

    @cached_property
    def _odd(self) -> dict[int, bool]:
        return {}

    def names(self, instance_id: int) -> tuple[str, ...]:
        """Everything the instance may be called."""
        row = self.row(instance_id)
        return _names_of(row.noun, row.semantic, row.family)

    @cached_property
    def _by_name(self) -> dict[str, frozenset[int]]:
        """Word -> instances that may be called that."""
        called: dict[str, set[int]] = {}
        for i in self.known:
            for name in self.names(i):
                called.setdefault(name, set()).add(i)
        return {name: frozenset(ids) for name, ids in called.items()}

    def called(self, qualities: tuple[str, ...], word: str) -> frozenset[int]:
        """Every instance of the scene that these colours and materials and this noun fit."""
        key = qualities, word
        if key not in self._called:
            from pairforge.datasets.claims_checks import has_quality  # it imports this module

            named = self._by_name.get(word, frozenset())
            self._called[key] = frozenset(i for i in named if all(has_quality(self, i, q) for q in qualities))
        return self._called[key]

    @cached_property
    def _called(self) -> dict[tuple[tuple[str, ...], str], frozenset[int]]:
        return {}

    @cached_property
    def looks(self) -> dict[int, tuple[str, str]]:
        """What has been found out about colours and materials, by instance id: words, or ""."""
        return {}

    def material(self, instance_id: int) -> str:
        row = self.row(instance_id)
        if row.semantic not in ("object", "table"):
            return ""
        words = row.material.replace("-", "_").split("_")
        return next((MATERIAL_ADJECTIVE[w] for w in words if w in MATERIAL_ADJECTIVE), "")

    def gap(self, a: int, b: int) -> float:
        """Metres between two outlines on the ground."""
        return float(self.solids[a].outline.distance(self.solids[b].outline))

    def off_view_deg(self, sensor: str, instance_id: int) -> float:
        """The level angle between a camera's view and the way to a box; 0 for cameras that see only ahead."""
        camera = self.shots[sensor].camera
        if camera.intrinsics.model not in ("kannala_brandt", "equirectangular"):
            return 0.0
        view = matrix_of(camera.world_from_camera.quaternion_wxyz)[:2, 2]
        way = (self.solids[instance_id].centre - camera.world_from_camera.position_m)[:2]
        turned = view[0] * way[1] - view[1] * way[0]
        return float(np.degrees(np.abs(np.arctan2(turned, view @ way))))

    def depth_span(self, sensor: str, instance_id: int) -> tuple[float, float]:
        """(centre, extent) along the camera's level view direction, metres."""
        pose, solid = self.shots[sensor].camera.world_from_camera, self.solids[instance_id]
        view = matrix_of(pose.quaternion_wxyz)[:, 2].copy()
        view[2] = 0.0
        view /= np.linalg.norm(view)
        along = solid.corners @ view
        return float((solid.centre - pose.position_m) @ view), float(np.ptp(along))
