"""Someone's file -> a checked entry of a collection. Nothing is written before every check has let it in."""

from __future__ import annotations

import hashlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from pairforge.assets import collection, ingest_module
from pairforge.assets.check import SIZES_M, UNITS_M, licence_verdict, noun_verdict, unit_of, verdicts
from pairforge.assets.collection import Entry
from pairforge.assets.ingest_entry import AXES, COLLISION, Options, axes_verdict, make_entry
from pairforge.assets.ingest_files import Files
from pairforge.assets.ingest_mesh import MESHES, read_mesh
from pairforge.assets.ingest_model import Model, Verdict, extent
from pairforge.assets.ingest_urdf import read_urdf
from pairforge.assets.ingest_usd import USD, read_usd
from pairforge.assets.repair import Findings, repaired
from pairforge.errors import AssetError, did_you_mean
from pairforge.scenes.materials import material

SUFFIXES = (*MESHES, *USD, ".urdf")
LICENCE_FILE = re.compile(r"(?i)(licen[cs]e|copying|copyright|authors|notice)\b.*")
MAX_LICENCE_BYTES = 2**20


@dataclass(frozen=True, eq=False)
class Examined:
    """A file read, repaired and judged. ``entry`` is None when a verdict refuses it."""

    files: Files
    model: Model
    verdicts: tuple[Verdict, ...]
    entry: Entry | None
    collision: str = ""

    @property
    def refused(self) -> tuple[Verdict, ...]:
        return tuple(v for v in self.verdicts if v.level == "refused")


def found_in(path: Path) -> list[Path]:
    """The file itself, or the readable files straight in a folder; meshes that a URDF there uses are its parts."""
    if not path.is_dir():
        return [path]
    files = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES)
    used = set()
    for urdf in (p for p in files if p.suffix.lower() == ".urdf"):
        used |= set(re.findall(r'filename\s*=\s*"(?:[^"]*/)?([^"/]+)"', urdf.read_text("utf-8", "replace")))
    found = [p for p in files if p.name not in used]
    if not found:
        raise AssetError(
            f'"{path}" has no file to add; {", ".join(s[1:].upper() for s in SUFFIXES)} are read'
        )
    return found


def examine(path: Path, options: Options) -> Examined:
    """Reads, repairs and judges one file, writing nothing. AssetError when it cannot be read at all."""
    _check_options(options)
    if not path.is_file():
        beside = sorted(p.name for p in path.parent.glob("*"))[:500] if path.parent.is_dir() else []
        raise AssetError(f'there is no file "{path}". {did_you_mean(path.name, beside)}')
    files = Files(options.root or _root(path))
    model, found = read(files, _below(path, files.root))
    low, high = extent(model) if model.triangle_count else (np.zeros(3), np.zeros(3))
    unit, sized = unit_of(float((high - low).max()), options.semantic, model.metres, options.unit)
    said = [sized, *verdicts(model, found, float((high - low).max()) * UNITS_M[unit])]
    noun = options.noun or _noun(ingest_module.stem(path.name), options.semantic)
    licences = _licences(files.root, path.parent)
    said += [
        noun_verdict(noun, options.noun is None),
        licence_verdict(options.licence, len(licences)),
        axes_verdict(model, options),
    ]
    if any(v.level == "refused" for v in said):
        return Examined(files, model, tuple(said), None)
    entry, more, pieces = make_entry(
        _below(path, files.root), files, model, found, options, unit, noun, licences
    )
    said += more
    return Examined(files, model, tuple(said), entry.model_copy(update={"verdicts": _told(said)}), pieces)


def read(files: Files, main: str) -> tuple[Model, Findings]:
    """The main file of an asset, repaired, and what was repaired. AssetError."""
    readers = {".urdf": read_urdf, **dict.fromkeys(USD, read_usd)}
    return repaired(readers.get(PurePosixPath(main).suffix.lower(), read_mesh)(files, main))


