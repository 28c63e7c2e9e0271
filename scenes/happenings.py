"""Requirements on what comes to pass: a scenario that does not come about is drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from shapely import LineString

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import F64
from pairforge.scenes.requirements import Requirement

if TYPE_CHECKING:
    from pairforge.scenes.candidate import Candidate


@dataclass(frozen=True)
class Happens(Requirement):
    """The rule of a script ("cutter.cut_in") fires between the first keyframe and ``before_end_s`` before the
    last."""

    rule: str
    before_end_s: float = 0.0
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return (self.rule.partition(".")[0],)

    def check(self, candidate: Candidate) -> str | None:
        _known_rule(self, candidate, self.rule)
        time_ns = candidate.timeline.fired.get(self.rule)
        first, last = candidate.concrete.keyframe_times_ns[0], candidate.concrete.keyframe_times_ns[-1]
        if time_ns is None:
            return f'"{self.rule}" never fires'
        if not first <= time_ns <= last - self.before_end_s * 1e9:
            return f'"{self.rule}" fires at {time_ns / 1e9:.2f} s'
        return None


@dataclass(frozen=True)
class Untouched(Requirement):
    """``name`` touches no other thing (or not ``other``) at any time."""

    name: str
    other: str | None = None
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return (self.name,) if self.other is None else (self.name, self.other)

    def check(self, candidate: Candidate) -> str | None:
        mine = candidate.instance(self.name).instance_id
        only = None if self.other is None else candidate.instance(self.other).instance_id
        for contact in candidate.timeline.contacts:
            pair = {contact.instance_a, contact.instance_b}
            if mine in pair and 0 not in pair and (only is None or only in pair):
                (touched,) = pair - {mine}
                name = candidate.world.instance(touched).name
                return f'"{self.name}" touches "{name}" at {contact.t0_ns / 1e9:.2f} s'
        return None


@dataclass(frozen=True)
class Hidden(Requirement):
    """``name`` covers at most ``at_most_px`` pixels of ``camera`` (None: of any) until the rule ``until`` fires: at
    each keyframe before that, and half a second before it."""

    name: str
    until: str
    at_most_px: int = 0
    camera: str | None = None
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return tuple(n for n in (self.name, self.until.partition(".")[0], self.camera) if n is not None)

    def check(self, candidate: Candidate) -> str | None:
        _known_rule(self, candidate, self.until)
        end_ns = candidate.timeline.fired.get(self.until)
        if end_ns is None:
            return f'"{self.until}" never fires'
        looks = [t for t in candidate.concrete.keyframe_times_ns if t <= end_ns]
        for time_ns in (*looks, max(end_ns - 500_000_000, 0), end_ns):
            pixels = candidate.visible_px(self.name, self.camera, time_ns)
            if pixels > self.at_most_px:
                return f'"{self.name}" covers {pixels} px at {time_ns / 1e9:.2f} s, before "{self.until}"'
        return None


@dataclass(frozen=True)
class EndsAhead(Requirement):
    """At the last keyframe ``name`` is at least ``by_m`` ahead of ``of`` (rear to front, in its own direction)."""

    name: str
    of: str
    by_m: float = 0.0
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return (self.name, self.of)

    def check(self, candidate: Candidate) -> str | None:
        time_ns = candidate.concrete.keyframe_times_ns[-1]
        me, other = candidate.instance(self.name), candidate.instance(self.of)
        poses = [candidate.timeline.world_from_body(i.instance_id, time_ns) for i in (me, other)]
        along = poses[0].vectors([1.0, 0.0, 0.0])
        (rear, _), (_, front) = (
            ((middle := float(p.points(i.centre_m) @ along)) - i.size_m[0] / 2, middle + i.size_m[0] / 2)
            for i, p in zip((me, other), poses, strict=True)
        )
        lead = rear - front
        return None if lead >= self.by_m else f'"{self.name}" ends {lead:.1f} m ahead of "{self.of}"'


@dataclass(frozen=True)
class EndsInLane(Requirement):
    """At the last keyframe the middle of ``name`` is within ``within_m`` of the centre line of ``lane``."""

    name: str
    lane: int
    within_m: float = 0.8
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return (self.name,)

    def check(self, candidate: Candidate) -> str | None:
        lanes = {lane.lane_id: lane for lane in candidate.world.lanes}
        if self.lane not in lanes:
            known = ", ".join(map(str, lanes)) or "none"
            raise SpecError(f"{self!r}: the setting has no lane {self.lane}. Lanes: {known}.")
        instance = candidate.instance(self.name)
        pose = candidate.timeline.world_from_body(
            instance.instance_id, candidate.concrete.keyframe_times_ns[-1]
        )
        off = _distance(pose.points(instance.centre_m)[:2], lanes[self.lane].centre_m[:, :2])
        return None if off <= self.within_m else f'"{self.name}" ends {off:.1f} m off lane {self.lane}'


@dataclass(frozen=True)
class CrossesAhead(Requirement):
    """The paths of two things cross, and ``name`` is there first; ``of`` comes there at most ``within_s`` later
    (going on as it last did, if the scene ends before)."""

    name: str
    of: str
    within_s: float = 8.0
    simulated: ClassVar[bool] = True

    def references(self) -> tuple[str, ...]:
        return (self.name, self.of)

    def check(self, candidate: Candidate) -> str | None:
        tracks = [candidate.timeline.bodies[candidate.instance(n).instance_id] for n in (self.name, self.of)]
        first, second = (t.positions_m[:, :2] for t in tracks)
        last_s = float(candidate.timeline.times_ns[-1]) * 1e-9
        step = second[-1] - second[-21]
        speed = max(float(np.linalg.norm(step)) / 0.2, 0.1)
        onward = second[-1] + step / max(float(np.linalg.norm(step)), 1e-6) * 200.0
        meeting = LineString(first).intersection(LineString([*second, onward]))
        if meeting.is_empty:
            return f'"{self.name}" never crosses the way of "{self.of}"'
        point = np.array(meeting.representative_point().coords[0])
        mine_s = _arrival_s(candidate, first, point)
        other_s = _arrival_s(candidate, second, point)
        if other_s >= last_s - 0.02:
            other_s = last_s + float(np.linalg.norm(second[-1] - point)) / speed
        late = other_s - mine_s
        if 0.0 < late <= self.within_s:
            return None
        return f'"{self.of}" comes {late:.1f} s after "{self.name}" where their ways cross'


def _arrival_s(candidate: Candidate, track: F64, point: F64) -> float:
    """When a track (T, 2) comes nearest to a point."""
    k = int(np.linalg.norm(track - point, axis=1).argmin())
    return float(candidate.timeline.times_ns[k]) * 1e-9


def _distance(point: F64, line: F64) -> float:
    """From a point (2,) to a polyline (N, 2)."""
    start, step = line[:-1], np.diff(line, axis=0)
    share = np.clip(((point - start) * step).sum(axis=1) / (step**2).sum(axis=1), 0.0, 1.0)
    return float(np.linalg.norm(start + share[:, None] * step - point, axis=1).min())


def _known_rule(requirement: Requirement, candidate: Candidate, rule: str) -> None:
    """Raises SpecError for a rule that no script has."""
    known = [
        f"{item.name}.{r['name']}"
        for item in candidate.concrete.items
        for r in item.behaviour.get("script", ())
    ]
    if rule not in known:
        raise SpecError(f'{requirement!r}: no script has the rule "{rule}". {did_you_mean(rule, known)}')
