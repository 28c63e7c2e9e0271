"""pairforge ask: questions with programs about a dataset."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pairforge.console import console
from pairforge.place_option import DatasetDir
from pairforge.units import amount

out = console()


def ask(
    directory: DatasetDir,
    families: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", help="Families or nouns (counting, spatial.facing); default: all."),
    ] = None,
    per_frame: Annotated[
        int, typer.Option(metavar="N", min=1, help="Most questions of a keyframe, and of a clip.")
    ] = 8,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of every draw.")] = 0,
    text_to_sql: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write question, schema, SQL and answer as JSON lines."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")] = False,
) -> None:
    """Ask a dataset questions whose SQL programs are the answers; writes DIR/questions/questions.parquet."""
    from pairforge.captioners.questions.stage import Request
    from pairforge.captioners.questions.stage import ask_dataset as run
    from pairforge.datasets.text_to_sql import export
    from pairforge.progress import Frames

    names = tuple(n.strip() for n in families.split(",") if n.strip()) if families else ()
    with Frames("ask", quiet=as_json) as frames:
        outcome = run(directory, Request(names, seed, per_frame), frames.plan, lambda _: frames.tick())
    if text_to_sql is not None:
        export(directory, text_to_sql)
    if as_json:
        print(json.dumps(outcome.to_json(), indent=1))
        return
    for line in outcome.summary():
        out.print(escape(line))
    if text_to_sql is not None:
        out.print(
            escape(f"{text_to_sql}: {amount(outcome.questions, 'question')} with schema, SQL and answer")
        )
