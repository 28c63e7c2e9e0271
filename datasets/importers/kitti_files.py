"""KITTI's text files as numbers: calibration, oxts, time stamps, labels and tracklets. LogError for what is none."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import strptime
from typing import Any

import numpy as np
from defusedxml import DefusedXmlException, ElementTree

from pairforge.datasets.importers.protocol import LogError
from pairforge.frames import F64


def lines_of(path: Path) -> list[str]:
    """Lines with something on them."""
    try:
        return [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise LogError(
            f"{path} cannot be read: {reason}. Give the folder of a whole KITTI dataset."
        ) from None


def numbers(words: Sequence[str], count: int, where: str) -> F64:
    """Exactly ``count`` finite numbers."""
    try:
        found = np.array([float(word) for word in words])
    except ValueError:
        found = np.full(1, np.nan)
    if found.shape != (count,) or not np.isfinite(found).all():
        raise LogError(f"{where}: {count} numbers should stand here. The file is damaged.")
    return found


def calibration(path: Path, wanted: dict[str, int]) -> dict[str, F64]:
    """Name -> values of a file of named rows, with or without a colon; those ``wanted`` (name -> count), all of
    them."""
    rows = {}
    for line in lines_of(path):
        name, *words = line.replace(":", " ", 1).split()
        rows[name] = words
    for name, count in wanted.items():
        if name not in rows:
            raise LogError(f"{path} has no row {name}. The file is damaged.")
        numbers(rows[name], count, f"{path}: {name}")
    return {name: np.array([float(w) for w in rows[name]]) for name in wanted}


def stamps_ns(path: Path) -> list[int]:
    """Nanoseconds since 1970 of lines such as ``2011-09-26 13:02:25.594360375``."""
    found = []
    for number, line in enumerate(lines_of(path), 1):
        whole, _, part = line.strip().partition(".")
        try:
            seconds = timegm(strptime(whole, "%Y-%m-%d %H:%M:%S"))
            found.append(seconds * 1_000_000_000 + int(part[:9].ljust(9, "0")))
        except ValueError:
            raise LogError(f"{path}: line {number} is no time stamp. The file is damaged.") from None
    return found


@dataclass(frozen=True)
class BoxAt:
    """A box in one frame: its bottom centre and angles about x, y and z (Velodyne), or ``rotation_y`` as the second
    (rectified camera 0); ``size_m``: length, width, height."""

    frame: int
    xyz: F64
    angles: F64
    size_m: tuple[float, float, float]


@dataclass(frozen=True)
class Thing:
    """A type and its boxes, in order of frames."""

    name: str
    kind: str
    boxes: tuple[BoxAt, ...]


def tracklets(path: Path) -> list[Thing]:
    """Those of tracklet_labels.xml."""
    try:
        root = ElementTree.fromstring(path.read_bytes()).find("tracklets")
        items = [] if root is None else root.findall("item")
        return [_tracklet(item, k) for k, item in enumerate(items)]
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}.") from None
    except (ElementTree.ParseError, DefusedXmlException, AttributeError, TypeError, ValueError, KeyError):
        raise LogError(f"{path} is no list of tracklets. The file is damaged.") from None


def _tracklet(item: Any, index: int) -> Thing:
    value = {child.tag: child.text for child in item}
    size = numbers([value["l"], value["w"], value["h"]], 3, f"tracklet {index}")
    first = int(value["first_frame"])
    boxes = []
    for k, pose in enumerate(item.find("poses").findall("item")):
        own = {child.tag: child.text for child in pose}
        six = numbers([own[n] for n in ("tx", "ty", "tz", "rx", "ry", "rz")], 6, f"tracklet {index}")
        boxes.append(BoxAt(first + k, six[:3], six[3:], (float(size[0]), float(size[1]), float(size[2]))))
    kind = value["objectType"].strip()
    return Thing(f"{_word(kind)}_{index}", kind, tuple(boxes))


def tracks(path: Path) -> list[Thing]:
    """Those of label_02/NNNN.txt but DontCare."""
    found: dict[tuple[int, str], list[BoxAt]] = {}
    for number, line in enumerate(lines_of(path), 1):
        words = line.split()
        where = f"{path}: line {number}"
        if len(words) < 17:
            raise LogError(f"{where} has {len(words)} fields of 17. The file is damaged.")
        if words[2] == "DontCare":
            continue
        frame, track = (int(v) for v in numbers(words[:2], 2, where))
        v = numbers(words[10:17], 7, where)
        size = (float(v[2]), float(v[1]), float(v[0]))
        box = BoxAt(frame, v[3:6], np.array([0.0, v[6], 0.0]), size)
        found.setdefault((track, words[2]), []).append(box)
    return [
        Thing(f"{_word(kind)}_{track}", kind, tuple(sorted(boxes, key=lambda b: b.frame)))
        for (track, kind), boxes in sorted(found.items())
    ]


def _word(kind: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in kind.lower())
