"""Road networks written by hand, piece by piece: a town block, a roundabout, a motorway with an exit.

Their pieces are laid by arithmetic of their own: cubics between end points, clothoids by summing short steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, hypot, pi, sin

from pairforge.scenes.roads.network import (
    Connection,
    Controller,
    Crosswalk,
    Cubic,
    Geometry,
    Junction,
    LaneSection,
    Road,
    RoadLane,
    RoadLink,
    RoadNetwork,
    RoadSignal,
)

LANE_M, WALK_M, KERB_M = 3.25, 2.0, 0.15
"""Of driving lanes, pavements and kerb stones."""


@dataclass(frozen=True)
class Pose:
    x: float
    y: float
    heading: float


def width(*abcd: float) -> tuple[Cubic, ...]:
    return (Cubic(0.0, *abcd),)


def lanes(side: int, count: int, linked: bool = False, marking: str = "broken") -> tuple[RoadLane, ...]:
    """Driving lanes, a kerb and a pavement on one side (1 left, -1 right), outwards."""
    made = []
    for k, (kind, wide) in enumerate(
        [("driving", LANE_M)] * count + [("kerb", KERB_M), ("sidewalk", WALK_M)]
    ):
        number = side * (k + 1)
        link = number if linked else None
        mark = ("solid" if k == count - 1 else marking) if kind == "driving" else "none"
        made.append(RoadLane(number, kind, width(wide), link, link, mark))  # type: ignore[arg-type]
    return tuple(made)


def street(road_id: int, start: Pose, length: float, **more: object) -> Road:
    """A straight street with a lane each way."""
    piece = Geometry("line", 0.0, start.x, start.y, start.heading, length)
    section = LaneSection(0.0, lanes(1, 1), lanes(-1, 1), "broken")
    return Road(road_id, length, (piece,), (section,), **more)  # type: ignore[arg-type]


def way(
    road_id: int,
    start: Pose,
    end: Pose,
    junction: int,
    before: RoadLink,
    after: RoadLink,
    from_lane: int,
    to_lane: int,
    wide: float = LANE_M,
) -> Road:
    """A connecting road of one right lane whose reference line is a cubic from pose to pose."""
    c, s = cos(start.heading), sin(start.heading)
    dx, dy = end.x - start.x, end.y - start.y
    u, v = c * dx + s * dy, -s * dx + c * dy
    turn = end.heading - start.heading
    pull = hypot(u, v) * (1.0 + 0.1 * abs(sin(turn / 2)))
    du, dv = pull * cos(turn), pull * sin(turn)
    coefficients = (0.0, pull, 3 * u - 2 * pull - du, pull + du - 2 * u, 0.0, 0.0, 3 * v - dv, dv - 2 * v)
    length = _arc_length(coefficients)
    piece = Geometry("param_poly3", 0.0, start.x, start.y, start.heading, length, coefficients=coefficients)
    lane = RoadLane(-1, "driving", width(wide), from_lane, to_lane)
    return Road(
        road_id,
        length,
        (piece,),
        (LaneSection(0.0, right=(lane,)),),
        predecessor=before,
        successor=after,
        junction=junction,
        speed_limit_mps=8.33,
    )


def _arc_length(k: tuple[float, ...], steps: int = 20_000) -> float:
    """By Simpson's rule."""

    def speed(p: float) -> float:
        return hypot(k[1] + 2 * k[2] * p + 3 * k[3] * p * p, k[5] + 2 * k[6] * p + 3 * k[7] * p * p)

    inner = sum((4 if n % 2 else 2) * speed(n / steps) for n in range(1, steps))
    return (speed(0.0) + speed(1.0) + inner) / (3 * steps)


