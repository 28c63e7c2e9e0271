"""How near to their physical limits the movers of library worlds come, and how often past them.

``python -m benchmarks.limits --scene driving.street --seeds 20`` prints every violation, then the worst of each
quantity and its limit, class by class. Nothing is rendered.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np

from pairforge.pipeline import scene_seed
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve_candidate
from pairforge.scenes.taxonomy import CLASSES
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.limits import WORDS, judged, limits_of, measured, violations
from pairforge.sensors.timeline import Timeline

DATASET_SEED = 7
Worst = dict[tuple[str, str], tuple[float, float]]


def simulated(name: str, index: int) -> Timeline:
    """A library scene's timeline."""
    return resolve_candidate(load_scene(name).scene, scene_seed(DATASET_SEED, index)).timeline


def worst(timeline: Timeline) -> Worst:
    """(class, quantity) -> (the worst value, its limit)."""
    found: Worst = defaultdict(lambda: (0.0, 0.0))
    ground = ExactGround(timeline.world)
    for instance in judged(timeline):
        kind = CLASSES[instance.semantic_id].name
        limits = limits_of(timeline, instance)
        for quantity, values in measured(timeline, instance, ground).items():
            if not np.isnan(values).all():
                value = max(found[kind, quantity][0], float(np.nanmax(values)))
                found[kind, quantity] = value, limits[quantity]
    return found


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--scene", action="append", default=[])
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--first", type=int, default=0)
    options = ask.parse_args()
    total: Worst = {}
    count = 0
    for name in options.scene or ["driving.street"]:
        for index in range(options.first, options.first + options.seeds):
            timeline = simulated(name, index)
            for found in violations(timeline):
                count += 1
                print(f"{name} {index}: {found}", flush=True)
            for key, (value, limit) in worst(timeline).items():
                total[key] = max(total.get(key, (0.0, limit))[0], value), limit
    print("| class | quantity | worst | limit |\n|---|---|---|---|")
    for (kind, quantity), (value, limit) in sorted(total.items()):
        print(f"| {kind} | {WORDS[quantity]} | {value:.3g} | {limit:.3g} |")
    print(f"\n{count} violations")


if __name__ == "__main__":
    main()
