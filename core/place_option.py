"""Places on the command line: folders, or URLs of object stores."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pairforge.datasets.place import place_of
from pairforge.errors import PairforgeError, SpecError


def place(text: str) -> Path:
    """For ``typer.Option(parser=place)``: a plain ``Path`` parameter would make one slash of ``s3://``'s two."""
    try:
        return place_of(text)
    except SpecError as error:
        # A SpecError is a ValueError, which typer would print in a box that breaks its lines.
        raise PairforgeError(str(error)) from error


DatasetDir = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", parser=place, help="A dataset: a folder, or a URL such as s3://bucket/data."
    ),
]
