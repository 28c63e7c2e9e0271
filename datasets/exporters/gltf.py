"""The world of a scene as one binary glTF 2.0 file: geometry, materials, names, ids, motion, cameras.

Nodes below the root "world" are in pairforge's axes (z up); the root turns them into glTF's (y up).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.exporters.protocol import Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.exporters.world_scene import Motion, Viewer, WorldScene, world_scene
from pairforge.datasets.reader import Dataset
from pairforge.scenes.world import Material, Mesh

_UP = [-math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5)]
"""z up to y up: a quarter turn about -x; xyzw, as glTF has quaternions."""
_ARRAY, _ELEMENTS = 34962, 34963
_FLOAT, _UINT = 5126, 5125


class Gltf:
    """See the module."""

    name: ClassVar[str] = "gltf"
    summary: ClassVar[str] = "the world itself, moving, as one .glb a scene"
    needs: ClassVar[str] = "gltf"
    options: ClassVar[Mapping[str, Option]] = {}

    def __init__(self, options: Mapping[str, str]) -> None:
        pass

    def check(self, dataset: Dataset) -> None:
        import pygltflib  # noqa: F401  (whether it is there)

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        name = f"{dataset.scene(scene_index).slug}.glb"
        document = _Document()
        document.add(world_scene(dataset, scene_index))
        target.write(name, document.bytes())
        return {"file": name}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        for _ in parts:
            pass


class _Document:
    """A glTF document that grows: JSON beside one buffer."""

    def __init__(self) -> None:
        import pygltflib

        self._lib: Any = pygltflib
        self._doc: Any = pygltflib.GLTF2(asset=pygltflib.Asset(version="2.0", generator="pairforge"))
        self._blob = bytearray()
        self._materials: dict[Material, int] = {}
        self._meshes: dict[int, int] = {}
        self._times: dict[bytes, int] = {}
        self._animation: Any = pygltflib.Animation(name="scene", samplers=[], channels=[])

    def bytes(self) -> bytes:
        doc, lib = self._doc, self._lib
        if self._animation.channels:
            doc.animations = [self._animation]
        doc.buffers = [lib.Buffer(byteLength=len(self._blob))]
        doc.set_binary_blob(bytes(self._blob))
        return b"".join(doc.save_to_bytes())

    def add(self, scene: WorldScene) -> None:
        said = {"scene": scene.record.scene, "seed": scene.record.seed}
        root = self._node(name="world", rotation=_UP, extras=said, children=[])
        groups = {
            row.instance_id: self._node(
                name=row.name,
                extras={"instance_id": row.instance_id, "class": row.semantic, "noun": row.noun},
                children=[],
            )
            for row in scene.instances
        }
        nodes = self._doc.nodes
        nodes[root].children = list(groups.values())
        for piece in scene.pieces:
            extras = {"part_id": piece.part_id, "instance_id": piece.instance_id}
            node = self._node(name=piece.name, mesh=self._mesh(piece.mesh, piece.name), extras=extras)
            self._move(node, piece.motion)
            nodes[groups.get(piece.instance_id, root)].children.append(node)
        for viewer in scene.viewers:
            nodes[root].children.append(self._camera(viewer))
        self._doc.scenes = [self._lib.Scene(name=scene.record.scene, nodes=[root])]
        self._doc.scene = 0

    def _node(self, **fields: Any) -> int:
        self._doc.nodes.append(self._lib.Node(**fields))
        return len(self._doc.nodes) - 1

    def _camera(self, viewer: Viewer) -> int:
        optics = viewer.intrinsics
        perspective = self._lib.Perspective(
            aspectRatio=optics.width_px / optics.height_px * optics.fy / optics.fx,
            yfov=2.0 * math.atan(optics.height_px / 2.0 / optics.fy),
            znear=0.05,
            zfar=1000.0,
        )
        self._doc.cameras.append(
            self._lib.Camera(name=viewer.name, type="perspective", perspective=perspective)
        )
        node = self._node(name=viewer.name, camera=len(self._doc.cameras) - 1)
        self._move(node, viewer.motion)
        return node

    def _move(self, node: int, motion: Motion) -> None:
        xyzw = motion.quaternions_wxyz[:, [1, 2, 3, 0]]
        self._doc.nodes[node].translation = motion.positions_m[0].tolist()
        self._doc.nodes[node].rotation = xyzw[0].tolist()
        if not motion.moves:
            return
        seconds = motion.seconds.astype(np.float32)
        key = seconds.tobytes()
        if key not in self._times:
            self._times[key] = self._accessor(seconds, "SCALAR", bounds=True)
        lib, animation = self._lib, self._animation
        for path, kind, values in (("translation", "VEC3", motion.positions_m), ("rotation", "VEC4", xyzw)):
            output = self._accessor(values.astype(np.float32), kind)
            animation.samplers.append(
                lib.AnimationSampler(input=self._times[key], output=output, interpolation="LINEAR")
            )
            aim = lib.AnimationChannelTarget(node=node, path=path)
            animation.channels.append(lib.AnimationChannel(sampler=len(animation.samplers) - 1, target=aim))

    def _mesh(self, mesh: Mesh, name: str) -> int:
        """Equal things share their mesh, as in the world."""
        if id(mesh) not in self._meshes:
            position = self._accessor(mesh.vertices.astype(np.float32), "VEC3", _ARRAY, bounds=True)
            primitives = []
            for n, material in enumerate(mesh.materials):
                faces = mesh.faces[mesh.face_material == n]
                if len(faces):
                    attributes = self._lib.Attributes(POSITION=position)
                    indices = self._accessor(faces.astype(np.uint32).ravel(), "SCALAR", _ELEMENTS)
                    primitives.append(
                        self._lib.Primitive(
                            attributes=attributes, indices=indices, material=self._material(material)
                        )
                    )
            self._doc.meshes.append(self._lib.Mesh(name=name, primitives=primitives))
            self._meshes[id(mesh)] = len(self._doc.meshes) - 1
        return self._meshes[id(mesh)]

    def _material(self, material: Material) -> int:
        if material not in self._materials:
            lib = self._lib
            alpha = 1.0 - 0.8 * material.transmission
            shade = lib.PbrMetallicRoughness(
                baseColorFactor=[*(float(c) for c in material.mean_colour), alpha],
                metallicFactor=float(material.metallic),
                roughnessFactor=float(material.roughness),
            )
            glow = min(1.0, material.emission_w_m2)
            self._doc.materials.append(
                lib.Material(
                    name=material.name,
                    pbrMetallicRoughness=shade,
                    emissiveFactor=[float(c) * glow for c in material.mean_colour],
                    alphaMode="BLEND" if alpha < 1.0 else "OPAQUE",
                    alphaCutoff=None,
                    doubleSided=True,
                )
            )
            self._materials[material] = len(self._doc.materials) - 1
        return self._materials[material]

    def _accessor(self, array: NDArray[Any], kind: str, aim: int | None = None, bounds: bool = False) -> int:
        lib, data = self._lib, np.ascontiguousarray(array).tobytes()
        self._doc.bufferViews.append(
            lib.BufferView(buffer=0, byteOffset=len(self._blob), byteLength=len(data), target=aim)
        )
        self._blob += data  # float32 and uint32 alone: every view begins at a multiple of four
        flat = array.reshape(len(array), -1)
        self._doc.accessors.append(
            lib.Accessor(
                bufferView=len(self._doc.bufferViews) - 1,
                componentType=_UINT if array.dtype == np.uint32 else _FLOAT,
                count=len(array),
                type=kind,
                min=flat.min(axis=0).tolist() if bounds else None,
                max=flat.max(axis=0).tolist() if bounds else None,
            )
        )
        return len(self._doc.accessors) - 1
