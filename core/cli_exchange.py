"""``pairforge export``: a dataset in the formats that others' tools read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

out = Console(highlight=False, soft_wrap=True, emoji=False)


def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A dataset directory.")],
    format_name: Annotated[
        str, typer.Option("--format", metavar="NAME", help="What to write (pairforge list exporters).")
    ],
    out_dir: Annotated[
        Path, typer.Option("--out", metavar="OUT", help="An empty folder, or the same export, stopped.")
    ],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the format.")
    ] = None,
    workers: Annotated[int, typer.Option(metavar="W", min=1, help="Worker processes.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")] = False,
) -> None:
    """Write a dataset in another format, or go on with an export that was stopped."""
    from pairforge.datasets.export import export as run
    from pairforge.progress import Frames

    with Frames("export", as_json, "scenes") as scenes:
        done = run(
            directory, format_name, out_dir, _options(settings or []), workers, scenes.plan, scenes.tick
        )
    if as_json:
        print(json.dumps({"out": str(done.out), "format": done.format, "made": done.made, "kept": done.kept}))
        return
    kept = f", {len(done.kept)} already there" if done.kept else ""
    out.print(escape(f"{done.out}: {len(done.made)} scenes written as {done.format}{kept}"))


def _options(settings: list[str]) -> dict[str, str]:
    from pairforge.errors import SpecError

    found = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise SpecError(f'--set "{text}" is no NAME=VALUE, as in --set split=train')
        found[name] = value
    return found
