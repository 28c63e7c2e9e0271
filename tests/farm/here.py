"""An executor without processes, and a dataset without what clocks decide: for tests of what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pairforge.errors import MachineError, PairforgeError
from pairforge.farm.protocol import Done, Failure, Limits, Work
from pairforge.renderers.raycast import RaycastRenderer

APART = ("farm/", "quarantine/", "plan.json", "timings")


class Here:
    """Makes scenes in this process; ``faults`` fail instead, ``begun`` are those that were begun."""

    faults: dict[int, Failure] = {}  # noqa: RUF012  (replaced by each test)
    begun: list[int] = []  # noqa: RUF012

    def __init__(self, workers: int = 1, limits: Limits | None = None) -> None:
        self.over = False

    def drain(self) -> None:
        self.over = True

    def run(
        self,
        jobs: Sequence[Work],
        on_frame: Callable[[], None],
        on_retry: Callable[[Failure], None] = lambda failure: None,
    ) -> Iterator[Done | Failure]:
        for job in jobs:
            if self.over:
                return
            Here.begun.append(job.index)
            if job.index in Here.faults:
                yield Here.faults[job.index]
                continue
            try:
                yield job.run(RaycastRenderer(), on_frame)
            except MachineError as error:
                yield Failure(job.index, error, "storage")
            except PairforgeError as error:
                yield Failure(job.index, error, "spec")


def contents(root: Path) -> dict[str, bytes]:
    """What spec and seed decide: all but what clocks and machines do."""
    files = {str(p.relative_to(root)): p for p in root.rglob("*") if p.is_file()}
    return {name: p.read_bytes() for name, p in files.items() if not name.startswith(APART)}
