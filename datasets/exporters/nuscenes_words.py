"""nuScenes' words and numbers: its categories, attributes and visibility levels, and which of ours are which.

After H. Caesar et al., nuScenes (CVPR 2020), its annotator instructions, and W. K. Fong et al., Panoptic nuScenes
(RA-L 2022). What stands in no table here has no category: it gets no box, and its points are ``static.other``.
"""

from __future__ import annotations

from pairforge.sample import InstanceRow

CATEGORIES = (
    "noise", "animal", "human.pedestrian.adult", "human.pedestrian.child", "human.pedestrian.construction_worker",
    "human.pedestrian.personal_mobility", "human.pedestrian.police_officer", "human.pedestrian.stroller",
    "human.pedestrian.wheelchair", "movable_object.barrier", "movable_object.debris",
    "movable_object.pushable_pullable", "movable_object.trafficcone", "static_object.bicycle_rack",
    "vehicle.bicycle", "vehicle.bus.bendy", "vehicle.bus.rigid", "vehicle.car", "vehicle.construction",
    "vehicle.emergency.ambulance", "vehicle.emergency.police", "vehicle.motorcycle", "vehicle.trailer",
    "vehicle.truck", "flat.driveable_surface", "flat.other", "flat.sidewalk", "flat.terrain", "static.manmade",
    "static.other", "static.vegetation", "vehicle.ego",
)  # fmt: skip
"""By index: the 32 of nuScenes-lidarseg."""
INDEX = {name: index for index, name in enumerate(CATEGORIES)}

ATTRIBUTES = (
    "vehicle.moving", "vehicle.stopped", "vehicle.parked", "cycle.with_rider", "cycle.without_rider",
    "pedestrian.moving", "pedestrian.standing", "pedestrian.sitting_lying_down",
)  # fmt: skip
VISIBILITY = {"1": "v0-40", "2": "v40-60", "3": "v60-80", "4": "v80-100"}

OF_FAMILY = {
    "traffic_cone": "movable_object.trafficcone",
}
"""Boxes by shape family, where the class is not enough."""
OF_CLASS = {
    "car": "vehicle.car",
    "van": "vehicle.car",
    "truck": "vehicle.truck",
    "bus": "vehicle.bus.rigid",
    "bicycle": "vehicle.bicycle",
    "cyclist": "vehicle.bicycle",
    "pedestrian": "human.pedestrian.adult",
    "animal": "animal",
    "object": "movable_object.debris",
}
"""Boxes by class. nuScenes calls vans cars, and counts the rider to the bicycle."""
CHILD_M = 1.4
"""A person less tall is a child."""
OF_POINTS = {
    "road": "flat.driveable_surface",
    "lane_marking": "flat.driveable_surface",
    "kerb": "flat.sidewalk",
    "pavement": "flat.sidewalk",
    "terrain": "flat.terrain",
    "floor": "flat.other",
    "building": "static.manmade",
    "pole": "static.manmade",
    "traffic_sign": "static.manmade",
    "traffic_light": "static.manmade",
    "street_furniture": "static.manmade",
    "wall": "static.manmade",
    "vegetation": "static.vegetation",
}
"""Points by the class of their part, where their instance has no box of a category."""
MOVING_MPS = 0.2


def category(row: InstanceRow) -> str | None:
    """The category that an instance's boxes are of; None: it has none."""
    found = OF_FAMILY.get(row.family, OF_CLASS.get(row.semantic))
    if found == "human.pedestrian.adult" and row.size_m[2] < CHILD_M:
        return "human.pedestrian.child"
    return found


def attribute(row: InstanceRow, speed_mps: float) -> str | None:
    """What an instance does; None of what has no attribute in nuScenes."""
    name = category(row) or ""
    if row.semantic in ("cyclist", "bicycle"):
        return "cycle.with_rider" if row.semantic == "cyclist" else "cycle.without_rider"
    if name.startswith("human.pedestrian."):
        return "pedestrian.moving" if speed_mps > MOVING_MPS else "pedestrian.standing"
    if not name.startswith("vehicle."):
        return None
    if row.behaviour == "park":
        return "vehicle.parked"
    return "vehicle.moving" if speed_mps > MOVING_MPS else "vehicle.stopped"


def visibility(visible_px: int, solo_px: int) -> str:
    """The level of the share of its pixels that one sees, over all cameras; the lowest of what none looks at.

    >>> visibility(39, 100), visibility(59, 100), visibility(60, 100), visibility(100, 100), visibility(0, 0)
    ('1', '2', '3', '4', '1')
    """
    share = visible_px / solo_px if solo_px else 0.0
    return str(1 + (share >= 0.4) + (share >= 0.6) + (share >= 0.8))
