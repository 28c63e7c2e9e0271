"""Run a script in an environment of its own, with readers that cannot live beside ours (``tests/environments``)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Beside the environment that runs the tests, where setup.sh makes them, also when a checkout shares another's.
VENVS = Path(sys.prefix).resolve().parent / ".venvs"
_LEAKS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONSTARTUP")


def run(environment: str, script: Path | str, *arguments: object, timeout_s: float = 300) -> Any:
    """What a script (a path, or code) prints as JSON in its last line; the test fails with its words if it fails.

    It sees nothing of ours: no PYTHONPATH, no user site, no folder of the tests on its path.
    """
    python = VENVS / environment / "bin" / "python"
    if not (python.parents[1] / ".ready").is_file():
        pytest.fail(f"the environment {environment} is not there: run ./setup.sh test", pytrace=False)
    what = [str(script)] if isinstance(script, Path) else ["-c", script]
    clean = {name: value for name, value in os.environ.items() if name not in _LEAKS}
    done = subprocess.run(
        [str(python), "-P", "-s", "-W", "ignore", *what, *map(str, arguments)],
        env=clean,
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    if done.returncode:
        pytest.fail(
            f"{environment}: {script if len(what) == 1 else 'the script'} failed:\n{done.stderr[-4000:]}"
        )
    return json.loads(done.stdout.splitlines()[-1])
