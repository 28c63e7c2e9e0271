"""PyBullet, imported without its greeting: the module prints its build time to standard error as it loads."""

from __future__ import annotations

import os
import sys
from typing import Any


def _import_quietly() -> Any:
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import pybullet
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    return pybullet


pybullet: Any = _import_quietly()
