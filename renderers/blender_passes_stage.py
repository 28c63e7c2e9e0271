"""Cycles' own depth and object index at exact pixel centres (worker only)."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

_PLAIN = "plain"


def passes(scene: Any, folder: Path) -> tuple[NDArray[np.float32], NDArray[np.uint16]]:
    """z-depth (H, W) float32, inf for nothing, and part ids (H, W) uint16, by one sample through each pixel
    centre; the scene's settings are put back."""
    layer, cycles, image = scene.view_layers[0], scene.cycles, scene.render.image_settings
    path = folder / "passes.exr"
    wanted = [
        (layer, "use_pass_z", True),
        (layer, "use_pass_object_index", True),
        (layer, "material_override", bpy.data.materials.get(_PLAIN) or bpy.data.materials.new(_PLAIN)),
        (cycles, "samples", 1),
        (cycles, "use_denoising", False),
        (cycles, "pixel_filter_type", "BOX"),
        (cycles, "filter_width", 0.01),
        (cycles, "max_bounces", 0),
        (image, "media_type", "MULTI_LAYER_IMAGE"),
        (image, "color_depth", "32"),
        # Blender cannot write separate parts of pixels that are not square.
        (image, "use_exr_interleave", True),
        (scene.render, "filepath", str(path)),
    ]
    before = [getattr(owner, name) for owner, name, _ in wanted]
    try:
        for owner, name, value in wanted:
            setattr(owner, name, value)
        bpy.ops.render.render(write_still=True)
    finally:
        for (owner, name, _), value in zip(wanted, before, strict=True):
            setattr(owner, name, value)
    channels = _channels(path)
    path.unlink()
    depth = next(v for k, v in channels.items() if ".Depth." in k)
    index = next(v for k, v in channels.items() if "Object Index" in k or "IndexOB" in k)
    ids = np.rint(index).astype(np.uint16)
    return np.where(ids > 0, depth, np.float32(np.inf)).astype(np.float32), ids


def _openimageio() -> Any:
    """The image library inside the bpy wheel, which only a full Blender puts on the import path."""
    inside = Path(bpy.utils.resource_path("LOCAL")).glob("python/lib/python*/site-packages")
    sys.path.extend(str(folder) for folder in sorted(inside) if str(folder) not in sys.path)
    return import_module("OpenImageIO")


def _channels(path: Path) -> dict[str, NDArray[np.float32]]:
    """Every channel of an EXR by name, each (H, W)."""
    oiio = _openimageio()
    file = oiio.ImageInput.open(str(path))
    found = {}
    part = 0
    while file.seek_subimage(part, 0):
        spec = file.spec(part, 0)
        pixels = file.read_image(part, 0, 0, spec.nchannels, oiio.FLOAT)
        for k, name in enumerate(spec.channelnames):
            found[name] = np.array(pixels[..., k], dtype=np.float32)
        part += 1
    file.close()
    return found
