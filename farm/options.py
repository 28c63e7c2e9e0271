"""Executors and limits from what a command line says."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature

from pairforge.errors import SpecError
from pairforge.farm.protocol import Executor, Limits
from pairforge.registry import EXECUTORS
from pairforge.units import bytes_of, seconds_of


def limits_of(time: str | None, memory: str | None, tries: int = 3) -> Limits:
    """Limits of texts such as "10m" and "4GiB"; None: no limit. Raises SpecError."""
    return Limits(
        seconds=None if time is None else seconds_of(time),
        memory_bytes=None if memory is None else bytes_of(memory),
        tries=tries,
    )


def executor_of(name: str, workers: int, limits: Limits, address: str | None = None) -> Executor:
    """The executor of that name; SpecError for an unknown one, or an address where there is none to go to."""
    kind: Callable[..., Executor] = EXECUTORS.load(name)
    if address is None:
        return kind(workers=workers, limits=limits)
    if "address" not in signature(kind).parameters:
        raise SpecError(f'--address "{address}" is where a Ray cluster is: say --executor ray with it')
    return kind(workers=workers, limits=limits, address=address)
