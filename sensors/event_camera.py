"""An event camera: pixels that report changes of brightness, each on its own and at once.

Pictures are rendered ``rendered_hz`` times a second over a window before the keyframe and interpolated along the
exact motion of what they show (``event_motion``); the pixels' own model is in ``event_pixels``. Brightness is the
linear luminance of the rendered sRGB picture; intensity 0..1 plus ``dark_level``, its logarithm natural.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.frames import F64, I64
from pairforge.renderers.protocol import View
from pairforge.sample import Reading
from pairforge.scenes.colours import linear_of
from pairforge.scenes.concrete import intrinsics_of
from pairforge.scenes.distributions import Value
from pairforge.scenes.spec import Aimed
from pairforge.sensors.event_pixels import DIMMED, HOT, LEAK, SHOT, Events, Pixels, noise, rested
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.ray_poses import part_poses

if TYPE_CHECKING:
    from pairforge.sensors.event_motion import Instant

STAMP_NS = 1000
"""Time stamps are whole microseconds, as devices give them."""


@dataclass(frozen=True, kw_only=True)
class EventCamera(Aimed):
    """Events in the ``window_s`` before each keyframe, for which ``rendered_hz`` pictures a second are rendered.

    ``threshold_on``, ``threshold_off``: the change of log intensity that fires a pixel; ``threshold_sigma``: their
    standard deviation from pixel to pixel. After an event a pixel is blind for ``refractory_s``. Noise: each pixel
    fires at random ``leak_hz`` times a second (brighter) and ``shot_hz`` (either way; less in bright light); a share
    ``hot_share`` of pixels fires ``hot_hz`` times. ``dark_level`` (of white) is added to the intensity.
    """

    KIND: ClassVar[str] = "event_camera"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "width_px": (1, 2048),
        "height_px": (1, 2048),
        "window_s": (0.001, 1.0),
        "rendered_hz": (1.0, 10_000.0),
        "threshold_on": (0.01, 5.0),
        "threshold_off": (0.01, 5.0),
        "threshold_sigma": (0.0, 1.0),
        "refractory_s": (0.0, 1.0),
        "leak_hz": (0.0, 1000.0),
        "shot_hz": (0.0, 1000.0),
        "hot_share": (0.0, 1.0),
        "hot_hz": (0.0, 100_000.0),
        "dark_level": (1e-4, 1.0),
    }

    width_px: int = 240
    height_px: int = 180
    window_s: float = 0.05
    rendered_hz: float = 100.0
    threshold_on: Value[float] = 0.2
    threshold_off: Value[float] = 0.2
    threshold_sigma: float = 0.02
    refractory_s: float = 0.0005
    leak_hz: float = 0.1
    shot_hz: float = 1.0
    hot_share: float = 0.0002
    hot_hz: float = 100.0
    dark_level: float = 0.01


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each event was fired, ascending"),
    ArraySpec("x", "npy", "uint16", ("N",), "px", "image", "column of its pixel"),
    ArraySpec("y", "npy", "uint16", ("N",), "px", "image", "row of its pixel"),
    ArraySpec("polarity", "npy", "int8", ("N",), "1", "", "+1: brighter; -1: darker"),
    ArraySpec("instance", "npy", "uint16", ("N",), "id", "", "seen by the pixel then; 0: stuff or nothing"),
    ArraySpec(
        "kind", "npy", "uint8", ("N",), "id", "", "0: a change; 1: leak; 2: shot noise; 3: a hot pixel"
    ),
    ArraySpec("window_ns", "npy", "int64", (2,), "ns", "clock", "start and end of the window of events"),
    ArraySpec("log_first", "npy", "float32", ("H", "W"), "1", "image", "log intensity at the window's start"),
    ArraySpec("log_last", "npy", "float32", ("H", "W"), "1", "image", "log intensity at the window's end"),
)


def rendered_times_ns(at: Sensing) -> I64:
    """(M,) when the pictures are taken: evenly from the window's start to the keyframe, both included."""
    s = at.sensor.settings
    start = max(at.time_ns - round(float(s["window_s"]) * 1e9), at.since_ns)
    count = max(int(np.ceil((at.time_ns - start) * 1e-9 * float(s["rendered_hz"]) - 1e-6)), 1)
    times: I64 = start + np.rint(np.arange(count + 1) * ((at.time_ns - start) / count)).astype(np.int64)
    return times


def views(at: Sensing) -> tuple[View, ...]:
    """The pictures that events are made from."""
    world, camera = at.engine.world, intrinsics_of(at.sensor)
    return tuple(
        View(camera, world_from_sensor(world, at.timeline, at.sensor, t), part_poses(at.timeline, t))
        for t in rendered_times_ns(at).tolist()
    )


def log_intensity(picture: NDArray[np.uint8], dark_level: float) -> F64:
    """(H, W) natural logarithm of the linear luminance (ITU-R BT.709 weights, IEC 61966-2-1 transfer function) of an
    sRGB picture (H, W, 3), plus ``dark_level``."""
    linear = linear_of(picture.astype(np.float64) / 255.0)
    return np.asarray(np.log(linear @ np.array([0.2126, 0.7152, 0.0722]) + dark_level), dtype=np.float64)


