"""``pairforge gallery``: look at scenes, one contact sheet each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from pairforge import scene_options
from pairforge.console import console
from pairforge.errors import SpecError

out = console()
err = console(stderr=True)


def gallery(
    scenes: Annotated[
        list[str] | None,
        typer.Argument(metavar="SCENE...", help="Library names or file.py:NAME; none: the library."),
    ] = None,
    out_dir: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the sheets go.")] = Path(
        "gallery"
    ),
    seeds: Annotated[str, typer.Option(metavar="I,J,...", help="One picture each.")] = "0,1,2,3",
    weather: Annotated[
        str, typer.Option(metavar="NAME,...", help="The first seed under each condition; all: every one.")
    ] = "",
    moment: Annotated[float, typer.Option(help="When, in 0..1 of the keyframes.")] = 0.5,
    renderer: scene_options.Renderer = "blender",
    device: scene_options.Device = "cpu",
    quality: scene_options.Quality = "standard",
    settings: scene_options.Settings = None,
) -> None:
    """Draw contact sheets: a picture a seed (or a condition), each above its short caption. The quickest look at a
    scene; nothing else is stored. Scenes that are named are drawn anew; of the whole library, sheets that are there
    are kept."""
    from pairforge.gallery import Draw, make_gallery
    from pairforge.generate import check_quality
    from pairforge.renderers.devices import on_device
    from pairforge.scenes.conditions import CONDITIONS, condition
    from pairforge.scenes.load import library_names, load_scene
    from pairforge.scenes.overrides import overrides
    from pairforge.settings_option import read_settings

    if not 0.0 <= moment <= 1.0:
        raise SpecError(f"--moment is {moment:g}; it lies in 0..1")
    changes = read_settings(settings or [])
    sheets = {}
    for spec in scenes or library_names():
        scene = overrides(load_scene(spec).scene, changes)
        if weather:
            names = tuple(CONDITIONS) if weather == "all" else tuple(weather.split(","))
            under = [(name, replace(scene, weather=condition(name))) for name in names]
            first = _seeds(seeds)[0]
            sheets[f"{scene.name}.weather"] = [
                Draw(s, first, name.replace("_", " "), moment) for name, s in under
            ]
        else:
            draws = [Draw(scene, seed, f"{scene.name}, seed {seed}", moment) for seed in _seeds(seeds)]
            sheets[scene.name] = draws
    failed = make_gallery(
        sheets,
        out_dir,
        on_device(renderer, device),
        check_quality(quality),
        lambda name, what: out.print(f"{out_dir / name}.jpg: {what}"),
        keep=not scenes,
    )
    for name, reason in failed.items():
        err.print(f"[bold red]{name} failed:[/] {escape(reason)}")
    if failed:
        raise typer.Exit(2)


def _seeds(text: str) -> list[int]:
    try:
        return [int(word) for word in text.split(",")]
    except ValueError:
        raise SpecError(f'--seeds "{text}" is no list of whole numbers, as in --seeds 0,3') from None
