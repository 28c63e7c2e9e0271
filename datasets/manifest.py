"""dataset.json: what a dataset is made from, and which of its scenes are asked for and made.

Which are made stands in index.parquet beside it (``datasets.scene_index``), which ``finish`` merges from the
completion records (``datasets.records``). Each of the two is replaced as a whole and needs no word of the other, so
that a reader never meets halves of two states, whoever finishes, dies or finishes at the same time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import Field

from pairforge.datasets.files import (
    STAGING,
    clean_stale,
    disk_errors,
    is_file,
    make_folder,
    names,
    read_bytes,
    write_atomic,
)
from pairforge.datasets.place import place_of
from pairforge.datasets.ranges import Ranges
from pairforge.datasets.records import Strict, dumped, parsed, whole_scenes
from pairforge.datasets.scene_index import INDEX, NONE, Scenes, read_index, write_index
from pairforge.datasets.schema import FORMAT, FORMAT_VERSION
from pairforge.errors import DatasetError

MANIFEST = "dataset.json"
APART = ("timings.parquet", "timings.json", "plan.json", "farm", "quarantine")
"""At a dataset's root, what clocks and machines decide: never compared, never hashed."""
_PACKAGES = ("pairforge", "bpy", "numpy", "open3d-cpu", "pillow", "pyarrow", "pybullet", "scipy", "trimesh")


class Identity(Strict):
    """What decides every byte of every scene. ``spec_source`` is a library name or the file's name without its
    folders, ``spec_sha256`` the hash of the spec, ``overrides`` what --set and ``do`` replaced."""

    scene: str
    spec_source: str
    spec_sha256: str
    overrides: dict[str, Any] = Field(default_factory=dict)
    seed: int
    quality: str
    renderer: str


