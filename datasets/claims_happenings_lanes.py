"""Lane changes, cutting in, crossing the road and running a red light, found again with shapely."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from pairforge.datasets.claims_clip import DRIVES, F64, WALKS, Derived, Path, Story, spells
from pairforge.datasets.claims_signals import light_of, state_at

_EVERY = 5


class _Lines:
    """The centre lines of a record's lanes, asked for many points at once."""

    def __init__(self, story: Story) -> None:
        self.rows = story.record.lanes
        self.strings = [shapely.LineString(line[:, :2]) for _, _, line in self.rows]
        self.widths = np.array([width for _, width, _ in self.rows])

    def signed(self, xy: F64) -> tuple[F64, F64]:
        """(P, L) metres off each line, left positive, and (P, L) its direction there in rad."""
        points = shapely.points(xy)
        signed, turned = np.empty((len(xy), len(self.rows))), np.empty((len(xy), len(self.rows)))
        for k, string in enumerate(self.strings):
            corners = shapely.get_coordinates(string)
            pieces = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
            apart = shapely.distance(points[:, None], pieces[None])
            j = np.argmin(apart, axis=1)
            step, off = corners[j + 1] - corners[j], xy - corners[j]
            signed[:, k] = np.copysign(apart[np.arange(len(xy)), j], np.cross(step, off))
            turned[:, k] = np.arctan2(step[:, 1], step[:, 0])
        return signed, turned


def of_lanes(story: Story) -> Iterator[Derived]:
    """All of them, of every tracked road user."""
    if not story.record.lanes:
        return
    lines = _Lines(story)
    for p in story.paths.values():
        if p.row.semantic in DRIVES[:4]:
            for change in _changes(lines, p):
                yield change
                yield from _cuts_in(story, p, change)
        if p.row.semantic in DRIVES:
            yield from _sideways(lines, p)
            yield from _over_red(story, p)
        if p.row.semantic in WALKS:
            yield from _across(lines, p)


def _changes(lines: _Lines, p: Path) -> Iterator[Derived]:
    looks = list(range(0, len(p.t), _EVERY))
    signed, turned = lines.signed(p.centre[looks, :2])
    cosine = np.cos(turned - np.angle(p.nose[looks])[:, None])
    off = np.abs(signed)
    usable = (np.abs(cosine) >= 0.9) & (off <= lines.widths / 2 + 0.5)
    before: tuple[int, int] | None = None
    for n in range(len(looks)):
        if not usable[n].any():
            continue
        here = int(np.argmin(np.where(usable[n], off[n], np.inf)))
        if before is not None and before[1] != here and off[n, before[1]] <= 10.0:
            old = before[1]
            sideways = float(
                signed[n, old] * np.sign(cosine[n, old]) - signed[n, here] * np.sign(cosine[n, here])
            )
            width = float(lines.widths[old] + lines.widths[here]) / 2
            if 0.6 <= abs(sideways) / width <= 1.5:
                well = [m for m in range(before[0] + 1) if usable[m].any() and off[m][usable[m]].min() <= 0.4]
                there = [
                    m for m in range(n, len(looks)) if usable[m].any() and off[m][usable[m]].min() <= 0.5
                ]
                if well and there and p.t[looks[there[0]]] - p.t[looks[n]] <= 8.0 + 1e-9:
                    side = "left" if sideways > 0 else "right"
                    span = p.ns(looks[well[-1]]), p.ns(looks[there[0]])
                    yield "lane_change", (p.row.instance_id,), side, *span, abs(sideways), width / 2
        before = (n, here)


def _sideways(lines: _Lines, p: Path) -> Iterator[Derived]:
    looks = np.arange(0, len(p.t), _EVERY)
    signed, turned = lines.signed(p.centre[looks, :2])
    lane = np.exp(1j * turned)
    cosine = (p.nose[looks][:, None] / lane).real
    usable = (np.abs(cosine) >= 0.9) & (np.abs(signed) <= lines.widths / 2 + 0.5)
    going = (p.velocity[looks, 0] + 1j * p.velocity[looks, 1])[:, None] / (lane * np.sign(cosine))
    step = _EVERY * float(np.median(np.diff(p.t)))
    for side, sign in (("left", 1), ("right", -1)):
        least = [
            float((sign * going.imag)[n][usable[n]].min()) if usable[n].any() else 0.0
            for n in range(len(looks))
        ]
        for a, b in spells(np.array(least) >= 0.3, p.t[looks], 0.1):
            ids, moved = (p.row.instance_id,), float(np.sum(least[a : b + 1])) * step
            yield "moving_over", ids, side, p.ns(looks[a]), p.ns(looks[b]), moved, 0.6


def _cuts_in(story: Story, p: Path, change: Derived) -> Iterator[Derived]:
    if story.ego is None or story.ego not in story.paths or p.row.instance_id == story.ego:
        return
    ego = story.paths[story.ego]
    a, b = (int(np.argmin(np.abs(ego.t - (t - ego.start_ns) * 1e-9))) for t in change[3:5])
    begin, end = ((p.place[k] - ego.place[k]) / ego.nose[k] for k in (a, b))
    gap = float(end.real) - (p.row.size_m[0] + ego.row.size_m[0]) / 2
    if (p.nose[b] / ego.nose[b]).real >= 0.9 and gap >= 0 and abs(end.imag) <= 1.2 and abs(begin.imag) >= 2.0:
        side = "left" if begin.imag > 0 else "right"
        yield "cutting_in", (p.row.instance_id, story.ego), side, change[3], change[4], gap, 20.0


def _over_red(story: Story, p: Path) -> Iterator[Derived]:
    graph = {row["lane_id"]: row for row in story.record.concrete.get("lanes", ())}
    half = p.row.size_m[0] / 2
    for lane_id, width, line in story.record.lanes:
        row = graph.get(lane_id, {})
        known = light_of(story.record, row.get("signal"))
        if known is None:
            continue
        string = shapely.LineString(line[:, :2])
        along = string.length if row["stop_m"] is None else min(float(row["stop_m"]), string.length)
        stop, just = (complex(*string.interpolate(s).coords[0]) for s in (along, along - 1e-3))
        way = (stop - just) / abs(stop - just)
        nose, tail = ((p.place + e * half * p.nose - stop) / way for e in (1, -1))
        for k in range(1, len(p.t)):
            if not nose[k - 1].real < 0.0 <= nose[k].real:
                continue
            state, steady = state_at(known[1], p.ns(k) * 1e-9)
            straight = abs(nose[k].imag) <= width / 2 and (p.nose[k] / way).real >= 0.7
            if straight and state == "red" and steady >= 0.1:
                over = [j for j in range(k, len(p.t)) if tail[j].real >= 0.0]
                end = over[0] if over else len(p.t) - 1
                ids = (p.row.instance_id, known[0])
                yield "ran_red", ids, "", p.ns(k), p.ns(end), float(p.ground_speed[k]), 1.0


def _across(lines: _Lines, p: Path) -> Iterator[Derived]:
    looks = np.arange(0, len(p.t), _EVERY)
    signed, turned = lines.signed(p.centre[looks, :2])
    inside = lines.widths / 2 - np.abs(signed)
    for a, b in spells(inside.max(axis=1) >= 0.1, p.t[looks], 0.5):
        way = p.place[looks[b]] - p.place[looks[a]]
        middle = (a + b) // 2
        lane = turned[middle, int(inside[middle].argmax())]
        if abs((way * np.exp(-1j * lane)).real) <= 0.5 * abs(way):
            yield "crossing_road", (p.row.instance_id,), "", p.ns(looks[a]), p.ns(looks[b]), abs(way), 1.0
