"""One frame of a radar, from rays to the list of detections that the device would send."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import SpecError
from pairforge.frames import F64, I64
from pairforge.sample import Reading
from pairforge.sensors.mount import mount_instance, world_from_sensor
from pairforge.sensors.protocol import Sensing
from pairforge.sensors.radar_air import rain_paths, rain_per_m
from pairforge.sensors.radar_detect import Peaks, peaks
from pairforge.sensors.radar_model import RadarModel
from pairforge.sensors.radar_paths import Home, Paths, find_paths
from pairforge.sensors.radar_rays import fans
from pairforge.sensors.radar_scene import Instant
from pairforge.sensors.radar_signal import audible, beams, cube, map_db
from pairforge.sensors.radar_truth import Truth, ghosts, truth

CELL_STD, ACROSS_STD, PHASE_STD = 0.66, 0.44, 1.15
"""How far the noise moves a lone echo of power snr: in range and Doppler cells, in ``beam_cell``s, and in radians
between two rows of antennas; each over sqrt(snr). As measured from 15 to 40 dB, which a test does again."""
_FASTEST_MPS = 70.0
"""Beyond this range rate no device looks for what it measured."""
_MOVING_MPS = 0.5


def radar_frame(at: Sensing) -> Reading:
    """The frame that ends at ``at.time_ns``."""
    model = RadarModel.of(at.sensor)
    home = home_of(at, model)
    paths, snr = echoes(at, model, home)
    cells = cube(paths, snr, model, at.stream)
    found = _within_view(peaks(cells, beams(cells, model), model), model)
    arrays = _arrays(at, model, home, found, paths, snr)
    if model.raw:
        arrays["range_doppler"] = map_db(cells, model)
    return Reading(at.sensor.name, "radar", at.time_ns, home.pose, arrays)


def home_of(at: Sensing, model: RadarModel) -> Home:
    start_ns = at.time_ns - model.frame_ns
    if start_ns < at.timeline.times_ns[0]:
        raise SpecError(
            f'radar "{at.sensor.name}" needs {model.frame_ns / 1e9:g} s of motion before its frame at '
            f"{at.time_ns / 1e9:g} s. Raise warm_up_s."
        )
    pose, before = (
        world_from_sensor(at.engine.world, at.timeline, at.sensor, t) for t in (at.time_ns, start_ns)
    )
    return Home(pose, (pose.position_m - before.position_m) / (model.frame_ns * 1e-9))


def echoes(at: Sensing, model: RadarModel, home: Home) -> tuple[Paths, F64]:
    """All paths that count, and the peak power (N,) of each over a beam cell's noise."""
    world = at.engine.world
    carrier = mount_instance(world, at.sensor)
    own = 0 if carrier is None else carrier.instance_id
    instant = Instant(at.engine, at.timeline, at.time_ns, model.frame_ns, own)
    rays = fans(at.engine, instant, home.pose, model.fov, model.reach_m[1], model.rays, at.stream / "rays")
    paths = find_paths(instant, home, rays, model)
    rain = rain_paths(world.sky.rain_mm_h, model, home, at.stream / "rain")
    if rain is not None:
        paths = Paths.joined([paths, rain])
    dimmed = np.exp(-2.0 * rain_per_m(world.sky.rain_mm_h, model.frequency_hz) * paths.range_m)
    snr = model.snr_of_link * paths.link * model.pattern(paths.departure) * model.pattern(paths.arrival)
    snr *= dimmed
    heard = np.flatnonzero(audible(paths, snr, model))
    return paths.take(heard), snr[heard]


def _within_view(found: Peaks, model: RadarModel) -> Peaks:
    """Detections within reach and the field of view."""
    range_m = found.range_cell * model.range_cell_m
    edge = np.sin(model.fov[0] / 2.0)
    seen = (range_m >= model.reach_m[0]) & (range_m <= model.reach_m[1]) & (np.abs(found.across) <= edge)
    seen &= np.abs(found.up) <= np.sin(model.fov[1] / 2.0)
    return found.of(np.flatnonzero(seen))


