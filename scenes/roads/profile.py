"""What a road consists of across: lanes, parking, pavements or shoulders, as OpenDRIVE lanes."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.scenes.roads.network import Cubic, LaneKind, Marking, RoadLane
from pairforge.scenes.roads.pen import ramp

PARKING_M = 2.3
SHOULDER_M = 0.6
PARKING_TAPER_M = 2.5


@dataclass(frozen=True)
class Side:
    """One side of a road: ``lanes`` driving lanes of ``lane_width_m``, then what is beside them.

    ``parking`` (from s, to s) is where cars may park, the kerb standing back there; ``pavement_m`` 0: no kerb but a
    narrow paved shoulder. ``median_m``: widths of a raised strip between the reference line and the lanes.
    """

    lanes: int
    lane_width_m: float
    pavement_m: float = 0.0
    parking: tuple[float, float] | None = None
    median_m: tuple[Cubic, ...] = ()
    marking: Marking = "broken"
    """The line between lanes of this side."""

    @property
    def half_lanes_m(self) -> float:
        """From the reference line to the outer edge of the lanes, where there is no median."""
        return self.lanes * self.lane_width_m

    def road_lanes(self, sign: int) -> tuple[RoadLane, ...]:
        """The lanes outwards, ids of the ``sign`` (+1 left, -1 right)."""
        rows: list[tuple[LaneKind, tuple[Cubic, ...], Marking]] = []
        if self.median_m:
            rows.append(("median", self.median_m, "none"))
        for k in range(self.lanes):
            outer = k == self.lanes - 1
            edge: Marking = "none" if self.pavement_m else "solid"
            mark: Marking = ("broken" if self.parking else edge) if outer else self.marking
            rows.append(("driving", (Cubic(0.0, self.lane_width_m),), mark))
        if self.parking is not None:
            start, end = self.parking
            widths = (
                Cubic(0.0, 0.0),
                *ramp(start, start + PARKING_TAPER_M, 0.0, PARKING_M),
                *ramp(end - PARKING_TAPER_M, end, PARKING_M, 0.0),
            )
            rows.append(("parking", widths, "none"))
        if self.pavement_m:
            rows.append(("sidewalk", (Cubic(0.0, self.pavement_m),), "none"))
        else:
            rows.append(("shoulder", (Cubic(0.0, SHOULDER_M),), "none"))
        return tuple(
            RoadLane(
                sign * (k + 1),
                kind,
                widths,
                marking=mark,
            )
            for k, (kind, widths, mark) in enumerate(rows)
        )

    def driving_ids(self, sign: int) -> list[int]:
        """Ids of its driving lanes, outwards."""
        first = 2 if self.median_m else 1
        return [sign * (first + k) for k in range(self.lanes)]
