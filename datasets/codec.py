"""Arrays as bytes and back, lossless, without pickle, checked against the schema before anything is allocated."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.errors import DatasetError
from pairforge.renderers.png import decode_png, encode_png

npy: Any = np.lib.format

MAX_PIXELS = 1 << 27
"""Larger images are refused."""


def encode(spec: ArraySpec, array: NDArray[Any], where: str) -> bytes:
    """The member's bytes; DatasetError when dtype or shape are not as the schema says."""
    if array.dtype != np.dtype(spec.dtype) or not _fits(spec, array.shape):
        raise DatasetError(
            f"{where}: {spec.name} is {array.dtype} {array.shape}, "
            f"but the store keeps {spec.dtype} {_said(spec)}. Fix what made it."
        )
    data = np.ascontiguousarray(array, dtype=spec.numpy_dtype)
    return encode_png(data) if spec.extension == "png" else _encode_npy(data)


def decode(spec: ArraySpec, data: bytes, sizes: dict[str, int], where: str) -> NDArray[Any]:
    """The array of a member; ``sizes`` gives H and W, or N. DatasetError on anything unexpected.

    A letter that ``sizes`` lacks takes its number from the first array that has it, and must keep it.
    """
    if spec.extension == "png":
        array = _decode_png(
            spec, data, tuple(d if isinstance(d, int) else sizes[d] for d in spec.shape), where
        )
    else:
        array = _decode_npy(data, where)
    for letter, size in zip(spec.shape, array.shape, strict=False):
        if isinstance(letter, str):
            sizes.setdefault(letter, size)
    shape = tuple(d if isinstance(d, int) else sizes.get(d, -1) for d in spec.shape)
    if array.shape != shape or array.dtype != np.dtype(spec.dtype):
        raise DatasetError(f"{where}: holds {array.dtype} {array.shape}, expected {spec.dtype} {shape}")
    return array


def _fits(spec: ArraySpec, shape: tuple[int, ...]) -> bool:
    return len(shape) == len(spec.shape) and all(
        not isinstance(want, int) or want == have for want, have in zip(spec.shape, shape, strict=True)
    )


def _said(spec: ArraySpec) -> str:
    return f"({', '.join(str(d) for d in spec.shape)})"


def _encode_npy(array: NDArray[Any]) -> bytes:
    out = io.BytesIO()
    npy.write_array(out, array, version=(1, 0), allow_pickle=False)
    return out.getvalue()


def _decode_npy(data: bytes, where: str) -> NDArray[Any]:
    # A header may lie about its shape: it is compared with the bytes at hand before an array is made.
    file = io.BytesIO(data)
    try:
        if npy.read_magic(file) != (1, 0):
            raise DatasetError(f"{where}: not a version 1.0 npy file")
        shape, fortran, dtype = npy.read_array_header_1_0(file)
    except (ValueError, SyntaxError, TypeError) as error:
        raise DatasetError(f"{where}: damaged npy header ({error})") from error
    body = data[file.tell() :]
    if fortran or dtype.hasobject or dtype.itemsize * math.prod(shape) != len(body):
        raise DatasetError(f"{where}: npy header says {dtype} {shape}, but {len(body)} bytes follow")
    return (
        np.frombuffer(bytearray(body), dtype=dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)
    )


def _decode_png(spec: ArraySpec, data: bytes, shape: tuple[int, ...], where: str) -> NDArray[Any]:
    # The header is compared with the table before a pixel is decoded, so that no small file can ask for gigabytes.
    width, height = (int.from_bytes(data[k : k + 4], "big") for k in (16, 20))
    if (height, width) != shape[:2] or width * height > MAX_PIXELS:
        raise DatasetError(f"{where}: image is {width} x {height} pixels, expected {shape[1]} x {shape[0]}")
    try:
        return decode_png(data)
    except DatasetError as error:
        raise DatasetError(f"{where}: {error}") from error
