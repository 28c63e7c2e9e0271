"""A job runs on a machine without display, network, home, rights, or write access outside its scratch folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pairforge.farm.planning import PlanRequest, make_plan
from pairforge.farm.report import read_report, report_path
from tests.farm import jail

SPEC = Path(__file__).with_name("tiny_spec.py")
PAIRFORGE = (sys.executable, "-m", "pairforge")
SCENE = ("--seed", "7", "--quality", "draft")
PROBE = """
import json, os, socket
def refused(act):
    try: act()
    except OSError as error: return error.strerror or str(error)
def write(place):
    with open(os.path.join(place, "probe"), "w"): pass
places = {line.split()[4] for line in open("/proc/self/mountinfo")}
places |= {"/tmp", "/var/tmp", "/dev/shm", "/run", "/root", "/home"}
status = dict(line.rstrip().split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(json.dumps({
    "written": sorted(p for p in places if os.path.isdir(p) and not refused(lambda: write(p))),
    "network": refused(lambda: socket.create_connection(("127.0.0.1", 9), 2)),
    "rights": [int(status[n], 16) for n in ("CapEff", "CapPrm", "CapBnd")],
    "uid": os.getuid(), "home": os.path.exists(os.environ["HOME"]), "display": os.environ.get("DISPLAY"),
}))
"""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(jail.why_not()), reason=jail.why_not())]


@pytest.fixture
def scratch(tmp_path) -> Iterator[Path]:
    """A folder that anybody may write to, with one for temporary files in it."""
    folder = tmp_path / "scratch"
    for made in (folder, folder / "tmp"):
        made.mkdir()
        made.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def jailed(scratch: Path, *argv: str) -> str:
    """What the command printed; it must have done well."""
    done = subprocess.run(jail.command(scratch, *argv), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def bytes_of(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes()
        for kind in ("shards", "tables")
        for p in (root / kind).rglob("*.*")
    }


def test_the_jail_is_one(scratch):
    seen = json.loads(jailed(scratch, sys.executable, "-c", PROBE))
    assert seen["written"] == [jail.WHERE]
    assert seen["network"] == "Network is unreachable"
    assert seen["rights"] == [0, 0, 0]
    assert (seen["uid"], seen["home"], seen["display"]) == (jail.NOBODY, False, None)


def test_blender_makes_the_same_bytes_in_the_jail_as_outside(scratch, tmp_path):
    arguments = (
        "generate",
        f"{SPEC}:TINY",
        "--renderer",
        "blender",
        "--set",
        "duration_s=0.5",
        *SCENE,
        "--out",
    )
    jailed(scratch, *PAIRFORGE, *arguments, "data")
    outside = [*PAIRFORGE, *arguments, str(tmp_path / "calm")]
    home = tmp_path / "home"
    home.mkdir()
    subprocess.run(outside, check=True, capture_output=True, env={**os.environ, "HOME": str(home)})
    assert bytes_of(scratch / "data") == bytes_of(tmp_path / "calm") != {}
    assert not list((scratch / "tmp").iterdir()), "temporary files were left"
    assert not list(home.iterdir()), "where there is a home, something was put there"


def test_a_job_of_a_plan_does_its_work_in_the_jail(scratch):
    request = PlanRequest(
        f"{SPEC}:TINY", scratch / "data", 2, seed=7, renderer="raycast", quality="draft", measure=0
    )
    make_plan(request)
    for path in (scratch / "data", *(scratch / "data").rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    more = ("--job", "1", "--spec", str(SPEC), "--log", "log.jsonl", "--metrics", "job.prom")
    jailed(scratch, *PAIRFORGE, "work", "data", *more)
    attempt = read_report(report_path(scratch / "data", 1)).last
    assert (attempt.state, attempt.scenes_done, attempt.reports_refused) == ("done", 1, 0)
    assert sorted(p.name for p in scratch.iterdir()) == ["data", "job.prom", "log.jsonl", "tmp"]
    assert not list((scratch / "tmp").iterdir()), "temporary files were left"
