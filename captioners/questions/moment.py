"""Where a question is asked: a dataset's scene opened for it, and one camera's view of a keyframe or of the clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pairforge.captioners import policy
from pairforge.captioners.questions import pools
from pairforge.captioners.questions.checks import Check, of_thing
from pairforge.captioners.questions.haze import unchanged, veiled
from pairforge.captioners.questions.kinds import CLASSES, GLEAMING, PLAIN, VEHICLES, Kind, Thing, alike, near
from pairforge.captioners.questions.protocol import Asked
from pairforge.captioners.questions.query import CLEAR, literal, seen_at, seen_in
from pairforge.datasets.sql import Tables

MATERIALS = ("ceramic", "fabric", "glass", "leather", "metal", "paper", "plastic", "rubber", "stone", "wood")
"""Materials with a word of their own."""
_MATERIALS = ", ".join(literal(m) for m in MATERIALS)
_GLEAMING = GLEAMING.replace("material", "i.material").replace("colour", "i.colour")
_CLASS = " ".join(f"WHEN {literal(s)} THEN {literal(w)}" for w, (s, *more) in CLASSES.items() if not more)
_PLAIN_TO_SEE = "(b.key, b.sensor, b.instance_id) NOT IN (SELECT (key, sensor, instance_id) FROM veiled)"
VIEWS: Mapping[str, str] = {
    "noticed": f"""
        SELECT b.scene_index, b.frame_index, b.key, b.sensor, i.instance_id, i.noun, i.semantic, i.has_front,
            CASE WHEN c.argument = i.colour AND NOT {_GLEAMING}
                THEN i.colour ELSE '' END AS colour,
            CASE WHEN i.material IN ({_MATERIALS}) THEN i.material ELSE '' END AS material,
            b.visible_px, b.occlusion, b.truncation, b.visible_box, {CLEAR} AND {_PLAIN_TO_SEE} AS clear
        FROM boxes2d AS b JOIN instances AS i USING (scene_index, instance_id)
        LEFT JOIN (SELECT DISTINCT scene_index, subjects[1] AS instance_id, argument FROM facts
            WHERE predicate = 'colour') AS c USING (scene_index, instance_id)
        JOIN scenes AS s USING (scene_index)
        WHERE b.visible_px >= {policy.NOTICE_PX} AND i.name IS DISTINCT FROM s.ego""",
    "parts": """
        SELECT * FROM noticed WHERE clear
            AND (key, instance_id) IN (SELECT key, subjects[1] FROM facts WHERE predicate = 'verdict')""",
    "things": """
        SELECT * FROM noticed WHERE clear
            AND (key, instance_id) NOT IN (SELECT key, subjects[1] FROM facts WHERE predicate = 'verdict')""",
    "words": f"""
        SELECT key, sensor, instance_id, colour, semantic, unnest(list_distinct([noun, CASE semantic {_CLASS} END,
            CASE WHEN semantic IN ({", ".join(literal(v) for v in VEHICLES)}) THEN 'vehicle' END])) AS word
        FROM things""",
    "pairs": """
        SELECT x.scene_index, x.key, x.sensor, x.instance_id AS a, y.instance_id AS b
        FROM things AS x JOIN things AS y USING (key, sensor) WHERE x.instance_id <> y.instance_id""",
}
"""Views that candidates are found by; no program rests on them. ``parts`` are inspected, ``things`` all else;
``veiled`` (``haze``) is there before them."""


@dataclass(eq=False)
class Stage:
    """One scene's tables with the views of the candidates."""

    tables: Tables
    vocabulary: frozenset[tuple[str, str]] = frozenset()
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables.define("veiled", veiled(self.tables))
        for name, sql in VIEWS.items():
            self.tables.define(name, sql)
        self.tables.define("plausible", _plausible(self.vocabulary))

    def candidates(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query over tables and views, by column name."""
        return self.tables.rows(sql)

    @cached_property
    def ego(self) -> str:
        """The name of the car that carries the sensors; "" where there is none."""
        return str(self.tables.value("SELECT any_value(ego) FROM scenes") or "")

    @cached_property
    def ego_id(self) -> int:
        """Its instance id; 0 where there is none."""
        return int(
            self.tables.value(
                f"SELECT coalesce(max(instance_id), 0) FROM instances WHERE name = {literal(self.ego)}"
            )
        )

    def noticed(self, place: str) -> list[dict[str, Any]]:
        """What a camera shows, enough of it or not, ascending by instance."""
        if place not in self._rows:
            self._rows[place] = self.tables.rows(
                "SELECT instance_id, any_value(noun) AS noun, any_value(semantic) AS semantic, "
                "max(colour) AS colour, "
                "any_value(material) AS material, any_value(has_front) AS has_front, bool_or(clear) AS clear, "
                f"max(visible_px) AS visible_px FROM noticed AS b WHERE {place} GROUP BY instance_id ORDER BY 1"
            )
        return self._rows[place]


@dataclass(eq=False)
class Moment:
    """A camera's view of one keyframe, or of a clip when ``key`` is empty; of all cameras without ``sensor``."""

    stage: Stage
    scene_index: int
    key: str
    sensor: str

    @property
    def place(self) -> str:
        """The condition on ``b``, rows of keyframes and sensors, that picks this view's."""
        where = f"b.key = {literal(self.key)}" if self.key else f"b.scene_index = {self.scene_index}"
        return f"{where} AND b.sensor = {literal(self.sensor)}" if self.sensor else where

    @property
    def view(self) -> str:
        """The condition on ``boxes2d AS b`` and ``instances AS i`` that picks what this view shows but ourselves."""
        return f"{self.place} AND i.name <> {literal(self.stage.ego)}" if self.stage.ego else self.place

    @cached_property
    def scope(self) -> str:
        """The common table ``seen``."""
        return seen_at(self.view) if self.key and self.sensor else seen_in(self.scene_index, self.view)

    @cached_property
    def placed(self) -> str:
        """``seen`` with 3D boxes."""
        return seen_at(self.view, placed=True)

    @cached_property
    def rows(self) -> dict[int, dict[str, Any]]:
        return {r["instance_id"]: r for r in self.stage.noticed(self.place)}

    @cached_property
    def lost(self) -> tuple[int, ...]:
        """What fog or dust hides here, of a clip at any of its keyframes: instance ids, rising."""
        found = self.stage.candidates(
            f"SELECT DISTINCT instance_id FROM veiled AS b WHERE {self.place} ORDER BY 1"
        )
        return tuple(row["instance_id"] for row in found)

    def in_air(self, asked: Asked) -> Asked:
        """A question as it may be asked here: in thick air its answer must not change without what is hidden."""
        if not self.lost:
            return asked
        return replace(asked, checks=(*asked.checks, unchanged(asked.sql, self.lost)))

    def the(self, instance_id: int) -> Thing | None:
        """The shortest words that fit this thing alone; None when there are none."""
        row = self.rows.get(instance_id)
        if row is None or not row["clear"] or instance_id in self.lost:
            return None
        for kind in _descriptions(row):
            if [r["instance_id"] for r in self.rows.values() if _may_be(r, kind)] == [instance_id]:
                return Thing(instance_id, kind)
        return None

    def both(self, a: int, b: int) -> tuple[Thing, Thing] | None:
        """Two things by words that tell each from all else."""
        one, other = self.the(a), self.the(b)
        return (one, other) if one is not None and other is not None and one.kind != other.kind else None

    def proofs(self, *things: Thing) -> tuple[Check, ...]:
        """What the noun phrases promise."""
        return tuple(c for thing in things for c in of_thing(self.scope, self.view, thing))

    def fact(self, predicate: str, *subjects: str, argument: str | None = None, seen: bool = False) -> str:
        """An EXISTS over this keyframe's facts; ``subjects`` are SQL, ``seen``: one measured in this camera."""
        where = [f"f.key = {literal(self.key)}", f"f.predicate = {literal(predicate)}"]
        if subjects:
            where.append(f"f.subjects = [{', '.join(subjects)}]")
        if argument is not None:
            where.append(f"f.argument = {literal(argument)}")
        if seen:
            where.append(f"f.sensor = {literal(self.sensor)}")
        return f"EXISTS (SELECT 1 FROM facts AS f WHERE {' AND '.join(where)})"

    def facts_of(self, predicate: str, select: str = "f.argument", *, seen: bool = False) -> str:
        """A SELECT over this keyframe's facts of a predicate, to be narrowed by the caller with AND."""
        own = f" AND f.sensor = {literal(self.sensor)}" if seen else ""
        return (
            f"SELECT {select} FROM facts AS f WHERE f.key = {literal(self.key)}"
            f" AND f.predicate = {literal(predicate)}{own}"
        )


def _plausible(vocabulary: frozenset[tuple[str, str]]) -> str:
    """SQL of the words that may be asked after beside things of a class: those of its world."""
    road = dict.fromkeys((*pools.ROAD, "vehicle"), "road") | dict.fromkeys(pools.STREET, "road")
    table = dict.fromkeys(pools.TABLE, "table") | {n: "table" for n, s in sorted(vocabulary) if s == "object"}
    worlds = [("car", road), ("pedestrian", road), ("van", road), ("truck", road), ("object", table)]
    rows = [f"({literal(w)}, {literal(near)})" for near, words in worlds for w in sorted(words)]
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS p(word, near_semantic)"


def _descriptions(row: Mapping[str, Any]) -> list[Kind]:
    """Ways to call a thing, the plainest first."""
    noun, colour, material = row["noun"], row["colour"], row["material"]
    words = [row["semantic"]] if row["semantic"] == "car" else []
    words.append(noun)
    if colour == noun:
        colour = ""
    ways = [Kind(w, c) for w in words for c in dict.fromkeys(("", colour))]
    if noun in PLAIN and material:
        ways += [Kind(noun, "", material), Kind(noun, colour, material)]
    return ways


def _may_be(row: Mapping[str, Any], kind: Kind) -> bool:
    """Whether anybody might call the thing that."""
    called = row["noun"] in (kind.word, *alike(kind.word)) or row["noun"].endswith(f" {kind.word}")
    called = called or row["semantic"] in CLASSES.get(kind.word, ())
    colours = ("", kind.colour, *near(kind.colour))
    return (
        called
        and (not kind.colour or row["colour"] in colours)
        and (not kind.material or row["material"] in ("", kind.material))
    )
