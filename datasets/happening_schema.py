"""What happenings there are: one row a kind. The contract of the table ``happenings``; docs/captions.md shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pairforge.sample import Happening


@dataclass(frozen=True)
class HappeningKind:
    """``subjects``: what each instance id stands for. ``arguments``: the words it may take, () for none. ``value``:
    whether the value reaches its threshold or stays below it. ``from_to``: when it begins and ends."""

    name: str
    subjects: tuple[str, ...]
    arguments: tuple[str, ...]
    unit: str
    value: Literal["least", "most"]
    meaning: str
    from_to: str


_LEFT_RIGHT = ("left", "right")
_ROWS = (
    HappeningKind("braking", ("driver",), (), "m/s", "least", "speed lost, at least 1.5",
                  "while speed falls by 1 m/s^2 or more; gaps below 0.3 s bridged"),
    HappeningKind("speeding_up", ("driver",), (), "m/s", "least", "speed gained, at least 1.5",
                  "while speed grows by 0.8 m/s^2 or more; gaps below 0.3 s bridged"),
    HappeningKind("stopping", ("road user",), (), "s", "least", "how long it then stands, at least 0.3",
                  "last 0.7 m/s to first 0.15 m/s"),
    HappeningKind("starting", ("road user",), (), "s", "least", "how long it stood before, at least 0.3",
                  "last 0.15 m/s to first 0.7 m/s"),
    HappeningKind("turning", ("driver",), _LEFT_RIGHT, "deg", "least", "heading turned, at least 25",
                  "while it yaws by 0.06 rad/s or more, moving; gaps below 0.3 s bridged"),
    HappeningKind("lane_change", ("vehicle",), _LEFT_RIGHT, "m", "least", "metres sideways, at least half a lane",
                  "last within 0.4 m of the old lane's middle to first within 0.5 m of the new one's, beside it"),
    HappeningKind("moving_over", ("driver",), _LEFT_RIGHT, "m", "least", "metres sideways, at least 0.6",
                  "while it goes 0.3 m/s or more across every lane along it that holds it; gaps below 0.1 s bridged"),
    HappeningKind("cutting_in", ("vehicle", "ego"), _LEFT_RIGHT, "m", "most", "gap to us at the end, at most 20",
                  "a lane change that ends before us in our lane"),
    HappeningKind("overtaking", ("driver", "overtaken"), (), "m", "most", "metres beside it when abreast, at most 6",
                  "front passes the other's rear to rear passes its front; both move the same way"),
    HappeningKind("passing_by", ("ego", "passed"), (), "m", "most", "metres beside it when abreast, at most 10",
                  "our front passes its near end to our rear its far end; it stands, walks, or comes towards us"),
    HappeningKind("crossing_road", ("person",), (), "m", "least", "metres walked, at least 1",
                  "while 0.1 m or more inside a lane, across its direction; gaps below 0.5 s bridged"),
    HappeningKind("ran_red", ("driver", "light"), (), "m/s", "least", "speed at the line, at least 1",
                  "front over the line of a lane whose light is red (for 0.1 s or more) to rear over it"),
    HappeningKind("falling", ("thing",), (), "m", "least", "metres dropped, at least 0.03",
                  "while it touches nothing and falls at 0.5 m/s or more"),
    HappeningKind("landing", ("thing", "other"), (), "m/s", "least", "speed at which they closed, at least 0.3",
                  "a contact of 0.2 N, apart for 0.2 s before; 0.7 of that speed downwards"),
    HappeningKind("hitting", ("striker", "struck"), (), "m/s", "least", "speed at which they closed, at least 0.15",
                  "the same, at most 0.5 of it downwards; the first the faster by 0.1 m/s"),
    HappeningKind("rolling", ("thing",), (), "deg", "least", "degrees turned, at least 45",
                  "while it touches something, moves at 0.1 m/s or more and turns about a level axis as fast as its "
                  "size asks, within 0.5 to 1.6; gaps below 0.1 s bridged"),
    HappeningKind("coming_to_rest", ("thing",), (), "s", "least", "how long it then rests, at least 0.3",
                  "last 0.1 m/s to first 0.02 m/s"),
    HappeningKind("picked_up", ("thing", "holder"), (), "N", "least", "largest force of the grip, at least 0.2",
                  "holder's touch begins to nothing else bears it"),
    HappeningKind("held", ("thing", "holder"), (), "s", "least", "how long, at least 0.2",
                  "while the holder, and nothing else, touches it"),
    HappeningKind("released", ("thing", "holder"), (), "N", "least", "largest force of the grip, at least 0.2",
                  "something else bears it, or nothing holds it, to the holder's touch ends"),
)  # fmt: skip
KINDS: Mapping[str, HappeningKind] = {row.name: row for row in _ROWS}


def happening_faults(happening: Happening) -> Iterator[str]:
    """What about a happening does not obey its row."""
    row = KINDS.get(happening.kind)
    if row is None:
        yield f'there is no kind "{happening.kind}"'
        return
    if len(happening.subjects) != len(row.subjects) or len(set(happening.subjects)) != len(row.subjects):
        yield f"its subjects are {happening.subjects}; it takes {', '.join(row.subjects)}"
    if happening.argument not in (row.arguments or ("",)):
        yield f'its argument "{happening.argument}" is none of {row.arguments or "(none)"}'
    if happening.unit != row.unit:
        yield f'its unit is "{happening.unit}", not "{row.unit}"'
    gap = happening.value - happening.threshold
    gap = gap if row.value == "least" else -gap
    if abs(gap - happening.margin) > 1e-6 * max(1.0, abs(happening.value)):
        yield f"its margin {happening.margin:g} does not follow from its value"
    if happening.margin < 0.0:
        yield f"its margin {happening.margin:g} is below 0"
    if happening.t0_ns > happening.t1_ns:
        yield f"it ends at {happening.t1_ns} ns before it starts at {happening.t0_ns} ns"
    if not happening.evidence:
        yield "it names no evidence"