def town_block() -> RoadNetwork:
    """A crossing of two streets with lights, crosswalks and a stop sign further out; a hill on one arm."""
    arms, reach, length = [], 14.0, 80.0
    for k in range(4):
        heading = k * pi / 2
        mouth = Pose(reach * cos(heading), reach * sin(heading), heading)  # leads away from the crossing
        light = RoadSignal(100 + k, "light", 2.0, 6.0, "-", 1 + k % 2)
        arms.append(
            street(
                k + 1,
                mouth,
                length,
                name=f"arm {k}",
                predecessor=RoadLink("junction", 50),
                elevation=(Cubic(0.0, 0.0), Cubic(20.0, 0.0, 0.0, 0.001)) if k == 2 else (),
                crosswalks=(Crosswalk(6.0, 3.2),),
                signals=(light, RoadSignal(200 + k, "speed_50", 60.0, -6.0, "+")),
                speed_limit_mps=13.89 if k % 2 else 8.33,
            )
        )
    ways, connections = [], []
    for a in range(4):
        for b in range(4):
            if a == b:
                continue
            number = 10 + 4 * a + b
            here, there = arms[a].geometries[0], arms[b].geometries[0]
            start = Pose(here.x_m, here.y_m, here.heading + pi)
            heading = there.heading
            while heading - start.heading > pi + 1e-9:
                heading -= 2 * pi
            while heading - start.heading < -pi - 1e-9:
                heading += 2 * pi
            end = Pose(there.x_m, there.y_m, heading)
            ways.append(
                way(
                    number,
                    start,
                    end,
                    50,
                    RoadLink("road", a + 1, "start"),
                    RoadLink("road", b + 1, "start"),
                    1,
                    -1,
                )
            )
            connections.append(Connection(len(connections), a + 1, number, "start", ((1, -1),)))
    lights = tuple(
        Controller(c + 1, (("green", 15.0), ("yellow", 3.0), ("red", 20.0), ("red_yellow", 2.0)), 20.0 * c)
        for c in range(2)
    )
    return RoadNetwork(
        (*arms, *ways),
        (Junction(50, tuple(connections), "crossing", ((1, 2), (3, 4))),),
        lights,
        "town block",
    )


def roundabout() -> RoadNetwork:
    """Three arms into a ring of one lane that runs anticlockwise; the ring's pieces are arcs of their own."""
    radius, reach = 18.0, 34.0
    ring, arms, ways, junctions = [], [], [], []
    gap = 0.35  # radians of the ring that lie inside each junction, either side of the arm's direction
    k0 = 1.0 / radius
    for k in range(3):
        begin, end = 2 * pi * k / 3 + gap, 2 * pi * (k + 1) / 3 - gap
        piece = Geometry(
            "arc",
            0.0,
            radius * cos(begin),
            radius * sin(begin),
            begin + pi / 2,
            radius * (end - begin),
            k0,
            k0,
        )
        lane = RoadLane(-1, "driving", width(4.5), marking="solid")
        ring.append(
            Road(
                k + 1,
                piece.length_m,
                (piece,),
                (LaneSection(0.0, right=(lane,), centre_marking="solid"),),
                f"ring {k}",
                predecessor=RoadLink("junction", 50 + k),
                successor=RoadLink("junction", 50 + (k + 1) % 3),
                speed_limit_mps=8.33,
            )
        )
        heading = 2 * pi * k / 3
        arms.append(
            street(
                10 + k,
                Pose(reach * cos(heading), reach * sin(heading), heading),
                60.0,
                name=f"arm {k}",
                predecessor=RoadLink("junction", 50 + k),
                signals=(RoadSignal(k, "give_way", 1.0, 6.0, "-"),),
            )
        )
    for k in range(3):
        before, after, arm = ring[(k - 1) % 3], ring[k], arms[k]
        direction = 2 * pi * k / 3
        leave = Pose(radius * cos(direction - gap), radius * sin(direction - gap), direction - gap + pi / 2)
        enter = Pose(radius * cos(direction + gap), radius * sin(direction + gap), direction + gap + pi / 2)
        mouth = Pose(reach * cos(direction), reach * sin(direction), direction)
        inner = Pose(mouth.x, mouth.y, direction + pi)
        piece = Geometry("arc", 0.0, leave.x, leave.y, leave.heading, radius * 2 * gap, k0, k0)
        straight = Road(
            20 + k,
            piece.length_m,
            (piece,),
            (LaneSection(0.0, right=(RoadLane(-1, "driving", width(4.5), -1, -1),)),),
            junction=50 + k,
            speed_limit_mps=8.33,
            predecessor=RoadLink("road", before.road_id, "end"),
            successor=RoadLink("road", after.road_id, "start"),
        )
        out = way(
            30 + k,
            leave,
            mouth,
            50 + k,
            RoadLink("road", before.road_id, "end"),
            RoadLink("road", arm.road_id, "start"),
            -1,
            -1,
            4.5,
        )
        into = way(
            40 + k,
            inner,
            Pose(enter.x, enter.y, enter.heading),
            50 + k,
            RoadLink("road", arm.road_id, "start"),
            RoadLink("road", after.road_id, "start"),
            1,
            -1,
            4.5,
        )
        out, into = _tapered(out, 4.5, LANE_M), _tapered(into, LANE_M, 4.5)
        ways += [straight, out, into]
        junctions.append(
            Junction(
                50 + k,
                (
                    Connection(0, before.road_id, 20 + k, "start", ((-1, -1),)),
                    Connection(1, before.road_id, 30 + k, "start", ((-1, -1),)),
                    Connection(2, arm.road_id, 40 + k, "start", ((1, -1),)),
                ),
                f"entry {k}",
                ((20 + k, 40 + k),),
            )
        )
    roads = sorted([*ring, *arms, *ways], key=lambda r: r.road_id)
    return RoadNetwork(tuple(roads), tuple(junctions), name="roundabout")


