"""A status as text: failures first, then how far, how fast, at what cost, and where the time goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pairforge.farm.indices import told
from pairforge.farm.status import JOB_STATES, JobLine, JobState, Status
from pairforge.units import amount, bytes_text, printable, times

MOST_SHOWN = 10
BAR = 40
COLOUR: dict[JobState, str] = {
    "failed": "bold red",
    "stalled": "bold red",
    "preempted": "yellow",
    "running": "cyan",
    "waiting": "dim",
    "done": "green",
}
WORDS: dict[JobState, str] = {"preempted": "stopped", "waiting": "not begun"}
ERROR_LINES, ERROR_CHARACTERS = 2, 200


def view(status: Status, price: float | None = None, most: int = MOST_SHOWN) -> RenderableType:
    """Everything, for a terminal or a log; ``price`` of a CPU hour, ``most`` rows of each list."""
    parts = [
        [_title(status)],
        _poison(status, most),
        _failed(status, most),
        _stalled(status, most),
        _progress(status),
        _pace(status),
        _cost(status, price),
        _stages(status),
        _slowest(status),
        _trouble(status, most),
    ]
    lines: list[RenderableType] = []
    for part in (list(p) for p in parts):
        lines += [*part, Text("")] if part else []
    return Group(*lines[:-1])


def summary(status: Status) -> str:
    """One line, for a log that gets one again and again."""
    counts = ", ".join(f"{n} {_word(s)}" for s, n in status.counts.items() if n)
    return (
        f"{status.at:%H:%M:%S} {status.scenes_made}/{status.scenes_wanted} scenes, "
        f"{len(status.poison)} in quarantine; jobs: {counts}; {status.frame_pace:.3g} keyframes/s; {_eta(status)}"
    )


def _title(status: Status) -> Text:
    identity = status.plan.identity
    how = f"{identity.renderer}, {identity.quality}, seed {identity.seed}"
    return Text.assemble(
        (identity.scene, "bold"),
        f"  plan {status.plan.id}  {how}\n",
        (f"{status.place}  ", "dim"),
        _at(status),
    )


def _at(status: Status) -> tuple[str, str]:
    return f"as of {status.at:%Y-%m-%d %H:%M:%S} UTC", "dim"


def _poison(status: Status, most: int) -> Iterator[Text]:
    if status.poison:
        yield Text(f"QUARANTINED: {amount(len(status.poison), 'scene')} that could not be made", "bold red")
    for poison in status.poison[:most]:
        yield Text.assemble(
            (f"  scene {poison.scene} ", "bold"),
            (poison.reason, "red"),
            f", begun {times(poison.tries)}: {short(poison.error)}",
        )
        yield Text(f"    {poison.reproducer}", "dim")
    yield from _rest(len(status.poison), most)


def _failed(status: Status, most: int) -> Iterator[Text]:
    held = {p.scene for p in status.poison}
    jobs = status.of("failed")
    if jobs:
        yield Text(f"FAILED: {amount(len(jobs), 'job')}", "bold red")
    for job in jobs[:most]:
        yield Text.assemble((f"  job {job.job} ", "bold"), _where(job), f": {short(_why(job, held))}")
    yield from _rest(len(jobs), most)
    if status.unreadable:
        yield Text(f"UNREADABLE: {amount(len(status.unreadable), 'file')}", "bold red")
        yield from (Text(f"  {short(said)}") for said in status.unreadable[:most])


def _why(job: JobLine, held: set[int]) -> str:
    """What is not told already by the quarantine."""
    others = [f for f in job.failures if f.scene not in held]
    if not others:
        return job.note or "it ended with an error"
    first = others[0]
    more = f" (and {amount(len(others) - 1, 'scene')} more)" if len(others) > 1 else ""
    return f"scene {first.scene} {first.reason}, begun {times(first.tries)}: {first.error}{more}"


def _stalled(status: Status, most: int) -> Iterator[Text]:
    jobs = sorted(status.of("stalled"), key=lambda j: -j.silent_s)
    if jobs:
        yield Text(f"STALLED: {amount(len(jobs), 'job')} without a heartbeat; run them again", "bold red")
    for job in jobs[:most]:
        said = f": silent for {_time(job.silent_s)}, {int(job.scenes_made)} of {amount(job.scenes, 'scene')} made"
        yield Text.assemble((f"  job {job.job} ", "bold"), _where(job), said)
    yield from _rest(len(jobs), most)


def _progress(status: Status) -> Iterator[Text]:
    part = status.scenes_made / status.scenes_wanted
    full = int(part * BAR) if part < 1 else BAR
    bar = ("█" * full, "green"), ("░" * (BAR - full), "dim")
    yield Text.assemble(*bar, (f" {100 * part:.1f} %  ", "bold"), _eta(status))
    keyframes = (
        f", {amount(status.totals.frames, 'keyframe')} by all attempts" if status.totals.frames else ""
    )
    yield Text(f"{status.scenes_made:,} of {amount(status.scenes_wanted, 'scene')}{keyframes}")
    states = [s for s in reversed(JOB_STATES) if status.counts[s]]
    shown = [(f"{status.counts[s]:,} {_word(s)}", COLOUR[s]) for s in states]
    yield Text.assemble(f"{amount(len(status.jobs), 'job')}: ", *_joined(shown))
    if status.to_begin:
        yield Text(f"to begin, or begin again: jobs {told(status.to_begin)}")


def _joined(parts: list[tuple[str, str]]) -> Iterator[tuple[str, str] | str]:
    for k, part in enumerate(parts):
        yield part if not k else ", "
        if k:
            yield part


def _eta(status: Status) -> str:
    if status.complete:
        return "complete: run pairforge finish"
    if not status.scenes_left:
        return "all else is in quarantine"
    if status.eta_s is None:
        left = f"; about {_time(status.scenes_left * status.scene_s)} of work left" if status.scene_s else ""
        return "no job is running" + left if not status.counts["running"] else "too early for an ETA"
    end = status.at + timedelta(seconds=status.eta_s)
    return f"ETA {_time(status.eta_s)} ({end:%a %H:%M} UTC)"


def _pace(status: Status) -> Iterator[Text]:
    running = status.of("running")
    if running:
        hosts = len({j.host for j in running})
        yield Text(
            f"now: {status.frame_pace:.3g} keyframes/s, {status.pace:.3g} scenes/s in {amount(len(running), 'job')} "
            f"on {amount(hosts, 'host')}"
        )
    totals = status.totals
    if totals.scenes_done:
        planned = status.plan.measured.wall_s.mean if status.plan.measured else None
        than = f" ({status.scene_s / planned:.2f} x what was planned)" if planned and status.scene_s else ""
        yield Text(
            f"a scene takes {_time(status.scene_s or 0.0)}{than}, {bytes_text(totals.bytes_written)} written"
        )
    if totals.peak_bytes:
        one = f"; {bytes_text(totals.scene_peak_bytes)} for one scene" if totals.scene_peak_bytes else ""
        yield Text(f"memory: at most {bytes_text(totals.peak_bytes)} in one job (job {totals.peak_job}){one}")
    if totals.retries or totals.attempts > len(status.jobs) - status.counts["waiting"]:
        yield Text(
            f"{amount(totals.retries, 'retry', 'retries')} of scenes, {amount(totals.attempts, 'attempt')} at jobs"
        )


def _cost(status: Status, price: float | None) -> Iterator[Text]:
    in_all, planned = status.cpu_hours_in_all, status.cpu_hours_planned
    if not status.cpu_hours and in_all is None:
        return

    def money(hours: float) -> str:
        return "" if price is None else f" = {hours * price:.2f}"

    said = f"cost: {_hours(status.cpu_hours)}{money(status.cpu_hours)} so far"
    if in_all is not None and not status.complete:
        said += f", about {_hours(in_all)}{money(in_all)} in all"
    if planned is not None:
        said += f" (planned: {_hours(planned)}{money(planned)})"
    yield Text(said + (f", at {price:g} a CPU hour" if price is not None else ""))


def _stages(status: Status) -> Iterator[RenderableType]:
    seconds, frames = status.totals.seconds, status.totals.frames_done
    if not seconds or not frames:
        return
    table = Table(box=None, padding=(0, 1), show_edge=False, header_style="bold")
    table.add_column("stage")
    table.add_column("s/keyframe", justify="right")
    table.add_column("wall time; some stages overlap", style="dim")
    most = max(seconds.values())
    for stage, s in seconds.items():
        table.add_row(stage, f"{s / frames:.3f}", Text("█" * round(30 * s / most) or "▏", "cyan"))
    yield table


def _slowest(status: Status) -> Iterator[RenderableType]:
    jobs = status.slowest()
    if len(jobs) < 2:
        return
    table = Table(box=None, padding=(0, 1), show_edge=False, header_style="bold")
    for name in ("slowest jobs", "state", "host"):
        table.add_column(name)
    for name in ("attempt", "s/scene", "scenes", "memory"):
        table.add_column(name, justify="right")
    for j in jobs:
        state = Text(_word(j.state), COLOUR[j.state])
        scenes = f"{int(j.scenes_made)}/{j.scenes}"
        memory = bytes_text(j.peak_bytes)
        table.add_row(f"job {j.job}", state, j.host, str(j.attempt), f"{j.scene_s:.1f}", scenes, memory)
    yield table


def _trouble(status: Status, most: int) -> Iterator[Text]:
    hosts = list(status.totals.trouble.items())
    if hosts:
        said = ", ".join(f"{host} {n}" for host, n in hosts[:most])
        yield Text(f"lost tries, failures and jobs by host: {said}", "yellow")


def _rest(count: int, most: int) -> Iterator[Text]:
    if count > most:
        yield Text(f"  and {count - most} more (--most {count} shows all)", "dim")


def _where(job: JobLine) -> str:
    return f"on {job.host}, attempt {job.attempt}" if job.host else ""


def _word(state: JobState) -> str:
    return WORDS.get(state, state)


def short(text: str) -> str:
    """The beginning of a message as a terminal may show it: no control characters, few lines."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = " ".join([*lines[:1], *lines[-1:]] if len(lines) > ERROR_LINES else lines)
    clean = printable(joined)
    return clean if len(clean) <= ERROR_CHARACTERS else clean[: ERROR_CHARACTERS - 1] + "…"


def _hours(hours: float) -> str:
    """
    >>> _hours(0), _hours(0.02), _hours(0.2), _hours(12.34), _hours(1234.5)
    ('no CPU time', '72 CPU seconds', '12 CPU minutes', '12.3 CPU hours', '1,234 CPU hours')
    """
    if not hours:
        return "no CPU time"
    if hours < 1:
        return f"{60 * hours:.0f} CPU minutes" if hours > 0.05 else f"{3600 * hours:.2g} CPU seconds"
    return f"{hours:,.3g} CPU hours" if hours < 1000 else f"{hours:,.0f} CPU hours"


def _time(seconds: float) -> str:
    """
    >>> _time(8), _time(95), _time(8000), _time(200_000)
    ('8 s', '1 min 35 s', '2 h 13 min', '2 d 7 h')
    """
    if seconds < 60:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    for size, name, part, small in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {name} {whole % size // part} {small}"
    return f"{whole} s"
