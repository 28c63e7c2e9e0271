"""Are the files those of the manifest, whole and no others?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pairforge.datasets.files import STAGING, sha256_file
from pairforge.datasets.finding import Finding
from pairforge.datasets.manifest import (
    APART,
    MANIFEST,
    CompletionRecord,
    Manifest,
    read_record,
    record_path,
    slug_of,
)
from pairforge.datasets.question_table import FILE as QUESTIONS
from pairforge.datasets.schema import TABLES
from pairforge.datasets.store import shard_path, table_path
from pairforge.errors import DatasetError

_IGNORED = {MANIFEST, *APART, "report", "audit", "contrasts", STAGING, ".gitignore"}
_PATH = re.compile(r"(?:tables|shards|records)/\S+?\.(?:parquet|tar|json)")


def check(root: Path, manifest: Manifest) -> Iterator[Finding]:
    """Findings about files and manifest entries."""
    made = {s.scene_index for s in manifest.scenes}
    for index in manifest.wanted:
        if index not in made:
            yield Finding(
                index, -1, MANIFEST, "manifest", f"scene {index} is not made; generate again to resume"
            )
    expected: dict[str, int] = {}
    for entry in manifest.scenes:
        expected[f"records/{entry.slug}.json"] = entry.scene_index
        expected |= dict.fromkeys(entry.files, entry.scene_index)
        yield from _entry(root, manifest, entry)
    for name in _present(root):
        if name not in expected:
            yield Finding(-1, -1, name, "extra file", "this file belongs to no scene of the manifest")


def _entry(root: Path, manifest: Manifest, entry: CompletionRecord) -> Iterator[Finding]:
    """One scene's entry against its record and its files."""
    i = entry.scene_index

    def wrong(file: str, name: str, message: str) -> Finding:
        return Finding(i, -1, file, name, message)

    if i not in manifest.wanted:
        yield wrong(MANIFEST, "manifest", f"scene {i} is listed but was never asked for")
    slug = slug_of(manifest.identity.scene, i)
    wanted = {shard_path(slug), *(table_path(t, slug) for t in TABLES)}
    if entry.slug != slug or set(entry.files) != wanted:
        yield wrong(MANIFEST, "manifest", f"the entry of scene {i} names other files than those of {slug}")
    try:
        record = read_record(record_path(root, entry.slug))
        if record != entry:
            yield wrong(f"records/{entry.slug}.json", "manifest", "completion record and dataset.json differ")
    except DatasetError as error:
        yield wrong(f"records/{entry.slug}.json", "missing file", str(error))
    for name, said in sorted(entry.files.items()):
        path = root / name
        if name not in wanted or not path.is_file():
            yield wrong(name, "missing file", "this file of the manifest is missing")
        elif path.stat().st_size != said.bytes:
            yield wrong(name, "size", f"holds {path.stat().st_size} bytes, the manifest says {said.bytes}")
        elif sha256_file(path) != said.sha256:
            yield wrong(
                name, "hash", "its sha256 is not that of the manifest: it was changed after it was made"
            )


def blamed(message: str, otherwise: str) -> str:
    """The dataset file that an error message names."""
    found = _PATH.search(message)
    return found[0] if found else otherwise


def _present(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if name.parts[0] not in _IGNORED and not path.is_dir() and name.as_posix() != QUESTIONS:
            yield name.as_posix()
