"""``pairforge contrast``: counterfactual quads of a scene."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pairforge import scene_options
from pairforge.console import console
from pairforge.errors import SpecError
from pairforge.place_option import place
from pairforge.units import amount

out = console()
err = console(stderr=True)


def contrast(
    scene: Annotated[
        str,
        typer.Argument(
            metavar="SCENE",
            help="A library name or file.py:NAME; or a dataset to find contrasts in as it is.",
        ),
    ],
    out_dir: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", parser=place, help="Where the dataset and its quads go."),
    ] = None,
    kinds: Annotated[
        str,
        typer.Option(metavar="A,B,...", help="Kinds of contrast; all: every one (pairforge list contrasts)."),
    ] = "all",
    pairs: Annotated[int, typer.Option(help="Quads of each kind, in each language.")] = 100,
    seed: Annotated[int, typer.Option(help="Decides every draw.")] = 0,
    renderer: scene_options.Renderer = "blender",
    device: scene_options.Device = "cpu",
    quality: scene_options.Quality = "standard",
    workers: Annotated[int, typer.Option(min=1, help="Worker processes.")] = 1,
    languages: Annotated[str, typer.Option(metavar="A,B,...", help="Languages of the texts.")] = "en",
    negatives: Annotated[
        bool,
        typer.Option(
            "--negatives",
            help="Of a dataset: single-frame negatives (edited texts, sweeps and boxes that do not fit), no quads.",
        ),
    ] = False,
    settings: scene_options.Settings = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")] = False,
) -> None:
    """Make counterfactual quads: two scenes that differ in one named draw, and two texts of which each is true of one
    and proved false of the other. Run again, it goes on where it was left."""
    from pairforge.contrast import ContrastRequest, to_json
    from pairforge.contrast import contrast as run
    from pairforge.datasets.files import is_file
    from pairforge.datasets.manifest import MANIFEST
    from pairforge.farm.local import LocalExecutor
    from pairforge.progress import Frames
    from pairforge.renderers.devices import on_device
    from pairforge.settings_option import read_settings

    codes = tuple(code.strip() for code in languages.split(","))
    root = place(scene)
    if is_file(root / MANIFEST):
        _mine(root, out_dir, pairs, seed, codes, as_json, negatives)
        return
    if negatives:
        raise SpecError(f"--negatives are of a dataset that is there already, which {scene} is not")
    if out_dir is None:
        raise SpecError("say where the dataset goes, as in --out out/contrasts")
    request = ContrastRequest(
        spec=scene,
        out=out_dir,
        kinds=() if kinds == "all" else tuple(k.strip() for k in kinds.split(",")),
        pairs=pairs,
        seed=seed,
        renderer=on_device(renderer, device),
        quality=quality,
        settings=read_settings(settings or []),
        languages=codes,
    )
    with Frames(scene, quiet=as_json, what="base scenes") as groups:
        made = run(request, LocalExecutor(workers), groups.plan, groups.tick)
    if as_json:
        print(json.dumps(to_json(request, made)))
        return
    told = ", ".join(f"{n} {name}" for name, n in made.quads.items())
    out.print(
        f"{out_dir}: {amount(sum(made.quads.values()), 'quad')} ({told}) over {amount(made.scenes, 'scene')}"
    )


def _mine(
    root: Path,
    out_dir: Path | None,
    pairs: int,
    seed: int,
    languages: tuple[str, ...],
    as_json: bool,
    negatives: bool,
) -> None:
    """Mirrored quads and mild misalignments among the keyframes of a dataset, or negatives of each keyframe."""
    from pairforge.contrast_mine import mine
    from pairforge.contrast_negatives import negatives as single

    if out_dir is not None:
        raise SpecError(f"contrasts of a dataset go into {root / 'contrasts'}; leave --out away")
    found = (single if negatives else mine)(root, pairs, seed, languages)
    what = "negatives" if negatives else "quads"
    if as_json:
        print(json.dumps({"out": str(root), what: found}))
        return
    told = ", ".join(f"{n} {name}" for name, n in found.items()) or "none could be proved"
    out.print(f"{root}: {sum(found.values())} {what} ({told})")
