"""Are facts and captions well formed, and is every claim proved?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from pairforge.datasets.claims import prove
from pairforge.datasets.fact_schema import faults
from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_view import FrameView
from pairforge.sample import Caption, Fact


def facts(view: FrameView) -> Iterator[Problem]:
    """Ids are unique, subjects and sensors exist, and every fact obeys its row of the schema."""
    table = view.scene.table("facts")
    sensors = {*view.frame.cameras, *view.frame.lidars, *view.frame.readings, ""}
    if len({f.fact_id for f in view.frame.facts}) != len(view.frame.facts):
        yield Problem(table, "two facts share an id")
    for f in view.frame.facts:
        for message in _fact(view, f, sensors):
            yield Problem(table, f"fact {f.fact_id} ({f.predicate}): {message}")


def _fact(view: FrameView, f: Fact, sensors: set[str]) -> Iterator[str]:
    if strangers := set(f.subjects) - view.scene.ids:
        yield f"its subjects {sorted(strangers)} do not exist"
    if f.sensor not in sensors:
        yield f'there is no sensor "{f.sensor}" in this keyframe'
    numbers = [x for x in (f.value, f.threshold, f.margin) if x is not None]
    if not np.isfinite(numbers).all():
        yield "a number is not finite"
        return
    yield from faults(f, view.frame.time_ns)


def captions(view: FrameView) -> Iterator[Problem]:
    """Spans lie within the text and do not overlap within their kind; ids exist."""
    table = view.scene.table("captions")
    for number, c in enumerate(view.frame.captions):
        for message in _caption(view, c):
            yield Problem(table, f"caption {number} ({c.kind}): {message}")


def _caption(view: FrameView, c: Caption) -> Iterator[str]:
    if c.sensor and c.sensor not in view.frame.cameras and c.sensor not in view.frame.lidars:
        yield f'there is no sensor "{c.sensor}" in this keyframe'
    if not c.text.strip():
        yield "it is empty"
    for what, spans in (("phrase", c.phrases), ("statement", c.statements)):
        for s in spans:
            if not 0 <= s.start < s.end <= len(c.text):
                yield f"{what} {s.start}..{s.end} lies outside the text of {len(c.text)} characters"
    ordered = sorted(c.phrases, key=lambda p: p.start)
    if any(a.end > b.start for a, b in pairwise(ordered)):
        yield "two phrases overlap"
    known = {f.fact_id for f in view.frame.facts}
    for s in c.statements:
        if not s.fact_ids or set(s.fact_ids) - known:
            yield f'statement "{c.text[s.start : s.end]}" names no fact, or facts that do not exist'
    for p in c.phrases:
        if not p.instance_ids or set(p.instance_ids) - view.scene.ids:
            yield f'phrase "{c.text[p.start : p.end]}" names no instance, or instances that do not exist'


def claims(view: FrameView) -> Iterator[Problem]:
    """Every fact is measured again from the stored arrays, and every statement read back and proved."""
    for found in prove(view.frame, view.record):
        table = "captions" if found.fact_id is None else "facts"
        yield Problem(view.scene.table(table), str(found))


CHECKS = (facts, captions, claims)
