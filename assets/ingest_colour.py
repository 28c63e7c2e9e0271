"""Colours of someone's mesh: its materials with their textures; colours by vertex or face become plain surfaces."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pairforge.assets.ingest_model import I64, Surface
from pairforge.errors import AssetError
from pairforge.frames import F64
from pairforge.scenes.colours import linear_of
from pairforge.scenes.world import Texture

PALETTE = 12
"""Surfaces that colours by vertex or face become at most."""
ALIKE = 24
"""Face colours in the same cell of this many 8-bit steps, as shown, are one surface."""
MAX_PIXELS = 64 * 2**20
TEXTURE_PX = 1024
"""Textures are averaged down to this."""
GREY = (0.4, 0.4, 0.4)
_STEPS = [(a + 1 / 3, b + 1 / 3) for a in range(4) for b in range(4 - a)]
_BARY = np.array([[a / 4, b / 4, 1 - (a + b) / 4] for a, b in _STEPS])
"""Ten points spread over a triangle: centres of the corners' ten small ones."""


def surfaces_of(visual: Any, faces: I64, name: str, *, linear: bool) -> tuple[list[Surface], I64, F64 | None]:
    """Surfaces of one trimesh geometry, the index (F,) of each face's, and texture coordinates (F, 3, 2).

    ``linear``: stored colours are linear (glTF), not sRGB. A texture that cannot be read raises AssetError.
    """
    material = getattr(visual, "material", None)
    base = str(getattr(material, "name", "") or name)[:80]
    looks = _looks(material, base, linear)
    image = _image(material)
    if image is not None and getattr(visual, "uv", None) is not None:
        uv = np.asarray(visual.uv, dtype=np.float64)[:, :2][faces]
        uv = np.where(np.abs(uv) < 1e6, uv, 0.0)
        # The older formats give a colour that their texture stands in place of, not one to multiply it by.
        colour = looks.colour if _is_pbr(material) else (1.0, 1.0, 1.0)
        return (
            [replace(looks, colour=colour, texture=texture_of(image, uv))],
            np.zeros(len(faces), np.int64),
            uv,
        )
    if getattr(visual, "kind", None) == "vertex":
        stored = np.asarray(visual.vertex_colors, dtype=np.float64)[:, :3] / 255
        return (*_reduced(_linear(stored, linear)[faces].mean(axis=1), looks), None)
    if getattr(visual, "kind", None) == "face":
        stored = np.asarray(visual.face_colors, dtype=np.float64)[:, :3] / 255
        return (*_reduced(_linear(stored, linear), looks), None)
    return [looks], np.zeros(len(faces), np.int64), None


def srgb_to_linear(value: Any) -> F64:
    """IEC 61966-2-1 transfer function, values in 0..1."""
    return linear_of(np.clip(np.asarray(value, dtype=np.float64), 0.0, 1.0))


def _linear(stored: F64, linear: bool) -> F64:
    return np.clip(stored, 0.0, 1.0) if linear else srgb_to_linear(stored)


def _is_pbr(material: Any) -> bool:
    return hasattr(material, "baseColorFactor")


def _looks(material: Any, base: str, linear: bool) -> Surface:
    """A surface of the material's plain colour."""
    colour = getattr(material, "baseColorFactor", None)
    if colour is None:
        colour = getattr(material, "diffuse", None)
    if colour is None:
        textured = _image(material) is not None
        return Surface(base, (1.0, 1.0, 1.0) if textured else GREY, 0.6, 0.0)
    stored = np.nan_to_num(np.asarray(colour, dtype=np.float64)[:3])
    stored = stored / 255 if stored.max(initial=0.0) > 1.0 or np.asarray(colour).dtype == np.uint8 else stored
    roughness = getattr(material, "roughnessFactor", None)
    metallic = getattr(material, "metallicFactor", None)
    return Surface(
        base,
        _rgb(_linear(stored, linear)),
        float(np.clip(0.6 if roughness is None else roughness, 0.05, 1.0)),
        float(np.clip(0.0 if metallic is None else metallic, 0.0, 1.0)),
    )


def _image(material: Any) -> Any:
    found = getattr(material, "baseColorTexture", None)
    return found if found is not None else getattr(material, "image", None)


def texture_of(image: Any, uv: F64) -> Texture:
    """The texture as it is laid on faces of texture coordinates (F, 3, 2)."""
    pixels = _pixels(image)
    digest = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    return Texture(digest, _rgb(_under_faces(srgb_to_linear(pixels / 255), uv).mean(axis=0)), pixels)


def _under_faces(pixels: F64, uv: F64) -> F64:
    """Mean linear colour (F, 3) of the texture under faces of texture coordinates (F, 3, 2), v upwards."""
    h, w = pixels.shape[:2]
    at = np.einsum("sk,fkc->fsc", _BARY, uv)
    at = at - np.floor(at)
    columns = np.minimum((at[..., 0] * w).astype(np.int64), w - 1)
    rows = np.minimum(((1 - at[..., 1]) * h).astype(np.int64), h - 1)
    colours: F64 = pixels[rows, columns].mean(axis=1)
    return colours


def _pixels(image: Any) -> NDArray[np.uint8]:
    """sRGB (h, w, 3) of a PIL image, averaged down."""
    try:
        if image.width * image.height > MAX_PIXELS:
            raise AssetError(f"a texture has {image.width} x {image.height} pixels; {MAX_PIXELS} is the most")
        rgb = image.convert("RGB")
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise AssetError(f"a texture cannot be read ({error}). Save it again, as PNG or JPEG.") from None
    factor = max(1, -(-max(rgb.size) // TEXTURE_PX))
    small = rgb.reduce(factor) if factor > 1 else rgb
    return np.array(small, dtype=np.uint8)


def _reduced(colours: F64, looks: Surface) -> tuple[list[Surface], I64]:
    """At most ``PALETTE`` surfaces for face colours (F, 3), and each face's."""
    coded = np.rint(np.clip(colours, 0.0, 1.0) ** (1 / 2.2) * 255).astype(np.uint8)
    distinct, which = np.unique(coded // ALIKE, axis=0, return_inverse=True)
    index: NDArray[np.int64] = which.reshape(-1).astype(np.int64)
    if len(distinct) > PALETTE:
        picture = Image.fromarray(coded.reshape(1, -1, 3), "RGB")
        few = picture.quantize(PALETTE, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
        _, which = np.unique(np.asarray(few).reshape(-1), return_inverse=True)
        index = which.reshape(-1).astype(np.int64)
    means = [colours[index == k].mean(axis=0) for k in range(int(index.max(initial=-1)) + 1)]
    made = [Surface(looks.base, _rgb(mean), looks.roughness, looks.metallic) for mean in means]
    return made or [looks], index


def _rgb(colour: F64) -> tuple[float, float, float]:
    r, g, b = (round(float(np.clip(c, 0.0, 1.0)), 5) for c in colour)
    return r, g, b
