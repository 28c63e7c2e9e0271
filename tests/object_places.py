"""Places where a dataset may lie, each a name and what makes it: folders, memory, servers of several makers.

Those that need no more than the development tools are tried in every run of the tests; ``PAIRFORGE_TEST_STORES``
names others (``make stores`` installs them and sets it).
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from unittest import mock

from pairforge.datasets.place import place_of
from tests.object_store import forget_connections, object_store
from tests.store_servers import SERVERS

ALSO = "PAIRFORGE_TEST_STORES"
ALWAYS = ("local", "memory", "seaweedfs", "rclone", "moto")


def asked_for() -> tuple[str, ...]:
    """Names of the places that this run is to try."""
    return (*ALWAYS, *os.environ.get(ALSO, "").split())


@contextlib.contextmanager
def local(folder: Path) -> Iterator[Path]:
    yield folder / "place"


@contextlib.contextmanager
def memory(folder: Path) -> Iterator[Path]:
    yield place_of(f"memory://{secrets.token_hex(6)}/data")


def s3(server: str) -> Callable[[Path], AbstractContextManager[Path]]:
    """A fresh server and its bucket."""

    @contextlib.contextmanager
    def place(folder: Path) -> Iterator[Path]:
        with object_store(server) as store, mock.patch.dict(os.environ, store.env):
            forget_connections()
            yield store.place("a place")
            forget_connections()

    return place


PLACES: dict[str, Callable[[Path], AbstractContextManager[Path]]] = {
    "local": local,
    "memory": memory,
    **{name: s3(name) for name in SERVERS},
}
