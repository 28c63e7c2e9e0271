"""The processes that a storm started, found by a mark in their environment, however they were orphaned since."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

MARK = "PAIRFORGE_CHAOS"
_TICKS = os.sysconf("SC_CLK_TCK")
Key = tuple[int, int]
"""A process's id and the time of its birth: ids come round again."""


class _Seen(NamedTuple):
    key: Key
    parent: int
    cpu_s: float


def role_of(line: str) -> str:
    """ "worker", "blender", "station" (an actor of Ray's that has a worker) or "other", by a command line.

    >>> role_of("python -m pairforge.renderers.blender_worker 5 0")
    'blender'
    """
    if "pairforge.renderers.blender_worker" in line:
        return "blender"
    if line.startswith("ray::Station"):
        return "station"
    return "worker" if "pairforge.farm.worker" in line else "other"


@dataclass
class Marked:
    """All living processes with ``MARK=token`` in their environment, and their descendants, by role.

    ``look`` finds them anew. CPU seconds are what each had used when last looked at, so that killed processes count
    up to their last look.
    """

    token: str
    roles: dict[Key, str] = field(default_factory=dict)
    cpu: dict[Key, float] = field(default_factory=dict)

    def look(self) -> None:
        everyone = [s for name in os.listdir("/proc") if name.isdigit() and (s := _seen(int(name)))]
        mark = f"{MARK}={self.token}".encode()
        ours = [s for s in everyone if s.key in self.roles or mark in _read(s.key[0], "environ")]
        ids = {s.key[0] for s in ours}
        while more := [s for s in everyone if s.parent in ids and s.key[0] not in ids]:
            ours += more  # some, such as Ray's workers, overwrite their environment
            ids.update(s.key[0] for s in more)
        self.cpu.update((s.key, s.cpu_s) for s in ours)
        self.roles = {
            s.key: role_of(_read(s.key[0], "cmdline").replace(b"\0", b" ").decode(errors="replace"))
            for s in ours
        }

    def of(self, role: str) -> list[int]:
        """Process ids of a role ("any": of all), in order of birth."""
        keys = [k for k, its in self.roles.items() if role in ("any", its)]
        return [pid for pid, _ in sorted(keys, key=lambda k: (k[1], k[0]))]

    @property
    def cpu_s(self) -> float:
        return sum(self.cpu.values())

    def end(self) -> None:
        """SIGKILL to all: the last resort of a test that failed."""
        self.look()
        for pid in self.of("any"):
            send(pid, signal.SIGKILL)


def send(pid: int, number: int) -> bool:
    """False when it has gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _seen(pid: int) -> _Seen | None:
    """None for one that has gone, or is dead and only waits to be buried."""
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    if len(fields) < 20 or fields[0] in (b"Z", b"X"):
        return None
    return _Seen((pid, int(fields[19])), int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS)


def _read(pid: int, name: str) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/{name}").read_bytes()
    return b""
