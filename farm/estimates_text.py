"""A plan's cost, for people."""

from __future__ import annotations

from pairforge.farm.cost import Measured, Spread
from pairforge.farm.indices import told
from pairforge.farm.plan import Plan
from pairforge.units import amount, bytes_text


def lines(plan: Plan) -> list[str]:
    """What was measured, what follows for all, and what each job needs."""
    measured, estimate = plan.measured, plan.estimate
    if measured is None or estimate is None:
        return ["nothing was measured (--measure 0): no estimates"]
    hours = ", ".join(f"{_time(3600 * h)} at {w}" for w, h in estimate.hours_at.items())
    busy = "  this machine was busy: with less than half a core to itself, wall times are too long"
    return [
        f"measured on scenes {told(measured.scenes)} on {measured.cores} cores, of one scene:",
        *_measured(measured),
        *([busy] if measured.cores_used < 0.5 else []),
        f"all: {amount(estimate.keyframes, 'keyframe')}, {bytes_text(estimate.storage_bytes)}, "
        f"{_time(3600 * estimate.worker_hours)} of work "
        f"(± {100 * estimate.uncertainty:.0f} %), {_time(3600 * estimate.cpu_hours)} of CPU",
        f"with one worker a job, jobs at a time: {hours}",
        f"each job: {_time(estimate.job_s)}, {bytes_text(measured.memory_bytes)} of memory a worker "
        f"(1.5 x the {bytes_text(measured.peak_bytes)} seen), {measured.cores_used:.1f} cores busy",
        f"time limit of a scene: {_limit(plan)}; tries: {plan.limits.tries}",
    ]


def _measured(measured: Measured) -> list[str]:
    told_s = max(0.001, 0.01 * measured.wall_s.mean)  # below that a stage is noise
    stages = sorted(
        ((n, s) for n, s in measured.stages.items() if s.mean >= told_s), key=lambda i: -i[1].mean
    )
    return [
        f"  {_spread(measured.wall_s)} s of wall time, {_spread(measured.cpu_s)} s of CPU "
        f"({measured.renderer_cpu_s.mean:.3g} s of it in the renderer's process), "
        f"{measured.start_s:.3g} s to start a worker",
        f"  {_spread(measured.keyframes)} keyframes, {bytes_text(round(measured.bytes.mean))}",
        "  stages (some overlap): " + ", ".join(f"{name} {_spread(s)} s" for name, s in stages),
    ]


def _spread(value: Spread) -> str:
    return f"{value.mean:.3g} ± {value.spread:.2g}" if value.spread else f"{value.mean:.3g}"


def _limit(plan: Plan) -> str:
    if plan.time_limit_s is None:
        return "none"
    why = " (10 x the longest seen, 5 minutes at least)" if plan.limits.seconds == "measured" else ""
    return _time(plan.time_limit_s) + why


def _time(seconds: float) -> str:
    """In the unit that a person would take.

    >>> _time(7.3), _time(600), _time(40000)
    ('7.3 s', '10 min', '11.1 h')
    """
    if seconds < 60:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.3g} min" if seconds < 7200 else f"{seconds / 3600:.3g} h"
