"""dataset.json and the completion records: what a dataset is made from, and which of its scenes are whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pairforge.datasets.files import (
    STAGING,
    clean_stale,
    disk_errors,
    is_file,
    listed,
    make_folder,
    names,
    read_all,
    read_bytes,
    remove,
    sizes,
    write_atomic,
)
from pairforge.datasets.place import place_of
from pairforge.datasets.schema import FORMAT, FORMAT_VERSION
from pairforge.errors import DatasetError

MANIFEST = "dataset.json"
TIMINGS = "timings.json"
APART = (TIMINGS, "plan.json", "farm", "quarantine")
"""At a dataset's root, what clocks and machines decide: never compared, never hashed."""
_PACKAGES = ("pairforge", "bpy", "numpy", "open3d-cpu", "pillow", "pyarrow", "pybullet", "scipy", "trimesh")


M = TypeVar("M", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Identity(_Strict):
    """What decides every byte of every scene. ``spec_source`` is a library name or the file's name without its
    folders, ``spec_sha256`` the hash of the spec, ``overrides`` what --set and ``do`` replaced."""

    scene: str
    spec_source: str
    spec_sha256: str
    overrides: dict[str, Any] = {}
    seed: int
    quality: str
    renderer: str


class FileEntry(_Strict):
    sha256: str
    bytes: int


class CompletionRecord(_Strict):
    """One finished scene: its files (path within the dataset -> hash and size)."""

    scene_index: int = Field(ge=0)
    slug: str = Field(
        pattern=r"^[^/\\.\x00][^/\\\x00]*$"
    )  # part of file names: it must not lead out of the dataset
    frames: int = Field(ge=0)
    files: dict[str, FileEntry]


class Manifest(_Strict):
    """``dataset.json``. ``scene_count`` scenes belong to it, of which ``wanted`` have been asked for so far and
    ``scenes`` are made."""

    format: str
    format_version: int
    identity: Identity
    scene_count: int
    wanted: tuple[int, ...]
    versions: dict[str, str]
    scenes: tuple[CompletionRecord, ...] = ()


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
    asked = tuple(sorted(set(range(scene_count) if only is None else only)))
    fresh = Manifest(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        identity=identity,
        scene_count=scene_count,
        wanted=asked,
        versions=package_versions(),
    )
    with disk_errors(f"create {root}"):
        make_folder(root)
        there = names(root)
    strangers = [name for name in there if name not in (STAGING, ".gitignore", *APART)]
    manifest = fresh
    if MANIFEST in there:
        old = read_manifest(root)
        _refuse_other(root, old, fresh)
        wanted = tuple(sorted({*old.wanted, *asked}))
        count = max(old.scene_count, scene_count)
        manifest = old.model_copy(update={"wanted": wanted, "scene_count": count})
        clean_stale(root)
    elif strangers:
        raise DatasetError(
            f"{root} is not empty and is no dataset (it holds {', '.join(strangers[:3])}). Choose another --out."
        )
    write_atomic(root, root / MANIFEST, _dump(manifest))
    return manifest


def _refuse_other(root: Path, old: Manifest, new: Manifest) -> None:
    """Name everything that differs and would change bytes."""
    before = {**old.identity.model_dump(), **{f"version of {k}": v for k, v in old.versions.items()}}
    after = {**new.identity.model_dump(), **{f"version of {k}": v for k, v in new.versions.items()}}
    differ = [
        f"{k.replace('_', ' ')} was {before.get(k)!r}, now {after.get(k)!r}"
        for k in sorted({*before, *after})
        if before.get(k) != after.get(k)
    ]
    if differ:
        raise DatasetError(
            f"{root} was made from something else: {'; '.join(differ)}. "
            "Choose another --out, or delete that directory to make it anew."
        )


def check_same(root: Path, identity: Identity) -> Manifest:
    """The manifest of the dataset at ``root``; DatasetError when it is missing or would be continued with other bytes
    than ``identity`` and the packages installed here make. Writes nothing."""
    old = read_manifest(root)
    _refuse_other(root, old, old.model_copy(update={"identity": identity, "versions": package_versions()}))
    return old


def read_manifest(root: Path | str) -> Manifest:
    """dataset.json; DatasetError when it is missing, damaged or of another format version."""
    path = place_of(root) / MANIFEST
    if not is_file(path):
        raise DatasetError(f"{root} is no pairforge dataset: it has no {MANIFEST}. Check the path.")
    return parse_manifest(read_bytes(path), str(path))


def parse_manifest(data: bytes, path: str) -> Manifest:
    """The manifest of these bytes, read from ``path``; DatasetError when damaged or of another format version."""
    manifest = _validated(Manifest, data, path)
    if manifest.format != FORMAT or manifest.format_version != FORMAT_VERSION:
        raise DatasetError(
            f"{path} is {manifest.format} version {manifest.format_version}; this pairforge reads {FORMAT} version "
            f"{FORMAT_VERSION}. Install the pairforge that made it ({manifest.versions.get('pairforge', '?')})."
        )
    return manifest


def record_path(root: Path, slug: str) -> Path:
    return root / "records" / f"{slug}.json"


def read_record(path: Path) -> CompletionRecord:
    """One completion record; DatasetError when it is damaged."""
    return _parse(CompletionRecord, path)


def write_record(root: Path, record: CompletionRecord) -> None:
    """The last thing written of a scene: from here on it is made."""
    write_atomic(root, record_path(root, record.slug), _dump(record))


def forget_other(root: Path, record: CompletionRecord) -> None:
    """Remove a scene's record if it says other than ``record``: its files are about to be replaced by others.

    One that says the same stays, so that a scene that two processes make is never without its record again.
    """
    path = record_path(root, record.slug)
    if not is_file(path):
        return
    with suppress(DatasetError):
        if read_record(path) == record:
            return
    remove(path)


def read_records(root: Path) -> tuple[CompletionRecord, ...]:
    """All completion records, by scene index; DatasetError when one is damaged."""
    found = [_validated(CompletionRecord, _or_raise(data), str(path)) for path, data in _record_bytes(root)]
    return tuple(sorted(found, key=lambda r: r.scene_index))


def done(root: Path | str) -> set[int]:
    """Scenes that are whole: a readable record, and all its files there with their sizes."""
    root = place_of(root)
    records = []
    for path, data in _record_bytes(root):
        with suppress(DatasetError):
            records.append(_validated(CompletionRecord, _or_raise(data), str(path)))
    there: dict[str, int] = {}
    for folder in sorted({name.rpartition("/")[0] for r in records for name in r.files}):
        there |= {f"{folder}/{name}": size for name, size in listed(root / folder)}
    whole = (r for r in records if all(there.get(n) == e.bytes for n, e in r.files.items()))
    return {r.scene_index for r in whole}


def _record_bytes(root: Path) -> Iterator[tuple[Path, bytes | DatasetError]]:
    paths = [
        root / "records" / name for name, _ in sorted(listed(root / "records")) if name.endswith(".json")
    ]
    yield from zip(paths, read_all(paths), strict=True)


def _or_raise(data: bytes | DatasetError) -> bytes:
    if isinstance(data, DatasetError):
        raise data
    return data


def is_whole(root: Path, slug: str) -> bool:
    """Whether one scene is made: its record readable, its files there with their sizes. Nothing else is read."""
    path = record_path(root, slug)
    try:
        record = read_record(path)
    except DatasetError:
        return False
    there = sizes(root / name for name in record.files)
    return there == [entry.bytes for entry in record.files.values()]


def finish(root: Path | str, timings: Mapping[int, Mapping[str, float]] | None = None) -> Manifest:
    """Merge the completion records into dataset.json: the same bytes whatever the order or number of workers.

    ``timings``: scene index -> stage -> seconds, kept apart in timings.json, since clocks differ from run to run.
    """
    root = place_of(root)
    manifest = read_manifest(root)
    whole = done(root)
    records = tuple(r for r in read_records(root) if r.scene_index in whole)
    manifest = manifest.model_copy(update={"scenes": records})
    write_atomic(root, root / MANIFEST, _dump(manifest))
    if timings:
        _merge_timings(root, timings)
    return manifest


def ask_for(root: Path, wanted: Iterable[int]) -> Manifest:
    """Say anew which scenes of the dataset are asked for; ``verify`` misses those of them that are not there."""
    manifest = read_manifest(root)
    asked = tuple(sorted({*wanted}))
    if manifest.wanted != asked:
        manifest = manifest.model_copy(update={"wanted": asked})
        write_atomic(root, root / MANIFEST, _dump(manifest))
    return manifest


def settle(root: Path | str) -> Manifest:
    """``finish``, for a dataset whose number of scenes shows only as it is made: what is made is all of it."""
    root = place_of(root)
    manifest = finish(root)
    made = tuple(s.scene_index for s in manifest.scenes)
    manifest = manifest.model_copy(update={"wanted": made, "scene_count": max(made, default=-1) + 1})
    write_atomic(root, root / MANIFEST, _dump(manifest))
    return manifest


def read_timings(root: Path | str) -> dict[int, dict[str, float]]:
    """Seconds by scene and stage; empty when none were kept."""
    path = place_of(root) / TIMINGS
    if not is_file(path):
        return {}
    try:
        return {int(k): {s: float(x) for s, x in v.items()} for k, v in json.loads(read_bytes(path)).items()}
    except (ValueError, AttributeError, TypeError):
        return {}


def _merge_timings(root: Path, timings: Mapping[int, Mapping[str, float]]) -> None:
    merged = read_timings(root) | {k: dict(v) for k, v in timings.items()}
    text = json.dumps({str(k): merged[k] for k in sorted(merged)}, indent=1)
    write_atomic(root, root / TIMINGS, (text + "\n").encode())


def _dump(model: BaseModel) -> bytes:
    return (
        json.dumps(model.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    ).encode()


def _parse(kind: type[M], path: Path) -> M:
    return _validated(kind, read_bytes(path), str(path))


def _validated(kind: type[M], data: bytes, path: str) -> M:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(x) for x in first["loc"])
        raise DatasetError(
            f"{path} is damaged: {place}: {first['msg']}. Generate the dataset again."
        ) from error
