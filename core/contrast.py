"""Making contrasts: groups of scenes until every kind has its quads, then one table of them all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from pairforge.captioners.contrasts.protocol import kind, names
from pairforge.captioners.languages.protocol import language
from pairforge.contrast_job import GroupJob, part_path
from pairforge.datasets.contrast_tables import FOLDER, note_of, read_table, write_table
from pairforge.datasets.files import is_file, read_bytes, sha256_file, write_atomic
from pairforge.datasets.manifest import Identity, create_or_check, done, settle
from pairforge.errors import DatasetError, SpecError
from pairforge.farm.job import load_spec
from pairforge.farm.protocol import Executor, Failure
from pairforge.generate import check_quality, source_name
from pairforge.registry import RENDERERS
from pairforge.scenes.check import check

REQUEST = "request.json"
FIRST, LARGEST, STEP = 4, 24, 250
"""Groups of the first round and of the largest, and quads of each kind before any kind is made more of."""
MOST_EMPTY = 12
"""Groups without one quad of a kind after which it is given up."""


@dataclass(frozen=True)
class ContrastRequest:
    """What was asked for: ``pairs`` quads of each kind in each language. See ``generate.Request``."""

    spec: str
    out: Path
    kinds: tuple[str, ...] = ()
    pairs: int = 100
    seed: int = 0
    renderer: str = "raycast"
    quality: str = "draft"
    settings: Mapping[str, str] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True)
class Contrasts:
    """What came of it: quads by kind, groups and scenes made, seconds by stage of those made now."""

    quads: Mapping[str, int]
    groups: int
    scenes: int
    seconds: Mapping[str, float]


def contrast(
    request: ContrastRequest,
    executor: Executor,
    on_plan: Callable[[int], None] = lambda groups: None,
    on_group: Callable[[], None] = lambda: None,
) -> Contrasts:
    """Make quads of every kind at ``request.out``, or go on where it was left.

    Groups are made in rounds, each as large as the yield so far asks for, so that what is made depends on the request
    alone and never on workers or on interruptions. Raises SpecError for a bad request or a kind that does not fit the
    scene, DatasetError for a directory made from something else, and whatever made a group fail.
    """
    kinds = _checked(request)
    scene, _, sha256 = load_spec(request.spec, request.settings)
    check(scene)
    identity = Identity(
        scene=scene.name,
        spec_source=source_name(request.spec),
        spec_sha256=sha256,
        overrides=dict(request.settings),
        seed=request.seed,
        quality=request.quality,
        renderer=request.renderer,
    )
    create_or_check(request.out, identity, 1, ())
    _same_request(request, kinds)
    seconds: Counter[str] = Counter()
    made = Contrasts({}, 0, 0, {})
    for jobs in _rounds(request, kinds, sha256):
        whole = done(request.out)
        on_plan(jobs[-1].index + 1)
        for result in executor.run([j for j in jobs if not _is_made(j, whole)], on_group):
            if isinstance(result, Failure):
                raise result.error
            seconds.update(result.seconds)
        # After every round what there is is whole: a run that is stopped leaves a smaller dataset, not half of one.
        groups = jobs[-1].index + 1
        counts = _merge(request, kinds, groups)
        made = Contrasts(counts, groups, len(settle(request.out).scenes), dict(seconds))
    return made


def _checked(request: ContrastRequest) -> tuple[str, ...]:
    """The kinds asked for, in the registry's order, after everything else was found to make sense."""
    RENDERERS.check(request.renderer)
    check_quality(request.quality)
    for name in request.kinds:
        kind(name)
    for code in request.languages:
        language(code)
    if request.pairs < 1:
        raise SpecError(f"--pairs must be at least 1, not {request.pairs}")
    if not request.languages or len(set(request.languages)) < len(request.languages):
        raise SpecError(
            f"--languages {','.join(request.languages)!r}: name each language once, as in --languages en"
        )
    return tuple(n for n in names() if n in request.kinds or not request.kinds)


def _same_request(request: ContrastRequest, kinds: tuple[str, ...]) -> None:
    """Another number of pairs may be asked for later; other kinds or languages may not."""
    path = request.out / FOLDER / REQUEST
    asked = {"kinds": list(kinds), "languages": list(request.languages)}
    if is_file(path):
        try:
            before = {k: json.loads(read_bytes(path))[k] for k in asked}
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise DatasetError(f"{path} is damaged ({error}). Make the contrasts again.") from error
        for name, value in asked.items():
            if before[name] != value:
                raise DatasetError(
                    f"{request.out} holds contrasts of other {name}: {', '.join(before[name])}. Ask for the same, or "
                    "choose another --out."
                )
        return
    write_atomic(request.out, path, _dump(asked))


