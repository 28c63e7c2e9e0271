"""pairforge roads: road networks as OpenDRIVE files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from pairforge.console import console
from pairforge.errors import SpecError
from pairforge.units import amount

app = typer.Typer(
    name="roads", help="Road networks: OpenDRIVE files in and out, plans.", no_args_is_help=True
)
out = console()
err = console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")]
Seed = Annotated[int, typer.Option(metavar="S", help="Seed of every draw.")]


@app.command()
def export(
    scene: Annotated[str, typer.Argument(metavar="SCENE", help="A library name or file.py:NAME.")],
    path: Annotated[Path, typer.Option("--out", metavar="FILE.xodr", help="Where the file goes.")],
    seed: Seed = 0,
) -> None:
    """Write a scene's roads as an OpenDRIVE 1.7 file."""
    from pairforge.roads import export as run

    network = run(scene, seed, path)
    roads = sum(r.junction is None for r in network.roads)
    out.print(escape(f"{path}: {amount(roads, 'road')}, {amount(len(network.junctions), 'junction')}"))


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.xodr...", help="OpenDRIVE files.")],
    as_json: AsJson = False,
) -> None:
    """Judge OpenDRIVE files: what they hold, what is not read, what is wrong. Exits with 2 if one is refused."""
    from pairforge.roads import summary
    from pairforge.scenes.roads.opendrive_read import read_opendrive

    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            rows.append({"file": str(file), "ok": True} | summary(read_opendrive(file)))
        except SpecError as error:
            rows.append({"file": str(file), "ok": False, "error": str(error)})
        if not as_json:
            _print(rows[-1])
    if as_json:
        print(json.dumps(rows, indent=1))
    if not all(row["ok"] for row in rows):
        raise typer.Exit(2)


def _print(row: dict[str, Any]) -> None:
    if not row["ok"]:
        err.print(f"[bold red]refused[/] {escape(row['error'])}")
        return
    out.print(f"[green]ok[/] {escape(row['file'])}: OpenDRIVE {escape(row['version'])}")
    lanes = ", ".join(f"{n} {kind}" for kind, n in row["lanes"].items())
    width, height = row["extent_m"]
    for line in (
        f"{row['roads']} roads of {row['length_m']:g} m together, {row['junctions']} junctions, "
        f"{row['connecting_roads']} ways through them, on {width:g} x {height:g} m",
        f"lanes by section: {lanes}",
        f"{row['lights']} traffic lights, {row['signs']} signs, {row['crosswalks']} crosswalks",
    ):
        out.print(escape(f"   {line}"))
    for note in row["notes"]:
        out.print(f"   [yellow]note[/] {escape(note)}")


@app.command()
def show(
    source: Annotated[str, typer.Argument(metavar="FILE.xodr|SCENE", help="A file, or a scene.")],
    path: Annotated[Path, typer.Option("--out", metavar="PNG", help="Where the picture goes.")],
    seed: Seed = 0,
    width: Annotated[int, typer.Option(metavar="PX", help="Width of the picture.")] = 1200,
) -> None:
    """Draw roads from above: lanes and their directions, markings, crosswalks, lights and signs."""
    from pairforge.roads import draw_plan

    draw_plan(source, seed, path, width)
    out.print(escape(str(path)))
