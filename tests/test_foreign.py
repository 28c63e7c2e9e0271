from __future__ import annotations

import importlib.metadata
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests import foreign

ENVIRONMENTS = sorted(p.stem for p in (Path(__file__).parent / "environments").glob("*.txt"))
WHERE = "import json, sys, numpy; print(json.dumps([sys.prefix, sys.path, numpy.__version__, sys.argv[1:]]))"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_a_foreign_environment_sees_nothing_of_ours(environment: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    prefix, path, numpy, arguments = foreign.run(environment, f"print('noise')\n{WHERE}", 7, "a b")
    home = foreign.VENVS / environment
    assert Path(prefix) == home
    assert all(Path(p).is_relative_to(home) for p in path if "site-packages" in p)
    assert str(Path(__file__).parents[1]) not in path
    assert numpy.startswith("2.")
    assert np.__version__.startswith("1.")
    assert arguments == ["7", "a b"]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_package_of_a_foreign_environment_has_one_version(environment: str):
    text = (Path(__file__).parent / "environments" / f"{environment}.txt").read_text()
    rows = [line for line in text.splitlines() if not line.startswith("#")]
    wanted = {name.lower().replace("_", "-"): version for name, version in (r.split("==") for r in rows)}
    assert len(wanted) == len(rows)
    found = {
        d.metadata["Name"].lower().replace("_", "-"): d.version.partition("+")[0]
        for d in importlib.metadata.distributions(
            path=[str(next((foreign.VENVS / environment / "lib").glob("python*/site-packages")))]
        )
    }
    assert found == wanted


def test_an_environment_that_is_not_there_says_how_to_make_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(foreign, "VENVS", tmp_path)
    with pytest.raises(
        pytest.fail.Exception, match=r"^the environment rerun is not there: run ./setup.sh test$"
    ):
        foreign.run("rerun", "print(1)")


def test_a_script_that_fails_fails_its_test_with_its_own_words():
    with pytest.raises(pytest.fail.Exception, match="no such luck"):
        foreign.run("rerun", "raise SystemExit('no such luck')")


def test_an_environment_without_a_list_is_refused():
    make = Path(__file__).parent / "environments" / "make.sh"
    done = subprocess.run([str(make), "nonsense"], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "setup: there is no tests/environments/nonsense.txt\n"
