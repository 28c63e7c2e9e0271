"""A road network drawn from above: lanes by kind, markings, which way they lead, crosswalks, signals, names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pairforge.frames import F64
from pairforge.scenes.roads.network import Road, RoadNetwork
from pairforge.scenes.roads.opendrive_write import kerbs
from pairforge.scenes.roads.reference_line import (
    lane_borders,
    lane_centre,
    line_at,
    points_at,
    section_at,
    section_span,
)

Rgb = tuple[int, int, int]
_SUPER = 2
"""Drawn at so many times its size, then made smaller: smooth edges."""
PAPER: Rgb = (233, 236, 226)
INK: Rgb = (38, 42, 48)
LINE: Rgb = (250, 250, 247)
ARROW: Rgb = (255, 214, 102)
LANE_COLOURS: dict[str, Rgb] = {
    "driving": (92, 97, 104),
    "parking": (124, 122, 134),
    "sidewalk": (190, 182, 168),
    "shoulder": (122, 126, 126),
    "biking": (158, 98, 86),
    "border": (142, 144, 138),
    "median": (138, 160, 116),
    "kerb": (212, 210, 204),
    "none": (176, 190, 156),
}
SIGNAL_COLOURS: dict[str, Rgb] = {"light": (214, 48, 49), "sign": (9, 105, 188)}
_MARGIN_PX, _KEY_PX = 28, 30
_ARROW_EVERY_M = 30.0


@dataclass(frozen=True)
class _Paper:
    """Metres to pixels of the large picture."""

    draw: ImageDraw.ImageDraw
    scale: float
    west_m: float
    north_m: float

    def pixels(self, points: F64) -> list[tuple[float, float]]:
        edge = _MARGIN_PX * _SUPER
        return [
            (edge + (float(x) - self.west_m) * self.scale, edge + (self.north_m - float(y)) * self.scale)
            for x, y in points[:, :2]
        ]

    def polygon(self, points: F64, colour: Rgb) -> None:
        self.draw.polygon(self.pixels(points), fill=colour)

    def line(self, points: F64, colour: Rgb, width_m: float) -> None:
        width = max(round(width_m * self.scale), 1)
        self.draw.line(self.pixels(points), fill=colour, width=width, joint="curve")


def plan(network: RoadNetwork, width_px: int = 1200) -> Image.Image:
    """The network from above, north up, ``width_px`` wide (at most twice as high), with a scale and a key."""
    rims = np.concatenate([points_at(r, s, t) for r in network.roads for s, t in _rims(r)])
    west, south = rims[:, :2].min(axis=0)
    east, north = rims[:, :2].max(axis=0)
    inner = width_px - 2 * _MARGIN_PX
    scale = min(inner / max(east - west, 1.0), 2 * inner / max(north - south, 1.0))
    height = round((north - south) * scale) + 2 * _MARGIN_PX + _KEY_PX
    image = Image.new("RGB", (width_px * _SUPER, height * _SUPER), PAPER)
    paper = _Paper(ImageDraw.Draw(image), scale * _SUPER, float(west), float(north))
    _all(paper, network)
    _key(paper, network, width_px * _SUPER, height * _SUPER)
    return image.resize((width_px, height), Image.Resampling.LANCZOS)


def _all(paper: _Paper, network: RoadNetwork) -> None:
    """Connecting roads over the others; paint over all ground; what stands beside roads last."""
    roads = sorted(network.roads, key=lambda r: (r.junction is not None, r.road_id))
    for beside in (True, False):
        for road in roads:
            _ground(paper, road, beside)
    for road in roads:
        _paint(paper, road)
        _crosswalks(paper, road)
        _arrows(paper, road)
    for road in roads:
        _signals(paper, road)
    for road in roads:
        if road.junction is None:
            _name(paper, road)


def _stations(start: float, end: float, step_m: float = 1.0) -> F64:
    return np.linspace(start, end, max(int((end - start) / step_m), 1) + 1)


def _rims(road: Road) -> Iterator[tuple[F64, F64]]:
    for index in range(len(road.sections)):
        s = _stations(*section_span(road, index), step_m=2.0)
        for _, outer in lane_borders(road, index, s).values():
            yield s, outer


def _ground(paper: _Paper, road: Road, beside: bool) -> None:
    """Lanes as areas: first what lies beside the carriageway (``beside``), then what is driven on."""
    for index, section in enumerate(road.sections):
        s = _stations(*section_span(road, index))
        borders = lane_borders(road, index, s)
        for lane in (*section.left, *section.right):
            if (lane.kind in ("sidewalk", "kerb", "none")) == beside:
                inner, outer = borders[lane.lane_id]
                rim = np.concatenate([points_at(road, s, inner), points_at(road, s, outer)[::-1]])
                paper.polygon(rim, LANE_COLOURS[lane.kind])


def _paint(paper: _Paper, road: Road) -> None:
    for index, section in enumerate(road.sections):
        s = _stations(*section_span(road, index), step_m=1.5)
        borders = lane_borders(road, index, s)
        lines = [(borders[lane.lane_id][1], lane.marking) for lane in (*section.left, *section.right)]
        first = (section.right or section.left)[0].lane_id
        lines.append((borders[first][0], section.centre_marking))
        for t, marking in lines:
            _marking(paper, road, s, t, marking)


def _marking(paper: _Paper, road: Road, s: F64, t: F64, marking: str) -> None:
    apart = 0.14 if "_" in marking else 0.0
    for side, kind in zip((-apart, apart), (marking.split("_") * 2)[:2], strict=True):
        points = points_at(road, s, t + side)
        if kind == "solid":
            paper.line(points, LINE, 0.14)
        elif kind == "broken":
            for k in range(0, len(s) - 2, 4):
                paper.line(points[k : k + 3], LINE, 0.14)


def _crosswalks(paper: _Paper, road: Road) -> None:
    for crosswalk in road.crosswalks:
        right, left = kerbs(road, crosswalk.s_m)
        half = crosswalk.length_m / 2
        ends = crosswalk.s_m + np.array([-half, half])
        paper.line(points_at(road, ends, (left + right) / 2), LANE_COLOURS["driving"], left - right)
        for t in np.arange(right + 0.4, left - 0.2, 1.0):
            s = np.clip(crosswalk.s_m + np.array([-half, half, half, -half]), 0.0, road.length_m)
            paper.polygon(points_at(road, s, np.array([t, t, t + 0.5, t + 0.5])), LINE)


def _arrows(paper: _Paper, road: Road) -> None:
    """Which way each driving lane leads: right lanes along s, left ones against it."""
    size = max(1.0, 5 * _SUPER / paper.scale)
    for index, section in enumerate(road.sections):
        start, end = section_span(road, index)
        count = max(round((end - start) / _ARROW_EVERY_M), 1)
        at = start + (np.arange(count) + 0.5) * (end - start) / count
        for lane in (*section.left, *section.right):
            if lane.kind not in ("driving", "biking") or end - start < 3.0:
                continue
            middle = lane_centre(road, index, lane.lane_id, at)
            heading = line_at(road, at).heading + (np.pi if lane.lane_id > 0 else 0.0)
            for (x, y, _), angle in zip(middle, heading, strict=True):
                shape = np.array([[1.3, 0.0], [0.1, 0.75], [0.1, 0.22], [-1.3, 0.22], [-1.3, -0.22],
                                  [0.1, -0.22], [0.1, -0.75]]) * size  # fmt: skip
                c, s = np.cos(angle), np.sin(angle)
                paper.polygon(shape @ np.array([[c, s], [-s, c]]) + (x, y), ARROW)


def _signals(paper: _Paper, road: Road) -> None:
    for signal in road.signals:
        (x, y) = paper.pixels(points_at(road, signal.s_m, signal.t_m))[0]
        colour = SIGNAL_COLOURS["light" if signal.kind == "light" else "sign"]
        r = max(0.7 * paper.scale, 3.5 * _SUPER)
        if signal.kind == "light":
            paper.draw.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline=LINE, width=_SUPER)
        else:
            paper.draw.rectangle((x - r, y - r, x + r, y + r), fill=colour, outline=LINE, width=_SUPER)


def _name(paper: _Paper, road: Road) -> None:
    """The road's id and name beside its middle."""
    s = road.length_m / 2
    index = int(section_at(road, s)[0])
    edge = min(float(outer[0]) for _, outer in lane_borders(road, index, s).values())
    away = 8 * _SUPER / paper.scale
    (x, y), (x_in, y_in) = paper.pixels(points_at(road, [s, s], [min(edge, 0.0) - away, 0.0]))
    across, down = (x - x_in) / np.hypot(x - x_in, y - y_in), (y - y_in) / np.hypot(x - x_in, y - y_in)
    anchor = ("l" if across > 0.4 else "r" if across < -0.4 else "m") + (
        "a" if down > 0.4 else "d" if down < -0.4 else "m"
    )
    paper.draw.text((x, y), f"{road.road_id}  {road.name}".strip(), INK, _font(12), anchor=anchor)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * _SUPER)


