"""Do the contenders show the same thing? Pictures, depth, normals and ids, pixel by pixel, against a referee.

The referee is none of them: Cycles' own passes of one sample through the middle of every pixel (``naive_bpy.py
--settings centres``), which needs a render of its own beside the picture.
"""

from __future__ import annotations

import io
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter

Arrays = dict[str, NDArray[Any]]
"""rgb (H, W, 3) uint8, depth (H, W) z-depth in metres, inf for nothing, normal (H, W, 3) in world axes, instance and
semantic (H, W)."""
_NEAR_PX = 1


@dataclass(frozen=True)
class Agreement:
    """How far a contender's frames are from the referee's. Shares are of all pixels, in percent.

    ``ids`` and ``classes``: pixels with another instance or class. ``ids_inside``: the same among pixels whose
    neighbours all show one thing. ``depth_mm``: the median difference, ``depth_99_mm`` the 99th percentile, inside
    things; ``depth_off``: pixels more than 10 mm and 1 % off, or wrongly something or nothing. ``normal_deg``: the
    median angle inside; ``normal_off``: pixels more than 10 degrees off; ``normal_short``: pixels of a thing whose
    normal is no unit vector (1 %). ``rgb_db``: PSNR to the first contender's picture (not to the referee's).
    """

    ids: float
    ids_inside: float
    classes: float
    depth_mm: float
    depth_99_mm: float
    depth_off: float
    normal_deg: float
    normal_off: float
    normal_short: float
    rgb_db: float


def agreement(found: list[Arrays], referee: list[Arrays], pictures: list[Arrays]) -> Agreement:
    """The mean over the frames of how ``found`` agrees with the ``referee``, and its pictures with ``pictures``."""
    each = [asdict(_one(*three)) for three in zip(found, referee, pictures, strict=True)]
    return Agreement(**{name: float(np.mean([one[name] for one in each])) for name in each[0]})


def _one(found: Arrays, true: Arrays, picture: Arrays) -> Agreement:
    inside = _inside(true["instance"], true["depth"])
    hit = np.isfinite(true["depth"])
    both = hit & np.isfinite(found["depth"])
    off_m = np.full(hit.shape, np.inf)
    off_m[both] = np.abs(found["depth"][both] - true["depth"][both])
    off_m[~hit & ~np.isfinite(found["depth"])] = 0.0
    slack = np.maximum(0.01, 0.01 * np.where(hit, true["depth"], 0.0))
    angle, length = _angles(found["normal"], true["normal"])
    of = inside & both
    return Agreement(
        ids=_percent(found["instance"] != true["instance"]),
        ids_inside=_percent((found["instance"] != true["instance"])[inside]),
        classes=_percent(found["semantic"] != true["semantic"]),
        depth_mm=1e3 * float(np.median(off_m[of])),
        depth_99_mm=1e3 * float(np.quantile(off_m[of], 0.99)),
        depth_off=_percent(off_m > slack),
        normal_deg=float(np.median(angle[of])),
        normal_off=_percent((angle > 10.0) & hit),
        normal_short=_percent((np.abs(length - 1.0) > 0.01) & hit),
        rgb_db=_psnr(found["rgb"], picture["rgb"]),
    )


def _inside(instance: NDArray[Any], depth: NDArray[Any]) -> NDArray[np.bool_]:
    """Pixels that show something and whose neighbours all show the same thing."""
    size = 2 * _NEAR_PX + 1
    alone = maximum_filter(instance, size) == minimum_filter(instance, size)
    return np.asarray(alone & np.isfinite(minimum_filter(-depth, size)) & np.isfinite(depth))


def _angles(found: NDArray[Any], true: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Angle in degrees between normals, and the length of the found ones."""
    a, b = found.astype(np.float64), true.astype(np.float64)
    length = np.linalg.norm(a, axis=-1)
    across = length * np.linalg.norm(b, axis=-1)
    cosine = np.divide((a * b).sum(-1), across, out=np.full(across.shape, -1.0), where=across > 0)
    return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))), length


def _percent(wrong: NDArray[Any]) -> float:
    return 100.0 * float(wrong.mean())


def _psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    error = float(((a.astype(np.float64) - b) ** 2).mean())
    return 99.0 if error == 0.0 else float(10 * np.log10(255.0**2 / error))


def read_npz(out: Path, frames: int) -> list[Arrays]:
    """The frames that ``naive_bpy``, or an ``unpack`` script, left in its folder."""
    return [dict(np.load(out / f"frame{k:04d}.npz")) for k in range(frames)]


def read_shard(out: Path, document: dict[str, Any]) -> list[Arrays]:
    """pairforge's frames, by any reader of tar, PNG and NumPy files; its normals turned into world axes."""
    (shard,) = (out / "shards").glob("*.tar")
    with tarfile.open(shard) as tar:
        members = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    found = []
    for k, frame in enumerate(document["frames"]):
        prefix = f"000000-{k:06d}.camera."
        arrays: Arrays = {
            name: np.array(Image.open(io.BytesIO(members[f"{prefix}{name}.png"])))
            for name in ("rgb", "instance", "semantic")
        }
        arrays["depth"] = np.load(io.BytesIO(members[f"{prefix}depth.npy"]))
        normal = np.load(io.BytesIO(members[f"{prefix}normal.npy"])).astype(np.float64)
        arrays["normal"] = normal @ np.array(frame["world_from_camera"])[:3, :3].T
        found.append(arrays)
    return found
