"""Mesh files (OBJ, GLB, glTF, STL, PLY, OFF) through trimesh, as one link of triangles and surfaces."""

from __future__ import annotations

import importlib.util
import io
import json
import logging
import struct
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import trimesh

from pairforge.assets import ingest_module
from pairforge.assets.ingest_colour import GREY, surfaces_of
from pairforge.assets.ingest_files import Files
from pairforge.assets.ingest_image import IMAGES, panel
from pairforge.assets.ingest_model import I64, Link, Model, Surface, Triangles, Verdict
from pairforge.errors import AssetError
from pairforge.frames import F64

AXES = {".obj": ("y", "z"), ".glb": ("y", "z"), ".gltf": ("y", "z"), ".stl": ("z", "x"), ".ply": ("z", "x")}
"""Suffix -> up and front axis: glTF's by its specification, the others by common use."""
MESHES = tuple(AXES)
GLTF = (".glb", ".gltf")
MAX_TRIANGLES = 500_000
MAX_PIECES = 2_000
_MAX_NUMBERS = 64 * 2**20
DRACO = "KHR_draco_mesh_compression"
_PLAIN = Surface("", (1.0, 1.0, 1.0))


def read_mesh(files: Files, path: str) -> Model:
    """The mesh file at ``path`` below the root of ``files``. AssetError says what is wrong and the remedy."""
    content, suffix = files.bytes_of(path) if _known(path) else b"", PurePosixPath(path).suffix.lower()
    if not content:
        raise AssetError(f'"{path}" is empty')
    if suffix == ingest_module.SUFFIX:
        content, suffix = ingest_module.unpacked(content, path)
    if suffix in IMAGES:
        return panel(content, path)
    if suffix in GLTF:
        _vet_gltf(content, path)
    missing = len(files.missing)
    scene = _loaded(content, suffix, files, path)
    triangles, surfaces, notes = _joined(scene, path, linear=suffix in GLTF)
    notes += _missing_notes(files.missing[missing:])
    up, front = AXES[suffix]
    link = Link(ingest_module.stem(path), triangles)
    return Model((link,), surfaces, up, front, suffix in GLTF, notes=tuple(notes))


def _known(path: str) -> bool:
    """True for a file that is read by its suffix; AssetError for any other."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix not in (*MESHES, *IMAGES, ingest_module.SUFFIX):
        raise AssetError(
            f'"{path}": {suffix or "a file without a suffix"} is not read; save it as '
            f"{', '.join(s[1:].upper() for s in MESHES)}, USD or URDF"
        )
    return True


def _missing_notes(missing: list[str]) -> list[Verdict]:
    names = ", ".join(dict.fromkeys(missing))[:200]
    return [Verdict("files", "note", f"not found, so its colours are guessed: {names}")] if missing else []


@contextmanager
def _quiet() -> Iterator[None]:
    """trimesh logs what it also raises; and numpy only warns of text that stops being numbers half way."""
    log = logging.getLogger("trimesh")
    before = log.disabled
    log.disabled = True
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", message=".*could not be read to its end.*")
            yield
    finally:
        log.disabled = before


def _loaded(content: bytes, suffix: str, files: Files, path: str) -> Any:
    """trimesh's scene of the file. Whatever a damaged file makes it raise becomes an AssetError."""
    try:
        with _quiet():
            return trimesh.load_scene(
                io.BytesIO(content),
                file_type=suffix[1:],
                resolver=files.beside(path),
                allow_remote=False,
                process=False,
            )
    except AssetError:
        raise
    except (Exception, MemoryError) as error:
        what = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise AssetError(
            f'"{path}" cannot be read as {suffix[1:].upper()}: {what}. Open it in Blender and export it again.'
        ) from None


def _joined(scene: Any, path: str, *, linear: bool) -> tuple[Triangles, tuple[Surface, ...], list[Verdict]]:
    """All triangle meshes of a scene, where its graph puts them."""
    vertices: list[F64] = []
    faces: list[I64] = []
    index: list[I64] = []
    uvs: list[F64 | None] = []
    surfaces: list[Surface] = []
    notes: list[Verdict] = []
    start = total = 0
    names = list(scene.graph.nodes_geometry)
    if len(names) > MAX_PIECES:
        raise AssetError(f'"{path}" has {len(names)} pieces; {MAX_PIECES} is the most. Join them.')
    for name in names:
        matrix, geometry_name = scene.graph[name]
        geometry = scene.geometry[geometry_name]
        if not isinstance(geometry, trimesh.Trimesh) or not len(geometry.faces):
            continue
        total += len(geometry.faces)
        if total > MAX_TRIANGLES:
            raise AssetError(
                f'"{path}" has more than {MAX_TRIANGLES} triangles. Reduce it (Blender: the Decimate modifier) and '
                "add it again."
            )
        points, corners = _placed(geometry, matrix, path)
        looks, which, uv = _surfaces(geometry, corners, geometry_name, linear, notes)
        vertices.append(points)
        faces.append(corners + start)
        index.append(which + len(surfaces))
        uvs.append(uv)
        surfaces += looks
        start += len(points)
    if not faces:
        raise AssetError(f'"{path}" holds no triangles. Export a mesh, not curves, points or an empty scene.')
    merged, order = merged_surfaces(surfaces)
    joined = Triangles(
        np.concatenate(vertices), np.concatenate(faces), order[np.concatenate(index)], joined_uv(faces, uvs)
    )
    return joined, merged, notes


