"""Making a dataset: plan what is not there yet, have an executor make it, merge the manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pairforge.datasets import timings
from pairforge.datasets.files import names, remove
from pairforge.datasets.manifest import MANIFEST, Identity, create_or_check, done, finish, slug_of
from pairforge.datasets.place import remote
from pairforge.errors import SpecError, did_you_mean
from pairforge.farm import quarantine
from pairforge.farm.job import jobs_of, load_spec
from pairforge.farm.logs import say, say_result, say_retry, tell_all
from pairforge.farm.protocol import Done, Executor, Failure, Limits
from pairforge.farm.quarantine import Poison
from pairforge.registry import RENDERERS
from pairforge.renderers.protocol import Quality
from pairforge.scenes.check import check
from pairforge.units import amount

QUALITIES: tuple[Quality, ...] = ("draft", "standard", "high")


@dataclass(frozen=True)
class Request:
    """What was asked for: ``spec`` is a library name or ``file.py:NAME``; ``only`` restricts the scenes made now
    without changing what the dataset is, ``limits`` are the executor's, for the commands of the
    quarantine."""

    spec: str
    out: Path
    scenes: int = 1
    seed: int = 0
    renderer: str = "blender"
    quality: Quality = "standard"
    settings: Mapping[str, str] = field(default_factory=dict)
    only: tuple[int, ...] | None = None
    limits: Limits = Limits()  # noqa: RUF009  (frozen)


@dataclass(frozen=True)
class Outcome:
    """What came of it: jobs done now, jobs that failed, scenes that were there already, and scenes in quarantine that
    were not tried."""

    done: tuple[Done, ...]
    failed: tuple[Failure, ...]
    kept: tuple[int, ...]
    left_out: tuple[Poison, ...] = ()


def generate(
    request: Request,
    executor: Executor,
    on_plan: Callable[[int], None] = lambda frames: None,
    on_frame: Callable[[], None] = lambda: None,
    on_retry: Callable[[Failure], None] = lambda failure: None,
    on_result: Callable[[Done | Failure], None] = lambda result: None,
) -> Outcome:
    """Make what is missing of the dataset at ``request.out`` and merge its manifest.

    Scenes in quarantine are left out; those that fail now by their own fault are put there.
    ``on_plan`` is told how many keyframes are to be made, ``on_frame`` is called for each, ``on_retry`` for each
    attempt that was lost and is made again, ``on_result`` with how each scene ended. Raises SpecError for a bad
    request, DatasetError for a directory made from something else, MachineError for a disk that refuses. Once a scene
    failed because the disk or the store refused it, no more are begun.
    """
    check_request(request)
    scene, _, sha256 = load_spec(request.spec, request.settings)
    check(scene)
    wanted = sorted(set(range(request.scenes) if request.only is None else request.only))
    fresh = not (names(request.out) if remote(request.out) else request.out.exists())
    identity = identity_of(request, scene.name, sha256)
    create_or_check(request.out, identity, request.scenes, request.only)
    kept = tuple(sorted(done(request.out) & set(wanted)))
    held = tuple(p for p in quarantine.read(request.out) if p.scene in wanted and p.scene not in kept)
    skipped = {*kept, *(p.scene for p in held)}
    jobs = jobs_of(identity, request.spec, request.out, (i for i in wanted if i not in skipped))
    frames = len(jobs) * round(scene.duration_s * scene.keyframe_rate_hz)
    on_plan(frames)
    say("begun", f"{request.spec} into {request.out}", frames=frames)
    results = []
    for result in executor.run(jobs, on_frame, tell_all(say_retry, on_retry)):
        say_result(result)
        on_result(result)
        results.append(result)
        if isinstance(result, Failure) and result.reason == "storage":
            executor.drain()  # it would refuse the next scene too, after all the work of making it
    made = tuple(sorted((r for r in results if isinstance(r, Done)), key=lambda r: r.index))
    failed = tuple(sorted((r for r in results if isinstance(r, Failure)), key=lambda r: r.index))
    if fresh and failed and not made:
        _leave_nothing(request.out)
    else:
        _set_aside(request, identity, quarantine.at_fault(failed, len(made) + len(kept)))
        if made:
            timings.keep(request.out, 0, {d.index: d.seconds for d in made})
            timings.merge(request.out)
        finish(request.out)
    say(
        "ended",
        f"{amount(len(made), 'scene')} made, {len(kept)} there already, {len(failed)} failed, {len(held)} left out",
    )
    return Outcome(made, failed, kept, held)


def _set_aside(request: Request, identity: Identity, poison: Sequence[Failure]) -> None:
    for failure in poison:
        command = quarantine.reproducer(request.spec, identity, request.scenes, request.limits, failure)
        quarantine.put(request.out, failure, slug_of(identity.scene, failure.index), command)


def identity_of(request: Request, scene: str, sha256: str) -> Identity:
    """What decides the bytes of the scenes of that name, from a spec of that hash."""
    return Identity(
        scene=scene,
        spec_source=source_name(request.spec),
        spec_sha256=sha256,
        overrides=dict(request.settings),
        seed=request.seed,
        quality=request.quality,
        renderer=request.renderer,
    )


def _leave_nothing(root: Path) -> None:
    """A spec of which no scene could be made leaves no directory behind; anything unexpected in it stays."""
    remove(root / MANIFEST)
    if remote(root):
        return
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        with suppress(OSError):
            folder.rmdir()
    with suppress(OSError):
        root.rmdir()


def check_quality(name: str) -> Quality:
    """The quality of that name; SpecError with a suggestion when there is none."""
    for quality in QUALITIES:
        if quality == name:
            return quality
    raise SpecError(f'unknown quality "{name}". {did_you_mean(name, QUALITIES)}')


def check_request(request: Request) -> None:
    """Raise SpecError for what no dataset can be made of."""
    RENDERERS.check(request.renderer)
    check_quality(request.quality)
    if request.scenes < 1:
        raise SpecError(f"--scenes must be at least 1, not {request.scenes}")
    if request.only is not None:
        beyond = [i for i in request.only if not 0 <= i < request.scenes]
        if beyond or not request.only:
            raise SpecError(
                f"--only names scene {beyond[0] if beyond else '(none)'}, but --scenes {request.scenes} makes "
                f"scenes 0 to {request.scenes - 1}"
            )


def source_name(spec: str) -> str:
    """The spec without its folders: a dataset does not depend on where its spec lay."""
    path, colon, name = spec.rpartition(":")
    return f"{Path(path).name}:{name}" if colon else spec
