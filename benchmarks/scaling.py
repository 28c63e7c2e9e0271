"""How time and memory grow: objects, triangles, frames of a scene, pixels, LiDAR beams.

    python -m benchmarks.scaling [objects moving triangles instances frames pixels beams columns]

Each point is a process of its own, so that its peak memory is its own. CPU seconds are of all its threads.
``objects`` (that stand, one falls), ``moving`` (all fall), ``frames``, ``pixels``, ``beams`` (of 1,800 columns) and
``columns`` (of 128 beams) go the whole way from spec to published scene, with the preview renderer; ``triangles``
(all different) and ``instances`` (a thousand triangles a thing, one mesh for all) build the ray scene, cast a million
rays, and have Blender draw a picture.

``grows`` is the exponent between the last two points: 1 is proportional, 0 costs nothing more.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from math import log, sqrt
from time import process_time
from typing import Any

from benchmarks.measuring import machine, show

POINTS: dict[str, tuple[int, ...]] = {
    "objects": (10, 100, 1_000, 10_000),
    "moving": (10, 100, 1_000),
    "triangles": (100_000, 1_000_000, 5_000_000, 20_000_000),
    "instances": (100_000, 1_000_000, 5_000_000, 20_000_000),
    "frames": (4, 40, 400, 2_000),
    "pixels": (14_400, 57_600, 230_400, 921_600, 2_073_600, 8_294_400),
    "beams": (1, 8, 32, 128, 255),
    "columns": (450, 1_800, 8_192),
}
FIRST, UNIT = "the first keyframe", "a later keyframe"


def spec(axis: str, value: int) -> Any:
    """A yard with so many things that stand (``moving``: drop), one that falls, a camera and a LiDAR."""
    from pairforge.scenes.placement import At
    from pairforge.scenes.settings import Empty
    from pairforge.scenes.spec import Camera, Lidar, Prop, Scene

    things = value if axis in ("objects", "moving") else 20
    side = max(4, round(sqrt(things)))
    shapes = ("box", "sphere", "cylinder", "cone")
    props = [
        Prop(
            name=f"thing{i}",
            shape=shapes[i % 4],
            size_m=0.4,
            place=At((2.0 + i // side, i % side - side / 2, 0.3 if axis == "moving" else 0.0)),
            moves=axis == "moving",
        )
        for i in range(things)
    ]
    width = round(sqrt(16 / 9 * value)) if axis == "pixels" else 320
    frames = value if axis == "frames" else 4
    sensors = [
        Camera(
            name="front",
            position_m=(-4.0, 0.0, 3.0),
            look_at="thing0",
            width_px=width,
            height_px=width * 9 // 16,
        ),
        Lidar(
            name="mast",
            position_m=(0.0, 0.0, 2.0),
            beams=value if axis == "beams" else 128 if axis == "columns" else 32,
            columns=value if axis == "columns" else 1800 if axis == "beams" else 1080,
        ),
    ]
    falls = Prop(name="ball", shape="sphere", size_m=0.3, place=At((1.0, 0.0, 2.0)))
    return Scene(
        name="scaling",
        setting=Empty(size_m=max(20.0, 3.0 * side)),
        props=[*props, falls],
        sensors=sensors,
        duration_s=frames / 10,
        keyframe_rate_hz=10.0,
    )


def whole_way(axis: str, value: int) -> dict[str, float]:
    """CPU seconds before the keyframes, of the first, which loads what is loaded once, and of each later one; MB."""
    from pairforge.datasets.store import write_scene
    from pairforge.pipeline import keyframes, prepare
    from pairforge.renderers.raycast import RaycastRenderer
    from pairforge.sample import Keyframe

    marks = [process_time()]
    ready = prepare(spec(axis, value), 7, 0)
    marks.append(process_time())

    def marked() -> Iterator[Keyframe]:
        for frame in keyframes(ready, RaycastRenderer(), "draft"):
            yield frame
            marks.append(process_time())

    with tempfile.TemporaryDirectory() as folder:
        write_scene(folder, "scaling", ready.record, marked())
    before, first, later = marks[1] - marks[0], marks[2] - marks[1], (marks[-1] - marks[2]) / (len(marks) - 3)
    return {"before": before, FIRST: first, UNIT: later, "published": process_time() - marks[-1]}


def relief(triangles: int, size_m: float) -> Any:
    """A bumpy square of about so many triangles."""
    import numpy as np

    from pairforge.scenes.world import Mesh
    from tests.worlds import paint

    n = max(2, round(sqrt(triangles / 2))) + 1
    x, y = np.meshgrid(*2 * [np.linspace(-size_m / 2, size_m / 2, n)], indexing="ij")
    z = size_m * 0.01 * np.sin(x * 40 / size_m) * np.cos(y * 40 / size_m)
    a = (np.arange(n - 1)[:, None] * n + np.arange(n - 1)).ravel()
    faces = np.concatenate([np.stack([a, a + n, a + n + 1], 1), np.stack([a, a + n + 1, a + 1], 1)])
    count = len(faces)
    vertices = np.stack([x, y, z], -1).reshape(-1, 3).astype(np.float32)
    return Mesh(
        vertices, faces.astype(np.int32), np.zeros(count, np.uint8), (paint("grey"),), np.zeros(count, bool)
    )


def relief_world(axis: str, value: int) -> Any:
    """One relief of so many triangles, or reliefs of a thousand triangles side by side that share one mesh."""
    from pairforge.frames import Pose
    from pairforge.scenes.taxonomy import semantic
    from pairforge.scenes.world import Part, Sky, World

    kind = semantic("floor").semantic_id
    if axis == "triangles":
        parts = [Part(1, "relief", 0, kind, relief(value, 100.0), Pose.of(), False)]
    else:
        mesh, side = relief(1000, 1.0), round(sqrt(value / 1000))
        places = [(k // side - side / 2, k % side - side / 2, 0.0) for k in range(side * side)]
        parts = [
            Part(k, f"relief{k}", 0, kind, mesh, Pose.of(place), False)
            for k, place in enumerate(places, start=1)
        ]
    return World(tuple(parts), (), (), Sky())


def rays(axis: str, value: int) -> dict[str, float]:
    """CPU seconds to build the ray scene and for a million rays; of Blender's process at draft, 320x180, too."""
    import numpy as np
    import psutil

    from pairforge.frames import Intrinsics, look_at
    from pairforge.renderers.blender import BlenderRenderer
    from pairforge.renderers.protocol import View
    from pairforge.sensors.ray_engine import RayEngine

    world = relief_world(axis, value)
    start = process_time()
    engine = RayEngine(world)
    turns = np.random.Generator(np.random.PCG64(7)).uniform(-1.0, 1.0, (250_000, 2))
    ways = np.column_stack([turns, -0.3 - np.abs(turns[:, :1])])
    places = np.tile([0.0, 0.0, 8.0], (len(ways), 1))
    engine.cast(places[:1000], ways[:1000], {})
    built = process_time()
    for _ in range(4):
        engine.cast(places, ways, {})
    found = {"ray scene built": built - start, "a million rays": process_time() - built}
    found["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if value > MOST_FOR_BLENDER:
        return found
    renderer = BlenderRenderer()
    try:
        renderer.open(world, "draft")
        worker = psutil.Process(renderer.worker_pid)
        opened = sum(worker.cpu_times()[:2])
        view = View(Intrinsics.from_fov(320, 180, 60.0), look_at((-20.0, 0.0, 8.0), (0.0, 0.0, 0.0)), {})
        renderer.render(view)
        found |= {
            "Blender, world and start": opened,
            "Blender, first frame": sum(worker.cpu_times()[:2]) - opened,
            "Blender, MB": worker.memory_info().rss / 1e6,
        }
    finally:
        renderer.close()
    return found


MOST_FOR_BLENDER = 5_000_000
"""Of triangles that are all different: more of them take minutes to hand over and ten gigabytes."""


def point(axis: str, value: int) -> dict[str, float]:
    found = rays(axis, value) if axis in ("triangles", "instances") else whole_way(axis, value)
    return {**found, "MB": found.get("MB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


def measured(axis: str, value: int) -> dict[str, float] | None:
    """A point, in a process of its own; None where that failed."""
    command = [sys.executable, "-m", "benchmarks.scaling", "--point", axis, str(value)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        print(f"{axis} {value:,}: {ran.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def table(axis: str) -> None:
    """Measures an axis and prints it."""
    points = {v: found for v in POINTS[axis] if (found := measured(axis, v)) is not None}
    rows = []
    for what in dict.fromkeys(k for found in points.values() for k in found):
        at = [(v, found[what]) for v, found in points.items() if what in found]
        cells = [f"{points[v][what]:.3g}" if what in points[v] else "" for v in points]
        (v0, y0), (v1, y1) = at[-2] if len(at) > 1 else at[-1], at[-1]
        grows = f"{log(y1 / y0) / log(v1 / v0):.2f}" if len(at) > 1 and y0 > 0.0 and y1 > 0.0 else ""
        rows.append([what, *cells, grows])
    show(f"{axis}: CPU seconds, MB", [axis, *(f"{v:,}" for v in points), "grows"], rows)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("axes", nargs="*", choices=[*POINTS, []], help="default: all")
    ask.add_argument("--point", nargs=2, metavar=("AXIS", "VALUE"))
    options = ask.parse_args()
    if options.point:
        print(json.dumps(point(options.point[0], int(options.point[1]))))
        return
    print(machine())
    for axis in options.axes or POINTS:
        table(axis)


if __name__ == "__main__":
    main()
