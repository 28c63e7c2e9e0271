"""``pairforge audit``: can a dataset's contrasts be told without looking?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from pairforge.console import console, show_table
from pairforge.place_option import DatasetDir, place

out = console()
err = console(stderr=True)

EXIT = {"leaks": 1, "sound": 0, "too few": 3, None: 0}


def audit(
    directory: DatasetDir,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")] = False,
    out_dir: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", parser=place, help="Default: DIR/audit.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of every draw.")] = 0,
    canary: Annotated[
        bool,
        typer.Option(
            "--canary", help="Judge a one-sided set forged from the quads; it must be found to leak."
        ),
    ] = False,
) -> None:
    """Look for leaks: blind models of texts and pictures, balance, diversity, held-out compositions.

    Exits with 1 when a kind leaks, with 3 when some kind has too few quads for a verdict.
    """
    from pairforge.datasets.audit import AUDIT
    from pairforge.datasets.audit import audit as run
    from pairforge.datasets.audit_report import write_report

    found = run(
        directory, seed, canary, lambda what: None if as_json else err.print(f"[dim]{escape(what)}[/]")
    )
    folder = out_dir or directory / (f"{AUDIT}/canary" if canary else AUDIT)
    page = write_report(found, directory, folder)
    if as_json:
        print(json.dumps(found.to_json(), indent=1, sort_keys=True, ensure_ascii=False))
    else:
        table = Table(show_header=True, box=None, padding=(0, 2))
        for name in ("kind", "language", "quads", "verdict", ""):
            table.add_column(name)
        for k in found.kinds:
            colour = {"leaks": "bold red", "sound": "green", "too few": "yellow"}[k.verdict]
            table.add_row(k.kind, k.language, str(k.quads), f"[{colour}]{k.verdict}[/]", escape(k.why))
        if found.kinds:
            show_table(out, table)
        else:
            out.print("no contrasts to judge (contrasts/quads.parquet is not there)")
        for n in found.negatives:
            best = max(n.trials, key=lambda t: abs(t.accuracy.share - 0.5), default=None)
            if best is not None:
                told = {"leaks": "yellow", "sound": "green", "too few": "dim"}[n.verdict]
                out.print(
                    f"negatives, {n.side} {n.kind} {n.language} ({n.rows}): [{told}]{n.verdict}[/], "
                    f"{escape(best.model)} alone {best.accuracy.share:.1%}"
                )
        for use in found.held_out:
            for place in use.elsewhere:
                out.print(
                    f"[red]held-out {escape(use.composition)}[/] is shown in another part: {escape(place)}"
                )
        out.print(f"report: {page}")
    if EXIT[found.verdict]:
        raise typer.Exit(EXIT[found.verdict])
