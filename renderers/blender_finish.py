"""Machined, cast and moulded surfaces seen from near: tool marks and grain of a tenth of a millimetre (worker only).

Marks are noise in the part's own coordinates, so they are as fine as the camera asks; beyond 0.6 m they would only be
noise in the picture and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pairforge.renderers.blender_nodes import Graph
from pairforge.scenes.world import Material

_TILT = (0.30, 0.11)
"""Where a face mill turned about, as a part of a metre off the part's middle: its marks are arcs."""


@dataclass(frozen=True)
class Finish:
    """``grain_m``: size of the marks (along x, across); ``tone`` and ``rough`` how much they change colour and
    roughness; ``relief_m`` how deep they are; ``cloud`` broad unevenness of tone; ``anisotropic`` 0..1, along x
    ("line") or about z ("turn")."""

    grain_m: tuple[float, float]
    tone: float
    rough: float
    relief_m: float
    cloud: float = 0.04
    anisotropic: float = 0.0
    lie: str = "line"


FINISHES: dict[str, Finish] = {
    "brushed": Finish((0.030, 0.00016), 0.16, 0.10, 0.0000012, 0.05, 0.75),
    "turned": Finish((0.040, 0.00022), 0.14, 0.08, 0.0000020, 0.04, 0.75, "turn"),
    "milled": Finish((0.060, 0.00045), 0.10, 0.07, 0.0000026, 0.05, 0.5, "arc"),
    "cast": Finish((0.0009, 0.0009), 0.22, 0.10, 0.00011, 0.16),
    "blasted": Finish((0.00014, 0.00014), 0.05, 0.04, 0.0000035, 0.03),
    "powder": Finish((0.00042, 0.00042), 0.02, 0.03, 0.000011, 0.03),
    "moulded": Finish((0.00030, 0.00030), 0.02, 0.03, 0.0000045, 0.03),
    "solder_mask": Finish((0.0006, 0.0006), 0.03, 0.02, 0.0000012, 0.05),
}


def finished(graph: Graph, shader: Any, material: Material) -> None:
    """Sets colour, roughness, relief and the direction of highlights of a Principled shader."""
    finish = FINISHES[material.pattern]
    where = graph.node("TexCoord").outputs["Object"]
    marks = _noise(graph, _marked(graph, where, finish, material.scale_m), 3.0)
    near = graph.ramp(graph.node("CameraData").outputs["View Distance"], 0.4, 0.8, 1.0, 0.0)
    if finish.grain_m[0] == finish.grain_m[1]:
        near = 1.0 if finish.grain_m[0] > 0.0005 else near
    cloud = _noise(graph, graph.scaled(where, 1.0 / 0.028), 2.0)
    grain = graph.math("MULTIPLY", graph.math("SUBTRACT", marks, 0.5), near)
    uneven = graph.math("SUBTRACT", cloud, 0.5)
    tone = graph.math(
        "ADD",
        graph.math("MULTIPLY", grain, 2 * finish.tone),
        graph.math("MULTIPLY", uneven, 2 * finish.cloud),
    )
    graph.put(shader.inputs["Base Color"], graph.scaled(material.colour, graph.math("ADD", tone, 1.0)))
    rough = graph.math(
        "ADD", graph.math("MULTIPLY", grain, 2 * finish.rough), graph.math("MULTIPLY", uneven, 0.16)
    )
    graph.put(shader.inputs["Roughness"], graph.math("ADD", rough, material.roughness, clamp=True))
    bump = graph.node("Bump")
    bump.inputs["Strength"].default_value = 1.0
    bump.inputs["Distance"].default_value = finish.relief_m * material.scale_m
    graph.put(bump.inputs["Height"], grain)
    graph.put(shader.inputs["Normal"], bump.outputs[0])
    if finish.anisotropic > 0.0:
        graph.put(shader.inputs["Anisotropic"], finish.anisotropic)
        graph.put(shader.inputs["Tangent"], _tangent(graph, finish.lie, where))


def _marked(graph: Graph, where: Any, finish: Finish, scale: float) -> Any:
    """Coordinates in which a mark is about one unit large."""
    along, across = (1.0 / (g * scale) for g in finish.grain_m)
    if finish.lie == "line":
        return _times(graph, where, (along, across, across))
    split = graph.node("SeparateXYZ")
    graph.put(split.inputs[0], where)
    x, y, z = split.outputs
    if finish.lie == "arc":
        x, y = graph.math("SUBTRACT", x, _TILT[0]), graph.math("SUBTRACT", y, _TILT[1])
    radius = graph.math("SQRT", graph.math("ADD", graph.math("MULTIPLY", x, x), graph.math("MULTIPLY", y, y)))
    angle = graph.math("ARCTAN2", y, x)
    joined = graph.node("CombineXYZ")
    graph.put(joined.inputs[0], graph.math("MULTIPLY", radius, across))
    graph.put(joined.inputs[1], graph.math("MULTIPLY", angle, 0.05 * along))
    graph.put(joined.inputs[2], graph.math("MULTIPLY", z, across))
    return joined.outputs[0]


def _tangent(graph: Graph, lie: str, where: Any) -> Any:
    """The way of the marks in the world. About z it is made from the part's own axes: Blender's radial tangent turns
    about the middle of each mesh, and would give away where one mesh ends and another begins."""
    turn = graph.node("VectorTransform", vector_type="VECTOR", convert_from="OBJECT", convert_to="WORLD")
    if lie == "turn":
        split, joined = graph.node("SeparateXYZ"), graph.node("CombineXYZ")
        graph.put(split.inputs[0], where)
        graph.put(joined.inputs[0], graph.math("MULTIPLY", split.outputs[1], -1.0))
        graph.put(joined.inputs[1], split.outputs[0])
        graph.put(turn.inputs[0], joined.outputs[0])
    else:
        turn.inputs[0].default_value = (1.0, 0.0, 0.0) if lie == "line" else (0.34, 0.94, 0.0)
    unit = graph.node("VectorMath", operation="NORMALIZE")
    graph.put(unit.inputs[0], turn.outputs[0])
    return unit.outputs[0]


def _times(graph: Graph, vector: Any, factors: tuple[float, float, float]) -> Any:
    node = graph.node("VectorMath", operation="MULTIPLY")
    graph.put(node.inputs[0], vector)
    node.inputs[1].default_value = factors
    return node.outputs[0]


def _noise(graph: Graph, vector: Any, detail: float) -> Any:
    node = graph.node("TexNoise")
    graph.put(node.inputs["Vector"], vector)
    node.inputs["Scale"].default_value = 1.0
    node.inputs["Detail"].default_value = detail
    return node.outputs[0]
