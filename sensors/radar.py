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

from pairforge.arrays import ArraySpec
from pairforge.errors import SpecError
from pairforge.sample import Reading
from pairforge.scenes.spec import Device, Framed
from pairforge.scenes.typecheck import label
from pairforge.sensors.protocol import Sensing, SensorModel

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


def _column(name: str, dtype: str, unit: str, frame: str, description: str) -> ArraySpec:
    return ArraySpec(name, "npy", dtype, ("N",), unit, frame, description)


ARRAYS = (
    _column("times_ns", "int64", "ns", "clock", "end of the train of chirps"),
    ArraySpec("position_m", "npy", "float32", ("N", 3), "m", "sensor", "as measured; z is 0 without elevation"),
    _column("range_m", "float32", "m", "sensor", "measured"),
    _column("azimuth_rad", "float32", "rad", "sensor", "measured, left positive"),
    _column("elevation_rad", "float32", "rad", "sensor", "measured, up positive; 0 with one row of antennas"),
    _column("doppler_mps", "float32", "m/s", "sensor", "measured range rate, away positive, unfolded"),
    _column("fold", "int8", "1", "", "spans of velocity that the device added to what it measured"),
    _column("ambig_state", "uint8", "id", "", "as in nuScenes: 1 ambiguous, 3 unambiguous"),
    ArraySpec("velocity_mps", "npy", "float32", ("N", 2), "m/s", "sensor", "x, y of the measured range rate"),
    ArraySpec(
        "velocity_compensated_mps",
        "npy",
        "float32",
        ("N", 2),
        "m/s",
        "sensor",
        "the same, the radar's own motion taken off",
    ),
    _column("rcs_dbsm", "float32", "dBsm", "", "by the radar equation in clear air at elevation as measured"),
    _column("snr_db", "float32", "dB", "", "over the receiver's noise in a beam's cell"),
    _column("range_std_m", "float32", "m", "", "deviation of range_m that the noise gives"),
    _column("azimuth_std_rad", "float32", "rad", "", "the same of azimuth_rad"),
    _column("elevation_std_rad", "float32", "rad", "", "the same of elevation_rad; with one row, the beam's own"),
    _column("doppler_std_mps", "float32", "m/s", "", "the same of doppler_mps"),
    _column("p_false", "float32", "1", "", "the chance that a cell of noise stands out so"),
    _column("dyn_prop", "uint8", "id", "", "as in nuScenes: 0 moving, 1 stationary, 2 oncoming, 4 unknown"),
    _column("kind", "uint8", "id", "", "0: a thing; 1: a ghost; 2: clutter; 3: a false alarm"),
    _column("way", "uint8", "id", "", "0: straight; over mirrors 1: out, 2: back, 3: both"),
    _column("instance", "uint16", "id", "", "of the strongest scatterer; 0: stuff, rain or noise"),
    _column("part", "uint16", "id", "", "the same; 0: rain or noise"),
    _column("semantic", "uint8", "id", "", "the same; 0: rain or noise"),
    _column("true_range_m", "float32", "m", "sensor", "half its path's length; nan: noise"),
    _column("true_doppler_mps", "float32", "m/s", "sensor", "change of true_range_m, unfolded; nan: noise"),
    ArraySpec("true_position_m", "npy", "float32", ("N", 3), "m", "sensor", "where it is; nan: noise"),
    _column("via_part", "uint16", "id", "", "the first mirror on its path; 0: none"),
    ArraySpec("via_position_m", "npy", "float32", ("N", 3), "m", "sensor", "where the path meets it; nan: none"),
    ArraySpec(
        "range_doppler",
        "npy",
        "float32",
        ("K", "M"),
        "dB",
        "",
        "mean power of the antennas over their noise, by range cell and Doppler cell from -span/2",
        optional=True,
    ),
)  # fmt: skip


def sense(at: Sensing) -> Reading:
    """The frame that ends at the time asked for. Raises SpecError when it would begin before the clock does."""
    from pairforge.sensors.radar_frame import radar_frame  # it imports this module

    return radar_frame(at)


RADAR = SensorModel("radar", Reading, sense, ARRAYS, Radar, "an FMCW radar's detections at 77 GHz")
