"""What is on disk is what is installed: no module forgotten, no data file lost, from a wheel installed afresh."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
DATA = (".j2", ".json", ".toml", ".txt")
"""Data files that lie beside modules."""
BY_OTHERS = {"pairforge", "manifold3d", "mathutils", "rerun"}
"""Ourselves; a module that its wheel does not list; what comes with bpy; what an environment of its own has."""
_IMPORT = re.compile(r"^\s*(?:from|import) (\w+)(?=[\w.]* import |[\w.]*(?: as \w+)? *(?:#.*)?$)", re.M)
NOT_PACKAGED = {"tests", "benchmarks", "docs", "examples", "out", "build", "dist"}


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def folders_with_modules() -> set[str]:
    tops = (p for p in ROOT.iterdir() if p.is_dir() and p.name not in NOT_PACKAGED and p.name[0] != ".")
    return {str(f.parent.relative_to(ROOT)) for top in tops for f in top.rglob("*.py")}


def test_every_folder_with_modules_is_a_package_in_the_wheel():
    tool = pyproject()["tool"]["setuptools"]
    roots: dict[str, str] = tool["package-dir"]
    listed = set()
    for package in tool["packages"]:
        parent = max((r for r in roots if package == r or package.startswith(r + ".")), key=len)
        rest = package[len(parent) :].strip(".").replace(".", "/")
        listed.add(f"{roots[parent]}/{rest}".rstrip("/"))
    assert listed == folders_with_modules()


def test_every_package_says_what_it_is():
    for folder in folders_with_modules():
        text = (ROOT / folder / "__init__.py").read_text()
        assert text.startswith('"""'), f"{folder}/__init__.py has no docstring"


def pins() -> dict[str, str]:
    """Library -> ``==VERSION`` of constraints.txt."""
    lines = (line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text().splitlines())
    return {canonicalize_name(r.name): str(r.specifier) for r in map(Requirement, filter(None, lines))}


def test_constraints_pin_every_dependency_within_its_bounds():
    project = pyproject()["project"]
    asked = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = [r for r in (Requirement(text) for part in asked for text in part) if r.name != "pairforge"]
    for requirement in wanted:
        pin = pins().get(canonicalize_name(requirement.name), "")
        assert pin.startswith("=="), f"constraints.txt lacks a row {requirement.name}==VERSION"
        assert requirement.specifier.contains(pin[2:]), f"{pin} of constraints.txt is not {requirement}"


def test_the_lock_of_farm_images_has_what_is_asked_for_at_the_pinned_versions():
    project = pyproject()["project"]
    extras = project["optional-dependencies"]
    asked = {
        Requirement(t) for t in (*project["dependencies"], *extras["ray"], *extras["s3"], *extras["metrics"])
    }
    locked = re.findall(
        r"^([\w.-]+)(?:\[[^\]]*\])?==([^ \\]+)", (ROOT / "requirements.lock").read_text(), re.M
    )
    versions = {canonicalize_name(name): version for name, version in locked}
    for name in sorted(canonicalize_name(r.name) for r in asked):
        assert versions.get(name) == pins()[name][2:], f"{name}: run .ci/lock"


def test_every_library_that_is_imported_is_declared():
    project = pyproject()["project"]
    parts = [project["dependencies"], *project["optional-dependencies"].values()]
    declared = {canonicalize_name(Requirement(text).name) for part in parts for text in part}
    given = packages_distributions()
    for folder in folders_with_modules():
        for file in (ROOT / folder).glob("*.py"):
            for name in {*_IMPORT.findall(file.read_text())} - sys.stdlib_module_names - BY_OTHERS:
                assert {canonicalize_name(d) for d in given.get(name, [name])} & declared, f"{file}: {name}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = out.glob("*.whl")
    return found


@pytest.mark.slow
def test_the_wheel_holds_every_module_and_data_file(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for folder in folders_with_modules():
        top, _, rest = folder.partition("/")
        package = "pairforge" if top == "core" else f"pairforge/{top}"
        where = f"{package}/{rest}" if rest else package
        for file in (ROOT / folder).glob("*.py"):
            assert f"{where}/{file.name}" in inside
        for file in (f for f in (ROOT / folder).iterdir() if f.is_file() and f.suffix in DATA):
            assert f"{where}/{file.name}" in inside
    for language in (p.name for p in (ROOT / "captioners" / "templates").iterdir()):
        assert f"pairforge/captioners/templates/{language}/street.j2" in inside
    assert "pairforge/py.typed" in inside
    assert any(name.endswith("licenses/LICENSE") for name in inside)
    assert all(name.startswith(("pairforge/", "pairforge-")) for name in inside)
    suffixes = {Path(name).suffix for name in inside if "/licences/" not in name}
    assert suffixes <= {".py", ".typed", "", *DATA}, "pictures of pages, or the like"


@pytest.mark.slow
def test_the_installed_wheel_works_outside_the_checkout(wheel, tmp_path):
    """A clean environment that sees this one's third-party packages, but has pairforge from the wheel alone."""
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = next(home.glob("lib/python*/site-packages"))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)],
        check=True,
    )
    # Editable finders of this environment live in .pth files, which a plain path entry does not run.
    here = next(p for p in sys.path if p.endswith("site-packages"))
    code = (
        f"import sys; sys.path.append({here!r}); import pairforge, pairforge.cli; "
        "print(pairforge.__file__); pairforge.cli.main(['list', '--json'])"
    )
    done = subprocess.run(
        [str(python), "-I", "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(home))
    assert "driving.street" in done.stdout


def test_what_is_slow_to_load_waits_until_it_is_needed() -> None:
    """Two seconds of every command's start: inflect for the first caption, scipy.stats for the first Normal."""
    code = "import sys, pairforge.pipeline; print(sorted({'inflect', 'scipy.stats'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
