"""Colours of someone's mesh: from its textures, vertex colours or materials, to a few plain surfaces.

Full texturing is out of scope: a textured material becomes up to ``PALETTE`` surfaces, each face taking the one
nearest to the mean of the texture under it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pairforge.assets.ingest_model import I64, Surface
from pairforge.errors import AssetError
from pairforge.frames import F64

PALETTE = 12
"""Surfaces that a textured material becomes at most."""
ALIKE = 24
"""Face colours in the same cell of this many 8-bit steps, as shown, are one surface."""
MAX_PIXELS = 64 * 2**20
TEXTURE_PX = 512
"""Textures are averaged down to this before they are looked at."""
GREY = (0.4, 0.4, 0.4)
_STEPS = [(a + 1 / 3, b + 1 / 3) for a in range(4) for b in range(4 - a)]
_BARY = np.array([[a / 4, b / 4, 1 - (a + b) / 4] for a, b in _STEPS])
"""Ten points spread over a triangle: centres of the corners' ten small ones."""


def surfaces_of(visual: Any, faces: I64, name: str, *, linear: bool) -> tuple[list[Surface], I64]:
    """Surfaces of one trimesh geometry and the index (F,) of each face's. ``linear``: stored colours are linear
    (glTF), not sRGB. A texture that cannot be read raises AssetError."""
    material = getattr(visual, "material", None)
    base = str(getattr(material, "name", "") or name)[:80]
    looks = _looks(material, base, linear)
    image = _image(material)
    if image is not None and getattr(visual, "uv", None) is not None:
        colours = _under_faces(image, np.asarray(visual.uv, dtype=np.float64)[:, :2][faces])
        factor = np.asarray(looks.colour) if _is_pbr(material) else np.ones(3)
        return _reduced(colours * factor, looks)
    if getattr(visual, "kind", None) == "vertex":
        stored = np.asarray(visual.vertex_colors, dtype=np.float64)[:, :3] / 255
        return _reduced(_linear(stored, linear)[faces].mean(axis=1), looks)
    if getattr(visual, "kind", None) == "face":
        stored = np.asarray(visual.face_colors, dtype=np.float64)[:, :3] / 255
        return _reduced(_linear(stored, linear), looks)
    return [looks], np.zeros(len(faces), np.int64)


def srgb_to_linear(value: Any) -> F64:
    """IEC 61966-2-1 transfer function, values in 0..1."""
    v = np.clip(np.asarray(value, dtype=np.float64), 0.0, 1.0)
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


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


def _under_faces(image: Any, uv: F64) -> F64:
    """Mean linear colour (F, 3) of the texture under faces of texture coordinates (F, 3, 2), v upwards."""
    pixels = _pixels(image)
    h, w = pixels.shape[:2]
    at = np.einsum("sk,fkc->fsc", _BARY, np.nan_to_num(uv, posinf=0.0, neginf=0.0))
    at = at - np.floor(at)
    columns = np.minimum((at[..., 0] * w).astype(np.int64), w - 1)
    rows = np.minimum(((1 - at[..., 1]) * h).astype(np.int64), h - 1)
    colours: F64 = pixels[rows, columns].mean(axis=1)
    return colours


def _pixels(image: Any) -> F64:
    """Linear RGB (h, w, 3) of a PIL image, averaged down."""
    try:
        if image.width * image.height > MAX_PIXELS:
            raise AssetError(f"a texture has {image.width} x {image.height} pixels; {MAX_PIXELS} is the most")
        rgb = image.convert("RGB")
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise AssetError(f"a texture cannot be read ({error}). Save it again, as PNG or JPEG.") from None
    factor = max(1, -(-max(rgb.size) // TEXTURE_PX))
    small = rgb.reduce(factor) if factor > 1 else rgb
    return srgb_to_linear(np.asarray(small, dtype=np.float64) / 255)


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
