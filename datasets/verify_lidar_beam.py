"""What a LiDAR's settings promise: where each point's beam looked, and how far off a point may be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pairforge.datasets.verify_view import SweepView
from pairforge.frames import F64, I64
from pairforge.scenes.concrete import ConcreteSensor

RANGE_TOLERANCE_M = 2e-3
NOISE_SIGMAS = 7.0
ANGLE_TOLERANCE = 1e-4
"""Radians between a point and the beam of its ring and firing time."""


def firings(sensor: ConcreteSensor) -> int:
    """Moments of a frame at which light is sent out: one a column, or one a point of a raster."""
    s = sensor.settings
    raster = s.get("pattern", {}).get("kind") == "raster"
    return int(s["columns"]) * (int(s["beams"]) if raster else 1)


def firing_numbers(sweep: SweepView) -> I64:
    """(N,) which firing of its frame each point is of, from 1."""
    x, sensor = sweep.lidar, sweep.sensor
    period = round(1e9 / float(sensor.settings["rate_hz"]))
    since = (x.times_ns - x.time_ns + period).astype(np.float64)
    return np.asarray(np.round(since * firings(sensor) / period), dtype=np.int64)


def directions(sweep: SweepView) -> F64:
    """(N, 3) where the beam of each point's ring looked when it was fired; docs/sensors/lidar.md has the model."""
    s = sweep.sensor.settings
    kind = s.get("pattern", {}).get("kind", "spin")
    if kind == "rosette":
        return _rosette(sweep, s["pattern"])
    azimuth, elevation = _raster(sweep, s["pattern"]) if kind == "raster" else _spin(sweep, s)
    flat = np.cos(elevation)
    return np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)], axis=1)


def _spin(sweep: SweepView, s: dict[str, Any]) -> tuple[F64, F64]:
    ring = np.minimum(sweep.lidar.ring, int(s["beams"]) - 1)
    azimuth = np.pi - 2 * np.pi * firing_numbers(sweep) / int(s["columns"])
    if "pattern" not in s:
        low, high = s["elevation_deg"]
        return azimuth, np.radians(low + (high - low) * ring / max(int(s["beams"]) - 1, 1))
    table = s["pattern"]
    aside = table["azimuths_deg"] or [0.0] * int(s["beams"])
    elevation = np.radians(np.asarray(table["elevations_deg"], dtype=np.float64)[ring])
    return azimuth + np.radians(np.asarray(aside, dtype=np.float64)[ring]), elevation


def _raster(sweep: SweepView, pattern: dict[str, Any]) -> tuple[F64, F64]:
    rows, columns = int(pattern["rows"]), int(pattern["columns"])
    (right, left), (low, high) = pattern["azimuth_deg"], pattern["elevation_deg"]
    row, place = np.divmod(firing_numbers(sweep) - 1, columns)
    share = place / max(columns - 1, 1)
    share = np.where(row % 2 == 1, 1.0 - share, share) if columns > 1 else share
    return np.radians(right + (left - right) * share), np.radians(low + (high - low) * row / max(rows - 1, 1))


def _rosette(sweep: SweepView, pattern: dict[str, Any]) -> F64:
    seconds = sweep.lidar.times_ns / 1e9
    turns = sum(np.exp(2j * np.pi * float(pattern[hz]) * seconds) for hz in ("first_hz", "second_hz"))
    bent = turns * math.radians(float(pattern["fov_deg"])) / 4
    middle = (int(pattern["lines"]) - 1) / 2
    bent = bent + 1j * np.radians(float(pattern["line_deg"]) * (sweep.lidar.ring - middle))
    angle, towards = np.abs(bent), np.angle(bent)
    off = np.sin(angle)
    return np.stack([np.cos(angle), off * np.cos(towards), off * np.sin(towards)], axis=1)


def range_slack_m(sensor: ConcreteSensor) -> float:
    """Most that a range may differ from that of the true hit: noise, rounding, and half a pulse where returns of one
    beam run together."""
    s = sensor.settings
    deviation, more = float(s["range_noise_m"]), 0.0
    if "receiver" in s:
        receiver = s["receiver"]
        deviation = math.hypot(deviation, 2 * float(receiver["rise_m"]) / float(receiver["threshold"]))
        more += float(receiver["quantum_m"]) / 2
    if "beam" in s:
        more += float(s["beam"]["pulse_m"]) / 2
    return NOISE_SIGMAS * deviation + RANGE_TOLERANCE_M + more


def half_angle(sensor: ConcreteSensor) -> float:
    """Radians by which a hit may lie off its beam's middle."""
    beam = sensor.settings.get("beam")
    if beam is None:
        return ANGLE_TOLERANCE
    high = beam["vertical_mrad"]
    widest = max(float(beam["divergence_mrad"]), 0.0 if high is None else float(high))
    return ANGLE_TOLERANCE + widest * 5e-4