def sense(at: Sensing) -> Reading:
    """The events of the window that ends at the keyframe."""
    times = rendered_times_ns(at)
    logs = [log_intensity(p, float(at.sensor.settings["dark_level"])) for p in at.pictures]
    fired, instants = _signal(at, times, logs)
    start, stop = int(times[0]), int(times[-1])
    events = _with_noise(at, fired, start, stop, np.exp((logs[0] + logs[-1]) / 2))
    stamps = np.clip(np.ceil(events.time_ns / STAMP_NS) * STAMP_NS, start + 1, stop).astype(np.int64)
    y, x = np.divmod(events.pixel, logs[0].shape[1])
    return Reading(
        sensor=at.sensor.name,
        kind="event_camera",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays={
            "times_ns": stamps,
            "x": x.astype(np.uint16),
            "y": y.astype(np.uint16),
            "polarity": events.polarity.astype(np.int8),
            "instance": _instances(instants, stamps, y, x),
            "kind": events.kind.astype(np.uint8),
            "window_ns": np.array([start, stop], dtype=np.int64),
            "log_first": logs[0].astype(np.float32),
            "log_last": logs[-1].astype(np.float32),
        },
    )


def _signal(at: Sensing, times: I64, logs: list[F64]) -> tuple[Events, list[Instant]]:
    """Events of changing brightness, and the instants in between which they were made. Times count from the clock's
    start; a window is short enough for float64 to hold its nanoseconds."""
    from pairforge.sensors.event_motion import Instant, between, steps_between  # a spec needs none

    s = at.sensor.settings
    on, off = _thresholds(at, logs[0].size)
    pixels = Pixels(logs[0].ravel(), on, off, float(s["refractory_s"]) * 1e9)
    ends = [Instant.of(at.engine, at.timeline, at.sensor, int(t)) for t in times]
    found, instants, before = [], [ends[0]], logs[0]
    for k in range(len(times) - 1):
        count = steps_between(ends[k], ends[k + 1])
        cuts = np.rint(np.linspace(float(times[k]), float(times[k + 1]), count + 1)).astype(np.int64)
        for j in range(1, count + 1):
            now = ends[k + 1]
            after = logs[k + 1]
            if j < count:
                now = Instant.of(at.engine, at.timeline, at.sensor, int(cuts[j]))
                after = between(now, ends[k], ends[k + 1], logs[k], logs[k + 1])
            found.append(pixels.segment(float(cuts[j - 1]), float(cuts[j]), before.ravel(), after.ravel()))
            instants.append(now)
            before = after
    return Events.joined(found), instants


def _thresholds(at: Sensing, count: int) -> tuple[F64, F64]:
    """(N,), (N,) of each pixel, the same all through a scene; none below a tenth of the usual."""
    s, rng = at.sensor.settings, (at.scene_stream / "thresholds").rng()
    usual = [float(s["threshold_on"]), float(s["threshold_off"])]
    spread = float(s["threshold_sigma"]) * rng.standard_normal((2, count))
    on, off = (np.maximum(u + d, u / 10) for u, d in zip(usual, spread, strict=True))
    return on, off


def _with_noise(at: Sensing, signal: Events, start: int, stop: int, brightness: F64) -> Events:
    """The events with those of noise; ``brightness`` (H, W) of white."""
    s, count = at.sensor.settings, brightness.size
    hot = (at.scene_stream / "hot").rng().random(count) < float(s["hot_share"])
    dim = 1.0 - DIMMED * np.clip(brightness.ravel(), 0.0, 1.0)
    sources = (
        ("leak", np.full(count, float(s["leak_hz"])), 1, LEAK),
        ("shot", float(s["shot_hz"]) * dim, 0, SHOT),
        ("hot", float(s["hot_hz"]) * hot, 1, HOT),
    )
    random = [
        noise((at.stream / name).rng(), float(start), float(stop), rates, polarity, kind)
        for name, rates, polarity, kind in sources
    ]
    return rested(Events.joined([signal, *random]), float(s["refractory_s"]) * 1e9)


def _instances(instants: list[Instant], stamps: I64, y: I64, x: I64) -> NDArray[np.uint16]:
    """(N,) what the pixels look at at the nearest instant that was cast."""
    cast = np.array([i.time_ns for i in instants], dtype=np.int64)
    middle = (cast[1:] + cast[:-1]) / 2
    which = np.searchsorted(middle, stamps)
    found = np.zeros(len(stamps), dtype=np.uint16)
    for k in np.unique(which):
        own = which == k
        found[own] = instants[k].instance[y[own], x[own]]
    return found


EVENT_CAMERA = SensorModel(
    "event_camera",
    Reading,
    sense,
    ARRAYS,
    EventCamera,
    "changes of brightness, pixel by pixel",
    views,
)
