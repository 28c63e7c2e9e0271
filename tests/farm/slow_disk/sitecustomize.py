"""Read by every Python that has this folder on its path: a disk that is slow while there is a file to say so.

Each fsync and each rename then takes half a second longer, as on a store that many machines write to.
"""

import os
import time
from collections.abc import Callable
from typing import Any

LATE_S = 0.5
_flag = os.environ.get("PAIRFORGE_SLOW_DISK")


def _late(deed: Callable[..., Any]) -> Callable[..., Any]:
    def late(*arguments: Any, **names: Any) -> Any:
        if _flag and os.path.exists(_flag):
            time.sleep(LATE_S)
        return deed(*arguments, **names)

    return late


if _flag:
    for _name in ("fsync", "rename", "replace"):
        setattr(os, _name, _late(getattr(os, _name)))
