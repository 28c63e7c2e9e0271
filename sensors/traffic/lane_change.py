"""Changing lanes: MOBIL, "minimising overall braking induced by lane changes" (Kesting, Treiber, Helbing 2007)."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.sensors.traffic.following import CarFollowing


@dataclass(frozen=True)
class Follower:
    """Who drives behind: the gap to its front in metres (negative: beside), its speed and the speed it wants."""

    gap_m: float
    speed: float
    wanted: float


@dataclass(frozen=True)
class Leader:
    """Who drives ahead: the gap to its rear in metres (negative: beside) and its speed."""

    gap_m: float
    speed: float


@dataclass(frozen=True)
class Sides:
    """A lane seen from a driver: who would be ahead of and behind them there."""

    leader: Leader | None
    follower: Follower | None


@dataclass(frozen=True)
class Mobil:
    """``politeness`` 0..1 towards others, ``threshold`` m/s^2 of advantage that makes a change worth while,
    ``safe`` m/s^2 that nobody behind may be made to brake harder than, ``keep_right`` m/s^2 of bias."""

    politeness: float = 0.3
    threshold: float = 0.2
    safe: float = 3.0
    keep_right: float = 0.25

    def is_safe(self, law: CarFollowing, speed: float, there: Sides, limit: float | None = None) -> bool:
        """Whether neither the new follower nor oneself must brake harder than ``limit`` (None: ``safe``)."""
        limit = self.safe if limit is None else limit
        ahead, behind = there.leader, there.follower
        if ahead is not None and (
            ahead.gap_m < 1.0 or law.raw(speed, speed, ahead.gap_m, ahead.speed) < -limit
        ):
            return False
        return behind is None or (
            behind.gap_m >= 1.0
            and law.raw(behind.speed, max(behind.wanted, behind.speed), behind.gap_m, speed) >= -limit
        )

    def gain(
        self, law: CarFollowing, speed: float, wanted: float, length_m: float, here: Sides, there: Sides
    ) -> float:
        """The incentive in m/s^2: own advantage, and with ``politeness`` that of both followers."""
        own = _behind(law, speed, wanted, there.leader) - _behind(law, speed, wanted, here.leader)
        others = 0.0
        if (new := there.follower) is not None:
            alone = None if there.leader is None else _beyond(there.leader, length_m + new.gap_m)
            others += law.raw(new.speed, new.wanted, new.gap_m, speed)
            others -= _behind(law, new.speed, new.wanted, alone)
        if (old := here.follower) is not None:
            alone = None if here.leader is None else _beyond(here.leader, length_m + old.gap_m)
            others += _behind(law, old.speed, old.wanted, alone)
            others -= law.raw(old.speed, old.wanted, old.gap_m, speed)
        return own + self.politeness * others

    def wants(self, gain: float, to_right: bool) -> bool:
        """Whether a gain is worth a change: less is needed to the right, more to the left."""
        return gain > self.threshold + (-self.keep_right if to_right else self.keep_right)


def _beyond(leader: Leader, more_m: float) -> Leader:
    return Leader(leader.gap_m + more_m, leader.speed)


def _behind(law: CarFollowing, speed: float, wanted: float, leader: Leader | None) -> float:
    if leader is None:
        return law.raw(speed, wanted, float("inf"), 0.0)
    return law.raw(speed, wanted, leader.gap_m, leader.speed)
