"""An FMCW radar: what a car's corner or long-range unit of 76 to 81 GHz reports, detection by detection.

A frame is a train of chirps that ends at its time stamp. ``radar_paths`` casts rays and gives each path's range,
range rate, direction of arrival and radar cross section; ``radar_signal`` lays them, with noise, into cells of range,
Doppler and angle; ``radar_detect`` finds what stands out of the noise there and measures it. docs/sensors/radar.md
tells of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pairforge.errors import SpecError
from pairforge.scenes.spec import Device, Framed
from pairforge.scenes.typecheck import label

if TYPE_CHECKING:
    from pairforge.scenes.spec import Scene

SPEED_OF_LIGHT_MPS = 299_792_458.0


@dataclass(frozen=True, kw_only=True)
class Radar(Framed, Device):
    """An FMCW radar with an even row of antennas. The defaults are those of a plausible long-range front unit.

    Waveform: ``chirps`` chirps of ``chirp_us``, one every ``chirp_period_us`` (of the same transmitter), each
    sweeping ``bandwidth_mhz`` about ``frequency_ghz``. ``second_period_us`` > 0: a second train of that period tells
    which multiple of the unambiguous velocity to add (0: Doppler is reported as it wraps).

    Antennas: ``azimuth_channels`` virtual ones in a row and ``elevation_channels`` rows, both
    ``spacing_wavelengths`` apart; ``gain_dbi`` is one antenna's at boresight, ``azimuth_beam_deg`` and
    ``elevation_beam_deg`` the full widths at half its power. ``azimuth_fov_deg`` and ``elevation_fov_deg`` are the
    full angles within which rays are cast and detections given.

    Link: ``transmit_dbm``, ``noise_figure_db``, ``loss_db``. Detection: ``cfar`` "os" or "ca", with ``false_alarm``
    its probability in a cell that holds noise alone; the ``max_detections`` strongest are given. ``rays`` is how many
    are cast, ``bounces`` how many mirror reflections are followed (0: no multipath). ``raw`` keeps the range-Doppler
    map too.
    """

    KIND: ClassVar[str] = "radar"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rate_hz": (0.1, 1000.0),
        "frequency_ghz": (1.0, 300.0),
        "bandwidth_mhz": (1.0, 10_000.0),
        "chirps": (8, 1024),
        "chirp_us": (1.0, 10_000.0),
        "chirp_period_us": (1.0, 10_000.0),
        "second_period_us": (0.0, 10_000.0),
        "azimuth_channels": (2, 256),
        "elevation_channels": (1, 16),
        "spacing_wavelengths": (0.25, 4.0),
        "gain_dbi": (-10.0, 60.0),
        "azimuth_beam_deg": (0.5, 180.0),
        "elevation_beam_deg": (0.5, 180.0),
        "azimuth_fov_deg": (1.0, 170.0),
        "elevation_fov_deg": (1.0, 120.0),
        "min_range_m": (0.0, 10.0),
        "max_range_m": (1.0, 1000.0),
        "transmit_dbm": (-60.0, 60.0),
        "noise_figure_db": (0.0, 60.0),
        "loss_db": (0.0, 60.0),
        "false_alarm": (1e-12, 0.1),
        "max_detections": (1, 100_000),
        "rays": (100, 2_000_000),
        "bounces": (0, 2),
    }

    rate_hz: float = 13.0
    frequency_ghz: float = 76.5
    bandwidth_mhz: float = 300.0
    chirps: int = 128
    chirp_us: float = 20.0
    chirp_period_us: float = 36.0
    second_period_us: float = 41.0
    azimuth_channels: int = 24
    elevation_channels: int = 1
    spacing_wavelengths: float = 0.5
    gain_dbi: float = 14.0
    azimuth_beam_deg: float = 60.0
    elevation_beam_deg: float = 16.0
    azimuth_fov_deg: float = 100.0
    elevation_fov_deg: float = 24.0
    min_range_m: float = 0.5
    max_range_m: float = 200.0
    transmit_dbm: float = 12.0
    noise_figure_db: float = 13.0
    loss_db: float = 3.0
    cfar: Literal["os", "ca"] = "os"
    false_alarm: float = 1e-6
    max_detections: int = 256
    rays: int = 24_000
    bounces: int = 1
    raw: bool = False

    def check(self, scene: Scene) -> None:
        if self.chirp_us > self.chirp_period_us:
            raise SpecError(
                f"{label(self)}: a chirp of chirp_us {self.chirp_us:g} does not fit into its period of "
                f"{self.chirp_period_us:g}; raise chirp_period_us"
            )
        if 0.0 < self.second_period_us < self.chirp_us:
            raise SpecError(
                f"{label(self)}: second_period_us {self.second_period_us:g} is shorter than a chirp of "
                f"{self.chirp_us:g}; raise it, or make it 0 to go without"
            )
        if self.min_range_m >= self.max_range_m:
            raise SpecError(
                f"{label(self)}: min_range_m {self.min_range_m:g} is not below max_range_m {self.max_range_m:g}"
            )
        first_s = scene.warm_up_s - (0.0 if self.phase_s is None else 1.0 / self.rate_hz)
        if first_s < self.frame_s:
            raise SpecError(
                f"{label(self)}: its chirps take {self.frame_s:g} s, but the first frame is at {first_s:g} s; raise "
                "warm_up_s"
            )

    @property
    def frame_s(self) -> float:
        """How long one train of chirps takes."""
        return self.chirps * self.chirp_period_us * 1e-6
