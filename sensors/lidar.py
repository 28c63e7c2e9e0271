"""LiDAR: beams fired one after another while everything, the sensor too, moves on.

The plain model, what a ``Lidar`` is by default: one ideal ray a beam, whose first surface sends back its Lambertian
share, with air before it. Beams with a footprint, mirrors and glass, a receiver or Doppler go by
``lidar_paths.py`` (ways of light), ``lidar_echoes.py`` and ``lidar_receiver.py`` instead, one stage after another.
``lidar_patterns.py`` says where beams look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import SpecError
from pairforge.frames import F64, I64
from pairforge.sample import LidarFrame
from pairforge.scenes.air import extinction_per_m
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.air import (
    AIR,
    AIR_THRESHOLD,
    BLOOM,
    GHOST,
    SURFACE,
    air_returns,
    calibrated,
    least_power,
    surface_power,
    survives,
)
from pairforge.sensors.lidar_bloom import stray_echoes
from pairforge.sensors.lidar_doppler import radial_velocity
from pairforge.sensors.lidar_echoes import Echoes, grouped, of_air, reported, spread, strongest_slots
from pairforge.sensors.lidar_model import LidarModel
from pairforge.sensors.lidar_paths import Rays, trace
from pairforge.sensors.lidar_receiver import Measured, measured
from pairforge.sensors.mount import world_from_sensor, world_from_sensor_over
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.ray_engine import Hits, RayEngine
from pairforge.sensors.timeline import Timeline
from pairforge.sensors.weathering import reflectivities

_BATCH = 8192


@dataclass(frozen=True, eq=False)
class _Fired:
    """All rays of a frame in firing order, N = K B of them: in the world, where each looks in the sensor frame
    (N, 3), its ``ring`` (N,), the sensor's z axis (N, 3)."""

    rays: Rays
    looks: F64
    ring: NDArray[np.uint8]
    up: F64
    grid: tuple[int, int]


def sweep(
    engine: RayEngine, timeline: Timeline, sensor: ConcreteSensor, time_ns: int, stream: Stream
) -> LidarFrame:
    """One frame ending at ``time_ns``. ``stream`` is this sensor's at this keyframe; it feeds "range_noise",
    "detection", "velocity_noise", "dropout" and "air", one draw a firing and beam (and place among its echoes), so a
    ray's noise does not depend on what other rays meet. The air (``air.py``) dims and loses returns and adds some of
    its own: instance, part and class 0, ``kind`` 1.

    Raises SpecError when the sweep would start before the clock does.
    """
    model = LidarModel.of(sensor)
    if model.column_times_ns(time_ns)[0] < timeline.times_ns[0]:
        raise SpecError(
            f'LiDAR "{sensor.name}" needs {model.period_ns / 1e9:g} s of motion before the keyframe at '
            f"{time_ns / 1e9:g} s. Raise warm_up_s to at least {model.period_ns / 1e9:g}, or raise rate_hz."
        )
    fired = _fired(engine.world, timeline, sensor, model, time_ns)
    if model.plain:
        return _plain(engine, timeline, sensor, time_ns, stream, model, fired)
    echoes, told = _heard(engine, timeline, model, fired, stream)
    extra = _extra(engine, timeline, sensor, model, fired, echoes, stream)
    pose = world_from_sensor(engine.world, timeline, sensor, time_ns)
    if "surfaces" in model.settings:
        extra["source"] = pose.inverse.points(echoes.point).astype(np.float32)
    part = np.where(echoes.kind == AIR, 0, echoes.part).astype(np.uint16)
    return LidarFrame(
        sensor=sensor.name,
        time_ns=time_ns,
        world_from_lidar=pose,
        points=(fired.looks[echoes.ray] * told.range_m[:, None]).astype(np.float32),
        deskewed=pose.inverse.points(_apparent(echoes, fired.rays)).astype(np.float32),
        times_ns=fired.rays.times_ns[echoes.ray],
        range_m=told.range_m.astype(np.float32),
        intensity=told.intensity,
        ring=fired.ring[echoes.ray],
        instance=engine.world.instance_of_part[part],
        part=part,
        semantic=engine.world.semantic_of_part[part],
        kind=echoes.kind,
        extra=extra,
    )


def fired_rays(
    world: World, timeline: Timeline, sensor: ConcreteSensor, time_ns: int
) -> tuple[F64, F64, I64]:
    """All rays of the frame that ends at ``time_ns``, in firing order: world origins (N, 3), unit directions
    (N, 3), times (N,) int64 ns."""
    rays = _fired(world, timeline, sensor, LidarModel.of(sensor), time_ns).rays
    return rays.origins, rays.directions, rays.times_ns


