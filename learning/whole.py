"""Whether a shard is what the manifest says, found out once in each process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from pairforge.datasets.records import CompletionRecord, parsed
from pairforge.datasets.scene_index import SceneEntry
from pairforge.datasets.store import shard_path
from pairforge.errors import DatasetError
from pairforge.learning.source import Range, Source

_CHUNK = 1 << 23


class Checked:
    """Remembers what it found of each shard; reads one through when first asked."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: dict[str, str] = {}

    def shard(self, scene: SceneEntry) -> None:
        """DatasetError when the shard of a scene has another size or hash than its record says, or the record another
        hash than the index says."""
        name = shard_path(scene.slug)
        if name not in self._found:
            self._found[name] = self._fault(name, scene)
        if self._found[name]:
            raise DatasetError(self._found[name])

    def _fault(self, name: str, scene: SceneEntry) -> str:
        digest: Any = hashlib.sha256()
        try:
            entry = self._record(scene).files.get(name)
            if entry is None:
                return f"{name}: its record has no hash of it. Generate this scene again."
            for block in self._blocks(name, entry.bytes):
                digest.update(block)
        except DatasetError as error:
            return str(error)
        if digest.hexdigest() != entry.sha256:
            return f"{name}: its bytes are not those that were written (sha256). Generate this scene again."
        return ""

    def _record(self, scene: SceneEntry) -> CompletionRecord:
        path = f"records/{scene.slug}.json"
        data = self._source.read(path)
        if hashlib.sha256(data).hexdigest() != scene.record_sha256:
            raise DatasetError(f"{path}: it is not the record that the index has. Finish the dataset again.")
        return parsed(CompletionRecord, bytes(data), path)

    def _blocks(self, name: str, size: int) -> Iterator[bytes | bytearray]:
        for start in range(0, size, _CHUNK):
            yield from self._source.ranges([Range(name, start, min(start + _CHUNK, size))])
