"""What a radar's settings come to: cells, ambiguities, beams, and how strong an echo is over the noise.

The radar equation and the noise of a receiver are those of Skolnik, Introduction to Radar Systems (2001); fast-chirp
processing and its gain are as in Winkler, "Range Doppler detection for automotive FMCW radars" (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.signal.windows import taylor

from pairforge.frames import F64
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.sensors.radar import SPEED_OF_LIGHT_MPS

BOLTZMANN, ROOM_K = 1.380649e-23, 290.0
HANN_NOISE = 1.5
"""Noise bandwidth of the Hann window, in cells."""
SIDE_LOBES_DB = 30.0
"""Of the taper over the row of antennas."""
_PATTERN_FLOOR_DB = -25.0


@dataclass(frozen=True)
class RadarModel:
    """A concrete radar's settings in SI units; angles in radians, full widths."""

    frequency_hz: float
    bandwidth_hz: float
    chirps: int
    chirp_s: float
    period_s: float
    second_period_s: float
    channels: int
    rows: int
    spacing: float
    gain: float
    beam: tuple[float, float]
    fov: tuple[float, float]
    reach_m: tuple[float, float]
    transmit_w: float
    noise_factor: float
    loss: float
    cfar: str
    false_alarm: float
    max_detections: int
    rays: int
    bounces: int
    raw: bool

    @staticmethod
    def of(sensor: ConcreteSensor) -> RadarModel:
        s = sensor.settings
        return RadarModel(
            frequency_hz=float(s["frequency_ghz"]) * 1e9,
            bandwidth_hz=float(s["bandwidth_mhz"]) * 1e6,
            chirps=int(s["chirps"]),
            chirp_s=float(s["chirp_us"]) * 1e-6,
            period_s=float(s["chirp_period_us"]) * 1e-6,
            second_period_s=float(s["second_period_us"]) * 1e-6,
            channels=int(s["azimuth_channels"]),
            rows=int(s["elevation_channels"]),
            spacing=float(s["spacing_wavelengths"]),
            gain=_power(float(s["gain_dbi"])),
            beam=(float(np.radians(s["azimuth_beam_deg"])), float(np.radians(s["elevation_beam_deg"]))),
            fov=(float(np.radians(s["azimuth_fov_deg"])), float(np.radians(s["elevation_fov_deg"]))),
            reach_m=(float(s["min_range_m"]), float(s["max_range_m"])),
            transmit_w=1e-3 * _power(float(s["transmit_dbm"])),
            noise_factor=_power(float(s["noise_figure_db"])),
            loss=_power(float(s["loss_db"])),
            cfar=str(s["cfar"]),
            false_alarm=float(s["false_alarm"]),
            max_detections=int(s["max_detections"]),
            rays=int(s["rays"]),
            bounces=int(s["bounces"]),
            raw=bool(s["raw"]),
        )

    @property
    def wavelength_m(self) -> float:
        return SPEED_OF_LIGHT_MPS / self.frequency_hz

    @property
    def frame_ns(self) -> int:
        """How long the train of chirps is, which ends at a frame's time stamp."""
        return round(self.chirps * self.period_s * 1e9)

    @property
    def range_cell_m(self) -> float:
        """c / (2 bandwidth): what two points must be apart at least."""
        return SPEED_OF_LIGHT_MPS / (2.0 * self.bandwidth_hz)

    @property
    def range_cells(self) -> int:
        return int(np.ceil(self.reach_m[1] / self.range_cell_m)) + 3

    @property
    def doppler_cell_mps(self) -> float:
        """wavelength / (2 chirps period)."""
        return self.wavelength_m / (2.0 * self.chirps * self.period_s)

    @property
    def span_mps(self) -> float:
        """Range rates this far apart look alike: wavelength / (2 period). Measured ones lie in [-span/2, span/2)."""
        return self.wavelength_m / (2.0 * self.period_s)

    @property
    def second_span_mps(self) -> float:
        """The same of the second train; 0 without one."""
        return self.wavelength_m / (2.0 * self.second_period_s) if self.second_period_s else 0.0

    @property
    def beam_cell(self) -> float:
        """Sines of azimuth that the row of antennas can just tell apart: 1 / (channels spacing)."""
        return 1.0 / (self.channels * self.spacing)

    @cached_property
    def taper(self) -> F64:
        """(channels,) weights of the antennas, their sum 1."""
        if self.channels < 5:
            return np.full(self.channels, 1.0 / self.channels)
        w = np.asarray(taylor(self.channels, nbar=4, sll=SIDE_LOBES_DB), dtype=np.float64)
        return np.asarray(w / w.sum())

    @property
    def channel_noise(self) -> float:
        """Noise power of one channel's cell when that of a beam's cell is 1."""
        return float(self.rows / np.sum(self.taper**2))

    @property
    def beams(self) -> int:
        """A power of two, at least the number of channels: beam b looks to sine b / (beams spacing)."""
        return 1 << (self.channels - 1).bit_length()

    @cached_property
    def snr_of_link(self) -> float:
        """Peak power of an echo of ``link`` 1 at boresight over a beam cell's noise; see ``radar_paths.Paths``."""
        aperture = self.gain * self.wavelength_m**2 / (4.0 * np.pi)
        received_w = self.transmit_w * self.gain / (4.0 * np.pi) * aperture / self.loss
        noise_w_s = BOLTZMANN * ROOM_K * self.noise_factor
        one_channel = received_w * self.chirps * self.chirp_s / noise_w_s
        return float(one_channel * self.channel_noise / HANN_NOISE**2)

    def pattern(self, directions: F64) -> F64:
        """(N,) one-way gain towards unit directions (N, 3) of the sensor frame, 1 at boresight: a Gaussian beam of
        the stated widths, with a floor."""
        azimuth = np.arctan2(directions[:, 1], directions[:, 0])
        elevation = np.arcsin(np.clip(directions[:, 2], -1.0, 1.0))
        off = (azimuth / self.beam[0]) ** 2 + (elevation / self.beam[1]) ** 2
        return np.asarray(np.maximum(0.5 ** (4.0 * off), 10.0 ** (_PATTERN_FLOOR_DB / 10.0)))

    def rcs_m2(self, snr: F64, range_m: F64, directions: F64) -> F64:
        """(N,) the cross section that the radar equation gives for an echo in clear air."""
        link = snr / self.snr_of_link / self.pattern(directions) ** 2
        return np.asarray(4.0 * np.pi * link * range_m**4)

    def wrapped_mps(self, rate_mps: F64, span_mps: float) -> F64:
        """Range rates as they show: in [-span/2, span/2)."""
        return np.asarray((rate_mps + span_mps / 2.0) % span_mps - span_mps / 2.0)


def _power(db: float) -> float:
    return float(10.0 ** (db / 10.0))
