"""Lenses that bend rays, as a camera shader that Cycles calls for every sample (worker only).

The inverse of each model is solved in the shader, so the picture is rendered where the labels are cast, with neither
oversize nor remap. See docs/decisions/0004-cameras-in-cycles.md.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from pairforge.camera_models import BrownConrady, KannalaBrandt, lens_model
from pairforge.frames import Intrinsics
from pairforge.renderers.protocol import ThinLens

MODELS = {"pinhole": 0, "brown_conrady": 1, "kannala_brandt": 2, "equirectangular": 3}

_TERMS = 8
_WIDEST = 1e4

SHADER = """
// A point of the image, in units of the focal length about the principal point (x right, y down), as a direction
// (x right, y down, z ahead). The answer's length is 0 where no ray leads to the point.

vector undistorted_plane(float xd, float yd, float k[8], float reach)
{
    // Newton's method on OpenCV's forward model: k1 k2 p1 p2 k3 k4 k5 k6. A step is at most a tenth of where one
    // stands, so that none jumps over a fold.
    float x = xd, y = yd, at = hypot(x, y), error = 1.0;
    if (at > 0.9 * reach) {
        x *= 0.9 * reach / at;
        y *= 0.9 * reach / at;
    }
    for (int i = 0; i < 60 && error > 1e-6; ++i) {
        float r2 = x * x + y * y;
        float top = 1.0 + r2 * (k[0] + r2 * (k[1] + r2 * k[4]));
        float low = 1.0 + r2 * (k[5] + r2 * (k[6] + r2 * k[7]));
        float dtop = k[0] + r2 * (2.0 * k[1] + r2 * 3.0 * k[4]);
        float dlow = k[5] + r2 * (2.0 * k[6] + r2 * 3.0 * k[7]);
        float s = top / low;
        float ds = (dtop - s * dlow) / low;
        float fx = x * s + 2.0 * k[2] * x * y + k[3] * (r2 + 2.0 * x * x) - xd;
        float fy = y * s + k[2] * (r2 + 2.0 * y * y) + 2.0 * k[3] * x * y - yd;
        float xx = s + 2.0 * x * x * ds + 2.0 * k[2] * y + 6.0 * k[3] * x;
        float xy = 2.0 * x * y * ds + 2.0 * k[2] * x + 2.0 * k[3] * y;
        float yy = s + 2.0 * y * y * ds + 6.0 * k[2] * y + 2.0 * k[3] * x;
        float det = xx * yy - xy * xy;
        if (det <= 0.0 || r2 > reach * reach) return vector(0.0);
        float dx = (yy * fx - xy * fy) / det, dy = (xx * fy - xy * fx) / det;
        error = hypot(dx, dy);
        float held = min(1.0, 0.1 * (sqrt(r2) + 0.1) / max(error, 1e-20));
        x -= held * dx;
        y -= held * dy;
    }
    return error < 1e-4 && hypot(x, y) < reach ? vector(x, y, 1.0) : vector(0.0);
}

float bent_angle(float t, float k[8])
{
    float t2 = t * t;
    return t * (1.0 + t2 * (k[0] + t2 * (k[1] + t2 * (k[2] + t2 * k[3]))));
}

vector unbent_fisheye(float x, float y, float k[8], float reach)
{
    // theta (1 + k1 theta^2 + ... + k4 theta^8) = the distance from the principal point, for theta up to ``reach``.
    float rd = hypot(x, y);
    if (rd < 1e-9) return vector(0.0, 0.0, 1.0);
    if (rd > bent_angle(reach, k)) return vector(0.0);
    float low = 0.0, high = reach, t = min(rd, reach), error = 1.0;
    for (int i = 0; i < 60 && error > 1e-6; ++i) {
        float t2 = t * t;
        float f = bent_angle(t, k) - rd;
        float slope = 1.0 + t2 * (3.0 * k[0] + t2 * (5.0 * k[1] + t2 * (7.0 * k[2] + t2 * 9.0 * k[3])));
        if (f > 0.0) high = t;
        else low = t;
        float after = slope > 0.0 ? t - f / slope : -1.0;
        if (after < low || after > high) after = 0.5 * (low + high);
        error = fabs(after - t);
        t = after;
    }
    return vector(sin(t) * x / rd, sin(t) * y / rd, cos(t));
}

