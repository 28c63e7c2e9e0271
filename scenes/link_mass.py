"""What the links of an articulated thing weigh, and where: the same numbers for physics and for whoever checks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import trimesh

from pairforge.frames import F64
from pairforge.scenes.world import Collider, ShapeLink

LEAST_SHARE = 0.005
"""A link without a solid of its own still weighs this share of the whole."""
LEAST_GYRATION = 0.02
"""Least radius of gyration as a share of the heaviest link's reach: light links on strong motors stay stable."""


@dataclass(frozen=True, eq=False)
class LinkMass:
    """``centre_m`` (3,) of mass in the link's frame; ``inertia`` (3,) kg m^2 about it, along the link's axes."""

    mass_kg: float
    centre_m: F64
    inertia: F64


def link_masses(links: Sequence[ShapeLink], mass_kg: float, size_m: float) -> list[LinkMass]:
    """The mass of a thing shared among its links by the volume of their solids, each even within; products of
    inertia are left out. ``size_m``: the thing's largest extent."""
    clouds = [_cloud(link.colliders) for link in links]
    hulls = [trimesh.convex.convex_hull(c) if len(c) else None for c in clouds]
    volumes = np.array([0.0 if h is None else float(h.volume) for h in hulls])
    share = volumes / volumes.sum() if volumes.sum() > 0.0 else np.full(len(links), 1.0 / len(links))
    share = np.maximum(share, LEAST_SHARE)
    masses = mass_kg * share / share.sum()
    least = (LEAST_GYRATION * size_m) ** 2
    found = []
    for mass, hull in zip(masses, hulls, strict=True):
        centre, unit = np.zeros(3), np.zeros(3)
        if hull is not None:
            centre = np.asarray(hull.center_mass, dtype=np.float64)
            unit = np.diag(np.asarray(hull.moment_inertia, dtype=np.float64)) / float(hull.volume)
        found.append(LinkMass(float(mass), centre, float(mass) * np.maximum(unit, least)))
    return found


def _cloud(colliders: Sequence[Collider]) -> F64:
    """All corners (N, 3) of a link's solids in its frame."""
    points = [c.body_from_collider.points(c.points) for c in colliders if c.points is not None]
    return np.concatenate(points) if points else np.zeros((0, 3))
