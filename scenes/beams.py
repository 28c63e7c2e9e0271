"""What a LiDAR is beyond one ideal ray a beam: its pattern, its light, its receiver, and what surfaces do to it.

Each is off until a LiDAR is given one. docs/sensors/lidar.md says what each does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Distribution, Value
from pairforge.scenes.typecheck import Checked, label

Bounds = Mapping[str, tuple[float, float]]

MAX_RINGS = 256
"""Ring numbers are 8 bits wide."""
LIDAR_LABELS = ("incidence",)
"""Arrays that a LiDAR gives only when its ``labels`` ask for them; ``beam``, ``surfaces`` and ``doppler`` bring their
own."""


@dataclass(frozen=True, kw_only=True)
class Spin(Checked):
    """A spinning head whose beams stand as a table says: ``elevations_deg`` from the lowest beam (ring 0) to the
    highest, and how far each looks to the left of the head, ``azimuths_deg`` (none: straight ahead)."""

    elevations_deg: tuple[float, ...]
    azimuths_deg: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Raster(Checked):
    """A solid-state scanner, such as a MEMS mirror: ``rows`` from the lowest up, each of ``columns`` points, to and
    fro, over ``azimuth_deg`` (right, left) and ``elevation_deg`` (low, high). One point is measured at a time; the
    ring is the row."""

    BOUNDS: ClassVar[Bounds] = {"rows": (1, MAX_RINGS), "columns": (1, 20_000)}

    rows: int = 125
    columns: int = 600
    azimuth_deg: tuple[float, float] = (-60.0, 60.0)
    elevation_deg: tuple[float, float] = (-12.5, 12.5)


@dataclass(frozen=True, kw_only=True)
class Rosette(Checked):
    """Two turning prisms that each bend the beam by a quarter of ``fov_deg``, at ``first_hz`` and ``second_hz``
    turns a second (negative: the other way about): a rosette about the x axis that does not repeat from frame to
    frame. ``points_per_s`` is shared among ``lines`` that stand ``line_deg`` apart, one above the other."""

    BOUNDS: ClassVar[Bounds] = {
        "fov_deg": (1.0, 120.0),
        "first_hz": (-1000.0, 1000.0),
        "second_hz": (-1000.0, 1000.0),
        "points_per_s": (1000, 10_000_000),
        "lines": (1, MAX_RINGS),
        "line_deg": (0.0, 10.0),
    }

    fov_deg: float = 38.4
    first_hz: float = 121.57
    second_hz: float = -77.73
    points_per_s: int = 100_000
    lines: int = 1
    line_deg: float = 0.2


Pattern = Spin | Raster | Rosette
PATTERN_KINDS: Mapping[type, str] = {Spin: "spin", Raster: "raster", Rosette: "rosette"}


@dataclass(frozen=True, kw_only=True)
class Beam(Checked):
    """The light of one beam, and which of its echoes are reported.

    ``divergence_mrad``: the full angle of the cone (of an elliptic one, its width; ``vertical_mrad`` is then its
    height), evenly lit and sampled by ``subrays`` rays. Two surfaces less than ``pulse_m`` apart in range (c/2 times
    the pulse's duration) give one echo.
    ``returns``: "strongest", "last", "dual" (the strongest and the last; the second strongest where those are one),
    or a number: up to so many, the strongest ones. A ray's returns are in order of range.
    """

    BOUNDS: ClassVar[Bounds] = {
        "divergence_mrad": (0.0, 100.0),
        "vertical_mrad": (0.0, 100.0),
        "subrays": (1, 127),
        "pulse_m": (0.001, 30.0),
    }

    divergence_mrad: Value[float] = 3.0
    vertical_mrad: Value[float] | None = None
    subrays: int = 7
    pulse_m: Value[float] = 0.75
    returns: Literal["strongest", "last", "dual"] | int = "strongest"


@dataclass(frozen=True, kw_only=True)
class Receiver(Checked):
    """How well weak light is measured.

    A surface of 10 % diffuse reflectance, met head on in clear air at ``reach_m``, is detected with probability
    ``reach_probability``. An echo is detected when its signal, in standard deviations of the noise and with such
    noise added, passes ``threshold``. The range of an echo with signal-to-noise ratio s strays by
    sqrt(range_noise_m^2 + (rise_m / s)^2), where ``rise_m`` is c/2 times the pulse's rise time, and is rounded to
    ``quantum_m`` (0: not at all).

    ``intensity``: "calibrated" is the reflectance that a device corrected for range reports, ``full_scale`` giving
    1; "physical" is the power received, of which a surface of reflectance ``full_scale`` at ``reference_m`` gives 1.
    Both are cut off at 1, and rounded to ``bits`` (None: not at all).
    """

    BOUNDS: ClassVar[Bounds] = {
        "reach_m": (0.1, 10_000.0),
        "reach_probability": (0.01, 0.999),
        "threshold": (1.0, 100.0),
        "rise_m": (0.0, 10.0),
        "quantum_m": (0.0, 1.0),
        "full_scale": (0.01, 1e4),
        "reference_m": (0.1, 1e4),
        "bits": (1, 16),
    }

    reach_m: Value[float] = 80.0
    reach_probability: Value[float] = 0.9
    threshold: Value[float] = 5.0
    rise_m: Value[float] = 0.15
    quantum_m: Value[float] = 0.0
    intensity: Literal["calibrated", "physical"] = "calibrated"
    full_scale: Value[float] = 1.0
    reference_m: Value[float] = 10.0
    bits: int | None = None


@dataclass(frozen=True, kw_only=True)
class Surfaces(Checked):
    """What surfaces do to the light beyond scattering it evenly.

    ``gloss``: paint, metal and panes met head on send back a glint. ``glass``: clear panes let light through, to
    what stands behind them. ``mirrors``: panes, polished metal, coats of varnish and wet ground reflect the beam,
    and what it meets then appears as a ghost straight ahead. ``retro``: signs and number plates send light back
    where it came from. ``blooming_mrad``: how far around a retro-reflector beams are dazzled (0: none are).
    """

    BOUNDS: ClassVar[Bounds] = {"blooming_mrad": (0.0, 50.0)}

    gloss: bool = True
    glass: bool = True
    mirrors: bool = True
    retro: bool = True
    blooming_mrad: Value[float] = 0.0


@dataclass(frozen=True, kw_only=True)
class Doppler(Checked):
    """Measures the radial velocity of each point, as frequency-modulated continuous waves do: above 0 where the
    distance grows. ``velocity_noise_mps`` is the standard deviation of the measurement."""

    BOUNDS: ClassVar[Bounds] = {"velocity_noise_mps": (0.0, 100.0)}

    velocity_noise_mps: Value[float] = 0.1


def check_pattern(who: str, pattern: Pattern) -> None:
    """Raises SpecError when a pattern's tables or angles make no sense."""
    check_bounds(who, pattern)
    if isinstance(pattern, Spin):
        _check_tables(who, pattern)
    elif isinstance(pattern, Raster):
        for name, most in (("azimuth_deg", 180.0), ("elevation_deg", 90.0)):
            low, high = getattr(pattern, name)
            if not -most <= low <= high <= most:
                raise SpecError(f"{who}: {name} {low:g}, {high:g} must rise within -{most:g}..{most:g}")


def check_bounds(who: str, part: Any) -> None:
    """Raises SpecError for a number outside the ``BOUNDS`` of a pattern, beam, receiver, ...."""
    bounds: Bounds = getattr(part, "BOUNDS", {})
    for name, (low, high) in bounds.items():
        value: Any = getattr(part, name)
        options: Iterable[Any] = value.examples() if isinstance(value, Distribution) else (value,)
        for option in options:
            if option is not None and not low <= option <= high:
                raise SpecError(
                    f"{who}: {name} of {label(part)} is {option!r}; it must lie in {low:g}..{high:g}"
                )


def check_returns(who: str, beam: Beam) -> None:
    """Raises SpecError for a number of returns that no ray can have."""
    if isinstance(beam.returns, int) and not 1 <= beam.returns <= 8:
        raise SpecError(
            f'{who}: returns is {beam.returns}; give "strongest", "last", "dual" or a number in 1..8'
        )


def pattern_json(pattern: Pattern) -> dict[str, Any]:
    """As it stands in ``ConcreteSensor.settings``."""
    found: dict[str, Any] = {"kind": PATTERN_KINDS[type(pattern)]}
    for f in fields(pattern):
        value = getattr(pattern, f.name)
        found[f.name] = [float(v) for v in value] if isinstance(value, tuple) else value
    return found


def _check_tables(who: str, spin: Spin) -> None:
    elevations, azimuths = spin.elevations_deg, spin.azimuths_deg
    if not 1 <= len(elevations) <= MAX_RINGS:
        raise SpecError(f"{who}: elevations_deg has {len(elevations)} beams; 1..{MAX_RINGS} are allowed")
    if list(elevations) != sorted(elevations) or not -90 <= elevations[0] <= elevations[-1] <= 90:
        raise SpecError(
            f"{who}: elevations_deg must rise from the lowest beam to the highest, within -90..90"
        )
    if azimuths and len(azimuths) != len(elevations):
        raise SpecError(
            f"{who}: azimuths_deg has {len(azimuths)} beams, elevations_deg {len(elevations)}; give as many"
        )
    if any(abs(a) > 180 for a in azimuths):
        raise SpecError(f"{who}: azimuths_deg must lie within -180..180")
