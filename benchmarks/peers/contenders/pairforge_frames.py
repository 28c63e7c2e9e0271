"""The scene by pairforge itself: a job of its farm, from the spec's file to the published shard.

``--settings same`` makes the labels of the others and more (flow, boxes, occlusion); ``own`` adds a LiDAR sweep and
captions; ``blenderproc`` makes the labels of ``same``, and follows light no further than BlenderProc as it comes.
``--preset`` takes one of its presets as it is instead of ``--samples``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from benchmarks.peers.spec import SCENE
from pairforge.farm.job import Job, do, load_spec
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_presets import PRESETS, Preset, Settings
from pairforge.renderers.protocol import Quality
from pairforge.scenes.world import World

SPEC = Path(__file__).parents[1] / "spec.py"
BLENDERPROC_BOUNCES = {
    "max_bounces": 3,
    "diffuse_bounces": 3,
    "glossy_bounces": 0,
    "transmission_bounces": 0,
    "transparent_max_bounces": 8,
}
"""What BlenderProc 2.8.0 sets when nobody says otherwise (its ``DefaultConfig``)."""


class Sampled(BlenderRenderer):
    """Blender at ``standard``, but with so many samples (0: as it is) and some of Cycles' settings changed."""

    def __init__(self, samples: int, cycles: Settings) -> None:
        super().__init__()
        self._samples, self._cycles = samples, cycles

    def open(self, world: World, quality: Quality = "standard", preset: Preset | None = None) -> None:
        chosen = preset or PRESETS[quality]
        chosen = replace(
            chosen, samples=self._samples or chosen.samples, cycles={**chosen.cycles, **self._cycles}
        )
        super().open(world, quality, chosen)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("exchange", type=Path)
    ask.add_argument("out", type=Path)
    ask.add_argument("--samples", type=int, default=4)
    ask.add_argument("--frames", type=int, default=1)
    ask.add_argument("--settings", choices=("same", "own", "blenderproc"), default="same")
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
    renderer = Sampled(
        samples=0 if options.preset else options.samples,
        cycles=BLENDERPROC_BOUNCES if options.settings == "blenderproc" else {},
    )
    try:
        done = do(job, renderer, lambda: None)
    finally:
        renderer.close()
    print({stage: round(seconds, 2) for stage, seconds in done.seconds.items()})


if __name__ == "__main__":
    main()
