"""The USD reader's own process: ``python -m pairforge.assets.usd_worker FOLDER MAIN OUT``.

OpenUSD is native code and files are strangers': what it may crash is this process alone. It opens nothing outside
FOLDER, to which the caller copies what it allows; OUT gets the triangles (npz), standard output the rest (JSON).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pxr import Sdf, Usd, UsdGeom, UsdShade

I64 = NDArray[np.int64]
MAX_CORNERS = 8_000_000


def needs(folder: Path, main: str) -> list[str]:
    """Layers that the stage is composed of and that are not in the folder, by their path below it."""
    todo, seen = [main], {main}
    missing: list[str] = []
    while todo:
        name = todo.pop()
        layer = Sdf.Layer.FindOrOpen(str(folder / name))
        if layer is None:
            raise ValueError(f"{name}: error: it is no USD layer")
        for other in sorted({str(n) for n in layer.GetCompositionAssetDependencies()}):
            path = os.path.normpath(os.path.join(os.path.dirname(name), other.replace("\\", "/")))
            if path in seen:
                continue
            seen.add(path)
            inside = not os.path.isabs(path) and not path.startswith("..") and (folder / path).is_file()
            (todo if inside else missing).append(path)
    return missing


def pieces(stage: Usd.Stage) -> Iterator[tuple[dict[str, Any], dict[str, NDArray[Any]]]]:
    """Every visible mesh of the stage in the world: what it says, and its arrays."""
    scale = float(UsdGeom.GetStageMetersPerUnit(stage))
    for prim in stage.Traverse(Usd.TraverseInstanceProxies()):
        if not prim.IsA(UsdGeom.Mesh):
            continue
        imageable = UsdGeom.Imageable(prim)
        if imageable.ComputeVisibility() == UsdGeom.Tokens.invisible:
            continue
        if imageable.ComputePurpose() not in (UsdGeom.Tokens.default_, UsdGeom.Tokens.render):
            continue
        found = _mesh(UsdGeom.Mesh(prim), scale)
        if found is not None:
            yield found


def _mesh(mesh: Any, scale: float) -> tuple[dict[str, Any], dict[str, NDArray[Any]]] | None:
    points, counts, corners = (
        np.asarray(attribute.Get(Usd.TimeCode.EarliestTime()))
        for attribute in (
            mesh.GetPointsAttr(),
            mesh.GetFaceVertexCountsAttr(),
            mesh.GetFaceVertexIndicesAttr(),
        )
    )
    if points.ndim != 2 or counts.ndim != 1 or corners.ndim != 1 or not len(counts):
        return None
    if len(corners) > MAX_CORNERS or counts.min() < 3 or int(counts.sum()) != len(corners):
        raise ValueError(f"{mesh.GetPath()}: its face counts do not add up")
    if corners.min() < 0 or corners.max() >= len(points):
        raise ValueError(f"{mesh.GetPath()}: a face names a point that is not there")
    matrix = np.array(UsdGeom.Xformable(mesh).ComputeLocalToWorldTransform(Usd.TimeCode.EarliestTime()))
    world = (points.astype(np.float64) @ matrix[:3, :3] + matrix[3, :3]) * scale
    where, face = _fans(counts.astype(np.int64))
    left = mesh.GetOrientationAttr().Get() == UsdGeom.Tokens.leftHanded
    if left != (np.linalg.det(matrix[:3, :3]) < 0):
        where = where[:, ::-1]
    materials, slot = _materials(mesh, len(counts))
    arrays = {"points": world, "faces": corners.astype(np.int64)[where], "material": slot[face]}
    uv = _uv(mesh, corners, len(points))
    if uv is not None:
        arrays["uv"] = uv[where]
    return {"name": str(mesh.GetPath()), "materials": materials, "colour": _display(mesh)}, arrays


def _fans(counts: I64) -> tuple[I64, I64]:
    """Triangles of polygons as fans: indices (T, 3) into the corners, and the polygon of each."""
    start = np.concatenate([[0], np.cumsum(counts)[:-1]])
    face = np.repeat(np.arange(len(counts)), counts - 2)
    first = np.concatenate([[0], np.cumsum(counts - 2)[:-1]])
    step = np.arange(len(face)) - first[face]
    return np.stack([start[face], start[face] + step + 1, start[face] + step + 2], axis=1), face


def _uv(mesh: Any, corners: I64, points: int) -> NDArray[np.float64] | None:
    """Texture coordinates of every corner."""
    api = UsdGeom.PrimvarsAPI(mesh)
    primvar = next(
        (p for p in (api.GetPrimvar(n) for n in ("st", "uv", "st0", "UVMap")) if p.HasValue()), None
    )
    if primvar is None:
        return None
    values = np.asarray(primvar.ComputeFlattened(Usd.TimeCode.EarliestTime()), dtype=np.float64)
    if values.ndim != 2 or values.shape[1] < 2:
        return None
    if primvar.GetInterpolation() == UsdGeom.Tokens.faceVarying and len(values) == len(corners):
        return values[:, :2]
    if len(values) == points:
        return values[corners, :2]
    return None


def _display(mesh: Any) -> list[float] | None:
    values = UsdGeom.Gprim(mesh).GetDisplayColorAttr().Get(Usd.TimeCode.EarliestTime())
    return None if not values else [float(c) for c in np.asarray(values, dtype=np.float64).mean(axis=0)]


def _materials(mesh: Any, faces: int) -> tuple[list[dict[str, Any] | None], I64]:
    """Materials of a mesh (None: none is bound), and which each polygon has."""
    made = [_material(UsdShade.MaterialBindingAPI(mesh).ComputeBoundMaterial()[0])]
    slot = np.zeros(faces, dtype=np.int64)
    for subset in UsdShade.MaterialBindingAPI(mesh).GetMaterialBindSubsets():
        chosen = np.asarray(subset.GetIndicesAttr().Get(), dtype=np.int64)
        slot[chosen[(chosen >= 0) & (chosen < faces)]] = len(made)
        made.append(_material(UsdShade.MaterialBindingAPI(subset).ComputeBoundMaterial()[0]))
    return made, slot


def _material(material: Any) -> dict[str, Any] | None:
    """Name, colour, roughness, metallic and texture path of a UsdPreviewSurface."""
    if not material:
        return None
    said: dict[str, Any] = {"name": material.GetPath().name}
    shader = material.ComputeSurfaceSource()[0]
    if not shader:
        return said
    for name in ("diffuseColor", "roughness", "metallic"):
        given = shader.GetInput(name)
        if not given:
            continue
        source = next(iter(given.GetConnectedSources()[0]), None)
        value = given.Get()
        if source is not None:
            image = UsdShade.Shader(source.source.GetPrim()).GetInput("file")
            asset = image.Get() if image else None
            if name == "diffuseColor" and asset is not None:
                said["texture"] = str(asset.path)
        elif value is not None:
            said[name] = [float(v) for v in value] if name == "diffuseColor" else float(value)
    return said


def main() -> None:
    folder, main_file, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    if missing := needs(folder, main_file):
        print(json.dumps({"needs": missing}))
        return
    stage = Usd.Stage.Open(str(folder / main_file))
    found = list(pieces(stage))
    arrays = {f"{k}.{name}": a for k, (_, own) in enumerate(found) for name, a in own.items()}
    np.savez(out, **arrays)
    instancers = sum(1 for prim in stage.Traverse() if prim.IsA(UsdGeom.PointInstancer))
    told = {
        "up": str(UsdGeom.GetStageUpAxis(stage)),
        "instancers": instancers,
        "pieces": [said for said, _ in found],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
