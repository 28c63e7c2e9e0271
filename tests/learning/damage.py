"""A shard so small that thousands can be damaged, and ways to damage it: by chance, and by malice."""

from __future__ import annotations

import io
import pickle
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from pairforge.datasets.manifest import create_or_check, finish, slug_of
from pairforge.datasets.store import write_scene
from pairforge.sample import CameraFrame, Keyframe
from pairforge.seeding import Stream
from tests.datasets.conftest import IDENTITY
from tests.datasets.tiny import tiny

SLUG = slug_of("tiny.street", 0)
KEY = "000000-000000"
W, H, N = 12, 8, 9
Bytes = bytearray
Rng = np.random.Generator


def write_small(root: Path) -> Path:
    """A dataset of one keyframe: a picture of 12 x 8 pixels and nine points."""
    street = tiny(0, 1)
    create_or_check(root, IDENTITY, 1)
    write_scene(root, SLUG, street.record, [_cut(frame) for frame in street.frames()])
    finish(root)
    return root


def _cut(frame: Keyframe) -> Keyframe:
    cameras = {name: _corner(c) for name, c in frame.cameras.items()}
    arrays = (
        "points",
        "deskewed",
        "times_ns",
        "range_m",
        "intensity",
        "ring",
        "instance",
        "part",
        "semantic",
        "kind",
    )
    lidars = {
        name: replace(x, **{a: getattr(x, a)[:N] for a in arrays}, extra={})
        for name, x in frame.lidars.items()
    }
    return replace(frame, cameras=cameras, lidars=lidars, facts=(), captions=frame.captions[:1])


def _corner(camera: CameraFrame) -> CameraFrame:
    arrays = ("rgb", "depth", "normal", "part", "instance", "semantic", "flow")
    small = {a: getattr(camera, a)[:H, :W] for a in arrays}
    return replace(
        camera, intrinsics=replace(camera.intrinsics, width_px=W, height_px=H), boxes=(), extra={}, **small
    )


