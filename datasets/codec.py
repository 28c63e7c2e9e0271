"""Arrays as bytes and back, lossless, without pickle, checked against the schema before anything is allocated."""

from __future__ import annotations

import io
import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.errors import DatasetError
from pairforge.renderers.png import decode_png, encode_png

npy: Any = np.lib.format

Buffer = bytes | bytearray | memoryview

MAX_PIXELS = 1 << 27
"""Larger images are refused."""

_NPY_MAGIC = b"\x93NUMPY\x01\x00"
_NPY_HEADER = re.compile(
    rb"\{'descr': '(?P<descr>[<|]\w{2,3})', 'fortran_order': False, 'shape': \((?P<shape>[0-9, ]{0,80})\), \} *\n"
)


def encode(spec: ArraySpec, array: NDArray[Any], where: str) -> bytes:
    """The member's bytes; DatasetError when dtype or shape are not as the schema says."""
    if array.dtype != np.dtype(spec.dtype) or not _fits(spec, array.shape):
        raise DatasetError(
            f"{where}: {spec.name} is {array.dtype} {array.shape}, "
            f"but the store keeps {spec.dtype} {_said(spec)}. Fix what made it."
        )
    data = np.ascontiguousarray(array, dtype=spec.numpy_dtype)
    return encode_png(data) if spec.extension == "png" else _encode_npy(data)


def decode(spec: ArraySpec, data: Buffer, sizes: dict[str, int], where: str) -> NDArray[Any]:
    """The array of a member; ``sizes`` gives H and W, or N. DatasetError on anything unexpected.

    A letter that ``sizes`` lacks takes its number from the first array that has it, and must keep it.
    """
    if spec.extension == "png":
        array = _decode_png(
            spec, data, tuple(d if isinstance(d, int) else sizes[d] for d in spec.shape), where
        )
    else:
        array = _decode_npy(spec, data, sizes, where)
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


def _decode_npy(spec: ArraySpec, data: Buffer, sizes: dict[str, int], where: str) -> NDArray[Any]:
    """A writable view of ``data`` where that may be written, else a copy."""
    # Only the form that we write is read, by a pattern: no header is evaluated, none can ask for more than there is.
    match = _NPY_HEADER.match(data, 10)
    if data[:8] != _NPY_MAGIC or not match or match.end() != 10 + int.from_bytes(data[8:10], "little"):
        raise DatasetError(f"{where}: damaged npy header")
    said = tuple(int(d) for d in match["shape"].split(b",") if d.strip())
    dtype, due = spec.numpy_dtype, tuple(d if isinstance(d, int) else sizes.get(d) for d in spec.shape)
    if match["descr"].decode() != dtype.str or len(said) != len(due):
        raise DatasetError(
            f"{where}: holds {match['descr'].decode()} {said}, expected {spec.dtype} {_said(spec)}"
        )
    if dtype.itemsize * math.prod(said) != len(data) - match.end():
        raise DatasetError(
            f"{where}: npy header says {dtype} {said}, but {len(data) - match.end()} bytes follow"
        )
    if any(want is not None and want != have for want, have in zip(due, said, strict=True)):
        raise DatasetError(f"{where}: holds {spec.dtype} {said}, expected {spec.dtype} {due}")
    array = np.frombuffer(data, dtype, offset=match.end()).reshape(said)
    array = array.astype(dtype.newbyteorder("="), copy=False)
    return array if array.flags.writeable else array.copy()


def _decode_png(spec: ArraySpec, data: Buffer, shape: tuple[int, ...], where: str) -> NDArray[Any]:
    if math.prod(shape[:2]) > MAX_PIXELS:
        raise DatasetError(
            f"{where}: the table says {shape[1]} x {shape[0]} pixels, more than {MAX_PIXELS} in all"
        )
    try:
        return decode_png(data, size=(shape[1], shape[0]))
    except DatasetError as error:
        raise DatasetError(f"{where}: {error}") from error
