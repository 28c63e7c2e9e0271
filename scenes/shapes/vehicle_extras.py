"""What only some cars have: a pickup's load bed, a taxi's roof sign."""

from __future__ import annotations

from pairforge.scenes.shapes.lettering import text_width_m, write
from pairforge.scenes.shapes.meshing import both_sides, box, combine, mirrored, moved
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.shapes.vehicle_body import BodyPlan
from pairforge.scenes.shapes.vehicle_materials import TRIM
from pairforge.scenes.shapes.vehicle_shell import carve, prism
from pairforge.scenes.world import Material, Mesh

BED_DEPTH_M, WALL_M = 0.44, 0.075
SIGN_FACE = Material("taxi_sign", (0.85, 0.62, 0.05), "plain", 0.3, emission_w_m2=0.0, lidar_reflectivity=0.6)
SIGN_TEXT = Material("taxi_text", (0.01, 0.01, 0.01), "plain", 0.5, lidar_reflectivity=0.05)


def load_bed(skin: Mesh, plan: BodyPlan) -> Mesh:
    """The left half of a body with an open bed sunk into its deck behind the cabin."""
    rear, front = plan.rear_x + WALL_M + 0.03, plan.rear_base_x - 0.10
    side = plan.shoulder * plan.width / 2 - WALL_M
    low = plan.deck[0][1] - 0.25
    return carve(
        skin,
        prism("z", [(rear, -1.0), (front, -1.0), (front, side), (rear, side)], ("z>", low)),
        facing=(0.0, 0.0, 1.0),
        facing_min=0.3,
        material=TRIM,
        depth_m=BED_DEPTH_M,
        direction=(0.0, 0.0, -1.0),
        wall=TRIM,
    )


def wheel_boxes(plan: BodyPlan, radius_m: float) -> Mesh:
    """The housings of the rear wheels inside the bed."""
    floor = plan.deck[0][1] - BED_DEPTH_M
    top = 2 * radius_m + 0.07
    side = plan.shoulder * plan.width / 2 - WALL_M
    size = (2 * radius_m + 0.14, 0.22, max(top - floor, 0.05) + 0.02)
    return both_sides(box(size, TRIM, (0.0, side - 0.10, (floor + top) / 2), bevel_m=0.02))


def roof_sign(text: str, x: float, z: float, length_m: float = 0.42) -> Mesh:
    """A lit box across the roof with its text to the front and to the back."""
    tall = 0.13
    body = box((0.13, length_m, tall), SIGN_FACE, (x, 0.0, z + tall / 2), bevel_m=0.02)
    height = min(0.075, 0.075 * (length_m - 0.06) / max(text_width_m(text, 0.075), 1e-6))
    letters = Modeller()
    write(letters, text, (0.0, 0.0, 0.0), height, SIGN_TEXT, weight=0.2)
    front = letters.mesh()
    # Turned half round about z, so that it reads from behind too.
    back = mirrored(mirrored(front, "x"), "y")
    foot = box((0.10, 0.16, 0.03), TRIM, (x, 0.0, z))
    middle = z + tall / 2
    return combine(
        [foot, body, moved(front, (x + 0.067, 0.0, middle)), moved(back, (x - 0.067, 0.0, middle))]
    )
