"""Buildings along a street: town houses, flats and shops, each with a modelled front, sides and roof.

A building's body frame stands on the ground in the middle of its front, which faces +x; it reaches back to
x = -depth and spans y = -width/2..width/2.
"""

from __future__ import annotations

from functools import lru_cache
from json import dumps, loads
from typing import Any

from pairforge.frames import Pose
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.building_details import add_details
from pairforge.scenes.shapes.building_facade import Opening, Row, Trim, model_facade
from pairforge.scenes.shapes.building_roofs import model_dormers, model_roof
from pairforge.scenes.shapes.modelling import Modeller, box_collider, whole
from pairforge.scenes.world import Material, Rgb, Shape
from pairforge.seeding import Stream

WALLS: dict[str, tuple[str, tuple[Rgb, ...]]] = {
    "brick": ("brick", ((0.27, 0.095, 0.055), (0.19, 0.065, 0.04), (0.38, 0.2, 0.12), (0.33, 0.25, 0.16))),
    "plaster": (
        "plaster",
        (
            (0.68, 0.6, 0.45),
            (0.72, 0.7, 0.64),
            (0.62, 0.42, 0.25),
            (0.5, 0.27, 0.18),
            (0.42, 0.5, 0.4),
            (0.38, 0.46, 0.54),
            (0.7, 0.52, 0.32),
            (0.58, 0.36, 0.32),
        ),
    ),
    "stone": ("stone", ((0.46, 0.43, 0.37), (0.52, 0.47, 0.38))),
    "concrete": ("concrete", ((0.42, 0.415, 0.4), (0.34, 0.335, 0.325))),
}
"""Wall finish -> material kind and the linear RGB shades it comes in."""

_DOORS: tuple[Rgb, ...] = (
    (0.06, 0.02, 0.012),
    (0.012, 0.05, 0.03),
    (0.02, 0.03, 0.09),
    (0.16, 0.012, 0.012),
    (0.03, 0.03, 0.03),
)
_AWNINGS: tuple[Rgb, ...] = (
    (0.3, 0.02, 0.02),
    (0.02, 0.1, 0.05),
    (0.03, 0.05, 0.17),
    (0.4, 0.2, 0.03),
    (0.1, 0.02, 0.05),
)


TRADES = (
    "BAKERY",
    "CAFE",
    "BOOKS",
    "FLOWERS",
    "PHARMACY",
    "GROCER",
    "BARBER",
    "HARDWARE",
    "TAILOR",
    "BICYCLES",
    "TOYS",
    "TEA ROOM",
    "SHOES",
    "OPTICIAN",
    "RECORDS",
    "DELICATESSEN",
)
"""What shop fronts say."""


def wall_material(params: dict[str, Any]) -> Material:
    kind, shades = WALLS[params["wall"]]
    shade = int(params["wall_shade"]) % len(shades)
    return m.material_of(kind, shades[shade], f"wall_{params['wall']}_{shade}")


def _trim(params: dict[str, Any]) -> Trim:
    door = int(params["door_shade"]) % len(_DOORS)
    return Trim(
        frame=m.WINDOW_FRAME_DARK if params["dark_frames"] else m.WINDOW_FRAME,
        door=m.material_of("plastic", _DOORS[door], f"door_{door}"),
        surround=m.STONE if params["surrounds"] else None,
        panes=int(params["panes"]),
        crossbar=bool(params["crossbar"]),
    )


def _ground_row(params: dict[str, Any], wall: Material, z0: float) -> Row:
    """Ground floor: shop fronts between piers, or windows and a door."""
    bays, bay, height = int(params["bays"]), params["bay_m"], params["ground_m"]
    left = -bays * bay / 2
    door_bay = int(params["door_bay"]) % bays
    openings = []
    for k in range(bays):
        y = left + (k + 0.5) * bay
        if k == door_bay:
            kind = "glass_door" if params["ground"] == "shop" else "door"
            openings.append(Opening(y - 0.58, y + 0.58, z0 + 0.04, z0 + 2.65, kind))
        elif params["ground"] == "shop":
            openings.append(Opening(y - bay / 2 + 0.22, y + bay / 2 - 0.22, z0 + 0.04, z0 + 2.75, "shop"))
        else:
            half = params["window_w_m"] / 2
            openings.append(Opening(y - half, y + half, z0 + 0.95, z0 + 0.95 + params["window_h_m"]))
    base = m.STONE if params["stone_base"] else wall
    return Row(z0, z0 + height, base, tuple(openings))


def _upper_rows(params: dict[str, Any], wall: Material, z0: float, bays: int, bay: float) -> list[Row]:
    half, tall, storey = params["window_w_m"] / 2, params["window_h_m"], params["storey_m"]
    rows = []
    for level in range(int(params["storeys"]) - 1):
        z = z0 + level * storey
        middles = [(k - (bays - 1) / 2) * bay for k in range(bays)]
        openings = tuple(Opening(y - half, y + half, z + 0.85, z + 0.85 + tall) for y in middles)
        rows.append(Row(z, z + storey, wall, openings))
    return rows


