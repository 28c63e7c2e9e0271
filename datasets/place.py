"""Where a dataset lies: a folder, or a prefix in an object store."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from upath import UPath


def place_of(text: str | Path) -> Path:
    """A local ``Path``, or for a URL (``s3://bucket/prefix``) a path that reads and lists what is there the same way.

    Nothing writes through it directly: all writing is in ``datasets.files``.

    >>> place_of("out/data")
    PosixPath('out/data')
    >>> str(place_of("memory://bucket/data") / "dataset.json")
    'memory://bucket/data/dataset.json'
    """
    return cast(Path, UPath(text)) if "://" in str(text) else Path(text)
