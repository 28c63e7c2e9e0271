"""What things are made of, as far as mechanics goes: density, friction, restitution."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.scenes.world import Material


@dataclass(frozen=True)
class Substance:
    """Bulk density in kg/m^3 and surface coefficients.

    Bullet multiplies the coefficients of the two bodies that touch; ground-like surfaces (tables, floors) carry
    values near 1 so that the smaller thing's own coefficient decides.
    """

    density_kg_m3: float
    friction: float
    restitution: float


SUBSTANCES: dict[str, Substance] = {
    "rubber": Substance(1100.0, 0.95, 0.60),
    "plastic": Substance(1050.0, 0.45, 0.45),
    "wood": Substance(650.0, 0.55, 0.40),
    "metal": Substance(2700.0, 0.40, 0.30),
    "ceramic": Substance(2300.0, 0.50, 0.25),
    "glass": Substance(2500.0, 0.40, 0.30),
    "paper": Substance(750.0, 0.60, 0.10),
    "fruit": Substance(850.0, 0.60, 0.25),
}
"""Textbook densities (metal: aluminium) and dry-contact coefficients, rounded."""


def substance(paint: Material | None, default: str) -> Substance:
    """The substance a paint speaks of, by a word of its name or else its pattern; ``default`` when neither does."""
    if paint is not None:
        for word in (*paint.name.replace("_", " ").replace("-", " ").split(), paint.pattern):
            if word in SUBSTANCES:
                return SUBSTANCES[word]
    return SUBSTANCES[default]


TABLETOP = Substance(650.0, 0.9, 0.9)
"""What things land on: Bullet multiplies coefficients, so near 1 lets the smaller thing's own decide."""
