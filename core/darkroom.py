"""A renderer at work in a thread of its own, asked ahead of time, so that it never waits for anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.registry import RENDERERS
from pairforge.renderers.protocol import Foreseer, Quality, Renderer, Sleeper, View
from pairforge.scenes.world import World
from pairforge.sensors.protocol import SENSORS
from pairforge.stopwatch import Stopwatch

Pictures = dict[str, list[NDArray[np.uint8]]]
"""Camera -> its pictures: of the sweeps, and last of the keyframe. Any other sensor -> those that it asked for."""


class Darkroom:
    """Opens one world and takes pictures of it, in the order in which they are asked for.

    What the renderer raises comes out where the first picture is waited for. Leaving it waits for the picture that is
    being made, and drops those that are not begun.
    """

    def __init__(self, renderer: Renderer, quality: Quality, watch: Stopwatch) -> None:
        self._renderer, self._quality, self._watch = renderer, quality, watch
        self._pool = ThreadPoolExecutor(max_workers=1)
        self._opened: Future[None] | None = None

    def __enter__(self) -> Darkroom:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def wake(self, kinds: Iterable[str]) -> None:
        """Lets the renderer start while the world is still being made, if sensors of these kinds will need it."""
        if isinstance(self._renderer, Sleeper) and ask_for_pictures(kinds):
            self._renderer.wake()

    def open(self, world: World, kinds: Iterable[str], foreseen: Any = None) -> None:
        """Begins to open the world, if sensors of these kinds need pictures of it. ``foreseen``: what ``foresee``
        gave for it, if that was asked."""
        if ask_for_pictures(kinds):
            self._opened = self._pool.submit(self._open, world, foreseen)

    def take(self, views: Mapping[str, Iterable[View]]) -> Future[Pictures]:
        """Pictures of the open world by sensor."""
        return self._pool.submit(self._take, views)

    def _open(self, world: World, foreseen: Any) -> None:
        with self._watch.stage("render_build"):
            if foreseen is not None and isinstance(self._renderer, Foreseer):
                self._renderer.open_foreseen(foreseen, self._quality)
            else:
                self._renderer.open(world, self._quality)

    def _take(self, views: Mapping[str, Iterable[View]]) -> Pictures:
        if self._opened is not None:
            self._opened.result()
        with self._watch.stage("render"):
            return {name: [self._renderer.render(v) for v in shown] for name, shown in views.items()}


def foresee(renderer: str, world: World, kinds: Iterable[str], watch: Stopwatch) -> Any:
    """What the renderer of that name can do of opening a world before it is its turn, for ``Darkroom.open``; None for
    nothing, or if sensors of these kinds need no pictures."""
    kind = RENDERERS.load(renderer)
    if not isinstance(kind, Foreseer) or not ask_for_pictures(kinds):
        return None
    with watch.stage("render_build"):
        return kind.foresee(world)


def ask_for_pictures(kinds: Iterable[str]) -> bool:
    """Whether sensors of these kinds need a renderer: LiDARs and the like do not."""
    return any(kind == "camera" or SENSORS.load(kind).views is not None for kind in kinds)
