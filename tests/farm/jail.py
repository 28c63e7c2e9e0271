"""Runs a command as a farm's strictest node would: no network, no display, no home, every file system read-only but
the scratch folder, and a user without any right.

As root, ``python jail.py SCRATCH COMMAND…`` in new namespaces (``command()`` gives the whole line). Within it the
scratch folder is ``WHERE``. Folders that only their owner may enter, as /root, are covered by empty ones in which
nothing is left but the way to Python and to this checkout.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WHERE = "/srv"
ASIDE = Path("/media")
NOBODY = 65534
ROOT = Path(__file__).resolve().parents[2]


def command(scratch: Path, *argv: str) -> list[str]:
    """What to run, as root, for ``argv`` to run in the jail."""
    return ["unshare", "--net", "--mount", sys.executable, str(Path(__file__).resolve()), str(scratch), *argv]


def why_not() -> str:
    """Why this machine has no jail; empty when it has one."""
    missing = [tool for tool in ("unshare", "setpriv", "mount") if shutil.which(tool) is None]
    if missing:
        return f"no {missing[0]} here"
    if os.geteuid() != 0:
        return "only root may make the jail"
    done = subprocess.run(
        ["unshare", "--net", "--mount", "true"], capture_output=True, text=True, check=False
    )
    return f"namespaces are forbidden here: {done.stderr.strip()}" if done.returncode else ""


def main(scratch: str, *argv: str) -> None:
    mount("--make-rprivate", "/")
    search = [*sys.path, *os.environ.get("PYTHONPATH", "").split(":")]
    open_ways(
        {Path(p).resolve() for p in (sys.base_prefix, sys.prefix, ROOT, *search) if p and Path(p).is_dir()}
    )
    mount("--bind", scratch, WHERE)
    for place in places():  # one that is covered by another cannot be told apart, nor written to
        mount("-o", "remount,bind,ro" if place != WHERE else "remount,bind,rw", place, check=False)
    os.chdir(WHERE)
    keep = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    environment = {**keep, "HOME": "/nonexistent", "TMPDIR": f"{WHERE}/tmp"}
    user = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    rights = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
    os.execvpe("setpriv", ["setpriv", *user, *rights, *argv], environment)


def open_ways(needed: set[Path]) -> None:
    """Let others reach what is needed: cover each closed folder by one that holds the ways to it alone."""
    hidden: dict[Path, list[Path]] = {}
    for path in sorted(p for n in needed for p in (n.iterdir() if closed(n) else [n])):
        tops = [p for p in reversed(path.parents) if closed(p)]
        if tops and not any(other in path.parents for other in hidden.get(tops[0], [])):
            hidden.setdefault(tops[0], []).append(path)
    for top, paths in hidden.items():
        cover(top, paths)


def cover(top: Path, paths: list[Path]) -> None:
    mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", str(ASIDE))
    aside = {path: ASIDE / str(k) for k, path in enumerate(paths)}
    for path, kept in aside.items():
        made_like(path, kept)
        mount("--bind", str(path), str(kept))
    folders = {path: path.is_dir() for path in paths}
    mount("-t", "tmpfs", "-o", "mode=755,size=1m", "tmpfs", str(top))
    for path, kept in aside.items():
        made_like(path, path, folders[path])
        mount("--move", str(kept), str(path))
    subprocess.run(["umount", str(ASIDE)], check=True)


def made_like(path: Path, place: Path, folder: bool | None = None) -> None:
    """Make ``place``, a folder or a file as ``path`` is, to mount it on."""
    if path.is_dir() if folder is None else folder:
        place.mkdir(parents=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()


def closed(path: Path) -> bool:
    return not path.stat().st_mode & 0o001


def places() -> Iterator[str]:
    """Where something is mounted."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        yield line.split()[4].encode().decode("unicode_escape")


def mount(*words: str, check: bool = True) -> None:
    subprocess.run(["mount", *words], check=check, stderr=None if check else subprocess.DEVNULL)


if __name__ == "__main__":
    main(*sys.argv[1:])
