"""How library worlds stand once simulated: deepest overlaps, what floats, what fell.

``python -m benchmarks.rest --scene tabletop.drop --seeds 20`` prints a Markdown row a scene, with the names of
what is wrong. Nothing is rendered.
"""

from __future__ import annotations

import argparse

from pairforge.pipeline import scene_seed
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve_candidate
from pairforge.sensors.rest import Rest, rest
from pairforge.sensors.timeline import Timeline

DATASET_SEED = 7
DEEP_M = 0.01


def measured(name: str, index: int) -> tuple[Timeline, Rest]:
    """A library scene, simulated, at its last keyframe."""
    candidate = resolve_candidate(load_scene(name).scene, scene_seed(DATASET_SEED, index))
    return candidate.timeline, rest(candidate.timeline, candidate.concrete)


def wrong(timeline: Timeline, found: Rest) -> list[str]:
    """What lies more than 1 cm inside something, floats by more than 1 cm, or fell."""
    named = {0: "ground"} | {i.instance_id: i.name for i in timeline.world.instances}
    deep = [o for o in found.overlaps if o.depth_m > DEEP_M and o.a != 0]
    said = [f"{named[o.a]} in {named[o.b]} by {1e3 * o.depth_m:.0f} mm" for o in deep]
    said += [f"{named[k]} floats by {1e3 * gap:.0f} mm" for k, gap in sorted(found.floating().items())]
    return said + [f"{named[k]} fell" for k in found.fallen]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--scene", action="append", default=[])
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--first", type=int, default=0)
    options = ask.parse_args()
    print("| scene | things | moving | deepest overlap (mm) | floating | fell | wrong |\n|" + "---|" * 7)
    for name in options.scene or ["tabletop.drop"]:
        for index in range(options.first, options.first + options.seeds):
            timeline, found = measured(name, index)
            said = "; ".join(wrong(timeline, found))
            things = len(timeline.world.instances)
            print(
                f"| {name} {index} | {things} | {len(found.moving)} | {1e3 * found.deepest_m:.2f} "
                f"| {len(found.floating())} | {len(found.fallen)} | {said} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
