"""``pairforge verify``: a dataset proved, all of it, in parts, or from the records of its parts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pairforge.cli_farm import AsJson, Log
from pairforge.console import console
from pairforge.errors import SpecError
from pairforge.place_option import DatasetDir
from pairforge.units import amount

if TYPE_CHECKING:
    from pairforge.datasets.finding import Finding

out = console(markup=False)
err = console(stderr=True, markup=False)
MOST_TOLD = 1000
"""Findings that are printed; the rest are counted, and ``--json`` lists more."""


def verify(
    directory: DatasetDir,
    workers: Annotated[int, typer.Option(metavar="W", min=1, help="Worker processes.")] = 1,
    only: Annotated[
        str | None,
        typer.Option(metavar="I,J-K,...", help="Prove these scenes alone, and leave a record of it."),
    ] = None,
    job: Annotated[
        int | None, typer.Option(metavar="K", min=0, help="The same of the scenes of job K of its plan.")
    ] = None,
    proofs: Annotated[
        bool,
        typer.Option(
            "--proofs",
            help="Believe records of proof where bytes and verifier are still theirs; prove the rest of the whole.",
        ),
    ] = False,
    crosscheck: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="Keyframes whose labels are compared with Cycles' own passes; default: 1, of a part 0.",
        ),
    ] = None,
    time_limit: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="For one scene, as in 10m; default: 10m and 30s more for each keyframe."
        ),
    ] = None,
    log: Log = None,
    as_json: AsJson = False,
) -> None:
    """Prove a dataset from its stored bytes; exits with 1 and a list when anything fails."""
    from pairforge.datasets.files import is_file
    from pairforge.datasets.manifest import MANIFEST, read_manifest
    from pairforge.farm.logs import log_to
    from pairforge.farm.proving import Order, prove
    from pairforge.progress import Frames
    from pairforge.units import seconds_of

    if not is_file(directory / MANIFEST):
        read_manifest(directory)  # raises: this is no damaged dataset, it is none
    part = _part(directory, only, job)
    if proofs and part is not None:
        raise SpecError("--proofs is about the whole; leave --only and --job away")
    order = Order(
        directory,
        workers,
        part,
        proofs,
        crosscheck=(1 if part is None else 0) if crosscheck is None else crosscheck,
        seconds=None if time_limit is None else seconds_of(time_limit),
    )
    teller = _Teller(quiet=as_json)
    label = "verify" if job is None else f"verify job {job}"
    try:
        with log_to(log), Frames(label, quiet=as_json, what="keyframes and quads", cost=True) as frames:
            report = prove(order, frames.plan, frames.tick, frames.retry, teller.tell)
    except KeyboardInterrupt:
        err.print("interrupted: there is no verdict, and no record of proof was left")
        sys.exit(130)
    if as_json:
        print(json.dumps(report.to_json(), indent=1))
    else:
        for finding in report.findings:
            teller.tell(finding)  # those that no worker found
        teller.rest(len(report.findings) + report.more)
        for line in report.summary():
            out.print(line)
    if report.findings:
        raise typer.Exit(1)


def _part(directory: Path, only: str | None, job: int | None) -> tuple[int, ...] | None:
    """The scenes that are asked for; None: the whole."""
    from pairforge.farm.indices import Indices, read_ranges

    if only is not None and job is not None:
        raise SpecError("--only and --job both say which scenes; leave one away")
    if only is not None:
        return Indices(read_ranges(only))[:]
    if job is not None:
        from pairforge.farm import plan as plans

        return plans.read(directory)[1].scenes_of(job)
    return None


class _Teller:
    """Prints each finding once, as soon as it is known, and a thousand at most."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._told: set[Finding] = set()

    def tell(self, finding: Finding) -> None:
        if not self._quiet and finding not in self._told and len(self._told) < MOST_TOLD:
            self._told.add(finding)
            err.print(f"FAILED {finding}", style=None)

    def rest(self, count: int) -> None:
        """How many of them all were not printed."""
        if count > len(self._told):
            err.print(f"and {amount(count - len(self._told), 'finding')} more; --json lists up to 100,000")
