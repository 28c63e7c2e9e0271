"""What a camera is beyond a pinhole: its shutter, lens and imager. Each is off until a camera is given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, kw_only=True)
class Shutter(Checked):
    """When light is gathered. Row r of H is exposed for ``exposure_s`` around ``time + ((r + 0.5) / H - 0.5)
    readout_s``, where ``time`` is the frame's time stamp: ``readout_s`` 0 is a global shutter. Labels hold for the
    middle of each row's exposure; moving things are blurred in the picture alone."""

    exposure_s: Value[float] = 0.0
    readout_s: Value[float] = 0.0


def row_times_ns(time_ns: int, readout_s: float, rows: int) -> NDArray[np.int64]:
    """(H,) the middle of each row's exposure in a frame of that time stamp."""
    share = (np.arange(rows) + 0.5) / rows - 0.5
    return np.asarray(np.round(share * readout_s * 1e9).astype(np.int64) + time_ns, dtype=np.int64)


@dataclass(frozen=True, kw_only=True)
class Lens(Checked):
    """Depth of field, by the thin lens: aperture ``focal_length_mm / f_number``, sharp at z-depth ``focus_m``."""

    f_number: Value[float] = 2.8
    focus_m: Value[float] = 5.0
    focal_length_mm: Value[float] = 6.0


@dataclass(frozen=True, kw_only=True)
class Imager(Checked):
    """What the chip and its processor make of the light.

    ``exposure_ev`` in stops, ``white_balance`` gains of red, green and blue, ``vignetting`` the share of light lost
    in the corners. Shot and read noise follow from ``full_well_e`` (electrons at white) and ``read_noise_e``
    (standard deviation), in linear light; ``bits`` of the converter; ``jpeg_quality`` 1..95, or None for none.
    """

    exposure_ev: Value[float] = 0.0
    white_balance: Value[tuple[float, float, float]] = (1.0, 1.0, 1.0)
    vignetting: Value[float] = 0.0
    full_well_e: Value[float] = 10_000.0
    read_noise_e: Value[float] = 0.0
    bits: int = 12
    jpeg_quality: Value[int] | None = None
