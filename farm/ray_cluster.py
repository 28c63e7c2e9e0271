"""A Ray cluster to run on: one of our own that nobody else sees, or one that is there."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from pairforge.errors import MachineError, SpecError
from pairforge.farm.ray_leash import leashed
from pairforge.scratch import claim, host, own_folder, sweep

OBJECT_STORE_BYTES = 100 << 20
"""Units and results are small, and pictures never pass through Ray."""
_SHORT = 27
"""Ray adds 66 characters to 14 of ours, and a socket's name may have 107."""
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is told to anybody
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # GPUs stay visible to Blender
}
_NICENESS = "RAY_worker_niceness"
"""Ray's own, 15, leaves workers a hundredth of a busy machine, whose scenes pass their time limit unmade."""


def import_ray() -> Any:
    """Ray; SpecError that names the extra when it is not installed."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Else it prints twenty lines of a raylet's log on standard output for every node that dies; read at import.
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
    try:
        import ray
    except ImportError:
        raise SpecError('--executor ray needs Ray: pip install "pairforge[ray]"') from None
    return ray


@contextlib.contextmanager
def cluster(ray: Any, address: str | None, cpus: int) -> Iterator[None]:
    """Connected to the cluster at ``address``, or to one of our own on this machine, which ends with the block.

    A program that is connected already stays so, and stays connected. Raises MachineError when there is no cluster.
    """
    if ray.is_initialized():
        yield
        return
    quiet = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    logging.getLogger("ray").setLevel(logging.ERROR)
    if address is not None:
        with _handlers_kept(), _connecting(f'join the Ray cluster at "{address}"'):
            _knock(address)
            ray.init(address=address, **quiet)
        try:
            yield
        finally:
            ray.shutdown()
        return
    with contextlib.ExitStack() as stack:
        _start(ray, cpus, quiet, stack)
        try:
            yield
        finally:
            ray.shutdown()


def _start(ray: Any, cpus: int, quiet: dict[str, Any], stack: contextlib.ExitStack) -> None:
    """Ray gives up on its own servers after 30 s, which a busy machine may need; it gets a second and a third try."""
    for again in (True, True, False):
        with contextlib.ExitStack() as trial:
            folder = trial.enter_context(_scratch())
            trial.enter_context(_environment())
            own = {"num_cpus": cpus, "include_dashboard": False, "_temp_dir": folder}
            try:
                with _handlers_kept(), _connecting("start a Ray cluster on this machine"):
                    ray.init(object_store_memory=OBJECT_STORE_BYTES, **own, **quiet)
            except MachineError:
                ray.shutdown()
                if not again:
                    raise
                continue
            stack.enter_context(trial.pop_all())
            return


def _knock(address: str) -> None:
    """OSError at once where nobody listens, which takes Ray minutes to say."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10.0).close()


@contextlib.contextmanager
def _connecting(what: str) -> Iterator[None]:
    """Ray raises errors of many kinds; whoever asked for a cluster gets one."""
    try:
        yield
    except Exception as error:
        raise MachineError(f"could not {what}: {type(error).__name__}: {error}") from error


@contextlib.contextmanager
def _handlers_kept() -> Iterator[None]:
    """Ray takes SIGTERM for itself; whoever had it gets it back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _scratch() -> Iterator[str]:
    """A folder with so short a name that Ray's sockets fit in it; it and what lives in it end with this process."""
    home, prefix = own_folder(), f"r{crc32(host().encode()) & 0xFFFF:04x}-"
    home = home if len(str(home)) <= _SHORT else own_folder(Path("/tmp"))
    sweep(home, prefix)
    claimed = claim(home, prefix)
    try:
        with leashed(str(claimed.folder), claimed.lock):
            yield str(claimed.folder)
    finally:
        claimed.drop()


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Ray's own settings while it starts. It listens beyond loopback and lets only those in who have its token, which
    it would keep in the home directory; here it stays with this process and its children."""
    from ray._private.authentication.authentication_token_generator import generate_new_authentication_token

    os.environ.setdefault("RAY_AUTH_TOKEN", generate_new_authentication_token())
    ours = {**_ENVIRONMENT, _NICENESS: os.environ.get(_NICENESS, "0")}
    before = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
