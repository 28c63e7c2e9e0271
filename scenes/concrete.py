"""A concrete scene: every draw made, nothing random left, JSON in and out, replayable for ever."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pairforge.errors import SpecError
from pairforge.frames import Intrinsics
from pairforge.scenes.optics import Imager
from pairforge.scenes.place import Place
from pairforge.scenes.world import Sky

Json = dict[str, Any]


@dataclass(frozen=True)
class ConcreteItem:
    """One thing (or stuff) of the scene: ``family`` built with ``params``, standing at a pose.

    ``params`` are JSON values, complete: the family's ``build(params)`` makes no draw. ``colour`` and
    ``material`` are names (or None where the family has its own). ``motion``: "static" (bolted), "dynamic" (a
    free rigid body), "vehicle", "walker", "cyclist", "signal" (bolted, but its lamps switch) or
    "jointed" (its joints follow ``behaviour["joints"]``, see ``joints.py``); ``behaviour`` holds
    kind, speed_mps, lane_id, … .
    """

    name: str
    family: str
    params: Json
    colour: str | None
    material: str | None
    position_m: tuple[float, float, float]
    quaternion_wxyz: tuple[float, float, float, float]
    motion: str = "static"
    mass_kg: float | None = None
    behaviour: Json = field(default_factory=dict)


@dataclass(frozen=True)
class ConcreteSensor:
    """A sensor with its mount (an item's name, "item:part", or None) and ``mount_from_sensor`` extrinsics.

    Cameras of every kind have OpenCV axes, all others x forward, y left, z up. ``settings`` holds, for a camera,
    width_px, height_px, fx, fy, cx, cy, rate_hz and, where it is more than a pinhole, model, distortion, circle_deg,
    shutter, lens, imager, labels; for a LiDAR, beams, elevation_deg, columns, rate_hz, max_range_m, range_noise_m,
    dropout; for any other what its spec's ``settings`` gives.
    """

    name: str
    kind: str
    mount: str | None
    position_m: tuple[float, float, float]
    quaternion_wxyz: tuple[float, float, float, float]
    settings: Json


def intrinsics_of(sensor: ConcreteSensor) -> Intrinsics:
    """The camera model of a concrete camera."""
    s = sensor.settings
    size = (int(s["width_px"]), int(s["height_px"]))
    lens = (float(s["fx"]), float(s["fy"]), float(s["cx"]), float(s["cy"]))
    bent = tuple(map(float, s.get("distortion", ())))
    return Intrinsics(*size, *lens, s.get("model", "pinhole"), bent, float(s.get("circle_deg", 360.0)))


def imager_of(sensor: ConcreteSensor) -> Imager | None:
    """The imager of a concrete camera, every field a plain value; None when it has none."""
    given = sensor.settings.get("imager")
    return Imager(**given | {"white_balance": tuple(given["white_balance"])}) if given else None


@dataclass(frozen=True)
class ConcreteLane:
    """A lane along ``centre_m``, in driving direction, and its place in the lane graph.

    ``kind``: "driving", "parking", "biking". ``successors``: lanes that go on where this one ends. ``left`` and
    ``right``: the neighbour in the same direction that one may change into; ``opposing``: the lane of the other
    direction just to the left, if any. ``junction``: the junction that this lane crosses (None: a lane of a road),
    and ``turn`` which way ("left", "right", "straight"; "" outside). ``yields_to``: lanes of the same junction whose
    traffic goes first. ``signal``: the item (see ``signals.py``) that rules whether traffic may leave this lane;
    ``stop_m``: where along it one stops when one must; ``must_stop``: a stop sign asks for a full halt there.
    ``crossings_m``: (from, to) along it, where people cross.
    """

    lane_id: int
    centre_m: tuple[tuple[float, float, float], ...]
    width_m: float
    speed_limit_mps: float
    kind: str = "driving"
    successors: tuple[int, ...] = ()
    left: int | None = None
    right: int | None = None
    opposing: int | None = None
    junction: int | None = None
    turn: str = ""
    yields_to: tuple[int, ...] = ()
    signal: str | None = None
    stop_m: float | None = None
    crossings_m: tuple[tuple[float, float], ...] = ()
    must_stop: bool = False


@dataclass(frozen=True)
class ConcreteScene:
    """What ``resolve`` returns. ``draws`` records every named draw (dotted path -> value), ``do`` the overrides,
    ``attempt`` which redraw met the requirements."""

    scene: str
    seed: int
    attempt: int
    do: Json
    draws: Json
    items: tuple[ConcreteItem, ...]
    sensors: tuple[ConcreteSensor, ...]
    lanes: tuple[ConcreteLane, ...]
    sky: Sky
    duration_s: float
    keyframe_rate_hz: float
    warm_up_s: float
    captions: tuple[str, ...]
    languages: tuple[str, ...] = ("en",)
    sentences: Json = field(default_factory=dict)
    """What captioners of the scene's author may say, by language: rows of (pattern, claims)."""
    split: Json = field(default_factory=dict)
    """The part of a split it belongs to, and what that part may show (see ``splits.rows``)."""
    place: Place = field(default_factory=Place)
    """Where on Earth the world's origin is."""
    causes: bool = False
    """Whether it is asked why things happen: each answer takes a simulation of the scene without something."""

    @property
    def keyframe_times_ns(self) -> tuple[int, ...]:
        """Time stamps of the keyframes; the clock starts at 0 when the simulation does."""
        count = round(self.duration_s * self.keyframe_rate_hz)
        start = round(self.warm_up_s * 1e9)
        return tuple(start + round(k * 1e9 / self.keyframe_rate_hz) for k in range(count))

    def to_json(self) -> Json:
        """Plain JSON values; ``from_json(to_json(x)) == x``, every float exact."""
        data: Json = _adapter().dump_python(self, mode="json")
        return data

    @staticmethod
    def from_json(data: Json) -> ConcreteScene:
        """Reads what ``to_json`` wrote; SpecError names the first missing, unknown or wrong key."""
        try:
            scene = _adapter().validate_python(data)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(step) for step in first["loc"])
            raise SpecError(
                f'concrete scene: "{where}": {first["msg"]} (got {first["input"]!r:.80})'
            ) from None
        if (differs := _difference(data, scene.to_json())) is not None:
            raise SpecError(
                f'concrete scene: "{differs}" is missing, unknown or of the wrong type. '
                "It must be what to_json wrote, by this version of pairforge."
            )
        return scene


