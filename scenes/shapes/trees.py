"""Trees and hedges: trunk, boughs, and crowns of many small sprays of leaves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from pairforge.frames import F64
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.modelling import Modeller, box_collider, post_collider, whole
from pairforge.scenes.world import Material, Shape
from pairforge.seeding import Stream


@dataclass(frozen=True)
class Species:
    """Proportions of a full-grown street tree, as shares of its height."""

    bark: Material
    leaves: tuple[Material, Material]
    trunk_share: float
    crown_radius: float
    crown_height: float
    trunk_radius: float
    clusters: int
    leaf_m: float
    taper: float


SPECIES: dict[str, Species] = {
    "lime": Species(m.BARK, (m.LEAVES, m.LEAVES_LIGHT), 0.3, 0.27, 0.72, 0.017, 30, 0.17, 0.35),
    "plane": Species(m.BARK_PALE, (m.LEAVES_LIGHT, m.LEAVES), 0.34, 0.36, 0.64, 0.021, 34, 0.19, 0.1),
    "birch": Species(m.BARK_PALE, (m.LEAVES_LIGHT, m.LEAVES), 0.25, 0.2, 0.75, 0.011, 26, 0.14, 0.55),
    "maple": Species(m.BARK, (m.LEAVES_DARK, m.LEAVES), 0.28, 0.33, 0.66, 0.018, 32, 0.18, 0.15),
    "cherry": Species(m.BARK, (m.LEAVES_AUTUMN, m.LEAVES_RUST), 0.27, 0.35, 0.6, 0.018, 28, 0.15, 0.05),
}


LEAVES_A_CLUSTER = 260


def _cluster_centres(
    species: Species, height: float, lift: float, rng: np.random.Generator
) -> tuple[F64, F64]:
    """Centres (N, 3) and radii (N,) of leaf clusters that fill an egg-shaped crown evenly, none below ``lift``."""
    n = species.clusters
    t = (np.arange(n) + 0.5) / n
    angle = np.arange(n) * 2.399963 + rng.uniform(0, 2 * np.pi)  # the golden angle spreads them
    z = height * (1 - species.crown_height * (1 - t * 0.94))
    swell = np.sin(np.pi * np.clip(t, 0.06, 0.97)) ** 0.55 * (1 - species.taper * t)
    reach = height * species.crown_radius * swell * np.sqrt(rng.uniform(0.12, 0.75, n))
    centres = np.stack([reach * np.cos(angle), reach * np.sin(angle), z], axis=1)
    centres += rng.normal(0.0, 0.02 * height, (n, 3))
    # Narrow crowns need clusters that overlap more, or they look like beads on a string.
    share = 0.19 * np.sqrt(species.crown_radius)
    radii = height * share * rng.uniform(1.0, 1.45, n) * (1 - 0.4 * t)
    centres[:, 2] = np.maximum(centres[:, 2], lift + 0.95 * radii + 0.15)
    return centres, radii


def _leaves(centres: F64, radii: F64, size: float, per_cluster: int, rng: np.random.Generator) -> F64:
    """Leaf sprays (N, 4, 3): kite-shaped quads over lumpy clusters, each facing away from its cluster's middle."""
    n = len(centres) * per_cluster
    out = rng.normal(size=(n, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    at = np.repeat(centres, per_cluster, axis=0)
    at = at + out * (np.repeat(radii, per_cluster) * rng.uniform(0.55, 1.08, n))[:, None] * [1.0, 1.0, 0.8]
    normal = out + 0.75 * rng.normal(size=(n, 3)) + [0.0, 0.0, 0.35]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    normal *= np.sign(np.sum(normal * out, axis=1))[:, None]
    u = np.cross(normal, rng.normal(size=(n, 3)))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(normal, u)
    length = size * rng.uniform(0.7, 1.3, n)[:, None]
    width = 0.62 * length
    return np.stack([at - u * length, at - v * width, at + u * length * 0.9, at + v * width], axis=1)


def _wood(model: Modeller, species: Species, height: float, centres: F64, rng: np.random.Generator) -> None:
    """A trunk to near the top, and a bough to every other cluster."""
    r = species.trunk_radius * height
    lean = rng.normal(0.0, 0.012 * height, 2)
    knots = np.array([0.0, 0.04, 0.2, species.trunk_share + 0.1, 0.62, 0.86])
    trunk = np.stack([lean[0] * knots**2, lean[1] * knots**2, knots * height], axis=1)
    trunk[0, 2] = -0.1
    model.tube(trunk, r * np.array([1.55, 1.1, 1.0, 0.8, 0.42, 0.12]), species.bark, sides=9)
    for centre in centres[::2]:
        low = max(species.trunk_share * height * 0.95, centre[2] - 0.22 * height)
        start = np.array([*(lean * (low / height) ** 2), low])
        middle = (start + centre) / 2 + [0.0, 0.0, 0.02 * height]
        model.tube([start, middle, centre], [0.34 * r, 0.22 * r, 0.08 * r], species.bark, sides=5)


def _lump(centre: F64, radius: float, rng: np.random.Generator) -> tuple[F64, F64]:
    """A rough ball: vertices (V, 3) and faces (F, 3)."""
    rings, sides = 4, 7
    polar = np.pi * np.arange(1, rings) / rings
    around = 2 * np.pi * np.arange(sides) / sides
    p, a = np.meshgrid(polar, around, indexing="ij")
    ball = np.stack([np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)], -1).reshape(-1, 3)
    points = np.concatenate([ball, [[0, 0, 1.0], [0, 0, -1.0]]])
    points = centre + points * (radius * rng.uniform(0.8, 1.1, len(points)))[:, None] * [1.0, 1.0, 0.8]
    faces = []
    top, bottom = len(ball), len(ball) + 1
    for k in range(sides):
        j = (k + 1) % sides
        faces += [[top, k, j], [bottom, (rings - 2) * sides + j, (rings - 2) * sides + k]]
        for row in range(rings - 2):
            a0, a1, b0, b1 = row * sides + k, row * sides + j, (row + 1) * sides + k, (row + 1) * sides + j
            faces += [[a0, b0, b1], [a0, b1, a1]]
    return points, np.array(faces, dtype=np.float64)


@lru_cache(maxsize=64)
def _tree(species_name: str, variant: int, height: float, lift: float) -> Shape:
    species = SPECIES[species_name]
    rng = (
        Stream(variant) / "tree" / species_name
    ).rng()  # the variant is the tree: no draw beyond its params
    wood, crown = Modeller(), Modeller()
    centres, radii = _cluster_centres(species, height, lift, rng)
    _wood(wood, species, height, centres, rng)
    for centre, radius in zip(centres, radii, strict=True):
        vertices, faces = _lump(centre, radius * 0.72, rng)
        crown.triangles(vertices, faces, m.brighter(species.leaves[0], 0.7, f"shade_{species_name}"))
    leaves = _leaves(centres, radii, 0.8 * species.leaf_m * height / 9.0, LEAVES_A_CLUSTER, rng)
    second = rng.random(len(leaves)) < 0.35
    crown.quads(leaves[~second], species.leaves[0])
    crown.quads(leaves[second], species.leaves[1])
    return whole(
        {"trunk": wood, "crown": crown},
        0.0,
        [post_collider(species.trunk_radius * height * 1.1, 0.4 * height)],
    )


def build_tree(params: dict[str, Any], paint: Material | None = None) -> Shape:
    return _tree(
        str(params["species"]), int(params["variant"]), float(params["height_m"]), float(params["lift_m"])
    )


def draw_tree(stream: Stream) -> dict[str, Any]:
    """A species, one of three trees of it, and one of three heights, so that equal trees share their mesh."""
    rng = stream.rng()
    return {
        "species": str(rng.choice(list(SPECIES))),
        "variant": int(rng.integers(0, 3)),
        "height_m": float(rng.choice([8.0, 9.0, 10.5])),
        "lift_m": 2.5,
    }


def clipped_leaves(at: F64, out: F64, rng: np.random.Generator) -> F64:
    """Leaves (N, 4, 3) near points (N, 3) of a clipped face that looks along unit vectors ``out`` (N, 3)."""
    n = len(at)
    at = at + out * rng.uniform(-0.02, 0.07, n)[:, None]
    normal = out + 0.5 * rng.normal(size=(n, 3))
    normal *= np.sign(np.sum(normal * out, axis=1))[:, None]
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    u = np.cross(normal, rng.normal(size=(n, 3)))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(normal, u)
    return np.stack([at - 0.08 * u, at - 0.05 * v, at + 0.08 * u, at + 0.05 * v], axis=1)


@lru_cache(maxsize=32)
def _hedge(length: float, height: float, width: float, variant: int) -> Shape:
    rng = (Stream(variant) / "hedge").rng()
    model = Modeller()
    model.box((-length / 2, -width / 2, -0.05), (length / 2, width / 2, height), m.LEAVES_DARK)
    n = int(60 * length * (height * 2 + width))
    face = rng.random(n) * (2 * height + width)
    x = rng.uniform(-length / 2, length / 2, n)
    side = np.where(face < height, -1.0, np.where(face < 2 * height, 1.0, 0.0))
    y = np.where(side == 0.0, rng.uniform(-width / 2, width / 2, n), side * width / 2)
    z = np.where(side == 0.0, height, face % height)
    out = np.stack([np.zeros(n), side, (side == 0.0).astype(np.float64)], axis=1)
    leaves = clipped_leaves(np.stack([x, y, z], axis=1), out, rng)
    second = rng.random(n) < 0.4
    model.quads(leaves[~second], m.LEAVES)
    model.quads(leaves[second], m.LEAVES_DARK)
    low, high = (-length / 2, -width / 2, 0.0), (length / 2, width / 2, height)
    return whole({"leaves": model}, 0.0, [box_collider(low, high)])


def build_hedge(params: dict[str, Any], paint: Material | None = None) -> Shape:
    return _hedge(
        float(params["length_m"]), float(params["height_m"]), float(params["width_m"]), int(params["variant"])
    )


def draw_hedge(stream: Stream) -> dict[str, Any]:
    """A clipped hedge along its own x axis."""
    rng = stream.rng()
    return {
        "length_m": round(float(rng.uniform(2.0, 5.0)), 2),
        "height_m": round(float(rng.uniform(0.8, 1.4)), 2),
        "width_m": 0.6,
        "variant": int(rng.integers(0, 3)),
    }


TREE = ShapeFamily("tree", semantic="vegetation", noun="tree", draw=draw_tree, build=build_tree)
HEDGE = ShapeFamily("hedge", semantic="vegetation", noun="hedge", draw=draw_hedge, build=build_hedge)
