"""Are the files those of the manifest, whole and no others?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from pairforge.datasets.files import STAGING, listed, names, read_bytes, sha256_file, sizes
from pairforge.datasets.finding import Finding
from pairforge.datasets.manifest import APART, MANIFEST, Manifest, slug_of
from pairforge.datasets.question_table import FILE as QUESTIONS
from pairforge.datasets.records import FOLDERS, CompletionRecord, parsed, record_path
from pairforge.datasets.scene_index import INDEX, SceneEntry
from pairforge.datasets.schema import TABLES
from pairforge.datasets.store import shard_path, table_path
from pairforge.errors import DatasetError

_FOLDERS = {"records": ".json", **FOLDERS}
_BESIDE = ("questions", "report", "audit", "contrasts", STAGING, ".gitignore")
_KNOWN = {MANIFEST, INDEX, *APART, "records", "shards", "tables", *_BESIDE}
_PATH = re.compile(r"(?:tables|shards|records)/\S+?\.(?:parquet|tar|json)")


def whole(root: Path, manifest: Manifest) -> Iterator[Finding]:
    """What no scene shows alone: scenes that are not made, files that belong to none."""
    made = {*manifest.scenes.numbers.tolist()}
    for index in manifest.wanted:
        if index not in made:
            yield not_made(index)
    yield from _extra(root, {entry.slug for entry in manifest.scenes})


def not_made(index: int) -> Finding:
    """A scene that is asked for and not there."""
    return Finding(index, -1, MANIFEST, "manifest", f"scene {index} is not made; generate again to resume")


def scene(root: Path, manifest: Manifest, entry: SceneEntry) -> Iterator[Finding]:
    """One scene's entry against its record and its files."""
    i, file = entry.scene_index, f"records/{entry.slug}.json"
    if i not in manifest.wanted:
        yield Finding(i, -1, MANIFEST, "manifest", f"scene {i} is listed but was never asked for")
    slug = slug_of(manifest.identity.scene, i)
    if entry.slug != slug:
        yield Finding(i, -1, MANIFEST, "manifest", f"scene {i} is called {entry.slug} and not {slug}")
    try:
        data = read_bytes(record_path(root, entry.slug))
        record = parsed(CompletionRecord, data, file)
    except DatasetError as error:
        yield Finding(i, -1, file, "missing file", str(error))
        return
    if hashlib.sha256(data).hexdigest() != entry.record_sha256 or not _agree(entry, record):
        yield Finding(i, -1, file, "manifest", f"completion record and {INDEX} differ")
    wanted = {shard_path(slug), *(table_path(t, slug) for t in TABLES)}
    if {*record.files} != wanted:
        yield Finding(
            i, -1, file, "manifest", f"the record of scene {i} names other files than those of {slug}"
        )
    yield from _files(root, record, wanted)


def _agree(entry: SceneEntry, record: CompletionRecord) -> bool:
    total = sum(said.bytes for said in record.files.values())
    told = (record.scene_index, record.slug, record.frames, total)
    return (entry.scene_index, entry.slug, entry.frames, entry.bytes) == told


def _files(root: Path, record: CompletionRecord, wanted: Collection[str]) -> Iterator[Finding]:
    """A scene's files against its record."""

    def wrong(file: str, name: str, message: str) -> Finding:
        return Finding(record.scene_index, -1, file, name, message)

    own = [name for name in sorted(record.files) if name in wanted]
    there = dict(zip(own, sizes(root / name for name in own), strict=True))
    for name, said in sorted(record.files.items()):
        found = there.get(name, -1)
        if found < 0:
            yield wrong(name, "missing file", "this file of the record is missing")
        elif found != said.bytes:
            yield wrong(name, "size", f"holds {found} bytes, the record says {said.bytes}")
        elif sha256_file(root / name) != said.sha256:
            yield wrong(
                name, "hash", "its sha256 is not that of the record: it was changed after it was made"
            )


def blamed(message: str, otherwise: str) -> str:
    """The dataset file that an error message names."""
    found = _PATH.search(message)
    return found[0] if found else otherwise


def _extra(root: Path, slugs: Collection[str]) -> Iterator[Finding]:
    """Files and folders that belong to no scene of the manifest; folders are listed and never held whole."""
    found = [name for name in names(root) if name not in _KNOWN]
    found += [f"tables/{name}" for name in names(root / "tables") if name not in TABLES]
    folder, _, file = QUESTIONS.rpartition("/")
    found += [f"{folder}/{name}" for name in names(root / folder) if name != file]
    for place, suffix in _FOLDERS.items():
        for name, _ in listed(root / place):
            if not (name.endswith(suffix) and name.removesuffix(suffix) in slugs):
                found.append(f"{place}/{name}")
    for name in sorted(found):
        yield Finding(-1, -1, name, "extra file", "this file belongs to no scene of the manifest")
