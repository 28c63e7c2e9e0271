"""Shape families: generators of geometry, each a pair of a draw and a deterministic build.

A family lives in ``scenes/shapes/*.py`` as one module-level ``ShapeFamily``; ``_WHERE`` says which module, which is
imported on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pairforge.registry import Registry
from pairforge.scenes.world import Material, Shape
from pairforge.seeding import Stream


@dataclass(frozen=True)
class ShapeFamily:
    """``draw(stream)`` returns complete JSON params; ``build(params, paint)`` makes the shape from them, no draw.

    ``paint`` is the material of the item's colour (None: the family's own materials only). ``noun`` is what a
    person calls it ("hatchback"), ``semantic`` its class name. ``stuff`` families get instance id 0.
    ``size_key``: the param that ``Prop.size_m`` sets. ``colours``/``materials``: names drawn from when the author
    gives none (empty: it has no colour to speak of).
    """

    name: str
    semantic: str
    noun: str
    draw: Callable[[Stream], dict[str, Any]]
    build: Callable[[dict[str, Any], Material | None], Shape]
    has_front: bool = False
    stuff: bool = False
    size_key: str = ""
    colours: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()


_WHERE: dict[str, str] = {
    "cyclist": "pairforge.scenes.shapes.cyclists:CYCLIST_FAMILY",
    "bus": "pairforge.scenes.shapes.vehicles:BUS_FAMILY",
    "estate": "pairforge.scenes.shapes.vehicle_variants:ESTATE_FAMILY",
    "minivan": "pairforge.scenes.shapes.vehicle_variants:MINIVAN_FAMILY",
    "pickup": "pairforge.scenes.shapes.vehicle_variants:PICKUP_FAMILY",
    "taxi": "pairforge.scenes.shapes.vehicle_variants:TAXI_FAMILY",
    "truck": "pairforge.scenes.shapes.vehicles:TRUCK_FAMILY",
    "van": "pairforge.scenes.shapes.vehicles:VAN_FAMILY",
    "dog": "pairforge.scenes.shapes.animals:DOG",
    "cat": "pairforge.scenes.shapes.animals:CAT",
    "horse": "pairforge.scenes.shapes.animals:HORSE",
    "cow": "pairforge.scenes.shapes.animals:COW",
    "sheep": "pairforge.scenes.shapes.animals:SHEEP",
    "deer": "pairforge.scenes.shapes.animals:DEER",
    "pedestrian": "pairforge.scenes.shapes.people:PEDESTRIAN_FAMILY",
    "suv": "pairforge.scenes.shapes.vehicles:SUV_FAMILY",
    "sedan": "pairforge.scenes.shapes.vehicles:SEDAN_FAMILY",
    "hatchback": "pairforge.scenes.shapes.vehicles:HATCHBACK_FAMILY",
    "floor": "pairforge.scenes.shapes.floor:FLOOR",
    "box": "pairforge.scenes.shapes.primitives:BOX",
    "sphere": "pairforge.scenes.shapes.primitives:SPHERE",
    "cylinder": "pairforge.scenes.shapes.primitives:CYLINDER",
    "cone": "pairforge.scenes.shapes.primitives:CONE",
    "table": "pairforge.scenes.shapes.table:TABLE",
    "mug": "pairforge.scenes.shapes.tableware:MUG",
    "bowl": "pairforge.scenes.shapes.tableware:BOWL",
    "plate": "pairforge.scenes.shapes.tableware:PLATE",
    "bottle": "pairforge.scenes.shapes.tableware:BOTTLE",
    "can": "pairforge.scenes.shapes.tableware:CAN",
    "book": "pairforge.scenes.shapes.tableware:BOOK",
    "apple": "pairforge.scenes.shapes.tableware:APPLE",
    "banana": "pairforge.scenes.shapes.tableware:BANANA",
    "glass": "pairforge.scenes.shapes.glassware:GLASS",
    "wine_glass": "pairforge.scenes.shapes.glassware:WINE_GLASS",
    "jar": "pairforge.scenes.shapes.glassware:JAR",
    "glass_bottle": "pairforge.scenes.shapes.glassware:GLASS_BOTTLE",
    "vase": "pairforge.scenes.shapes.glassware:VASE",
    "carafe": "pairforge.scenes.shapes.glassware:CARAFE",
    "pot": "pairforge.scenes.shapes.cookware:POT",
    "pan": "pairforge.scenes.shapes.cookware:PAN",
    "kettle": "pairforge.scenes.shapes.cookware:KETTLE",
    "teapot": "pairforge.scenes.shapes.cookware:TEAPOT",
    "toaster": "pairforge.scenes.shapes.cookware:TOASTER",
    "cutting_board": "pairforge.scenes.shapes.cookware:CUTTING_BOARD",
    "knife": "pairforge.scenes.shapes.cutlery:KNIFE",
    "fork": "pairforge.scenes.shapes.cutlery:FORK",
    "spoon": "pairforge.scenes.shapes.cutlery:SPOON",
    "pear": "pairforge.scenes.shapes.produce:PEAR",
    "orange": "pairforge.scenes.shapes.produce:ORANGE",
    "lemon": "pairforge.scenes.shapes.produce:LEMON",
    "carrot": "pairforge.scenes.shapes.produce:CARROT",
    "tomato": "pairforge.scenes.shapes.produce:TOMATO",
    "loaf": "pairforge.scenes.shapes.produce:LOAF",
    "cereal_box": "pairforge.scenes.shapes.groceries:CEREAL_BOX",
    "packet": "pairforge.scenes.shapes.groceries:PACKET",
    "milk_carton": "pairforge.scenes.shapes.groceries:MILK_CARTON",
    "tin": "pairforge.scenes.shapes.groceries:TIN",
    "cup": "pairforge.scenes.shapes.household:CUP",
    "basket": "pairforge.scenes.shapes.household:BASKET",
    "crate": "pairforge.scenes.shapes.household:CRATE",
    "potted_plant": "pairforge.scenes.shapes.household:POTTED_PLANT",
    "lamp": "pairforge.scenes.shapes.household:LAMP",
    "clock": "pairforge.scenes.shapes.household:CLOCK",
    "picture_frame": "pairforge.scenes.shapes.household:PICTURE_FRAME",
    "robot_arm": "pairforge.scenes.shapes.robot_arm:ROBOT_ARM",
    "plank": "pairforge.scenes.shapes.household:PLANK",
    "standing_book": "pairforge.scenes.shapes.books:STANDING_BOOK",
    "chair": "pairforge.scenes.shapes.furniture:CHAIR",
    "bookcase": "pairforge.scenes.shapes.furniture:BOOKCASE",
    "shelf_board": "pairforge.scenes.shapes.furniture:SHELF_BOARD",
    "worktop": "pairforge.scenes.shapes.kitchen:WORKTOP",
    "kitchen": "pairforge.scenes.shapes.kitchen:KITCHEN",
    "room": "pairforge.scenes.shapes.room:ROOM",
    "road": "pairforge.scenes.shapes.roads:ROAD",
    "road_network": "pairforge.scenes.shapes.road_network:ROAD_NETWORK",
    "logged_ground": "pairforge.scenes.shapes.logged_ground:LOGGED_GROUND",
    "horizon": "pairforge.scenes.shapes.horizon:HORIZON",
    "building": "pairforge.scenes.shapes.buildings:BUILDING",
    "tree": "pairforge.scenes.shapes.trees:TREE",
    "hedge": "pairforge.scenes.shapes.trees:HEDGE",
    "lamp_post": "pairforge.scenes.shapes.street_furniture:LAMP_POST",
    "bench": "pairforge.scenes.shapes.street_furniture:BENCH",
    "litter_bin": "pairforge.scenes.shapes.street_furniture:LITTER_BIN",
    "bollard": "pairforge.scenes.shapes.street_furniture:BOLLARD",
    "traffic_cone": "pairforge.scenes.shapes.street_furniture:TRAFFIC_CONE",
    "traffic_sign": "pairforge.scenes.shapes.signs:TRAFFIC_SIGN",
    "traffic_light": "pairforge.scenes.shapes.traffic_light:TRAFFIC_LIGHT",
    "street_name": "pairforge.scenes.shapes.signs:STREET_NAME",
    "machined_plate": "pairforge.scenes.inspection.plate:PLATE",
    "sheet_bracket": "pairforge.scenes.inspection.bracket:BRACKET",
    "spur_gear": "pairforge.scenes.inspection.gear:GEAR",
    "cast_housing": "pairforge.scenes.inspection.casting:CASTING",
    "bottle_closure": "pairforge.scenes.inspection.closure:CLOSURE",
    "circuit_board": "pairforge.scenes.inspection.board:BOARD",
    "inspection_sheet": "pairforge.scenes.inspection.light_box:SHEET",
    "inspection_lights": "pairforge.scenes.inspection.light_box:PANELS",
    "steel_rule": "pairforge.scenes.inspection.light_box:RULE",
    "bus_shelter": "pairforge.scenes.shapes.street_furniture:BUS_SHELTER",
}


FAMILIES = Registry("shape", _WHERE)


def family(name: str) -> ShapeFamily:
    """The family of that name, or of the asset "FOLDER:ID" of a collection; SpecError when there is none."""
    if ":" in name:
        from pairforge.scenes.shapes.imported import imported_family  # it imports this module

        return imported_family(name)
    found: ShapeFamily = FAMILIES.load(name)
    return found


def names() -> tuple[str, ...]:
    return FAMILIES.names()
