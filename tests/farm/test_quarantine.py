"""Poison scenes are set aside with a command that fails alike, are left out, and come back when released."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from pairforge.errors import DatasetError, MachineError, RequirementError, SpecError
from pairforge.farm import quarantine
from pairforge.farm.protocol import Failure

COMMAND = "pairforge generate 'my spec.py:TINY' --only 3 --out poison-000003"


def test_what_is_put_is_read_back_until_it_is_released(tmp_path):
    quarantine.put(tmp_path, Failure(3, MachineError("hung"), "hung", 3), "tiny-000003", COMMAND)
    quarantine.put(tmp_path, Failure(1, RequirementError("no ball"), "spec", 1), "tiny-000001", COMMAND)
    held = quarantine.read(tmp_path)
    found = [(p.scene, p.reason, p.tries, p.error) for p in held]
    assert found == [(1, "spec", 1, "no ball"), (3, "hung", 3, "hung")]
    assert shlex.split(held[1].reproducer)[2] == "my spec.py:TINY"
    with pytest.raises(DatasetError, match=r"scene 2 is not in quarantine\. There: 1, 3"):
        quarantine.release(tmp_path, [2])
    assert [p.scene for p in quarantine.release(tmp_path, [3])] == [3]
    assert [p.scene for p in quarantine.release(tmp_path)] == [1]
    assert quarantine.read(tmp_path) == ()


def test_an_error_of_any_length_and_any_characters_fits(tmp_path):
    error = MachineError("\ud800\x1b[31m" + "x" * 10_000)
    quarantine.put(tmp_path, Failure(0, error, "died", 3), "tiny-000000", COMMAND)
    assert len(quarantine.read(tmp_path)[0].error) <= quarantine.ERROR_CHARACTERS


def lost(index: int, reason: str, error: Exception | None = None) -> Failure:
    return Failure(index, error or MachineError("lost"), reason, 3)  # type: ignore[arg-type]


NO_BALL = RequirementError("no ball in sight")


@pytest.mark.parametrize(
    ("failures", "made", "blamed"),
    [
        ([lost(1, "died")], 0, [1]),
        ([lost(1, "died"), lost(2, "hung")], 0, []),
        ([lost(1, "died"), lost(2, "hung")], 1, [1, 2]),
        ([lost(1, "spec", SpecError("no such file")), lost(2, "spec", SpecError("no such file"))], 0, []),
        ([lost(1, "spec", NO_BALL), lost(2, "spec", NO_BALL)], 0, [1, 2]),
        ([lost(1, "spec", NO_BALL), lost(2, "render"), lost(3, "memory")], 0, [1]),
        ([lost(1, "storage")], 5, []),
    ],
)
def test_a_scene_is_blamed_only_for_what_its_machine_cannot_be(failures, made, blamed):
    assert [f.index for f in quarantine.at_fault(failures, made)] == blamed


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf ~",
        "pairforge generate x --out y; rm -rf ~",
        "pairforge generate $(rm -rf ~)",
        "pairforge generate `id`",
        "pairforge generate x && id",
        "pairforge generate x > /etc/passwd",
        "pairforge generate x\nid",
        "pairforge generate 'x",
        "pairforge generate x \x1b[2J",
        "pairforge  generate x",
    ],
)
def test_a_command_that_would_do_more_in_a_shell_is_refused(tmp_path, command):
    quarantine.put(tmp_path, Failure(0, MachineError("x"), "died", 3), "tiny-000000", COMMAND)
    path = next((tmp_path / "quarantine").iterdir())
    path.write_text(json.dumps({**json.loads(path.read_text()), "reproducer": command}))
    with pytest.raises(DatasetError, match="no quarantined scene"):
        quarantine.read(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"slug": "../../x"},
        {"slug": "tiny-000001"},
        {"reason": "because"},
        {"scene": -1},
        {"more": 1},
        {"error": "x" * 100_000},
        {"error": "x" * 3000},
    ],
)
def test_a_file_that_is_none_of_ours_is_named_and_not_believed(tmp_path, change):
    quarantine.put(tmp_path, Failure(0, MachineError("x"), "died", 3), "tiny-000000", COMMAND)
    path = next((tmp_path / "quarantine").iterdir())
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(DatasetError, match="Delete it"):
        quarantine.read(tmp_path)


def test_releasing_never_leads_out_of_the_dataset(tmp_path):
    root, outside = tmp_path / "data", tmp_path / "precious.json"
    outside.write_text("{}")
    quarantine.put(root, Failure(0, MachineError("x"), "died", 3), "tiny-000000", COMMAND)
    path: Path = next((root / "quarantine").iterdir())
    path.write_text(json.dumps({**json.loads(path.read_text()), "slug": "../../precious"}))
    with pytest.raises(DatasetError):
        quarantine.release(root)
    assert outside.exists()
