"""What examples/ shows works: each scene resolves and moves, and its dataset proves clean."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from pairforge.datasets.verify import verify
from pairforge.farm.local import LocalExecutor
from pairforge.generate import Request, generate
from pairforge.scenes.load import load_scene
from pairforge.scenes.spec import Camera, Lidar, Scene
from tests.farm.here import Here

EXAMPLES = Path(__file__).parents[2] / "examples"


def specs() -> list[str]:
    """Every scene of every example as file.py:NAME, found by running the file as a module (not as a script)."""
    found = []
    for file in sorted(EXAMPLES.glob("*.py")):
        namespace = runpy.run_path(str(file), run_name="example")
        found += [f"{file.name}:{name}" for name, value in namespace.items() if _own(value)]
    return found


def _own(value: object) -> bool:
    return isinstance(value, Scene) and value.name.startswith("example.")


SPECS = specs()
APART = ("own_driver.py:OWN_DRIVER",)
"""It has a class of its own, which a new process must find; the others are made in this process, which is quicker."""


def test_every_example_has_a_scene_and_says_how_to_run_it() -> None:
    assert {spec.partition(":")[0] for spec in SPECS} == {file.name for file in EXAMPLES.glob("*.py")}
    for spec in SPECS:
        text = (EXAMPLES / spec.partition(":")[0]).read_text()
        assert f"pairforge generate examples/{spec} " in text


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS)
def test_an_example_resolves_moves_and_proves_clean(spec: str, tmp_path: Path) -> None:
    scene = load_scene(str(EXAMPLES / spec)).scene
    tiny = {f"{s.name}.columns": "180" for s in scene.sensors if isinstance(s, Lidar)}
    if not scene.require:  # what must be seen is said in pixels of the true size
        tiny |= {f"{s.name}.width_px": "96" for s in scene.sensors if isinstance(s, Camera)}
        tiny |= {f"{s.name}.height_px": "54" for s in scene.sensors if isinstance(s, Camera)}
    tiny["duration_s"] = str(1.0 / scene.keyframe_rate_hz)
    request = Request(str(EXAMPLES / spec), tmp_path / "out", renderer="raycast", settings=tiny)
    outcome = generate(request, LocalExecutor(1) if spec in APART else Here())
    assert [d.frames for d in outcome.done] == [1], outcome.failed
    assert verify(tmp_path / "out", crosscheck=0).findings == ()
