"""What we are on: a motorway, a street between buildings, or just a road."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.lanes import clear_of_lanes_m


def place_facts(scene: Scene, found: FactList) -> None:
    """place: "motorway" when the ego's lane is a fast one of several that no lane faces, "street" among buildings,
    else "road". Only where there are lanes."""
    if not scene.record.lanes:
        return
    limit = _motorway_mps(scene)
    buildings = sum(row.semantic == "building" for row in scene.record.instances)
    if limit >= policy.MOTORWAY_MPS:
        _place(found, "motorway", limit, policy.MOTORWAY_MPS, "m/s")
    elif buildings >= policy.STREET_BUILDINGS:
        _place(found, "street", float(buildings), float(policy.STREET_BUILDINGS), "")
    else:
        _place(found, "road", float(len(scene.record.lanes)), 1.0, "")


def _motorway_mps(scene: Scene) -> float:
    """The speed limit of the lane nearest to the ego, if it has neighbours of its direction and none of the other."""
    if scene.ego_id is None:
        return 0.0
    xy = scene.bodies[scene.ego_id].centre[:2]
    nearest = int(np.argmin([clear_of_lanes_m([lane], xy) for lane in scene.record.lanes]))
    wanted = scene.record.lanes[nearest][0]
    for lane in scene.record.concrete.get("lanes", ()):
        if lane["lane_id"] == wanted:
            several = lane["left"] is not None or lane["right"] is not None
            return float(lane["speed_limit_mps"]) if several and lane["opposing"] is None else 0.0
    return 0.0


def _place(found: FactList, word: str, value: float, threshold: float, unit: str) -> None:
    found.add(
        "place",
        argument=word,
        frame="world",
        value=value,
        unit=unit,
        threshold=threshold,
        evidence=("scenes",),
    )
