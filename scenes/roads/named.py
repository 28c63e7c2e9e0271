"""Roads by name, for placements: which lane is the k-th from the right, section by section."""

from __future__ import annotations

from pairforge.scenes.roads.lane_graph import LaneGraph
from pairforge.scenes.roads.network import Road, RoadNetwork
from pairforge.scenes.roads.reference_line import section_span
from pairforge.scenes.surfaces import NamedRoad, RoadStretch


def road_name(road: Road) -> str:
    """Its own name as a word, or "road_<id>"."""
    word = "".join(c if c.isalnum() and c.isascii() else "_" for c in road.name).strip("_").lower()
    return word if word and word[0].isalpha() else f"road_{road.road_id}"


def names_of(network: RoadNetwork) -> dict[int, str]:
    """Road id -> a name that no other road has, of the roads outside of junctions."""
    names: dict[int, str] = {}
    for road in network.roads:
        if road.junction is None:
            word = road_name(road)
            names[road.road_id] = word if word not in names.values() else f"{word}_{road.road_id}"
    return names


def named_roads(network: RoadNetwork, graph: LaneGraph) -> tuple[NamedRoad, ...]:
    """Every road outside of junctions."""
    return tuple(_named(network.road(road_id), name, graph) for road_id, name in names_of(network).items())


def _named(road: Road, name: str, graph: LaneGraph) -> NamedRoad:
    stretches = []
    for index, section in enumerate(road.sections):
        ahead = [graph.lane_at(road.road_id, index, lane.lane_id) for lane in reversed(section.right)]
        back = [graph.lane_at(road.road_id, index, lane.lane_id) for lane in reversed(section.left)]
        start, end = section_span(road, index)
        stretches.append(
            RoadStretch(
                start,
                end,
                tuple(k for k in ahead if k is not None),
                tuple(k for k in back if k is not None),
            )
        )
    ends = [link is not None and link.kind == "junction" for link in (road.predecessor, road.successor)]
    return NamedRoad(name, road.length_m, tuple(stretches), ends[0], ends[1])