def _arrays(
    at: Sensing, model: RadarModel, home: Home, found: Peaks, paths: Paths, snr: F64
) -> dict[str, NDArray[Any]]:
    world, n = at.engine.world, len(found.snr)
    wrong = ghosts(paths, home.pose, model)
    owner = world.instance_of_part[paths.part].astype(np.int64)
    classes = world.semantic_of_part[paths.part].astype(np.int64)
    true = truth(found, paths, snr, wrong, owner, classes, model)
    range_m = found.range_cell * model.range_cell_m
    elevation = np.arcsin(found.up)
    azimuth = np.arcsin(np.clip(found.across / np.cos(elevation), -1.0, 1.0))
    flat = np.cos(elevation)
    towards = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), found.up], axis=1)
    amplitude = np.sqrt(found.snr)
    doppler_std = CELL_STD * model.doppler_cell_mps / amplitude
    true_rate = np.where(true.path >= 0, paths.rate_mps[true.path] if len(paths) else 0.0, np.nan)
    wrapped = model.wrapped_mps(found.doppler_cell * model.doppler_cell_mps, model.span_mps)
    doppler, fold, state = _unfolded(at, model, wrapped, true_rate, doppler_std)
    own = home.pose.inverse.vectors(home.velocity_mps)
    still = doppler + towards @ own
    return {
        "times_ns": np.full(n, at.time_ns, np.int64),
        "position_m": _f32(towards * range_m[:, None]),
        "range_m": _f32(range_m),
        "azimuth_rad": _f32(azimuth),
        "elevation_rad": _f32(elevation),
        "doppler_mps": _f32(doppler),
        "fold": fold.astype(np.int8),
        "ambig_state": state,
        "velocity_mps": _f32(doppler[:, None] * towards[:, :2]),
        "velocity_compensated_mps": _f32(still[:, None] * towards[:, :2]),
        "rcs_dbsm": _f32(10.0 * np.log10(model.rcs_m2(found.snr, range_m, towards))),
        "snr_db": _f32(10.0 * np.log10(found.snr)),
        "range_std_m": _f32(CELL_STD * model.range_cell_m / amplitude),
        "azimuth_std_rad": _f32(ACROSS_STD * model.beam_cell / amplitude / np.maximum(np.cos(azimuth), 0.05)),
        "elevation_std_rad": _f32(_elevation_std(model, amplitude) / np.maximum(flat, 0.05)),
        "doppler_std_mps": _f32(doppler_std),
        "p_false": _f32(found.false_alarm),
        "dyn_prop": np.where(np.abs(still) < _MOVING_MPS, 1, np.where(still < 0.0, 2, 0)).astype(np.uint8),
        **_true(at, home, paths, true),
    }


def _elevation_std(model: RadarModel, amplitude: F64) -> F64:
    """(N,) deviation of the sine of elevation: of the phase over all rows; with one row, of the beam itself."""
    if model.rows == 1:
        return np.full(len(amplitude), 0.42 * model.beam[1])
    turn = 2.0 * np.pi * model.spacing * (model.rows - 1)
    return np.asarray(PHASE_STD * np.sqrt(model.rows) / turn / amplitude)


def _true(at: Sensing, home: Home, paths: Paths, true: Truth) -> dict[str, NDArray[Any]]:
    """What each detection is of."""
    known = true.path >= 0
    row = true.path[known]
    inverse = home.pose.inverse

    def of(values: NDArray[Any], rest: Any) -> NDArray[Any]:
        out = np.full((len(known), *values.shape[1:]), rest, dtype=values.dtype)
        out[known] = values[row]
        return out

    part = of(paths.part, 0)
    return {
        "kind": true.kind,
        "way": of(paths.way, 0),
        "instance": at.engine.world.instance_of_part[part],
        "part": part,
        "semantic": at.engine.world.semantic_of_part[part],
        "true_range_m": _f32(of(paths.range_m, np.nan)),
        "true_doppler_mps": _f32(of(paths.rate_mps, np.nan)),
        "true_position_m": _f32(inverse.points(of(paths.point_m, np.nan))),
        "via_part": of(paths.via_part, 0),
        "via_position_m": _f32(inverse.points(of(paths.via_m, np.nan))),
    }


def _unfolded(
    at: Sensing, model: RadarModel, wrapped: F64, true_rate: F64, std: F64
) -> tuple[F64, I64, NDArray[np.uint8]]:
    """The range rates that the device reports, how many spans it added, and how sure it is (nuScenes' ambig_state).

    The second train sees the same echo with noise of its own, and wraps it elsewhere: the number of spans is the one
    with which both agree best.
    """
    n, span, second = len(wrapped), model.span_mps, model.second_span_mps
    if not second:
        return wrapped, np.zeros(n, np.int64), np.ones(n, np.uint8)
    draws = (at.stream / "second_train").rng()
    noise, anything = draws.standard_normal(n), draws.random(n)
    real = wrapped + span * np.round((np.nan_to_num(true_rate) - wrapped) / span)
    seen = model.wrapped_mps(real + std * noise, second)
    seen = np.where(np.isnan(true_rate), (anything - 0.5) * second, seen)
    most = int(np.ceil(_FASTEST_MPS / span))
    folds = np.arange(-most, most + 1)
    off = np.abs(model.wrapped_mps(wrapped[:, None] + span * folds - seen[:, None], second))
    off = off + 1e-6 * np.abs(folds)
    off[np.abs(wrapped[:, None] + span * folds) > _FASTEST_MPS] = np.inf
    best = off.argmin(axis=1)
    sure = off[np.arange(n), best] < 4.0 * std
    fold = folds[best]
    return wrapped + span * fold, fold, np.where(sure, 3, 1).astype(np.uint8)


def _f32(values: F64) -> NDArray[np.float32]:
    return np.asarray(values, dtype=np.float32)
