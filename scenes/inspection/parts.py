"""From a design and its wished-for defects to a shape, and what is on record of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from manifold3d import Manifold
from scipy.spatial.distance import pdist
from shapely import Polygon, box
from shapely.ops import unary_union

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import F64, Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.inspection.defects import DEPTHS_MM, SIZES_MM, Flaw, Wish, applied, flaw, possible
from pairforge.scenes.inspection.design import Design, Print
from pairforge.scenes.inspection.lettering import letters, text_width
from pairforge.scenes.inspection.severity import KINDS, rejected, severity
from pairforge.scenes.inspection.workshop import MM, Workshop, pieces, prism
from pairforge.scenes.shapes.meshing import combine
from pairforge.scenes.world import Collider, Material, Mesh, Shape, ShapePart
from pairforge.seeding import Stream

Params = dict[str, Any]
NONE = "none"
SLOTS = ("defect", "second_defect")
"""Draws of a part's defects. ``second_defect`` counts only when ``defect`` is not "none"."""
_SECOND_SHARE, _GOOD_SHARE = 0.18, 0.2


def drawn_defects(stream: Stream, kinds: Sequence[str]) -> Params:
    """The draws of both slots: a kind, where, which way, how large, how deep, and the seed of its outline."""
    out: Params = {}
    for slot in SLOTS:
        rng = (stream / slot).rng()
        kind = str(rng.choice(list(kinds)))
        chance, u, v, turn, size, depth, seed = rng.random(7)
        none = chance < _GOOD_SHARE if slot == SLOTS[0] else chance > _SECOND_SHARE
        low, high = SIZES_MM[kind]
        shallow, deep = DEPTHS_MM[kind]
        out |= {
            slot: NONE if none else kind,
            f"{slot}_at_x": round(float(u), 4),
            f"{slot}_at_y": round(float(v), 4),
            f"{slot}_turn_deg": round(float(360 * turn), 1),
            f"{slot}_size_mm": round(float(low * (high / low) ** size), 2),
            f"{slot}_depth_mm": round(float(shallow * (deep / shallow) ** depth) if shallow else 0.0, 3),
            f"{slot}_seed": int(seed * 2**31),
        }
    return out


def wishes(params: Params, design: Design) -> tuple[Wish, ...]:
    """The defects that the params ask for; SpecError for a kind that does not exist."""
    if params[SLOTS[0]] == NONE:
        return ()
    made = []
    for slot in SLOTS:
        kind = str(params[slot])
        if kind == NONE:
            continue
        if kind not in KINDS:
            raise SpecError(f'params.{slot} is "{kind}". {did_you_mean(kind, [*KINDS, NONE])}')
        kind = possible(design, kind)
        size, depth = float(params[f"{slot}_size_mm"]), float(params[f"{slot}_depth_mm"])
        at = (float(params[f"{slot}_at_x"]) % 1.0, float(params[f"{slot}_at_y"]) % 1.0)
        made.append(
            Wish(
                kind=kind,
                at=at,
                turn_deg=float(params[f"{slot}_turn_deg"]),
                size_mm=float(np.clip(size, *SIZES_MM[kind])),
                depth_mm=float(np.clip(depth, *DEPTHS_MM[kind])),
                seed=int(params[f"{slot}_seed"]),
            )
        )
    return tuple(made)


@dataclass(frozen=True, eq=False)
class _Found:
    """A defect with its triangles."""

    flaw: Flaw
    mesh: Mesh


def shape_of(design: Design, shop: Workshop, params: Params, title: str) -> Shape:
    """The part as one body and one part a defect, standing on z = 0 about the origin."""
    flaws = _apart(design, shop, wishes(params, design))
    solid = applied(design, tuple(flaws)) if flaws else design.solid("")
    own = {f: f.tools for f in flaws}
    body_tools = frozenset(shop.finishes) - frozenset(t for tools in own.values() for t in tools)
    body = shop.mesh([solid], body_tools)
    assert body is not None, "a part without a surface"
    found = [_Found(f, m) for f in flaws if (m := shop.mesh([solid], own[f])) is not None]
    parts = [ShapePart("body", combine([body, *design.beside]), Pose.of())]
    names = [f"defect_{k}_{x.flaw.kind}" for k, x in enumerate(found, start=1)]
    parts += [ShapePart(n, x.mesh, Pose.of(), "defect") for n, x in zip(names, found, strict=True)]
    # The box is that of the part as it was meant, so that no twin differs in where it stands or is looked at.
    good = design.solid("")
    corners = [
        np.reshape(good.bounding_box(), (2, 3)) * MM,
        *(m.vertices.astype(np.float64) for m in design.beside),
    ]
    low, high = np.concatenate(corners).min(axis=0), np.concatenate(corners).max(axis=0)
    size, centre = tuple(float(v) for v in high - low), tuple(float(v) for v in (high + low) / 2)
    return Shape(
        parts=tuple(parts),
        size_m=(size[0], size[1], size[2]),
        centre_m=(centre[0], centre[1], centre[2]),
        mass_kg=round(max(1e-3, design.density_kg_m3 * float(good.volume()) * MM**3), 5),
        colliders=(Collider("box", Pose.of(centre), size),),
        friction=0.45,
        restitution=0.2,
        notes=_notes(design, title, list(zip(names, found, strict=True))),
    )


