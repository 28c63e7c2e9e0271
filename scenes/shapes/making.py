"""Making small things: turned and hollow bodies, printed labels, and the rows that make a family of them.

Dimensions are nominal; the whole is scaled to ``size_m``, its largest extent. What has a face shows it towards +x.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from pairforge.frames import F64
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.lettering import text_width_m, write
from pairforge.scenes.shapes.meshing import combine, creased, revolve, rounded
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.shapes.primitives import Params, uniform
from pairforge.scenes.shapes.solids import sized, solid
from pairforge.scenes.shapes.substances import Substance
from pairforge.scenes.world import Collider, Material, Mesh, Rgb, Shape
from pairforge.seeding import Stream

SEGMENTS = 48
Ranges = Mapping[str, tuple[float, float]]
Choices = Mapping[str, Sequence[str]]


def made(
    pieces: Sequence[Mesh], colliders: Sequence[Collider], what: Substance, size_m: float, fill: float = 1.0
) -> Shape:
    """The pieces as one body of ``size_m``; ``fill`` is the density of the whole against the substance's."""
    body, scaled_colliders = sized(combine(pieces), colliders, size_m)
    shape = solid(body, scaled_colliders, what)
    return solid(body, scaled_colliders, what, fill * shape.mass_kg)


def weighed(
    pieces: Sequence[Mesh], colliders: Sequence[Collider], what: Substance, size_m: float, mass_kg: float
) -> Shape:
    """The pieces as one body of ``size_m`` and a mass of its own: things full of air, or of something else."""
    body, scaled_colliders = sized(combine(pieces), colliders, size_m)
    return solid(body, scaled_colliders, what, mass_kg)


def turned(
    profile: ArrayLike, fillet_m: float | ArrayLike, material: Material, segments: int = SEGMENTS
) -> Mesh:
    """A solid of revolution with softened corners."""
    return creased(revolve(rounded(profile, fillet_m, closed=False), material, segments=segments), 40.0)


def curve(points_rz: ArrayLike, count: int = 24) -> F64:
    """A smooth line (count, 2) through points (N, 2), by their place along it; it overshoots none of them."""
    p = np.asarray(points_rz, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=1))])
    return np.asarray(PchipInterpolator(along, p, axis=0)(np.linspace(0.0, along[-1], count)))


def shell(
    outer_rz: ArrayLike, wall_m: float, floor_m: float, material: Material, foot_m: float = 0.0
) -> Mesh:
    """A turned vessel: its outer profile from foot to rim, a wall and a floor. ``foot_m`` hollows the base."""
    outer = np.asarray(outer_rz, dtype=np.float64)
    inner = outer[outer[:, 1] > floor_m + 0.002][::-1] - [wall_m, 0.0]
    at_floor = float(np.interp(floor_m, outer[:, 1], outer[:, 0])) - wall_m
    base = outer[0]
    below = [(0.0, base[1] + foot_m), (0.86 * base[0], base[1] + foot_m), (0.9 * base[0], base[1])]
    lip = (outer[-1] + inner[0]) / 2 + [0.0, 0.45 * wall_m]
    corner = [(at_floor - 0.001, floor_m + 0.0008), (at_floor - 0.004, floor_m), (0.0, floor_m)]
    profile = np.vstack([below if foot_m else [(0.0, base[1])], outer, [lip], inner, corner])
    return creased(revolve(profile, material, segments=SEGMENTS), 40.0)


def lettered(
    text: str, width_m: float, height_m: float, material: Material, weight: float = 0.17
) -> Mesh | None:
    """Text in the plane x = 0 facing +x, centred, as high as fits the width; None when there is nothing to see."""
    high = min(height_m, height_m * width_m / max(text_width_m(text, height_m), 1e-9))
    model = Modeller()
    write(model, text, (0.0, 0.0, 0.0), high, material, weight)
    return None if model.empty else model.mesh()


def wrapped(mesh: Mesh, radius_m: float) -> Mesh:
    """A flat print in the plane x = 0 laid round an upright cylinder, its middle towards +x."""
    v = mesh.vertices.astype(np.float64)
    angle, r = v[:, 1] / radius_m, radius_m + v[:, 0]
    points = np.stack([r * np.cos(angle), r * np.sin(angle), v[:, 2]], axis=1)
    return replace(mesh, vertices=points.astype(np.float32))


def ink(colour: Rgb) -> Material:
    """Dark print on what is pale, pale print on what is dark."""
    light = 0.3 * colour[0] + 0.6 * colour[1] + 0.1 * colour[2]
    shade, lidar = ((0.02, 0.02, 0.025), 0.1) if light > 0.25 else ((0.74, 0.70, 0.60), 0.6)
    return Material(
        "ink_dark" if light > 0.25 else "ink_pale", shade, roughness=0.6, lidar_reflectivity=lidar
    )


def one_of(stream: Stream, options: Sequence[str]) -> str:
    return str(options[int(stream.rng().integers(len(options)))])


def thing(
    name: str,
    draw: Ranges,
    build: Callable[[Params, Material | None], Shape],
    colours: tuple[str, ...] = (),
    materials: tuple[str, ...] = (),
    *,
    noun: str = "",
    choices: Choices | None = None,
    semantic: str = "object",
) -> ShapeFamily:
    """A family of small things whose params are drawn from ranges (metres or ratios) and from choices of words."""

    def drawn(stream: Stream) -> dict[str, Any]:
        return uniform(stream, **draw) | {key: one_of(stream / key, o) for key, o in (choices or {}).items()}

    return ShapeFamily(
        name=name,
        semantic=semantic,
        noun=noun or name.replace("_", " "),
        draw=drawn,
        build=build,
        size_key="size_m",
        colours=colours,
        materials=materials,
    )
