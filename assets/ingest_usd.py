"""USD files (usd, usda, usdc, usdz) as one link of triangles and surfaces, read in a process of its own."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from pairforge.assets.ingest_colour import GREY, texture_of
from pairforge.assets.ingest_files import MAX_FILE_BYTES, MAX_FILES, Files, normal
from pairforge.assets.ingest_image import open_picture
from pairforge.assets.ingest_mesh import MAX_PIECES, MAX_TRIANGLES, joined_uv, merged_surfaces
from pairforge.assets.ingest_model import I64, Link, Model, Surface, Triangles, Verdict
from pairforge.errors import AssetError
from pairforge.frames import F64
from pairforge.scratch import scratch

USD = (".usd", ".usda", ".usdc", ".usdz")
PATIENCE_S = 120.0


def read_usd(files: Files, path: str) -> Model:
    """The stage at ``path`` below the root of ``files``, at its first time sample. AssetError."""
    if importlib.util.find_spec("pxr") is None:
        raise AssetError(f'"{path}": USD is read by usd-core; pip install "pairforge[assets]" brings it')
    with scratch("usd") as home:
        folder, out = home / "stage", home / "out.npz"
        folder.mkdir()
        packed = path.lower().endswith(".usdz")
        main = _unzipped(files.bytes_of(path), folder, path) if packed else path
        if not packed:
            _copy(files, path, folder)
        said = json.loads(_worker(folder, main, out, path))
        while "needs" in said:
            for name in said["needs"]:
                if packed or PurePosixPath(name).suffix.lower() not in USD[:3]:
                    raise AssetError(
                        f'"{path}" is composed of "{name}", which is not in it or no layer. Flatten it.'
                    )
                _copy(files, normal(name), folder)
            said = json.loads(_worker(folder, main, out, path))
        with np.load(out, allow_pickle=False) as arrays:
            return _model(said, dict(arrays), _Pictures(files, path, folder), path)


def _copy(files: Files, layer: str, folder: Path) -> None:
    """A layer copied below ``folder`` as it lies below the root, where ``files`` lets it be read."""
    content = files.bytes_of(layer)
    target = folder / layer
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _unzipped(content: bytes, folder: Path, path: str) -> str:
    """The members of a usdz package, and the name of its first, which is its stage."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = [m for m in package.infolist() if not m.is_dir()]
            if not members or len(members) > MAX_FILES or sum(m.file_size for m in members) > MAX_FILE_BYTES:
                raise AssetError(
                    f'"{path}" holds no member, or too many, or more than {MAX_FILE_BYTES >> 20} MiB'
                )
            for member in members:
                target = (folder / member.filename).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise AssetError(f'"{path}" holds "{member.filename}", which leads out of it')
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(package.read(member))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise AssetError(f'"{path}" is no usdz package: {error}') from None
    return members[0].filename


