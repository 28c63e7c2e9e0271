"""Where Cycles spends its time: seconds by phase of a picture, as Cycles itself reports them (worker only)."""

from __future__ import annotations

import time
from typing import Any

import bpy

PHASES = ("hand_over", "structures", "cycles", "file")
"""Meshes, materials and poses from Blender to Cycles; the ray structures, and all else made ready; sampling and
denoising; tone and the file of the picture."""


class Clock:
    """Listens to Cycles' reports. Wall and CPU seconds of the process by phase add up until they are read."""

    def __init__(self) -> None:
        self._spent: dict[str, list[float]] = {}
        self._phase, self._since = "", (0.0, 0.0)
        self._on = False

    def read(self) -> dict[str, tuple[float, float]]:
        """(wall, CPU) seconds by phase since the last reading; the first one only starts the clock."""
        if not self._on:
            handlers = bpy.app.handlers
            for listeners, hear in (
                (handlers.render_pre, self._begun),
                (handlers.render_stats, self._told),
                (handlers.render_complete, self._done),
            ):
                # Opening a world empties these lists but for functions marked so.
                listeners.append(handlers.persistent(lambda *told, hear=hear: hear(*told)))
            self._on = True
        spent, self._spent = self._spent, {}
        return {phase: (wall, cpu) for phase, (wall, cpu) in spent.items()}

    def _begun(self, *_: Any) -> None:
        self._phase, self._since = "hand_over", (time.perf_counter(), time.process_time())

    def _told(self, stats: str, *_: Any) -> None:
        self._turn(_phase(stats) or self._phase)

    def _done(self, *_: Any) -> None:
        self._turn("")

    def _turn(self, phase: str) -> None:
        now = time.perf_counter(), time.process_time()
        if self._phase:
            spent = self._spent.setdefault(self._phase, [0.0, 0.0])
            spent[0] += now[0] - self._since[0]
            spent[1] += now[1] - self._since[1]
        self._phase, self._since = phase, now


def _phase(stats: str) -> str:
    """Of one of Cycles' reports; "" when it says nothing of it."""
    if "Synchronizing" in stats or "Initializing" in stats:
        return "hand_over"
    if "Updating" in stats or "Waiting" in stats or "Loading" in stats:
        return "structures"
    if "Sample" in stats or "Denois" in stats:
        return "cycles"
    return "file" if "Finished" in stats else ""