def _fired(
    world: World, timeline: Timeline, sensor: ConcreteSensor, model: LidarModel, time_ns: int
) -> _Fired:
    scan = model.scan(time_ns)
    firings, beams = scan.ring.shape
    positions, turns = world_from_sensor_over(world, timeline, sensor, scan.times_ns)
    directions = np.einsum("cij,cbj->cbi", turns, scan.directions).reshape(-1, 3)
    origins, times = np.repeat(positions, beams, axis=0), np.repeat(scan.times_ns, beams)
    up = np.repeat(turns[:, :, 2], beams, axis=0)
    looks = scan.directions.reshape(-1, 3)
    return _Fired(Rays(origins, directions, times), looks, scan.ring.ravel(), up, (firings, beams))


# ---------------------------------------------------------------- one ideal ray a beam


def _plain(
    engine: RayEngine,
    timeline: Timeline,
    sensor: ConcreteSensor,
    time_ns: int,
    stream: Stream,
    model: LidarModel,
    fired: _Fired,
) -> LidarFrame:
    rays = fired.rays
    hits = engine.cast_over(rays.origins, rays.directions, rays.times_ns, timeline)
    found = _returns(engine, hits, rays.directions, model, fired.grid, stream)
    kept = np.flatnonzero((found.range_m <= model.max_range_m) & ~_dropped(model, fired.grid, stream))
    exact = found.range_m[kept]
    range_m = _noisy(exact, model, fired.grid, stream, kept)
    pose = world_from_sensor(engine.world, timeline, sensor, time_ns)
    world_points = rays.origins[kept] + rays.directions[kept] * exact[:, None]
    part = np.where(found.kind == SURFACE, hits.part, 0)[kept].astype(np.uint16)
    return LidarFrame(
        sensor=sensor.name,
        time_ns=time_ns,
        world_from_lidar=pose,
        points=(fired.looks[kept] * range_m[:, None]).astype(np.float32),
        deskewed=pose.inverse.points(world_points).astype(np.float32),
        times_ns=rays.times_ns[kept],
        range_m=range_m.astype(np.float32),
        intensity=found.intensity[kept],
        ring=fired.ring[kept],
        instance=engine.world.instance_of_part[part],
        part=part,
        semantic=engine.world.semantic_of_part[part],
        kind=found.kind[kept],
    )


@dataclass(frozen=True, eq=False)
class _Returns:
    """The strongest return of every ray (N,): exact range (inf: none), intensity 0..1 float32, kind uint8."""

    range_m: F64
    intensity: NDArray[np.float32]
    kind: NDArray[np.uint8]


def _returns(
    engine: RayEngine, hits: Hits, directions: F64, model: LidarModel, grid: tuple[int, int], stream: Stream
) -> _Returns:
    """What comes back from surfaces (Lambert's cosine law: J. H. Lambert, Photometria, 1760) and from the air."""
    cosine = np.abs(np.einsum("ij,ij->i", hits.normal.astype(np.float64), directions))
    reflectance = reflectivities(engine, hits) * cosine
    far = hits.distance.astype(np.float64)
    kind = np.zeros(len(far), dtype=np.uint8)
    air = air_returns(engine.world.sky, grid, stream / "air")
    if air is None:
        return _Returns(far, np.clip(reflectance, 0.0, 1.0).astype(np.float32), kind)
    there = np.where(np.isfinite(far), far, 1e6)
    alive = survives(reflectance, there, air.extinction_per_m, model.max_range_m)
    alive &= np.isfinite(far)
    power = np.where(alive, surface_power(reflectance, there, air.extinction_per_m), 0.0)
    least = AIR_THRESHOLD * least_power(model.max_range_m)
    seen = (air.power > np.maximum(power, least)) & (air.range_m < there)
    out = np.where(seen, air.range_m, np.where(alive, far, np.inf))
    intensity = calibrated(np.where(seen, air.power, power), np.where(np.isfinite(out), out, 0.0))
    kind[seen] = AIR
    return _Returns(out, intensity.astype(np.float32), kind)


def _dropped(model: LidarModel, grid: tuple[int, int], stream: Stream) -> NDArray[np.bool_]:
    draws = (stream / "dropout").rng().random(grid)
    return np.asarray(draws < model.dropout).ravel()


def _noisy(exact: F64, model: LidarModel, grid: tuple[int, int], stream: Stream, kept: I64) -> F64:
    """Measured ranges: Gaussian noise of standard deviation ``range_noise_m``, never through the sensor itself."""
    draws = (stream / "range_noise").rng().standard_normal(grid).ravel()
    return np.maximum(exact + model.range_noise_m * draws[kept], 1e-3)


# ---------------------------------------------------------------- beams, surfaces, receivers


