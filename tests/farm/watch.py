"""Watching a dataset grow: which scenes were published when, how often, and with which bytes."""

from __future__ import annotations

import hashlib
import os
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pairforge.datasets.place import remote


@dataclass
class Watch:
    """Completion records of the dataset at ``root`` as they come, and staging folders by scene.

    ``published``: slug -> hash of each record seen, one for every time it was written anew. ``begun``: slug -> the
    staging folders of it that were seen; short-lived ones may slip through between two looks. ``scratch``: where
    scenes are staged, ``root`` itself for a folder. A store is asked at most once a second.
    """

    root: Path
    scratch: Path | None = None
    published: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    begun: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _seen: dict[str, str] = field(default_factory=dict)
    _next: float = 0.0

    @property
    def count(self) -> int:
        """Scenes published so far."""
        return len(self.published)

    def look(self) -> None:
        if remote(self.root):
            if time.monotonic() >= self._next:
                self._next = time.monotonic() + 1.0
                self._objects()
        else:
            with suppress(FileNotFoundError):
                for entry in list(os.scandir(self.root / "records")):
                    with suppress(FileNotFoundError):
                        self._record(entry)
        for folder in self.staged():
            _, _, rest = folder.name.partition(".")
            slug, _, unique = rest.rpartition(".")
            if slug and not slug.endswith((".json", ".parquet")):
                self.begun[slug].add(unique)

    def staged(self) -> list[Path]:
        """Staging folders that are there now."""
        with suppress(OSError):
            return list(((self.scratch or self.root) / ".staging").iterdir())
        return []

    def _record(self, entry: os.DirEntry[str]) -> None:
        found = entry.stat()
        stamp = f"{found.st_ino} {found.st_mtime_ns}"
        if entry.name.endswith(".json") and self._seen.get(entry.name) != stamp:
            self._seen[entry.name] = stamp
            data = Path(entry.path).read_bytes()
            self.published[entry.name[: -len(".json")]].append(hashlib.sha256(data).hexdigest())

    def _objects(self) -> None:
        place: Any = self.root / "records"
        with suppress(FileNotFoundError):
            for entry in place.fs.ls(place.path, detail=True, refresh=True):
                name = entry["name"].rpartition("/")[2]
                stamp = f"{entry['ETag']} {entry['LastModified']}"
                if name.endswith(".json") and self._seen.get(name) != stamp:
                    self._seen[name] = stamp
                    self.published[name[: -len(".json")]].append(entry["ETag"])

    @property
    def made_again(self) -> int:
        """How often a scene was published that had been published before."""
        return sum(len(hashes) - 1 for hashes in self.published.values())

    @property
    def begun_again(self) -> int:
        """How many beginnings were seen beyond one a scene: work that was lost, or done twice."""
        return sum(len(names) - 1 for names in self.begun.values())
