"""The scene by pairforge itself: a job of its farm, from the spec's file to the published shard.

``--settings same`` makes the labels of the others and more (flow, boxes, occlusion); ``own`` adds a LiDAR sweep and
captions. ``--preset`` takes one of its presets as it is instead of ``--samples``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks.peers.spec import SCENE
from pairforge.farm.job import Job, do, load_spec
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_presets import PRESETS, Preset
from pairforge.renderers.protocol import Quality
from pairforge.scenes.world import World

SPEC = Path(__file__).parents[1] / "spec.py"


class Sampled(BlenderRenderer):
    """Blender at ``standard``, but with so many samples (0: as it is)."""

    samples = 0

    def open(self, world: World, quality: Quality = "standard", preset: Preset | None = None) -> None:
        chosen = preset or PRESETS[quality]
        super().open(world, quality, replace(chosen, samples=self.samples) if self.samples else chosen)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("exchange", type=Path)
    ask.add_argument("out", type=Path)
    ask.add_argument("--samples", type=int, default=4)
    ask.add_argument("--frames", type=int, default=1)
    ask.add_argument("--settings", choices=("same", "own"), default="same")
    ask.add_argument("--preset", choices=tuple(PRESETS), default="")
    options = ask.parse_args()
    spec = f"{SPEC}:{'EVERYTHING' if options.settings == 'own' else 'LABELS'}"
    settings = {"duration_s": str(options.frames / SCENE["camera"]["rate_hz"])}
    job = Job(
        spec=spec,
        spec_sha256=load_spec(spec, settings)[2],
        settings=settings,
        seed=0,
        index=0,
        root=options.out,
        slug="peers-yard-000000",
        renderer="blender",
        quality=options.preset or "standard",
    )
    renderer = Sampled()
    renderer.samples = 0 if options.preset else options.samples
    try:
        done = do(job, renderer, lambda: None)
    finally:
        renderer.close()
    print({stage: round(seconds, 2) for stage, seconds in done.seconds.items()})


if __name__ == "__main__":
    main()
