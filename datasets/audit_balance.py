"""How evenly a dataset shows what it shows, and whether what a split holds out stays out of its other parts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import log2
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pairforge.datasets.audit_members import columns_of
from pairforge.datasets.reader import Dataset


@dataclass(frozen=True)
class Balance:
    """How often each value occurs, most often first. ``entropy``: bits; ``evenness``: its share of the most that so
    many values could have: 1 where all are equally often, 0 where one stands alone."""

    name: str
    counts: tuple[tuple[str, int], ...]
    entropy: float
    evenness: float

    @property
    def total(self) -> int:
        return sum(n for _, n in self.counts)


def balance(name: str, counts: Mapping[str, int]) -> Balance:
    """Counts with their Shannon entropy."""
    ordered = tuple(sorted(counts.items(), key=lambda c: (-c[1], c[0])))
    total = sum(counts.values())
    bits = -sum(n / total * log2(n / total) for _, n in ordered if n) if total else 0.0
    return Balance(name, ordered, bits + 0.0, bits / log2(len(ordered)) if len(ordered) > 1 else 0.0)


_PREDICATES = ("visible", "colour", "material", "side", "weather")
ATTRIBUTES = ("class", "colour", "material", "side", "things in view", "weather")


def attributes(dataset: Dataset) -> list[Balance]:
    """Classes, colours and materials of all things that some camera shows, once a scene; sides, numbers of things in
    view and weather, once a keyframe and camera."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in ATTRIBUTES}
    for index in dataset.scenes:
        rows = columns_of(dataset, "instances", index, ["instance_id", "semantic"]).to_pylist()
        classes = {r["instance_id"]: r["semantic"] for r in rows}
        table = columns_of(dataset, "facts", index, ["key", "sensor", "predicate", "subjects", "argument"])
        facts = table.filter(pc.is_in(table["predicate"], pa.array(_PREDICATES))).to_pylist()
        seen = {i for f in facts if f["predicate"] == "visible" for i in f["subjects"]}
        counts["class"].update(classes.get(i, "?") for i in sorted(seen))
        for name in ("colour", "material"):
            worn = {(f["subjects"][0], f["argument"]) for f in facts if f["predicate"] == name}
            counts[name].update(word for _, word in sorted(worn))
        for name in ("side", "weather"):
            counts[name].update(f["argument"] for f in facts if f["predicate"] == name)
        views = Counter((f["key"], f["sensor"]) for f in facts if f["predicate"] == "visible")
        counts["things in view"].update(str(n) if n < 20 else "20 or more" for n in views.values())
    return [balance(name, counts[name]) for name in ATTRIBUTES if counts[name]]


@dataclass(frozen=True)
class HeldOutUse:
    """A composition that a split holds out: "red mug" for "test", and what showed it elsewhere ("scene 3: mug")."""

    composition: str
    part: str
    shown: int
    elsewhere: tuple[str, ...]


def held_out(dataset: Dataset) -> tuple[dict[str, int], list[HeldOutUse]]:
    """(part of the split -> scenes, every held-out composition). A composition is looked for among the things of the
    stored tables, not among the draws."""
    parts: Counter[str] = Counter()
    found: dict[tuple[str, str], HeldOutUse] = {}
    for index in dataset.scenes:
        concrete = json.loads(columns_of(dataset, "scenes", index, ["concrete"]).to_pylist()[0]["concrete"])
        split: Mapping[str, Any] = concrete.get("split") or {}
        if not split:
            continue
        parts[split["part"]] += 1
        rows = dataset.table("instances", index).to_pylist()
        for held in split["held_out"]:
            wanted = {k: v for k, v in held.items() if k != "part"}
            at = (" ".join(wanted[k] for k in ("colour", "material", "shape") if k in wanted), held["part"])
            use = found.get(at, HeldOutUse(*at, 0, ()))
            shows = [r["name"] for r in rows if all(_look(r)[k] == v for k, v in wanted.items())]
            astray = tuple(f"scene {index}: {n}" for n in shows) if split["part"] != held["part"] else ()
            found[at] = HeldOutUse(*at, use.shown + len(shows), (*use.elsewhere, *astray))
    return dict(sorted(parts.items())), [found[at] for at in sorted(found)]


def _look(row: Mapping[str, Any]) -> dict[str, str]:
    return {"shape": row["family"], "colour": row["colour"], "material": row["material"]}
