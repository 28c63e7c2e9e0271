"""Do the ranges of ultrasonic sensors agree with their settings, their clock and where things are?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_camera import outside_box_m
from pairforge.datasets.verify_view import FrameView
from pairforge.frames import F64
from pairforge.sample import Reading
from pairforge.scenes.concrete import ConcreteSensor

NOTHING, ECHO, CROSS_TALK = range(3)
PULSE_M = 0.07
"""An echo begins up to this much before where most of it comes from: half a pulse's length in warm air."""
NOISE_SIGMAS = 7.0
BOX_TOLERANCE_M = 0.02
TOLERANCE_M = 2e-3


def ultrasonic_pings(view: FrameView) -> Iterator[Problem]:
    """Pings come at their rate; a range is there for an echo alone, within reach; noise is as stated."""
    for reading, sensor in ultrasonics(view):
        a, s = reading.arrays, sensor.settings
        t, kind = a["times_ns"], a["kind"]
        due = np.rint(np.rint(t * float(s["rate_hz"]) / 1e9) * 1e9 / float(s["rate_hz"])).astype(np.int64)
        late = (t != due) | (t > reading.time_ns) | (np.diff(t, prepend=-1) <= 0)
        yield from _some(view, reading, "times_ns", late, "are not at the times of its rate")
        range_m = a["range_m"].astype(np.float64)
        none = kind == NOTHING
        yield from _some(
            view, reading, "range_m", np.isfinite(range_m) == none, "have a range without an echo"
        )
        low, high = float(s["min_range_m"]), float(s["max_range_m"])
        far = ~none & ~((range_m >= low - TOLERANCE_M) & (range_m <= high + TOLERANCE_M))
        yield from _some(view, reading, "range_m", far, f"are not within {low:g} to {high:g} m")
        yield from _some(view, reading, "kind", kind > CROSS_TALK, "are of no kind there is")
        talk = (kind == CROSS_TALK) & (float(s["cross_talk"]) == 0.0)
        yield from _some(view, reading, "kind", talk, "hear neighbours that there are not")
        echo = kind == ECHO
        off = np.where(echo, range_m / _scale(sensor) - a["true_range_m"], 0.0)
        noise = NOISE_SIGMAS * 2.0 * float(s["range_noise_m"]) + TOLERANCE_M
        wrong = echo & ~((off <= noise) & (off >= -noise - PULSE_M))
        yield from _some(view, reading, "range_m", wrong, "differ from the true range by more than noise")
        view.measured.add("ultrasonic_range_error_m", np.abs(off[echo]))


def ultrasonic_things(view: FrameView) -> Iterator[Problem]:
    """Ids are those of parts; what is heard lies in its box, no farther than its echo says."""
    for reading, _ in ultrasonics(view):
        a = reading.arrays
        part, echo = a["part"], a["kind"] == ECHO
        instance, semantic = view.scene.instance_of_part[part], view.scene.semantic_of_part[part]
        yield from _some(
            view, reading, "part", (instance < 0) | ((part > 0) != echo), "hear no part that exists"
        )
        other = (instance >= 0) & ((instance != a["instance"]) | (semantic != a["semantic"]))
        yield from _some(view, reading, "instance", other, "name another instance or class than their part's")
        at = a["true_position_m"].astype(np.float64)
        beyond = echo & ~(np.linalg.norm(at, axis=1) <= a["true_range_m"] + TOLERANCE_M)
        yield from _some(view, reading, "true_range_m", beyond, "are nearer than what they hear")
        for i in np.unique(a["instance"][echo]):
            if int(i) not in view.scene.ids:
                continue
            own = np.flatnonzero(echo & (a["instance"] == i))
            world = _world(view, reading, a["times_ns"][own], at[own])
            outside = np.zeros(len(part), np.bool_)
            outside[own] = ~(outside_box_m(view, int(i), a["times_ns"][own], world) <= BOX_TOLERANCE_M)
            yield from _some(
                view, reading, "true_position_m", outside, f"lie outside the box of instance {i}"
            )


def ultrasonics(view: FrameView) -> Iterator[tuple[Reading, ConcreteSensor]]:
    for reading in view.frame.readings.values():
        sensor = view.scene.sensor(reading.sensor)
        if reading.kind == "ultrasonic" and sensor is not None:
            yield reading, sensor


def _scale(sensor: ConcreteSensor) -> float:
    """What a wrong belief in the air's temperature makes of a range: the ratio of the speeds of sound."""
    taken = sensor.settings["assumed_temperature_c"]
    real = float(sensor.settings["temperature_c"])
    return 1.0 if taken is None else float(np.sqrt((273.15 + float(taken)) / (273.15 + real)))


def _world(view: FrameView, reading: Reading, times: NDArray[np.int64], points: F64) -> F64:
    sensor = view.scene.sensor(reading.sensor)
    assert sensor is not None
    positions, turns = view.scene.world_from_sensor_over(sensor, times)
    return np.asarray(positions + turns.apply(points))


def _some(
    view: FrameView, reading: Reading, array: str, wrong: NDArray[np.bool_], what: str
) -> Iterator[Problem]:
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        message = f"{int(wrong.sum())} pings {what}, the first number {first}"
        yield Problem(view.member(reading.sensor, f"{array}.npy"), message)


CHECKS = (ultrasonic_pings, ultrasonic_things)
