"""Policies: who drives a vehicle, when it is not to be the traffic's own driver.

Behaviour(policy=Waypoints([(0.0, 0.0, 0.0), (2.0, 20.0, 0.0), (4.0, 38.0, 3.2)], frame="start"))
Behaviour(policy=Controller("my_driver.py:steer"))
Behaviour(kind="replay", policy=Replay(((0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0), …)))
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from pairforge.errors import SpecError
from pairforge.scenes.concrete import Json
from pairforge.scenes.distributions import Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.reference import source_of
from pairforge.scenes.typecheck import Checked

Point = tuple[Value[float], Value[float], Value[float]]
FASTEST_MPS = 70.0


class Policy(Checked, ABC):
    """Base of all policies."""

    @property
    def needs_lane(self) -> bool:
        """Whether who it drives must start on a lane."""
        return False

    @abstractmethod
    def compiled(self, draw: Draws) -> Json:
        """The policy as JSON, every number drawn. Raises SpecError."""


@dataclass(frozen=True)
class LaneKeeping(Policy):
    """The traffic's own driver: keeps to its lane and its distance, and heeds the rules."""

    @property
    def needs_lane(self) -> bool:
        return True

    def compiled(self, draw: Draws) -> Json:
        return {}


@dataclass(frozen=True)
class Waypoints(Policy):
    """Be at points at times: (seconds of the clock, x, y) of the body origin, in metres.

    ``frame``: "world"; "start" (x ahead, y to the left of where it starts); or "lane" (along the lane it starts
    on, and to its left). The path between them is smooth; after the last point it brakes to a halt.
    """

    points: tuple[Point, ...] | list[Point]
    frame: Literal["world", "start", "lane"] = "world"

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.points) < 2:
            raise SpecError("Waypoints: give at least two points (seconds, x, y)")

    @property
    def needs_lane(self) -> bool:
        return self.frame == "lane"

    def compiled(self, draw: Draws) -> Json:
        points = [
            [
                float(draw.under(f"points.{k}")(name, v))
                for name, v in zip(("t_s", "x_m", "y_m"), p, strict=True)
            ]
            for k, p in enumerate(self.points)
        ]
        for k, (a, b) in enumerate(pairwise(points)):
            seconds = b[0] - a[0]
            if seconds <= 0 or points[0][0] < 0:
                raise SpecError(
                    f"Waypoints: point {k + 1} is at {b[0]:g} s, point {k} at {a[0]:g} s; times start at 0 or later "
                    "and rise"
                )
            speed = ((b[1] - a[1]) ** 2 + (b[2] - a[2]) ** 2) ** 0.5 / seconds
            if speed > FASTEST_MPS:
                raise SpecError(
                    f"Waypoints: from point {k} to {k + 1} it would go {speed:.3g} m/s; {FASTEST_MPS:g} is the most. "
                    "Give it more time"
                )
        return {"kind": "waypoints", "frame": self.frame, "points": points}


@dataclass(frozen=True)
class Controller(Policy):
    """A Python function (or class) of the user's own: "my_driver.py:steer" or "package.module:steer".

    It is called at every plan (50 times a second) with a ``pairforge.sensors.policy.Situation`` and returns
    ``pairforge.sensors.orders.Orders`` (None: as the traffic's own driver would). A class is made anew for every
    simulation, and called. ``params`` are handed to it as ``situation.params``, each a named draw.
    """

    function: str
    params: Mapping[str, Value[Any]] = field(default_factory=dict)

    def compiled(self, draw: Draws) -> Json:
        source = source_of(self.function)
        params = {name: draw.under("params")(name, value) for name, value in self.params.items()}
        return {"kind": "controller", "function": self.function, "sha256": source.sha256, "params": params}


@dataclass(frozen=True)
class Replay(Policy):
    """Be exactly where a log says: ``track`` rows are (nanoseconds of the clock, x, y, z, w, x, y, z), the pose in
    the world of the body's origin or of the centre of its box (``of``). For behaviour "replay".

    Between rows positions are smooth (piecewise cubic, without overshoot) and rotations slerp; before the first and
    after the last it goes on as it went there, without turning. Nothing stands in its way, and it stands in others'.
    """

    track: tuple[tuple[float, ...], ...]
    of: Literal["body", "box"] = "body"

    def compiled(self, draw: Draws) -> Json:
        """The rows as one draw, ``track``."""
        rows = [[float(v) for v in row] for row in draw("track", self.track)]
        if len(rows) < 2 or any(len(row) != 8 for row in rows):
            raise SpecError("Replay: give at least two rows (ns, x, y, z, w, x, y, z)")
        for k, (a, b) in enumerate(pairwise(rows)):
            if not b[0] > a[0]:
                raise SpecError(
                    f"Replay: row {k + 1} is at {b[0]:.0f} ns, row {k} at {a[0]:.0f} ns; times rise"
                )
        off = max(abs(sum(v * v for v in row[4:]) - 1.0) for row in rows)
        if off > 1e-6:
            raise SpecError("Replay: a row's quaternion (w, x, y, z) is not of length 1")
        return {"kind": "replay", "of": self.of, "track": [[int(row[0]), *row[1:]] for row in rows]}


def setting_out_mps(points: list[list[float]]) -> float:
    """The speed at which way points (t, x, y) start."""
    (t0, x0, y0), (t1, x1, y1) = points[:2]
    return float(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5 / (t1 - t0))
