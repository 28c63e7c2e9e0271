"""Cycles' devices, listed and switched on (worker only)."""

from __future__ import annotations

from typing import Any

import bpy

from pairforge.renderers.devices import CPU, Device, report


def listed() -> list[Device]:
    """Every device Cycles sees, whatever is switched on."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    preferences.refresh_devices()
    return [Device(device.type, device.name) for device in preferences.devices]


def switch_on(scene: Any, kind: str) -> None:
    """Renders and denoises on all devices of that kind, and on no other. RuntimeError where there is none: another
    kind would give other bytes."""
    preferences = bpy.context.preferences.addons["cycles"].preferences
    cycles = scene.cycles
    if kind == CPU:
        cycles.device, cycles.denoising_use_gpu = "CPU", False
        return
    found = listed()
    if not any(device.kind == kind for device in found):
        raise RuntimeError(
            f"these pictures are made on {kind} devices, and this machine has none ({report(found)}). Work on a "
            "machine that has one, or start a dataset with --device cpu"
        )
    preferences.compute_device_type = kind
    for device in preferences.devices:
        device.use = device.type == kind
    cycles.device, cycles.denoising_use_gpu = "GPU", True
