"""The option ``--set NAME=VALUE`` of every command that has it."""

from __future__ import annotations

from collections.abc import Sequence

from pairforge.errors import SpecError


def read_settings(pairs: Sequence[str], example: str = "weather.fog_per_m=0.02") -> dict[str, str]:
    """``--set NAME=VALUE`` options as a mapping; SpecError, with an ``example``, for one that is none."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise SpecError(f'--set "{pair}" is not NAME=VALUE, as in --set {example}')
        found[name.strip()] = value.strip()
    return found
