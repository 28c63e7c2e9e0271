"""BlenderProc's HDF5 files as the arrays that are compared: ``unpack_blenderproc.py OUT EXCHANGE``. Not timed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import h5py
import numpy as np

out, exchange = Path(sys.argv[1]), Path(sys.argv[2])
frames = json.loads((exchange / "world.json").read_text())["frames"]
for path in out.glob("*.hdf5"):
    with h5py.File(path) as file:
        data = {name: np.array(file[name]) for name in file}
    world_from_camera = np.array(frames[int(path.stem)]["world_from_camera"])[:3, :3]
    # It tells normals in Blender's camera axes, moved to 0..1.
    normal = (2.0 * data["normals"] - 1.0) * (1.0, -1.0, -1.0) @ world_from_camera.T
    depth = data["depth"]
    np.savez(
        out / f"frame{int(path.stem):04d}.npz",
        rgb=data["colors"],
        depth=np.where(depth > 1e9, np.inf, depth).astype(np.float32),
        normal=normal.astype(np.float32),
        instance=data["given_id_segmaps"],
        semantic=data["category_id_segmaps"],
    )
