"""Proving in workers and in parts finds what proving in one process finds, whoever is killed meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pairforge.datasets.finding import Finding
from pairforge.datasets.manifest import finish, read_manifest
from pairforge.datasets.verify import verify
from pairforge.farm import proof_record, proving
from pairforge.farm.proof_record import FOLDER, record_name, write_proof
from pairforge.farm.proving import Order, fitting, prove
from tests.datasets.conftest import make
from tests.datasets.test_corruptions import FORGERIES, forge

FORGERY = next(f for f in FORGERIES if f.name == "another noun")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scenes 0 and 1 of three keyframes."""
    return make(tmp_path_factory.mktemp("untouched") / "dataset")


@pytest.fixture
def dataset(untouched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(untouched, tmp_path / "dataset"))


@pytest.fixture
def forged(dataset: Path) -> Path:
    """A lie in scene 0 of which every hash agrees."""
    forge(dataset, FORGERY.change)
    return dataset


def files_but_proofs(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file() and not p.is_relative_to(root / FOLDER)
    }


@pytest.mark.slow
def test_a_forged_scene_is_caught_alike_in_one_process_in_workers_and_in_parts(forged: Path) -> None:
    alone, before = verify(forged), files_but_proofs(forged)
    assert {(f.scene, f.check) for f in alone.findings} == {(0, FORGERY.check)}
    ticks, told = list[int](), list[Finding]()
    together = prove(Order(forged, workers=2), on_tick=lambda: ticks.append(1), on_finding=told.append)
    assert together == alone, "the same findings, and the same figures"
    assert len(ticks) == 6, "each keyframe is told of once"
    assert {*told} == {*alone.findings}, "and each fault"

    assert prove(Order(forged, only=(1,))).ok
    part = prove(Order(forged, only=(0,)))
    assert part.findings == alone.findings
    whole = prove(Order(forged, from_proofs=True))
    assert whole.findings == alone.findings, "the records of the parts hold what their parts found"
    assert (whole.scenes, whole.frames) == (2, 6)
    assert files_but_proofs(forged) == before, "a proof changes nothing of the dataset"


@pytest.mark.slow
def test_killing_a_worker_loses_no_fault(forged: Path) -> None:
    killed, lost = list[int](), list[str]()

    def kill() -> None:
        workers = [p for p in psutil.Process().children() if "pairforge.farm.worker" in p.cmdline()]
        if not killed and workers:
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    report = prove(Order(forged), on_tick=kill, on_retry=lambda failure: lost.append(failure.reason))
    assert killed
    assert lost == ["died"]
    assert report.findings == verify(forged).findings


@pytest.mark.slow
def test_a_scene_whose_proof_never_ends_is_told_of_and_not_recorded_as_proved(dataset: Path) -> None:
    report = prove(Order(dataset, only=(0,), seconds=1e-3, tries=1))
    assert [(f.scene, f.check) for f in report.findings] == [(0, "proof")]
    assert "not proved (hung, begun once)" in report.findings[0].message
    record = json.loads((dataset / FOLDER / record_name([0])).read_text())
    assert record["scenes"] == {}


def proofs_of(root: Path, *parts: tuple[int, ...], findings: tuple[Finding, ...] = ()) -> list[Path]:
    manifest = read_manifest(root)
    hashes = {entry.scene_index: entry.record_sha256 for entry in manifest.scenes}
    return [
        write_proof(
            root, manifest.identity, p, {i: hashes[i] for i in p}, [f for f in findings if f.scene in p]
        )
        for p in parts
    ]


def said(root: Path) -> list[str]:
    return [str(f) for f in fitting(root, read_manifest(root))]


def test_records_that_fit_leave_nothing_to_say(dataset: Path) -> None:
    proofs_of(dataset, (0,), (1,))
    assert said(dataset) == []


def test_what_a_record_found_is_found_again(dataset: Path) -> None:
    fault = Finding(1, 2, "shards/x.tar", "claims", "is a lie")
    proofs_of(dataset, (0,), (1,), findings=(fault,))
    assert said(dataset) == [str(fault)]


def test_scenes_without_a_record_are_named(dataset: Path) -> None:
    proofs_of(dataset, (0,))
    (message,) = said(dataset)
    assert "1 scene without a record of proof that fits (1)" in message


def rewrite(change: Callable[[dict[str, object]], object]) -> Callable[[Path, list[Path]], None]:
    def changed(root: Path, records: list[Path]) -> None:
        content = json.loads(records[0].read_text())
        change(content)
        records[0].write_text(json.dumps(content))

    return changed


def make_anew(root: Path, records: list[Path]) -> None:
    forge(root, FORGERY.change)
    finish(root)


STALE: dict[str, tuple[Callable[[Path, list[Path]], object], str]] = {
    "the scene was made anew": (make_anew, "scenes were changed after they were proved (0)"),
    "another verifier": (
        rewrite(lambda r: r.update(verifier="0.0.9-abc")),
        "was written by verifier 0.0.9-abc",
    ),
    "another dataset": (
        rewrite(lambda r: r.update(identity_sha256="0" * 64)),
        "is of a dataset that was made from something else",
    ),
    "not a record": (rewrite(lambda r: r.update(trust="me")), "is no record of proof"),
    "cut short": (lambda root, records: records[0].write_bytes(b'{"form'), "is no record of proof"),
}


@pytest.mark.parametrize("name", STALE)
def test_a_record_that_does_not_fit_is_refused(dataset: Path, name: str) -> None:
    spoil, message = STALE[name]
    records = proofs_of(dataset, (0,), (1,))
    spoil(dataset, records)
    found = said(dataset)
    assert any(message in m for m in found), found
    assert any("1 scene without a record of proof that fits (0)" in m for m in found), found


@pytest.mark.slow
def test_bytes_that_changed_after_their_proof_are_found_though_no_record_says_so(dataset: Path) -> None:
    proofs_of(dataset, (0,), (1,))
    shard = next((dataset / "shards").glob("*-000001.tar"))
    data = bytearray(shard.read_bytes())
    data[9000] ^= 1
    shard.write_bytes(data)
    report = prove(Order(dataset, from_proofs=True))
    assert [(f.scene, f.check) for f in report.findings] == [(1, "hash")]


def test_a_part_is_proved_before_its_dataset_is_finished(dataset: Path) -> None:
    (dataset / "index.parquet").unlink()
    manifest = read_manifest(dataset)
    assert len(manifest.scenes) == 0
    entries = proving._Run(Order(dataset, only=(0, 1)), manifest, proving._Listeners())._entries((0, 1))
    assert entries == list(finish(dataset).scenes)


def test_findings_are_kept_up_to_a_number_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "MOST_KEPT", 2)
    found = proving._Found(list[Finding]().append)
    found.add(Finding(i, -1, "x", "y", "z") for i in range(5))
    assert (len(found.kept), found.more) == (2, 3)
    report = replace(verify(Path("nowhere")), findings=tuple(found.kept), more=found.more)
    assert "5 findings" in report.summary()[0]


def test_the_version_of_the_verifier_follows_its_code(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("datasets", "scenes"):
        (tmp_path / "pairforge" / name).mkdir(parents=True)
    check = tmp_path / "pairforge" / "datasets" / "check.py"
    versions = set()
    for text in ("LIMIT = 1", "LIMIT = 2", "LIMIT = 1"):
        check.write_text(text)
        monkeypatch.setattr(proof_record.pairforge.datasets, "__file__", str(check.parent / "__init__.py"))
        proof_record.verifier_version.cache_clear()
        versions.add(proof_record.verifier_version())
    proof_record.verifier_version.cache_clear()
    assert len(versions) == 2
