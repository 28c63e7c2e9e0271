"""The farm's image: what its file copies and installs exists, and its lock is what pyproject.toml asks for.

No container engine runs here: the file is read, not built.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pairforge.doctor import debian_packages

ROOT = Path(__file__).parents[2]
EXTRAS = ("ray", "s3", "metrics")


def steps() -> list[tuple[str, str]]:
    """The Containerfile as (instruction, rest), continued lines joined."""
    lines = (line for line in (ROOT / "Containerfile").read_text().splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def locked() -> dict[str, tuple[str, list[str]]]:
    """Package -> version and hashes."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "requirements.lock").read_text())
    rows = [line for line in text.splitlines() if line and line[0] not in "# "]
    found = (
        re.fullmatch(r"([A-Za-z0-9._-]+)==(\S+)((?:\s*--hash=sha256:[0-9a-f]{64})+)", row) for row in rows
    )
    return {canonicalize_name(m[1]): (m[2], m[3].split()) for m in found}


def asked() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    parts = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in EXTRAS)]
    return [Requirement(text) for part in parts for text in part]


def test_all_that_the_image_copies_is_in_the_repository_and_let_through():
    ignored = (ROOT / ".containerignore").read_text().split()
    copies = [shlex.split(rest) for op, rest in steps() if op == "COPY"]
    sources = [s for words in copies if not words[0].startswith("--from") for s in words[:-1]]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source.split('/')[0]}" in ignored, source


def test_the_image_holds_every_folder_of_the_package():
    folders = set(
        tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"].values()
    )
    copied = {shlex.split(rest)[0] for op, rest in steps() if op == "COPY"}
    assert folders <= copied


def test_the_image_installs_every_system_library_by_its_package():
    (install,) = [rest for op, rest in steps() if op == "RUN" and "system_libraries.txt" in rest]
    pattern = re.search(r"sed -n '(s/.*?/p)'", install)[1]
    assert pattern == "s/^lib[^ ]* //p"
    lines = (ROOT / "assets" / "system_libraries.txt").read_text().splitlines()
    picked = [re.sub(r"^lib[^ ]* ", "", line) for line in lines if re.match(r"lib[^ ]* ", line)]
    assert sorted(picked) == sorted(debian_packages().values())


def test_the_image_runs_as_nobody_and_its_entry_point_is_ours():
    told = dict(steps())
    assert told["USER"].split(":")[0] not in ("0", "root")
    assert told["ENTRYPOINT"] == '["pairforge"]'
    assert told["STOPSIGNAL"] == "SIGTERM"  # what pairforge work stops for in good order
    assert "pairforge" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


def test_nothing_is_installed_in_the_image_that_the_lock_has_no_hash_for():
    installs = [rest for op, rest in steps() if op == "RUN" and "pip install" in rest]
    assert installs
    for line in installs:
        assert "--require-hashes" in line or ("--no-deps" in line and "--no-index" in line), line


def test_the_lock_names_no_index_and_hashes_every_package():
    text = (ROOT / "requirements.lock").read_text()
    assert "://" not in text
    assert len(locked()) == len(re.findall("^[A-Za-z0-9].*==", text, re.M)) > 50


@pytest.mark.parametrize("requirement", asked(), ids=str)
def test_the_lock_satisfies_what_pyproject_asks_for(requirement):
    name = canonicalize_name(requirement.name)
    assert name in locked(), f"run .ci/lock: {name} is missing"
    assert requirement.specifier.contains(locked()[name][0])


def constraints() -> dict[str, Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text().splitlines())
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, filter(None, lines))}


BOTH = sorted(locked().keys() & constraints().keys())
"""What those packages need in turn is locked for the image and free elsewhere: it may differ from day to day."""


@pytest.mark.parametrize("name", BOTH)
def test_the_lock_agrees_with_the_constraints_and_with_what_the_tests_run_with(name):
    wanted = locked()[name][0]
    assert constraints()[name].specifier.contains(wanted), "run .ci/lock"
    try:
        assert version(name) == wanted
    except PackageNotFoundError:
        pytest.skip(f"{name} is of an extra that this environment was made without")