def add(path: Path, to: Path, options: Options, *, replace: bool = False) -> Examined:
    """Examines a file and, when nothing refuses it, keeps it in the collection ``to``. AssetError."""
    seen = examine(path, options)
    if seen.entry is None:
        return seen
    known = collection.read(to) if (to / collection.MANIFEST).exists() else collection.Collection()
    if not replace and any(a.id == seen.entry.id for a in known.assets):
        raise AssetError(f'"{to}" already has "{seen.entry.id}"; give another --name, or --replace')
    if to.exists() and not (to / collection.MANIFEST).exists() and any(to.iterdir()):
        raise AssetError(f'"{to}" is no collection and not empty; name a new folder')
    _keep(seen, to)
    collection.write(to, known.plus(seen.entry))
    return seen


def _keep(seen: Examined, to: Path) -> None:
    """The files as they came, in a folder that appears whole."""
    assert seen.entry is not None
    to.mkdir(parents=True, exist_ok=True)
    making, home = to / f".adding-{seen.entry.id}", to / seen.entry.id
    shutil.rmtree(making, ignore_errors=True)
    try:
        for kept in (*seen.entry.files, *seen.entry.licence_files):
            target = making / kept.path
            target.parent.mkdir(parents=True, exist_ok=True)
            if kept.path == COLLISION and seen.collision:
                target.write_text(seen.collision, encoding="utf-8")
            else:
                target.write_bytes(Files(seen.files.root, {kept.path: kept.sha256}).bytes_of(kept.path))
        if home.exists():
            shutil.rmtree(home)
        making.rename(home)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _told(said: list[Verdict]) -> tuple[str, ...]:
    return tuple(str(v) for v in said if v.level != "ok")


def _root(path: Path) -> Path:
    """The folder an asset's files lie in: the file's own, or the package that has a folder of URDFs."""
    own = path.parent
    return own.parent if path.suffix.lower() == ".urdf" and own.name in ("urdf", "urdfs", "robots") else own


def _below(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        raise AssetError(f'"{path}" does not lie in --root "{root}"') from None


def _noun(stem: str, semantic: str) -> str:
    """ "fork-lift_03" -> "fork lift"; the class where no word is left."""
    words = [
        w.lower() for w in re.findall(r"[A-Z]?[a-z]{2,}|[A-Z]{2,}", re.sub(r"\w*[A-Za-z]\d\w*", " ", stem))
    ]
    return " ".join(words[:3]) or semantic.replace("_", " ")


def _licences(root: Path, beside: Path) -> dict[str, str]:
    """Licence texts in the root or beside the file, by path below the root, with their sha256."""
    found = {}
    folders = dict.fromkeys((root.resolve(), beside.resolve()))
    for path in (p for folder in folders for p in sorted(folder.iterdir()) if LICENCE_FILE.fullmatch(p.name)):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_LICENCE_BYTES:
            name = path.relative_to(root.resolve()).as_posix()
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _check_options(options: Options) -> None:
    """AssetError for options that name what there is not."""
    if not options.licence.strip():
        raise AssetError(
            "--licence is needed: under which licence may the file be used? (SPDX, as in CC-BY-4.0)"
        )
    if options.semantic not in SIZES_M:
        raise AssetError(
            f'no class "{options.semantic}" for things. {did_you_mean(options.semantic, SIZES_M)}'
        )
    if options.unit is not None and options.unit not in UNITS_M:
        raise AssetError(f'unknown unit "{options.unit}". Known: {", ".join(UNITS_M)}.')
    for axis in (options.up, options.front):
        if axis is not None and axis not in AXES:
            raise AssetError(f'"{axis}" is no axis. Known: {", ".join(AXES)}.')
    for number in (options.mass_kg, options.density_kg_m3):
        if number is not None and not 0 < number < 1e6:
            raise AssetError(f"a mass or density of {number:g} cannot be")
    if options.asset_id is not None and not collection.ID.fullmatch(options.asset_id):
        raise AssetError(
            f'"{options.asset_id}" is no id: lower-case letters, digits, "-" and "_", at most 64'
        )
    for kind in options.materials.values():
        material(kind, "white")
