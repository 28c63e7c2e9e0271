"""Contact forces, knot by knot, of the instances that some sensor feels: who pressed whom, how hard and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.mounts import split_mount
from pairforge.scenes.world import Instance, World
from pairforge.sensors.timeline import Touches

FELT_BY = ("contact",)
"""Kinds of sensors that ask for contact forces on what they are mounted on."""

Side = tuple[int, int]
"""Instance and part."""


def felt(world: World, concrete: ConcreteScene) -> frozenset[int]:
    """The instances whose contact forces are asked for."""
    names = {split_mount(s.mount)[0] for s in concrete.sensors if s.kind in FELT_BY and s.mount}
    return frozenset(i.instance_id for i in world.instances if i.name in names)


class TouchRecorder:
    """Sums the contact points of each pair of parts over the steps of a knot.

    ``owners``: PyBullet body -> instance id. A link's part is known for articulated things; of a rigid thing with one
    part it is that.
    """

    def __init__(self, wanted: frozenset[int], owners: Mapping[int, int], world: World) -> None:
        self._wanted = wanted
        self._owners = owners
        self._parts = {i.instance_id: _parts_by_link(i) for i in world.instances}
        self._open: dict[tuple[Side, Side], np.ndarray[Any, np.dtype[np.float64]]] = {}
        self._steps = 0
        self._rows: list[tuple[int, Side, Side, np.ndarray[Any, np.dtype[np.float64]]]] = []

    def step(self, points: Sequence[Any]) -> None:
        """Takes the contact points of one step."""
        self._steps += 1
        for point in points:
            a, b = self._owners[point[1]], self._owners[point[2]]
            if a == b or point[9] <= 0.0 or not self._wanted & {a, b}:
                continue
            sides = ((a, self._part(a, point[3])), (b, self._part(b, point[4])))
            # The normal and both directions of friction are those of what B does to A.
            normal = point[9] * np.array(point[7])
            friction = point[10] * np.array(point[11]) + point[12] * np.array(point[13])
            where = (np.array(point[5]) + np.array(point[6])) / 2
            if a > b:
                sides, normal, friction = (sides[1], sides[0]), -normal, -friction
            row = np.array([point[9], *(normal + friction), *friction, *(point[9] * where)])
            self._open[sides] = self._open.get(sides, np.zeros(10)) + row

    def knot(self, index: int) -> None:
        """Closes the knot ``index`` with the steps since the one before."""
        for (a, b), total in sorted(self._open.items(), key=lambda pair: pair[0]):
            row = total / self._steps
            row[7:] = total[7:] / total[0]
            self._rows.append((index, a, b, row))
        self._open, self._steps = {}, 0

    def touches(self) -> Touches:
        """All of them so far."""
        numbers = np.array([row for *_, row in self._rows]).reshape(-1, 10)
        ids = np.array([(a, b) for _, a, b, _ in self._rows], dtype=np.int64).reshape(-1, 2, 2)
        return Touches(
            knot=np.array([k for k, *_ in self._rows], dtype=np.int64),
            instance=ids[:, :, 0],
            part=ids[:, :, 1],
            normal_n=numbers[:, 0],
            force_n=numbers[:, 1:4],
            friction_n=numbers[:, 4:7],
            point_m=numbers[:, 7:],
        )

    def _part(self, instance_id: int, link: int) -> int:
        by_link = self._parts.get(instance_id, {})
        return by_link.get(link, by_link.get(None, 0))


def _parts_by_link(instance: Instance) -> dict[int | None, int]:
    """PyBullet's link -> part id; None stands for any other link."""
    ids = {q.name: k for q, k in zip(instance.shape.parts, instance.part_ids, strict=True)}
    if instance.behaviour.get("motion") == "jointed":
        return {k - 1: ids[link.part] for k, link in enumerate(instance.shape.links) if link.part}
    return {None: instance.part_ids[0]} if len(instance.part_ids) == 1 else {}
