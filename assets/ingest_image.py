"""A picture as a thing: a panel a metre tall and as wide as the picture is, its front the picture."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from pairforge.assets.ingest_colour import MAX_PIXELS, texture_of
from pairforge.assets.ingest_model import Link, Model, Surface, Triangles
from pairforge.errors import AssetError
from pairforge.frames import F64

IMAGES = (".png", ".jpg", ".jpeg", ".webp")
THICKNESS_M = 0.01
EDGE = Surface("edge", (0.6, 0.6, 0.58))
_CORNERS = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=np.float64)
_FRONT = [(4, 6, 7), (4, 7, 5)]
_OTHERS = [
    (0, 1, 3),
    (0, 3, 2),
    (0, 4, 5),
    (0, 5, 1),
    (2, 3, 7),
    (2, 7, 6),
    (0, 2, 6),
    (0, 6, 4),
    (1, 5, 7),
    (1, 7, 3),
]


def panel(content: bytes, name: str) -> Model:
    """The panel of an encoded picture; it stands upright and faces +x. AssetError when it is no picture."""
    try:
        flat = open_picture(content).convert("RGBA")
    except ValueError as error:
        raise AssetError(
            f'"{name}" cannot be read as a picture ({error}). Save it again, as PNG or JPEG.'
        ) from None
    white = Image.new("RGBA", flat.size, (255, 255, 255, 255))
    picture = Image.alpha_composite(white, flat).convert("RGB")
    wide = picture.width / picture.height
    if not 0.02 <= wide <= 50.0:
        raise AssetError(f'"{name}" has {picture.width} x {picture.height} pixels, too narrow for a panel')
    vertices = (_CORNERS - [0.5, 0.5, 0.0]) * [THICKNESS_M, wide, 1.0]
    faces = np.array([*_FRONT, *_OTHERS], dtype=np.int64)
    uv = np.zeros((len(faces), 3, 2))
    uv[:2] = _seen_from_front(faces[:2])
    front = Surface("picture", (1.0, 1.0, 1.0), 0.5, 0.0, texture_of(picture, uv[:2]))
    surface = np.array([0, 0, *[1] * len(_OTHERS)], dtype=np.int64)
    link = Link("panel", Triangles(vertices, faces, surface, uv))
    return Model((link,), (front, EDGE), "z", "x", True)


def open_picture(content: bytes) -> Image.Image:
    """A decoded PNG, JPEG or WebP; ValueError when it is none, or too large."""
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"{image.width} x {image.height} pixels; {MAX_PIXELS} is the most")
            image.load()
            return image.copy()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None


def _seen_from_front(faces: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> F64:
    """Texture coordinates (F, 3, 2): who looks along -x has the panel's +y on the right."""
    corners = _CORNERS[faces]
    return np.stack([corners[..., 1], corners[..., 2]], axis=-1)
