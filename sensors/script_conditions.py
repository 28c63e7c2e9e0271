"""Conditions of a script, as ``scenes.scripts`` defines them, judged of the simulated world."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pairforge.scenes.concrete import Json
from pairforge.sensors.script_sight import Sight

PASSING_M = 6.0
"""Who is this little past still counts as passing."""


def holds(condition: Json, sight: Sight, fired_ns: Mapping[str, int]) -> bool:
    """Whether a compiled condition holds now; ``fired_ns``: rule -> when it fired."""
    kind = condition["kind"]
    if kind == "all_of":
        return all(holds(part, sight, fired_ns) for part in condition["of"])
    if kind == "any_of":
        return any(holds(part, sight, fired_ns) for part in condition["of"])
    if kind == "after":
        since = condition["since"]
        start_ns = 0 if since is None else fired_ns.get(since)
        return start_ns is not None and sight.time_s - start_ns * 1e-9 >= float(condition["seconds"]) - 1e-9
    return _CONDITIONS[kind](condition, sight)


def _near(c: Json, sight: Sight) -> bool:
    return sight.gap_m(c["name"]) <= float(c["m"])


def _time_to(c: Json, sight: Sight) -> bool:
    name = c["name"]
    between = sight.outline(name)[4] - sight.outline(sight.me)[4]
    distance = max(float(np.linalg.norm(between)), 1e-6)
    closing = float((sight.velocity(sight.me) - sight.velocity(name)) @ between) / distance
    return closing > 0.0 and sight.gap_m(name) <= float(c["s"]) * closing


def _arrives(c: Json, sight: Sight) -> bool:
    name = c["name"]
    speed = float(np.linalg.norm(sight.velocity(name)))
    if speed < 0.1:
        return False
    along = sight.velocity(name) / speed
    front = float((sight.outline(name)[:4] @ along).max())
    ahead = float(sight.outline(sight.me)[4] @ along) - front
    return -PASSING_M <= ahead <= float(c["s"]) * speed


def _ahead_of(c: Json, sight: Sight) -> bool:
    return sight.lead_m(sight.me, c["name"], sight.heading(c["name"])) >= float(c["by_m"])


def _behind(c: Json, sight: Sight) -> bool:
    return 0.0 <= sight.lead_m(c["name"], sight.me, sight.heading(sight.me)) <= float(c["by_m"])


def _passes(c: Json, sight: Sight) -> bool:
    return sight.front_s_m(c["name"] or sight.me) >= float(c["s_m"])


def _before_line(c: Json, sight: Sight) -> bool:
    lane = sight.lane
    if lane is None or lane.stop_m is None:
        return False
    corners = sight.outline(sight.me)
    x, y = (corners[0] + corners[3]) / 2
    return lane.stop_m - sight.ground.route(lane.lane_id).locate(float(x), float(y))[0] <= float(c["m"])


_CONDITIONS: dict[str, Callable[[Json, Sight], bool]] = {
    "near": _near,
    "time_to": _time_to,
    "arrives": _arrives,
    "ahead_of": _ahead_of,
    "behind": _behind,
    "passes": _passes,
    "before_line": _before_line,
    "signal_is": lambda c, sight: sight.signal(c["name"]) == c["state"],
    "starts": lambda c, sight: sight.past.started(c["name"]),
    "stops": lambda c, sight: sight.past.stopped(c["name"]),
    "brakes": lambda c, sight: sight.past.braking_mps2(c["name"]) >= float(c["mps2"]),
}
