"""Which lanes one drives: turns at junctions as a spec says them, as a list of lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.concrete import ConcreteLane

Lanes = Mapping[int, ConcreteLane]


def check_lane_change(lanes: Lanes, lane_id: int, to: str | int) -> None:
    """Raises SpecError for a lane ("left", "right" or an id) that one cannot change into from ``lane_id``."""
    if isinstance(to, int):
        if to not in lanes:
            known = ", ".join(map(str, lanes)) or "none"
            raise SpecError(f"the setting has no lane {to}. Lanes: {known}.")
        return
    if (lanes[lane_id].left if to == "left" else lanes[lane_id].right) is None:
        raise SpecError(
            f"there is no lane of the same direction on the {to} of lane {lane_id}. Start on another, or give the "
            "road more lanes"
        )


def route_of(lanes: Lanes, start: int, turns: Sequence[str]) -> list[int]:
    """Lane ids from ``start`` on, turning as told at each junction. Raises SpecError for a way that is not there."""
    route = [start]
    for number, turn in enumerate(turns, start=1):
        route += _to_junction(lanes, route[-1], number)
        ways = _ways(lanes, route[-1])
        if turn not in ways:
            raise SpecError(
                f'turn {number} is "{turn}", but one cannot go that way from lane {route[-1]}. '
                f"{did_you_mean(turn, ways)}"
            )
        before, onto = ways[turn]
        if before != route[-1]:
            route.append(before)
        route.append(onto)
        route += list(lanes[onto].successors[:1])
    return route


def _to_junction(lanes: Lanes, lane_id: int, number: int) -> list[int]:
    """The lanes after ``lane_id`` up to the last one before a junction."""
    found: list[int] = []
    here = lane_id
    while not _ways(lanes, here):
        onward = [k for k in lanes[here].successors if k in lanes and k not in found]
        if not onward:
            raise SpecError(
                f"turn {number} comes where no junction is any more: lane {here} ends without one"
            )
        here = onward[0]
        found.append(here)
    return found


def _ways(lanes: Lanes, lane_id: int) -> dict[str, tuple[int, int]]:
    """Turn -> (the lane beside, or this one, from which it can be made, the junction's lane)."""
    ways: dict[str, tuple[int, int]] = {}
    for beside in _beside(lanes, lane_id):
        for onto in lanes[beside].successors:
            if onto in lanes and lanes[onto].junction is not None:
                ways.setdefault(lanes[onto].turn, (beside, onto))
    return ways


def _beside(lanes: Lanes, lane_id: int) -> list[int]:
    """This lane, then those of the same direction on its left and right."""
    found = [lane_id]
    for side in ("left", "right"):
        here = getattr(lanes[lane_id], side)
        while here is not None and here in lanes and here not in found:
            found.append(here)
            here = getattr(lanes[here], side)
    return found
