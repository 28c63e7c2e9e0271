"""Convex pieces that stand in for a mesh in physics: its hull, or CoACD's decomposition in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from typing import Any

import numpy as np
import trimesh

from pairforge.assets.ingest_model import Model, Triangles
from pairforge.errors import AssetError
from pairforge.frames import F64

MAX_CORNERS = 64
"""Corners of a hull; more cost Bullet time and change nothing to speak of."""
THRESHOLD = 0.08
"""CoACD's concavity at which it stops."""
MAX_PIECES = 24
PATIENCE_S = 300.0


def hull(points: F64) -> F64:
    """Corners (N <= 64, 3) of the convex hull of points; a flat or thin set is thickened to its box."""
    try:
        with np.errstate(all="ignore"):
            solid = trimesh.convex.convex_hull(points)
        corners = np.asarray(solid.vertices, dtype=np.float64)
        if solid.volume <= 1e-9 * float(np.ptp(corners, axis=0).max()) ** 3:
            raise ValueError("flat")
    except Exception:  # qhull raises its own kind for flat sets
        return _box(points)
    if len(corners) <= MAX_CORNERS:
        return corners
    away = corners - corners.mean(axis=0)
    picked = np.unique(np.argmax(away @ _directions().T, axis=0))
    extreme: F64 = corners[picked]
    return extreme


def _box(points: F64) -> F64:
    low, high = points.min(axis=0), points.max(axis=0)
    thin = max(0.01 * float((high - low).max()), 1e-9)
    middle, half = (low + high) / 2, np.maximum(high - low, thin) / 2
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    corners: F64 = middle + signs * half
    return corners


def _directions() -> F64:
    """Points spread over the unit sphere (golden-angle spiral), (64, 3)."""
    k = np.arange(MAX_CORNERS) + 0.5
    z = 1 - 2 * k / MAX_CORNERS
    angle = np.pi * (1 + 5**0.5) * k
    r = np.sqrt(1 - z * z)
    return np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=1)


def hulls(model: Model) -> list[list[F64]]:
    """One hull for every link with triangles, in the link's frame and the file's unit."""
    return [[hull(link.triangles.vertices)] if len(link.triangles.faces) else [] for link in model.links]


def decomposed(model: Model) -> list[list[F64]]:
    """Convex pieces for every link. AssetError when CoACD is not installed or fails."""
    if importlib.util.find_spec("coacd") is None:
        raise AssetError(
            "--collision decompose needs CoACD: pip install 'pairforge[assets]'. Without, the hull is used."
        )
    return [_pieces(link.triangles) if len(link.triangles.faces) else [] for link in model.links]


def _pieces(t: Triangles) -> list[F64]:
    """CoACD in a child: native code must not take this process down."""
    told = json.dumps({"vertices": t.vertices.tolist(), "faces": t.faces.tolist()})
    command = [sys.executable, "-m", "pairforge.assets.ingest_collision"]
    try:
        done = subprocess.run(command, input=told, capture_output=True, text=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise AssetError(f"CoACD took more than {PATIENCE_S:.0f} s; use --collision hull") from None
    if done.returncode:
        raise AssetError(
            f"CoACD failed ({done.returncode}): {done.stderr.strip()[-160:]}; use --collision hull"
        )
    return [hull(np.asarray(piece, dtype=np.float64)) for piece in json.loads(done.stdout.splitlines()[-1])]


def to_json(pieces: list[list[F64]]) -> list[Any]:
    """Plain lists, a millionth of the unit exact."""
    return [[np.round(p, 9).tolist() for p in link] for link in pieces]


def from_json(data: Any) -> list[list[F64]]:
    return [[np.asarray(p, dtype=np.float64).reshape(-1, 3) for p in link] for link in data]


def _child() -> None:
    """Mesh as JSON on stdin, pieces as JSON on the last line of stdout."""
    import coacd  # type: ignore[import-not-found,import-untyped,unused-ignore]  # an extra, without types

    told = json.load(sys.stdin)
    coacd.set_log_level("error")
    made = coacd.run_coacd(
        coacd.Mesh(np.asarray(told["vertices"], dtype=np.float64), np.asarray(told["faces"], dtype=np.int32)),
        threshold=THRESHOLD,
        max_convex_hull=MAX_PIECES,
        seed=0,
    )
    print(json.dumps([np.asarray(vertices).tolist() for vertices, _ in made]))


if __name__ == "__main__":
    _child()
