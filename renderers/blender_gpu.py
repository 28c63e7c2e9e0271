"""Cycles on GPUs: a renderer for each kind, since each kind has bytes of its own."""

from __future__ import annotations

from pairforge.renderers.blender import BlenderRenderer


class Optix(BlenderRenderer):
    """Cycles on NVIDIA's GPUs by OptiX, which uses their ray cores."""

    name, device = "blender-optix", "OPTIX"


class Cuda(BlenderRenderer):
    """Cycles on NVIDIA's GPUs by CUDA."""

    name, device = "blender-cuda", "CUDA"


class Hip(BlenderRenderer):
    """Cycles on AMD's GPUs by HIP."""

    name, device = "blender-hip", "HIP"


class OneApi(BlenderRenderer):
    """Cycles on Intel's GPUs by oneAPI."""

    name, device = "blender-oneapi", "ONEAPI"


class Metal(BlenderRenderer):
    """Cycles on Apple's GPUs by Metal."""

    name, device = "blender-metal", "METAL"
