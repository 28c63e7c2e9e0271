"""Backends by name, imported on first use: a new one is one file and one row.

>>> {"blender", "raycast"} <= set(RENDERERS.names())
True
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pairforge.errors import SpecError, did_you_mean


@dataclass(frozen=True)
class Registry:
    """Names of one kind of backend, each at ``"module:attribute"``."""

    kind: str
    rows: dict[str, str]

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self.rows))

    def check(self, name: str) -> None:
        """SpecError with a suggestion when there is none of that name; nothing is imported."""
        if name not in self.rows:
            raise SpecError(f'unknown {self.kind} "{name}". {did_you_mean(name, self.rows)}')

    def load(self, name: str) -> Any:
        """The class or object of that name; SpecError with a suggestion when there is none."""
        self.check(name)
        module, _, attribute = self.rows[name].partition(":")
        return getattr(import_module(module), attribute)


RENDERERS = Registry(
    "renderer",
    {
        "blender": "pairforge.renderers.blender:BlenderRenderer",
        "blender-cuda": "pairforge.renderers.blender_gpu:Cuda",
        "blender-hip": "pairforge.renderers.blender_gpu:Hip",
        "blender-metal": "pairforge.renderers.blender_gpu:Metal",
        "blender-oneapi": "pairforge.renderers.blender_gpu:OneApi",
        "blender-optix": "pairforge.renderers.blender_gpu:Optix",
        "raycast": "pairforge.renderers.raycast:RaycastRenderer",
    },
)

EXECUTORS = Registry(
    "executor",
    {"local": "pairforge.farm.local:LocalExecutor", "ray": "pairforge.farm.ray:RayExecutor"},
)

EXPORTERS = Registry(
    "export format",
    {
        "argoverse2": "pairforge.datasets.exporters.argoverse2:Argoverse2",
        "bop": "pairforge.datasets.exporters.bop:Bop",
        "coco": "pairforge.datasets.exporters.coco:Coco",
        "gltf": "pairforge.datasets.exporters.gltf:Gltf",
        "huggingface": "pairforge.datasets.exporters.huggingface:HuggingFace",
        "imagetext": "pairforge.datasets.exporters.imagetext:ImageText",
        "kitti": "pairforge.datasets.exporters.kitti:Kitti",
        "lerobot": "pairforge.datasets.exporters.lerobot:LeRobot",
        "mcap": "pairforge.datasets.exporters.mcap:Mcap",
        "nuscenes": "pairforge.datasets.exporters.nuscenes:NuScenes",
        "rerun": "pairforge.datasets.exporters.rerun:Rerun",
        "usd": "pairforge.datasets.exporters.usd:Usd",
        "vqa": "pairforge.datasets.exporters.vqa:Vqa",
        "webdataset": "pairforge.datasets.exporters.webdataset:WebDataset",
    },
)

IMPORTERS = Registry(
    "import format",
    {
        "kitti": "pairforge.datasets.importers.kitti:Kitti",
        "nuscenes": "pairforge.datasets.importers.nuscenes:NuScenes",
    },
)
