"""PNG bytes that depend on the pixels alone: no time stamps, no text chunks, a fixed compression level."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from pairforge.errors import DatasetError

_COMPRESSION = 6


def encode_png(pixels: NDArray[Any]) -> bytes:
    """PNG bytes of (H, W) uint8, (H, W) uint16 or (H, W, 3) uint8; ValueError for anything else."""
    kind = (pixels.ndim, pixels.shape[2:], pixels.dtype.name)
    if kind not in {(2, (), "uint8"), (2, (), "uint16"), (3, (3,), "uint8")} or pixels.size == 0:
        raise ValueError(
            f"cannot write {pixels.dtype} of shape {pixels.shape} as PNG: "
            "give non-empty (H, W) uint8 or uint16, or (H, W, 3) uint8"
        )
    out = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG", compress_level=_COMPRESSION)
    return out.getvalue()


def decode_png(data: bytes) -> NDArray[Any]:
    """The array ``encode_png`` was given, same shape and dtype; DatasetError when the bytes are no such PNG."""
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as image:
            image.load()
            mode, pixels = image.mode, np.array(image)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise DatasetError(f"damaged PNG of {len(data)} bytes: {error}. Generate its shard again.") from error
    if mode not in {"L", "RGB"} and not mode.startswith("I"):
        raise DatasetError(f"PNG has colour mode {mode}; expected 8-bit grey, 16-bit grey or RGB")
    return pixels if mode in {"L", "RGB"} else pixels.astype(np.uint16)
