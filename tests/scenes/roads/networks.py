"""Road networks written by hand, piece by piece: a crossing, a town block, a roundabout, a motorway with an exit.

Their pieces are laid by arithmetic of their own: cubics between end points, clothoids by summing short steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, hypot, pi, sin

from pairforge.scenes.roads.network import (
    Connection,
    Contact,
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

LANE_M, WALK_M, KERB_M = 3.25, 3.2, 0.15
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


@dataclass(frozen=True)
class Mouth:
    """The end of a street with one lane each way, at a junction."""

    road: Road
    end: Contact

    @property
    def inwards(self) -> Pose:
        """Where its line meets the junction, heading into it."""
        piece = self.road.geometries[0]
        if self.end == "start":
            return Pose(piece.x_m, piece.y_m, piece.heading + pi)
        x, y = (
            piece.x_m + piece.length_m * cos(piece.heading),
            piece.y_m + piece.length_m * sin(piece.heading),
        )
        return Pose(x, y, piece.heading)

    @property
    def lanes(self) -> tuple[int, int]:
        """The lane that leads in, and the one that leads out."""
        return (1, -1) if self.end == "start" else (-1, 1)

    @property
    def link(self) -> RoadLink:
        return RoadLink("road", self.road.road_id, self.end)


def junction_of(
    junction_id: int, first_way: int, mouths: list[Mouth], priorities: tuple[tuple[int, int], ...] = ()
) -> tuple[list[Road], Junction]:
    """Ways from every mouth to every other."""
    ways, connections = [], []
    for here in mouths:
        for there in mouths:
            if here is there:
                continue
            start, back = here.inwards, there.inwards
            turn = (back.heading + pi - start.heading + pi) % (2 * pi) - pi
            end = Pose(back.x, back.y, start.heading + turn)
            number = first_way + len(ways)
            ways.append(
                way(number, start, end, junction_id, here.link, there.link, here.lanes[0], there.lanes[1])
            )
            pairs = ((here.lanes[0], -1),)
            connections.append(Connection(len(connections), here.road.road_id, number, "start", pairs))
    return ways, Junction(junction_id, tuple(connections), f"crossing {junction_id}", priorities)


def phases(turn: int) -> Controller:
    """One of two groups of lights that take turns."""
    steps = (("green", 15.0), ("yellow", 3.0), ("red", 20.0), ("red_yellow", 2.0))
    return Controller(turn + 1, steps, 20.0 * turn)


def crossing() -> RoadNetwork:
    """A crossing of two streets with lights, crosswalks and speed signs; a hill on one arm."""
    arms, reach, length = [], 14.0, 80.0
    for k in range(4):
        heading = k * pi / 2
        mouth = Pose(reach * cos(heading), reach * sin(heading), heading)  # leads away from the crossing
        light = RoadSignal(100 + k, "light", 2.0, 4.1, "-", 1 + k % 2)
        arms.append(
            street(
                k + 1,
                mouth,
                length,
                name=f"arm {k}",
                predecessor=RoadLink("junction", 50),
                elevation=(Cubic(0.0, 0.0), Cubic(20.0, 0.0, 0.0, 0.001)) if k == 2 else (),
                crosswalks=(Crosswalk(6.0, 3.2),),
                signals=(light, RoadSignal(200 + k, "speed_50", 60.0, -4.1, "+")),
                speed_limit_mps=13.89 if k % 2 else 8.33,
            )
        )
    ways, junction = junction_of(50, 10, [Mouth(arm, "start") for arm in arms], ((1, 2), (3, 4)))
    return RoadNetwork((*arms, *ways), (junction,), (phases(0), phases(1)), "crossing")


def town_block() -> RoadNetwork:
    """Four streets around a block, on past its corners: one corner has lights and crosswalks, at the others those
    who come along North or South Street go first."""
    half, reach, outer = 45.0, 13.0, 50.0
    corners = {(x, y): 50 + k for k, (x, y) in enumerate(((-1, -1), (1, -1), (-1, 1), (1, 1)))}
    roads: list[Road] = []
    mouths: dict[tuple[int, int], list[Mouth]] = {corner: [] for corner in corners}

    def add(name: str, at: tuple[int, int], to: tuple[int, int] | None, heading: float) -> None:
        """A street from one corner to another, or out of the town."""
        number, lit = len(roads) + 1, at == (-1, -1)
        start = Pose(at[0] * half + reach * cos(heading), at[1] * half + reach * sin(heading), heading)
        length = 2 * half - 2 * reach if to else outer
        along = name.startswith(("North", "South"))
        kind = "light" if lit else "priority" if along else "give_way"
        signals = [RoadSignal(10 * number, kind, 3.0, 4.1, "-", (1 if along else 2) if lit else None)]
        if to:
            there = "priority" if along else "give_way"
            signals.append(RoadSignal(10 * number + 1, there, length - 3.0, -4.1, "+"))
        else:
            signals.append(RoadSignal(10 * number + 1, "speed_30", length - 6.0, 4.1, "-"))
        roads.append(
            street(
                number,
                start,
                length,
                name=name,
                predecessor=RoadLink("junction", corners[at]),
                successor=RoadLink("junction", corners[to]) if to else None,
                crosswalks=(Crosswalk(6.0, 3.2),) if lit else (),
                signals=tuple(signals),
                speed_limit_mps=8.33,
            )
        )
        mouths[at].append(Mouth(roads[-1], "start"))
        if to:
            mouths[to].append(Mouth(roads[-1], "end"))

    for y, name in ((-1, "South Street"), (1, "North Street")):
        add(name, (-1, y), (1, y), 0.0)
        add(f"{name} west", (-1, y), None, pi)
        add(f"{name} east", (1, y), None, 0.0)
    for x, name in ((-1, "West Street"), (1, "East Street")):
        add(name, (x, -1), (x, 1), pi / 2)
        add(f"{name} south", (x, -1), None, -pi / 2)
        add(f"{name} north", (x, 1), None, pi / 2)
    ways: list[Road] = []
    junctions = []
    for corner, number in corners.items():
        along = [m.road.road_id for m in mouths[corner] if m.road.name.startswith(("North", "South"))]
        across = [m.road.road_id for m in mouths[corner] if m.road.road_id not in along]
        order = () if corner == (-1, -1) else tuple((a, b) for a in along for b in across)
        made, junction = junction_of(number, 100 * (number - 49), mouths[corner], order)
        ways += made
        junctions.append(junction)
    return RoadNetwork((*roads, *ways), tuple(junctions), (phases(0), phases(1)), "town block")


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
                signals=(RoadSignal(k, "give_way", 1.0, 4.1, "-"),),
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


NETWORKS = {"crossing": crossing, "town block": town_block, "roundabout": roundabout, "motorway": motorway}
