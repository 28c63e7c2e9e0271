"""The world of a scene as one binary USD file (``.usdc``): geometry, materials, names, ids, motion, cameras.

z up and metres, as in pairforge; a time code is a sixtieth of a second of the scene's clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from pairforge.datasets.exporters.protocol import Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.exporters.world_scene import Motion, Viewer, WorldScene, world_scene
from pairforge.datasets.reader import Dataset
from pairforge.scenes.world import Material, Mesh

CODES_PER_SECOND = 60.0
_APERTURE_MM = 36.0


class Usd:
    """See the module."""

    name: ClassVar[str] = "usd"
    summary: ClassVar[str] = "the world itself, moving, as one .usdc a scene"
    needs: ClassVar[str] = "usd"
    options: ClassVar[Mapping[str, Option]] = {}

    def __init__(self, options: Mapping[str, str]) -> None:
        pass

    def check(self, dataset: Dataset) -> None:
        import pxr.Usd  # noqa: F401  (whether it is there)

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        from pxr import Usd as Lib

        name = f"{dataset.scene(scene_index).slug}.usdc"
        with target.file(name) as path:
            stage = Lib.Stage.CreateNew(str(path))
            _Stage(stage).add(world_scene(dataset, scene_index))
            stage.GetRootLayer().Save()
        return {"file": name}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        for _ in parts:
            pass


class _Stage:
    """A USD stage that grows."""

    def __init__(self, stage: Any) -> None:
        self._stage = stage
        self._materials: dict[Material, Any] = {}
        self._paths: set[str] = set()

    def add(self, scene: WorldScene) -> None:
        from pxr import UsdGeom

        stage = self._stage
        UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
        UsdGeom.SetStageMetersPerUnit(stage, 1.0)
        stage.SetTimeCodesPerSecond(CODES_PER_SECOND)
        stage.SetFramesPerSecond(CODES_PER_SECOND)
        ends = [float(p.motion.seconds[-1]) for p in scene.pieces] + [
            float(v.motion.seconds[-1]) for v in scene.viewers
        ]
        stage.SetStartTimeCode(0.0)
        stage.SetEndTimeCode(max(ends, default=0.0) * CODES_PER_SECOND)
        root = UsdGeom.Xform.Define(stage, "/world").GetPrim()
        stage.SetDefaultPrim(root)
        root.SetCustomDataByKey("scene", scene.record.scene)
        root.SetCustomDataByKey("seed", str(scene.record.seed))
        groups = {0: "/world"}
        for row in scene.instances:
            groups[row.instance_id] = path = self._path("/world", row.name)
            prim = UsdGeom.Xform.Define(stage, path).GetPrim()
            prim.SetDisplayName(row.name)
            prim.SetCustomDataByKey("instance_id", row.instance_id)
            prim.SetCustomDataByKey("class", row.semantic)
        for piece in scene.pieces:
            geometry = self._mesh(self._path(groups[piece.instance_id], piece.name), piece.mesh)
            geometry.GetPrim().SetCustomDataByKey("part_id", piece.part_id)
            geometry.GetPrim().SetCustomDataByKey("instance_id", piece.instance_id)
            _move(geometry, piece.motion)
        for viewer in scene.viewers:
            self._camera(viewer)

    def _path(self, parent: str, name: str) -> str:
        """A path that is a valid one, and free."""
        from pxr import Tf

        base = path = f"{parent}/{Tf.MakeValidIdentifier(name)}"
        n = 1
        while path in self._paths:
            n += 1
            path = f"{base}_{n}"
        self._paths.add(path)
        return path

    def _mesh(self, path: str, mesh: Mesh) -> Any:
        from pxr import UsdGeom, UsdShade, Vt

        made = UsdGeom.Mesh.Define(self._stage, path)
        made.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(mesh.vertices, np.float32)))
        made.CreateFaceVertexCountsAttr(Vt.IntArray.FromNumpy(np.full(len(mesh.faces), 3, np.int32)))
        made.CreateFaceVertexIndicesAttr(
            Vt.IntArray.FromNumpy(np.ascontiguousarray(mesh.faces, np.int32).ravel())
        )
        made.CreateSubdivisionSchemeAttr(UsdGeom.Tokens.none)
        made.CreateDoubleSidedAttr(True)
        low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
        made.CreateExtentAttr(Vt.Vec3fArray.FromNumpy(np.stack([low, high]).astype(np.float32)))
        used = sorted(set(mesh.face_material.tolist()))
        for n in used:
            owner = made.GetPrim()
            if len(used) > 1:
                faces = np.flatnonzero(mesh.face_material == n).astype(np.int32)
                owner = UsdGeom.Subset.CreateGeomSubset(
                    made, f"material_{n}", UsdGeom.Tokens.face, Vt.IntArray.FromNumpy(faces), "materialBind"
                ).GetPrim()
            UsdShade.MaterialBindingAPI.Apply(owner).Bind(self._material(mesh.materials[n]))
        return made

    def _material(self, material: Material) -> Any:
        from pxr import Gf, Sdf, UsdShade

        if material not in self._materials:
            path = self._path("/world/materials", material.name)
            made = UsdShade.Material.Define(self._stage, path)
            shader = UsdShade.Shader.Define(self._stage, f"{path}/surface")
            shader.CreateIdAttr("UsdPreviewSurface")
            colour = Gf.Vec3f(*(float(c) for c in material.mean_colour))
            shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(colour)
            for name, value in (
                ("roughness", material.roughness),
                ("metallic", material.metallic),
                ("opacity", 1.0 - 0.8 * material.transmission),
                ("ior", material.ior),
                ("clearcoat", material.coat),
            ):
                shader.CreateInput(name, Sdf.ValueTypeNames.Float).Set(float(value))
            if material.emission_w_m2 > 0.0:
                glow = colour * min(1.0, material.emission_w_m2)
                shader.CreateInput("emissiveColor", Sdf.ValueTypeNames.Color3f).Set(glow)
            made.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
            self._materials[material] = made
        return self._materials[material]

    def _camera(self, viewer: Viewer) -> None:
        """Focal length and aperture in the tenths of a unit that USD counts them in; 36 mm is the width."""
        from pxr import Gf, UsdGeom

        optics = viewer.intrinsics
        made = UsdGeom.Camera.Define(self._stage, self._path("/world", viewer.name))
        a_pixel = _APERTURE_MM / optics.width_px
        made.CreateFocalLengthAttr(optics.fx * a_pixel)
        made.CreateHorizontalApertureAttr(_APERTURE_MM)
        made.CreateVerticalApertureAttr(optics.height_px * a_pixel * optics.fx / optics.fy)
        made.CreateHorizontalApertureOffsetAttr((optics.width_px / 2.0 - optics.cx) * a_pixel)
        made.CreateVerticalApertureOffsetAttr((optics.cy - optics.height_px / 2.0) * a_pixel)
        made.CreateClippingRangeAttr(Gf.Vec2f(0.05, 1000.0))
        _move(made, viewer.motion)


def _move(geometry: Any, motion: Motion) -> None:
    from pxr import Gf, UsdGeom

    moved = geometry.AddTranslateOp(UsdGeom.XformOp.PrecisionDouble)
    turned = geometry.AddOrientOp(UsdGeom.XformOp.PrecisionDouble)
    for n, seconds in enumerate(motion.seconds.tolist()):
        p = Gf.Vec3d(*motion.positions_m[n].tolist())
        q = Gf.Quatd(*motion.quaternions_wxyz[n].tolist())
        if motion.moves:
            moved.Set(p, seconds * CODES_PER_SECOND)
            turned.Set(q, seconds * CODES_PER_SECOND)
        else:
            moved.Set(p)
            turned.Set(q)
