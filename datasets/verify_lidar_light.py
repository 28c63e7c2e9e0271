"""Several returns, mirrors, panes and Doppler of a sweep, worked out again from stored points and tracks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_camera import outside_box_m
from pairforge.datasets.verify_lidar import BLOOM, GHOST, THROUGH, some
from pairforge.datasets.verify_lidar_beam import (
    NOISE_SIGMAS,
    RANGE_TOLERANCE_M,
    directions,
    half_angle,
)
from pairforge.datasets.verify_view import FrameView, SweepView
from pairforge.frames import F64, I64, Track, rotation

VELOCITY_TOLERANCE_MPS = 0.02
"""Between the stored radial velocity and the rate at which the way grows by the tracks."""
REFUTED_SHARE = 0.002
"""A track turns a corner at each of its knots: a point in 500 whose velocity falls on one may differ."""
STEP_NS = 700_000
FEW, MEDIAN_TOLERANCE_M = 20, 0.03
"""Returns of one beam that run together shift single ranges; the median of so many ghosts is not shifted by more."""
MIRROR_TOLERANCE_M, MIRROR_NEAR_M = 0.03, 0.5
"""A mirror's own returns this near to where a ghost's ray met it must lie on the mirror's plane, within the first."""
ROUNDED_MIRROR_SHARE = 0.35
"""Car bodies are curved, and their returns half a metre on lie off the plane at a place: so many may."""


def returns(view: FrameView) -> Iterator[Problem]:
    """A ray's returns are numbered from 1 in order of range, as many as it says, no more than it was set to give, and
    a pulse apart."""
    for s in view.sweeps:
        beam, x = s.sensor.settings.get("beam"), s.lidar
        if beam is None:
            continue
        number, count = (x.extra[n].astype(np.int64) for n in ("return_number", "returns_of_ray"))
        new = np.append(True, (np.diff(x.times_ns) != 0) | (np.diff(x.ring.astype(np.int64)) != 0))
        first = np.flatnonzero(new)
        sizes = np.diff(np.append(first, len(new)))
        place = np.arange(len(new)) - np.repeat(first, sizes) + 1
        yield from some(s, "return_number.npy", number != place, "are not numbered in order")
        yield from some(
            s, "returns_of_ray.npy", count != np.repeat(sizes, sizes), "miscount their ray's returns"
        )
        most = {"strongest": 1, "last": 1, "dual": 2}.get(beam["returns"], beam["returns"])
        yield from some(s, "returns_of_ray.npy", count > most, f"are of more than {most} returns")
        far = np.linalg.norm(s.world - s.fired_from[0], axis=1)
        gap = np.diff(far)[~new[1:]]
        view.measured.add("lidar_between_returns_m", gap)
        back = np.zeros(len(new), dtype=bool)
        back[1:][~new[1:]] = gap < -_pulse(s) / 2
        yield from some(s, "return_number.npy", back, "are nearer than the return before")


def measures(view: FrameView) -> Iterator[Problem]:
    """Ranges and intensities are rounded as the receiver is said to; cosines of incidence are shares."""
    for s in view.sweeps:
        x, receiver = s.lidar, s.sensor.settings.get("receiver", {})
        quantum, bits = float(receiver.get("quantum_m", 0.0)), receiver.get("bits")
        if quantum > 0:
            steps = x.range_m.astype(np.float64) / quantum
            off = np.abs(steps - np.round(steps)) * quantum > 1e-6 * np.maximum(x.range_m, 1.0)
            yield from some(s, "range_m.npy", off, f"have a range that is no multiple of {quantum:g} m")
        if bits is not None:
            steps = x.intensity.astype(np.float64) * (2 ** int(bits) - 1)
            yield from some(
                s, "intensity.npy", np.abs(steps - np.round(steps)) > 1e-3, f"do not fit in {bits} bits"
            )
        if (cosine := x.extra.get("incidence")) is not None:
            yield from some(s, "incidence.npy", ~((cosine >= 0) & (cosine <= 1 + 1e-6)), "are no cosine")