def _heard(
    engine: RayEngine, timeline: Timeline, model: LidarModel, fired: _Fired, stream: Stream
) -> tuple[Echoes, Measured]:
    """The echoes that are reported, and as what."""
    beam, sky = model.beam, engine.world.sky
    parts = [_traced(engine, timeline, model, fired, rows) for rows in _batches(len(fired.ring))]
    nearest = np.concatenate([near for _, near in parts])
    echoes = Echoes.joined([found for found, _ in parts]).plus(_air(engine, model, fired, nearest, stream))
    if model.surfaces.blooming_mrad > 0.0 and echoes.retro.any():
        blooming = model.surfaces.blooming_mrad * 1e-3
        echoes = echoes.plus(stray_echoes(echoes, timeline, fired.rays, fired.looks, blooming))
    echoes = strongest_slots(echoes)
    told = measured(echoes, model, extinction_per_m(sky), fired.grid, stream)
    rows = np.flatnonzero(told.detected & ~_dropped(model, fired.grid, stream)[echoes.ray])
    rows = rows[reported(echoes.take(rows), beam.returns)]
    return echoes.take(rows), Measured(told.detected[rows], told.range_m[rows], told.intensity[rows])


def _batches(rays: int) -> list[slice]:
    """Rays are traced so many at a time that what is known of them stays in cache."""
    return [slice(k, min(k + _BATCH, rays)) for k in range(0, rays, _BATCH)]


def _traced(
    engine: RayEngine, timeline: Timeline, model: LidarModel, fired: _Fired, rows: slice
) -> tuple[Echoes, F64]:
    """The echoes of surfaces on some of the rays, and how far each of those rays (n,) gets (inf: for ever)."""
    beam, of = model.beam, fired.rays
    rays = Rays(of.origins[rows], of.directions[rows], of.times_ns[rows])
    paths = trace(engine, timeline, spread(rays, fired.up[rows], beam), model)
    nearest = np.full(len(rays.origins), np.inf)
    np.minimum.at(nearest, paths.ray // beam.subrays, paths.range_m)
    echoes = grouped(paths, beam.subrays, beam.pulse_m, extinction_per_m(engine.world.sky))
    return replace(echoes, ray=echoes.ray + rows.start), nearest


def _air(engine: RayEngine, model: LidarModel, fired: _Fired, nearest: F64, stream: Stream) -> Echoes:
    """What the air before the first surface, ``nearest`` (N,), sends back."""
    air = air_returns(engine.world.sky, fired.grid, stream / "air")
    if air is None:
        return of_air(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0), fired.rays)
    seen = np.flatnonzero((air.range_m < nearest) & (air.range_m <= model.max_range_m))
    return of_air(seen, air.range_m[seen], air.power[seen], fired.rays)


def _apparent(echoes: Echoes, rays: Rays) -> F64:
    """(E, 3) where in the world each echo truly lies, or seems to lie without noise if it lies nowhere."""
    ahead = rays.origins[echoes.ray] + rays.directions[echoes.ray] * echoes.range_m[:, None]
    seeming = np.isin(echoes.kind, (GHOST, BLOOM))
    return np.asarray(np.where(seeming[:, None], ahead, echoes.point))


def _extra(
    engine: RayEngine,
    timeline: Timeline,
    sensor: ConcreteSensor,
    model: LidarModel,
    fired: _Fired,
    echoes: Echoes,
    stream: Stream,
) -> dict[str, NDArray[Any]]:
    """The arrays that the settings ask for."""
    found: dict[str, NDArray[Any]] = {}
    asked: Mapping[str, Any] = model.settings
    if "beam" in asked:
        found["return_number"] = (echoes.rank + 1).astype(np.uint8)
        found["returns_of_ray"] = np.bincount(echoes.ray, minlength=len(fired.ring))[echoes.ray].astype(
            np.uint8
        )
    if "surfaces" in asked:
        found |= {"via": echoes.via, "via_m": echoes.via_m.astype(np.float32)}
    if "incidence" in model.labels:
        found["incidence"] = echoes.cosine.astype(np.float32)
    if model.velocity_noise_mps is not None:
        true = radial_velocity(engine, timeline, sensor, fired.rays, echoes)
        noise = (stream / "velocity_noise").rng().standard_normal((*fired.grid, 8)).reshape(-1, 8)
        strays = model.velocity_noise_mps * noise[echoes.ray, echoes.rank]
        found["velocity_true_mps"] = true.astype(np.float32)
        found["velocity_mps"] = (true + strays).astype(np.float32)
    return found


def _sense(at: Sensing) -> LidarFrame:
    return sweep(at.engine, at.timeline, at.sensor, at.time_ns, at.stream)


LIDAR = SensorModel("lidar", LidarFrame, _sense)
