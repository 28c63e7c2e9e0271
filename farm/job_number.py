"""Which job of a plan this process is to do, as schedulers say it."""

from __future__ import annotations

from collections.abc import Mapping

from pairforge.errors import SpecError

VARIABLES: Mapping[str, str] = {
    "SLURM_ARRAY_TASK_ID": "Slurm",
    "JOB_COMPLETION_INDEX": "Kubernetes",
    "AWS_BATCH_JOB_ARRAY_INDEX": "AWS Batch",
    "BATCH_TASK_INDEX": "Google Cloud Batch",
    "PBS_ARRAY_INDEX": "PBS",
    "PBS_ARRAYID": "Torque",
    "SGE_TASK_ID": "Grid Engine",
    "LSB_JOBINDEX": "LSF",
    "CUE_IFRAME": "OpenCue",
}
"""Environment variable -> the scheduler that sets it to the number of an array's task."""


def job_number(asked: int | None, offset: int, environment: Mapping[str, str]) -> int:
    """``asked`` or the scheduler's number, plus ``offset`` (-1 where a scheduler counts from 1).

    Raises SpecError when no number is given, or two schedulers say different ones.
    """
    if asked is not None:
        return asked + offset
    said = {
        name: environment[name] for name in VARIABLES if environment.get(name, "undefined") != "undefined"
    }
    numbers = set(said.values())
    if not said:
        raise SpecError(f"say which job: --job K, or start this as an array task ({', '.join(VARIABLES)})")
    if len(numbers) > 1:
        told = ", ".join(f"{name}={text}" for name, text in said.items())
        raise SpecError(f"the environment names several jobs ({told}); say which with --job K")
    name, text = next(iter(said.items()))
    if not text.isdecimal():
        raise SpecError(f"{name}={text!r:.40} is no number; say which job with --job K")
    return int(text) + offset