def ghosts(view: FrameView) -> Iterator[Problem]:
    """A ghost's way over its mirror is as long as its range, its mirror is a plane there, and it stands in it."""
    for s in view.sweeps:
        x = s.lidar
        own = np.flatnonzero(x.kind == GHOST)
        if not len(own) or "surfaces" not in s.sensor.settings:
            continue
        way = _way(s, own)
        view.measured.add("lidar_ghost_path_m", way.off_m)
        slack = RANGE_TOLERANCE_M + _pulse(s) / 2 + 4 * half_angle(s.sensor) * x.extra["via_m"][own]
        yield from _of(s, own, "source.npy", ~(way.off_m <= slack), "are ghosts whose way is not their range")
        if len(own) >= FEW and (middle := float(np.median(way.off_m))) > MEDIAN_TOLERANCE_M:
            message = f"in the median the ways of {len(own)} ghosts are {middle:.3f} m off their ranges"
            yield Problem(s.member("source.npy"), message)
        lone = x.extra["via"][own] == 0
        yield from _of(s, own, "via.npy", lone, "are ghosts without a mirror")
        yield from _off_mirror(s, own, way)
        yield from _in_boxes(view, s, own, way.met)


def sources(view: FrameView) -> Iterator[Problem]:
    """All but ghosts and stray light lies where it seems to."""
    for s in view.sweeps:
        x = s.lidar
        elsewhere = np.linalg.norm(s.source - s.world, axis=1) > RANGE_TOLERANCE_M
        honest = elsewhere & (x.kind != GHOST) & (x.kind != BLOOM)
        yield from some(
            s, "source.npy", honest, "lie elsewhere than they seem, and are neither ghost nor stray"
        )


def panes(view: FrameView) -> Iterator[Problem]:
    """What stands behind glass lies behind the pane it names, on the same ray."""
    for s in view.sweeps:
        x = s.lidar
        own = np.flatnonzero(x.kind == THROUGH)
        if not len(own) or "surfaces" not in s.sensor.settings:
            continue
        origin = s.fired_from[0][own]
        ray = s.source[own] - origin
        far = np.linalg.norm(ray, axis=1)
        before = (x.extra["via"][own] == 0) | (x.extra["via_m"][own] >= far)
        yield from _of(s, own, "via_m.npy", before, "are seen through a pane that is not before them")
        met = origin + ray / far[:, None] * x.extra["via_m"][own][:, None]
        yield from _in_boxes(view, s, own, met)


def doppler(view: FrameView) -> Iterator[Problem]:
    """Radial velocities are the rates at which the ways grow, by the tracks of sensor, thing and mirror."""
    for s in view.sweeps:
        x, settings = s.lidar, s.sensor.settings.get("doppler")
        if settings is None:
            continue
        own = np.flatnonzero(x.kind != BLOOM)
        stored = x.extra["velocity_true_mps"][own].astype(np.float64)
        off = np.abs(stored - _rate(s, own))
        view.measured.add("lidar_doppler_mps", off)
        wrong = ~(off <= VELOCITY_TOLERANCE_MPS)
        if wrong.sum() > max(REFUTED_SHARE * len(own), 3):
            yield from _of(s, own, "velocity_true_mps.npy", wrong, "do not move as the tracks say")
        noise = x.extra["velocity_mps"].astype(np.float64) - x.extra["velocity_true_mps"]
        sigma = float(settings["velocity_noise_mps"])
        strays = ~(np.abs(noise) <= NOISE_SIGMAS * sigma + 1e-4)
        yield from some(s, "velocity_mps.npy", strays, "are off by more than noise")
        n = len(noise)
        if n >= 500 and not abs(noise.std() - sigma) <= 6 * sigma / np.sqrt(2 * n) + 1e-4:
            message = f"the noise deviates by {noise.std():.4f} m/s, not {sigma:g}"
            yield Problem(s.member("velocity_mps.npy"), message)


class _Way:
    """Ways of ghosts over their mirrors: where they ``met`` it, its unit ``normal``, how far from their range."""

    def __init__(self, met: F64, normal: F64, off_m: F64) -> None:
        self.met, self.normal, self.off_m = met, normal, off_m


def _way(s: SweepView, own: NDArray[np.intp]) -> _Way:
    x, (origins, turns) = s.lidar, s.fired_from
    ahead = np.asarray(turns[own].apply(directions(s)[own]))
    via_m = x.extra["via_m"][own].astype(np.float64)
    met = origins[own] + ahead * via_m[:, None]
    onward = s.source[own] - met
    second = np.linalg.norm(onward, axis=1)
    range_m = np.linalg.norm(s.world[own] - origins[own], axis=1)
    normal = onward / np.maximum(second, 1e-9)[:, None] - ahead
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    return _Way(met, normal, np.abs(via_m + second - range_m))


