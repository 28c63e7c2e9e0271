"""SQL made of named clauses, so that each clause can be left out to see whether the answer needs it.

What is bound into a program is bound by ``literal``: words and numbers of the dataset, never SQL.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass, replace

from pairforge.captioners import policy

Scalar = str | int | float | bool
"""What a program may return."""


def literal(value: Scalar) -> str:
    """A value as SQL text.

    >>> literal("driver's")
    "'driver''s'"
    >>> literal(True), literal(3), literal(0.5)
    ('TRUE', '3', '0.5')
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot stand in a program")
    return repr(value)


@dataclass(frozen=True)
class Clause:
    """One condition of a WHERE, with the word of the question that it comes from."""

    name: str
    sql: str


@dataclass(frozen=True)
class Query:
    """``select`` from ``source`` where all ``clauses`` hold, under the common tables of ``scope``.

    Clauses of which ``optional`` names the name are what the question adds in words: each must change what is meant.
    """

    scope: str
    select: str
    source: str = "seen"
    clauses: tuple[Clause, ...] = ()
    tail: str = ""
    optional: tuple[str, ...] = ()
    member: str = "instance_id"

    def sql(self, scoped: bool = True) -> str:
        """The program as text; without its common tables when it is to stand inside another."""
        head = f"{self.scope}\n" if scoped and self.scope else ""
        where = "\n  AND ".join(c.sql for c in self.clauses)
        lines = [f"SELECT {self.select}", f"FROM {self.source}"]
        lines += [f"WHERE {where}"] if where else []
        lines += [self.tail] if self.tail else []
        return head + "\n".join(lines)

    def without(self, name: str) -> Query:
        """The same without one clause."""
        return replace(self, clauses=tuple(c for c in self.clauses if c.name != name))

    def members(self) -> str:
        """SQL of the list of what the clauses pick, in order: the reference set."""
        picked = replace(self, select=f"list({self.member} ORDER BY {self.member})", tail="")
        return f"coalesce(({picked.sql(scoped=False)}), [])"


def inside(sql: str) -> str:
    """A program as an expression within another."""
    return f"(\n{textwrap.indent(sql, '  ')}\n)"


CLEAR = f"b.visible_px >= {policy.MENTION_PX} AND b.visible_px >= {policy.MENTION_FRACTION} * b.solo_px"
"""Enough of a thing shows to speak of it."""


def seen_at(view: str, *, placed: bool = False) -> str:
    """The common table ``seen``: what a camera shows enough of at a keyframe, with its 2D box and what it is.

    ``view``: the condition on ``boxes2d AS b`` and ``instances AS i`` that says which picture. ``placed`` adds the 3D
    box: ``at_m``, ``velocity_mps``, ``turn`` (quaternion wxyz) and ``lidar_points``.
    """
    more = (
        ",\n    p.centre_m AS at_m, p.velocity_mps, p.quaternion_wxyz AS turn, p.lidar_points"
        if placed
        else ""
    )
    joined = "\n    JOIN boxes3d AS p USING (scene_index, frame_index, instance_id)" if placed else ""
    return (
        "WITH seen AS (\n  SELECT i.instance_id, i.noun, i.semantic, i.colour, i.material, i.size_m, i.has_front,\n"
        f"    b.visible_px, b.visible_box, b.full_box, b.occlusion, b.truncation{more}\n"
        f"  FROM boxes2d AS b JOIN instances AS i USING (scene_index, instance_id){joined}\n"
        f"  WHERE {view}\n    AND {CLEAR}\n)"
    )


def seen_in(scene_index: int, view: str) -> str:
    """The same of a clip: what a camera shows enough of at any of its keyframes."""
    return (
        "WITH seen AS (\n  SELECT instance_id, noun, semantic, colour, material, size_m, has_front\n"
        "  FROM instances\n"
        f"  WHERE scene_index = {scene_index} AND instance_id IN (\n"
        "    SELECT i.instance_id FROM boxes2d AS b JOIN instances AS i USING (scene_index, instance_id)\n"
        f"    WHERE {view}\n      AND {CLEAR}\n  )\n)"
    )
