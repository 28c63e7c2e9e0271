"""Farms that are broken in one way each, for the judges of chaos to find."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pairforge.farm.job import Job, SceneWork, do
from pairforge.farm.local import LocalExecutor
from pairforge.farm.protocol import Done, Failure
from pairforge.generate import Request, generate
from pairforge.renderers.protocol import Renderer

PAUSE_S = 1.0
"""How long a torn scene stays torn: long enough to be killed in."""


class Torn(SceneWork):
    """Publishes the record first and then writes each file in place, at its full length from the beginning."""

    def run(self, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
        with tempfile.TemporaryDirectory() as folder:
            done = do(Job(**vars(replace(self, root=Path(folder)))), renderer, on_frame)
            files = [p for p in sorted(Path(folder).rglob("*")) if p.is_file()]
            for file in files:  # "records/" comes first
                target = self.root / file.relative_to(folder)
                target.parent.mkdir(exist_ok=True)
                with target.open("wb") as out:
                    if target.parent.name != "records":
                        out.truncate(file.stat().st_size)
                        time.sleep(PAUSE_S / len(files))
                    out.write(file.read_bytes())
        return done


class TearingExecutor(LocalExecutor):
    """Makes every job torn."""

    def run(
        self, jobs: Sequence[Job], on_frame: Callable[[], None], *rest: Callable[[Failure], None]
    ) -> Iterator[Done | Failure]:
        return super().run([Torn(**vars(job)) for job in jobs], on_frame, *rest)


def main() -> None:
    """SPEC OUT SCENES: as ``pairforge generate`` by a torn writer."""
    spec, out, scenes = sys.argv[1:]
    request = Request(spec, Path(out), int(scenes), seed=7, renderer="raycast", quality="draft")
    sys.exit(2 if generate(request, TearingExecutor(1)).failed else 0)
