"""A road network as plain data, with the meaning that ASAM OpenDRIVE 1.7 gives the same words.

Procedural generators make one, an OpenDRIVE file is read into one and written from one; the road's mesh,
its lane graph and its crossings are all derived from it. Distances ``s_m`` run along a road's reference
line, ``t`` to its left; angles are radians. Lane ids are OpenDRIVE's: 0 is the reference line, left lanes
1, 2, … and right lanes -1, -2, … outwards; traffic keeps to the right, so right lanes run along +s and left
lanes against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError

from pairforge.errors import SpecError
from pairforge.frames import F64
from pairforge.scenes.roads.piecewise import Piecewise

Json = dict[str, Any]
GeometryKind = Literal["line", "arc", "spiral", "poly3", "param_poly3"]
LaneKind = Literal["driving", "parking", "sidewalk", "shoulder", "biking", "border", "median", "kerb", "none"]
Marking = Literal["none", "solid", "broken", "solid_solid", "solid_broken", "broken_solid"]
Contact = Literal["start", "end"]


@dataclass(frozen=True)
class Geometry:
    """One piece of a reference line: from (``x_m``, ``y_m``) at ``s_m``, heading ``heading`` from +x,
    ``length_m`` long.

    Curvature (1/m, left positive) goes linearly from ``curvature_start`` to ``curvature_end``: both 0 for a
    line, equal for an arc; a spiral is a clothoid. poly3: v = a + b u + c u^2 + d u^3, ``coefficients`` (a,
    b, c, d). param_poly3: ``coefficients`` (aU, bU, cU, dU, aV, bV, cV, dV) over p in 0..1 if
    ``normalised``, else 0..length_m.
    """

    kind: GeometryKind
    s_m: float
    x_m: float
    y_m: float
    heading: float
    length_m: float
    curvature_start: float = 0.0
    curvature_end: float = 0.0
    coefficients: tuple[float, ...] = ()
    normalised: bool = True


@dataclass(frozen=True)
class Cubic:
    """a + b ds + c ds^2 + d ds^3 from ``s_m`` on, ds = s - s_m, until the next one of a list starts."""

    s_m: float
    a: float
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0


@dataclass(frozen=True)
class RoadLane:
    """A lane of a section. ``widths`` start at the section's start (their ``s_m`` counts from there).
    ``predecessor`` and ``successor`` are lane ids of the neighbouring section, or of the neighbouring road
    at the road's ends. ``marking`` is the line on its outer edge.
    """

    lane_id: int
    kind: LaneKind
    widths: tuple[Cubic, ...]
    predecessor: int | None = None
    successor: int | None = None
    marking: Marking = "none"
    speed_limit_mps: float | None = None

    @cached_property
    def width(self) -> Piecewise:
        """Metres, by s from the section's start."""
        return Piecewise.of(self.widths)


@dataclass(frozen=True)
class LaneSection:
    """Lanes from ``s_m`` to the next section: ``left`` outwards (1, 2, …), ``right`` outwards (-1, -2, …).
    ``centre_marking`` is the line on the reference line itself."""

    s_m: float
    left: tuple[RoadLane, ...] = ()
    right: tuple[RoadLane, ...] = ()
    centre_marking: Marking = "none"


@dataclass(frozen=True)
class RoadLink:
    """What a road's end meets: another road (at its "start" or "end") or a junction (``contact`` None)."""

    kind: Literal["road", "junction"]
    element_id: int
    contact: Contact | None = None


@dataclass(frozen=True)
class Crosswalk:
    """People cross the road here: ``length_m`` along s about ``s_m``, from kerb to kerb."""

    s_m: float
    length_m: float = 3.2


@dataclass(frozen=True)
class RoadSignal:
    """A traffic light or sign beside a road: at ``s_m`` and ``t_m``, for traffic along +s ("+"), -s ("-")
    or "both".

    ``kind``: "light", or a face of the traffic sign family ("stop", "give_way", "priority", "speed_50", …).
    ``controller`` names the group of lights that switch together (lights only).
    """

    signal_id: int
    kind: str
    s_m: float
    t_m: float
    orientation: Literal["+", "-", "both"] = "+"
    controller: int | None = None


@dataclass(frozen=True)
class Road:
    """A road along its reference line. ``junction``: the junction whose connecting road it is, else None."""

    road_id: int
    length_m: float
    geometries: tuple[Geometry, ...]
    sections: tuple[LaneSection, ...]
    name: str = ""
    elevation: tuple[Cubic, ...] = ()
    lane_offset: tuple[Cubic, ...] = ()
    predecessor: RoadLink | None = None
    successor: RoadLink | None = None
    junction: int | None = None
    speed_limit_mps: float = 13.89
    crosswalks: tuple[Crosswalk, ...] = ()
    signals: tuple[RoadSignal, ...] = ()

    @cached_property
    def geometry_starts_m(self) -> F64:
        """(G,) s of the pieces of the reference line."""
        return np.array([g.s_m for g in self.geometries], dtype=np.float64)

    @cached_property
    def height(self) -> Piecewise:
        """The elevation in metres, by s."""
        return Piecewise.of(self.elevation)

    @cached_property
    def offset(self) -> Piecewise:
        """The lane offset in metres to the left, by s."""
        return Piecewise.of(self.lane_offset)


@dataclass(frozen=True)
class Connection:
    """A way through a junction: from ``incoming`` road over ``connecting`` road, entered at ``contact``;
    ``lane_links`` (from lane of the incoming road, to lane of the connecting road).
    """

    connection_id: int
    incoming: int
    connecting: int
    contact: Contact
    lane_links: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Junction:
    """Where roads meet. ``priorities``: (road that goes first, road that yields), by road id, connecting
    roads or incoming ones.
    """

    junction_id: int
    connections: tuple[Connection, ...]
    name: str = ""
    priorities: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Controller:
    """A group of lights that switch together: phases (state, seconds) as in ``scenes.signals.Programme``."""

    controller_id: int
    phases: tuple[tuple[str, float], ...]
    offset_s: float = 0.0


@dataclass(frozen=True)
class RoadNetwork:
    """Roads and junctions by their ids, each list in ascending order of id."""

    roads: tuple[Road, ...]
    junctions: tuple[Junction, ...] = ()
    controllers: tuple[Controller, ...] = ()
    name: str = ""

    def road(self, road_id: int) -> Road:
        for road in self.roads:
            if road.road_id == road_id:
                return road
        known = ", ".join(str(r.road_id) for r in self.roads) or "none"
        raise SpecError(f"the road network has no road {road_id}. Roads: {known}.")

    def to_json(self) -> Json:
        """Plain JSON values; ``from_json(to_json(x)) == x``."""
        data: Json = _adapter().dump_python(self, mode="json")
        return data

    @staticmethod
    def from_json(data: Json) -> RoadNetwork:
        """Reads what ``to_json`` wrote; SpecError names what is wrong."""
        try:
            return _adapter().validate_python(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(step) for step in first["loc"])
            raise SpecError(f'road network: "{where}": {first["msg"]} (got {first["input"]!r:.80})') from None


@cache
def _adapter() -> TypeAdapter[RoadNetwork]:
    return TypeAdapter(RoadNetwork)
