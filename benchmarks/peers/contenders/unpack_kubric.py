"""Kubric's files as the arrays that are compared: ``python unpack_kubric.py OUT EXCHANGE``. Not timed.

Classes come by a table from its ids, as Kubric's users take them from its metadata; the ground, a background, is 0.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np

out, exchange = Path(sys.argv[1]), Path(sys.argv[2])
objects = json.loads((exchange / "world.json").read_text())["objects"]
classes = np.zeros(1 + max(o["instance_id"] for o in objects), dtype=np.uint16)
for given in objects:
    classes[given["instance_id"]] = given["class_id"]
for path in sorted((out / "frames").glob("depth_*.tiff")):
    number = path.stem.rpartition("_")[2]
    read = {
        name: cv2.imread(str(path.with_name(f"{name}_{number}.png")), cv2.IMREAD_UNCHANGED)
        for name in ("rgba", "normal", "segmentation")
    }
    depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    hit = depth < 1e9
    instance = read["segmentation"]
    np.savez(
        out / f"frame{int(number):04d}.npz",
        rgb=read["rgba"][..., 2::-1],
        depth=np.where(hit, depth, np.inf).astype(np.float32),
        normal=(read["normal"][..., ::-1] / 65535.0 * 2.0 - 1.0).astype(np.float32),
        instance=instance,
        semantic=np.where(hit, classes[np.minimum(instance, len(classes) - 1)], 0),
    )
