"""What sits on a Ray node: one worker process under its limits, and who asks it for units."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path

from pairforge.datasets.files import clean_stale
from pairforge.datasets.manifest import package_versions
from pairforge.errors import SpecError
from pairforge.farm.attempts import Frames, Lost
from pairforge.farm.guard import LOOK_S, Guard
from pairforge.farm.protocol import Done, Limits, Work


@dataclass(frozen=True)
class Home:
    """The node that a station is on: its name, and versions of the packages whose output reaches disk."""

    host: str
    versions: dict[str, str]


class Station:
    """An actor. Units are done in a worker process below it, as the local executor's are, so that limits are kept
    where the memory is, and what kills a unit's worker leaves the station to tell of it."""

    def __init__(self, limits: Limits, threads: int, folder: str, path: Sequence[str]) -> None:
        with contextlib.suppress(OSError):  # relative paths mean what they mean to the driver, where they can
            os.chdir(folder)
        sys.path += [p for p in path if p not in sys.path]
        self._guard = Guard(limits, threads=threads)
        self._ended = False

    def home(self) -> Home:
        return Home(socket.gethostname(), package_versions())

    def do(self, job: Work, then: Work | None = None) -> Iterator[Frames | Done | Lost]:
        """All that happens until the unit is done or lost."""
        guard = self._guard
        guard.begin(job, then)
        while guard.job is not None and not self._ended:
            wait([guard.ear], LOOK_S)
            # The next unit may come the moment that this one's end is told: nothing is touched after that.
            for event in tuple(guard.heard()):
                if isinstance(event, Lost):
                    clean_stale(job.root)
                    yield _explained(event, job)
                else:
                    yield event
                if not isinstance(event, Frames):
                    return

    def end(self, root: Path) -> None:
        """End the worker at once; nothing half-made stays."""
        self._ended = True
        self._guard.end()
        clean_stale(root)


def _explained(lost: Lost, job: Work) -> Lost:
    """A spec file that a node lacks is not a spec that is wrong."""
    file, colon, _ = str(getattr(job, "spec", "")).rpartition(":")
    if lost.reason != "spec" or not colon or Path(file).exists():
        return lost
    where = f"node {socket.gethostname()} (looked for from {os.getcwd()})"
    said = f'there is no spec file "{file}" on {where}. Put it at the same path on every node, as on a shared disk.'
    return replace(lost, error=SpecError(said))
