"""Watching a dataset grow: which scenes were published when, how often, and with which bytes."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Watch:
    """Completion records of the local dataset at ``root`` as they come, and staging folders by scene.

    ``published``: slug -> hash of each record seen, one for every time it was written anew. ``begun``: slug -> how
    many staging folders of it were seen; short-lived ones may slip through between two looks.
    """

    root: Path
    published: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    begun: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Scenes published so far."""
        return len(self.published)

    def look(self) -> None:
        with suppress(FileNotFoundError):
            for entry in list(os.scandir(self.root / "records")):
                with suppress(FileNotFoundError):
                    self._record(entry)
        with suppress(FileNotFoundError):
            for name in os.listdir(self.root / ".staging"):
                _, _, rest = name.partition(".")
                slug, _, unique = rest.rpartition(".")
                if slug and not slug.endswith(".json"):
                    self.begun[slug].add(unique)

    def _record(self, entry: os.DirEntry[str]) -> None:
        found = entry.stat()
        stamp = (found.st_ino, found.st_mtime_ns)
        if entry.name.endswith(".json") and self._seen.get(entry.name) != stamp:
            self._seen[entry.name] = stamp
            data = Path(entry.path).read_bytes()
            self.published[entry.name[: -len(".json")]].append(hashlib.sha256(data).hexdigest())

    @property
    def made_again(self) -> int:
        """How often a scene was published that had been published before."""
        return sum(len(hashes) - 1 for hashes in self.published.values())

    @property
    def begun_again(self) -> int:
        """How many beginnings were seen beyond one a scene: work that was lost, or done twice."""
        return sum(len(names) - 1 for names in self.begun.values())
