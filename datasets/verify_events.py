"""Do the events of an event camera add up to the change of brightness between the two pictures stored beside them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_view import FrameView
from pairforge.frames import F64, Intrinsics
from pairforge.sample import Reading
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of

LEAST_EXPLAINED = 0.97
"""Share of the pixels that changed whose events must give the change (see ``brightness_change``)."""
LEAST_AGREED = 0.99
"""Share of the pixels that changed by two thresholds or more whose events must on the whole have its sign."""
SIGMAS = 5.0
CURVED = 0.15
"""Of each threshold: what a pixel may miss while it is blind, beyond what its rate of events tells."""
PICTURE_TOLERANCE = 1e-4
STAMP_NS = 1000


def event_clock(view: FrameView) -> Iterator[Problem]:
    """Events lie in their window, which ends at the keyframe, in order, on the image, and are up or down."""
    for reading, sensor, member in _cameras(view):
        a, s = reading.arrays, sensor.settings
        start, stop = (int(t) for t in a["window_ns"])
        if stop != reading.time_ns or not 0 < stop - start <= round(float(s["window_s"]) * 1e9):
            yield Problem(member("window_ns.npy"), f"the window {start}..{stop} ns is not the one due")
        t = a["times_ns"]
        if len(t) and (t[0] <= start or t[-1] > stop or (np.diff(t) < 0).any()):
            yield Problem(member("times_ns.npy"), "events are out of order, or outside their window")
        if (a["x"] >= s["width_px"]).any() or (a["y"] >= s["height_px"]).any():
            yield Problem(member("x.npy"), "events lie beside the image")
        if not np.isin(a["polarity"], (-1, 1)).all():
            yield Problem(member("polarity.npy"), "an event is neither up nor down")
        if (a["kind"] > 3).any():
            yield Problem(member("kind.npy"), "an event is of no known kind")
        shape = (int(s["height_px"]), int(s["width_px"]))
        if a["log_first"].shape != shape or a["log_last"].shape != shape:
            yield Problem(member("log_last.npy"), f"a log intensity is not {shape}")


def event_ids(view: FrameView) -> Iterator[Problem]:
    """Events name instances that exist."""
    known = np.array(sorted(view.scene.ids | {0}))
    for reading, _, member in _cameras(view):
        if not np.isin(reading.arrays["instance"], known).all():
            yield Problem(member("instance.npy"), "an event names an instance that does not exist")


def refractory(view: FrameView) -> Iterator[Problem]:
    """No pixel fires again before it can."""
    for reading, sensor, member in _cameras(view):
        a = reading.arrays
        pixel = a["y"].astype(np.int64) * int(sensor.settings["width_px"]) + a["x"]
        order = np.lexsort((a["times_ns"], pixel))
        gap = np.diff(a["times_ns"][order])[np.diff(pixel[order]) == 0]
        least = float(sensor.settings["refractory_s"]) * 1e9 - 2 * STAMP_NS
        if (gap < least).any():
            yield Problem(member("times_ns.npy"), f"a pixel fires again after {int(gap.min())} ns")


def brightness_change(view: FrameView) -> Iterator[Problem]:
    """In each pixel without noise, thresholds times polarities sum to the change of log intensity, but for the part
    of a threshold that is left at the end, for the pixels' mismatch, and for what went by while a pixel was blind."""
    for reading, sensor, member in _cameras(view):
        s, a = sensor.settings, reading.arrays
        told, count, noisy = _told(a, s)
        change = (a["log_last"].astype(np.float64) - a["log_first"]).ravel()
        threshold = max(float(s["threshold_on"]), float(s["threshold_off"]))
        spread = SIGMAS * float(s["threshold_sigma"])
        left = np.abs(change - told)
        limit = threshold + spread + count * (spread / np.sqrt(np.maximum(count, 1)) + CURVED * threshold)
        changed = ~noisy & ((np.abs(change) > threshold) | (count > 0))
        view.measured.add("event_residual_thresholds", left[changed] / threshold)
        if changed.sum() >= 100 and (left <= limit)[changed].mean() < LEAST_EXPLAINED:
            share = float((left <= limit)[changed].mean())
            yield Problem(
                member("polarity.npy"),
                f"the events of only {share:.1%} of the pixels that changed give the change",
            )
        clear = ~noisy & (np.abs(change) > 2 * threshold + spread)
        if clear.sum() >= 50 and (np.sign(told) == np.sign(change))[clear].mean() < LEAST_AGREED:
            yield Problem(
                member("polarity.npy"), "pixels that grew brighter say darker, or the other way round"
            )


