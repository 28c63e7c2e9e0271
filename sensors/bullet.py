"""PyBullet, imported without its greeting: the module prints its build time to standard output as it loads."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any


def _import_quietly() -> Any:
    sys.stdout.flush()
    libc = ctypes.CDLL(None)
    # The greeting sits in C's buffer until somebody flushes, so that is done while the descriptor leads nowhere.
    libc.fflush(None)
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        import pybullet

        libc.fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    return pybullet


pybullet: Any = _import_quietly()
