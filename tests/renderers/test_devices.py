"""A dataset is made on one kind of device, whose name it carries; no worker falls back to another by itself."""

from __future__ import annotations

import sys
from importlib import import_module, reload
from types import SimpleNamespace
from typing import Any

import pytest

from pairforge.errors import MachineError, RenderError, SpecError
from pairforge.registry import RENDERERS
from pairforge.renderers import devices
from pairforge.renderers.devices import CPU, GPU_KINDS, Device, best_kind, cycles_devices, on_device, report
from tests.worlds import small_world

HOST = Device(CPU, "Xeon")
CARD = (Device("CUDA", "RTX"), HOST, Device("OPTIX", "RTX"))
"""What Cycles lists for one card of NVIDIA's: the card twice."""


def nothing() -> tuple[Device, ...]:
    raise AssertionError("the machine was looked at, which takes a second")


@pytest.mark.parametrize("kind", GPU_KINDS)
def test_each_kind_of_gpu_is_a_renderer_whose_name_says_so(kind):
    name = on_device("blender", "gpu", lambda: (HOST, Device(kind, "card")))
    made = RENDERERS.load(name)()
    assert made.device == kind
    assert made.name == name == f"blender-{kind.lower()}"


def test_the_order_of_kinds_is_fixed_whatever_order_they_are_listed_in():
    everything = [HOST, *(Device(kind, "card") for kind in reversed(GPU_KINDS))]
    assert best_kind(everything) == best_kind(everything[::-1]) == "OPTIX"
    assert best_kind(CARD) == "OPTIX"
    assert best_kind(CARD[:2]) == "CUDA"
    assert best_kind([HOST]) == best_kind([]) == CPU


def test_auto_keeps_to_the_cpu_without_a_gpu_and_gpu_says_what_is_there():
    assert on_device("blender", "auto", lambda: [HOST]) == "blender"
    assert on_device("blender", "auto", lambda: CARD) == "blender-optix"
    with pytest.raises(MachineError, match="CPU: Xeon; no GPU that Cycles can use"):
        on_device("blender", "gpu", lambda: [HOST])


@pytest.mark.parametrize(
    ("renderer", "device"), [("blender", "cpu"), ("raycast", "gpu"), ("blender-cuda", "gpu")]
)
def test_the_default_and_renderers_without_a_choice_do_not_look_at_the_machine(renderer, device):
    assert on_device(renderer, device, nothing) == renderer


def test_a_misspelt_device_is_explained():
    with pytest.raises(SpecError, match=r'unknown device "gpus".*Did you mean "gpu"'):
        on_device("blender", "gpus", nothing)


def test_the_report_names_each_device_and_what_to_type():
    assert (
        report(CARD)
        == "CPU: Xeon, CUDA: RTX, OPTIX: RTX; --device gpu renders on OPTIX, the CPU is the default"
    )


class Preferences:
    """Cycles' own, as its add-on keeps them."""

    def __init__(self, found: tuple[Device, ...]) -> None:
        self.devices = [SimpleNamespace(type=d.kind, name=d.name, use=d.kind == CPU) for d in found]
        self.compute_device_type, self.refreshed = "NONE", False

    def refresh_devices(self) -> None:
        self.refreshed = True


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The worker's module on a machine with ``CARD``, without Blender."""
    preferences = Preferences(CARD)
    addons = {"cycles": SimpleNamespace(preferences=preferences)}
    context = SimpleNamespace(preferences=SimpleNamespace(addons=addons))
    monkeypatch.setitem(sys.modules, "bpy", SimpleNamespace(context=context))
    module = reload(import_module("pairforge.renderers.blender_devices"))
    yield SimpleNamespace(
        module=module, preferences=preferences, scene=SimpleNamespace(cycles=SimpleNamespace())
    )
    del sys.modules["pairforge.renderers.blender_devices"]


def test_the_chosen_kind_is_switched_on_and_no_other(worker):
    worker.module.switch_on(worker.scene, "OPTIX")
    assert worker.preferences.refreshed
    assert worker.preferences.compute_device_type == "OPTIX"
    assert [d.type for d in worker.preferences.devices if d.use] == ["OPTIX"], "the CPU must not help out"
    assert (worker.scene.cycles.device, worker.scene.cycles.denoising_use_gpu) == ("GPU", True)


def test_a_kind_that_is_not_there_is_no_reason_to_take_another(worker):
    with pytest.raises(RuntimeError, match="made on HIP devices, and this machine has none"):
        worker.module.switch_on(worker.scene, "HIP")
    assert worker.preferences.compute_device_type == "NONE"
    worker.module.switch_on(worker.scene, CPU)
    assert (worker.scene.cycles.device, worker.scene.cycles.denoising_use_gpu) == ("CPU", False)


@pytest.mark.slow
def test_a_dataset_made_on_another_kind_is_refused_by_blender_itself():
    here = {device.kind for device in cycles_devices()}
    assert CPU in here
    missing = next(kind for kind in GPU_KINDS[::-1] if kind not in here)
    renderer = RENDERERS.load(f"blender-{missing.lower()}")()
    try:
        with pytest.raises(RenderError, match=rf"made on {missing} devices.*--device cpu"):
            renderer.open(small_world(), "draft")
        with pytest.raises(RenderError, match="no world is open"):
            renderer.request("render", None)
    finally:
        renderer.close()


def test_cycles_is_asked_when_nobody_else_is(monkeypatch):
    monkeypatch.setattr(devices, "cycles_devices", lambda: CARD)
    assert on_device("blender", "auto") == "blender-optix"
