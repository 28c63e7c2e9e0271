"""Open3D as rays need it: imported without its drawing in browsers, which would bring dash, plotly and IPython.

They are 700 modules and a third of a CPU second of every process, each worker of a farm included. Whoever calls that
drawing after all has it imported then.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

_DRAWING = "open3d.visualization.draw_plotly"


class _Later(ModuleType):
    """Stands for a module until one of its functions is called."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any, **named: Any) -> Any:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
            return getattr(import_module(self.__name__), name)(*arguments, **named)

        return call


sys.modules.setdefault(_DRAWING, _Later(_DRAWING))

import open3d as o3d  # noqa: E402  (after its stand-in)

__all__ = ["o3d"]
