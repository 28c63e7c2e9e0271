"""Options of every command that makes scenes."""

from __future__ import annotations

from typing import Annotated

import typer

Seed = Annotated[int, typer.Option(metavar="S", help="Seed of every draw.")]
Renderer = Annotated[str, typer.Option(help="blender or raycast.")]
Device = Annotated[
    str, typer.Option(envvar="PAIRFORGE_DEVICE", help="Where Blender renders: cpu, gpu or auto.")
]
Quality = Annotated[str, typer.Option(help="draft, standard or high.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a field of the spec.")
]
