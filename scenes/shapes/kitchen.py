"""A kitchen: worktop with a sink, cupboards, tiles, a window, a tap. The worktop is a thing, the rest is scenery.

The wall is at +x, the viewer at -x; the worktop's own top is level with ``HEIGHT_M``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.materials import LEAVES, LEAVES_LIGHT
from pairforge.scenes.shapes.cookware import STEEL
from pairforge.scenes.shapes.making import one_of
from pairforge.scenes.shapes.meshing import box, combine, cylinder, mesh, moved, tube
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.shapes.primitives import uniform
from pairforge.scenes.shapes.room import SKIRTING, WALLS
from pairforge.scenes.shapes.solids import box_collider, rounded_box, solid
from pairforge.scenes.shapes.substances import TABLETOP
from pairforge.scenes.shapes.table import TIMBERS
from pairforge.scenes.shapes.trees import clipped_leaves
from pairforge.scenes.world import Material, Mesh, Shape, ShapePart
from pairforge.seeding import Stream

HEIGHT_M, THICK_M, DEPTH_M = 0.90, 0.038, 0.64
SINK_X_M, SINK_Y_M, SINK_DEEP_M = 0.36, 0.46, 0.17
WINDOW_Z_M = (1.16, 2.05)
WINDOW_HALF_M, HIGH_M = 0.52, 2.5
"""Half the window's width, and the room's height."""
_Three = tuple[float, float, float]
WORKTOPS: dict[str, Material] = {
    "terrazzo": Material(
        "terrazzo",
        (0.52, 0.51, 0.49),
        "terrazzo",
        roughness=0.25,
        coat=0.2,
        lidar_reflectivity=0.5,
        scale_m=0.8,
    ),
    "slate": Material(
        "slate_top", (0.055, 0.058, 0.062), "terrazzo", roughness=0.35, lidar_reflectivity=0.12
    ),
    "oak": TIMBERS["oak"],
    "birch": TIMBERS["birch"],
}
FRONTS: dict[str, Material] = {
    name: Material(f"front_{name}", colour, roughness=0.4, coat=0.1, lidar_reflectivity=lidar)
    for name, colour, lidar in (
        ("ivory", (0.62, 0.58, 0.49), 0.65),
        ("sage", (0.22, 0.29, 0.21), 0.4),
        ("navy", (0.035, 0.06, 0.11), 0.15),
        ("white", (0.68, 0.68, 0.66), 0.7),
    )
}
TILES: dict[str, tuple[float, float, float]] = {
    "white": (0.66, 0.66, 0.63),
    "mint": (0.40, 0.52, 0.44),
    "sky": (0.35, 0.47, 0.55),
    "cream": (0.62, 0.54, 0.40),
}
GROUT = Material("grout", (0.42, 0.41, 0.39), "plaster", roughness=0.95, lidar_reflectivity=0.4)
FLOOR_TILE = tuple(
    Material(
        f"floor_tile_{k}", (0.24 * t, 0.22 * t, 0.20 * t), "concrete", roughness=0.55, lidar_reflectivity=0.3
    )
    for k, t in enumerate((0.92, 1.08))
)
INSIDE = Material("cupboard_gap", (0.02, 0.02, 0.02), roughness=0.9, lidar_reflectivity=0.05)
LAWN = Material("lawn", (0.10, 0.19, 0.035), "grass", roughness=0.95, lidar_reflectivity=0.45)
HEDGE = Material(
    "hedge_outside", (0.075, 0.12, 0.05), "leaves", roughness=0.8, lidar_reflectivity=0.5, scale_m=0.14
)


def _draw_top(stream: Stream) -> dict[str, Any]:
    return uniform(stream, length_m=(2.6, 2.6), sink_y_m=(-0.85, -0.85)) | {
        "surface": one_of(stream / "surface", sorted(WORKTOPS))
    }


def _build_top(params: dict[str, Any], paint: Material | None) -> Shape:
    """A slab with a hole, and a steel basin in it; its middle over the origin, its front edge at -x."""
    length, sink = float(params["length_m"]), float(params["sink_y_m"])
    top = paint or WORKTOPS[str(params["surface"])]
    z = HEIGHT_M - THICK_M / 2
    left, right = sink + SINK_Y_M / 2, sink - SINK_Y_M / 2
    rim = (DEPTH_M - SINK_X_M) / 2
    pieces = [
        ((DEPTH_M, length / 2 - left, THICK_M), (0.0, (length / 2 + left) / 2, z)),
        ((DEPTH_M, length / 2 + right, THICK_M), (0.0, (right - length / 2) / 2, z)),
        ((rim, SINK_Y_M, THICK_M), (-(DEPTH_M - rim) / 2, sink, z)),
        ((rim, SINK_Y_M, THICK_M), ((DEPTH_M - rim) / 2, sink, z)),
    ]
    slab = combine([box(s, top, c, bevel_m=0.0025 if k < 2 else 0.0) for k, (s, c) in enumerate(pieces)])
    basin, walls = _basin(sink)
    colliders = [box_collider(s, c) for s, c in pieces] + [box_collider(s, c) for s, c in walls]
    return solid(combine([slab, basin]), colliders, TABLETOP, 60.0)


def _basin(y: float) -> tuple[Mesh, list[tuple[tuple[float, float, float], tuple[float, float, float]]]]:
    """Walls, floor, a flange round the hole and a drain."""
    w, wall = 0.006, HEIGHT_M - SINK_DEEP_M / 2 - 0.001
    sides = [((w, SINK_Y_M, SINK_DEEP_M), (s * (SINK_X_M - w) / 2, y, wall)) for s in (-1, 1)] + [
        ((SINK_X_M, w, SINK_DEEP_M), (0.0, y + s * (SINK_Y_M - w) / 2, wall)) for s in (-1, 1)
    ]
    floor = ((SINK_X_M, SINK_Y_M, w), (0.0, y, HEIGHT_M - SINK_DEEP_M))
    pieces = [rounded_box(s, 0.002, STEEL, c) for s, c in [*sides, floor]]
    drain = moved(cylinder(0.035, 0.004, STEEL, bevel_m=0.001), (0.0, y, HEIGHT_M - SINK_DEEP_M + 0.005))
    hole = moved(cylinder(0.022, 0.002, INSIDE), (0.0, y, HEIGHT_M - SINK_DEEP_M + 0.0068))
    return combine([*pieces, drain, hole]), [*sides, floor]


def _draw_kitchen(stream: Stream) -> dict[str, Any]:
    return {
        "length_m": 2.6,
        "sink_y_m": -0.85,
        "front": one_of(stream / "front", sorted(FRONTS)),
        "tile": one_of(stream / "tile", sorted(TILES)),
        "bond": one_of(stream / "bond", ("stacked", "running")),
        "wall": one_of(stream / "wall", sorted(WALLS)),
    }


def _tiles(
    low: tuple[float, float], high: tuple[float, float], x: float, colour: Material, bond: str
) -> Mesh:
    """Tiles of 15 by 7.5 cm (running) or 10 by 10 (stacked) over a grout bed, on the wall at ``x``, facing -x."""
    wide, tall = (0.15, 0.075) if bond == "running" else (0.10, 0.10)
    joint, lift = 0.0025, 0.004
    pieces = [_wall_quad(x, low, high, GROUT)]
    rows = int(np.ceil((high[1] - low[1]) / tall))
    for row in range(rows):
        z0 = low[1] + row * tall
        z1 = min(z0 + tall, high[1])
        first = low[0] - (wide / 2 if bond == "running" and row % 2 else 0.0)
        for y0 in np.arange(first, high[0], wide):
            a, b = max(y0 + joint / 2, low[0]), min(y0 + wide - joint / 2, high[0])
            if b - a > 0.006 and z1 - z0 > 0.006:
                size = (lift, b - a, z1 - z0 - joint)
                pieces.append(box(size, colour, (x - lift / 2, (a + b) / 2, (z0 + z1) / 2), bevel_m=0.0012))
    return combine(pieces)


def _wall_quad(x: float, low: tuple[float, float], high: tuple[float, float], material: Material) -> Mesh:
    corners = [(x, low[0], low[1]), (x, high[0], low[1]), (x, high[0], high[1]), (x, low[0], high[1])]
    return mesh(corners, [[0, 2, 1], [0, 3, 2]], material)


def _doors(y0: float, y1: float, z0: float, z1: float, x: float, front: Material, count: int) -> list[Mesh]:
    """Cupboard fronts side by side, each with a bar handle."""
    width = (y1 - y0) / count
    pieces = []
    for k in range(count):
        middle = y0 + (k + 0.5) * width
        pieces.append(
            rounded_box(
                (0.020, width - 0.006, z1 - z0 - 0.006), 0.003, front, (x - 0.010, middle, (z0 + z1) / 2)
            )
        )
        inner = rounded_box(
            (0.004, width - 0.13, z1 - z0 - 0.13), 0.0015, front, (x - 0.0205, middle, (z0 + z1) / 2)
        )
        pieces.append(inner)
        side = middle + (width / 2 - 0.05) * (1 if k % 2 else -1)
        z = z1 - 0.14 if z1 < 1.0 else z0 + 0.14
        pieces.append(
            tube([[x - 0.048, side, z - 0.07], [x - 0.048, side, z + 0.07]], 0.006, STEEL, sides=10)
        )
        for end in (-0.055, 0.055):
            pieces.append(
                tube([[x - 0.020, side, z + end], [x - 0.048, side, z + end]], 0.004, STEEL, sides=8)
            )
    return pieces


def _window(x: float, y: float, half: float) -> Mesh:
    """Frame, a crossbar and a sill; the pane is left out: what is behind shows."""
    z0, z1 = WINDOW_Z_M
    bar = 0.045
    pieces = []
    for s in (-1.0, 1.0):
        pieces.append(
            rounded_box(
                (0.06, bar, z1 - z0), 0.004, SKIRTING, (x + 0.05, y + s * (half - bar / 2), (z0 + z1) / 2)
            )
        )
    for z in (z0 + bar / 2, z1 - bar / 2):
        pieces.append(rounded_box((0.06, 2 * half, bar), 0.004, SKIRTING, (x + 0.05, y, z)))
    pieces.append(rounded_box((0.05, 0.03, z1 - z0), 0.004, SKIRTING, (x + 0.05, y, (z0 + z1) / 2)))
    pieces.append(rounded_box((0.05, 2 * half, 0.028), 0.004, SKIRTING, (x + 0.05, y, z0 + 0.62 * (z1 - z0))))
    pieces.append(rounded_box((0.16, 2 * half + 0.10, 0.028), 0.006, SKIRTING, (x + 0.005, y, z0 - 0.014)))
    return combine(pieces)


def _tap(x: float, y: float) -> Mesh:
    t = np.linspace(0.0, np.pi, 15)
    bow = np.stack([x - 0.085 + 0.085 * np.cos(t), y + 0 * t, HEIGHT_M + 0.22 + 0.085 * np.sin(t)], axis=1)
    path = np.vstack([[(x, y, HEIGHT_M)], bow, [(x - 0.17, y, HEIGHT_M + 0.17)]])
    base = moved(cylinder(0.026, 0.022, STEEL, bevel_m=0.004), (x, y, HEIGHT_M + 0.011))
    lever = tube(
        [[x, y - 0.02, HEIGHT_M + 0.05], [x - 0.01, y - 0.085, HEIGHT_M + 0.075]],
        [0.006, 0.005],
        STEEL,
        sides=10,
    )
    return combine([tube(path, 0.0115, STEEL, sides=14), base, lever])


def _garden() -> Mesh:
    """What a window shows: a lawn, and a hedge behind it."""
    lawn = mesh(
        [(0.8, -9, -0.3), (14, -9, -0.3), (14, 9, -0.3), (0.8, 9, -0.3)], [[0, 1, 2], [0, 2, 3]], LAWN
    )
    rng = Stream(0, "kitchen/hedge").rng()
    n = 3600
    y, z = rng.uniform(-7.0, 7.0, n), rng.uniform(-0.3, 2.6, n)
    out = np.broadcast_to([-1.0, 0.0, 0.0], (n, 3))
    bulge = 0.10 * np.sin(1.7 * y + 0.4) * np.sin(2.3 * z)
    leaves = clipped_leaves(np.stack([7.0 + bulge, y, z], axis=1), out, rng)
    first, second = Modeller(), rng.random(n) < 0.45
    first.quads(leaves[~second], LEAVES_LIGHT)
    first.quads(leaves[second], LEAVES)
    return combine([lawn, box((0.5, 18.0, 2.9), HEDGE, (7.4, 0.0, 1.15)), first.mesh()])


def _checkered(low_x: float, high_x: float, side: float = 0.4) -> Mesh:
    """Floor tiles between two x, 3.2 m wide."""
    pieces = []
    for i, a in enumerate(np.arange(low_x, high_x - 1e-6, side)):
        for j, b in enumerate(np.arange(-1.6, 1.6 - 1e-6, side)):
            corners = [(a, b, 0.0), (a + side, b, 0.0), (a + side, b + side, 0.0), (a, b + side, 0.0)]
            pieces.append(mesh(corners, [[0, 1, 2], [0, 2, 3]], FLOOR_TILE[(i + j) % 2]))
    return combine(pieces)


def _build_kitchen(params: dict[str, Any], paint: Material | None) -> Shape:
    """All that stands still and has no name: walls, tiles, cupboards, window, tap, floor."""
    length, wall_x = float(params["length_m"]), DEPTH_M / 2
    plaster = paint or Material(
        f"plaster_{params['wall']}",
        WALLS[str(params["wall"])],
        "plaster",
        roughness=0.9,
        lidar_reflectivity=0.6,
    )
    solids = _wall_solids(params)
    walls = combine([box(s, plaster, c) for s, c in solids])
    size, middle = _wall_shelf(params)
    return Shape(
        parts=(
            ShapePart("floor", _checkered(wall_x - 3.2, wall_x), Pose.of(), "floor"),
            ShapePart("walls", combine([walls, *_splash(params)]), Pose.of(), "wall"),
            ShapePart("fixtures", _fixtures(params), Pose.of(), "wall"),
            ShapePart("garden", _garden(), Pose.of(), "terrain"),
        ),
        size_m=(3.2, length, HIGH_M),
        centre_m=(0.0, 0.0, HIGH_M / 2),
        mass_kg=0.0,
        colliders=(
            box_collider((400.0, 400.0, 1.0), (0.0, 0.0, -0.5)),
            *(box_collider(s, c) for s, c in solids),
            box_collider(size, middle),
        ),
        friction=0.9,
        restitution=0.9,
    )


def _wall_solids(params: dict[str, Any]) -> list[tuple[_Three, _Three]]:
    """Sizes and middles of the wall's pieces round the window, and of the wall on the left."""
    half, sink, wall_x, w = (
        float(params["length_m"]) / 2,
        float(params["sink_y_m"]),
        DEPTH_M / 2,
        WINDOW_HALF_M,
    )
    z0, z1 = WINDOW_Z_M
    return [
        ((0.12, half - (sink + w), HIGH_M), ((wall_x + 0.06), (half + sink + w) / 2, HIGH_M / 2)),
        ((0.12, half + (sink - w), HIGH_M), ((wall_x + 0.06), (sink - w - half) / 2, HIGH_M / 2)),
        ((0.12, 2 * w, z0), (wall_x + 0.06, sink, z0 / 2)),
        ((0.12, 2 * w, HIGH_M - z1), (wall_x + 0.06, sink, (HIGH_M + z1) / 2)),
        ((2.4, 0.12, HIGH_M), (wall_x - 1.2 + 0.12, half + 0.06, HIGH_M / 2)),
    ]


