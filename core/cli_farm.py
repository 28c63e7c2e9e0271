"""``pairforge plan``, ``work``, ``finish`` and ``quarantine``: a dataset made by many machines."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pairforge import scene_options
from pairforge.console import console
from pairforge.errors import SpecError
from pairforge.units import amount, printable, times

if TYPE_CHECKING:
    from pairforge.farm.finish import Finished
    from pairforge.farm.plan import Plan, PlanLimits
    from pairforge.farm.quarantine import Poison

out = console(markup=False)
err = console(stderr=True, markup=False)

PlanPlace = Annotated[
    str, typer.Argument(metavar="PLAN", help="A plan.json, the dataset it stands in, or a URL of either.")
]
Log = Annotated[
    str | None,
    typer.Option(metavar="FILE|-", envvar="PAIRFORGE_LOG", help="Log JSON lines there; -: standard error."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a machine to read.")]


def plan(
    scene: Annotated[
        str, typer.Argument(metavar="SCENE", help="A library name or file.py:NAME; or a plan, to show it.")
    ],
    place: Annotated[
        str | None, typer.Option("--out", metavar="DIR|URL", help="Where the dataset goes.")
    ] = None,
    scenes: Annotated[int, typer.Option(metavar="N", help="How many scenes the dataset has.")] = 1,
    only: Annotated[str | None, typer.Option(metavar="I,J-K,...", help="Plan these scenes alone.")] = None,
    scenes_per_job: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Default: as many as make 1000 jobs.")
    ] = None,
    minutes_per_job: Annotated[
        float | None, typer.Option(metavar="M", help="As many as take about M minutes, as measured.")
    ] = None,
    seed: scene_options.Seed = 0,
    renderer: scene_options.Renderer = "blender",
    device: scene_options.Device = "cpu",
    quality: scene_options.Quality = "standard",
    settings: scene_options.Settings = None,
    time_limit: Annotated[
        str, typer.Option(metavar="TIME", help="For one scene: 90s, 10m, none; measured: as proposed.")
    ] = "measured",
    memory_limit: Annotated[
        str, typer.Option(metavar="SIZE", help="For one scene with its Blender, as in 4GiB.")
    ] = "none",
    tries: Annotated[int, typer.Option(min=1, metavar="N", help="How often a scene is begun at most.")] = 3,
    measure: Annotated[
        int, typer.Option(min=0, metavar="N", help="Scenes made for their cost (and one to warm up).")
    ] = 3,
    scratch: Annotated[Path | None, typer.Option(metavar="DIR", help="Where those are made.")] = None,
    count: Annotated[bool, typer.Option("--count", help="Print the number of jobs alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write down what is to be made, divided into jobs, with costs measured on a few of its scenes. Given a plan
    instead of a scene, show that."""
    if place is None:
        _show(scene, _read_plan(scene), count, as_json)
        return
    from pairforge.datasets.place import place_of
    from pairforge.farm.indices import read_ranges, told
    from pairforge.farm.planning import PlanRequest, make_plan
    from pairforge.progress import Frames
    from pairforge.renderers.devices import on_device
    from pairforge.settings_option import read_settings

    asked = PlanRequest(
        spec=scene,
        out=place_of(place),
        scenes=scenes,
        only=None if only is None else read_ranges(only),
        seed=seed,
        renderer=on_device(renderer, device),
        quality=quality,  # type: ignore[arg-type]  # make_plan() checks it and says what there is
        settings=read_settings(settings or []),
        scenes_per_job=scenes_per_job,
        minutes_per_job=minutes_per_job,
        limits=_limits(time_limit, memory_limit, tries),
        measure=measure,
        scratch=scratch,
    )
    with Frames(f"measuring {scene}", quiet=as_json) as frames:
        planned = make_plan(asked, frames.plan, frames.tick)
    for failure in planned.failures:
        err.print(f"WARNING: scene {failure.index} could not be made ({failure.reason}): {failure.error}")
    if planned.failures:
        err.print(f"work will set aside such scenes: {told(f.index for f in planned.failures)}")
    _show(place, planned.plan, count, as_json)


def _read_plan(place: str) -> Plan:
    from pairforge.datasets.files import is_file
    from pairforge.farm.plan import locate, read

    if not is_file(locate(place)[1]):
        raise SpecError(
            f'"{place}" is no plan. To make one of a scene, say where it goes, as in --out out/data'
        )
    return read(place)[1]


def _show(place: str, plan: Plan, count: bool, as_json: bool) -> None:
    if count:
        print(plan.jobs)
    elif as_json:
        print(json.dumps(_plan_json(place, plan), indent=1))
    else:
        for line in _plan_lines(place, plan):
            out.print(line)


def _limits(time: str, memory: str, tries: int) -> PlanLimits:
    from pairforge.farm.plan import limits_made
    from pairforge.units import bytes_of, seconds_of

    return limits_made(
        seconds="measured" if time == "measured" else None if time == "none" else seconds_of(time),
        memory_bytes=None if memory == "none" else bytes_of(memory),
        tries=tries,
    )


def _plan_json(place: str, plan: Plan) -> dict[str, Any]:
    from dataclasses import asdict

    found = plan.model_dump(mode="json")
    estimate, measured = plan.estimate, plan.measured
    found |= {
        "out": place,
        "id": plan.id,
        "jobs": plan.jobs,
        "estimate": asdict(estimate) if estimate else None,
    }
    if measured:
        found["job_needs"] = {
            "memory_bytes": measured.memory_bytes,
            "seconds": round(measured.job_s(plan.scenes_per_job)),
            "cores": round(measured.cores_used, 2),
        }
        found["proposed_time_limit_s"] = measured.time_limit_s
    return found