def _apart(design: Design, shop: Workshop, wanted: Sequence[Wish]) -> list[Flaw]:
    """The flaws that do not touch each other; a later one that does is left out, as is a second left-out feature."""
    made: list[Flaw] = []
    for wish in wanted:
        one = flaw(shop, design, wish)
        if one.without and any(f.without for f in made):
            continue
        if not any(_touch(one, f) for f in made):
            made.append(one)
    return made


def _touch(a: Flaw, b: Flaw, gap: float = 1.5) -> bool:
    boxes = [[t.bounding_box() for t in (*f.take, *f.give)] for f in (a, b)]
    return any(
        all(x[k] - gap < y[k + 3] and y[k] - gap < x[k + 3] for k in range(3))
        for x in boxes[0]
        for y in boxes[1]
    )


def room_of(line: Print, margin: float) -> Polygon:
    """What a line takes up on its face, with a margin (mm)."""
    (x, y), wide, tall = line.frame.origin[:2], text_width(line.text, line.height), line.height
    return box(x - wide / 2 - margin, y - tall / 2 - margin, x + wide / 2 + margin, y + tall / 2 + margin)


def written(shop: Workshop, own: Print, ink: Material, key: str) -> list[Manifold]:
    """The line as a tool, or what of it a key leaves: "print:serial=0,2" keeps the first and third character."""
    shapes = letters(own.text, own.height, own.weight)
    if key.startswith(f"{own.key}="):
        kept = {int(k) for k in key.split("=")[1].split(",") if k}
        shapes = [s for k, s in enumerate(shapes) if k in kept]
    flat = pieces(unary_union(shapes))
    return [shop.tool(own.frame.put(prism(flat, -own.depth, 0.3)), ink)] if not flat.is_empty else []


# ---------------------------------------------------------------- on record


def _notes(design: Design, title: str, found: Sequence[tuple[str, _Found]]) -> Mapping[str, Any]:
    """JSON: the part's name, its faces and features, its defects and the verdict; lengths in mm, body frame."""
    defects = [_record(design, name, x) for name, x in found]
    return {
        "title": title,
        "faces": {
            f.name: {"point_mm": _three(f.frame.origin), "normal": _three(f.frame.axes[:, 2])}
            for f in design.faces
        },
        "features": {name: _three(p) for name, p in design.features.items()},
        "defects": defects,
        "rejected": rejected([d["severity"] for d in defects]),
    }


def _record(design: Design, name: str, found: _Found) -> dict[str, Any]:
    kind, points = found.flaw.kind, found.mesh.vertices.astype(np.float64) / MM
    size, at = round(extent_mm(points), 3), _middle(found.mesh) / MM
    near = min(design.features, key=lambda n: float(np.linalg.norm(design.features[n] - at)), default="")
    return {
        "part": name,
        "kind": kind,
        "detail": found.flaw.detail,
        "face": found.flaw.face,
        "near": near,
        "at_mm": _three(at),
        "size_mm": size,
        "depth_mm": round(found.flaw.depth_mm, 3),
        "severity": severity(kind, size),
    }


def _middle(mesh: Mesh) -> F64:
    """Area-weighted centroid (3,) in metres."""
    v = mesh.vertices.astype(np.float64)[mesh.faces]
    area = np.linalg.norm(np.cross(v[:, 1] - v[:, 0], v[:, 2] - v[:, 0]), axis=1)
    return np.asarray((v.mean(axis=1) * area[:, None]).sum(axis=0) / area.sum())


def extent_mm(points: F64) -> float:
    """The largest distance between two of the points (N, 3), looked for among those furthest out in 4,000
    directions: within 1e-4 of exact."""
    k = np.arange(2000) + 0.5
    up = 1 - k / 2000
    angle = k * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - up * up)
    directions = np.column_stack([flat * np.cos(angle), flat * np.sin(angle), up])
    reach = points @ directions.T
    outer = np.unique(np.concatenate([reach.argmax(axis=0), reach.argmin(axis=0)]))
    return float(pdist(points[outer]).max()) if len(outer) > 1 else 0.0


def _three(v: F64) -> list[float]:
    return [round(float(x), 4) + 0.0 for x in v]


# ---------------------------------------------------------------- families


def part_family(
    name: str,
    noun: str,
    draw: Callable[[np.random.Generator], Params],
    design: Callable[[Workshop, Params], Design],
    kinds: Sequence[str] = KINDS,
) -> ShapeFamily:
    """A family of inspected parts: its own draws, those of the defects, and a serial number."""

    def drawn(stream: Stream) -> Params:
        own = draw((stream / "form").rng())
        serial = f"{int((stream / 'serial').rng().integers(1, 10_000)):04d}"
        return {**own, "serial": serial, **drawn_defects(stream, kinds)}

    def build(params: Params, paint: Material | None) -> Shape:
        shop = Workshop()
        made = design(shop, params)
        return shape_of(made, shop, params, f"{noun.capitalize()} {params['serial']}")

    return ShapeFamily(name, "object", noun, drawn, build)
