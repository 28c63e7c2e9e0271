"""``pairforge status``: how a dataset fares, from any machine that can read it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, Group
from rich.text import Text

from pairforge.errors import SpecError

if TYPE_CHECKING:
    from pairforge.farm.status import Look, Status

WATCH_EVERY_S = 10.0
LOG_WIDTH = 118


def status(
    place: Annotated[
        str, typer.Argument(metavar="PLACE", help="A dataset, its plan.json, or a URL of either.")
    ],
    watch: Annotated[bool, typer.Option("--watch", help="Look again and again until all is made.")] = False,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="Between two looks.")
    ] = WATCH_EVERY_S,
    stalled_after: Annotated[
        float,
        typer.Option(metavar="MINUTES", min=0, help="A job without a heartbeat for so long has stalled."),
    ] = 3.0,
    price_per_cpu_hour: Annotated[
        float | None, typer.Option(metavar="MONEY", min=0, help="Tell costs in money as well.")
    ] = None,
    most: Annotated[int, typer.Option(metavar="N", min=1, help="Rows of each list.")] = 10,
    metrics: Annotated[
        str | None, typer.Option(metavar="FILE|-", help="Write Prometheus text metrics there.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")] = False,
) -> None:
    """Say how a dataset fares, failures first: a planned one by the reports of its jobs, another by what lies there.
    Exits with 0: complete; 1: something failed, stalled or stands in quarantine; 2: bad input; 3: not complete yet,
    and nothing is wrong."""
    from pairforge.farm.status import Look
    from pairforge.farm.unplanned import is_unplanned

    if is_unplanned(place):
        if metrics is not None:
            raise SpecError(
                f"--metrics are of a plan's jobs, and {place} has no plan: it was made by generate"
            )
        raise typer.Exit(_unplanned(place, every if watch else None, most, as_json))
    look = Look(place, 60 * stalled_after)
    show = _Show(price_per_cpu_hour, most, metrics, as_json)
    seen = _watched(look, show, every) if watch else look()
    if not watch:
        show(seen)
    if seen.exit_code:
        raise typer.Exit(seen.exit_code)


def _unplanned(place: str, every_s: float | None, most: int, as_json: bool) -> int:
    """Show what lies there, again every ``every_s`` seconds (None: once) while scenes are missing; the exit code."""
    from pairforge.farm.unplanned import look

    while True:
        seen = look(place)
        print(json.dumps(seen.to_json()) if as_json else "\n".join(seen.lines(most)), flush=True)
        if every_s is None or seen.settled:
            return seen.exit_code
        time.sleep(every_s)


class _Show:
    """Shows a status the way that was asked for."""

    def __init__(self, price: float | None, most: int, metrics: str | None, as_json: bool) -> None:
        self.price, self.most, self.metrics, self.as_json = price, most, metrics, as_json
        terminal = Console()
        self.console = terminal if terminal.is_terminal else Console(width=LOG_WIDTH)

    def __call__(self, seen: Status) -> None:
        from pairforge.farm.status_view import view

        self.measure(seen)
        if self.as_json:
            print(json.dumps(to_json(seen, self.price)), flush=True)
        elif self.metrics != "-":
            self.console.print(view(seen, self.price, self.most), soft_wrap=not self.console.is_terminal)

    def measure(self, seen: Status) -> None:
        """Write the metrics, if any were asked for."""
        if self.metrics is None:
            return
        from pairforge.farm.metrics import of_status, write

        if self.metrics == "-":
            sys.stdout.write(of_status(seen).decode())
        else:
            write(Path(self.metrics), of_status(seen))


def _watched(look: Look, show: _Show, every_s: float) -> Status:
    """Look until all is made: a terminal shows the newest status in place, a log gets a line a look."""
    from rich.live import Live

    from pairforge.farm.status_view import summary

    live = show.console.is_terminal and not show.as_json and show.metrics != "-"
    with Live(console=show.console, auto_refresh=False, transient=True) if live else _Nothing() as screen:
        while not (seen := look()).settled:
            if isinstance(screen, Live):
                show.measure(seen)
                screen.update(_fitting(seen, show), refresh=True)
            elif show.as_json or show.metrics == "-":
                show(seen)
            else:
                show.measure(seen)
                print(summary(seen), flush=True)
            time.sleep(every_s)
    show(seen)
    return seen


def _fitting(seen: Status, show: _Show) -> Group:
    """What a terminal can hold: the line that matters most on top, short lists below."""
    from pairforge.farm.status_view import summary, view

    most = min(show.most, max(1, (show.console.height - 30) // 4))
    return Group(Text(summary(seen), style="reverse"), Text(""), view(seen, show.price, most))


class _Nothing:
    """No screen: a log."""

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *_: object) -> None: ...


def to_json(seen: Status, price: float | None) -> dict[str, Any]:
    """Everything that the text tells, and each job that is not simply done or waiting."""
    from pairforge.farm.indices import ranges_of

    totals = seen.totals
    told: dict[str, Any] = {
        "place": seen.place,
        "plan": seen.plan.id,
        "scene": seen.plan.identity.scene,
        "at": seen.at.isoformat(timespec="seconds"),
        "exit_code": seen.exit_code,
        "complete": seen.complete,
        "scenes": {"wanted": seen.scenes_wanted, "made": seen.scenes_made, "quarantined": len(seen.poison)},
        "jobs": dict(seen.counts),
        "to_begin": [list(r) for r in ranges_of(seen.to_begin)],
        "quarantined": [p.model_dump(mode="json") for p in seen.poison],
        "unreadable": list(seen.unreadable),
        "keyframes": totals.frames,
        "keyframes_per_second": round(seen.frame_pace, 4),
        "scenes_per_second": round(seen.pace, 6),
        "eta_seconds": None if seen.eta_s is None else round(seen.eta_s),
        "cpu_hours": round(seen.cpu_hours, 4),
        "cpu_hours_expected": seen.cpu_hours_in_all and round(seen.cpu_hours_in_all, 4),
        "cpu_hours_planned": seen.cpu_hours_planned,
        "wall_seconds": round(totals.wall_s, 1),
        "stage_seconds": dict(totals.seconds),
        "bytes_written": totals.bytes_written,
        "job_peak_bytes": totals.peak_bytes,
        "scene_peak_bytes": totals.scene_peak_bytes,
        "retries": totals.retries,
        "attempts": totals.attempts,
        "trouble_by_host": dict(totals.trouble),
        "jobs_of_note": [_job(j) for j in seen.jobs if j.state not in ("done", "waiting")],
        "slowest": [{"job": j.job, "host": j.host, "scene_seconds": j.scene_s} for j in seen.slowest()],
    }
    if price is not None:
        told["cost"] = round(seen.cpu_hours * price, 4)
        told["cost_expected"] = seen.cpu_hours_in_all and round(seen.cpu_hours_in_all * price, 4)
    return told


def _job(job: Any) -> dict[str, Any]:
    return {
        "job": job.job,
        "state": job.state,
        "attempt": job.attempt,
        "host": job.host,
        "scenes": job.scenes,
        "scenes_made": int(job.scenes_made),
        "silent_seconds": round(job.silent_s),
        "failures": [f.model_dump() for f in job.failures],
        "note": job.note,
    }