def _plan_lines(place: str, plan: Plan) -> list[str]:
    from pairforge.farm.estimates_text import lines

    return [
        f"{place}: plan {plan.id}, {amount(len(plan.wanted), 'scene')} in "
        f"{amount(plan.jobs, 'job')} of {plan.scenes_per_job}",
        *lines(plan),
    ]


def work(
    place: PlanPlace,
    job: Annotated[
        int | None, typer.Option(metavar="K", help="Default: the number of the scheduler's array task.")
    ] = None,
    offset: Annotated[
        int, typer.Option(metavar="N", help="Is added to it; -1 where arrays count from 1.")
    ] = 0,
    workers: Annotated[int, typer.Option(metavar="W", min=1, help="Worker processes.")] = 1,
    spec: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The spec's file, if it is one; no other code is ever run."),
    ] = None,
    scratch: Annotated[Path | None, typer.Option(metavar="DIR", help="For temporary files.")] = None,
    notice: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Between SIGTERM and SIGKILL.")
    ] = 25.0,
    allow_quarantined: Annotated[
        bool, typer.Option("--allow-quarantined", help="Exit with 0 although scenes are in quarantine.")
    ] = False,
    metrics: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep Prometheus text metrics of the job there.")
    ] = None,
    log: Log = None,
    as_json: AsJson = False,
) -> None:
    """Do one job of a plan, or go on with it. Exits with 0: all its scenes are there; 2: bad input; 3: some are in
    quarantine; 4: the machine or the store is at fault, try again, perhaps elsewhere; 143: stopped by SIGTERM."""
    from pairforge.farm.job_number import job_number
    from pairforge.farm.logs import log_to
    from pairforge.farm.work import Code, Order
    from pairforge.farm.work import work as run
    from pairforge.progress import Frames

    order = Order(place, job_number(job, offset, os.environ), spec, workers, scratch, notice, metrics)
    with log_to(log, job=order.job), Frames(f"job {order.job}", quiet=as_json, cost=True) as frames:
        result = run(order, frames.plan, frames.tick, frames.retry, frames.result)
    for failure in result.failed:
        err.print(f"scene {failure.index} failed ({failure.reason}): {failure.error}")
    if as_json:
        told = {"job": result.job, "code": int(result.code), "made": result.made, "kept": result.kept}
        told |= {"quarantined": result.poison, "said": result.said}
        print(json.dumps(told))
    else:
        out.print(
            f"job {result.job}: {amount(len(result.made), 'scene')} made, {len(result.kept)} already there"
            + (
                f", {len(result.poison)} in quarantine (pairforge quarantine {place})"
                if result.poison
                else ""
            )
        )
    if result.code == Code.MACHINE:
        err.print(
            f"error: {result.said}\nThis job can be begun again here or elsewhere; finished scenes are kept."
        )
    if result.code != Code.DONE and not (allow_quarantined and result.code == Code.QUARANTINED):
        raise typer.Exit(int(result.code))


def finish(
    place: PlanPlace,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Let the dataset be what is there, and exit with 0.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Merge the manifest of a planned dataset. Exits with 1 when scenes are missing, with 3 when all of those are in
    quarantine."""
    from pairforge.farm.finish import finish_plan

    found = finish_plan(place, allow_missing)
    if as_json:
        print(json.dumps(_finish_json(found)))
    else:
        _print_finished(place, found, allow_missing)
    if not found.whole and not allow_missing:
        raise typer.Exit(1 if found.missing else 3)


def _finish_json(found: Finished) -> dict[str, Any]:
    return {
        "out": str(found.root),
        "wanted": found.wanted,
        "made": found.made,
        "keyframes": found.keyframes,
        "missing": found.missing,
        "quarantined": {str(p.scene): p.reason for p in found.quarantined},
    }


def _print_finished(place: str, found: Finished, allow_missing: bool) -> None:
    from pairforge.farm.indices import told

    if found.missing:
        err.print(
            f"missing, {amount(len(found.missing), 'scene')}: {told(found.missing)}; "
            f"they are of jobs {told(found.jobs)}"
        )
    for poison in found.quarantined:
        err.print(
            f"in quarantine: scene {poison.scene} ({poison.reason}, begun {times(poison.tries)}): {poison.error}"
        )
    made = f"{found.made} of {amount(found.wanted, 'scene')}, {amount(found.keyframes, 'keyframe')}"
    out.print(f"{place}: {made}; manifest merged")
    if not found.whole and allow_missing:
        out.print("the other scenes are no longer asked for; the plan still names them")


def quarantine(
    place: PlanPlace,
    release: Annotated[
        str | None, typer.Option(metavar="I,J,...|all", help="Let these be tried again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the scenes that could not be made, each with its reason and a command that fails the same way."""
    from pairforge.datasets.files import names
    from pairforge.farm.indices import Indices, read_ranges
    from pairforge.farm.plan import locate
    from pairforge.farm.quarantine import read
    from pairforge.farm.quarantine import release as free

    root, _ = locate(place)
    if not names(root):
        raise SpecError(f"there is no dataset at {root}")
    freed: tuple[Poison, ...] = ()
    if release is not None:
        freed = free(root, None if release == "all" else list(Indices(read_ranges(release))))
    held = read(root)
    if as_json:
        shown = {"held": [p.model_dump() for p in held], "released": [p.scene for p in freed]}
        print(json.dumps(shown, indent=1))
        return
    for poison in freed:
        out.print(f"released: scene {poison.scene}")
    for poison in held:
        why = printable(poison.error, also="\n")
        out.print(f"scene {poison.scene}: {poison.reason}, begun {times(poison.tries)}: {why}")
        out.print(f"    {poison.reproducer}")
    if not held:
        out.print(f"{place}: no scene is in quarantine")
