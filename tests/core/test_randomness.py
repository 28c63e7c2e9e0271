"""Nothing that reaches disk may depend on a clock, a uuid, a global generator or the order of a set."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "assets",
    "captioners",
    "core",
    "datasets",
    "farm",
    "learning",
    "renderers",
    "rigs",
    "scenes",
    "sensors",
)
BANNED = {
    "random": "the global generator",
    "uuid": "not reproducible",
    "secrets": "not reproducible",
}
BANNED_CALLS = {
    ("time", "time"),
    ("time", "time_ns"),
    ("datetime", "now"),
    ("date", "today"),
    ("datetime", "utcnow"),
    ("random", "default_rng"),
    ("random", "seed"),
    ("random", "rand"),
    ("random", "normal"),
    ("random", "uniform"),
    ("os", "urandom"),
}
CLOCK = "farm/clock.py"
"""The one module that may read the wall clock."""
CLOCK_READERS = {"farm/report.py", "farm/status.py"}
"""The modules that may import it: what they write is never hashed."""
FILES = sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_module_draws_outside_named_streams(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not any(a.name in BANNED for a in node.names), f"line {node.lineno}"
        elif isinstance(node, ast.ImportFrom):
            assert node.module not in BANNED, f"line {node.lineno}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            allowed = name_of(path) == CLOCK and (last, node.func.attr) == ("datetime", "now")
            assert allowed or (last, node.func.attr) not in BANNED_CALLS, (
                f"line {node.lineno}: {last}.{node.func.attr}()"
            )
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "hash", f"line {node.lineno}: hash() differs between processes"


def test_only_reports_and_logs_import_the_clock():
    readers = {name_of(p) for p in FILES if "pairforge.farm.clock" in p.read_text()}
    assert readers == CLOCK_READERS


def sets_iterated(tree: ast.AST) -> list[int]:
    """Lines where a for loop or comprehension runs straight over a set display, set() or a set comprehension."""
    loops = [n.iter for n in ast.walk(tree) if isinstance(n, ast.For | ast.comprehension)]
    return [
        i.lineno
        for i in loops
        if isinstance(i, ast.Set | ast.SetComp)
        or (isinstance(i, ast.Call) and isinstance(i.func, ast.Name) and i.func.id in ("set", "frozenset"))
    ]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_loop_runs_over_a_set(path):
    # A loop within sorted(), any(), all(), sum() or a set comprehension does not show the order.
    tree = ast.parse(path.read_text())
    harmless = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("sorted", "any", "all", "sum", "max", "min", "len", "set", "frozenset")
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    assert not [line for line in sets_iterated(tree) if line not in harmless]


def test_the_checks_catch_what_they_ban():
    assert sets_iterated(ast.parse("for x in {1, 2}:\n    print(x)")) == [1]
    assert sets_iterated(ast.parse("[x for x in set(y)]")) == [1]
