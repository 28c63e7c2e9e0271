"""PNG round trips exactly and holds nothing but pixels."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.errors import DatasetError
from pairforge.renderers.png import decode_png, encode_png
from pairforge.seeding import Stream

SHAPES = [((5, 7), np.uint8), ((5, 7), np.uint16), ((5, 7, 3), np.uint8), ((1, 1), np.uint16)]


def chunks(data: bytes) -> dict[bytes, bytes]:
    """The PNG's chunks by name, read as the PNG specification says, their checksums checked."""
    found, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        found[name] = body
        at += 12 + length
    return found


@pytest.mark.parametrize(("shape", "dtype"), SHAPES)
def test_round_trip_keeps_every_bit(shape: tuple[int, ...], dtype: type) -> None:
    top = np.iinfo(dtype).max
    pixels = (Stream(1, f"{shape}").rng().random(shape) * top).astype(dtype)
    pixels.flat[0], pixels.flat[-1] = 0, top
    back = decode_png(encode_png(pixels))
    assert back.dtype == dtype
    np.testing.assert_array_equal(back, pixels)


def test_holds_only_header_pixels_and_end() -> None:
    assert set(chunks(encode_png(np.zeros((4, 4, 3), np.uint8)))) == {b"IHDR", b"IDAT", b"IEND"}


def test_16_bit_is_big_endian_as_the_format_says() -> None:
    raw = zlib.decompress(chunks(encode_png(np.array([[0x1234]], np.uint16)))[b"IDAT"])
    assert raw[1:] == b"\x12\x34"


def test_memory_layout_does_not_reach_the_bytes() -> None:
    pixels = Stream(2).rng().integers(0, 255, (6, 8, 3)).astype(np.uint8)
    assert encode_png(np.asfortranarray(pixels)) == encode_png(pixels)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((2, 2), np.float32),
        np.zeros((2, 2, 4), np.uint8),
        np.zeros((2, 2, 3), np.uint16),
        np.zeros((0, 2), np.uint8),
    ],
)
def test_refuses_what_png_cannot_hold(wrong: NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match="cannot write"):
        encode_png(wrong)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped"])
def test_damaged_bytes_are_named(damage: str) -> None:
    good = encode_png(Stream(3).rng().integers(0, 255, (20, 20)).astype(np.uint8))
    middle = len(good) // 2
    bad = {
        "empty": b"",
        "cut": good[:middle],
        "flipped": good[:middle] + b"\xff\xff\xff\xff" + good[middle + 4 :],
    }
    with pytest.raises(DatasetError, match="damaged PNG"):
        decode_png(bad[damage])
