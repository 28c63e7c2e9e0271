"""Every error pairforge raises on purpose: what is wrong, the offending value, the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class PairforgeError(Exception):
    """Base of all errors meant for the user; the CLI prints it without a traceback and exits with 2."""


class SpecError(PairforgeError, ValueError):
    """A scene spec says something impossible, misspelt or of the wrong type."""


class AssetError(SpecError):
    """A file of someone else's cannot be a thing of a scene, or is not the file it was."""


class RequirementError(PairforgeError):
    """A scene's requirements held in none of the allowed redraws."""


class DatasetError(PairforgeError):
    """A dataset on disk is missing, damaged, or made from something else."""


class RenderError(PairforgeError):
    """A renderer could not start, crashed, or gave no picture."""


class SimulationError(PairforgeError):
    """The physics left its physical limits."""


class MachineError(PairforgeError):
    """The machine lacks something pairforge needs (a library, disk space, write access)."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that names the closest known name, or lists them all.

    >>> did_you_mean("tabel", ["table", "mug"])
    'Did you mean "table"?'
    >>> did_you_mean("xyz", ["table", "mug"])
    'Known: mug, table.'
    """
    names = sorted(set(known))
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f'Did you mean "{close[0]}"?'
    return f"Known: {', '.join(names)}." if names else "There are none."


def first_fault(error: ValidationError) -> tuple[str, str]:
    """The first thing that pydantic says is wrong: its dotted place ("" for the whole), and in words."""
    first = error.errors()[0]
    return ".".join(str(step) for step in first["loc"]), first["msg"]
