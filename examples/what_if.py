"""What if the car ahead were red? Twins that differ in one named draw, everything else held.

pairforge generate examples/what_if.py:WHAT_IF --out out/what_if --renderer raycast
python examples/what_if.py out/twins        # writes the two pictures side by side
"""

import sys
from dataclasses import replace
from pathlib import Path

from pairforge.scenes.distributions import Choice
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.resolve import resolve

WHAT_IF = replace(
    STREET,
    name="example.what_if",
    actors=[
        replace(a, colour=Choice("white", "silver", "black")) if a.name == "leader" else a
        for a in STREET.actors
    ],
    duration_s=0.5,
)
DO = {"leader.colour": "red"}


def main(folder: Path, seed: int = 7) -> None:
    """Resolves the scene and its twin, says what differs, and pictures both."""
    from PIL import Image

    from pairforge.pipeline import keyframes, stage
    from pairforge.registry import RENDERERS

    world, twin = resolve(WHAT_IF, seed), resolve(WHAT_IF, seed, do=DO)
    changed = {name for name in world.draws if world.draws[name] != twin.draws[name]}
    print(f"{len(world.draws)} named draws, of which differ: {', '.join(sorted(changed))}")

    folder.mkdir(parents=True, exist_ok=True)
    for name, concrete in (("world", world), ("twin", twin)):
        renderer = RENDERERS.load("raycast")()
        (frame,) = keyframes(stage(concrete, 0), renderer, "draft", only=(0,))
        renderer.close()
        Image.fromarray(frame.cameras["CAM_FRONT"].rgb).save(folder / f"{name}.png")
        print(f"{name}: {frame.captions[0].text}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/twins"))