class Marker:
    """Unpickling this would make the file that it names."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (self._path, "w")


class Damage:
    """Damaged copies of a shard, without end; the n-th of a seed is always the same."""

    def __init__(self, root: Path, trap: Path) -> None:
        self.shard = root / "shards" / f"{SLUG}.tar"
        self._good = self.shard.read_bytes()
        self._pickled = pickle.dumps(Marker(trap))
        with tarfile.open(self.shard) as archive:
            self._members = {m.name: (m.offset, m.offset_data, m.size) for m in archive}
        self._arrays = sorted(n for n in self._members if not n.endswith(".json"))
        self.ways = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("by_")]

    def inputs(self, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
        """(what was done, the shard)."""
        for n in range(count):
            rng = (Stream(seed) / "damage" / n).rng()
            way = self.ways[n % len(self.ways)]
            yield f"{n}: {way.__name__}", bytes(way(bytearray(self._good), rng))

    def by_flips(self, data: Bytes, rng: Rng) -> Bytes:
        for at in rng.integers(0, len(data), rng.integers(1, 9)):
            data[at] ^= 1 << int(rng.integers(8))
        return data

    def by_flips_in_headers(self, data: Bytes, rng: Rng) -> Bytes:
        header, _, _ = self._some(rng)
        data[header + int(rng.integers(512))] ^= 1 << int(rng.integers(8))
        return data

    def by_flips_in_arrays_heads(self, data: Bytes, rng: Rng) -> Bytes:
        _, start, size = self._some(rng)
        for _ in range(int(rng.integers(1, 4))):
            data[start + int(rng.integers(min(size, 128)))] = int(rng.integers(256))
        return data

    def by_truncation(self, data: Bytes, rng: Rng) -> Bytes:
        return data[: int(rng.integers(len(data)))]

    def by_nothing_left(self, data: Bytes, rng: Rng) -> Bytes:
        return data[:0] if rng.random() < 0.1 else data[: int(rng.integers(1, 600))]

    def by_zeros(self, data: Bytes, rng: Rng) -> Bytes:
        at, length = int(rng.integers(len(data))), int(rng.integers(1, 4096))
        data[at : at + length] = bytes(len(data[at : at + length]))
        return data

    def by_bytes_more_or_less(self, data: Bytes, rng: Rng) -> Bytes:
        at, length = int(rng.integers(len(data))), int(rng.integers(1, 700))
        if rng.random() < 0.5:
            del data[at : at + length]
        else:
            data[at:at] = rng.bytes(length)
        return data

    def by_a_part_elsewhere(self, data: Bytes, rng: Rng) -> Bytes:
        a, b, length = (int(x) for x in rng.integers(0, len(data) - 2048, 3))
        length = length % 2048 + 1
        data[a : a + length] = data[b : b + length]
        return data

    def by_members_swapped(self, data: Bytes, rng: Rng) -> Bytes:
        (_, a, n), (_, b, m) = self._some(rng), self._some(rng)
        n = min(n, m)
        data[a : a + n], data[b : b + n] = data[b : b + n], data[a : a + n]
        return data

    def by_names(self, data: Bytes, rng: Rng) -> Bytes:
        names = (
            b"../../etc/passwd", b"/etc/passwd", b"..", b"", b"a/b.npy", b"\xff\xfe.npy", b"C:\\x.npy", b"./x.npy",
            b"." * 99, KEY.encode() + b".x.rgb.png", b"a\nb.png", "\u202e.npy".encode(), b"-rf.npy",
        )  # fmt: skip
        return self._header(data, rng, 0, names[int(rng.integers(len(names)))].ljust(100, b"\0"))

    def by_sizes(self, data: Bytes, rng: Rng) -> Bytes:
        sizes = (
            b"77777777777\0", b"00000000000\0", b"-0000000001\0", b"99999999999\0", b"\x80" + b"\xff" * 11,
            b"\xff" * 12, b"\x80" + bytes(7) + rng.bytes(4), b"            ", b"0x7fffffff\0\0", rng.bytes(12),
            b"%011o\0" % int(rng.integers(1, 1 << 30)),
        )  # fmt: skip
        return self._header(data, rng, 124, sizes[int(rng.integers(len(sizes)))])

    def by_kinds(self, data: Bytes, rng: Rng) -> Bytes:
        return self._header(data, rng, 156, b"1234567xgSLKVNDAMX"[(k := int(rng.integers(18))) : k + 1])

    def by_extended_headers(self, data: Bytes, rng: Rng) -> Bytes:
        """pax records or GNU long names in the place of a member, or before all."""
        lies = {
            "path": "../../evil",
            "size": "9" * 15,
            "GNU.sparse.realsize": "9" * 12,
            "GNU.sparse.map": "0,9999",
        }
        info = tarfile.TarInfo("x")
        info.pax_headers = {k: v for k, v in lies.items() if rng.random() < 0.7}
        extra = info.tobuf(tarfile.PAX_FORMAT)
        if rng.random() < 0.3:
            long = tarfile.TarInfo("../" * 200 + "evil")
            extra = long.tobuf(tarfile.GNU_FORMAT)
        header, _, _ = self._some(rng)
        at = 0 if rng.random() < 0.2 else header
        data[at : at + len(extra)] = extra
        return data

    def by_npy_headers(self, data: Bytes, rng: Rng) -> Bytes:
        said = (
            "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
            "{'descr': '<f4', 'fortran_order': True, 'shape': (8, 12), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-8, -12), }",
            "{'descr': '|V0', 'fortran_order': False, 'shape': (8, 12), }",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (8, 12), }",
            "(" * 5000,
            "[" * 90 + "]" * 90,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os').getpid(),), }",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (8" + "0" * 4400 + ",), }",
            "",
            "{'descr': '>f4', 'fortran_order': False, 'shape': (8, 12), }",
        )
        text = said[int(rng.integers(len(said)))].encode()
        version = (b"\1\0", b"\2\0", b"\3\0", b"\xff\xff")[int(rng.integers(4)) if rng.random() < 0.3 else 0]
        length = int(rng.integers(65536)) if rng.random() < 0.2 else len(text)
        return self._payload(data, rng, ".npy", b"\x93NUMPY" + version + struct.pack("<H", length) + text)

    def by_pickles(self, data: Bytes, rng: Rng) -> Bytes:
        head = (
            b"\x93NUMPY\1\0v\0"
            + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117)
            + b"\n"
        )
        forms = (head + self._pickled, self._pickled)
        return self._payload(data, rng, ".npy" if rng.random() < 0.7 else ".png", forms[int(rng.integers(2))])

    def by_png_headers(self, data: Bytes, rng: Rng) -> Bytes:
        sides = (0, 1, 8, 12, 60000, 1 << 31, (1 << 32) - 1)
        wide, high = (sides[int(k)] for k in rng.integers(0, len(sides), 2))
        depth, colour = (int(rng.choice(c)) for c in ((1, 2, 4, 8, 16, 99), (0, 2, 3, 4, 6, 9)))
        forged = chunk(
            b"IHDR", struct.pack(">IIBBBBB", wide, high, depth, colour, 0, 0, int(rng.integers(3)))
        )
        return self._rebuilt(data, rng, lambda chunks: [forged, *chunks[1:]])

    def by_png_bombs(self, data: Bytes, rng: Rng) -> Bytes:
        """Chunks that unpack to much more than they are, and second headers behind the first."""
        bomb = zlib.compress(bytes(1 << 22), 9)
        many = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
        extra = (
            chunk(b"IDAT", bomb), chunk(b"iCCP", b"a\0\0" + bomb), chunk(b"zTXt", b"a\0\0" + bomb), many,
            chunk(b"iTXt", b"a\0\1\0\0\0" + bomb), chunk(b"PLTE", bytes(3)), chunk(b"tRNS", bytes(2)),
            chunk(b"acTL", struct.pack(">II", 1 << 31, 0)), struct.pack(">I", 1 << 31) + b"IDAT",
        )[int(rng.integers(9))]  # fmt: skip
        at = 0 if rng.random() < 0.2 else 1
        return self._rebuilt(data, rng, lambda chunks: [*chunks[:at], extra, *chunks[at:]])

    def _some(self, rng: Rng, ending: str = "") -> tuple[int, int, int]:
        names = [n for n in self._arrays if n.endswith(ending)]
        return self._members[names[int(rng.integers(len(names)))]]

    def _header(self, data: Bytes, rng: Rng, at: int, value: bytes) -> Bytes:
        """Changes a header's field and makes its checksum right again."""
        header, start, _ = self._some(rng)
        data[header + at : header + at + len(value)] = value
        data[header + 148 : header + 156] = b" " * 8
        data[header + 148 : header + 156] = b"%06o\0 " % sum(data[header:start])
        return data

    def _payload(self, data: Bytes, rng: Rng, ending: str, payload: bytes) -> Bytes:
        _, start, size = self._some(rng, ending)
        data[start : start + size] = payload[:size].ljust(size, b"\0")
        return data

    def _rebuilt(self, data: Bytes, rng: Rng, change: Callable[[list[bytes]], list[bytes]]) -> Bytes:
        """A PNG of other chunks, cut to as many bytes as it had."""
        _, start, size = self._some(rng, ".png")
        made = b"\x89PNG\r\n\x1a\n" + b"".join(change(_chunks(bytes(data[start + 8 : start + size]))))
        data[start : start + size] = made[:size].ljust(size, b"\0")
        return data


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(data: bytes) -> list[bytes]:
    found, file = [], io.BytesIO(data)
    while head := file.read(4):
        found.append(head + file.read(int.from_bytes(head, "big") + 8))
    return found
