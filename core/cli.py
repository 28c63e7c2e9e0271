"""The command line. Every command is a thin shell around a function that a program can call."""

from __future__ import annotations

import json
import os
import shlex
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from pairforge import (
    __version__,
    cli_assets,
    cli_audit,
    cli_contrast,
    cli_exchange,
    cli_farm,
    cli_gallery,
    cli_questions,
    cli_roads,
    cli_status,
    cli_verify,
    scene_options,
)
from pairforge.blas import ONE_THREAD
from pairforge.catalogue import CATALOGUE, catalogue
from pairforge.console import console, show_table, spell_out
from pairforge.errors import PairforgeError
from pairforge.place_option import DatasetDir, place
from pairforge.units import amount, times

app = typer.Typer(
    name="pairforge",
    help="Synthesise exactly aligned camera, LiDAR, trajectory and text pairs from simulated worlds.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
out = console()
err = console(stderr=True)

FARM = "Where and how"
FIRST, THEN, LARGE, INPUT = "Start here", "From a dataset", "Large runs", "Bring in"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")]


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: bad input gives one clear message and exit code 2, never a traceback."""
    # Sums must not split by thread count. Commands import numpy lazily, so this comes before its BLAS loads.
    os.environ.update(ONE_THREAD)
    spell_out()
    try:
        app(args=list(arguments) if arguments is not None else None, prog_name="pairforge")
    except PairforgeError as error:
        err.print(f"[bold red]error:[/] {_plain(str(error))}")
        sys.exit(2)
    except SystemExit as end:
        if isinstance(end.__context__, typer.Exit) and isinstance(
            end.__context__.__cause__, KeyboardInterrupt
        ):
            err.print("interrupted; run the same command again to go on from here")
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


def _plain(text: str) -> str:
    """Text in which rich sees no markup."""
    return text.replace("[", "\\[")


def _version(value: bool) -> None:
    if value:
        out.print(f"pairforge {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command."""


@app.command("list", rich_help_panel=FIRST)
def list_(
    kind: Annotated[
        str | None,
        typer.Argument(help=f"One of {', '.join(CATALOGUE)}; none: the names of all, without what each is."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Name what there is to choose from."""
    found = catalogue(kind)
    if as_json:
        print(json.dumps(found, indent=1))
        return
    if kind is None:
        for title, rows in found.items():
            out.print(f"[bold]{title}[/]")
            print(textwrap.fill(", ".join(rows), 100, initial_indent="  ", subsequent_indent="  "))
        out.print("\n[bold]pairforge list KIND[/] says what each is.")
        return
    for title, rows in found.items():
        table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2))
        for name, what in rows.items():
            table.add_row(f"[bold]{name}[/]", _plain(what))
        show_table(out, table)


@app.command(rich_help_panel=FIRST)
def generate(
    scene: Annotated[str, typer.Argument(metavar="SCENE", help="A library name or file.py:NAME.")],
    out_dir: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", parser=place, help="Where the dataset goes: a folder or a URL."),
    ],
    scenes: Annotated[int, typer.Option(metavar="N", help="How many scenes the dataset has.")] = 1,
    only: Annotated[str | None, typer.Option(metavar="I,J-K,...", help="Make these scenes alone.")] = None,
    seed: scene_options.Seed = 0,
    workers: Annotated[int, typer.Option(metavar="W", min=1, help="Worker processes.")] = 1,
    renderer: scene_options.Renderer = "blender",
    device: scene_options.Device = "cpu",
    quality: scene_options.Quality = "standard",
    settings: scene_options.Settings = None,
    executor: Annotated[
        str, typer.Option(help="local: processes on this machine; ray: a Ray cluster.", rich_help_panel=FARM)
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option(metavar="auto|HOST:PORT", help="A running Ray cluster.", rich_help_panel=FARM),
    ] = None,
    time_limit: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="For one scene, as in 90s or 10m.", rich_help_panel=FARM),
    ] = None,
    memory_limit: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE", help="For one scene with its Blender, as in 4GiB.", rich_help_panel=FARM
        ),
    ] = None,
    tries: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="How often a scene is begun at most.", rich_help_panel=FARM),
    ] = 3,
    log: cli_farm.Log = None,
    as_json: AsJson = False,
) -> None:
    """Make a dataset, or go on with one that was interrupted."""
    from pairforge.farm.indices import Indices, read_ranges
    from pairforge.farm.logs import log_to
    from pairforge.farm.options import executor_of, limits_of
    from pairforge.generate import Request
    from pairforge.generate import generate as run
    from pairforge.progress import Frames
    from pairforge.renderers.devices import on_device
    from pairforge.settings_option import read_settings

    request = Request(
        spec=scene,
        out=out_dir,
        scenes=scenes,
        seed=seed,
        renderer=on_device(renderer, device),
        quality=quality,  # type: ignore[arg-type]  # generate() checks it and says what there is
        settings=read_settings(settings or []),
        only=None if only is None else Indices(read_ranges(only))[:],
        limits=limits_of(time_limit, memory_limit, tries),
    )
    crew = executor_of(executor, workers, request.limits, address)
    with log_to(log), Frames(scene, quiet=as_json, cost=executor == "local") as frames:
        outcome = run(request, crew, frames.plan, frames.tick, frames.retry, frames.result)
    for failure in outcome.failed:
        said = f"[bold red]scene {failure.index} failed[/] ({failure.reason}, begun {times(failure.tries)}):"
        err.print(f"{said} {_plain(str(failure.error))}")
    for poison in outcome.left_out:
        err.print(
            f"scene {poison.scene} left out: it is in quarantine ({poison.reason}: {_plain(poison.error)})"
        )
    if outcome.left_out:
        err.print(f"to try them again: pairforge quarantine {out_dir} --release all")
    made = sum(d.frames for d in outcome.done)
    if as_json:
        print(
            json.dumps(
                {
                    "out": str(out_dir),
                    "made": [d.index for d in outcome.done],
                    "kept": list(outcome.kept),
                    "failed": {str(f.index): str(f.error) for f in outcome.failed},
                    "left_out": [p.scene for p in outcome.left_out],
                }
            )
        )
    else:
        kept = f", {len(outcome.kept)} already there" if outcome.kept else ""
        out.print(f"{out_dir}: {amount(len(outcome.done), 'scene')} made ({amount(made, 'keyframe')}){kept}")
        if outcome.done:
            err.print(f"look at it: pairforge show {shlex.quote(str(out_dir))}")
    if outcome.failed or outcome.left_out:
        raise typer.Exit(2 if outcome.failed else 3)


@app.command(rich_help_panel=FIRST)
def show(
    directory: DatasetDir,
    out_dir: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", parser=place, help="Default: DIR/report.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(metavar="I,J-K,...", help="Show these scenes; default: the first 12.")
    ] = None,
) -> None:
    """Write a page to open in a browser (one HTML file that needs nothing else), and contact sheets as PNG."""
    from pairforge.datasets.report import show as run
    from pairforge.farm.indices import Indices, read_ranges
    from pairforge.progress import Frames

    scenes = None if only is None else Indices(read_ranges(only))[:]
    with Frames("show", what="scenes") as progress:
        report = run(directory, out_dir, scenes, progress.plan, progress.tick)
    out.print(f"report: {report}")


@app.command(rich_help_panel=THEN)
def replay(
    directory: DatasetDir,
    key: Annotated[str, typer.Argument(metavar="KEY", help="SCENE-KEYFRAME, as in 000002-000003.")],
    as_json: AsJson = False,
) -> None:
    """Rebuild one keyframe alone from the manifest and compare it byte for byte."""
    from pairforge.replay import replay as run

    found = run(directory, key)
    if as_json:
        print(json.dumps({"key": key, "identical": found.identical, "different": list(found.different)}))
    else:
        for name in found.different:
            err.print(f"[red]DIFFERENT[/] {_plain(name)}")
        out.print(f"{key}: {len(found.same)} of {len(found.same) + len(found.different)} members identical")
    if not found.identical:
        raise typer.Exit(1)


@app.command(rich_help_panel=FIRST)
def doctor(as_json: AsJson = False) -> None:
    """Check versions, system libraries, Blender and the ray engine, and render one tiny frame."""
    from pairforge.doctor import examine

    checks = examine()
    if as_json:
        rows: list[dict[str, Any]] = [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks]
        print(json.dumps(rows, indent=1))
    else:
        for c in checks:
            out.print(f"{'[green]ok  [/]' if c.ok else '[bold red]FAIL[/]'} {c.name}: {_plain(c.detail)}")
    if not all(c.ok for c in checks):
        raise typer.Exit(2)


app.command(rich_help_panel=FIRST)(cli_verify.verify)
app.command(rich_help_panel=FIRST)(cli_gallery.gallery)
app.command(rich_help_panel=THEN)(cli_questions.ask)
app.command(rich_help_panel=THEN)(cli_exchange.export)
app.command(rich_help_panel=THEN)(cli_audit.audit)
app.command(rich_help_panel=THEN)(cli_contrast.contrast)
app.add_typer(cli_assets.app, rich_help_panel=INPUT)
app.add_typer(cli_roads.app, rich_help_panel=INPUT)
app.command("import", rich_help_panel=INPUT)(cli_exchange.import_)
app.command(rich_help_panel=LARGE)(cli_farm.plan)
app.command(rich_help_panel=LARGE)(cli_farm.work)
app.command(rich_help_panel=LARGE)(cli_status.status)
app.command(rich_help_panel=LARGE)(cli_farm.finish)
app.command(rich_help_panel=LARGE)(cli_farm.quarantine)
