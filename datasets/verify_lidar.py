"""Do the points of a sweep agree with its model and with the tracks?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.verify_camera import outside_box_m
from pairforge.datasets.verify_view import FrameView, Problem, SweepView
from pairforge.frames import F64
from pairforge.scenes.concrete import ConcreteSensor

RANGE_TOLERANCE_M = 2e-3
NOISE_SIGMAS = 7.0
AIR_REACH_M = 16.0
"""Air farther away sends nothing back."""
ANGLE_TOLERANCE = 1e-4
"""Radians between a point and the beam of its ring and firing time."""


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
        columns = int(sensor.settings["columns"])
        due = x.time_ns - period + (np.arange(1, columns + 1, dtype=np.int64) * period) // columns
        if not np.isin(t, due).all():
            yield Problem(
                member, f"{int((~np.isin(t, due)).sum())} time stamps are not those of the {columns} columns"
            )


def beams(view: FrameView) -> Iterator[Problem]:
    """Each point lies on the beam of its ring at its firing time; its range is its length; intensities are shares."""
    for s in view.sweeps:
        x, sensor = s.lidar, s.sensor
        direction = _directions(s)
        length = np.linalg.norm(x.points.astype(np.float64), axis=1)
        off = np.linalg.norm(x.points / np.maximum(length, 1e-9)[:, None] - direction, axis=1)
        yield from _some(
            s, "points.npy", ~(off <= ANGLE_TOLERANCE), "do not lie on the beam of their ring and time"
        )
        wrong = ~(np.abs(length - x.range_m) <= RANGE_TOLERANCE_M)
        yield from _some(s, "range_m.npy", wrong, "have a range that is not their distance")
        far = float(sensor.settings["max_range_m"]) + _noise(sensor)
        yield from _some(s, "range_m.npy", ~(x.range_m <= far), f"are farther than {far:g} m")
        dull = ~((x.intensity >= 0) & (x.intensity <= 1))
        yield from _some(s, "intensity.npy", dull, "have an intensity outside 0..1")
        high = x.ring >= int(sensor.settings["beams"])
        yield from _some(s, "ring.npy", high, "name a ring that does not exist")
        pair = x.times_ns.astype(np.int64) * 256 + x.ring
        if len(np.unique(pair)) != len(pair):
            yield Problem(s.member("ring.npy"), "two points share a ring and a firing time")


def _directions(sweep: SweepView) -> F64:
    """(N, 3) where the beam of each point's ring looked when it was fired; see docs/store.md for the model."""
    x, s = sweep.lidar, sweep.sensor.settings
    period = round(1e9 / float(s["rate_hz"]))
    column = np.round((x.times_ns - (x.time_ns - period)) * int(s["columns"]) / period)
    azimuth = np.pi - 2 * np.pi * column / int(s["columns"])
    low, high = s["elevation_deg"]
    elevation = np.radians(low + (high - low) * x.ring.astype(np.float64) / max(int(s["beams"]) - 1, 1))
    flat = np.cos(elevation)
    return np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)], axis=1)


def lidar_ids(view: FrameView) -> Iterator[Problem]:
    """Instance and class of every point are those of its part; points of the air have none."""
    for s in view.sweeps:
        x = s.lidar
        instance, semantic = view.scene.instance_of_part[x.part], view.scene.semantic_of_part[x.part]
        air = x.kind == 1
        missing = (x.part == 0) & ~air
        yield from _some(s, "part.npy", (instance < 0) | missing, "hit a part that does not exist")
        owned = air & ((x.part != 0) | (x.instance != 0) | (x.semantic != 0))
        yield from _some(s, "kind.npy", owned, "are of the air and yet name what they hit")
        yield from _some(
            s,
            "instance.npy",
            (instance >= 0) & (instance != x.instance),
            "name another instance than their part's",
        )
        yield from _some(
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
        yield from _some(s, "kind.npy", x.kind > 1, "are neither of a surface nor of the air")
        air = x.kind == 1
        if not filled:
            yield from _some(s, "kind.npy", air, "are of the air, which is clear")
        far = air & (x.range_m > AIR_REACH_M + _noise(s.sensor))
        yield from _some(s, "range_m.npy", far, f"are of the air, but farther than {AIR_REACH_M:g} m")


def deskewed(view: FrameView) -> Iterator[Problem]:
    """The true hit lies on the measured ray, off by the range noise alone, once ego motion is undone."""
    for s in view.sweeps:
        x, sensor = s.lidar, s.sensor
        positions, turn = s.fired_from
        fired = np.asarray(turn.inv().apply(s.world - positions))
        direction = _directions(s)
        along = np.einsum("nk,nk->n", fired, direction)
        across = np.linalg.norm(fired - along[:, None] * direction, axis=1)
        slack = RANGE_TOLERANCE_M + ANGLE_TOLERANCE * x.range_m
        yield from _some(s, "deskewed.npy", ~(across <= slack), "lie off the ray they were measured along")
        noise = np.abs(along - x.range_m)
        yield from _some(
            s,
            "deskewed.npy",
            ~(noise <= _noise(sensor)),
            "differ from the measured range by more than noise",
        )


def points_in_boxes(view: FrameView) -> Iterator[Problem]:
    """Every point of an instance lies inside its upright box, where its track had it when the ray was fired."""
    for s in view.sweeps:
        x = s.lidar
        for i in np.unique(x.instance):
            if i not in view.scene.ids:
                continue
            own = x.instance == i
            outside = outside_box_m(view, int(i), x.times_ns[own], s.world[own])
            if (outside > 0).any():
                yield Problem(
                    s.member("instance.npy"),
                    f"{int((outside > 0).sum())} points of instance {i} lie up to {float(outside.max()):.2f} m "
                    "outside its 3D box",
                )


def _noise(sensor: ConcreteSensor) -> float:
    return NOISE_SIGMAS * float(sensor.settings["range_noise_m"]) + RANGE_TOLERANCE_M


def _some(s: SweepView, array: str, wrong: NDArray[np.bool_], what: str) -> Iterator[Problem]:
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        yield Problem(s.member(array), f"{int(wrong.sum())} points {what}, the first number {first}")


CHECKS = (sweep_clock, beams, lidar_ids, air_returns, deskewed, points_in_boxes)
