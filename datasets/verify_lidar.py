"""Do the points of a sweep agree with its model and with the tracks?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.vectors import length
from pairforge.datasets.verify_camera import outside_box_m
from pairforge.datasets.verify_lidar_beam import (
    ANGLE_TOLERANCE,
    RANGE_TOLERANCE_M,
    directions,
    firings,
    half_angle,
    range_slack_m,
)
from pairforge.datasets.verify_view import FrameView, SweepView

AIR_REACH_M = 16.0
"""Air farther away sends nothing back."""
AIR, GHOST, BLOOM, THROUGH = 1, 2, 3, 4
"""``kind`` of points that are not of a surface straight ahead."""


def sweep_clock(view: FrameView) -> Iterator[Problem]:
    """Points are in firing order, within the sweep that ends at the keyframe, each on a column's time stamp."""
    for s in view.sweeps:
        x, sensor = s.lidar, s.sensor
        period = round(1e9 / float(sensor.settings["rate_hz"]))
        member = s.member("times_ns.npy")
        t = x.times_ns
        outside = (t <= x.time_ns - period) | (t > x.time_ns)
        if outside.any():
            yield Problem(
                member,
                f"{int(outside.sum())} points were fired outside the sweep that ends at {x.time_ns} ns",
            )
            continue
        if (np.diff(t) < 0).any():
            yield Problem(member, "time stamps do not ascend in firing order")
        count = firings(sensor)
        due = x.time_ns - period + (np.arange(1, count + 1, dtype=np.int64) * period) // count
        if not np.isin(t, due).all():
            yield Problem(
                member, f"{int((~np.isin(t, due)).sum())} time stamps are not those of the {count} firings"
            )


def beams(view: FrameView) -> Iterator[Problem]:
    """Each point lies on the beam of its ring at its firing time; its range is its length; intensities are shares."""
    for s in view.sweeps:
        x, sensor = s.lidar, s.sensor
        direction = directions(s)
        distance = length(x.points)
        off = length(x.points / np.maximum(distance, 1e-9)[:, None] - direction)
        yield from some(
            s, "points.npy", ~(off <= ANGLE_TOLERANCE), "do not lie on the beam of their ring and time"
        )
        wrong = ~(np.abs(distance - x.range_m) <= RANGE_TOLERANCE_M)
        yield from some(s, "range_m.npy", wrong, "have a range that is not their distance")
        far = float(sensor.settings["max_range_m"]) + range_slack_m(sensor)
        yield from some(s, "range_m.npy", ~(x.range_m <= far), f"are farther than {far:g} m")
        dull = ~((x.intensity >= 0) & (x.intensity <= 1))
        yield from some(s, "intensity.npy", dull, "have an intensity outside 0..1")
        high = x.ring >= int(sensor.settings["beams"])
        yield from some(s, "ring.npy", high, "name a ring that does not exist")
        pair = np.column_stack([x.times_ns, x.ring, x.extra.get("return_number", np.zeros(len(x.ring)))])
        if len(np.unique(pair.astype(np.int64), axis=0)) != len(pair):
            yield Problem(s.member("ring.npy"), "two points share a ring, a firing time and a return")


def lidar_ids(view: FrameView) -> Iterator[Problem]:
    """Instance and class of every point are those of its part; points of the air have none."""
    for s in view.sweeps:
        x = s.lidar
        instance, semantic = view.scene.instance_of_part[x.part], view.scene.semantic_of_part[x.part]
        air = x.kind == AIR
        missing = (x.part == 0) & ~air
        yield from some(s, "part.npy", (instance < 0) | missing, "hit a part that does not exist")
        owned = air & ((x.part != 0) | (x.instance != 0) | (x.semantic != 0))
        yield from some(s, "kind.npy", owned, "are of the air and yet name what they hit")
        yield from some(
            s,
            "instance.npy",
            (instance >= 0) & (instance != x.instance),
            "name another instance than their part's",
        )
        yield from some(
            s,
            "semantic.npy",
            (semantic >= 0) & (semantic != x.semantic),
            "name another class than their part's",
        )


def air_returns(view: FrameView) -> Iterator[Problem]:
    """Only air that holds something sends light back, and only from nearby; see docs/weather.md."""
    sky = view.record.concrete["sky"]
    filled = any(float(sky[name]) > 0.0 for name in ("fog_per_m", "dust_per_m", "rain_mm_h", "snow_mm_h"))
    for s in view.sweeps:
        x = s.lidar
        air = x.kind == AIR
        if not filled:
            yield from some(s, "kind.npy", air, "are of the air, which is clear")
        far = air & (x.range_m > AIR_REACH_M + range_slack_m(s.sensor))
        yield from some(s, "range_m.npy", far, f"are of the air, but farther than {AIR_REACH_M:g} m")


def kinds(view: FrameView) -> Iterator[Problem]:
    """Ghosts, stray light and what stands behind glass are there only where the settings let them."""
    for s in view.sweeps:
        x, surfaces = s.lidar, s.sensor.settings.get("surfaces", {})
        yield from some(s, "kind.npy", x.kind > THROUGH, "are of no kind that there is")
        allowed = {
            GHOST: surfaces.get("mirrors", False),
            BLOOM: surfaces.get("blooming_mrad", 0.0) > 0.0,
            THROUGH: surfaces.get("glass", False),
        }
        for kind, may in allowed.items():
            if not may:
                yield from some(s, "kind.npy", x.kind == kind, f"are of kind {kind}, which is off")


def deskewed(view: FrameView) -> Iterator[Problem]:
    """The true hit lies on the measured ray, off by the range noise alone, once ego motion is undone."""
    for s in view.sweeps:
        x, sensor = s.lidar, s.sensor
        positions, turn = s.fired_from
        fired = np.asarray(turn.inv().apply(s.world - positions))
        direction = directions(s)
        along = np.einsum("nk,nk->n", fired, direction)
        across = length(fired - along[:, None] * direction)
        slack = RANGE_TOLERANCE_M + half_angle(sensor) * np.maximum(x.range_m, along)
        yield from some(s, "deskewed.npy", ~(across <= slack), "lie off the ray they were measured along")
        noise = np.abs(along - x.range_m)
        yield from some(
            s,
            "deskewed.npy",
            ~(noise <= range_slack_m(sensor)),
            "differ from the measured range by more than noise",
        )


def points_in_boxes(view: FrameView) -> Iterator[Problem]:
    """Every point of an instance lies inside its upright box, where its track had it when the ray was fired; of
    ghosts and stray light, that is where the light truly turned back."""
    for s in view.sweeps:
        x, world = s.lidar, s.source
        for i in np.unique(x.instance):
            if i not in view.scene.ids:
                continue
            own = x.instance == i
            outside = outside_box_m(view, int(i), x.times_ns[own], world[own])
            if (outside > 0).any():
                yield Problem(
                    s.member("instance.npy"),
                    f"{int((outside > 0).sum())} points of instance {i} lie up to {float(outside.max()):.2f} m "
                    "outside its 3D box",
                )


def some(s: SweepView, array: str, wrong: NDArray[np.bool_], what: str) -> Iterator[Problem]:
    """A problem of an array that says how many points are ``wrong`` (N,), and which is the first."""
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        yield Problem(s.member(array), f"{int(wrong.sum())} points {what}, the first number {first}")


CHECKS = (sweep_clock, beams, lidar_ids, air_returns, kinds, deskewed, points_in_boxes)
