"""Where and when a LiDAR's beams look: the firings of one frame, each of one beam or of several at once.

Spinning, from above clockwise as Velodyne's heads do: a sweep starts behind the sensor, passes its left side, its
front halfway through, its right side, and ends behind at the frame's time stamp. Firing k of K (from 1) is made at
``time_ns - period + k period / K``; a spinning head then looks towards azimuth ``pi - 2 pi k / K`` (from +x towards
+y), each beam turned further by its own offset.

The rosette is that of two Risley prisms (Liu, Yu and Zhang, "Low-cost retina-like robotic lidars based on
incommensurable scanning", 2021): the bends add up as two turning vectors, and since their speeds share no period, no
frame repeats another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64


@dataclass(frozen=True, eq=False)
class Scan:
    """One frame: K firings of B beams each. times_ns (K,); directions (K, B, 3), unit, in the sensor frame of each
    firing; ring (K, B) uint8, 0 the lowest."""

    times_ns: I64
    directions: F64
    ring: NDArray[np.uint8]


def scan(settings: Mapping[str, Any], time_ns: int) -> Scan:
    """The frame that ends at ``time_ns``, of a LiDAR with these settings (``ConcreteSensor.settings``)."""
    pattern = settings.get("pattern", {"kind": "spin"})
    times = firing_times_ns(settings, time_ns)
    if pattern["kind"] == "raster":
        azimuth, elevation, ring = _raster(pattern)
    elif pattern["kind"] == "rosette":
        azimuth, elevation, ring = _rosette(pattern, times)
        return Scan(times, _bent(azimuth, elevation), ring)
    else:
        azimuth, elevation, ring = _spin(settings, pattern)
    flat = np.cos(elevation)
    up = np.broadcast_to(np.sin(elevation), azimuth.shape)
    return Scan(times, np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), up], axis=-1), ring)


def firing_times_ns(settings: Mapping[str, Any], time_ns: int) -> I64:
    """(K,) when a frame's firings are made."""
    firings = int(settings["columns"])
    if settings.get("pattern", {}).get("kind") == "raster":
        firings *= int(settings["beams"])
    period = round(1e9 / float(settings["rate_hz"]))
    k = np.arange(1, firings + 1, dtype=np.int64)
    return np.asarray(time_ns - period + (k * period) // firings)


def _spin(settings: Mapping[str, Any], pattern: Mapping[str, Any]) -> tuple[F64, F64, NDArray[np.uint8]]:
    """Azimuth (K, B), elevation (1, B), ring (K, B)."""
    columns, beams = int(settings["columns"]), int(settings["beams"])
    azimuth = np.pi - 2.0 * np.pi * np.arange(1, columns + 1)[:, None] / columns
    if "elevations_deg" in pattern:
        elevation = np.radians(np.asarray(pattern["elevations_deg"], dtype=np.float64))[None, :]
        offsets = pattern["azimuths_deg"] or [0.0] * beams
        azimuth = azimuth + np.radians(np.asarray(offsets, dtype=np.float64))[None, :]
    else:
        low, high = settings["elevation_deg"]
        elevation = np.radians(np.linspace(float(low), float(high), beams))[None, :]
        azimuth = np.broadcast_to(azimuth, (columns, beams))
    return azimuth, elevation, np.broadcast_to(np.arange(beams, dtype=np.uint8), (columns, beams))


def _raster(pattern: Mapping[str, Any]) -> tuple[F64, F64, NDArray[np.uint8]]:
    """Azimuth, elevation, ring (K, 1): row by row from below, to the left and back to the right."""
    rows, columns = int(pattern["rows"]), int(pattern["columns"])
    right, left = (float(v) for v in pattern["azimuth_deg"])
    low, high = (float(v) for v in pattern["elevation_deg"])
    across = np.radians(np.linspace(right, left, columns))
    azimuth = np.tile(across, (rows, 1))
    azimuth[1::2] = azimuth[1::2, ::-1]
    upward = np.radians(np.linspace(low, high, rows))
    ring = np.repeat(np.arange(rows, dtype=np.uint8), columns)[:, None]
    return azimuth.reshape(-1, 1), np.repeat(upward, columns)[:, None], ring


def _rosette(pattern: Mapping[str, Any], times_ns: I64) -> tuple[F64, F64, NDArray[np.uint8]]:
    """How far the beam is bent to the left and up, in radians (K, lines); ring (K, lines)."""
    lines, bend = int(pattern["lines"]), np.radians(float(pattern["fov_deg"])) / 4.0
    phases = [2.0 * np.pi * float(pattern[hz]) * (times_ns * 1e-9) for hz in ("first_hz", "second_hz")]
    left = bend * sum(np.cos(p) for p in phases)
    up = bend * sum(np.sin(p) for p in phases)
    apart = np.radians(float(pattern["line_deg"])) * (np.arange(lines) - (lines - 1) / 2.0)
    shape = (len(times_ns), lines)
    ring = np.broadcast_to(np.arange(lines, dtype=np.uint8), shape)
    return np.broadcast_to(left[:, None], shape), up[:, None] + apart, ring


def _bent(left: F64, up: F64) -> F64:
    """Unit directions (..., 3) off the x axis by the angle hypot(left, up), towards (left, up)."""
    angle = np.hypot(left, up)
    share = np.sinc(angle / np.pi)
    return np.stack([np.cos(angle), share * left, share * up], axis=-1)
