"""Junctions: whether a driver may go, and where else to wait. Lights, stop signs, priority, room beyond.

Gap acceptance by predicted times: one goes when one is out of the place where two lanes meet before the other comes,
or comes after the other has left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pairforge.sensors.traffic.board import STANDING_MPS, Board, Presence, seconds_to
from pairforge.sensors.traffic.lanes import Zone
from pairforge.sensors.traffic.way import Gate

BEFORE_S = 1.3
"""One is out of the way this long before somebody with priority comes."""
SURE_S = 0.5
"""The same for one who has decided to go: no dithering."""
AFTER_S = 0.4
"""One comes this long after the other has left."""
COMFORTABLE_MPS2 = 3.0
"""The braking above which one drives on at yellow, or goes through with a decision."""
HALT_S = 1.0
CREEP_AFTER_S, CREEP_M = 1.5, 2.5
"""Who has waited so long at a line feels their way past it, so far at most."""
PATIENCE_S = 2.5
"""Who has waited this long among others who all wait goes first, in the order in which they came."""
KEEP_CLEAR_M = 2.5
STARTING_MPS2 = 1.6
LAG_S = 0.3
"""From the thought to the brakes."""
INCHING_MPS = 1.5
ROOM_M = 0.8
"""One waits this far before the place where two lanes meet."""


@dataclass(frozen=True)
class Meeting:
    """Another driver whose lane meets ours: its start lies ``to_start`` ahead of their front; ``inside``: they drive
    over the junction already."""

    other: Presence
    lane_id: int
    to_start: float
    zone: Zone
    inside: bool


class Judge:
    """One driver's view of the junction ahead."""

    def __init__(self, board: Board, me: Presence) -> None:
        self._board, self._me = board, me
        self._gate: Gate | None = None
        self._halted_ns: int | None = None
        self.inching = False
        """Whether one may only feel one's way forward."""

    def room_m(self, time_ns: int, beyond_m: float, ignores: frozenset[str] = frozenset()) -> float:
        """Metres that the front may still go; inf when nothing holds it.

        ``beyond_m``: how far ahead of the front somebody slow stands in the way (inf: nobody).
        """
        gate = self._current()
        if gate is None:
            return float("inf")
        me = self._me
        stopping_m = me.speed**2 / (2.0 * COMFORTABLE_MPS2) + LAG_S * me.speed + 0.3
        to_line = gate.line_s - me.front_s
        inside = to_line < -0.3
        if not inside:
            if self._red(gate, time_ns, to_line, ignores):
                return self._wait(time_ns, to_line, theirs=False)
            if self._must_halt(gate, time_ns, to_line, ignores):
                return self._wait(time_ns, to_line)
            if self._no_room(gate, to_line, beyond_m) and to_line > stopping_m:
                return self._wait(time_ns, to_line, theirs=False)
        if "priority" in ignores:
            return self._go(gate)
        first = self._conflict(gate, time_ns)
        if first is None:
            return self._go(gate)
        to_zone = gate.onto_s + first - ROOM_M - me.front_s
        decided = me.granted == gate.onto
        if decided and to_zone < stopping_m:
            return float("inf")  # too late to stop well
        self.inching = self.inching or self._waited_s(time_ns) > CREEP_AFTER_S
        if inside or gate.signal is not None or to_line < stopping_m:
            return self._wait(time_ns, to_zone if inside else max(to_zone, to_line))
        if self.inching:
            return self._wait(time_ns, max(to_line, min(to_zone, to_line + CREEP_M)))
        return self._wait(time_ns, min(to_line, to_zone))

    def _current(self) -> Gate | None:
        """The gate ahead, or the one just passed until the front is through its junction lane."""
        me = self._me
        gate = next((g for g in me.way.gates if g.beyond_s > me.front_s), None)
        if gate is None or gate.line_s - me.front_s > 80.0:
            gate = None
        if (gate and gate.onto) != (self._gate and self._gate.onto):
            self._halted_ns, self.inching = None, False
            me.granted = me.waits_ns = None
        self._gate = gate
        return gate

    def _go(self, gate: Gate) -> float:
        self._me.granted, self._me.waits_ns = gate.onto, None
        self.inching = False
        return float("inf")

    def _wait(self, time_ns: int, room_m: float, theirs: bool = True) -> float:
        """Holds; ``theirs``: they wait for their turn among others, and not for a light."""
        me = self._me
        me.granted = None
        if not theirs:
            me.waits_ns = None
        elif me.waits_ns is None and me.speed < STANDING_MPS and room_m < 3.0:
            me.waits_ns = time_ns
        return room_m

    def _waited_s(self, time_ns: int) -> float:
        return 0.0 if self._me.waits_ns is None else (time_ns - self._me.waits_ns) * 1e-9

    def _red(self, gate: Gate, time_ns: int, to_line: float, ignores: frozenset[str]) -> bool:
        """Whether the light says stop; at yellow who cannot stop comfortably drives on."""
        if gate.signal is None or "signals" in ignores:
            return False
        state, _ = self._board.signal(gate.signal, time_ns)
        if state in ("red", "red_yellow"):
            needed = self._me.speed**2 / (2.0 * max(to_line, 0.1))
            return not (self._me.granted == gate.onto and needed > 2.0 * COMFORTABLE_MPS2)
        if state != "yellow":
            return False
        needed = self._me.speed**2 / (2.0 * max(to_line, 0.1))
        return needed <= COMFORTABLE_MPS2

    def _must_halt(self, gate: Gate, time_ns: int, to_line: float, ignores: frozenset[str]) -> bool:
        """Whether a stop sign still asks for a full halt, as it does where the light is off."""
        state, _ = self._board.signal(gate.signal, time_ns)
        if not gate.must_stop or state != "off" or "signals" in ignores:
            return False
        if self._me.speed < 0.1 and to_line < 2.0 and self._halted_ns is None:
            self._halted_ns = time_ns
        return self._halted_ns is None or (time_ns - self._halted_ns) * 1e-9 < HALT_S

    def _no_room(self, gate: Gate, to_line: float, beyond_m: float) -> bool:
        """Whether a queue beyond the junction would make one stand in it."""
        needed = gate.beyond_s - self._me.front_s + self._me.length_m + KEEP_CLEAR_M
        return to_line < beyond_m < needed

    def _conflict(self, gate: Gate, time_ns: int) -> float | None:
        """How far along the junction's lane the first place lies where one would get in the way; None: free."""
        blocked = [m.zone.a_in for m in self._meetings(gate) if not self._clear_of(m, gate, time_ns)]
        return min(blocked, default=None)

    def _meetings(self, gate: Gate) -> Iterator[Meeting]:
        """Everybody who goes first, by priority or because they are in the junction already."""
        graph, me = self._board.graph, self._me
        for lane_id in graph.meeting(gate.onto):
            theirs_first = lane_id in graph.lane(gate.onto).yields_to
            for other, to_start in self._board.coming(lane_id, me.instance_id):
                zone = graph.zone(gate.onto, lane_id, (me.width_m + other.width_m) / 2 + 0.6)
                inside = other.granted == lane_id and to_start < 2.0
                if (
                    zone is not None
                    and me.front_s < gate.onto_s + zone.a_in + 0.5
                    and (theirs_first or inside)
                ):
                    yield Meeting(other, lane_id, to_start, zone, inside)

    def _clear_of(self, meeting: Meeting, gate: Gate, time_ns: int) -> bool:
        """Whether one is out of the way before the other comes, or comes after it has left, or need not wait."""
        me, other, zone = self._me, meeting.other, meeting.zone
        comes_m = meeting.to_start + zone.b_in
        leaves_m = meeting.to_start + zone.b_out + other.length_m
        if leaves_m <= 0.0:
            return True
        graph = self._board.graph
        top = max(min(graph.calm_mps(gate.onto), me.wanted), 2.0)
        pace = min(me.speed, (me.speed + top) / 2)
        late = 0.4 if me.speed < 1.0 else 0.0
        my_in = late + seconds_to(gate.onto_s + zone.a_in - me.front_s, pace, STARTING_MPS2, top)
        my_out = late + seconds_to(gate.onto_s + zone.a_out - me.rear_s, pace, STARTING_MPS2, top)
        if self._board.held(other, other.front_s + comes_m, time_ns, my_out):
            return True
        if not meeting.inside and self._after_me(other, time_ns):
            return True
        push = max(other.acceleration, 0.0) if other.speed > 2.0 else STARTING_MPS2
        their_in = seconds_to(comes_m, other.speed, push, max(other.wanted, 2.0))
        theirs = min(other.speed, graph.calm_mps(meeting.lane_id))
        their_out = leaves_m / theirs if theirs > 0.5 else float("inf")
        # Who merges behind us must not have to brake hard for our lower speed.
        slower = max(0.0, other.speed - top) / (2.0 * COMFORTABLE_MPS2) if comes_m > 0.0 else 0.0
        before = SURE_S if me.granted == gate.onto else BEFORE_S
        return my_out + before + slower < their_in or their_out + AFTER_S < my_in

    def _after_me(self, other: Presence, time_ns: int) -> bool:
        """Whether both wait and it is the other who came later, or the other stands for good."""
        me = self._me
        if me.waits_ns is None:
            return False
        waited = (time_ns - me.waits_ns) * 1e-9
        if waited < PATIENCE_S:
            return False
        if other.waits_ns is None and other.speed < 2.0:
            other = self._board.head_of_queue(other)
        if other.instance_id == me.instance_id:
            return True
        if other.waits_ns is not None:
            return (me.waits_ns, me.instance_id) < (other.waits_ns, other.instance_id)
        return other.stood_s(time_ns) > 2.0 * PATIENCE_S
