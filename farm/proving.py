"""Proving a dataset in worker processes: all of it, a part of it, or the whole from the records of its parts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pairforge.datasets import verify_files
from pairforge.datasets.finding import Finding, Report
from pairforge.datasets.manifest import Manifest, read_manifest, slug_of
from pairforge.datasets.measurements import Measurements
from pairforge.datasets.records import record_entry
from pairforge.datasets.scene_index import SceneEntry, scenes_of
from pairforge.datasets.store import shard_path
from pairforge.errors import DatasetError, SpecError
from pairforge.farm.indices import told
from pairforge.farm.local import LocalExecutor
from pairforge.farm.logs import say, say_retry, tell_all
from pairforge.farm.proof_record import (
    FOLDER,
    identity_sha256,
    read_proofs,
    verifier_version,
    write_proof,
)
from pairforge.farm.proof_units import GroupProof, Proved, SceneProofs, Task
from pairforge.farm.protocol import Done, Failure, Limits, Work
from pairforge.scratch import scratch
from pairforge.units import amount, times

if TYPE_CHECKING:
    from pairforge.datasets.verify_contrasts import Contrasts

UNITS_PER_WORKER = 5000
"""There is no Blender in these workers that would grow; one that does grow is replaced all the same."""
SCENE_S, KEYFRAME_S = 600.0, 30.0
"""Wall seconds for proving a scene, and more for each of its keyframes, after which it counts as hung."""
MOST_KEPT = 100_000
"""Findings that are kept and listed; the rest are counted."""
_runs = itertools.count()


@dataclass(frozen=True)
class Order:
    """Prove the dataset at ``place``. ``only``: these scenes alone, of which a record of proof is left;
    ``from_proofs``: believe the records of proof of scenes whose bytes are still those, and prove what is about the
    whole. ``crosscheck``: see ``datasets.verify.verify``."""

    place: Path
    workers: int = 1
    only: Sequence[int] | None = None
    from_proofs: bool = False
    crosscheck: int = 0
    seconds: float | None = None
    tries: int = 3


@dataclass
class _Listeners:
    """Who is told what while a proof is under way."""

    total: Callable[[int], None] = lambda total: None
    tick: Callable[[], None] = lambda: None
    retry: Callable[[Failure], None] = lambda failure: None
    finding: Callable[[Finding], None] = lambda finding: None


@dataclass
class _Found:
    """Findings, each told at once and kept once; what was measured; the scenes that were proved to the end."""

    tell: Callable[[Finding], None]
    kept: set[Finding] = field(default_factory=set)
    more: int = 0
    measured: Measurements = field(default_factory=Measurements)
    proved: dict[int, str] = field(default_factory=dict)

    def add(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            if finding in self.kept:
                continue
            if len(self.kept) < MOST_KEPT:
                self.kept.add(finding)
            else:
                self.more += 1
            self.tell(finding)


def prove(
    order: Order,
    on_total: Callable[[int], None] = lambda total: None,
    on_tick: Callable[[], None] = lambda: None,
    on_retry: Callable[[Failure], None] = lambda failure: None,
    on_finding: Callable[[Finding], None] = lambda finding: None,
) -> Report:
    """Prove what was asked for; never raises for what is wrong with the dataset, but reports it.

    ``on_total`` is told how many keyframes (and quads) there are to prove, ``on_tick`` is called for each,
    ``on_finding`` at once with each fault. A scene whose proof kills its worker, or hangs, ``tries`` times is a
    finding: it is not proved. Raises SpecError for scenes that the dataset does not have, MachineError when the
    record of a part cannot be written, SystemExit(143) when SIGTERM ends it.
    """
    from pairforge.datasets.verify import unreadable

    try:
        manifest = read_manifest(order.place)
    except DatasetError as error:
        return unreadable(error)
    run = _Run(order, manifest, _Listeners(on_total, on_tick, on_retry, on_finding))
    with scratch("verify") as folder:
        return run.part(folder) if order.only is not None else run.whole(folder)


class _Run:
    """One proof under way."""

    def __init__(self, order: Order, manifest: Manifest, listeners: _Listeners) -> None:
        self._order, self._manifest, self._say = order, manifest, listeners
        self._found = _Found(listeners.finding)
        self._number = next(_runs)

    def part(self, scratch: Path) -> Report:
        """Prove ``order.only`` and leave a record."""
        order, only = self._order, self._order.only
        assert only is not None
        entries = self._entries(only)
        there = {e.scene_index for e in entries}
        missing = [i for i in only if i in self._manifest.wanted and i not in there]
        self._found.add(verify_files.not_made(i) for i in missing)
        task = Task(order.place, scratch, self._number, questions=False)
        frames = sum(entry.frames for entry in entries)
        self._say.total(frames)
        say("begun", f"proof of scenes {told(only)} of {order.place}", frames=frames)
        self._scenes(task, entries)
        if order.crosscheck:
            self._cycles(entries)
        proved = self._found.proved
        own = [f for f in self._found.kept if f.scene in proved]
        write_proof(order.place, self._manifest.identity, only, proved, own)
        return self._report(len(entries), frames)

    def whole(self, scratch: Path) -> Report:
        """Prove everything, or what records of proof leave to be proved."""
        from pairforge.datasets.verify_contrasts import Contrasts
        from pairforge.datasets.verify_questions import Questions

        order, manifest = self._order, self._manifest
        self._found.add(verify_files.whole(order.place, manifest))
        self._found.add(Questions(order.place, {*manifest.scenes.numbers.tolist()}).faults)
        contrasts = Contrasts(order.place)
        self._found.add(contrasts.faults)
        if order.from_proofs:
            self._found.add(fitting(order.place, manifest))
        quads = sum(contrasts.count(group) for group in contrasts.groups)
        frames = int(manifest.scenes.frames.sum())
        self._say.total(frames + quads)
        say("begun", f"proof of {order.place}", frames=frames)
        task = Task(order.place, scratch, self._number, content=not order.from_proofs)
        self._scenes(task, manifest.scenes)
        self._groups(task, contrasts)
        if order.crosscheck:
            self._cycles(manifest.scenes)
        return self._report(len(manifest.scenes), frames)

    def _entries(self, only: Sequence[int]) -> list[SceneEntry]:
        """Of the scenes that are there: as the index has them, else (it is not merged yet) as their records do."""
        manifest, found = self._manifest, []
        if strangers := [i for i in only if not 0 <= i < manifest.scene_count]:
            raise SpecError(
                f"there is no scene {strangers[0]}: {self._order.place} has scenes 0 to {manifest.scene_count - 1}"
            )
        for i in only:
            slug = slug_of(manifest.identity.scene, i)
            entry = manifest.scenes.find(i) or record_entry(self._order.place, slug)
            found += [entry] if entry is not None else []
        return found

    def _scenes(self, task: Task, entries: Sequence[SceneEntry]) -> None:
        hashes = {} if self._order.only is None else {e.scene_index: e.record_sha256 for e in entries}
        most = max((int(e.frames) for e in entries), default=0)
        for result in self._executed(SceneProofs(task, entries), most):
            if isinstance(result, Done):
                if hashes:
                    self._found.proved[result.index] = hashes[result.index]
                continue
            file = shard_path(slug_of(self._manifest.identity.scene, result.index))
            self._found.add([Finding(result.index, -1, file, "proof", _unproved(result))])

    def _groups(self, task: Task, contrasts: Contrasts) -> None:
        units = [GroupProof(task, group) for group in contrasts.groups]
        most = max((contrasts.count(group) for group in contrasts.groups), default=0)
        for result in self._executed(units, most):
            if isinstance(result, Failure):
                self._found.add([Finding(result.index, -1, "contrasts", "proof", _unproved(result))])

    def _executed(self, units: Sequence[Work], most: int) -> Iterator[Done | Failure]:
        """How each unit ended; what it found and measured is taken in."""
        seconds = self._order.seconds or SCENE_S + KEYFRAME_S * most
        limits = Limits(seconds=seconds, tries=self._order.tries)
        executor = LocalExecutor(self._order.workers, limits, units_per_worker=UNITS_PER_WORKER)
        for result in executor.run(units, self._say.tick, tell_all(say_retry, self._say.retry)):
            if isinstance(result, Proved):
                self._found.add(result.findings)
                if result.measured is not None:
                    self._found.measured.merge(result.measured)
            yield result

    def _cycles(self, entries: Sequence[SceneEntry]) -> None:
        from pairforge.datasets.reader import Dataset
        from pairforge.datasets.verify import cycles_checked

        manifest = self._manifest
        if self._order.only is not None:
            manifest = replace(manifest, scenes=scenes_of(entries))
        dataset = Dataset(self._order.place, manifest)
        self._found.add(cycles_checked(dataset, self._order.crosscheck, self._found.measured))

    def _report(self, scenes: int, frames: int) -> Report:
        from pairforge.datasets.verify import CHECKS

        found = self._found
        return Report(
            tuple(sorted(found.kept)), scenes, frames, CHECKS, found.measured.quantiles(), found.more
        )


def fitting(root: Path, manifest: Manifest) -> Iterator[Finding]:
    """What the records of proof say of the dataset's scenes, and which scenes no record proves.

    A record counts for a scene when this very verifier wrote it, of a dataset of this identity, and the scene's
    completion record is still the one that was proved.
    """
    verifier, identity = verifier_version(), identity_sha256(manifest.identity)
    unproved = {*manifest.scenes.numbers.tolist()}
    for file, record in read_proofs(root):
        if isinstance(record, DatasetError):
            yield Finding(-1, -1, file, "proof", f"is no record of proof: {record}")
            continue
        if record.verifier != verifier:
            yield _refused(
                file, record.scenes, f"was written by verifier {record.verifier}, this is {verifier}"
            )
            continue
        if record.identity_sha256 != identity:
            yield _refused(file, record.scenes, "is of a dataset that was made from something else")
            continue
        entries = {i: manifest.scenes.find(i) for i in record.scenes}
        fresh = {i for i, e in entries.items() if e is not None and e.record_sha256 == record.scenes[i]}
        if stale := sorted(i for i, e in entries.items() if e is not None and i not in fresh):
            yield _refused(file, stale, "does not fit: scenes were changed after they were proved")
        unproved -= fresh
        yield from (finding for finding in record.told if finding.scene in fresh)
    if unproved:
        yield _refused(
            FOLDER, sorted(unproved), f"{amount(len(unproved), 'scene')} without a record of proof that fits"
        )


def _refused(file: str, scenes: Iterable[int], why: str) -> Finding:
    return Finding(
        -1, -1, file, "proof", f"{why} ({told(scenes)}). Prove them again: pairforge verify DIR --only …"
    )


def _unproved(failure: Failure) -> str:
    return f"not proved ({failure.reason}, begun {times(failure.tries)}): {failure.error}"