def _splash(params: dict[str, Any]) -> list[Mesh]:
    """Tiles between worktop and cupboards, and below the window."""
    half, sink, w = float(params["length_m"]) / 2, float(params["sink_y_m"]), WINDOW_HALF_M
    x, bond = DEPTH_M / 2 - 0.001, str(params["bond"])
    tile = Material(
        f"tile_{params['tile']}", TILES[str(params["tile"])], roughness=0.12, coat=0.5, lidar_reflectivity=0.6
    )
    return [
        _tiles((sink + w, HEIGHT_M), (half, 1.42), x, tile, bond),
        _tiles((-half, HEIGHT_M), (sink - w, 1.42), x, tile, bond),
        _tiles((sink - w, HEIGHT_M), (sink + w, WINDOW_Z_M[0] - 0.03), x, tile, bond),
    ]


def _wall_shelf(params: dict[str, Any]) -> tuple[_Three, _Three]:
    """Size and middle of the cupboards on the wall."""
    half, sink = float(params["length_m"]) / 2, float(params["sink_y_m"])
    size = (0.33, half - (sink + WINDOW_HALF_M) - 0.10, 0.68)
    return size, (DEPTH_M / 2 - 0.165, (half + sink + WINDOW_HALF_M) / 2 + 0.05, 1.42 + 0.34)