def frame_times_ns(scene: ConcreteScene, sensor: ConcreteSensor, k: int) -> tuple[int, ...]:
    """When ``sensor`` takes the frames that keyframe ``k`` holds, ascending; the last is the keyframe's own.

    The others are its sweeps: those after the keyframe before, none before the first. See ``spec.Framed``.
    """
    times, s = scene.keyframe_times_ns, sensor.settings
    now, phase_s = times[k], s.get("phase_s")
    if phase_s is None and not s.get("sweeps"):
        return (now,)
    rate_hz = float(s["rate_hz"])
    if phase_s is None:
        start, last = now, 0
    else:
        start = round((scene.warm_up_s + phase_s) * 1e9)
        last = int((now - start) * rate_hz / 1e9) + 1
        while start + round(last * 1e9 / rate_hz) > now:
            last -= 1
    found = [start + round(last * 1e9 / rate_hz)]
    while k and s.get("sweeps"):
        before = start + round((last - len(found)) * 1e9 / rate_hz)
        if before <= times[k - 1]:
            break
        found.append(before)
    return tuple(reversed(found))


@cache
def _adapter() -> TypeAdapter[ConcreteScene]:
    return TypeAdapter(ConcreteScene)


def _difference(a: Any, b: Any, path: str = "") -> str | None:
    """The dotted path of the first place where two JSON values differ; None when they are equal."""
    if isinstance(a, dict) and isinstance(b, dict):
        keys = [*sorted(a.keys() ^ b.keys()), *sorted(a.keys() & b.keys())]
        pairs = [(str(key), a.get(key, _ABSENT), b.get(key, _ABSENT)) for key in keys]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = [(str(index), x, y) for index, (x, y) in enumerate(zip(a, b, strict=True))]
    else:
        number = int | float
        alike = type(a) is type(b) or (isinstance(a, number) and isinstance(b, number))
        return None if alike and a == b else path
    for key, x, y in pairs:
        found = _difference(x, y, f"{path}.{key}" if path else key)
        if found is not None:
            return found
    return None


_ABSENT = object()
