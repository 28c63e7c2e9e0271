"""pairforge assets: someone's files as things of scenes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from pairforge.console import console, show_table
from pairforge.errors import AssetError

if TYPE_CHECKING:
    from pairforge.assets.ingest import Examined

app = typer.Typer(
    name="assets",
    help="Bring in meshes and robots: OBJ, GLB, glTF, USD, STL, PLY, URDF.",
    no_args_is_help=True,
)
out = console()
err = console(stderr=True)
_COLOUR = {"ok": "green", "note": "yellow", "repaired": "cyan", "refused": "bold red"}

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")]
CollectionDir = Annotated[Path, typer.Argument(metavar="COLLECTION", help="A folder with assets.json.")]


@app.command()
def add(
    path: Annotated[Path, typer.Argument(metavar="FILE_OR_FOLDER", help="What to bring in.")],
    to: Annotated[Path, typer.Option("--to", metavar="COLLECTION", help="The folder that keeps it.")],
    licence: Annotated[str, typer.Option(help="Licence of the file (SPDX, as in CC-BY-4.0).")] = "",
    class_: Annotated[str, typer.Option("--class", help="What it is to a detector.")] = "object",
    noun: Annotated[str | None, typer.Option(help="What captions call it; default: from the name.")] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="ID", help="Its id in the collection.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Where it comes from.")] = None,
    unit: Annotated[str | None, typer.Option(help="m, mm, cm, in or ft; default: guessed by size.")] = None,
    up: Annotated[str | None, typer.Option(help="The file's axis that is up: x, -x, y, -y, z, -z.")] = None,
    front: Annotated[str | None, typer.Option(help="The file's axis that is the front.")] = None,
    mass_kg: Annotated[float | None, typer.Option("--mass", help="Kilograms.")] = None,
    density: Annotated[float | None, typer.Option(help="kg/m3, where no mass is given.")] = None,
    material: Annotated[
        list[str] | None, typer.Option(metavar="NAME=KIND", help="A material of the file is of a kind.")
    ] = None,
    paint: Annotated[str | None, typer.Option(help="The material that takes a spec's colour.")] = None,
    collision: Annotated[str, typer.Option(help="hull, or decompose (needs CoACD).")] = "hull",
    root: Annotated[Path | None, typer.Option(help="The widest folder that its files lie in.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of the one of this id.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check, repair and keep files; exits with 2 when one was refused, which then leaves nothing."""
    from pairforge.assets.ingest import add as run
    from pairforge.assets.ingest import found_in
    from pairforge.assets.ingest_entry import Options

    if collision not in ("hull", "decompose"):
        raise AssetError(f'--collision "{collision}" is neither hull nor decompose')
    found = found_in(path)
    if len(found) > 1 and (name or noun):
        raise AssetError(f"{path} holds {len(found)} files; --name and --noun are for one")
    options = Options(
        licence=licence,
        semantic=class_,
        noun=noun,
        asset_id=name,
        source=source,
        unit=unit,
        up=up,
        front=front,
        mass_kg=mass_kg,
        density_kg_m3=density,
        materials=_materials(material or []),
        paint=paint,
        collision="decompose" if collision == "decompose" else "hull",
        root=root,
    )
    _each(found, lambda file: run(file, to, options, replace=replace), to, as_json)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(metavar="FILE_OR_COLLECTION", help="A file, or a collection.")],
    class_: Annotated[str, typer.Option("--class", help="What it is to a detector.")] = "object",
    unit: Annotated[str | None, typer.Option(help="m, mm, cm, in or ft.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge files without keeping them, or prove that a collection is what it was."""
    from pairforge.assets.collection import MANIFEST
    from pairforge.assets.ingest import examine, found_in
    from pairforge.assets.ingest_entry import Options

    if (path / MANIFEST).is_file():
        _check_collection(path, as_json)
        return
    options = Options(licence="(not said)", semantic=class_, unit=unit)
    _each(found_in(path), lambda file: examine(file, options), None, as_json)


@app.command("list")
def list_(folder: CollectionDir, as_json: AsJson = False) -> None:
    """Name what a collection holds."""
    from pairforge.assets.collection import read

    entries = read(folder).assets
    if as_json:
        print(json.dumps([e.model_dump(mode="json") | {"sha256": e.sha256} for e in entries], indent=1))
        return
    # The folder stands in a line of its own: what a spec needs is never folded, however narrow the terminal.
    out.print(escape(f'in a spec: shape="{folder}:ID"'))
    name = Column("ID", no_wrap=True, overflow="ignore")
    table = Table(name, "noun", "class", "size [m]", "mass [kg]", "triangles", "joints", "licence", box=None)
    for e in entries:
        size = " x ".join(f"{s:.3g}" for s in e.size_m)
        row = (e.id, e.noun, e.semantic, size, f"{e.mass_kg:.3g}", str(e.triangles))
        table.add_row(*map(escape, (*row, str(len(e.joints)), e.licence)))
    show_table(out, table)


@app.command()
def preview(
    name: Annotated[str, typer.Argument(metavar="COLLECTION:ID", help="As a spec names it.")],
    picture: Annotated[Path, typer.Option("--out", metavar="PNG", help="Where the picture goes.")],
) -> None:
    """Picture one asset on a plain floor."""
    from pairforge.assets.collection import locate, read, split
    from pairforge.assets.preview import preview as run
    from pairforge.assets.preview import save

    folder, asset_id = split(name)
    e = read(locate(folder)).entry(asset_id, f'"{folder}"')
    try:
        save(run(name), picture)
    except OSError as error:
        raise AssetError(f'"{picture}" cannot be written: {error.strerror}') from None
    size = " x ".join(f"{s:.3g}" for s in e.size_m)
    out.print(
        escape(f"{picture}: {e.noun}, {size} m, {e.mass_kg:.3g} kg ({e.mass_from}), {e.triangles} triangles")
    )


def _materials(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, kind = pair.rpartition("=")
        if not (name and equals and kind):
            raise AssetError(f'--material "{pair}" is not NAME=KIND, as in --material Glass=glass')
        found[name] = kind
    return found


def _each(files: list[Path], run: Any, to: Path | None, as_json: bool) -> None:
    """Runs over files, one verdict table each; a file that cannot be read does not stop the others."""
    rows: list[dict[str, Any]] = []
    for file in files:
        try:
            seen: Examined = run(file)
        except AssetError as error:
            if len(files) == 1:
                raise
            rows.append({"file": str(file), "kept": False, "error": str(error)})
            if not as_json:
                err.print(f"[bold red]refused[/] {escape(f'{file}: {error}')}")
            continue
        kept = seen.entry is not None
        verdicts = [{"check": v.check, "level": v.level, "text": v.text} for v in seen.verdicts]
        rows.append({"file": str(file), "kept": kept and to is not None, "verdicts": verdicts})
        if not as_json:
            _print_verdicts(file, seen, to)
    if as_json:
        print(json.dumps(rows, indent=1))
    if any("error" in row or any(v["level"] == "refused" for v in row["verdicts"]) for row in rows):
        raise typer.Exit(2)


def _print_verdicts(file: Path, seen: Examined, to: Path | None) -> None:
    table = Table(title=escape(str(file)), title_justify="left", show_header=False, box=None, padding=(0, 1))
    for v in seen.verdicts:
        table.add_row(escape(v.check), f"[{_COLOUR[v.level]}]{v.level}[/]", escape(v.text))
    show_table(out, table)
    if seen.entry is None:
        out.print("[bold red]refused[/]: nothing was kept")
    elif to is not None:
        out.print(escape(f'kept: shape="{to}:{seen.entry.id}"'))


def _check_collection(folder: Path, as_json: bool) -> None:
    """Every asset loads from files that are what they were."""
    from pairforge.assets.collection import read
    from pairforge.scenes.shapes.imported import proved

    rows: list[dict[str, Any]] = []
    for entry in read(folder).assets:
        fault = proved(folder, entry)
        rows.append({"id": entry.id, "ok": not fault, "fault": fault, "notes": list(entry.verdicts)})
        if not as_json:
            out.print(f"[bold red]FAIL[/] {escape(fault)}" if fault else f"[green]ok  [/] {escape(entry.id)}")
            for note in entry.verdicts:
                out.print(escape(f"       {note}"))
    if as_json:
        print(json.dumps(rows, indent=1))
    if not all(row["ok"] for row in rows):
        raise typer.Exit(2)
