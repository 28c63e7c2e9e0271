"""Which kind of device makes the pictures: chosen once for a whole dataset, never by each worker for itself.

Cycles' pixels differ in their last bits between kinds of device, so each kind of GPU is a renderer with a name of its
own (``blender-optix``); the name is part of a dataset's identity. See docs/decisions/0007-gpus-by-name.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pairforge.errors import MachineError, SpecError, did_you_mean

CPU = "CPU"
GPU_KINDS = ("OPTIX", "CUDA", "HIP", "ONEAPI", "METAL")
"""In order of preference: a card of NVIDIA's is listed as OPTIX and as CUDA, and its ray cores need the first."""
CHOICES = ("cpu", "gpu", "auto")


@dataclass(frozen=True)
class Device:
    """One entry of Cycles' own list: ``kind`` is "CPU" or one of ``GPU_KINDS``."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}"


def best_kind(found: Iterable[Device]) -> str:
    """The first of ``GPU_KINDS`` that is there, else "CPU".

    >>> best_kind([Device("CUDA", "RTX"), Device("CPU", "Xeon"), Device("OPTIX", "RTX")])
    'OPTIX'
    """
    kinds = {device.kind for device in found}
    return next((kind for kind in GPU_KINDS if kind in kinds), CPU)


def on_device(renderer: str, device: str, found: Callable[[], Iterable[Device]] | None = None) -> str:
    """The name of the renderer that makes ``renderer``'s pictures on ``device``, one of ``CHOICES``.

    "gpu" and "auto" look at this machine (``found``, by default ``cycles_devices``); without a GPU the first raises
    MachineError and the second keeps to the CPU. Every renderer but ``blender`` is left as it is: its name says
    already where it runs. Raises SpecError for another ``device``.
    """
    if device not in CHOICES:
        raise SpecError(f'unknown device "{device}". {did_you_mean(device, CHOICES)}')
    if renderer != "blender" or device == "cpu":
        return renderer
    devices = list((found or cycles_devices)())
    kind = best_kind(devices)
    if kind == CPU and device == "gpu":
        raise MachineError(
            f"--device gpu, but there is none ({report(devices)}). Install the GPU's driver, or leave the option out "
            "to render on the CPU"
        )
    return renderer if kind == CPU else f"{renderer}-{kind.lower()}"


def cycles_devices() -> tuple[Device, ...]:
    """What Cycles sees on this machine; starts Blender for a second. Raises RenderError when that fails."""
    from pairforge.renderers.blender import probe  # it imports this module

    return tuple(Device(*row) for row in probe(picture=False)["devices"])


def report(found: Iterable[Device]) -> str:
    """One line for a person.

    >>> report([Device("CPU", "Xeon")])
    'CPU: Xeon; no GPU that Cycles can use'
    """
    devices = list(found)
    kind = best_kind(devices)
    listed = ", ".join(sorted({str(d) for d in devices}))
    if kind == CPU:
        return f"{listed}; no GPU that Cycles can use"
    return f"{listed}; --device gpu renders on {kind}, the CPU is the default"
