"""``pairforge export`` and ``pairforge import``: datasets for others' tools, and others' drives as worlds."""

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


def export(
    directory: DatasetDir,
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
    from pairforge.settings_option import read_settings

    with Frames("export", as_json, "scenes") as scenes:
        done = run(
            directory,
            format_name,
            out_dir,
            read_settings(settings or [], "split=train"),
            workers,
            scenes.plan,
            scenes.tick,
        )
    if as_json:
        print(json.dumps({"out": str(done.out), "format": done.format, "made": done.made, "kept": done.kept}))
        return
    kept = f", {len(done.kept)} already there" if done.kept else ""
    out.print(escape(f"{done.out}: {amount(len(done.made), 'scene')} written as {done.format}{kept}"))


def import_(
    format_name: Annotated[
        str, typer.Argument(metavar="FORMAT", help="What is read (pairforge list importers).")
    ],
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="The folder of the log's dataset.")],
    out_dir: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="An empty folder for log.json and scene.py.")
    ] = None,
    scene: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which drive; left out, they are named.")
    ] = None,
    scale: Annotated[float, typer.Option(help="Size of the world's pictures, 1 for the log's own.")] = 1.0,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the format.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")] = False,
) -> None:
    """Make a logged drive a scene: its poses, boxes and calibration beside a spec to render again."""
    from pairforge.datasets.import_log import import_log, scenes_of
    from pairforge.settings_option import read_settings

    options = read_settings(settings or [], "split=train")
    if scene is None or out_dir is None:
        names = scenes_of(format_name, root, options)
        if as_json:
            print(json.dumps({"scenes": names}))
            return
        out.print(escape(f"{root} holds {amount(len(names), 'drive')}; choose one with --scene and --out:"))
        for name in names:
            out.print(escape(f"  {name}"))
        return
    done = import_log(format_name, root, scene, out_dir, scale, options)
    if as_json:
        print(json.dumps({"spec": done.spec, "actors": done.actors, "keyframes": done.keyframes}))
        return
    out.print(
        escape(
            f"{out_dir}: {amount(done.keyframes, 'keyframe')}, {amount(done.actors, 'actor')}, "
            f"{amount(done.sensors, 'sensor')} of {scene}. "
            f"Next: pairforge generate {done.spec} --out …"
        )
    )
