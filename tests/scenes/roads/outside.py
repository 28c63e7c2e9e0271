"""Others' tools that read OpenDRIVE: ASAM's quality checker, and the lane centre lines of pyxodr and roadgen."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from pairforge.frames import F64
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.reference_line import lane_centre, section_span


@dataclass(frozen=True)
class Quality:
    """What asam-qc-opendrive says of a file: its issues (a check that crashed is one), the checks it completed."""

    issues: tuple[str, ...]
    completed: tuple[str, ...]


def quality(path: Path) -> Quality:
    from qc_baselib import Configuration, Result, StatusType
    from qc_opendrive import constants
    from qc_opendrive.main import run_checks

    logging.disable(logging.INFO)
    try:
        config, result = Configuration(), Result()
        config.set_config_param("InputFile", str(path))
        result.register_checker_bundle(name=constants.BUNDLE_NAME, description="", version="1", summary="")
        result.set_result_version(version="1")
        run_checks(config, result)
    finally:
        logging.disable(logging.NOTSET)
    checkers = result.get_checker_results(constants.BUNDLE_NAME)
    issues = [f"{c.checker_id} crashed: {c.summary}" for c in checkers if c.status == StatusType.ERROR]
    issues += [f"{c.checker_id}: {issue.description}" for c in checkers for issue in c.issues]
    done = (c.checker_id for c in checkers if c.status == StatusType.COMPLETED)
    return Quality(tuple(issues), tuple(done))


def foreign_lanes(path: Path, resolution_m: float = 0.1) -> dict[tuple[int, int, int], F64]:
    """pyxodr's centre lines (N, 3) by (road, section, lane)."""
    from pyxodr.road_objects.network import RoadNetwork as ForeignNetwork

    lines: dict[tuple[int, int, int], F64] = {}
    network: Any = ForeignNetwork(str(path), resolution=resolution_m)
    for road in network.get_roads():
        for section in road.lane_sections:
            for lane in section.lanes:
                if lane.id != 0:
                    key = int(road.id), int(section.lane_section_ordinal), int(lane.id)
                    lines[key] = np.asarray(lane.centre_line)
    return lines


def farthest_from(network: RoadNetwork, foreign: dict[tuple[int, int, int], F64]) -> float:
    """The largest distance (metres, in the plane) of another reader's lane centre lines from ours."""
    worst = 0.0
    for (road_id, index, lane_id), line in foreign.items():
        road = network.road(road_id)
        start, end = section_span(road, index)
        ours = lane_centre(road, index, lane_id, np.linspace(start, end, int((end - start) / 0.02) + 2))
        away, _ = cKDTree(ours[:, :2]).query(line[:, :2])
        worst = max(worst, float(away.max()))
    return worst


def lines_of(network: RoadNetwork) -> F64:
    """Points (N, 3) 2 cm apart on the middle of all lanes."""
    found = []
    for road in network.roads:
        for index, section in enumerate(road.sections):
            start, end = section_span(road, index)
            s = np.linspace(start, end, int((end - start) / 0.02) + 2)
            found += [lane_centre(road, index, lane.lane_id, s) for lane in (*section.left, *section.right)]
    return np.concatenate(found)


def farthest_line(network: RoadNetwork, foreign: Any) -> float:
    """The largest distance (metres, in space) of a roadgen map's lane centre lines from ours."""
    lines = [np.asarray(foreign.lane_centerline(lane)) for lane in foreign.lane_ids()]
    away, _ = cKDTree(lines_of(network)).query(np.concatenate(lines))
    return float(away.max())
