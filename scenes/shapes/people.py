"""The pedestrian family: a clothed man or woman whose limbs swing as the body walks.

Body frame: origin on the ground between the feet, x forward, y left, z up.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes import people_figure as figure
from pairforge.scenes.shapes.people_materials import HAIR_TONES, SHIRT, SKIN_TONES
from pairforge.scenes.world import Collider, Limb, Material, Shape, ShapePart
from pairforge.seeding import Stream

Params = dict[str, Any]

CLOTH_COLOURS: tuple[str, ...] = (
    "red", "blue", "white", "black", "grey", "green", "yellow", "orange", "navy", "brown", "beige",
)  # fmt: skip
_HAIR = {
    "man": ("short", "short", "short", "short", "bald", "cap"),
    "woman": ("long", "bob", "bun", "long", "bob", "short"),
}
_LEGS = {
    "man": ("trousers", "trousers", "trousers", "trousers", "shorts"),
    "woman": ("trousers", "trousers", "skirt", "dress"),
}
_TROUSERS = ("denim", "dark_denim", "black", "charcoal", "khaki", "denim", "olive")
_SKIRTS = ("black", "charcoal", "burgundy", "khaki", "dark_denim")
_SHOES = ("black", "brown", "white", "charcoal", "black")
_BEARDS = ("none", "none", "none", "stubble", "stubble", "full")
_HATS = ("none", "none", "none", "none", "none", "beanie")

# The stride makes the standing foot travel back as fast as the body travels on (least squares over the stance).
_STRIDE_PER_HEIGHT = 0.92
_SWING, _KNEE, _KNEE_LAG = 0.28, 0.28, 0.2 * np.pi


def pick(stream: Stream, name: str, choices: tuple[str, ...]) -> str:
    """One of the names, equally likely; repeat a name to weigh it."""
    return choices[int((stream / name).rng().integers(len(choices)))]


def draw_figure(stream: Stream) -> Params:
    """A person's build and clothes: what pedestrians and cyclists share."""
    sex = pick(stream, "figure", ("man", "woman"))
    mean, spread = (1.765, 0.07) if sex == "man" else (1.645, 0.06)
    height = float(
        np.clip((stream / "height").rng().normal(mean, spread), mean - 2.2 * spread, mean + 2.2 * spread)
    )
    legs = pick(stream, "legs", _LEGS[sex])
    return {
        "figure": sex,
        "height_m": round(height, 4),
        "girth": round(float((stream / "girth").rng().uniform(0.92, 1.13)), 4),
        "skin": pick(stream, "skin", tuple(SKIN_TONES)),
        "hair_colour": pick(stream, "hair_colour", tuple(HAIR_TONES)),
        "hair": pick(stream, "hair", _HAIR[sex]),
        "cap": pick(stream, "cap", ("charcoal", "dark_denim", "burgundy", "khaki")),
        "legs": legs,
        "trousers": pick(stream, "trousers", _SKIRTS if legs == "skirt" else _TROUSERS),
        "shoes": pick(stream, "shoes", _SHOES),
        "sole": pick(stream, "sole", ("light", "dark")),
        "top": pick(stream, "top", ("shirt", "jacket", "jacket")),
        "sleeves": "long",
        "bag": "none",
        "bag_colour": pick(stream, "bag_colour", ("black", "dark_denim", "olive", "burgundy", "grey")),
        **_draw_details(stream, sex),
    }


def _draw_details(stream: Stream, sex: str) -> Params:
    """What one sees of a person from near: all of it may be left out of params, as in those drawn before it was."""
    return {
        "belly": round(float((stream / "belly").rng().beta(1.3, 2.6)), 4),
        "hair_volume": round(float((stream / "hair_volume").rng().uniform(0.75, 1.25)), 4),
        "fringe": pick(stream, "fringe", ("yes", "no", "no")) == "yes",
        "tied": pick(stream, "tied", ("bun", "ponytail")),
        "beard": pick(stream, "beard", _BEARDS) if sex == "man" else "none",
        "neck": pick(stream, "neck", ("crew", "collar", "hood")),
        "fastened": pick(stream, "fastened", ("zip", "zip", "open")),
        "under": pick(stream, "under", ("white", "grey", "charcoal", "dark_denim")),
    }


