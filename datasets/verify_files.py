"""Are the files those of the manifest, whole and no others?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pairforge.datasets.files import STAGING, listed, names, read_bytes, sha256_file
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


def check(root: Path, manifest: Manifest) -> Iterator[Finding]:
    """Findings about files and manifest entries."""
    made = {*manifest.scenes.numbers.tolist()}
    for index in manifest.wanted:
        if index not in made:
            yield Finding(
                index, -1, MANIFEST, "manifest", f"scene {index} is not made; generate again to resume"
            )
    there = {name: dict(listed(root / name)) for name in _FOLDERS}
    for entry in manifest.scenes:
        yield from _entry(root, manifest, entry, there)
    yield from _extra(root, there, {entry.slug for entry in manifest.scenes})


def _entry(
    root: Path, manifest: Manifest, entry: SceneEntry, there: Mapping[str, Mapping[str, int]]
) -> Iterator[Finding]:
    """One scene's entry against its record and its files; ``there``: folder -> file -> bytes."""
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
    yield from _files(root, record, wanted, there)


def _agree(entry: SceneEntry, record: CompletionRecord) -> bool:
    total = sum(said.bytes for said in record.files.values())
    told = (record.scene_index, record.slug, record.frames, total)
    return (entry.scene_index, entry.slug, entry.frames, entry.bytes) == told


def _files(
    root: Path, record: CompletionRecord, wanted: Collection[str], there: Mapping[str, Mapping[str, int]]
) -> Iterator[Finding]:
    """A scene's files against its record."""

    def wrong(file: str, name: str, message: str) -> Finding:
        return Finding(record.scene_index, -1, file, name, message)

    for name, said in sorted(record.files.items()):
        folder, _, file = name.rpartition("/")
        found = there.get(folder, {}).get(file)
        if name not in wanted or found is None:
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


def _extra(root: Path, there: Mapping[str, Mapping[str, int]], slugs: Collection[str]) -> Iterator[Finding]:
    """Files and folders that belong to no scene of the manifest."""
    found = [name for name in names(root) if name not in _KNOWN]
    found += [f"tables/{name}" for name in names(root / "tables") if name not in TABLES]
    folder, _, file = QUESTIONS.rpartition("/")
    found += [f"{folder}/{name}" for name in names(root / folder) if name != file]
    for place, suffix in _FOLDERS.items():
        own = (name for name in there[place] if name.endswith(suffix) and name.removesuffix(suffix) in slugs)
        found += [f"{place}/{name}" for name in {*there[place]}.difference(own)]
    for name in sorted(found):
        yield Finding(-1, -1, name, "extra file", "this file belongs to no scene of the manifest")