def _worker(folder: Path, main: str, out: Path, path: str) -> str:
    """What the reading process prints. AssetError when it fails, crashes or takes too long."""
    command = [sys.executable, "-m", "pairforge.assets.usd_worker", str(folder), main, str(out)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise AssetError(f'"{path}" takes more than {PATIENCE_S:.0f} s to read') from None
    if done.returncode:
        lines = [
            line for line in done.stderr.strip().splitlines() if "rror" in line
        ] or done.stderr.splitlines()
        why = lines[-1].strip()[-200:] if lines else f"the reader ended with {done.returncode}"
        raise AssetError(f'"{path}" cannot be read as USD: {why}. Check it with usdchecker.')
    return done.stdout.strip().splitlines()[-1]


class _Pictures:
    """Textures that materials name: in the package, or beside the layer below the root."""

    def __init__(self, files: Files, path: str, folder: Path) -> None:
        self._files, self._path, self._folder = files, path, folder
        self._packed = path.lower().endswith(".usdz")
        self.missing: list[str] = []

    def open(self, name: str) -> Any:
        """The picture, or None with a note when it is not there or cannot be read."""
        where = normal((PurePosixPath(self._path).parent / name.replace("\\", "/")).as_posix())
        try:
            if self._packed:
                inside = (self._folder / normal(name)).resolve()
                if not inside.is_relative_to(self._folder.resolve()):
                    raise AssetError(f'"{name}" leads out of the package')
                return open_picture(inside.read_bytes())
            return open_picture(self._files.bytes_of(where))
        except (AssetError, OSError, ValueError) as error:
            self.missing.append(f"{name} ({error})"[:120])
            return None


def _model(said: dict[str, Any], arrays: dict[str, Any], pictures: _Pictures, path: str) -> Model:
    count = len(said["pieces"])
    if not count:
        raise AssetError(f'"{path}" holds no mesh. Export meshes, not curves, points or an empty stage.')
    if count > MAX_PIECES or sum(len(arrays[f"{k}.faces"]) for k in range(count)) > MAX_TRIANGLES:
        raise AssetError(
            f'"{path}" has more than {MAX_PIECES} meshes or {MAX_TRIANGLES} triangles. Reduce it.'
        )
    points: list[F64] = [np.asarray(arrays[f"{k}.points"]) for k in range(count)]
    if not all((np.abs(p) < 1e9).all() for p in points):
        raise AssetError(f'"{path}": a point is not a finite number below 1e9. Export it again.')
    starts = np.cumsum([0, *(len(p) for p in points[:-1])])
    faces: list[I64] = [np.asarray(arrays[f"{k}.faces"]) for k in range(count)]
    uvs: list[F64 | None] = [arrays.get(f"{k}.uv") for k in range(count)]
    surfaces: list[Surface] = []
    index: list[I64] = []
    for k, piece in enumerate(said["pieces"]):
        index.append(np.asarray(arrays[f"{k}.material"]) + len(surfaces))
        surfaces += [_surface(m, piece, uvs[k], pictures) for m in piece["materials"]]
    merged, order = merged_surfaces(surfaces)
    triangles = Triangles(
        np.concatenate(points),
        np.concatenate([f + s for f, s in zip(faces, starts, strict=True)]),
        order[np.concatenate(index)],
        joined_uv(faces, uvs),
    )
    notes = []
    if pictures.missing:
        notes.append(Verdict("files", "note", f"textures not found: {', '.join(pictures.missing)}"[:300]))
    if said["instancers"]:
        notes.append(
            Verdict("pieces", "note", f"{said['instancers']} point instancers are left out: flatten them")
        )
    up, front = ("z", "x") if said["up"] == "Z" else ("y", "z")
    return Model((Link(PurePosixPath(path).stem, triangles),), merged, up, front, True, notes=tuple(notes))


def _surface(
    material: dict[str, Any] | None, piece: dict[str, Any], uv: F64 | None, pictures: _Pictures
) -> Surface:
    """A UsdPreviewSurface (its colours are linear), else the display colour, else grey."""
    plain = _rgb(piece["colour"]) if piece["colour"] else GREY
    if material is None:
        return Surface("plain", plain)
    colour = _rgb(material["diffuseColor"]) if "diffuseColor" in material else plain
    picture = pictures.open(material["texture"]) if "texture" in material and uv is not None else None
    return Surface(
        str(material["name"])[:80],
        (1.0, 1.0, 1.0) if picture is not None else colour,
        float(np.clip(material.get("roughness", 0.5), 0.05, 1.0)),
        float(np.clip(material.get("metallic", 0.0), 0.0, 1.0)),
        None if picture is None or uv is None else texture_of(picture, np.where(np.abs(uv) < 1e6, uv, 0.0)),
    )


def _rgb(values: list[float]) -> tuple[float, float, float]:
    r, g, b = (round(float(np.clip(np.nan_to_num(v), 0.0, 1.0)), 5) for v in values[:3])
    return r, g, b
