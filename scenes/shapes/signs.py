"""Traffic signs on poles and street name boards. A sign's face looks along +x."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pairforge.frames import F64
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.lettering import text_width_m, write
from pairforge.scenes.shapes.modelling import Modeller, post_collider, whole
from pairforge.scenes.world import Material, Shape
from pairforge.seeding import Stream

_FACE_M = 0.055
"""Plates stand this far before the pole's axis."""


def _polygon(sides: int, radius: float, turn: float) -> F64:
    """A regular outline (N, 2) in (y, z), counter-clockwise seen from +x."""
    angle = 2 * np.pi * np.arange(sides) / sides + turn
    out: F64 = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius
    return out


def _layer(model: Modeller, outline: F64, z: float, step: int, material: Material) -> None:
    """A thin sheet, the ``step``-th one on the plate."""
    x = _FACE_M + 0.003 * step
    model.prism(outline + np.array([0.0, z]), x, x + 0.003, "x", material)


def _plate(model: Modeller, outline: F64, z: float) -> None:
    model.prism(outline * 1.01 + np.array([0.0, z]), _FACE_M - 0.012, _FACE_M, "x", m.GALVANISED)


def _face_at(step: int) -> float:
    """Just before the ``step``-th sheet."""
    return _FACE_M + 0.003 * step + 0.002


def _round(model: Modeller, z: float, rim: Material, field: Material, text: str) -> None:
    disc = _polygon(32, 0.3, 0.0)
    _plate(model, disc, z)
    _layer(model, disc, z, 0, rim)
    _layer(model, disc * 0.8, z, 1, field)
    if text:
        write(model, text, (_face_at(2), 0.0, z), 0.22, m.SIGN_BLACK, 0.17)


def _speed_30(model: Modeller, z: float) -> None:
    _round(model, z, m.SIGN_RED, m.SIGN_WHITE, "30")


def _speed_50(model: Modeller, z: float) -> None:
    _round(model, z, m.SIGN_RED, m.SIGN_WHITE, "50")


def _no_stopping(model: Modeller, z: float) -> None:
    _round(model, z, m.SIGN_RED, m.SIGN_BLUE, "")
    for turn in (np.pi / 4, -np.pi / 4):
        c, s = np.cos(turn), np.sin(turn)
        bar = np.array([[-0.25, -0.028], [0.25, -0.028], [0.25, 0.028], [-0.25, 0.028]])
        _layer(model, bar @ np.array([[c, s], [-s, c]]), z, 2, m.SIGN_RED)


def _give_way(model: Modeller, z: float) -> None:
    triangle = _polygon(3, 0.42, -np.pi / 2)
    _plate(model, triangle, z)
    _layer(model, triangle, z, 0, m.SIGN_RED)
    _layer(model, triangle * 0.66, z, 1, m.SIGN_WHITE)


def _stop(model: Modeller, z: float) -> None:
    octagon = _polygon(8, 0.38, np.pi / 8)
    _plate(model, octagon, z)
    _layer(model, octagon, z, 0, m.SIGN_WHITE)
    _layer(model, octagon * 0.94, z, 1, m.SIGN_RED)
    write(model, "STOP", (_face_at(2), 0.0, z), 0.2, m.SIGN_WHITE, 0.17)


def _priority(model: Modeller, z: float) -> None:
    diamond = _polygon(4, 0.4, 0.0)
    _plate(model, diamond, z)
    _layer(model, diamond, z, 0, m.SIGN_WHITE)
    _layer(model, diamond * 0.72, z, 1, m.SIGN_YELLOW)


def _parking(model: Modeller, z: float) -> None:
    square = _polygon(4, 0.42, np.pi / 4)
    _plate(model, square, z)
    _layer(model, square, z, 0, m.SIGN_WHITE)
    _layer(model, square * 0.93, z, 1, m.SIGN_BLUE)
    write(model, "P", (_face_at(2), 0.0, z), 0.36, m.SIGN_WHITE, 0.17)


def _crossing(model: Modeller, z: float) -> None:
    """A walking figure on stripes in a white triangle on blue."""
    square = _polygon(4, 0.42, np.pi / 4)
    _plate(model, square, z)
    _layer(model, square, z, 0, m.SIGN_BLUE)
    _layer(model, _polygon(3, 0.27, np.pi / 2) - np.array([0.0, 0.04]), z, 1, m.SIGN_WHITE)
    head = _polygon(12, 0.028, 0.0) + np.array([0.005, 0.115])
    body = np.array([[-0.03, -0.02], [0.025, -0.02], [0.03, 0.08], [-0.02, 0.08]])
    legs = [
        np.array([[-0.075, -0.14], [-0.04, -0.14], [0.015, -0.02], [-0.025, -0.02]]),
        np.array([[0.04, -0.14], [0.075, -0.14], [0.025, -0.02], [-0.015, -0.02]]),
    ]
    for piece in (head, body, *legs):
        _layer(model, piece, z, 2, m.SIGN_BLACK)


FACES: dict[str, Callable[[Modeller, float], None]] = {
    "speed_30": _speed_30,
    "speed_50": _speed_50,
    "no_stopping": _no_stopping,
    "give_way": _give_way,
    "stop": _stop,
    "priority": _priority,
    "parking": _parking,
    "crossing": _crossing,
}
"""Sign face -> what draws it, centred at a height."""


def _build_sign(params: dict[str, Any], paint: Material | None = None) -> Shape:
    pole, plate = Modeller(), Modeller()
    top = params["height_m"]
    pole.tube([(0, 0, 0), (0, 0, top)], 0.035, m.GALVANISED, sides=10)
    FACES[params["face"]](plate, top - 0.4)
    return whole({"pole": pole, "plate": plate}, 0.0, [post_collider(0.04, top)], {"pole": "pole"})


def _draw_sign(stream: Stream) -> dict[str, Any]:
    rng = stream.rng()
    return {"face": str(rng.choice(list(FACES))), "height_m": round(float(rng.uniform(2.7, 3.0)), 2)}


STREET_NAMES = ("MILL LANE", "STATION ROAD", "CHURCH STREET", "PARK ROW", "BRIDGE STREET", "ORCHARD WAY")


def _build_name(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """Two short posts with a name board between them."""
    board = Modeller()
    text, height = str(params["text"]), 0.1
    half = text_width_m(text, height) / 2 + 0.09
    for y in (-half + 0.06, half - 0.06):
        board.tube([(0, y, 0), (0, y, 0.95)], 0.03, m.IRON_BLACK, sides=8)
    board.box((0.03, -half, 0.68), (0.05, half, 0.9), m.SIGN_WHITE)
    write(board, text, (0.053, 0.0, 0.79), height, m.SIGN_BLACK, 0.17)
    return whole({"board": board}, 0.0, [post_collider(0.04, 0.95)])


def _draw_name(stream: Stream) -> dict[str, Any]:
    return {"text": str(stream.rng().choice(STREET_NAMES))}


TRAFFIC_SIGN = ShapeFamily(
    "traffic_sign", "traffic_sign", "traffic sign", _draw_sign, _build_sign, has_front=True
)
STREET_NAME = ShapeFamily(
    "street_name", "traffic_sign", "street name sign", _draw_name, _build_name, has_front=True
)
