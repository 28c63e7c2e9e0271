"""Runs a command as a farm's strictest node would: no network, no display, no home, every file system read-only but
the scratch folder, and a user without any right.

As root, ``python jail.py SCRATCH COMMAND…`` in new namespaces (``command()`` gives the whole line). Within it the
scratch folder is ``WHERE``. Folders on the way to the interpreter that only their owner may enter, as /root, are
covered by empty ones in which nothing but that way is left.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

WHERE = "/srv"
ASIDE = "/media"
NOBODY = 65534


def command(scratch: Path, *argv: str) -> list[str]:
    """What to run, as root, for ``argv`` to run in the jail."""
    return ["unshare", "--net", "--mount", sys.executable, str(Path(__file__).resolve()), str(scratch), *argv]


def possible() -> str:
    """Why this machine has no jail, or nothing."""
    missing = [tool for tool in ("unshare", "setpriv", "mount") if shutil.which(tool) is None]
    if missing:
        return f"no {missing[0]} here"
    done = subprocess.run(
        ["unshare", "--net", "--mount", "true"], capture_output=True, text=True, check=False
    )
    return f"namespaces are forbidden here: {done.stderr.strip()}" if done.returncode else ""


def main(scratch: str, *argv: str) -> None:
    mount("--make-rprivate", "/")
    for needed in (sys.base_prefix, sys.prefix, *sys.path, *os.environ.get("PYTHONPATH", "").split(":")):
        if needed and Path(needed).exists():
            open_way(Path(needed).resolve())
    mount("--bind", scratch, WHERE)
    for place in places():  # one that is covered by another cannot be told apart, nor written to
        mount("-o", "remount,bind,ro" if place != WHERE else "remount,bind,rw", place, check=False)
    os.chdir(WHERE)
    keep = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    environment = {**keep, "HOME": "/nonexistent", "TMPDIR": f"{WHERE}/tmp"}
    user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    rights = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
    os.execvpe("setpriv", ["setpriv", *user, *rights, *argv], environment)


def open_way(path: Path) -> None:
    """Let others reach ``path``: cover its first closed ancestor by a folder that holds the way to it alone."""
    closed = [p for p in reversed(path.parents) if not p.stat().st_mode & 0o001]
    if not closed:
        return
    top = closed[0]
    below = top / path.relative_to(top).parts[0]
    mount("--bind", str(below), ASIDE)
    mount("-t", "tmpfs", "-o", "mode=755,size=64k", "tmpfs", str(top))
    below.mkdir()
    mount("--move", ASIDE, str(below))


def places() -> list[str]:
    """Where something is mounted."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4].encode().decode("unicode_escape") for line in lines]


def mount(*words: str, check: bool = True) -> None:
    subprocess.run(["mount", *words], check=check, stderr=None if check else subprocess.DEVNULL)


if __name__ == "__main__":
    main(*sys.argv[1:])