def noise_rate(view: FrameView) -> Iterator[Problem]:
    """As much noise as the model's rates make of the window, within chance."""
    for reading, sensor, member in _cameras(view):
        s, a = sensor.settings, reading.arrays
        seconds = float(a["window_ns"][1] - a["window_ns"][0]) * 1e-9
        bright = np.clip(np.exp((a["log_first"].astype(np.float64) + a["log_last"]) / 2), 0.0, 1.0)
        for kind, due in (
            (1, float(s["leak_hz"]) * bright.size),
            (2, float(s["shot_hz"]) * float((1.0 - 0.75 * bright).sum())),
        ):
            found, expected = int((a["kind"] == kind).sum()), due * seconds
            # Noise that falls on a blind pixel is lost: up to the share of time that all events take.
            blind = min(1.0, len(a["times_ns"]) * float(s["refractory_s"]) * 2 / (bright.size * seconds))
            slack = SIGMAS * np.sqrt(expected) + 3.0
            if not expected * (1.0 - blind) - slack <= found <= expected + slack:
                yield Problem(member("kind.npy"), f"{found} events of noise {kind}; {expected:.0f} are due")


def same_picture(view: FrameView) -> Iterator[Problem]:
    """A plain camera that looks through the same lens from the same place shows what the last log intensity says."""
    sky = view.record.concrete["sky"]
    clear = float(sky["sun_elevation"]) > 0.0 and not any(
        float(sky[name]) for name in ("fog_per_m", "dust_per_m", "rain_mm_h", "snow_mm_h")
    )
    for reading, sensor, member in _cameras(view) if clear else ():
        for camera in view.frame.cameras.values():
            other = view.scene.sensor(camera.sensor)
            if other is None or {"shutter", "lens", "imager"} & set(other.settings):
                continue
            apart = np.abs(camera.world_from_camera.matrix - reading.world_from_sensor.matrix).max()
            same = _lens(camera.intrinsics) == _lens(intrinsics_of(sensor))
            if apart > 1e-9 or camera.time_ns != reading.time_ns or not same:
                continue
            off = np.abs(
                _log_of(camera.rgb, float(sensor.settings["dark_level"])) - reading.arrays["log_last"]
            )
            view.measured.add("event_picture_error", off)
            if off.max() > PICTURE_TOLERANCE:
                yield Problem(
                    member("log_last.npy"), f"it is not what {camera.sensor} shows, off by {off.max():.3g}"
                )


def _told(a: Mapping[str, NDArray[Any]], s: Mapping[str, Any]) -> tuple[F64, F64, NDArray[np.bool_]]:
    """Of each pixel (H * W,): the change that its events tell, how many there are, and whether some are noise.

    A pixel is blind for the refractory time after each event: between two it sees only the rest of the gap, so the
    change over the gap was greater than a threshold by gap / (gap - blind).
    """
    size = a["log_first"].size
    pixel = a["y"].astype(np.int64) * int(s["width_px"]) + a["x"]
    order = np.lexsort((a["times_ns"], pixel))
    p, t, sign = (
        pixel[order],
        a["times_ns"][order].astype(np.float64),
        a["polarity"][order].astype(np.float64),
    )
    step = np.where(sign > 0, float(s["threshold_on"]), float(s["threshold_off"]))
    blind = float(s["refractory_s"]) * 1e9
    gap = np.diff(t, prepend=0.0)
    follows = np.diff(p, prepend=-1) == 0
    seen = np.maximum(gap - blind, STAMP_NS)
    step = np.where(follows, step * np.minimum(gap / seen, 20.0), step)
    told: F64 = np.bincount(p, weights=sign * step, minlength=size).astype(np.float64)
    count = np.bincount(p, minlength=size).astype(np.float64)
    noisy = np.bincount(pixel, weights=a["kind"] > 0, minlength=size) > 0
    return told, count, noisy


def _log_of(rgb: NDArray[np.uint8], dark_level: float) -> F64:
    v = rgb.astype(np.float64) / 255.0
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    luminance = 0.2126 * linear[..., 0] + 0.7152 * linear[..., 1] + 0.0722 * linear[..., 2]
    return np.asarray(np.log(luminance + dark_level))


def _lens(k: Intrinsics) -> tuple[Any, ...]:
    return (k.width_px, k.height_px, k.fx, k.fy, k.cx, k.cy, k.model, k.distortion)


def _cameras(view: FrameView) -> Iterator[tuple[Reading, ConcreteSensor, Any]]:
    """Each event camera's reading, its concrete sensor, and how its members are called."""
    for reading in view.frame.readings.values():
        sensor = view.scene.sensor(reading.sensor)
        if reading.kind == "event_camera" and sensor is not None:
            yield reading, sensor, lambda array, name=reading.sensor: view.member(name, array)


CHECKS = (event_clock, event_ids, refractory, brightness_change, noise_rate, same_picture)
