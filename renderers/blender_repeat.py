"""Node graphs that are alike but for their numbers, made by copying the first (worker only).

Each node and each link that is added makes Blender look through the whole tree again: a material of fifteen nodes
takes three milliseconds so, and a copy of it a tenth of one.
"""

from __future__ import annotations

from typing import Any

from pairforge.renderers.blender_nodes import Graph, Step


class PartedError(Exception):
    """The graph is another one than that which it was to repeat."""


class Repeat(Graph):
    """Takes ``steps`` again in ``tree``, a copy of the tree in which a graph took them: nodes and links are there,
    and only numbers that differ are set. Raises PartedError at the first step that is another one."""

    def __init__(self, tree: Any, steps: list[Step]) -> None:
        super().__init__(tree)
        self._nodes, self._expected = list(tree.nodes), steps

    def node(self, kind: str, **settings: Any) -> Any:
        number, *known = self._next()
        if known != [kind, settings]:
            raise PartedError
        self.steps.append((number, kind, settings))
        return self._nodes[number]

    def put(self, socket: Any, value: Any) -> None:
        step = self._put_step(socket, value)
        place, known, is_link = self._next()
        if (place, is_link) != (step[0], step[2]) or (is_link and known != step[1]):
            raise PartedError
        self.steps.append(step)
        if not is_link and known != step[1]:
            self._set(socket, value)

    def _next(self) -> Step:
        if len(self.steps) == len(self._expected):
            raise PartedError
        return self._expected[len(self.steps)]

    def finish(self) -> None:
        """Raises PartedError when steps are left over."""
        if len(self.steps) < len(self._expected):
            raise PartedError
