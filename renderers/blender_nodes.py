"""A short way to write node graphs (worker only)."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from pairforge.scenes.world import Texture

Step = tuple[Any, Any, Any]
"""A node: (its number in the tree, kind, settings). A value: (its socket's place, the value or the place that it is
linked from, whether it is linked)."""


class Graph:
    """Wires nodes of one material. A value is a socket, a number or a tuple. ``steps`` are those taken so far."""

    def __init__(self, tree: Any) -> None:
        self.tree, self.steps = tree, list[Step]()
        self._coordinates: Any = None
        self._count = len(tree.nodes)

    def node(self, kind: str, **settings: Any) -> Any:
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for name, value in settings.items():
            setattr(node, name, value)
        self.steps.append((self._count, kind, settings))
        self._count += 1
        return node

    def put(self, socket: Any, value: Any) -> None:
        """Links a socket, or sets a constant."""
        self.steps.append(self._put_step(socket, value))
        if isinstance(value, bpy.types.NodeSocket):
            self.tree.links.new(value, socket)
        else:
            self._set(socket, value)

    @staticmethod
    def _put_step(socket: Any, value: Any) -> Step:
        linked = isinstance(value, bpy.types.NodeSocket)
        return _place(socket), _place(value) if linked else value, linked

    @staticmethod
    def _set(socket: Any, value: Any) -> None:
        if isinstance(value, tuple) and len(value) == 3 and socket.type == "RGBA":
            socket.default_value = (*value, 1.0)
        else:
            socket.default_value = value

    def math(self, operation: str, a: Any, b: Any = 0.0, *, clamp: bool = False) -> Any:
        node = self.node("Math", operation=operation, use_clamp=clamp)
        self.put(node.inputs[0], a)
        self.put(node.inputs[1], b)
        return node.outputs[0]

    def ramp(self, x: Any, low: float, high: float, at_low: float, at_high: float) -> Any:
        """Smooth from ``at_low`` at ``low`` to ``at_high`` at ``high``, constant outside."""
        node = self.node("MapRange", interpolation_type="SMOOTHSTEP", clamp=True)
        for socket, value in zip(node.inputs, (x, low, high, at_low, at_high), strict=False):
            self.put(socket, value)
        return node.outputs[0]

    def lerp(self, a: Any, b: Any, share: Any) -> Any:
        """Number from ``a`` to ``b``."""
        node = self.node("Mix", data_type="FLOAT")
        self.put(node.inputs[0], share)
        self.put(node.inputs[2], a)
        self.put(node.inputs[3], b)
        return node.outputs[0]

    def blend(self, kind: str, a: Any, b: Any, share: Any = 1.0) -> Any:
        """Colours ``a`` and ``b`` by a blend mode ("MIX", "MULTIPLY", …)."""
        node = self.node("Mix", data_type="RGBA", blend_type=kind, clamp_result=False)
        self.put(node.inputs[0], share)
        self.put(node.inputs[6], a)
        self.put(node.inputs[7], b)
        return node.outputs[2]

    def scaled(self, colour: Any, factor: Any) -> Any:
        node = self.node("VectorMath", operation="SCALE")
        self.put(node.inputs[0], colour)
        self.put(node.inputs["Scale"], factor)
        return node.outputs[0]

    def image(self, image: Any, tile_m: float) -> Any:
        """A seamless image projected along the axes of the object, ``tile_m`` metres a repeat."""
        texture = self.node("TexImage", image=image, projection="BOX", projection_blend=0.15)
        self.put(texture.inputs["Vector"], self.scaled(self.coordinates, 1.0 / tile_m))
        return texture

    @property
    def coordinates(self) -> Any:
        """Where a point lies along the axes of its object, metres."""
        if self._coordinates is None:
            self._coordinates = self.node("TexCoord").outputs["Object"]
        return self._coordinates


def _place(socket: Any) -> tuple[str, str]:
    """Which socket it is of which node; the same in a copy of the tree."""
    return socket.node.name, socket.identifier


def pixel_image(name: str, pixels: NDArray[np.float32]) -> Any:
    """(H, W, 4) numbers in 0..1, row 0 at the bottom, as an 8-bit image without colour management."""
    found = bpy.data.images.get(name)
    if found is not None:
        return found
    image = bpy.data.images.new(name, pixels.shape[1], pixels.shape[0], alpha=True)
    image.colorspace_settings.name = "Non-Color"
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_set(np.ascontiguousarray(pixels, np.float32).ravel())
    return image


def texture_image(texture: Texture) -> Any:
    """A texture as an sRGB image; without a vector, Cycles looks it up by the mesh's only uv layer."""
    name = f"texture-{texture.sha256}"
    found = bpy.data.images.get(name)
    if found is not None:
        return found
    h, w = texture.pixels.shape[:2]
    image = bpy.data.images.new(name, w, h)
    image.colorspace_settings.name = "sRGB"
    rgba = np.ones((h, w, 4), dtype=np.float32)
    rgba[..., :3] = texture.pixels[::-1] / np.float32(255)
    image.pixels.foreach_set(rgba.ravel())
    return image
