"""What a concrete LiDAR's settings say, as numbers to compute with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from pairforge.frames import F64, I64
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.sensors.lidar_patterns import Scan, firing_times_ns, scan


@dataclass(frozen=True)
class BeamModel:
    """``half_rad``: half the angle of the cone, across and upright; ``returns``: as ``scenes.beams.Beam`` has it."""

    half_rad: tuple[float, float]
    subrays: int
    pulse_m: float
    returns: str | int

    @staticmethod
    def of(settings: Mapping[str, Any] | None) -> BeamModel:
        """One ideal ray, its strongest return, when there are no settings."""
        if settings is None:
            return BeamModel((0.0, 0.0), 1, 1e-3, "strongest")
        wide = float(settings["divergence_mrad"])
        high = wide if settings["vertical_mrad"] is None else float(settings["vertical_mrad"])
        half = wide * 5e-4, high * 5e-4
        return BeamModel(half, int(settings["subrays"]), float(settings["pulse_m"]), settings["returns"])


@dataclass(frozen=True)
class ReceiverModel:
    """See ``scenes.beams.Receiver``."""

    reach_m: float
    reach_probability: float
    threshold: float
    rise_m: float
    quantum_m: float
    intensity: str
    full_scale: float
    reference_m: float
    bits: int | None

    @property
    def reach_snr(self) -> float:
        """Signal-to-noise ratio of the surface that the device is rated by: with noise of deviation 1 it passes the
        threshold with the probability that the rating says."""
        return float(self.threshold + ndtri(self.reach_probability))


@dataclass(frozen=True)
class SurfacesModel:
    """See ``scenes.beams.Surfaces``."""

    gloss: bool = False
    glass: bool = False
    mirrors: bool = False
    retro: bool = False
    blooming_mrad: float = 0.0


@dataclass(frozen=True)
class LidarModel:
    """What a concrete LiDAR's settings say."""

    settings: Mapping[str, Any]
    max_range_m: float
    range_noise_m: float
    dropout: float
    beam: BeamModel
    receiver: ReceiverModel | None
    surfaces: SurfacesModel
    velocity_noise_mps: float | None
    labels: frozenset[str]

    @staticmethod
    def of(sensor: ConcreteSensor) -> LidarModel:
        s = sensor.settings
        receiver, doppler = s.get("receiver"), s.get("doppler")
        return LidarModel(
            settings=s,
            max_range_m=float(s["max_range_m"]),
            range_noise_m=float(s["range_noise_m"]),
            dropout=float(s["dropout"]),
            beam=BeamModel.of(s.get("beam")),
            receiver=None if receiver is None else ReceiverModel(**receiver),
            surfaces=SurfacesModel(**s.get("surfaces", {})),
            velocity_noise_mps=None if doppler is None else float(doppler["velocity_noise_mps"]),
            labels=frozenset(s.get("labels", ())),
        )

    @property
    def plain(self) -> bool:
        """One ideal ray a beam, whose first surface or the air before it is all that can come back."""
        return not ({"beam", "receiver", "surfaces", "doppler", "labels"} & set(self.settings))

    @property
    def period_ns(self) -> int:
        return round(1e9 / float(self.settings["rate_hz"]))

    def scan(self, time_ns: int) -> Scan:
        """The firings of the frame that ends at ``time_ns``."""
        return scan(self.settings, time_ns)

    def column_times_ns(self, time_ns: int) -> I64:
        """(K,) firing times of the frame that ends at ``time_ns``."""
        return firing_times_ns(self.settings, time_ns)

    def directions(self, time_ns: int = 0) -> F64:
        """(K, B, 3) unit directions in the sensor frame."""
        return np.asarray(self.scan(time_ns).directions)