def _key(paper: _Paper, network: RoadNetwork, width: int, height: int) -> None:
    """A scale on the left, what the colours mean on the right."""
    y = height - (_KEY_PX * _SUPER) // 2 - 4 * _SUPER
    bar_m = _round_length((width / paper.scale) / 6)
    left = _MARGIN_PX * _SUPER
    right = left + bar_m * paper.scale
    paper.draw.line((left, y, right, y), INK, 3 * _SUPER)
    paper.draw.text((right + 6 * _SUPER, y), f"{bar_m:g} m", INK, _font(12), anchor="lm")
    x = width - _MARGIN_PX * _SUPER
    kinds = {lane.kind for r in network.roads for s in r.sections for lane in (*s.left, *s.right)}
    swatches: list[tuple[str, Rgb]] = [
        (kind, colour) for kind, colour in LANE_COLOURS.items() if kind in kinds
    ]
    signals = {"light" if s.kind == "light" else "sign" for r in network.roads for s in r.signals}
    swatches += [(kind, SIGNAL_COLOURS[kind]) for kind in ("light", "sign") if kind in signals]
    for kind, colour in reversed(swatches):
        x -= round(paper.draw.textlength(kind, _font(12)))
        paper.draw.text((x, y), kind, INK, _font(12), anchor="lm")
        x -= 16 * _SUPER
        paper.draw.rectangle((x, y - 5 * _SUPER, x + 11 * _SUPER, y + 5 * _SUPER), fill=colour)
        x -= 12 * _SUPER


def _round_length(metres: float) -> float:
    """1, 2 or 5 times a power of ten, at most so long.

    >>> [_round_length(x) for x in (1.5, 37.0, 73.0)]
    [1.0, 20.0, 50.0]
    """
    power = 10.0 ** np.floor(np.log10(metres))
    return float(max(m * power for m in (1.0, 2.0, 5.0) if m * power <= metres * (1 + 1e-9)))
