"""Blender's Cycles as a renderer: a world opened once in a worker process, then one picture a view."""

from __future__ import annotations

import os
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import RenderError, did_you_mean
from pairforge.renderers.blender_presets import PRESETS, Preset
from pairforge.renderers.blender_process import BlenderProcess
from pairforge.renderers.blender_scene import SceneData, foreseen, scene_data, view_data
from pairforge.renderers.devices import CPU
from pairforge.renderers.protocol import Quality, View
from pairforge.scenes.world import World

THREADS = "PAIRFORGE_BLENDER_THREADS"


class BlenderRenderer:
    """Photograph-like pictures by Cycles on the CPU, the same bytes for any number of threads and any history.

    Subclasses name another kind of ``device`` (``renderers/blender_gpu.py``).

    ``threads`` None uses as many as ``PAIRFORGE_BLENDER_THREADS`` says, or every core. The worker is replaced after
    ``worlds_per_worker`` worlds, since Blender's memory grows with use. A request that takes longer than
    ``timeout_s`` counts as a hang.
    """

    name, device = "blender", CPU

    def __init__(
        self, *, threads: int | None = None, worlds_per_worker: int = 20, timeout_s: float = 600.0
    ) -> None:
        self._threads = threads or _threads_asked_for()
        self._worlds_per_worker = worlds_per_worker
        self._timeout_s = timeout_s
        self._process: BlenderProcess | None = None
        self._opened = 0
        self._parts: int | None = None

    def open(self, world: World, quality: Quality = "standard", preset: Preset | None = None) -> None:
        """Builds the world in the worker; ``preset`` overrides the quality's own settings. Raises RenderError."""
        if quality not in PRESETS:
            raise RenderError(f'unknown quality "{quality}". {did_you_mean(quality, PRESETS)}')
        self._open(scene_data(world), preset or PRESETS[quality])

    @staticmethod
    def foresee(world: World) -> SceneData:
        """See ``renderers.protocol.Foreseer``."""
        return foreseen(world)

    def open_foreseen(self, foreseen: SceneData, quality: Quality) -> None:
        """``open`` of the world that ``foresee`` was given."""
        self._open(foreseen, PRESETS[quality])

    def _open(self, data: SceneData, preset: Preset) -> None:
        self._parts = None
        process = self._ready_process()
        process.ask("open", data, preset, timeout_s=self._timeout_s)
        self._opened += 1
        self._parts = len(data.parts)

    def render(self, view: View) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 sRGB of the open world; RenderError when none is open or Blender fails."""
        return cast(NDArray[np.uint8], self.request("render", view))

    def request(self, what: str, view: View) -> Any:
        """Any of the worker's answers to a view ("render", "passes"); RenderError as for ``render``."""
        if self._process is None or self._parts is None:
            raise RenderError(
                f"no world is open, so there is nothing to {what}: call open(world, quality) first"
            )
        data = view_data(view, self._parts)
        try:
            return self._process.ask(what, data, timeout_s=self._timeout_s)
        finally:
            if not self._process.alive:
                self.close()

    def wake(self) -> None:
        """Starts the worker, which readies itself while the caller makes a world; returns at once."""
        self._ready_process()

    def clock(self) -> dict[str, tuple[float, float]]:
        """(wall, CPU) seconds by ``blender_clock.PHASES`` since it was last asked; the first time starts the clock.
        For benchmarks."""
        answer = self._ready_process().ask("clock", timeout_s=self._timeout_s)
        return cast(dict[str, tuple[float, float]], answer)

    def close(self) -> None:
        """Ends the worker; safe to call twice."""
        if self._process is not None:
            self._process.close()
        self._process, self._parts, self._opened = None, None, 0

    @property
    def worker_pid(self) -> int | None:
        """The worker's process id, None when there is none."""
        return None if self._process is None else self._process.pid

    def _ready_process(self) -> BlenderProcess:
        if self._process is not None and (self._opened >= self._worlds_per_worker or not self._process.alive):
            self.close()
        if self._process is None:
            self._process = BlenderProcess(self._threads, self.device)
        return self._process


def _threads_asked_for() -> int | None:
    asked = os.environ.get(THREADS, "0")
    if not asked.isdigit():
        raise RenderError(f'{THREADS} is "{asked}", which is no number of threads; 0 means all')
    return int(asked) or None


def probe(timeout_s: float = 120.0, picture: bool = True, device: str = CPU) -> dict[str, Any]:
    """Starts a worker: ``version``, ``devices`` as (kind, name), and with ``picture`` the ``frame_s`` and
    ``frame_shape`` of one 16x16 frame on ``device``.

    Raises RenderError with Blender's own words when it cannot start (most often a missing system library).
    """
    process = BlenderProcess(device=device)
    try:
        return cast(dict[str, Any], process.ask("probe", picture, timeout_s=timeout_s))
    finally:
        process.close()