def _rounds(request: ContrastRequest, kinds: tuple[str, ...], sha256: str) -> Iterator[list[GroupJob]]:
    """Groups to be made, round after round; each round is planned when the one before is there.

    Kinds keep step: those that have enough for the next of ever larger numbers wait until all others do.
    """
    counts: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    wanted = request.pairs * len(request.languages)
    groups, size, step = 0, min(FIRST, ceil(request.pairs / 2)), min(wanted, STEP)
    while any(counts[k] < wanted for k in kinds):
        while all(counts[k] >= step for k in kinds):
            step = min(wanted, 2 * step)
        short = tuple(k for k in kinds if counts[k] < step)
        most = max((ceil((step - counts[k]) * tried[k] / max(counts[k], 0.5)) for k in short), default=0)
        size = min(max(1, most), 2 * groups, LARGEST) if groups else size
        jobs = [_job(request, sha256, g, short) for g in range(groups, groups + size)]
        yield jobs
        for job in jobs:
            counts.update(r["kind"] for r in read_table(part_path(request.out, job.index, "quads"), "quads"))
        groups += size
        tried.update(dict.fromkeys(short, size))
        for name in short:
            if not counts[name] and tried[name] >= MOST_EMPTY:
                raise SpecError(
                    f'kind "{name}" does not fit scene "{request.spec}": {tried[name]} draws of it gave no quad. It '
                    f"needs {kind(name).needs}. Leave it out of --kinds, or choose another scene."
                )


def _job(request: ContrastRequest, sha256: str, group: int, kinds: tuple[str, ...]) -> GroupJob:
    return GroupJob(
        spec=request.spec,
        spec_sha256=sha256,
        settings=dict(request.settings),
        seed=request.seed,
        index=group,
        root=request.out,
        renderer=request.renderer,
        quality=check_quality(request.quality),
        kinds=kinds,
        languages=request.languages,
    )


def _is_made(job: GroupJob, whole: set[int]) -> bool:
    """Whether a group's tables are there, and every scene that they name is ``whole``."""
    try:
        path = part_path(job.root, job.index, "quads")
        quads = read_table(path, "quads")
        if note_of(path, "kinds") != ",".join(job.kinds):
            return False
        read_table(part_path(job.root, job.index, "texts"), "texts")
    except DatasetError:
        return False
    return {int(r[k][:6]) for r in quads for k in ("key_0", "key_1")} <= whole


def _merge(request: ContrastRequest, kinds: tuple[str, ...], groups: int) -> dict[str, int]:
    """The first ``pairs`` quads of every kind and language, numbered anew, with their texts."""
    root, taken = request.out, Counter[tuple[str, str]]()
    quads: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    for group in range(groups):
        of_quad: dict[int, list[dict[str, Any]]] = {}
        for text in read_table(part_path(root, group, "texts"), "texts"):
            of_quad.setdefault(text["quad_id"], []).append(text)
        for row in read_table(part_path(root, group, "quads"), "quads"):
            key = (row["kind"], row["language"])
            if taken[key] < request.pairs:
                taken[key] += 1
                texts += [{**t, "quad_id": len(quads)} for t in of_quad[row["quad_id"]]]
                quads.append({**row, "quad_id": len(quads)})
    folder = root / FOLDER
    write_table(root, folder / "texts.parquet", "texts", texts)
    write_table(root, folder / "quads.parquet", "quads", quads)
    asked = {"kinds": list(kinds), "languages": list(request.languages), "pairs": request.pairs}
    hashes = {n: sha256_file(folder / f"{n}.parquet") for n in ("quads", "texts")}
    write_atomic(root, folder / REQUEST, _dump({**asked, "sha256": hashes}))
    return {k: sum(n for (name, _), n in taken.items() if name == k) for k in kinds}


def _dump(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def to_json(request: ContrastRequest, made: Contrasts) -> dict[str, Any]:
    """What was made, for a machine to read."""
    return {"out": str(request.out), **asdict(made)}