def draw(stream: Stream) -> Params:
    """A pedestrian."""
    p = draw_figure(stream)
    if p["top"] == "shirt":
        p["sleeves"] = pick(stream, "sleeves", ("short", "long"))
    p["bag"] = pick(stream, "bag", ("none", "none", "backpack"))
    p["slung"] = pick(stream, "slung", ("yes", "no", "no")) == "yes"
    p["hat"] = "none" if p["hair"] in ("cap", "bun") else pick(stream, "hat", _HATS)
    p["mass_kg"] = 75.0
    return p


def build(p: Params, paint: Material | None) -> Shape:
    """A standing person; ``paint`` is the shirt, jacket or dress."""
    parts = body_parts(p, paint or SHIRT)
    points = np.concatenate([q.body_from_part.points(q.mesh.vertices) for q in parts])
    low, high = points.min(axis=0), points.max(axis=0)
    radius = 0.13 * p["height_m"]
    return Shape(
        parts=tuple(parts),
        size_m=triple(high - low),
        centre_m=triple((high + low) / 2),
        mass_kg=float(p["mass_kg"]),
        colliders=(
            Collider("capsule", Pose.of((0, 0, p["height_m"] / 2)), (radius, p["height_m"] - 2 * radius)),
        ),
        limbs=gait(),
        stride_m=round(_STRIDE_PER_HEIGHT * p["height_m"], 4),
        friction=0.8,
        keypoints=figure.keypoints(p),
    )


def body_parts(p: Params, paint: Material) -> list[ShapePart]:
    """Torso and both sides' limbs at rest."""
    made, at = figure.pieces(p, paint), figure.joints(p)
    parts = [ShapePart("torso", made["torso"], Pose.of((0.0, 0.0, figure.HIP_Z * p["height_m"])))]
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for limb in ("thigh", "shin", "foot", "upper_arm", "forearm"):
            mesh = made[limb] if sign > 0 else figure.right_of(made[limb])
            x, y, z = at[limb]
            parts.append(ShapePart(f"{limb}_{side}", mesh, Pose.of((x, sign * y, z))))
    return parts


def gait() -> tuple[Limb, ...]:
    """Walking: legs in antiphase, arms against the legs, knees bending in the swing, elbows as arms come forward.

    Positive angles swing a hanging limb backwards, so a foot stands while its thigh's angle grows.
    """
    limbs = []
    # What thigh and knee turn together, the ankle gives back for the most part, so that soles stay nearly level.
    leg = _SWING + _KNEE * np.exp(-1j * _KNEE_LAG)
    level, lag = round(0.8 * float(np.abs(leg)), 5), float(np.angle(-leg))
    for side, lead in (("left", 0.0), ("right", np.pi)):
        thigh, arm = f"thigh_{side}", f"upper_arm_{side}"
        limbs += [
            Limb(thigh, _SWING, lead),
            Limb(f"shin_{side}", _KNEE, lead - _KNEE_LAG, bias=_KNEE, parent=thigh),
            Limb(f"foot_{side}", level, lead + lag, bias=-_KNEE, parent=f"shin_{side}"),
            Limb(arm, 0.34, lead + np.pi, bias=0.03),
            Limb(f"forearm_{side}", 0.16, lead + np.pi, bias=-0.26, parent=arm),
        ]
    return tuple(limbs)


def triple(v: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float, float]:
    """Three plain floats."""
    return float(v[0]), float(v[1]), float(v[2])


PEDESTRIAN_FAMILY = ShapeFamily(
    "pedestrian",
    "pedestrian",
    "pedestrian",
    draw,
    build,
    has_front=True,
    size_key="height_m",
    colours=CLOTH_COLOURS,
    materials=("fabric",),
)