def _fixtures(params: dict[str, Any]) -> Mesh:
    """Cupboards below and above, window, tap."""
    length, sink = float(params["length_m"]), float(params["sink_y_m"])
    front, wall_x, half, w = FRONTS[str(params["front"])], DEPTH_M / 2, length / 2, WINDOW_HALF_M
    hidden = SINK_DEEP_M + 0.05
    carcass = box(
        (DEPTH_M - 0.05, length, HEIGHT_M - hidden - 0.10),
        INSIDE,
        (0.02, 0.0, (HEIGHT_M - hidden + 0.10) / 2),
    )
    plinth = box((DEPTH_M - 0.10, length, 0.10), INSIDE, (0.05, 0.0, 0.05))
    low = _doors(-half, half, 0.10, HEIGHT_M - THICK_M - 0.002, -DEPTH_M / 2 + 0.035, front, 5)
    size, middle = _wall_shelf(params)
    up = _doors(sink + w + 0.10, half, 1.42, 2.10, wall_x - 0.33, front, 3)
    tap = _tap(SINK_X_M / 2 + 0.06, sink)
    return combine([carcass, plinth, *low, box(size, front, middle), *up, _window(wall_x, sink, w), tap])


WORKTOP = ShapeFamily(
    name="worktop", semantic="table", noun="worktop", draw=_draw_top, build=_build_top, size_key="length_m"
)
KITCHEN = ShapeFamily(
    name="kitchen", semantic="floor", noun="kitchen", draw=_draw_kitchen, build=_build_kitchen, stuff=True
)
