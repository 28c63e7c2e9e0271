"""Satellite navigation: position, velocity and covariance that follow from which satellites can be seen, and how.

Each satellite above the mask is looked for by rays: straight, through leaves (noisier), by one reflection off an
upright facade (longer, and the receiver does not know), or not at all. Range errors go through least squares, so that
a street between houses has fewer satellites, a worse geometry and larger errors without anybody saying so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import F64, I64
from pairforge.sample import Reading
from pairforge.scenes.distributions import Uniform, Value
from pairforge.scenes.spec import Device, Scene
from pairforge.scenes.typecheck import label
from pairforge.sensors import constellations
from pairforge.sensors.geodesy import LocalFrame
from pairforge.sensors.gnss_errors import ranges
from pairforge.sensors.gnss_paths import DIRECT, Antenna, trace
from pairforge.sensors.gnss_solve import Fix, solve
from pairforge.sensors.mount import mount_instance, world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.smooth_motion import SmoothMotion

WEEK_S = 604_800.0
NO_FIX, SINGLE, RTK = range(3)


@dataclass(frozen=True, kw_only=True)
class Gnss(Device):
    """A receiver with its antenna at ``position_m``: ``rate_hz`` fixes a second. Its carrier never hides the sky.

    Standard deviations at the zenith, growing with 1 / sin(elevation): ``code_noise_m`` white, ``atmosphere_m`` of
    correlation time ``atmosphere_correlation_s``, ``doppler_noise_mps``; ``orbit_m`` a constant a satellite. In
    ``mode`` "rtk" ``carrier_noise_m`` and ``rtk_residual_m`` take their place while six satellites are in plain
    sight. ``leaves_factor`` multiplies white noise behind trees; ``mirrored_factor`` what the receiver expects of a
    mirrored signal, which it hears to be weak (weighting by C/N0, Hartinger and Brunner 1999). ``outages_s``: (from,
    to) on the scene's clock without any signal. ``latency_s``: a fix is handed out that much after its time stamp.
    ``time_of_week_s`` turns the sky.
    """

    KIND: ClassVar[str] = "gnss"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rate_hz": (0.1, 100.0),
        "time_of_week_s": (0.0, WEEK_S),
        "mask_deg": (0.0, 60.0),
        "code_noise_m": (1e-4, 100.0),
        "atmosphere_m": (0.0, 100.0),
        "atmosphere_correlation_s": (1.0, 1e6),
        "orbit_m": (0.0, 100.0),
        "doppler_noise_mps": (1e-4, 10.0),
        "carrier_noise_m": (1e-4, 1.0),
        "rtk_residual_m": (0.0, 1.0),
        "leaves_factor": (1.0, 100.0),
        "mirrored_factor": (1.0, 100.0),
        "latency_s": (0.0, 10.0),
    }

    rate_hz: float = 10.0
    mode: Literal["single", "rtk"] = "single"
    constellations: tuple[str, ...] | list[str] = ("gps", "galileo")
    time_of_week_s: Value[float] = field(default_factory=lambda: Uniform(0.0, WEEK_S))
    mask_deg: Value[float] = 10.0
    code_noise_m: Value[float] = 0.4
    atmosphere_m: Value[float] = 0.8
    atmosphere_correlation_s: Value[float] = 600.0
    orbit_m: Value[float] = 0.5
    doppler_noise_mps: Value[float] = 0.03
    carrier_noise_m: Value[float] = 0.004
    rtk_residual_m: Value[float] = 0.006
    leaves_factor: Value[float] = 3.0
    mirrored_factor: Value[float] = 3.0
    latency_s: Value[float] = 0.0
    outages_s: tuple[tuple[float, float], ...] = ()

    def check(self, scene: Scene) -> None:
        """Constellations that there are, each once."""
        for index, name in enumerate(self.constellations):
            if name not in constellations.CONSTELLATIONS:
                known = did_you_mean(name, constellations.CONSTELLATIONS)
                raise SpecError(f'{label(self)}: constellations: unknown "{name}". {known}')
            if name in self.constellations[:index]:
                raise SpecError(f'{label(self)}: constellations name "{name}" twice; once is enough')
        if not self.constellations:
            raise SpecError(f"{label(self)}: constellations are none; name at least one, such as gps")
        for start, end in self.outages_s:
            if end < start:
                raise SpecError(
                    f"{label(self)}: outages_s has ({start:g}, {end:g}), which ends before it begins"
                )


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each fix holds"),
    ArraySpec("available_ns", "npy", "int64", ("N",), "ns", "clock", "when each fix is handed out"),
    ArraySpec("fix", "npy", "uint8", ("N",), "id", "", "0: none; 1: single; 2: RTK, ambiguities fixed"),
    ArraySpec("satellites", "npy", "uint8", ("N",), "1", "", "satellites used"),
    ArraySpec(
        "enu_m", "npy", "float64", ("N", 3), "m", "east-north-up at the place", "position; nan: no fix"
    ),
    ArraySpec("ecef_m", "npy", "float64", ("N", 3), "m", "ECEF", "the same position; nan: no fix"),
    ArraySpec(
        "geodetic", "npy", "float64", ("N", 3), "deg, deg, m", "WGS 84", "its latitude, longitude, height"
    ),
    ArraySpec(
        "velocity_enu_mps", "npy", "float64", ("N", 3), "m/s", "east-north-up", "by Doppler; nan: no fix"
    ),
    ArraySpec(
        "covariance_m2", "npy", "float64", ("N", 3, 3), "m^2", "east-north-up", "of position, as reported"
    ),
    ArraySpec(
        "velocity_covariance", "npy", "float64", ("N", 3, 3), "(m/s)^2", "east-north-up", "of velocity"
    ),
    ArraySpec(
        "dop", "npy", "float64", ("N", 3), "1", "", "horizontal, vertical, position dilution of precision"
    ),
    ArraySpec("true_enu_m", "npy", "float64", ("N", 3), "m", "east-north-up at the place", "of the antenna"),
    ArraySpec("true_velocity_enu_mps", "npy", "float64", ("N", 3), "m/s", "east-north-up", "of the antenna"),
    ArraySpec(
        "satellite",
        "npy",
        "int64",
        ("K",),
        "id",
        "",
        "from 101: GPS; 201: Galileo; 301: GLONASS; 401: BeiDou",
    ),
    ArraySpec(
        "azimuth_deg",
        "npy",
        "float64",
        ("N", "K"),
        "deg",
        "east-north-up",
        "of satellites, from north over east",
    ),
    ArraySpec(
        "elevation_deg",
        "npy",
        "float64",
        ("N", "K"),
        "deg",
        "east-north-up",
        "of satellites, over the horizon",
    ),
    ArraySpec(
        "signal",
        "npy",
        "uint8",
        ("N", "K"),
        "id",
        "",
        "0: too low; 1: blocked; 2: straight; 3: through leaves; 4: mirrored",
    ),
    ArraySpec("used", "npy", "uint8", ("N", "K"), "1", "", "whether the fix rests on it"),
    ArraySpec(
        "range_error_m", "npy", "float64", ("N", "K"), "m", "", "true error of its range; nan: not received"
    ),
    ArraySpec(
        "range_sigma_m", "npy", "float64", ("N", "K"), "m", "", "what the receiver expects; nan: not received"
    ),
    ArraySpec(
        "extra_path_m", "npy", "float64", ("N", "K"), "m", "", "by how much the detour by a facade is longer"
    ),
)


def sense(at: Sensing) -> Reading:
    """All fixes since the keyframe before."""
    s, frame = at.sensor.settings, LocalFrame(at.concrete.place)
    times = at.sample_times_ns(float(s["rate_hz"]))
    motion = SmoothMotion.of(at.engine.world, at.timeline, at.sensor, at.since_ns, at.time_ns)
    where, moving = motion.positions(times), frame.enu(motion.velocities(times))
    azimuth, elevation, towards = _overhead(s, frame, times)
    up = (elevation >= np.radians(float(s["mask_deg"]))) & ~_out(s, times)[:, None]
    carrier = mount_instance(at.engine.world, at.sensor)
    antenna = Antenna(where, times, 0 if carrier is None else carrier.instance_id)
    paths = trace(at.engine, at.timeline, antenna, towards @ frame.enu_from_world, up)
    # Along a detour Doppler tells of the motion towards the facade, not towards the satellite.
    mistaken = np.einsum("nki,ni->nk", towards - paths.arrival @ frame.enu_from_world.T, moving)
    heard = ranges(s, times, elevation, paths, mistaken, at.stream, at.scene_stream)
    n = range(len(times))
    places = [_fix(heard.eligible[k], towards[k], heard.error[k], heard.sigma[k]) for k in n]
    # Whose range was thrown out is not believed about the rate either.
    speeds = [_fix(places[k].used, towards[k], heard.rate_error[k], heard.rate_sigma[k]) for k in n]
    true = frame.enu(where)
    enu = true + _rows([f.error for f in places], 3)
    received = paths.kind >= DIRECT
    return Reading(
        sensor=at.sensor.name,
        kind="gnss",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays={
            "times_ns": times,
            "available_ns": times + round(float(s["latency_s"]) * 1e9),
            "fix": np.array([_status(f, rtk) for f, rtk in zip(places, heard.rtk, strict=True)], np.uint8),
            "satellites": np.array([f.used.sum() for f in places], np.uint8),
            "enu_m": enu,
            "ecef_m": frame.ecef(enu),
            "geodetic": frame.geodetic(enu),
            "velocity_enu_mps": moving + _rows([f.error for f in speeds], 3),
            "covariance_m2": _rows([f.covariance for f in places], 3, 3),
            "velocity_covariance": _rows([f.covariance for f in speeds], 3, 3),
            "dop": _rows([f.dop for f in places], 3),
            "true_enu_m": true,
            "true_velocity_enu_mps": moving,
            "satellite": constellations.numbers(tuple(s["constellations"])),
            "azimuth_deg": np.degrees(azimuth),
            "elevation_deg": np.degrees(elevation),
            "signal": paths.kind,
            "used": _rows([f.used for f in places], up.shape[1]).astype(np.uint8),
            "range_error_m": np.where(received, heard.error, np.nan),
            "range_sigma_m": np.where(received, heard.sigma, np.nan),
            "extra_path_m": paths.extra_m,
        },
    )


def _overhead(s: Mapping[str, Any], frame: LocalFrame, times_ns: I64) -> tuple[F64, F64, F64]:
    """Azimuth from north over east, elevation (N, K) in radians, and unit vectors (N, K, 3) in east-north-up, as seen
    from the world's origin: a kilometre away they are 0.003 degrees others."""
    seconds = float(s["time_of_week_s"]) + times_ns * 1e-9
    enu = frame.enu_of_ecef(constellations.positions_ecef(tuple(s["constellations"]), seconds))
    towards = enu / np.linalg.norm(enu, axis=2, keepdims=True)
    azimuth = np.arctan2(towards[..., 0], towards[..., 1]) % (2 * np.pi)
    return azimuth, np.arcsin(towards[..., 2]), towards


def _out(s: Mapping[str, Any], times_ns: I64) -> NDArray[np.bool_]:
    """(N,) whether there is no signal at all."""
    seconds = times_ns * 1e-9
    out = np.zeros(len(times_ns), np.bool_)
    for start, end in s["outages_s"]:
        out |= (seconds >= start) & (seconds <= end)
    return out


def _fix(eligible: NDArray[np.bool_], towards: F64, error: F64, sigma: F64) -> Fix:
    """The fix of one epoch over all K satellites; one of nan when there is none."""
    of = np.flatnonzero(eligible)
    found = solve(towards[of], error[of], sigma[of])
    return Fix.none(len(towards)) if found is None else found.among(len(towards), of)


def _status(fix: Fix, rtk: bool) -> int:
    return NO_FIX if not fix.used.any() else RTK if rtk else SINGLE


def _rows(values: list[Any], *shape: int) -> Any:
    return np.array(values).reshape(-1, *shape)


GNSS = SensorModel(
    "gnss",
    Reading,
    sense,
    ARRAYS,
    Gnss,
    "satellite positions by the sky that it can see",
)
