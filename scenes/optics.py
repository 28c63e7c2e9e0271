"""What a camera is beyond a pinhole: its shutter, lens and imager. Each is off until a camera is given one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Value
from pairforge.scenes.typecheck import Checked

CameraModel = Literal["pinhole", "brown_conrady", "kannala_brandt", "equirectangular"]

DISTORTION_TERMS: dict[str, tuple[int, ...]] = {
    "pinhole": (0,),
    "brown_conrady": (4, 5, 8),
    "kannala_brandt": (4,),
    "equirectangular": (0,),
}
"""How many coefficients each camera model takes, in OpenCV's order: brown_conrady k1 k2 p1 p2 [k3 [k4 k5 k6]] (as
``cv2.projectPoints``), kannala_brandt k1 k2 k3 k4 (as ``cv2.fisheye``)."""


Bounds = Mapping[str, tuple[float, float]]
GAIN = (0.05, 20.0)
"""Least and most of each of the three gains of a white balance."""


@dataclass(frozen=True, kw_only=True)
class Shutter(Checked):
    """When light is gathered. Row r of H is exposed for ``exposure_s`` around ``time + ((r + 0.5) / H - 0.5)
    readout_s``, where ``time`` is the frame's time stamp: ``readout_s`` 0 is a global shutter. Labels hold for the
    middle of each row's exposure; moving things are blurred in the picture alone. How bright the picture is does not
    depend on it: that is metered, and ``Imager.exposure_ev`` shifts it."""

    BOUNDS: ClassVar[Bounds] = {"exposure_s": (0.0, 0.2), "readout_s": (0.0, 0.2)}

    exposure_s: Value[float] = 0.0
    readout_s: Value[float] = 0.0


def row_times_ns(time_ns: int, readout_s: float, rows: int) -> NDArray[np.int64]:
    """(H,) the middle of each row's exposure in a frame of that time stamp."""
    share = (np.arange(rows) + 0.5) / rows - 0.5
    return np.asarray(np.round(share * readout_s * 1e9).astype(np.int64) + time_ns, dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Lens(Checked):
    """Depth of field, by the thin lens: aperture diameter ``focal_length_mm / f_number``. Of a pinhole or
    brown_conrady camera the plane at z-depth ``focus_m`` is sharp; of the other two the sphere of that radius."""

    BOUNDS: ClassVar[Bounds] = {
        "f_number": (0.5, 1000.0),
        "focus_m": (0.01, 10_000.0),
        "focal_length_mm": (0.1, 2000.0),
    }

    f_number: Value[float] = 2.8
    focus_m: Value[float] = 5.0
    focal_length_mm: Value[float] = 6.0


@dataclass(frozen=True, kw_only=True)
class StereoEye(Checked):
    """One camera of a stereo pair (``stereo.stereo`` makes both): ``pair`` names their draws, ``other`` the other
    camera. The ``right`` one stands ``baseline_m`` to the right of the left one, which is where its spec says."""

    pair: str
    other: str
    baseline_m: Value[float] = 0.12
    right: bool = False


@dataclass(frozen=True, kw_only=True)
class Imager(Checked):
    """What the chip and its processor make of the light, step by step.

    ``exposure_ev``: stops by which more light is gathered than was metered. ``vignetting``: share of the light that
    the corner farthest from the principal point loses, by the cos^4 law between. ``full_well_e``: electrons at
    white, whose square root is the shot noise; few of them are a high gain ("ISO"). ``read_noise_e``: standard
    deviation. ``bits`` of the converter, whose last step is white. ``white_balance``: gains of red, green and blue
    after it, as a camera's processor applies them. ``jpeg_quality`` 1..95, or None for none.
    """

    BOUNDS: ClassVar[Bounds] = {
        "exposure_ev": (-16.0, 16.0),
        "vignetting": (0.0, 0.99),
        "full_well_e": (1.0, 1e7),
        "read_noise_e": (0.0, 1e5),
        "bits": (4, 16),
        "jpeg_quality": (1, 95),
    }

    exposure_ev: Value[float] = 0.0
    white_balance: Value[tuple[float, float, float]] = (1.0, 1.0, 1.0)
    vignetting: Value[float] = 0.0
    full_well_e: Value[float] = 10_000.0
    read_noise_e: Value[float] = 0.0
    bits: int = 12
    jpeg_quality: Value[int] | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        gains = self.white_balance
        if isinstance(gains, tuple) and not all(GAIN[0] <= gain <= GAIN[1] for gain in gains):
            raise SpecError(
                f"Imager: white_balance is {gains}; each gain must lie in {GAIN[0]:g}..{GAIN[1]:g}"
            )