def _blank_rows(params: dict[str, Any], wall: Material, top: float) -> list[Row]:
    """A side or back wall: a plain base, and two windows a storey; one that was built to stand against another has
    one small window a storey, of a stair or a bathroom."""
    base = m.STONE if params["stone_base"] else wall
    rows = [Row(0.0, params["ground_m"], base)]
    if params["side_windows"]:
        return rows + _upper_rows(params, wall, params["ground_m"], 2, params["depth_m"] / 2)
    middle = params["depth_m"] * (0.06 * (int(params["door_shade"]) - 2))
    for level in range(int(params["storeys"]) - 1):
        z = params["ground_m"] + level * params["storey_m"]
        small = Opening(middle - 0.32, middle + 0.32, z + 1.15, z + 2.05)
        rows.append(Row(z, z + params["storey_m"], wall, (small,)))
    return rows


@lru_cache(maxsize=64)
def _built(text: str) -> Shape:
    params: dict[str, Any] = loads(text)
    wall, trim = wall_material(params), _trim(params)
    width, depth = int(params["bays"]) * params["bay_m"], params["depth_m"]
    top = params["ground_m"] + (int(params["storeys"]) - 1) * params["storey_m"]
    body = Modeller()
    front = [
        _ground_row(params, wall, 0.0),
        *_upper_rows(params, wall, params["ground_m"], int(params["bays"]), params["bay_m"]),
    ]
    model_facade(body, width, front, trim)
    for yaw, x, y, length in (
        (1.5707963267948966, -depth / 2, width / 2, depth),
        (-1.5707963267948966, -depth / 2, -width / 2, depth),
        (3.141592653589793, -depth, 0.0, width),
    ):
        side = Modeller()
        model_facade(
            side, length, _blank_rows(params, wall, top) if length == depth else [Row(0.0, top, wall)], trim
        )
        body.put(side.mesh(), Pose.of((x, y, 0.0), yaw=yaw))
    awning = int(params["awning_shade"]) % len(_AWNINGS)
    add_details(body, params, width, top, wall, m.material_of("fabric", _AWNINGS[awning], f"awning_{awning}"))
    cover = m.SLATE if params["slate"] else m.ROOF_TILE
    model_roof(body, params["roof"], width, depth, top, params["roof_m"], wall, cover)
    if params["dormers"] and params["roof"] == "gable":
        model_dormers(body, int(params["bays"]), params["bay_m"], depth, top, params["roof_m"], trim)
    return whole({"body": body}, 0.0, [box_collider((-depth, -width / 2, 0.0), (0.0, width / 2, top))])


def build(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """The building of complete ``params``; equal params give the same (shared) shape."""
    return _built(dumps(params, sort_keys=True))


def draw(stream: Stream) -> dict[str, Any]:
    """A building of one of a few manners, with its own sizes and finishes."""
    rng = stream.rng()
    manner = str(rng.choice(["terrace", "flats", "shop"], p=[0.3, 0.3, 0.4]))
    wall = str(rng.choice(list(WALLS), p=[0.38, 0.42, 0.12, 0.08]))
    storeys = int(rng.integers(2, 4) if manner == "terrace" else rng.integers(3, 6))
    gabled = bool(rng.random() < (0.85 if manner == "terrace" else 0.45))
    bays = int(rng.integers(3, 6))
    roof = ("front_gable" if bays == 3 and rng.random() < 0.5 else "gable") if gabled else "flat"
    return {
        "manner": manner,
        "wall": wall,
        "wall_shade": int(rng.integers(0, 8)),
        "storeys": storeys,
        "bays": bays,
        "bay_m": round(float(rng.uniform(2.5, 3.3)), 3),
        "storey_m": round(float(rng.uniform(2.9, 3.3)), 3),
        "ground_m": round(float(rng.uniform(3.3, 3.9)), 3),
        "depth_m": round(float(rng.uniform(9.0, 13.0)), 3),
        "window_w_m": round(float(rng.uniform(1.05, 1.5)), 3),
        "window_h_m": round(float(rng.uniform(1.4, 1.75)), 3),
        "panes": int(rng.choice([1, 2, 2, 3])),
        "crossbar": bool(rng.random() < 0.6),
        "dark_frames": bool(rng.random() < 0.3),
        "surrounds": bool(rng.random() < 0.5),
        "stone_base": bool(rng.random() < 0.4),
        "side_windows": bool(rng.random() < 0.5),
        "ground": "shop" if manner == "shop" else "home",
        "door_bay": int(rng.integers(0, 5)),
        "door_shade": int(rng.integers(0, 5)),
        "awning_shade": int(rng.integers(0, 5)),
        "awning": bool(rng.random() < 0.6),
        "trade": str(rng.choice(TRADES)),
        "dormers": bool(rng.random() < 0.5),
        "balconies": manner == "flats" and bool(rng.random() < 0.6),
        "roof": roof,
        "slate": bool(rng.random() < 0.4),
        "roof_m": round(float(rng.uniform(2.2, 3.8) if gabled else rng.uniform(0.5, 0.9)), 3),
        "chimneys": int(rng.integers(0, 3)) if roof == "gable" else 0,
    }


BUILDING = ShapeFamily(
    "building", semantic="building", noun="building", draw=draw, build=build, has_front=True
)
