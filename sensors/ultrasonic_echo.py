"""Pings of an ultrasonic sensor, from rays to what it reports.

The echo of a ping is laid out by time of flight: each ray brings the share of the sound that its surface sends back.
Within one pulse length shares add up; the first time that their sum passes the threshold is the echo.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64, rotation
from pairforge.sample import Reading
from pairforge.seeding import Stream
from pairforge.sensors.mount import mount_instance, world_from_sensor, world_from_sensor_over
from pairforge.sensors.protocol import Sensing
from pairforge.sensors.radar_materials import facet_density
from pairforge.sensors.ray_engine import Hits, lifted
from pairforge.sensors.ultrasonic_air import absorption_per_m, speed_mps
from pairforge.sensors.ultrasonic_surfaces import acoustic_table

NOTHING, ECHO, CROSS_TALK = 0, 1, 2
"""Kinds of pings, as stored."""
PULSE_S = 0.3e-3
_SKINS, _THROUGH_M = 6, 1e-3
_WIDER = 1.6
"""Rays fill the beam to this many times its width, where 15 dB are lost both ways."""
_REFERENCE_C, _REFERENCE_HUMIDITY = 20.0, 0.5


@dataclass(frozen=True, eq=False)
class _Rays:
    """Of P pings with R rays each: unit directions (P R, 3) in the sensor frame, solid angle (P R,) of each."""

    directions: F64
    solid: F64


@dataclass(frozen=True, eq=False)
class _Echoes:
    """What rays send back, (P, E) each: ``share`` of a ping's sound, half the length of its way, the part it comes
    from, and where (P, E, 3) in the sensor frame."""

    share: F64
    far: F64
    part: NDArray[np.uint16]
    point_m: F64


def pings(at: Sensing) -> Reading:
    """All pings since the keyframe before."""
    s = at.sensor.settings
    times = at.sample_times_ns(float(s["rate_hz"]))
    echoes = _echoes(at, times, _fan(s, len(times), at.stream / "rays"))
    air = np.exp(-2.0 * _loss(s) * np.minimum(echoes.far, 1e3))
    far = np.where(echoes.far >= float(s["min_range_m"]), echoes.far, np.inf)
    first = _first(echoes.share * air / _threshold(s, far), far, speed_mps(float(s["temperature_c"])))
    return Reading(
        sensor=at.sensor.name,
        kind="ultrasonic",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays=_arrays(at, times, echoes, far, first),
    )


def _fan(s: dict[str, Any], count: int, stream: Stream) -> _Rays:
    """Rays spread evenly over the beam, each somewhere in its own cell, anew for every ping."""
    half = [
        np.radians(min(_WIDER * float(s[f"{side}_beam_deg"]), 170.0)) / 2
        for side in ("horizontal", "vertical")
    ]
    rows = max(int(np.sqrt(int(s["rays"]) * half[1] / half[0])), 2)
    columns = max(int(s["rays"]) // rows, 2)
    draws = stream.rng().random((count, 2, columns, rows))
    azimuth = half[0] * (2.0 * (np.arange(columns)[:, None] + draws[:, 0]) / columns - 1.0)
    edges = np.sin(half[1] * np.linspace(-1.0, 1.0, rows + 1))
    up = edges[:-1] + np.diff(edges) * draws[:, 1]
    flat = np.sqrt(1.0 - up**2)
    directions = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), up], axis=-1)
    solid = np.broadcast_to(2.0 * half[0] / columns * np.diff(edges), up.shape)
    return _Rays(directions.reshape(-1, 3), solid.ravel())


@dataclass(frozen=True, eq=False)
class _Fired:
    """Rays (N,) under way from the sensor: where they start, where to, when, and the rotations world from sensor."""

    home: F64
    towards: F64
    when: I64
    turn: F64


def _echoes(at: Sensing, times: I64, rays: _Rays) -> _Echoes:
    """Straight echoes, and those of what a surface mirrors: ground and kerb, or ground and wall, make a corner that
    sends back what neither would alone."""
    count = len(rays.solid) // max(len(times), 1)
    positions, turns = world_from_sensor_over(at.engine.world, at.timeline, at.sensor, times)
    home, turn, when = np.repeat(positions, count, 0), np.repeat(turns, count, 0), np.repeat(times, count)
    fired = _Fired(home, np.einsum("nij,nj->ni", turn, rays.directions), when, turn)
    hits, far = _first_hits(at, home, fired.towards, when)
    point = home + fired.towards * np.where(np.isfinite(far), far, 0.0)[:, None]
    gain = rays.solid * _pattern(at.sensor.settings, rays.directions)
    sent = _sent(at, hits, fired.towards, -fired.towards, when) * _pattern(
        at.sensor.settings, rays.directions
    )
    straight = gain * np.where(np.isfinite(far), sent / np.maximum(far, 1e-3) ** 2, 0.0)
    pieces = [(straight, far, hits.part, point), _mirrored(at, fired, hits, far, point, gain)]

    def both(which: int) -> NDArray[Any]:
        return np.concatenate(
            [p[which].reshape(len(times), count, *p[which].shape[1:]) for p in pieces], axis=1
        )

    local = np.einsum("pij,pei->pej", turns, both(3) - positions[:, None])
    return _Echoes(both(0), both(1), both(2), local)


def _mirrored(
    at: Sensing, fired: _Fired, hits: Hits, far: F64, point: F64, gain: F64
) -> tuple[F64, F64, NDArray[np.uint16], F64]:
    """Echoes by way of one mirror, then straight home: share, half the way, part and point (N, 3) of each ray."""
    n = len(far)
    share, half = np.zeros(n), np.full(n, np.inf)
    part, there = np.zeros(n, np.uint16), np.zeros((n, 3))
    goes = np.flatnonzero(far < float(at.sensor.settings["max_range_m"]))
    if not len(goes):
        return share, half, part, there
    normal, towards, home = hits.normal[goes].astype(np.float64), fired.towards[goes], fired.home[goes]
    onward = towards - 2.0 * np.einsum("ij,ij->i", towards, normal)[:, None] * normal
    start = lifted(point[goes], normal)
    second, leg = _first_hits(at, start, onward, fired.when[goes])
    end = start + onward * np.where(np.isfinite(leg), leg, 0.0)[:, None]
    back = np.linalg.norm(home - end, axis=1)
    way = (home - end) / np.maximum(back, 1e-6)[:, None]
    _, seen = _first_hits(at, home, -way, fired.when[goes])
    clear = np.isfinite(leg) & (np.abs(seen - back) < 1e-3 * (1.0 + back))
    arrives = -np.einsum("nij,ni->nj", fired.turn[goes], way)
    reflects = acoustic_table(at.engine.materials)[at.engine.material_of(hits)][goes, 0]
    got = (
        gain[goes]
        * reflects
        * _pattern(at.sensor.settings, arrives)
        * _sent(at, second, onward, way, fired.when[goes])
    )
    share[goes] = np.where(clear, got / np.maximum(back, 1e-3) ** 2, 0.0)
    half[goes] = np.where(clear, (far[goes] + leg + back) / 2.0, np.inf)
    part[goes], there[goes] = second.part, end
    return share, half, part, there


def _first_hits(at: Sensing, start: F64, towards: F64, when: I64) -> tuple[Hits, F64]:
    """First hits of rays (N, 3), (N, 3), each at its own time, and their distances (N,), inf for none; the carrier
    of the sensor, in whose bumper it sits, is left out."""
    hits = at.engine.cast_over(start, towards, when, at.timeline)
    far = hits.distance.astype(np.float64)
    carrier = mount_instance(at.engine.world, at.sensor)
    if carrier is None:
        return hits, far
    own = at.engine.world.instance_of_part == carrier.instance_id
    for _ in range(_SKINS):
        again = np.flatnonzero(own[hits.part])
        if not len(again):
            return hits, far
        skip = far[again] + _THROUGH_M
        more = at.engine.cast_over(
            start[again] + towards[again] * skip[:, None], towards[again], when[again], at.timeline
        )
        for name in ("distance", "part", "triangle", "normal", "uv"):
            getattr(hits, name)[again] = getattr(more, name)
        far[again] = skip + more.distance
    far[own[hits.part]] = np.inf
    return hits, far


def _sent(at: Sensing, hits: Hits, towards: F64, homewards: F64, when: I64) -> F64:
    """(N,) share of the sound of a ray that its surface sends homewards, per solid angle: facets and diffuse."""
    reflects, slope, diffuse = acoustic_table(at.engine.materials)[at.engine.material_of(hits)].T
    normal = _smooth(at, hits, when)
    half = homewards - towards
    half /= np.maximum(np.linalg.norm(half, axis=1, keepdims=True), 1e-12)
    cosine_in = np.maximum(-np.einsum("ij,ij->i", normal, towards), 0.05)
    cosine_out = np.einsum("ij,ij->i", normal, homewards)
    facets = reflects * facet_density(slope, np.einsum("ij,ij->i", half, normal)) / (4.0 * cosine_in)
    return np.asarray(np.where(cosine_out > 0.0, facets + diffuse / np.pi * cosine_out, 0.0))


def _smooth(at: Sensing, hits: Hits, when: I64) -> F64:
    """Shading normals (N, 3) in the world, each at its own time, on the side of the geometric ones."""
    corners = at.engine.tables.corner_normals[at.engine.triangle_of(hits)].astype(np.float64)
    u, v = hits.uv[:, :1], hits.uv[:, 1:]
    local = corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v
    facing = hits.normal.astype(np.float64)
    normal = facing.copy()
    for part in np.unique(hits.part[hits.hit]):
        own = np.flatnonzero(hits.part == part)
        track = at.timeline.parts.get(int(part))
        if track is None:
            turned = local[own] @ at.engine.world.part(int(part)).world_from_part.rotation.T
        else:
            times, which = np.unique(when[own], return_inverse=True)
            turned = rotation(track.sample(times)[1][which]).apply(local[own])
        normal[own] = turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12)
    normal[np.einsum("ij,ij->i", normal, facing) < 0.0] *= -1.0
    return normal


def _pattern(s: dict[str, Any], directions: F64) -> F64:
    """(N,) one-way power of the beam, 1 ahead: Gaussian, of the stated widths."""
    azimuth = np.degrees(np.arctan2(directions[:, 1], directions[:, 0])) / float(s["horizontal_beam_deg"])
    up = np.degrees(np.arcsin(np.clip(directions[:, 2], -1.0, 1.0))) / float(s["vertical_beam_deg"])
    return np.asarray(0.5 ** (4.0 * (azimuth**2 + up**2)))


def _loss(s: dict[str, Any]) -> float:
    return absorption_per_m(float(s["frequency_khz"]) * 1e3, float(s["temperature_c"]), float(s["humidity"]))


def _threshold(s: dict[str, Any], far: F64) -> F64:
    """(P, R) what an echo from there must have: so much less than a hard wall there, but no less than such a wall at
    ``reference_m``. A wall sends back what its mirror image, at twice the distance, would send."""
    loss = absorption_per_m(float(s["frequency_khz"]) * 1e3, _REFERENCE_C, _REFERENCE_HUMIDITY)
    least = 10.0 ** (-float(s["sensitivity_db"]) / 10.0) * _of_wall(np.clip(far, 1e-3, 1e3), loss)
    return np.asarray(np.maximum(least, _of_wall(np.float64(s["reference_m"]), loss)))


def _of_wall(far: F64 | np.float64, loss: float) -> F64:
    return np.asarray(np.exp(-2.0 * loss * far) / (2.0 * far) ** 2)


@dataclass(frozen=True, eq=False)
class _First:
    """The first echo of each ping (P,): which ray begins it (-1: none), which is its strongest, and its level over
    the threshold."""

    ray: I64
    strongest: I64
    level: F64


def _first(share: F64, far: F64, sound_mps: float) -> _First:
    """``share`` (P, R): of the threshold."""
    pulse_m = sound_mps * PULSE_S / 2.0
    begins, strongest = np.full(len(far), -1, np.int64), np.full(len(far), -1, np.int64)
    level = np.zeros(len(far))
    for k in range(len(far)):
        order = np.argsort(far[k], kind="stable")
        order = order[np.isfinite(far[k][order])]
        along = far[k][order]
        total = np.concatenate([[0.0], np.cumsum(share[k][order])])
        since = np.searchsorted(along, along - pulse_m, side="right")
        loud = np.flatnonzero(total[1:] - total[since] > 1.0)
        if not len(loud):
            continue
        start = since[loud[0]]
        end = np.searchsorted(along, along[start] + pulse_m, side="right")
        window = order[start:end]
        begins[k], strongest[k] = order[loud[0]], window[share[k][window].argmax()]
        level[k] = total[end] - total[start]
    return _First(begins, strongest, level)


def _arrays(at: Sensing, times: I64, echoes: _Echoes, far: F64, first: _First) -> dict[str, NDArray[Any]]:
    s, n = at.sensor.settings, len(times)
    draws = (at.stream / "ping").rng()
    jitter, loudness, chance, wrong = (
        draws.standard_normal(n),
        draws.standard_normal(n),
        draws.random(n),
        draws.random(n),
    )
    at_ping = np.arange(n)
    heard = first.ray >= 0
    level_db = 10.0 * np.log10(np.maximum(first.level, 1e-12)) + float(s["level_noise_db"]) * loudness
    true = np.where(heard, far[at_ping, first.strongest], np.nan)
    sound = speed_mps(float(s["temperature_c"]))
    taken_c = s["assumed_temperature_c"]
    scale = 1.0 if taken_c is None else speed_mps(float(taken_c)) / sound
    deviation = float(s["range_noise_m"]) * (1.0 + 10.0 ** (-np.maximum(level_db, 0.0) / 10.0))
    measured = scale * far[at_ping, first.ray] + deviation * jitter
    heard &= (level_db > 0.0) & (measured <= float(s["max_range_m"])) & (measured >= float(s["min_range_m"]))
    talk = chance < float(s["cross_talk"])
    low, high = float(s["min_range_m"]), float(s["max_range_m"])
    kind = np.where(talk, CROSS_TALK, np.where(heard, ECHO, NOTHING)).astype(np.uint8)
    range_m = np.where(talk, low + (high - low) * wrong, np.where(heard, measured, np.inf))
    echo = kind == ECHO
    seen = np.where(echo, echoes.part[at_ping, first.strongest], 0).astype(np.uint16)
    there = echoes.point_m[at_ping, first.strongest]
    world = at.engine.world
    return {
        "times_ns": times,
        "range_m": range_m.astype(np.float32),
        "level_db": np.where(echo, level_db, np.nan).astype(np.float32),
        "kind": kind,
        "instance": world.instance_of_part[seen],
        "part": seen,
        "semantic": world.semantic_of_part[seen],
        "true_range_m": np.where(echo, true, np.nan).astype(np.float32),
        "true_position_m": np.where(echo[:, None], there, np.nan).astype(np.float32),
    }
