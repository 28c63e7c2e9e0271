"""The dataset card of a Hugging Face dataset: README.md with the front matter that says where its splits lie."""

from __future__ import annotations

from collections.abc import Mapping

from pairforge.datasets.exporters.huggingface_features import Features, said
from pairforge.datasets.reader import Dataset

MEANING = {
    "image": "the picture, sRGB",
    "key": "scene and keyframe",
    "time_ns": "on the scene's clock",
    "fx_fy_cx_cy": "pixels; the first pixel's centre is (0.5, 0.5)",
    "distortion": "the model's coefficients, in OpenCV's order",
    "camera_position_m": "in the world, z up",
    "camera_quaternion_wxyz": "world from camera; camera x right, y down, z forward",
    "captions": "each proved against the scene",
    "objects": "bbox: x, y, width, height in pixels, of what is visible; instance_id names a thing through its scene",
}


def card(dataset: Dataset, counts: Mapping[str, int], of: Features, *, folder: bool) -> str:
    """``counts``: part -> rows."""
    made = dataset.manifest.identity
    lines = [
        "---",
        f"pretty_name: {made.scene}",
        "tags: [synthetic, pairforge]",
        f"size_categories: [{_size(counts)}]",
    ]
    lines += ["configs:", "- config_name: default"]
    if folder:
        lines += ["  drop_labels: true"]
    lines += ["  data_files:"]
    for part in sorted(counts):
        path = f"{part}/**" if folder else f"data/{part}-*"
        lines += [f"  - split: {part}", f'    path: "{path}"']
    lines += ["---", "", f"# {made.scene}", ""]
    lines += [
        f"Pictures of simulated scenes with captions and exact boxes, made by pairforge (seed {made.seed}, "
        f"{made.renderer}, {made.quality}).",
        "",
        "| part | pictures |",
        "|---|---|",
        *(f"| {part} | {counts[part]} |" for part in sorted(counts)),
        "",
        "| column | type | |",
        "|---|---|---|",
        *(f"| `{name}` | {said(one)} | {MEANING.get(name, '')} |" for name, one in of.items()),
        "",
    ]
    return "\n".join(lines)


def _size(counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    for most, name in (
        (1_000, "n<1K"),
        (10_000, "1K<n<10K"),
        (100_000, "10K<n<100K"),
        (1_000_000, "100K<n<1M"),
    ):
        if total < most:
            return name
    return "n>1M"
