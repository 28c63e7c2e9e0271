"""Letters as flat shapes in millimetres: the stroke alphabet of the signs, drawn with a round pen."""

from __future__ import annotations

from shapely import MultiLineString, MultiPolygon
from shapely.affinity import translate
from shapely.ops import unary_union

from pairforge.scenes.inspection.workshop import pieces
from pairforge.scenes.shapes.lettering import GLYPHS

_MORE = {
    "-": "13 33",
    ".": "20 21",
    "/": "00 46",
    "+": "13 33|22 24",
    ":": "21 22|24 25",
    "#": "10 15|30 35|02 42|04 44",
}
ADVANCE = 5.6
"""From letter to letter, in sixths of the height."""


def text_width(text: str, height: float) -> float:
    return (len(text) * ADVANCE - 1.6) * height / 6


def glyph(letter: str, height: float, weight: float = 0.15) -> MultiPolygon:
    """One capital with its lower left at the origin; ``weight`` of the height is the pen's width."""
    unit = height / 6
    strokes = {**GLYPHS, **_MORE}.get(letter.upper(), "")
    lines = [
        [(int(p[0]) * unit, int(p[1]) * unit) for p in line.split()] for line in strokes.split("|") if line
    ]
    if not lines:
        return MultiPolygon()
    return pieces(MultiLineString(lines).buffer(weight * height / 2, quad_segs=5))


def letters(text: str, height: float, weight: float = 0.15) -> list[MultiPolygon]:
    """Each character of a line that is centred on the origin."""
    left = -text_width(text, height) / 2
    step = ADVANCE * height / 6
    return [translate(glyph(c, height, weight), left + k * step, -height / 2) for k, c in enumerate(text)]


def line(text: str, height: float, weight: float = 0.15) -> MultiPolygon:
    """The whole line as one shape."""
    return pieces(unary_union(letters(text, height, weight)))
