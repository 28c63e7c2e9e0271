"""A road network said plainly: no piece that only goes on as the one before it would, priorities way by way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pairforge.scenes.roads.network import Cubic, Geometry, Junction, LaneSection, Road, RoadLane, RoadNetwork
from pairforge.scenes.roads.reference_line import cubics_at, section_span

SAME_M = 1e-9
"""Cubics that differ by less all along are one."""
SAME_HEADING = 1e-7


def simplified(network: RoadNetwork) -> RoadNetwork:
    """The same roads, everywhere within a nanometre or so; simplifying twice changes nothing more."""
    return replace(
        network,
        roads=tuple(_road(road) for road in network.roads),
        junctions=tuple(_junction(junction) for junction in network.junctions),
    )


def _junction(junction: Junction) -> Junction:
    """Priorities between the connecting roads alone, as OpenDRIVE has them: an incoming road's are its ways'."""
    ways = {c.connecting for c in junction.connections}

    def of(road_id: int) -> list[int]:
        own = [c.connecting for c in junction.connections if c.incoming == road_id]
        return [road_id] if road_id in ways else list(dict.fromkeys(own))

    said = ((a, b) for high, low in junction.priorities for a in of(high) for b in of(low))
    return replace(junction, priorities=tuple(dict.fromkeys(said)))


def _road(road: Road) -> Road:
    spans = [section_span(road, index) for index in range(len(road.sections))]
    sections = tuple(
        _section(section, end - start) for section, (start, end) in zip(road.sections, spans, strict=True)
    )
    return replace(
        road,
        geometries=_lines(road.geometries),
        sections=sections,
        elevation=without_zero(_cubics(road.elevation, road.length_m)),
        lane_offset=without_zero(_cubics(road.lane_offset, road.length_m)),
    )


def _section(section: LaneSection, length_m: float) -> LaneSection:
    def plain(lane: RoadLane) -> RoadLane:
        return replace(lane, widths=_cubics(lane.widths, length_m))

    return replace(
        section,
        left=tuple(plain(lane) for lane in section.left),
        right=tuple(plain(lane) for lane in section.right),
    )


def _cubics(cubics: tuple[Cubic, ...], end_m: float) -> tuple[Cubic, ...]:
    kept: list[Cubic] = []
    for index, cubic in enumerate(cubics):
        until = cubics[index + 1].s_m if index + 1 < len(cubics) else end_m
        # Four points fix a cubic, so where two agree at five they agree all along.
        s = np.linspace(cubic.s_m, max(until, cubic.s_m), 5)
        if kept and np.allclose(cubics_at([kept[-1]], s), cubics_at([cubic], s), rtol=0.0, atol=SAME_M):
            continue
        kept.append(cubic)
    return tuple(kept)


def without_zero(cubics: tuple[Cubic, ...]) -> tuple[Cubic, ...]:
    """What is zero all along need not be said."""
    return cubics if any(c.a or c.b or c.c or c.d for c in cubics) else ()


def _lines(pieces: tuple[Geometry, ...]) -> tuple[Geometry, ...]:
    """Lines that go straight on are one."""
    kept: list[Geometry] = []
    for piece in pieces:
        before = kept[-1] if kept else None
        if (
            before is not None
            and before.kind == piece.kind == "line"
            and abs(before.heading - piece.heading) < SAME_HEADING
        ):
            kept[-1] = replace(before, length_m=piece.s_m + piece.length_m - before.s_m)
        else:
            kept.append(piece)
    return tuple(kept)
