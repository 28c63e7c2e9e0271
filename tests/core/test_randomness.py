"""Nothing that reaches disk may depend on a clock, a uuid, a global generator, the order of a set or of a folder."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.core.source_rules import Sets, Source

ROOT = Path(__file__).parents[2]
HOUSE = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
FOLDERS = sorted({path.partition("/")[0] for path in HOUSE.values()})
FILES = sorted(str(p.relative_to(ROOT)) for folder in FOLDERS for p in (ROOT / folder).rglob("*.py"))
CLOCK = "farm/clock.py"
"""The one module that may read the wall clock."""
CLOCK_READERS = {"farm/report.py", "farm/status.py"}
"""The modules that may import it: what they write is never hashed."""
SEEDED = ("core/seeding.py", "scenes/inspection/board.py", "scenes/inspection/defects.py")
"""Where a generator is made: of a stream, or of a seed that is itself a named draw."""
ORDERLESS = {
    "datasets/claims_text.py": "claims become sets, and filters that commute",
    "farm/kin.py": "processes are summed up",
    "farm/ray_leash.py": "one of a process's files is looked for",
}
"""Where an order that no rule fixes does not matter, and why."""


@cache
def sources() -> dict[str, Source]:
    return {name: Source(ast.parse((ROOT / name).read_text())) for name in FILES}


@cache
def known() -> Sets:
    return Sets.of(sources().values())


def of(folder: str) -> dict[str, Source]:
    return {name: source for name, source in sources().items() if name.startswith(f"{folder}/")}


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_module_draws_outside_named_streams_or_reads_the_clock(folder):
    for name, source in of(folder).items():
        assert [*source.chance(seeded=name in SEEDED)] == [], name
        assert [*source.clocks()] == [] or name == CLOCK, name


def test_only_reports_import_the_clock():
    readers = {
        name
        for name, source in sources().items()
        if any("farm.clock" in (n.module or "") for n in source.nodes if isinstance(n, ast.ImportFrom))
    }
    assert readers == CLOCK_READERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_order_of_a_set_or_of_a_folder_goes_on(folder):
    for name, source in of(folder).items():
        assert [*source.unordered(known())] == [] or name in ORDERLESS, name


@pytest.mark.parametrize("name", ORDERLESS)
def test_what_is_excused_still_needs_an_excuse(name):
    assert [*sources()[name].unordered(known())] != []


SNEAKS = {
    "chance": (
        "import random as r\nr.random()",
        "import numpy as np\nnp.random.standard_normal(3)",
        "from numpy.random import default_rng as fresh\nfresh()",
        "import numpy.random as nr\nnr.shuffle(x)",
        "import numpy as np\nnp.random.Generator(np.random.PCG64())",
        "from uuid import uuid4",
        "from os import urandom",
        "__import__('random').random()",
        "from importlib import import_module\nimport_module('secrets')",
        "from scipy.spatial.transform import Rotation\nRotation.random(4)",
        "from scipy import stats\nstats.norm.rvs(size=3)",
        "import trimesh\ntrimesh.sample.sample_surface(mesh, 9)",
        "import torch\ntorch.randperm(9)",
        "sorted(x, key=id)",
        "hash('word')",
        "map(hash, x)",
    ),
    "clocks": (
        "import time\ntime.time()",
        "from time import time as now\nnow()",
        "from dataclasses import field\nimport time\nfield(default_factory=time.time_ns)",
        "from datetime import datetime as d\nd.now()",
        "import datetime\ndatetime.date.today()",
        "from time import strftime",
    ),
    "unordered": (
        "for x in {1, 2}:\n    print(x)",
        "[x for x in set(y)]",
        "def f():\n    names = {n for n in y}\n    return list(names)",
        "def f(names: set[str]):\n    return ', '.join(names)",
        "def f(names: frozenset[str]):\n    return [*names]",
        "def f(a, b):\n    for k in a.keys() & b.keys():\n        print(k)",
        "def f():\n    names = set[str]()\n    return next(iter(names))",
        "def f():\n    names = set(y)\n    return names.pop()",
        "def f():\n    names = set(y) - {'x'}\n    return f'{names}'",
        "def f(y):\n    return max(set(y), key=len)",
        "class A:\n    names: frozenset[str]\n    def f(self):\n        return tuple(self.names)",
        "def f() -> set[str]: ...\ndef g():\n    return enumerate(f())",
        "def f():\n    yield from {1, 2}",
        "[p for p in folder.glob('*.py')]",
        "import os\nfor name in os.listdir('.'):\n    print(name)",
    ),
}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in SNEAKS.items() for text in texts])
def test_nothing_sneaks_by(rule, text):
    source = Source(ast.parse(text))
    given = (Sets.of([source]),) if rule == "unordered" else ()
    assert [*getattr(source, rule)(*given)] != []


FAIR = (
    "import numpy as np\ndef f(rng: np.random.Generator):\n    return rng.random()",
    "from scipy.spatial.transform import Rotation\nRotation.random(random_state=rng)",
    "import time\ntime.perf_counter()",
    "for x in sorted({1, 2}):\n    print(x)",
    "def f(names: set[str]):\n    return any(n for n in names), len(names), {n for n in names}",
    "def f(names: set[str]):\n    return names.pop() if len(names) == 1 else ''",
    "sorted(p for p in folder.glob('*.py'))",
    "{id(x): x for x in y}",
)


@pytest.mark.parametrize("text", FAIR)
def test_what_is_fair_passes(text):
    source = Source(ast.parse(text))
    assert [*source.chance(), *source.clocks(), *source.unordered()] == []