class _File(Strict):
    """``dataset.json`` as it stands on disk: numbers of scenes as (first, last) pairs."""

    format: str
    format_version: int
    identity: Identity
    scene_count: int
    wanted: tuple[tuple[int, int], ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class Manifest:
    """What ``dataset.json`` and ``index.parquet`` say. ``scene_count`` scenes belong to the dataset, of which
    ``wanted`` have been asked for so far and ``scenes`` are made."""

    identity: Identity
    scene_count: int
    wanted: Ranges
    versions: dict[str, str]
    scenes: Scenes = NONE


def slug_of(scene: str, scene_index: int) -> str:
    """Name of a scene's files.

    >>> slug_of("driving.street", 3)
    'driving-street-000003'
    """
    return f"{scene.replace('.', '-').replace('/', '-')}-{scene_index:06d}"


def package_versions() -> dict[str, str]:
    """Versions of the packages whose output reaches disk."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def create_or_check(
    root: Path | str, identity: Identity, scene_count: int, only: Iterable[int] | None = None
) -> Manifest:
    """Start a dataset, or make sure that ``root`` is the same one and may be continued.

    More scenes or other ``only`` indices may be asked for later; anything else that differs raises DatasetError
    and leaves the directory as it was. Raises MachineError when it cannot be written.
    """
    root = place_of(root)
    asked = Ranges.of(range(scene_count) if only is None else only)
    fresh = Manifest(identity, scene_count, asked, package_versions())
    with disk_errors(f"create {root}"):
        make_folder(root)
        there = names(root)
    strangers = [name for name in there if name not in (STAGING, ".gitignore", *APART)]
    manifest = fresh
    if MANIFEST in there:
        old = read_manifest(root)
        _refuse_other(root, old, fresh)
        manifest = replace(old, wanted=old.wanted | asked, scene_count=max(old.scene_count, scene_count))
        clean_stale(root)
    elif strangers:
        raise DatasetError(
            f"{root} is not empty and is no dataset (it holds {', '.join(strangers[:3])}). Choose another --out."
        )
    _write(root, manifest)
    return manifest


def _refuse_other(root: Path, old: Manifest, new: Manifest) -> None:
    """Name everything that differs and would change bytes."""
    before = {**old.identity.model_dump(), **{f"version of {k}": v for k, v in old.versions.items()}}
    after = {**new.identity.model_dump(), **{f"version of {k}": v for k, v in new.versions.items()}}
    differ = [
        _difference(k, before.get(k), after.get(k))
        for k in sorted({*before, *after})
        if before.get(k) != after.get(k)
    ]
    if differ:
        raise DatasetError(
            f"{root} was made from something else: {'; '.join(differ)}. "
            "Choose another --out, or delete that directory to make it anew."
        )


def _difference(name: str, before: object, after: object) -> str:
    """What was otherwise, in words."""
    if name == "spec_sha256":
        return f"the spec's text has changed since (sha256 {str(before)[:12]}…, now {str(after)[:12]}…)"
    return f"{name.replace('_', ' ')} was {before!r}, now {after!r}"


def check_same(root: Path, identity: Identity) -> Manifest:
    """The manifest of the dataset at ``root``; DatasetError when it is missing or would be continued with other bytes
    than ``identity`` and the packages installed here make. Writes nothing."""
    old = read_manifest(root)
    _refuse_other(root, old, replace(old, identity=identity, versions=package_versions()))
    return old


def read_manifest(root: Path | str) -> Manifest:
    """dataset.json with the index of scenes; DatasetError when missing, damaged or of another format version."""
    root = place_of(root)
    if not is_file(root / MANIFEST):
        raise DatasetError(f"{root} is no pairforge dataset: it has no {MANIFEST}. Check the path.")
    index = read_bytes(root / INDEX) if is_file(root / INDEX) else None
    return parse_manifest(read_bytes(root / MANIFEST), index, str(root))


def parse_manifest(data: bytes, index: bytes | None, root: str) -> Manifest:
    """The manifest of these bytes of dataset.json and of index.parquet (None: no scene is finished yet), read from
    ``root``; DatasetError when damaged or of another format version."""
    path = f"{root}/{MANIFEST}"
    _check_version(data, path)
    file = parsed(_File, data, path)
    try:
        wanted = Ranges(file.wanted)
    except ValueError as error:
        raise DatasetError(f"{path} is damaged: wanted: {error}. Generate the dataset again.") from error
    scenes = NONE if index is None else read_index(index, f"{root}/{INDEX}")
    return Manifest(file.identity, file.scene_count, wanted, file.versions, scenes)


def _check_version(data: bytes, path: str) -> None:
    """Says so of a file that another version wrote, whatever else it holds."""
    try:
        said = json.loads(data)
        found = (said["format"], said["format_version"])
        by = said["versions"].get("pairforge", "?")
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # the model says what is wrong
    if found != (FORMAT, FORMAT_VERSION):
        raise DatasetError(
            f"{path} is {found[0]} version {found[1]}; this pairforge reads {FORMAT} version {FORMAT_VERSION}. "
            f"Install the pairforge that made it ({by}), or generate it again."
        )


def _write(root: Path, manifest: Manifest) -> None:
    file = _File(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        identity=manifest.identity,
        scene_count=manifest.scene_count,
        wanted=manifest.wanted.pairs,
        versions=manifest.versions,
    )
    write_atomic(root, root / MANIFEST, dumped(file))


def done(root: Path | str) -> set[int]:
    """Scenes that are whole: a readable record, and all its files there with their sizes."""
    with disk_errors(f"look through {root}"):
        return {entry.scene_index for entry in whole_scenes(place_of(root))}


def finish(root: Path | str) -> Manifest:
    """Merge the completion records into index.parquet: the same bytes whatever the order or number of workers.

    Time and memory: ``datasets.records.whole_scenes``. Raises DatasetError, MachineError.
    """
    root = place_of(root)
    manifest = read_manifest(root)
    with disk_errors(f"finish {root}", root):
        write_index(root, whole_scenes(root))
    return replace(manifest, scenes=read_index(read_bytes(root / INDEX), f"{root}/{INDEX}"))


def ask_for(root: Path, wanted: Iterable[int]) -> Manifest:
    """Say anew which scenes of the dataset are asked for; ``verify`` misses those of them that are not there."""
    manifest = read_manifest(root)
    asked = Ranges.of(wanted)
    if manifest.wanted != asked:
        manifest = replace(manifest, wanted=asked)
        _write(root, manifest)
    return manifest


def settle(root: Path | str) -> Manifest:
    """``finish``, for a dataset whose number of scenes shows only as it is made: what is made is all of it."""
    root = place_of(root)
    manifest = finish(root)
    made = Ranges.of(manifest.scenes.numbers.tolist())
    manifest = replace(manifest, wanted=made, scene_count=max(made, default=-1) + 1)
    _write(root, manifest)
    return manifest
