"""Making a plan: check what is asked for, measure a few scenes of it, divide it, write it down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pairforge.datasets.files import is_file, names
from pairforge.datasets.manifest import MANIFEST, Identity, check_same, create_or_check
from pairforge.errors import SpecError
from pairforge.farm import plan as plans
from pairforge.farm.cost import Measured, scenes_in
from pairforge.farm.indices import Indices, Ranges
from pairforge.farm.job import jobs_of, load_spec
from pairforge.farm.measuring import Sample, measure, proof_of, sampled
from pairforge.farm.plan import Plan, PlanLimits
from pairforge.farm.protocol import Failure, Limits
from pairforge.generate import Request, check_request, identity_of
from pairforge.renderers.protocol import Quality
from pairforge.scenes.check import check

MOST_JOBS = 1000
"""Jobs of a plan for which no division was asked: Slurm's usual longest array is 1001."""


@dataclass(frozen=True)
class PlanRequest:
    """What is to be planned. At most one of ``scenes_per_job`` and ``minutes_per_job``; ``measure`` scenes are
    made for their cost (0: none), in the folder ``scratch`` (None: the system's)."""

    spec: str
    out: Path
    scenes: int = 1
    only: Ranges | None = None
    seed: int = 0
    renderer: str = "blender"
    quality: Quality = "standard"
    settings: Mapping[str, str] = field(default_factory=dict)
    scenes_per_job: int | None = None
    minutes_per_job: float | None = None
    limits: PlanLimits = PlanLimits()  # noqa: RUF009  (frozen)
    measure: int = 3
    scratch: Path | None = None


@dataclass(frozen=True)
class Planned:
    """A plan, what of the scenes made for measuring failed, and whether a plan of that id was there already."""

    plan: Plan
    failures: tuple[Failure, ...]
    renewed: bool


def make_plan(
    asked: PlanRequest,
    on_sample: Callable[[int], None] = lambda frames: None,
    on_frame: Callable[[], None] = lambda: None,
) -> Planned:
    """Write ``plan.json`` and ``dataset.json`` at ``asked.out``; nothing is written before all has been checked.

    Raises SpecError for a bad request, what the scenes raise when none of those measured can be made, DatasetError
    for a place that holds something else or another division, MachineError.
    """
    request = _request(asked)
    check_request(request)
    _check_division(asked)
    _check_settings(asked.settings)
    scene, _, sha256 = load_spec(asked.spec, asked.settings)
    check(scene)
    identity = identity_of(request, scene.name, sha256)
    only = plans.whole_range(asked.only, asked.scenes)
    draft = plans.made(
        identity=identity, scenes=asked.scenes, only=only, scenes_per_job=1, limits=asked.limits
    )
    before = _before(asked.out)
    _check_place(asked.out, before, draft)
    frames = round(scene.duration_s * scene.keyframe_rate_hz)
    sample = _sample(asked, identity, draft.wanted, lambda scenes: on_sample(scenes * frames), on_frame)
    if sample.measured is None and sample.failures:
        raise proof_of(sample.failures[0])
    block = _block(asked, draft.wanted, sample.measured, before)
    plan = plans.made(
        identity=identity,
        scenes=asked.scenes,
        only=only,
        minutes_per_job=asked.minutes_per_job,
        scenes_per_job=block,
        limits=asked.limits,
        measured=sample.measured,
    )
    _check_same_division(asked.out, before, plan)
    create_or_check(asked.out, identity, asked.scenes, None if only is None else plan.wanted)
    plans.write(asked.out, plan)
    return Planned(plan, sample.failures, before is not None and before.id == plan.id)


def _request(asked: PlanRequest) -> Request:
    return Request(
        spec=asked.spec,
        out=asked.out,
        scenes=asked.scenes,
        seed=asked.seed,
        renderer=asked.renderer,
        quality=asked.quality,
        settings=asked.settings,
        only=None if asked.only is None else (asked.only[0][0], asked.only[-1][1]),
    )


def _check_division(asked: PlanRequest) -> None:
    if asked.scenes_per_job is not None and asked.minutes_per_job is not None:
        raise SpecError("give --scenes-per-job or --minutes-per-job, not both")
    if asked.minutes_per_job is not None and asked.measure < 1:
        raise SpecError("--minutes-per-job needs scenes to be measured: --measure 1 or more")
    if asked.measure < 0:
        raise SpecError(f"--measure must be 0 or more, not {asked.measure}")


def _check_settings(settings: Mapping[str, str]) -> None:
    try:
        plans.check_settings(settings)
    except ValueError as error:
        raise SpecError(f"no plan can be made of this: {error}.") from error


def _before(root: Path) -> Plan | None:
    """The plan that is there already."""
    return plans.read(root)[1] if is_file(root / plans.PLAN) else None


def _check_place(root: Path, before: Plan | None, new: Plan) -> None:
    """Before minutes are spent on measuring: would this place take the plan?"""
    if before is not None and before.identity != new.identity:
        check_same(root, new.identity)
    elif before is None and names(root):
        if is_file(root / MANIFEST):
            check_same(root, new.identity)
        else:
            create_or_check(root, new.identity, new.scenes)  # raises: the place holds something else


def _check_same_division(root: Path, before: Plan | None, new: Plan) -> None:
    """Job 7 must mean the same scenes for every worker and report: a plan under way is not divided anew."""
    if before is None or not names(root / "farm"):
        return
    if before.scenes_per_job != new.scenes_per_job or (before.only or ()) != (new.only or ()):
        raise SpecError(
            f"{root} is being made already, in jobs of {before.scenes_per_job} scenes. Ask for the same scenes "
            f"in jobs of that size (--scenes-per-job {before.scenes_per_job}), or delete {root / 'farm'} "
            "when nothing works on it."
        )


def _sample(
    asked: PlanRequest,
    identity: Identity,
    wanted: Indices,
    on_sample: Callable[[int], None],
    on_frame: Callable[[], None],
) -> Sample:
    if asked.measure == 0:
        return Sample(None, ())
    chosen = sampled(asked.seed, wanted, asked.measure)
    on_sample(len(chosen))
    jobs = jobs_of(identity, asked.spec, asked.out, chosen)
    asked_s = asked.limits.seconds
    limits = Limits(None if asked_s == "measured" else asked_s, asked.limits.memory_bytes, tries=1)
    return measure(jobs, limits, asked.scratch, on_frame)


def _block(asked: PlanRequest, wanted: Indices, measured: Measured | None, before: Plan | None) -> int:
    """Scenes of a job. A clock's jitter must not divide a plan anew: the same request keeps the division it had."""
    if asked.scenes_per_job is not None:
        return asked.scenes_per_job
    if asked.minutes_per_job is None or measured is None:
        return max(1, -(-len(wanted) // MOST_JOBS))
    if before is not None and before.minutes_per_job == asked.minutes_per_job:
        return before.scenes_per_job
    return scenes_in(measured, asked.minutes_per_job, len(wanted))