def _tapered(road: Road, start: float, end: float) -> Road:
    lane = road.sections[0].right[0]
    length, step = road.length_m, end - start
    eased = (Cubic(0.0, start, 0.0, 3 * step / length**2, -2 * step / length**3),)
    return replace(road, sections=(LaneSection(0.0, right=(replace(lane, widths=eased),)),))


def motorway() -> RoadNetwork:
    """One carriageway of two lanes and a hard shoulder, a third lane that opens and leaves over a clothoid exit."""
    one, taper, two = 200.0, 80.0, 220.0
    length = one + taper + two
    eased = (Cubic(0.0, 0.0, 0.0, 3 * 3.5 / taper**2, -2 * 3.5 / taper**3),)

    def lane(
        number: int, kind: str, wide: tuple[Cubic, ...], before: int | None, after: int | None, marking: str
    ) -> RoadLane:
        return RoadLane(number, kind, wide, before, after, marking)  # type: ignore[arg-type]

    fast, slow = width(3.75), width(3.75)
    sections = (
        LaneSection(
            0.0,
            right=(
                lane(-1, "driving", fast, None, -1, "broken"),
                lane(-2, "driving", slow, None, -2, "solid"),
                lane(-3, "shoulder", width(2.5), None, -4, "none"),
            ),
            centre_marking="solid",
        ),
        LaneSection(
            one,
            right=(
                lane(-1, "driving", fast, -1, -1, "broken"),
                lane(-2, "driving", slow, -2, -2, "broken"),
                lane(-3, "driving", eased, None, -3, "solid"),
                lane(-4, "shoulder", width(2.5), -3, -4, "none"),
            ),
            centre_marking="solid",
        ),
        LaneSection(
            one + taper,
            right=(
                lane(-1, "driving", fast, -1, None, "broken"),
                lane(-2, "driving", slow, -2, None, "broken"),
                lane(-3, "driving", width(3.5), -3, None, "solid"),
                lane(-4, "shoulder", width(2.5), -4, None, "none"),
            ),
            centre_marking="solid",
        ),
    )
    main = Road(
        1,
        length,
        (Geometry("line", 0.0, 0.0, 0.0, 0.0, length),),
        sections,
        "A 1",
        successor=RoadLink("junction", 9),
        elevation=(Cubic(0.0, 0.0, 0.01), Cubic(300.0, 3.0, 0.01, -5e-5)),
        speed_limit_mps=33.33,
    )
    rise = 3.0 + 0.01 * 200.0 - 5e-5 * 200.0**2
    slope = 0.01 - 1e-4 * 200.0
    flat = (Cubic(0.0, rise, slope),)
    through = Road(
        11,
        60.0,
        (Geometry("line", 0.0, length, 0.0, 0.0, 60.0),),
        (
            LaneSection(
                0.0,
                right=(
                    RoadLane(-1, "driving", fast, -1, -1, "broken"),
                    RoadLane(-2, "driving", slow, -2, -2, "solid"),
                ),
            ),
        ),
        elevation=flat,
        predecessor=RoadLink("road", 1, "end"),
        successor=RoadLink("road", 2, "start"),
        junction=9,
        speed_limit_mps=33.33,
    )
    bend = -1.0 / 60.0
    ramp_start = Pose(length, -7.5, 0.0)
    leave = Road(
        12,
        60.0,
        (Geometry("spiral", 0.0, ramp_start.x, ramp_start.y, 0.0, 60.0, 0.0, bend),),
        (LaneSection(0.0, right=(RoadLane(-1, "driving", width(3.5), -3, -1, "solid", 16.67),)),),
        elevation=flat,
        predecessor=RoadLink("road", 1, "end"),
        successor=RoadLink("road", 3, "start"),
        junction=9,
        speed_limit_mps=16.67,
    )
    x, y = _summed(bend, 60.0)
    heading = bend * 60.0 / 2
    onward = Road(
        2,
        150.0,
        (Geometry("line", 0.0, length + 60.0, 0.0, 0.0, 150.0),),
        (
            LaneSection(
                0.0,
                right=(
                    RoadLane(-1, "driving", fast, -1, None, "broken"),
                    RoadLane(-2, "driving", slow, -2, None, "solid"),
                ),
            ),
        ),
        predecessor=RoadLink("junction", 9),
        elevation=(Cubic(0.0, rise + 60 * slope, slope, -slope / 300.0),),
        speed_limit_mps=33.33,
    )
    exit_road = Road(
        3,
        90.0,
        (
            Geometry("arc", 0.0, ramp_start.x + x, ramp_start.y + y, heading, 60.0, bend, bend),
            Geometry(
                "spiral",
                60.0,
                *_after_arc(ramp_start.x + x, ramp_start.y + y, heading, bend, 60.0),
                30.0,
                bend,
                0.0,
            ),
        ),
        (LaneSection(0.0, right=(RoadLane(-1, "driving", width(3.5), -1, None, "solid", 11.11),)),),
        "exit",
        predecessor=RoadLink("junction", 9),
        elevation=(Cubic(0.0, rise + 60 * slope, slope, -slope / 180.0),),
        speed_limit_mps=16.67,
    )
    junction = Junction(
        9,
        (Connection(0, 1, 11, "start", ((-1, -1), (-2, -2))), Connection(1, 1, 12, "start", ((-3, -1),))),
        "exit 1",
    )
    return RoadNetwork((main, onward, exit_road, through, leave), (junction,), name="motorway")


def _summed(bend: float, length: float, steps: int = 200_000) -> tuple[float, float]:
    """Where a clothoid from straight to ``bend`` ends, by summing short steps."""
    ds = length / steps
    angles = [bend * ((k + 0.5) * ds) ** 2 / (2 * length) for k in range(steps)]
    return sum(map(cos, angles)) * ds, sum(map(sin, angles)) * ds


def _after_arc(x: float, y: float, heading: float, bend: float, length: float) -> tuple[float, float, float]:
    end = heading + bend * length
    return x + (sin(end) - sin(heading)) / bend, y - (cos(end) - cos(heading)) / bend, end


NETWORKS = {"town block": town_block, "roundabout": roundabout, "motorway": motorway}
