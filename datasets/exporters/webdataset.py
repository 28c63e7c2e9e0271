"""WebDataset shards with the keys that trainers of pictures and texts look for: png or jpg, txt, json, cls.

    PART-000000.tar …    ``shard_size`` samples each but the last of a part; PART as the dataset is split, else "all"
    sizes.json           shard -> samples

See docs/exports/webdataset.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar

from pairforge.datasets.export import WORK
from pairforge.datasets.exporters import told
from pairforge.datasets.exporters.pictures import (
    LANGUAGE,
    PICTURE,
    VAL_EVERY,
    Picture,
    camera_array,
    every,
    need_language,
    need_pictures,
    part_of,
    pictures,
)
from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.files import HashingFile, read_bytes
from pairforge.datasets.reader import Dataset
from pairforge.datasets.tar import TarWriter

Members = dict[str, bytes]
Row = dict[str, Any]


class WebDataset:
    """See the module."""

    name: ClassVar[str] = "webdataset"
    summary: ClassVar[str] = "tar shards of one size with the keys png or jpg, txt, json and cls"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "sample": Option(
            "picture", "what a sample is: a picture, or all of a keyframe", ("picture", "keyframe")
        ),
        "shard_size": Option("1000", "samples in a shard"),
        "text": Option("short", "kind of caption that is the txt; all captions stand in json"),
        "arrays": Option("", 'also these of the camera\'s arrays, as in "depth,instance"'),
        "pictures": PICTURE,
        "language": LANGUAGE,
        "val_every": VAL_EVERY,
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._whole = options["sample"] == "keyframe"
        self._size = _count(options["shard_size"])
        self._kind = options["text"]
        self._arrays = [camera_array(name) for name in options["arrays"].split(",") if name]
        self._suffix = options["pictures"]
        self._language = options["language"]
        self._val_every = every(options["val_every"])

    def check(self, dataset: Dataset) -> None:
        need_pictures(dataset, self.name)
        need_language(dataset, self._language)

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        """The samples of a scene wait in a tar of their own for the shards that they come to lie in."""
        waiting = f"{WORK}/samples/{scene_index:06d}.tar"
        with target.file(waiting) as path:
            spans = _written(path, self._samples(dataset, scene_index))
        part = part_of(dataset, scene_index, self._val_every)
        return {"part": part, "waiting": waiting, "spans": spans}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        shards = _Shards(target, self._size)
        for part in parts:
            path = target.path(part["waiting"])
            for offset, size in part["spans"]:
                shards.add(part["part"], path, offset, size)
        target.write_json("sizes.json", dict(sorted(shards.close().items())))

    def _samples(self, dataset: Dataset, scene_index: int) -> Iterator[Members]:
        """Member name -> bytes of each sample, sorted by name."""
        for key, group in groupby(pictures(dataset, scene_index), lambda p: p.key):
            if self._whole:
                yield self._keyframe(dataset, key, list(group))
                continue
            for picture in group:
                stem = f"{key}-{picture.row['slug']}"
                yield self._sample(f"{stem}.", stem, dataset, [picture], {f"{stem}.": picture})

    def _keyframe(self, dataset: Dataset, key: str, group: list[Picture]) -> Members:
        return self._sample(f"{key}.", key, dataset, group, {f"{key}.{p.row['slug']}.": p for p in group})

    def _sample(
        self, prefix: str, key: str, dataset: Dataset, group: list[Picture], named: Mapping[str, Picture]
    ) -> Members:
        found: Members = {}
        for name, picture in named.items():
            found[f"{name}{self._suffix}"] = picture.image(self._suffix)
            found |= {f"{name}{spec.suffix}": picture.raw(spec.suffix) for spec in self._arrays}
        things = [thing for p in group for thing in told.objects(dataset, p)]
        known = [self._known(dataset, p) for p in group]
        said: Row = {"cameras": known} if self._whole else known[0]
        found[f"{prefix}json"] = json.dumps(said, allow_nan=False, ensure_ascii=False).encode()
        found[f"{prefix}cls"] = str(told.main_class(things)).encode()
        texts = [c.text for p in group for c in told.spoken(p, self._language) if c.kind == self._kind]
        if texts:
            found[f"{prefix}txt"] = texts[0].encode()
        return dict(sorted(found.items()))

    def _known(self, dataset: Dataset, picture: Picture) -> Row:
        return {
            **told.camera(picture),
            "objects": told.objects(dataset, picture),
            "captions": told.captions(picture, self._language),
        }


class _Shards:
    """One shard of each part is open at a time; samples are copied into it until it is full."""

    def __init__(self, target: Target, size: int) -> None:
        self._target, self._most = target, size
        self._open: dict[str, list[tuple[Path, int, int]]] = {}
        self._sizes: dict[str, int] = {}
        self._numbers: dict[str, int] = {}

    def add(self, part: str, path: Path, offset: int, size: int) -> None:
        rows = self._open.setdefault(part, [])
        rows.append((path, offset, size))
        if len(rows) == self._most:
            self._write(part)

    def close(self) -> dict[str, int]:
        """Write what is not full, too; returns shard -> samples."""
        for part in sorted(self._open):
            if self._open[part]:
                self._write(part)
        return self._sizes

    def _write(self, part: str) -> None:
        number = self._numbers.get(part, 0)
        self._numbers[part], name = number + 1, f"{part}-{number:06d}.tar"
        rows = self._open.pop(part)
        with self._target.file(name) as staged:
            file = HashingFile(staged)
            try:
                for path, offset, size in rows:
                    file.write(read_bytes(path, offset, size))
                TarWriter(file).end()
            finally:
                file.close()
        self._sizes[name] = len(rows)


def _written(path: Path, samples: Iterator[Members]) -> list[tuple[int, int]]:
    """A tar of samples; returns where each begins, and its bytes, headers and padding included."""
    file, spans = HashingFile(path), []
    try:
        tar = TarWriter(file)
        for sample in samples:
            start = tar.offset
            for name, data in sample.items():
                tar.add(name, data)
            spans.append((start, tar.offset - start))
    finally:
        file.close()
    return spans


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ExportError(f'shard_size "{text}" is no whole number of 1 or more, as in shard_size=1000.')
    return int(text)
