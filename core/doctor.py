"""Is this machine fit to run pairforge? Each check is one function that says what it saw, or raises."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files


def debian_packages() -> dict[str, str]:
    """Shared objects that the wheels of bpy and open3d need from the system, and the package that holds each."""
    lines = (files("pairforge.assets") / "system_libraries.txt").read_text().splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True)
class Check:
    """What was looked at, whether it is well, and what was seen or what to do."""

    name: str
    ok: bool
    detail: str


def examine() -> tuple[Check, ...]:
    """Run every check; none raises."""
    return tuple(_run(name, check) for name, check in CHECKS)


def _run(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except Exception as error:  # the point of a doctor is to survive every illness and name it
        return Check(name, False, f"{type(error).__name__}: {error}")


def _python() -> str:
    if sys.version_info[:2] != (3, 11):
        raise RuntimeError(
            f"Python {sys.version.split()[0]}; pairforge needs 3.11 (bpy 5.0 has wheels for it alone)"
        )
    return sys.version.split()[0]


def _packages() -> str:
    names = ("pairforge", "bpy", "numpy", "open3d-cpu", "pybullet", "pyarrow", "trimesh")
    return ", ".join(f"{n} {version(n)}" for n in names)


def _libraries() -> str:
    """Import in a process of its own: a missing library must not take the doctor along."""
    missing = sorted({lib for module in ("bpy", "open3d") for lib in _missing_library(module)})
    if missing:
        known = debian_packages()
        packages = " ".join(sorted({known.get(lib, lib) for lib in missing}))
        raise RuntimeError(f"missing {', '.join(missing)}. Run: apt-get install -y {packages}")
    return "bpy and open3d load"


def _missing_library(module: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"], capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode == 0:
        return []
    words = done.stderr.replace(":", " ").split()
    libraries = [w for w in words if ".so" in w and not w.endswith(".py") and "/" not in w]
    if not libraries:
        raise RuntimeError(f"{module} does not import: {done.stderr.strip()[-300:]}")
    return libraries[:1]


def _ray_engine() -> str:
    import numpy as np

    from pairforge.open3d import o3d

    scene = o3d.t.geometry.RaycastingScene()
    corners = np.array([[-1, -1, 5], [1, -1, 5], [0, 1, 5]], dtype=np.float32)
    scene.add_triangles(
        o3d.core.Tensor.from_numpy(corners),
        o3d.core.Tensor.from_numpy(np.array([[0, 1, 2]], dtype=np.uint32)),
    )
    ray = o3d.core.Tensor.from_numpy(np.array([[0, 0, 0, 0, 0, 1]], dtype=np.float32))
    hit = float(scene.cast_rays(ray)["t_hit"].numpy()[0])
    if abs(hit - 5.0) > 1e-5:
        raise RuntimeError(f"a ray at a wall 5 m away hit at {hit} m")
    return "Embree hits a wall 5 m away"


def _physics() -> str:
    from pairforge.sensors.bullet import pybullet

    client = pybullet.connect(pybullet.DIRECT)
    if client < 0:
        raise RuntimeError("PyBullet did not start")
    pybullet.disconnect(client)
    return "PyBullet starts"


def _blender() -> str:
    from pairforge.renderers.blender import probe
    from pairforge.renderers.devices import CPU, Device, best_kind, report

    found = probe()
    devices = [Device(*row) for row in found["devices"]]
    times = {CPU: found["frame_s"]}
    if (kind := best_kind(devices)) != CPU:
        times[kind] = probe(timeout_s=900.0, device=kind)["frame_s"]  # the first use compiles kernels
    took = ", ".join(f"{seconds:.2f} s on {kind}" for kind, seconds in times.items())
    return f"Blender {found['version']}, {found['frame_shape']} in {took}; {report(devices)}"


CHECKS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("Python", _python),
    ("packages", _packages),
    ("system libraries", _libraries),
    ("ray engine", _ray_engine),
    ("physics", _physics),
    ("Blender renders a tiny frame", _blender),
)