def _off_mirror(s: SweepView, own: NDArray[np.intp], way: _Way) -> Iterator[Problem]:
    """The mirror's own returns around where it was met must lie on its plane there."""
    x = s.lidar
    off = np.full(len(own), np.nan)
    for part in np.unique(x.extra["via"][own]):
        seen = np.flatnonzero((x.part == part) & (x.kind == 0))
        rows = np.flatnonzero(x.extra["via"][own] == part)
        if len(seen) and int(part) not in s.view.record.part_tracks:
            distance, nearest = cKDTree(s.world[seen]).query(way.met[rows])
            between = s.world[seen[nearest]] - way.met[rows]
            height = np.abs(np.einsum("nk,nk->n", between, way.normal[rows]))
            off[rows] = np.where(distance <= MIRROR_NEAR_M, height, np.nan)
    known = np.isfinite(off)
    s.view.measured.add("lidar_ghost_mirror_m", off[known])
    slack = MIRROR_TOLERANCE_M + 2 * half_angle(s.sensor) * x.extra["via_m"][own]
    wrong = known & (off > slack)
    if wrong.sum() > max(ROUNDED_MIRROR_SHARE * known.sum(), 3):
        yield from _of(s, own, "via_m.npy", wrong, "are ghosts off the plane of their mirror")


def _in_boxes(view: FrameView, s: SweepView, own: NDArray[np.intp], met: F64) -> Iterator[Problem]:
    """Where mirrors and panes were met, they stand, if they are of an instance."""
    x = s.lidar
    instance = view.scene.instance_of_part[x.extra["via"][own]]
    for i in np.unique(instance[instance > 0]):
        rows = np.flatnonzero(instance == i)
        outside = outside_box_m(view, int(i), x.times_ns[own[rows]], met[rows])
        loose = outside > 2 * half_angle(s.sensor) * x.extra["via_m"][own[rows]]
        if loose.any():
            message = f"{int(loose.sum())} rays are said to meet instance {i} up to {outside.max():.2f} m outside it"
            yield Problem(s.member("via.npy"), message)


def _rate(s: SweepView, own: NDArray[np.intp]) -> F64:
    """(n,) m/s at which half the way of each point grows: the distance to the thing, or to its mirror image."""
    x, record = s.lidar, s.view.record
    times = x.times_ns[own]
    part = np.where(x.kind[own] == 1, 0, x.part[own])
    ghost = np.flatnonzero(x.kind[own] == GHOST)
    way = _way(s, own[ghost]) if len(ghost) else None
    ends = []
    steps = np.array([-STEP_NS, STEP_NS])
    last = max((int(t.times_ns[-1]) for t in record.instance_tracks.values()), default=None)
    for step in steps:
        when = times + step if last is None else np.clip(times + step, 0, last)
        at = s.view.scene.world_from_sensor_over(s.sensor, when)[0]
        thing = _carried(record.part_tracks, part, s.source[own], times, when)
        if way is not None:
            via, t, u = x.extra["via"][own][ghost], times[ghost], when[ghost]
            met = _carried(record.part_tracks, via, way.met, t, u)
            tip = _carried(record.part_tracks, via, way.met + way.normal, t, u)
            height = np.einsum("nk,nk->n", thing[ghost] - met, tip - met)
            thing[ghost] -= 2 * height[:, None] * (tip - met)
        ends.append((when, np.linalg.norm(thing - at, axis=1)))
    (before, near), (after, far) = ends
    return np.asarray((far - near) / ((after - before) * 1e-9))


def _carried(tracks: Mapping[int, Track], part: NDArray[Any], points: F64, t: I64, u: I64) -> F64:
    """World points (n, 3) of parts at times t, where their parts have them at times u."""
    out = points.copy()
    for number in np.unique(part):
        track = tracks.get(int(number))
        if track is not None:
            rows = np.flatnonzero(part == number)
            (was, turned), (comes, turns) = track.sample(t[rows]), track.sample(u[rows])
            local = rotation(turned).inv().apply(points[rows] - was)
            out[rows] = comes + rotation(turns).apply(local)
    return out


def _pulse(s: SweepView) -> float:
    beam = s.sensor.settings.get("beam")
    return 0.0 if beam is None else float(beam["pulse_m"])


def _of(
    s: SweepView, own: NDArray[np.intp], array: str, wrong: NDArray[np.bool_], what: str
) -> Iterator[Problem]:
    """As ``some``, of those points alone."""
    found = np.zeros(len(s.lidar.kind), dtype=bool)
    found[own[wrong]] = True
    yield from some(s, array, found, what)


CHECKS = (returns, measures, sources, ghosts, panes, doppler)
