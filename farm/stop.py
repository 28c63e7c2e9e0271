"""Stopping within a preemption notice: begin nothing new, let what is under way end if there is time, then go."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any

STOPPED = 128 + signal.SIGTERM
"""Exit code of work that SIGTERM stopped: 143."""
_MARGIN_S = 5.0
"""What is kept of the notice for ending workers and writing the report; a quarter of it if that is less."""


class Notice(AbstractContextManager["Notice"]):
    """While the block runs, SIGTERM calls ``drain`` (begin nothing more) and sets ``given``; what is then under way
    may take ``seconds`` less a margin, then SystemExit(143) unwinds the block. A second SIGTERM unwinds it at once.

    Signals reach the main thread alone: elsewhere this does nothing.
    """

    def __init__(self, seconds: float, drain: Callable[[], None]) -> None:
        self._left_s = max(0.0, seconds - min(_MARGIN_S, seconds / 4))
        self._drain = drain
        self.given = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Notice:
        if threading.current_thread() is threading.main_thread():
            for number, handler in ((signal.SIGTERM, self._heard), (signal.SIGALRM, self._over)):
                self._before[number] = signal.signal(number, handler)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.given or self._left_s == 0:
            self._over(number, frame)
        self.given = True
        signal.setitimer(signal.ITIMER_REAL, self._left_s)
        self._drain()

    def _over(self, number: int, frame: FrameType | None) -> None:
        self.given = True
        sys.exit(STOPPED)