vector sphere(float x, float y)
{
    // x is the longitude, y the latitude downwards.
    if (fabs(y) > M_PI_2 || fabs(x) > M_PI) return vector(0.0);
    return vector(sin(x) * cos(y), sin(y), cos(x) * cos(y));
}

shader lens(
    int model = 0,
    float width = 1.0, float height = 1.0,
    float fx = 1.0, float fy = 1.0, float cx = 0.5, float cy = 0.5,
    float k0 = 0.0, float k1 = 0.0, float k2 = 0.0, float k3 = 0.0,
    float k4 = 0.0, float k5 = 0.0, float k6 = 0.0, float k7 = 0.0,
    float reach = 1.0,
    float focus = 0.0,
    float aperture = 0.0,
    output point position = 0.0,
    output vector direction = 0.0,
    output color throughput = 1.0)
{
    float k[8] = {k0, k1, k2, k3, k4, k5, k6, k7};
    point at = camera_shader_raster_position();
    float x = (at[0] * width - cx) / fx;
    float y = ((1.0 - at[1]) * height - cy) / fy;
    vector way = vector(x, y, 1.0);
    if (model == 1) way = undistorted_plane(x, y, k, reach);
    else if (model == 2) way = unbent_fisheye(x, y, k, reach);
    else if (model == 3) way = sphere(x, y);
    if (dot(way, way) == 0.0) {
        throughput = color(0.0);
        return;
    }
    direction = normalize(vector(way[0], -way[1], way[2]));
    if (focus > 0.0) {
        vector hole;
        float opened;
        getattribute("cam:aperture_position", hole);
        getattribute("cam:aperture_size", opened);
        hole *= aperture / opened;
        point sharp;
        if (model == 1) {
            // As a photographic lens: a flat aperture, and a plane that is sharp.
            position = point(hole[0], hole[1], 0.0);
            sharp = direction * (focus / direction[2]);
        } else {
            // An aperture that faces each ray, and a sphere that is sharp, for there may be no plane ahead.
            vector across = normalize(cross(vector(0.0, 1.0, 0.0), direction));
            position = point(hole[0] * across + hole[1] * cross(direction, across));
            sharp = direction * focus;
        }
        direction = normalize(sharp - position);
    }
}
"""


def bend(camera: Any, k: Intrinsics, lens: ThinLens | None) -> None:
    """Makes a Blender camera see by ``k``'s model, with that depth of field."""
    camera.type, camera.custom_mode = "CUSTOM", "INTERNAL"
    if not camera.custom_bytecode:
        code = _compiled()
        camera.custom_bytecode, camera.custom_bytecode_hash = code, hashlib.sha256(code.encode()).hexdigest()
    given = camera.cycles_custom
    given["model"] = MODELS[k.model]
    terms = (*k.distortion, *([0.0] * (_TERMS - len(k.distortion))))
    numbers = {"width": k.width_px, "height": k.height_px, "fx": k.fx, "fy": k.fy, "cx": k.cx, "cy": k.cy}
    numbers |= {f"k{i}": term for i, term in enumerate(terms)} | {"reach": _reach(k)}
    numbers["focus"] = lens.focus_m if lens else 0.0
    numbers["aperture"] = aperture_m(lens) / 2 if lens else 0.0
    for name, value in numbers.items():
        given[name] = float(value)
    camera.update_tag()


def aperture_m(lens: ThinLens) -> float:
    """The aperture's diameter."""
    return 1e-3 * lens.focal_length_mm / lens.f_number


def _reach(k: Intrinsics) -> float:
    """How far from the axis a model is one to one: the undistorted radius, or the angle in radians."""
    lens = lens_model(k.model, k.distortion, k.circle_deg)
    if isinstance(lens, BrownConrady):
        return min(lens.radius, _WIDEST)
    return lens.angle if isinstance(lens, KannalaBrandt) else math.pi


@cache
def _compiled() -> str:
    """The shader as OSL's byte code."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "lens.osl", Path(folder) / "lens.oso"
        source.write_text(SHADER)
        cycles = import_module("_cycles")
        if not cycles.with_osl:
            raise RuntimeError("this Blender lacks OSL, which lenses that bend rays need; use the bpy wheel")
        if not cycles.osl_compile(str(source), str(target)):
            raise RuntimeError("the lens shader did not compile")
        return target.read_text()
