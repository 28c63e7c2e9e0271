"""Records of proof: what one job of a plan, or one part of a dataset, was found to be.

A record lies in ``farm/proofs/``, apart from all that is hashed. It names the version of the verifier, each scene
that was proved with the hash of its completion record (which has the hashes of its files), and what was found.
Whoever can write the dataset can write records too: they save work, and prove nothing to somebody who does not trust
that writer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

import pairforge.datasets
from pairforge import __version__
from pairforge.datasets.files import names, read_bytes, sizes, write_atomic
from pairforge.datasets.finding import Finding
from pairforge.datasets.manifest import Identity
from pairforge.datasets.records import Strict, dumped, parsed
from pairforge.errors import DatasetError
from pairforge.farm.indices import ranges_of

FOLDER = "farm/proofs"
MAX_BYTES = 64 << 20
_SOURCES = ("datasets", "scenes", "sensors", "captioners")
"""Folders whose code decides a verdict, beside the modules of ``core`` that all use."""


class _Found(Strict):
    scene: int
    frame: int
    file: str
    check: str
    message: str


class ProofRecord(Strict):
    """``scenes``: number -> sha256 of the completion record of each scene that was proved to the end; ``findings``:
    what does not hold of them."""

    format: Literal["pairforge-proof"] = "pairforge-proof"
    format_version: Literal[1] = 1
    verifier: str
    identity_sha256: str
    scenes: dict[int, str]
    findings: tuple[_Found, ...] = Field(default=())

    @property
    def told(self) -> Iterator[Finding]:
        """The findings as the verifier has them."""
        return (Finding(**found.model_dump()) for found in self.findings)


@cache
def verifier_version() -> str:
    """The release, and twelve digits of a hash of the code that decides a verdict."""
    house = Path(pairforge.datasets.__file__).parent.parent
    files = [
        *sorted(house.glob("*.py")),
        *(f for n in _SOURCES for f in sorted(house.joinpath(n).rglob("*"))),
    ]
    digest = hashlib.sha256()
    for file in (f for f in files if f.suffix in (".py", ".j2", ".json")):
        digest.update(f"{file.relative_to(house).as_posix()}\n".encode() + file.read_bytes())
    return f"{__version__}-{digest.hexdigest()[:12]}"


def identity_sha256(identity: Identity) -> str:
    """Of what the dataset says that it is made from: checks hold scenes against it."""
    return hashlib.sha256(dumped(identity)).hexdigest()


def record_name(scenes: Iterable[int]) -> str:
    """Name of the record of these scenes: a part that is proved again replaces its own.

    >>> record_name(range(200, 300)), record_name([3, 1])
    ('000200-000299.json', '000001-000003-0ff36d2d.json')
    """
    ranges = ranges_of(scenes)
    name = f"{ranges[0][0]:06d}-{ranges[-1][1]:06d}"
    if len(ranges) > 1:
        name += "-" + hashlib.sha256(repr(ranges).encode()).hexdigest()[:8]
    return name + ".json"


def write_proof(
    root: Path,
    identity: Identity,
    part: Sequence[int],
    proved: Mapping[int, str],
    findings: Iterable[Finding],
) -> Path:
    """Put the record of the scenes ``part``, of which those in ``proved`` (number -> sha256 of the completion record)
    were proved to the end; returns where. Raises MachineError."""
    path = root / FOLDER / record_name(part)
    record = ProofRecord(
        verifier=verifier_version(),
        identity_sha256=identity_sha256(identity),
        scenes={k: proved[k] for k in sorted(proved)},
        findings=tuple(_Found(**asdict(f)) for f in sorted({*findings})),
    )
    write_atomic(root, path, dumped(record))
    return path


def read_proofs(root: Path) -> Iterator[tuple[str, ProofRecord | DatasetError]]:
    """Each record of proof by its name within the dataset, or why it is none, one at a time."""
    for name in names(root / FOLDER):
        file = f"{FOLDER}/{name}"
        try:
            (size,) = sizes([root / file])
            if size > MAX_BYTES:
                raise DatasetError(f"{file} has {size} bytes; a record of proof has at most {MAX_BYTES}")
            yield file, parsed(ProofRecord, read_bytes(root / file), file)
        except DatasetError as error:
            yield file, error
