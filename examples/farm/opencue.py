"""A plan as an OpenCue job: one frame a job of the plan, and a layer that finishes.

    python opencue.py PLAN [SPEC.py]      with PyOutline (pip install opencue-pyoutline), CUEBOT_HOSTS set

Frames that end with another code than 0 are retried as the show's settings say.
"""

from __future__ import annotations

import getpass
import json
import subprocess
import sys
from typing import Any


def described(plan: str) -> dict[str, Any]:
    """What ``pairforge plan PLAN --json`` says."""
    return json.loads(
        subprocess.run(["pairforge", "plan", plan, "--json"], check=True, capture_output=True).stdout
    )


def work_command(plan: str, spec: str | None = None) -> list[str]:
    """The command of a frame; OpenCue puts the frame's number for #IFRAME#."""
    named = ["--spec", spec] if spec else []
    return ["pairforge", "work", plan, "--job", "#IFRAME#", "--allow-quarantined", *named]


def finish_command(plan: str) -> list[str]:
    return ["pairforge", "finish", plan]


def outline_of(plan: str, spec: str | None, show: str = "testing", shot: str = "pairforge") -> Any:
    """The job, not launched yet."""
    import outline
    import outline.modules.shell

    said = described(plan)
    needs = said.get("job_needs", {"cores": 2, "memory_bytes": 4 << 30})
    job = outline.Outline("pairforge", shot=shot, show=show, user=getpass.getuser())
    work = outline.modules.shell.Shell(
        "work",
        command=work_command(plan, spec),
        range=f"0-{said['jobs'] - 1}",
        chunk=1,
        threads=max(1, round(needs["cores"])),
        memory=f"{-(-needs['memory_bytes'] >> 20)}m",
    )
    finish = outline.modules.shell.Shell("finish", command=finish_command(plan), range="1-1", threads=1)
    job.add_layer(work)
    job.add_layer(finish)
    finish.depend_all(work)
    return job


if __name__ == "__main__":
    import outline.cuerun

    if len(sys.argv) < 2:
        sys.exit(__doc__)
    outline.cuerun.launch(
        outline_of(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None), use_pycuerun=False
    )
