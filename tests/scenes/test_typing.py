"""What a type checker makes of a spec."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = """from pairforge.scenes.distributions import Choice, Integer, Uniform
from pairforge.scenes.policies import Waypoints
from pairforge.scenes.scripts import After, AheadOf, Brake, ChangeLane, Ignore, When
from pairforge.scenes.spec import Behaviour, Prop
Prop(name="a", shape=Choice("box", "cone"), size_m=Uniform(1, 2), count=Integer(1, 2))
Behaviour(script=[When(AheadOf("ego", by_m=Uniform(2, 7)), ChangeLane("right", over_s=2.5), called="cut_in")])
Behaviour(script=[When(After(1), Brake(mps2=Choice(3.0, 6.0)), Ignore("leaders"))], turns=["left"])
Behaviour(policy=Waypoints([(0.0, 0.0, 0.0), (Uniform(1, 2), 20.0, 0.0)]))
"""
BAD = """from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.scripts import After, Brake, ChangeLane, Ignore, Near, When
from pairforge.scenes.spec import Behaviour, Prop
Prop(name="a", shape=3)
Prop(name="a", shape="box", size_m=Choice("big", "small"))
Prop(name="a", shape="box", colour=Uniform(0, 1))
Prop(name="a", shpe="box")
Behaviour(kind="fly")
When(Brake(3.0), Brake(3.0))
When(After("soon"), Brake(3.0))
When(After(1.0), ChangeLane("up"))
When(After(1.0), Ignore("gravity"))
When(Near(3.0, "ego"), Brake(3.0))
When(After(1.0), 3.0)
Behaviour(turns=["back"])
Behaviour(script=[Brake(3.0)])
Behaviour(policy="my_driver.py:steer")
"""


@pytest.mark.slow
def test_a_wrong_spec_is_a_type_error_on_its_line(tmp_path: Path) -> None:
    tree = tmp_path / "tree" / "pairforge"
    tree.mkdir(parents=True)
    for file in (ROOT / "core").iterdir():
        (tree / file.name).symlink_to(file)
    for folder in ("scenes", "sensors"):
        (tree / folder).symlink_to(ROOT / folder)
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "bad.py").write_text(BAD)
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--ignore-missing-imports",
         "--cache-dir", str(tmp_path / "cache"), "good.py", "bad.py"],
        cwd=tmp_path, env={**os.environ, "MYPYPATH": str(tree.parent)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = {line.split(": error:")[0] for line in ran.stdout.splitlines() if ": error:" in line}
    assert lines == {f"bad.py:{n}" for n in range(4, 18)}, ran.stdout