def joined_uv(faces: Sequence[I64], uvs: Sequence[F64 | None]) -> F64 | None:
    """Texture coordinates (F, 3, 2) of pieces laid end to end, 0 where a piece has none; None where none has."""
    if all(uv is None for uv in uvs):
        return None
    parts = [np.zeros((len(f), 3, 2)) if uv is None else uv for f, uv in zip(faces, uvs, strict=True)]
    return np.concatenate(parts)


def _placed(geometry: Any, matrix: Any, path: str) -> tuple[F64, I64]:
    """Vertices and faces in the scene; AssetError for numbers that are none and corners that are not there."""
    points = np.asarray(geometry.vertices, dtype=np.float64).reshape(-1, 3)
    corners = np.asarray(geometry.faces, dtype=np.int64).reshape(-1, 3)
    matrix = np.asarray(matrix, dtype=np.float64)
    if corners.min() < 0 or corners.max() >= len(points):
        raise AssetError(f'"{path}": a face names vertex {int(corners.max())}, but there are {len(points)}')
    with np.errstate(all="ignore"):
        used = points[corners] @ matrix[:3, :3].T + matrix[:3, 3]
        points = points @ matrix[:3, :3].T + matrix[:3, 3]
    bad = ~(np.abs(used) < 1e9).all(axis=(1, 2))
    if bad.any():
        raise AssetError(
            f'"{path}": {int(bad.sum())} of {len(bad)} triangles have a corner that is not a finite number below '
            "1e9. Export the mesh again."
        )
    points = np.where(np.isfinite(points), points, 0.0)
    if np.linalg.det(matrix[:3, :3]) < 0:
        corners = corners[:, ::-1]
    return points, np.ascontiguousarray(corners)


def _surfaces(
    geometry: Any, faces: I64, name: str, linear: bool, notes: list[Verdict]
) -> tuple[list[Surface], I64, F64 | None]:
    """Surfaces of one geometry; one whose texture or colours cannot be read is grey, with a note."""
    try:
        return surfaces_of(geometry.visual, faces, name, linear=linear)
    except (AssetError, IndexError, ValueError, TypeError, AttributeError) as error:
        notes.append(Verdict("texture", "note", f'"{name}" is grey: {error}'[:200]))
        return [Surface(name[:80], GREY)], np.zeros(len(faces), np.int64), None


def merged_surfaces(surfaces: list[Surface]) -> tuple[tuple[Surface, ...], I64]:
    """Equal surfaces once, and where each went."""
    slots: dict[Surface, int] = {}
    order = [slots.setdefault(s, len(slots)) for s in surfaces]
    return tuple(slots), np.array(order, dtype=np.int64)


def _vet_gltf(content: bytes, path: str) -> None:
    """AssetError for a glTF that says it is more than it can be: counts, graphs that are no trees."""
    try:
        tree = json.loads(_gltf_json(content))
        packed = DRACO in tree.get("extensionsRequired", ())
        numbers = sum(int(a["count"]) for a in tree.get("accessors", ()))
        negative = any(int(a["count"]) < 0 for a in tree.get("accessors", ()))
        children = [int(c) for node in tree.get("nodes", ()) for c in node.get("children", ())]
        size = len(tree.get("nodes", ()))
    except (ValueError, KeyError, TypeError, AttributeError, struct.error, RecursionError) as error:
        raise AssetError(f'"{path}" is no glTF file: {type(error).__name__}: {error}'[:300]) from None
    if packed and importlib.util.find_spec("DracoPy") is None:
        raise AssetError(f'"{path}" is packed by Draco; pip install "pairforge[assets]" brings what reads it')
    if numbers > _MAX_NUMBERS or negative:
        raise AssetError(f'"{path}" announces {numbers} numbers; {_MAX_NUMBERS} is the most')
    if len(set(children)) != len(children) or any(not 0 <= c < size for c in children):
        raise AssetError(f'"{path}": its nodes are no tree (a node has two parents, or is not there)')
    if size and len(children) == size:
        raise AssetError(f'"{path}": its nodes go round in a circle')


def _gltf_json(content: bytes) -> bytes:
    if content[:4] != b"glTF":
        return content
    length, kind = struct.unpack_from("<II", content, 12)
    if kind != 0x4E4F534A or 20 + length > len(content):
        raise ValueError("its JSON chunk is cut short")
    return content[20 : 20 + length]
