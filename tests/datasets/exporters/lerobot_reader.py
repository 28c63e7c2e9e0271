"""Run in the environment ``lerobot``, or in any with lerobot 0.4: what LeRobotDataset gives of an export, as an .npz.

lerobot_reader.py FOLDER OUT.npz: prints its tasks and counts as JSON.
"""

import json
import sys

import numpy as np
import torch


def main(folder: str, out: str) -> None:
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        # Its compiled operators do not load beside this build of torch. Nothing here calls one, but it registers a
        # meta kernel for one of them when it is imported: so that one is declared.
        for name in [n for n in sys.modules if n.startswith("torchvision")]:
            del sys.modules[name]
        operators = torch.library.Library("torchvision", "DEF")
        operators.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    data = LeRobotDataset("local/export", root=folder)
    items = [data[n] for n in range(len(data))]
    keys = [k for k in items[0] if k != "task"]
    np.savez(out, **{k: np.stack([np.asarray(i[k]) for i in items]) for k in keys})
    loader = torch.utils.data.DataLoader(data, batch_size=2)
    batch = next(iter(loader))
    print(
        json.dumps(
            {
                "tasks": [i["task"] for i in items],
                "episodes": data.num_episodes,
                "fps": data.fps,
                "batch": list(batch["action"].shape),
                "stats": {k: np.asarray(v["mean"]).ravel().tolist() for k, v in data.meta.stats.items()},
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
