"""The documentation is true: its code runs, its links lead somewhere, its commands exist."""

from __future__ import annotations

import ast
import builtins
import dataclasses
import doctest
import importlib.util
import pkgutil
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

import pairforge
from pairforge.cli import app
from pairforge.generate import Request, generate
from pairforge.scenes.library.driving import STREET
from tests.farm.here import Here

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = [ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *PAGES]
TINY = ROOT / "tests" / "farm" / "tiny_spec.py"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
_INDENTED = re.compile(r"(?:^(?: {4}.*)?\n)+", re.M)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(
    r"`((?:core|scenes|sensors|renderers|rigs|captioners|datasets|farm|learning|assets|tests|benchmarks|examples)/"
    r"[a-z0-9_/.]+\.(?:py|j2|json|toml|csv|sh))"
)
"""Files of the house that a page names."""


def blocks(page: Path, language: str) -> list[str]:
    """Fenced blocks of a language, and, as Python, indented blocks that import something."""
    text = page.read_text(encoding="utf-8")
    found = [code for kind, code in _FENCE.findall(text) if kind == language]
    if language == "python":
        plain = _FENCE.sub("", text)
        indented = [re.sub(r"^ {4}", "", m[0], flags=re.M).strip("\n") for m in _INDENTED.finditer(plain)]
        found += [code for code in indented if re.search(r"^(from|import) ", code, re.M)]
    return found


def python_blocks() -> list[Any]:
    return [
        pytest.param(code, id=f"{page.relative_to(ROOT)}-{k}")
        for page in PAGES
        for k, code in enumerate(blocks(page, "python"))
    ]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny dataset, for code that reads one."""
    out = tmp_path_factory.mktemp("docs") / "driving"
    outcome = generate(Request(f"{TINY}:TINY", out, renderer="raycast"), Here())
    assert not outcome.failed
    return out


STANDS_FOR = {
    "out/driving/shards/driving-street-000000.tar": "{dataset}/shards/tiny-000000.tar",
    "out/driving": "{dataset}",
    '"CAM_FRONT"': '"front"',
    '"LIDAR_TOP"': '"mast"',
}
"""What a page says of the street's dataset -> the same of the tiny one."""


@pytest.mark.parametrize("code", python_blocks())
def test_python_on_a_page_runs(
    code: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any
) -> None:
    if "out/" in code:
        made = request.getfixturevalue("dataset")
        for said, meant in STANDS_FOR.items():
            code = code.replace(said, meant.format(dataset=made))
    monkeypatch.chdir(tmp_path)
    exec(compile(runnable(code), "page", "exec"), {"__name__": "page"})


def runnable(code: str) -> ast.Module:
    """The program; of a fragment that speaks of names it does not define, its imports alone."""
    tree = ast.parse(code)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    known = {node.id for node in names if isinstance(node.ctx, ast.Store)} | set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            known |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            known.add(node.name)
        if isinstance(node, ast.arg):
            known.add(node.arg)
    if {node.id for node in names} - known:
        tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return tree


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for target in _LINK.findall(text):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        file = page.parent / name if name else page
        assert file.exists(), f"{page.name} links to {target}"
        assert not heading or heading in anchors(file), f"{page.name} links to {target}"
    for path in _PATH.findall(text):
        assert (ROOT / path).exists(), f"{page.name} names {path}"


def anchors(page: Path) -> set[str]:
    """What headings of a page are called in links, by GitHub's rule."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    plain = (re.sub(r"[`*]|\]\([^)]*\)", "", h).strip().lower() for h in re.findall(r"^#+ (.*)$", text, re.M))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_on_a_page_are_commands_of_the_cli(page: Path) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    lines = [
        line for _, code in _FENCE.findall(page.read_text(encoding="utf-8")) for line in code.splitlines()
    ]
    targets = {match[1] for match in re.finditer(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M)}
    for line in lines:
        words = shlex.split(line, comments=True) if line.startswith(("pairforge ", "make ")) else []
        if words[:1] == ["make"]:
            assert set(words[1:]) <= targets, line
        elif words:
            assert words[1] in commands, line
            command = commands[words[1]]
            if hasattr(command, "commands"):  # a group, such as "assets add"
                assert words[2] in command.commands, line
                command = command.commands[words[2]]
            options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
            assert {w for w in words[2:] if w.startswith("--")} <= options, line


def modules() -> list[str]:
    found = [m.name for m in pkgutil.walk_packages(pairforge.__path__, "pairforge.")]
    for folder in (
        "assets",
        "captioners",
        "datasets",
        "farm",
        "learning",
        "renderers",
        "rigs",
        "scenes",
        "sensors",
    ):
        package = importlib.import_module(f"pairforge.{folder}")
        found += [m.name for m in pkgutil.walk_packages(package.__path__, f"pairforge.{folder}.")]
    return sorted({name for name in found if not name.endswith("__main__")})


def classes() -> dict[str, list[set[str]]]:
    """Public dataclass -> the fields it has (several where several have one name)."""
    found: dict[str, list[set[str]]] = {}
    for name in modules():
        source = importlib.util.find_spec(name).origin  # type: ignore[union-attr]
        text = Path(str(source)).read_text(encoding="utf-8")
        if re.search(r"^\s*(import|from) (bpy|mathutils|torch|rerun)", text, re.M):
            continue
        for kind in vars(importlib.import_module(name)).values():
            if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == name:
                found.setdefault(kind.__name__, []).append({f.name for f in dataclasses.fields(kind)})
    return found


def test_every_field_named_on_a_page_is_one() -> None:
    """In blocks that cannot run alone, and in the text itself: `Camera(rate_hz=12.0, …)`."""
    known, seen = classes(), 0
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        plain = _FENCE.sub("", text)
        indented = [re.sub(r"^ {4}", "", m[0], flags=re.M) for m in _INDENTED.finditer(plain)]
        fenced = [code for kind, code in _FENCE.findall(text) if kind == "python"]
        for code in [*fenced, *indented, *re.findall(r"`([^`\n]+)`", plain)]:
            try:
                tree = ast.parse(code.replace("…", "...").replace("*,", ",").replace("*)", ")"))
            except SyntaxError:
                continue
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in known:
                    said = {k.arg for k in call.keywords if k.arg}
                    seen += 1
                    assert any(said <= fields for fields in known[call.func.id]), (
                        page.name,
                        ast.unparse(call),
                    )
    assert seen > 150


def test_examples_in_docstrings_are_true() -> None:
    """Modules that need Blender's own process to import are read there alone."""
    tried = 0
    for name in modules():
        source = importlib.util.find_spec(name).origin  # type: ignore[union-attr]
        text = Path(str(source)).read_text(encoding="utf-8")
        if ">>>" not in text or re.search(r"^import (bpy|torch)|^from (bpy|mathutils|torch)", text, re.M):
            continue
        found = doctest.testmod(importlib.import_module(name))
        assert found.failed == 0, name
        tried += found.attempted
    assert tried > 10


def test_the_sensors_named_on_pages_are_those_of_the_street() -> None:
    # The pages' code runs on a stand-in whose sensors have other names; this holds the names to the real scene.
    named = {name for name in STANDS_FOR if name.startswith('"')}
    assert named == {f'"{sensor.name}"' for sensor in STREET.sensors}
