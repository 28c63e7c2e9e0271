"""A collection: a folder of the user's with assets.json and, in a folder each, the files of its assets as they came.

Nothing derived is kept but collision pieces: a shape is made from the original files at every load, and every file
must have the sha256 it had when it was added.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pairforge.errors import AssetError, did_you_mean, first_fault

MANIFEST = "assets.json"
SEARCH = "PAIRFORGE_ASSETS"
"""Environment variable: folders, apart by colons, in which collections are looked for after the working folder."""
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
Axis = Literal["x", "-x", "y", "-y", "z", "-z"]


class Kept(BaseModel):
    """A file of an asset: its path below the asset's folder and what it held when it was added."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(min_length=1)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class JointRange(BaseModel):
    """A joint that moves: radians (metres for "prismatic")."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: str
    lower: float
    upper: float


class Entry(BaseModel):
    """One asset. ``main`` is the file to read; ``unit_m`` what one unit of it is in metres; ``size_m`` and
    ``mass_kg`` are of the thing at rest; ``materials`` maps a material of the file to a kind pairforge knows;
    ``paint`` is the material that takes the colour of a spec."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=f"^{ID.pattern}$")
    semantic: str
    noun: str = Field(min_length=1)
    source: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    main: str = Field(min_length=1)
    unit: str
    unit_m: float = Field(gt=0, allow_inf_nan=False)
    up: Axis
    front: Axis
    has_front: bool
    size_m: tuple[float, float, float]
    mass_kg: float = Field(gt=0, allow_inf_nan=False)
    mass_from: str
    triangles: int = Field(ge=1)
    paint: str
    materials: dict[str, str] = Field(default_factory=dict)
    joints: tuple[JointRange, ...] = ()
    collision: str = ""
    files: tuple[Kept, ...] = Field(min_length=1)
    licence_files: tuple[Kept, ...] = ()
    verdicts: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Of all that a scene takes from it: file contents, scale, axes, mass, materials, words."""
        told = self.model_dump(mode="json", exclude={"id", "source", "licence", "licence_files", "verdicts"})
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @property
    def largest_m(self) -> float:
        return max(self.size_m)


class Collection(BaseModel):
    """All assets of a folder, by id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    assets: tuple[Entry, ...] = ()

    def entry(self, asset_id: str, folder: str = "the collection") -> Entry:
        """The asset of that id; AssetError with a suggestion when there is none."""
        for entry in self.assets:
            if entry.id == asset_id:
                return entry
        raise AssetError(
            f'there is no asset "{asset_id}" in {folder}. {did_you_mean(asset_id, [a.id for a in self.assets])}'
        )

    def plus(self, entry: Entry) -> Collection:
        """With one more (or in place of the one of its id), sorted."""
        others = [a for a in self.assets if a.id != entry.id]
        return Collection(assets=tuple(sorted((*others, entry), key=lambda a: a.id)))


def read(folder: Path) -> Collection:
    """The collection in a folder. AssetError says which entry is wrong."""
    path = folder / MANIFEST
    try:
        stat = path.stat()
        return _read(path, stat.st_mtime_ns, stat.st_size)
    except OSError as error:
        raise AssetError(
            f'"{path}" cannot be read: {error.strerror}. pairforge assets add makes it.'
        ) from None


@lru_cache(maxsize=32)
def _read(path: Path, mtime_ns: int, size: int) -> Collection:
    try:
        return Collection.model_validate_json(path.read_bytes())
    except ValidationError as error:
        where, said = first_fault(error)
        raise AssetError(f"{path}, {where or 'the file'}: {said}") from None


def write(folder: Path, collection: Collection) -> None:
    """Replaces assets.json whole."""
    beside = folder / f".{MANIFEST}.{os.getpid()}"
    text = json.dumps(collection.model_dump(mode="json"), indent=1, ensure_ascii=False)
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(folder / MANIFEST)


def locate(folder: str) -> Path:
    """Where a collection named in a spec is: below the working folder, else below those of PAIRFORGE_ASSETS."""
    tried = [Path(folder), *(Path(base) / folder for base in os.environ.get(SEARCH, "").split(":") if base)]
    for path in tried:
        if (path / MANIFEST).is_file():
            return path.resolve()
    where = ", ".join(f'"{p.absolute()}"' for p in tried)
    raise AssetError(
        f'there is no collection "{folder}" ({MANIFEST}): looked in {where}. Make it with pairforge assets add, or '
        f"name the folder that holds it in {SEARCH}."
    )


def split(name: str) -> tuple[str, str]:
    """ "parts:forklift" -> ("parts", "forklift"); AssetError when it is not FOLDER:ID."""
    folder, colon, asset_id = name.rpartition(":")
    if not (folder and colon and ID.fullmatch(asset_id)):
        raise AssetError(f'"{name}" is not FOLDER:ID, as in shape="my_assets:forklift"')
    return folder, asset_id
