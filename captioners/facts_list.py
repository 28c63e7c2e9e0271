"""The keyframe opened for measuring, and the list that facts are gathered in."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.lane_map import LaneMap
from pairforge.captioners.lanes import Way, ways_ahead
from pairforge.captioners.view import Body, Eye, bodies_of, ego_id_of
from pairforge.sample import Contact, Fact, Keyframe, SceneRecord


def member(sensor: str, array: str, extension: str = "png") -> str:
    """The shard member that holds a sensor's array: ("CAM_FRONT", "instance") -> "cam_front.instance.png"."""
    return f"{re.sub('[^a-z0-9_-]+', '_', sensor.lower())}.{array}.{extension}"


@dataclass
class FactList:
    """Facts in the order they were found, numbered from 1."""

    time_ns: int
    facts: list[Fact] = field(default_factory=list)

    def add(
        self,
        predicate: str,
        *subjects: int,
        argument: str = "",
        frame: str = "",
        sensor: str = "",
        value: float | None = None,
        unit: str = "",
        threshold: float | None = None,
        at_most: bool = False,
        span_ns: tuple[int, int] | None = None,
        evidence: Sequence[str] = (),
    ) -> None:
        """Adds a fact whose value reaches ``threshold`` (with ``at_most``: stays below it); margin follows."""
        margin = None
        if value is not None and threshold is not None:
            margin = threshold - value if at_most else value - threshold
        t0_ns, t1_ns = span_ns or (self.time_ns, self.time_ns)
        self.facts.append(
            Fact(
                fact_id=len(self.facts) + 1,
                predicate=predicate,
                subjects=subjects,
                argument=argument,
                frame=frame,
                sensor=sensor,
                value=None if value is None else float(value),
                unit=unit,
                threshold=None if threshold is None else float(threshold),
                margin=None if margin is None else float(margin),
                t0_ns=t0_ns,
                t1_ns=t1_ns,
                evidence=tuple(evidence),
            )
        )

    def add_rounded(
        self,
        predicate: str,
        *subjects: int,
        value: float,
        spoken: float,
        tolerance: float,
        unit: str,
        frame: str = "",
        sensor: str = "",
        span_ns: tuple[int, int] | None = None,
        evidence: Sequence[str] = (),
    ) -> None:
        """Adds a number to be spoken: ``argument`` is what is said, ``threshold`` the rounding it may be off by."""
        t0_ns, t1_ns = span_ns or (self.time_ns, self.time_ns)
        self.facts.append(
            Fact(
                fact_id=len(self.facts) + 1,
                predicate=predicate,
                subjects=subjects,
                argument=f"{spoken:.1f}".removesuffix(".0"),
                frame=frame,
                sensor=sensor,
                value=float(value),
                unit=unit,
                threshold=tolerance,
                margin=max(0.0, tolerance - abs(value - spoken)),
                t0_ns=t0_ns,
                t1_ns=t1_ns,
                evidence=tuple(evidence),
            )
        )


@dataclass(eq=False)
class Scene:
    """One keyframe opened for measuring. ``visible`` and ``unsure``: what ``saw`` was told of each camera."""

    frame: Keyframe
    record: SceneRecord
    visible: dict[str, tuple[int, ...]] = field(default_factory=dict)
    unsure: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def ego_id(self) -> int | None:
        return ego_id_of(self.record)

    @cached_property
    def bodies(self) -> dict[int, Body]:
        return bodies_of(self.frame, self.record)

    @cached_property
    def lane_map(self) -> LaneMap:
        return LaneMap.of(self.record)

    @cached_property
    def ways(self) -> list[Way]:
        """Every way that the ego may be on."""
        if self.ego_id is None:
            return []
        return self.ways_of(self.bodies[self.ego_id])

    def ways_of(self, body: Body) -> list[Way]:
        """Every way that a body may be on."""
        if body.instance_id not in self._ways:
            self._ways[body.instance_id] = ways_ahead(self.record.lanes, body.centre[:2], body.forward)
        return self._ways[body.instance_id]

    @cached_property
    def _ways(self) -> dict[int, list[Way]]:
        return {}

    @cached_property
    def hit(self) -> frozenset[int]:
        """What LiDARs touch."""
        return frozenset(int(i) for lidar in self.frame.lidars.values() for i in np.unique(lidar.touched))

    @cached_property
    def eyes(self) -> dict[str, Eye]:
        return {name: Eye(self.frame.cameras[name]) for name in sorted(self.frame.cameras)}

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """Those that are on at the keyframe, give or take a little."""
        now, slack = self.frame.time_ns, policy.CONTACT_SLACK_NS
        return tuple(c for c in self.record.contacts if c.t0_ns - slack <= now <= c.t1_ns + slack)

    def recent(self, within_ns: int) -> tuple[Contact, ...]:
        """Contacts that were on less than ``within_ns`` before the keyframe, or began by then and are on still."""
        if within_ns not in self._recent:
            now, since = self.frame.time_ns, self.frame.time_ns - within_ns
            self._recent[within_ns] = tuple(
                c for c in self.record.contacts if c.t1_ns >= since and c.t0_ns <= now
            )
        return self._recent[within_ns]

    @cached_property
    def _recent(self) -> dict[int, tuple[Contact, ...]]:
        return {}

    @cached_property
    def parted(self) -> frozenset[frozenset[int]]:
        """Pairs of ids that touched and let go of each other before the keyframe, maybe to touch again."""
        now = self.frame.time_ns
        return frozenset(
            frozenset((c.instance_a, c.instance_b)) for c in self.record.contacts if c.t1_ns < now
        )

    @cached_property
    def touching(self) -> dict[int, set[int]]:
        """Instance id -> what it touches; 0 is the static world."""
        pairs: dict[int, set[int]] = {}
        for contact in self.contacts:
            pairs.setdefault(contact.instance_a, set()).add(contact.instance_b)
            pairs.setdefault(contact.instance_b, set()).add(contact.instance_a)
        return pairs

    def facing(self, sensor: str, instance_id: int, within_deg: float) -> bool:
        """Whether a camera may speak of a body's place in its image: always, but for cameras that see behind
        themselves; there its centre must lie within a level angle off the view, and its mask in half the width."""
        eye = self.eyes[sensor]
        if eye.camera.intrinsics.z_depth:
            return True
        mask, pose = eye.masks[instance_id], eye.camera.world_from_camera
        x, y = pose.rotation[:2, 2]
        to_x, to_y = (self.bodies[instance_id].centre - pose.position_m)[:2]
        off_deg = abs(math.degrees(math.atan2(x * to_y - y * to_x, x * to_x + y * to_y)))
        return off_deg <= within_deg and mask.box[2] - mask.box[0] <= eye.width / 2

    @cached_property
    def others(self) -> tuple[Body, ...]:
        """Every boxed body but the ego."""
        return tuple(self.bodies[i] for i in sorted(self.bodies) if i != self.ego_id)

    def saw(self, sensor: str, visible: tuple[int, ...], unsure: tuple[int, ...]) -> None:
        """Take in what a camera shows: ids that may be mentioned, and ids of which it is not sure, ascending."""
        self.visible[sensor], self.unsure[sensor] = visible, unsure
        for gathered in ("seen", "told"):
            self.__dict__.pop(gathered, None)

    @cached_property
    def seen(self) -> frozenset[int]:
        """Ids that some camera may mention."""
        return frozenset(i for ids in self.visible.values() for i in ids)

    @cached_property
    def told(self) -> frozenset[int]:
        """Ids that some camera or LiDAR may mention."""
        return self.seen | self.hit
