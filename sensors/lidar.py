"""A spinning LiDAR: columns of beams fired one after another while everything, the sensor too, moves on.

Seen from above the head turns clockwise, as Velodyne's do: a sweep starts behind the sensor, passes its left side,
its front halfway through, its right side, and ends behind at the keyframe time. Column k of C is fired at
``time_ns - period + (k + 1) period / C`` towards azimuth ``pi - 2 pi (k + 1) / C`` (from +x towards +y); all of its
beams fire at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import SpecError
from pairforge.frames import F64, I64
from pairforge.sample import LidarFrame
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.air import (
    AIR,
    AIR_THRESHOLD,
    SURFACE,
    air_returns,
    calibrated,
    least_power,
    surface_power,
    survives,
)
from pairforge.sensors.mount import world_from_sensor, world_from_sensor_over
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.ray_engine import Hits, RayEngine
from pairforge.sensors.timeline import Timeline
from pairforge.sensors.weathering import reflectivities


@dataclass(frozen=True)
class LidarModel:
    """What a concrete LiDAR's settings say."""

    beams: int
    columns: int
    lowest_deg: float
    highest_deg: float
    rate_hz: float
    max_range_m: float
    range_noise_m: float
    dropout: float

    @staticmethod
    def of(sensor: ConcreteSensor) -> LidarModel:
        s = sensor.settings
        low, high = s["elevation_deg"]
        return LidarModel(
            beams=int(s["beams"]),
            columns=int(s["columns"]),
            lowest_deg=float(low),
            highest_deg=float(high),
            rate_hz=float(s["rate_hz"]),
            max_range_m=float(s["max_range_m"]),
            range_noise_m=float(s["range_noise_m"]),
            dropout=float(s["dropout"]),
        )

    @property
    def period_ns(self) -> int:
        return round(1e9 / self.rate_hz)

    def column_times_ns(self, time_ns: int) -> I64:
        """(columns,) firing times of the sweep that ends at ``time_ns``."""
        k = np.arange(1, self.columns + 1, dtype=np.int64)
        return time_ns - self.period_ns + (k * self.period_ns) // self.columns

    def directions(self) -> F64:
        """(columns, beams, 3) unit directions in the sensor frame, ring 0 the lowest beam."""
        azimuth = np.pi - 2.0 * np.pi * np.arange(1, self.columns + 1)[:, None] / self.columns
        elevation = np.radians(np.linspace(self.lowest_deg, self.highest_deg, self.beams))[None, :]
        flat = np.cos(elevation)
        up = np.broadcast_to(np.sin(elevation), (self.columns, self.beams))
        return np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), up], axis=-1)


def sweep(
    engine: RayEngine, timeline: Timeline, sensor: ConcreteSensor, time_ns: int, stream: Stream
) -> LidarFrame:
    """One revolution ending at ``time_ns``. ``stream`` is this sensor's at this keyframe; it feeds "range_noise",
    "dropout" and "air", one draw a column and ring, so a ray's noise does not depend on what other rays meet. The air
    (``air.py``) dims and loses returns and adds some of its own: instance, part and class 0, ``kind`` 1.

    Raises SpecError when the sweep would start before the clock does.
    """
    model = LidarModel.of(sensor)
    if model.column_times_ns(time_ns)[0] < timeline.times_ns[0]:
        raise SpecError(
            f'LiDAR "{sensor.name}" needs {model.period_ns / 1e9:g} s of motion before the keyframe at '
            f"{time_ns / 1e9:g} s. Raise warm_up_s to at least {model.period_ns / 1e9:g}, or raise rate_hz."
        )
    origins, directions, times = fired_rays(engine.world, timeline, sensor, time_ns)
    hits = engine.cast_over(origins, directions, times, timeline)
    found = _returns(engine, hits, directions, model, stream)
    kept = np.flatnonzero((found.range_m <= model.max_range_m) & ~_dropped(model, stream))
    exact = found.range_m[kept]
    measured = _noisy(exact, model, stream, kept)
    pose = world_from_sensor(engine.world, timeline, sensor, time_ns)
    world_points = origins[kept] + directions[kept] * exact[:, None]
    part = np.where(found.kind == SURFACE, hits.part, 0)[kept].astype(np.uint16)
    return LidarFrame(
        sensor=sensor.name,
        time_ns=time_ns,
        world_from_lidar=pose,
        points=(model.directions().reshape(-1, 3)[kept] * measured[:, None]).astype(np.float32),
        deskewed=pose.inverse.points(world_points).astype(np.float32),
        times_ns=times[kept],
        range_m=measured.astype(np.float32),
        intensity=found.intensity[kept],
        ring=(kept % model.beams).astype(np.uint8),
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


def _returns(engine: RayEngine, hits: Hits, directions: F64, model: LidarModel, stream: Stream) -> _Returns:
    """What comes back from surfaces (Lambert's cosine law: J. H. Lambert, Photometria, 1760) and from the air."""
    cosine = np.abs(np.einsum("ij,ij->i", hits.normal.astype(np.float64), directions))
    reflectance = reflectivities(engine, hits) * cosine
    far = hits.distance.astype(np.float64)
    kind = np.zeros(len(far), dtype=np.uint8)
    air = air_returns(engine.world.sky, (model.columns, model.beams), stream / "air")
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


def fired_rays(
    world: World, timeline: Timeline, sensor: ConcreteSensor, time_ns: int
) -> tuple[F64, F64, I64]:
    """All rays of the sweep that ends at ``time_ns``, in firing order: world origins (N, 3), unit directions
    (N, 3), times (N,) int64 ns."""
    model = LidarModel.of(sensor)
    columns_ns = model.column_times_ns(time_ns)
    positions, turns = world_from_sensor_over(world, timeline, sensor, columns_ns)
    directions = np.einsum("cij,cbj->cbi", turns, model.directions()).reshape(-1, 3)
    return np.repeat(positions, model.beams, axis=0), directions, np.repeat(columns_ns, model.beams)


def _dropped(model: LidarModel, stream: Stream) -> NDArray[np.bool_]:
    draws = (stream / "dropout").rng().random((model.columns, model.beams))
    return (draws < model.dropout).ravel()


def _noisy(exact: F64, model: LidarModel, stream: Stream, kept: I64) -> F64:
    """Measured ranges: Gaussian noise of standard deviation ``range_noise_m``, never through the sensor itself."""
    draws = (stream / "range_noise").rng().standard_normal((model.columns, model.beams)).ravel()
    return np.maximum(exact + model.range_noise_m * draws[kept], 1e-3)


def _sense(at: Sensing) -> LidarFrame:
    return sweep(at.engine, at.timeline, at.sensor, at.time_ns, at.stream)


LIDAR = SensorModel("lidar", LidarFrame, "world_from_lidar", _sense)
