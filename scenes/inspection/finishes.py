"""What inspected parts are made of. Names are draws; the patterns are those of the renderers' finishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.materials import reflectivity
from pairforge.scenes.world import Material, Rgb


def metal(
    name: str, rgb: Rgb, pattern: str, roughness: float, lidar: float = 0.5, scale_m: float = 1.0
) -> Material:
    return Material(name, rgb, pattern, roughness, metallic=1.0, lidar_reflectivity=lidar, scale_m=scale_m)


def coated(name: str, rgb: Rgb, pattern: str, roughness: float, coat: float = 0.0) -> Material:
    return Material(name, rgb, pattern, roughness, coat=coat, lidar_reflectivity=reflectivity(rgb))


ALUMINIUM: Rgb = (0.78, 0.79, 0.80)
STEEL_RGB: Rgb = (0.56, 0.565, 0.57)
STAINLESS_RGB: Rgb = (0.62, 0.605, 0.585)
ZINC_RGB: Rgb = (0.60, 0.63, 0.66)
IRON_RGB: Rgb = (0.17, 0.17, 0.175)

BRIGHT = metal("fresh_metal", (0.86, 0.86, 0.86), "plain", 0.22)
BRIGHT_STEEL = metal("fresh_steel", (0.70, 0.70, 0.71), "plain", 0.25)
FRACTURE = metal("fracture", (0.36, 0.36, 0.365), "cast", 0.55, 0.35, scale_m=0.4)
CRACK = Material("crack", (0.012, 0.011, 0.010), "plain", 0.9, lidar_reflectivity=0.05)
INK_BLACK = Material("ink_black", (0.018, 0.018, 0.02), "plain", 0.45, lidar_reflectivity=0.08)
INK_WHITE = Material("ink_white", (0.80, 0.80, 0.78), "plain", 0.55, lidar_reflectivity=0.75)
OIL = Material("oil", (0.055, 0.036, 0.016), "plain", 0.12, coat=0.6, lidar_reflectivity=0.1)
RUST = Material("rust", (0.20, 0.062, 0.018), "cast", 0.9, lidar_reflectivity=0.3, scale_m=0.6)
FLUX = Material("flux", (0.20, 0.13, 0.035), "plain", 0.18, coat=0.8, lidar_reflectivity=0.25)


@dataclass(frozen=True)
class Stock:
    """A finish that a part is drawn in. ``face`` of its main faces, ``side`` of its other surfaces, ``cut`` where a
    drill or mill has been, ``bare`` what a scratch lays open, ``stain`` what soils it, ``ink`` it is printed with."""

    face: Material
    side: Material
    cut: Material
    bare: Material
    stain: Material
    ink: Material


def _anodised(name: str, rgb: Rgb) -> Stock:
    face = Material(name, rgb, "blasted", 0.42, metallic=0.65, lidar_reflectivity=reflectivity(rgb))
    return Stock(face, face, face, BRIGHT, OIL, INK_WHITE)


def _coat(name: str, rgb: Rgb) -> Stock:
    face = coated(name, rgb, "powder", 0.5)
    return Stock(face, face, face, BRIGHT_STEEL, RUST, INK_WHITE if sum(rgb) < 1.2 else INK_BLACK)


def _metal_stock(
    name: str, rgb: Rgb, pattern: str, roughness: float, stain: Material, bare: Material
) -> Stock:
    face = metal(f"{name}_face", rgb, pattern, roughness)
    side = metal(f"{name}_side", rgb, "blasted", roughness + 0.06)
    cut = metal(f"{name}_cut", rgb, "plain", 0.26)
    return Stock(face, side, cut, bare, stain, INK_BLACK)


def _plastic(name: str, rgb: Rgb) -> Stock:
    face = coated(name, rgb, "moulded", 0.42)
    pale = coated(
        f"{name}_scuffed",
        (min(1.0, rgb[0] * 1.3 + 0.08), min(1.0, rgb[1] * 1.3 + 0.08), min(1.0, rgb[2] * 1.3 + 0.08)),
        "plain",
        0.8,
    )
    return Stock(face, face, face, pale, OIL, INK_WHITE if sum(rgb) < 1.2 else INK_BLACK)


_IRON_CUT = metal("iron_cut", (0.47, 0.47, 0.475), "milled", 0.3)
_CAST_IRON = metal("cast_iron", IRON_RGB, "cast", 0.62, 0.3)
_CAST_ALUMINIUM = metal("cast_aluminium", (0.50, 0.505, 0.51), "cast", 0.5, 0.45)
_ALU_CUT = metal("aluminium_cut", ALUMINIUM, "milled", 0.25)
_MASK_PAINT = coated("engine_paint", (0.045, 0.13, 0.10), "cast", 0.45, 0.2)

STOCKS: Mapping[str, Stock] = {
    "brushed aluminium": _metal_stock("brushed_aluminium", ALUMINIUM, "brushed", 0.30, OIL, BRIGHT),
    "milled aluminium": _metal_stock("milled_aluminium", ALUMINIUM, "milled", 0.26, OIL, BRIGHT),
    "ground steel": _metal_stock("ground_steel", STEEL_RGB, "brushed", 0.24, RUST, BRIGHT_STEEL),
    "stainless steel": _metal_stock("stainless_steel", STAINLESS_RGB, "brushed", 0.27, OIL, BRIGHT_STEEL),
    "turned steel": _metal_stock("turned_steel", STEEL_RGB, "turned", 0.24, RUST, BRIGHT_STEEL),
    "zinc-plated steel": _metal_stock("zinc_plated", ZINC_RGB, "blasted", 0.32, RUST, BRIGHT_STEEL),
    "black anodised": _anodised("anodised_black", (0.016, 0.016, 0.018)),
    "blue anodised": _anodised("anodised_blue", (0.012, 0.06, 0.30)),
    "red anodised": _anodised("anodised_red", (0.36, 0.014, 0.02)),
    "black oxide steel": Stock(
        metal("black_oxide", (0.06, 0.06, 0.063), "turned", 0.36, 0.15),
        metal("black_oxide_side", (0.055, 0.055, 0.058), "plain", 0.4, 0.15),
        metal("black_oxide_cut", (0.09, 0.09, 0.092), "plain", 0.3, 0.15),
        BRIGHT_STEEL,
        RUST,
        INK_WHITE,
    ),
    "grey powder coat": _coat("powder_grey", (0.20, 0.205, 0.21)),
    "yellow powder coat": _coat("powder_yellow", (0.62, 0.36, 0.012)),
    "blue powder coat": _coat("powder_blue", (0.012, 0.07, 0.26)),
    "cast iron": Stock(_CAST_IRON, _CAST_IRON, _IRON_CUT, BRIGHT_STEEL, RUST, INK_WHITE),
    "cast aluminium": Stock(_CAST_ALUMINIUM, _CAST_ALUMINIUM, _ALU_CUT, BRIGHT, OIL, INK_BLACK),
    "painted iron": Stock(_MASK_PAINT, _MASK_PAINT, _IRON_CUT, BRIGHT_STEEL, RUST, INK_WHITE),
    "white plastic": _plastic("plastic_white", (0.74, 0.74, 0.72)),
    "black plastic": _plastic("plastic_black", (0.02, 0.02, 0.022)),
    "red plastic": _plastic("plastic_red", (0.46, 0.02, 0.018)),
    "blue plastic": _plastic("plastic_blue", (0.014, 0.10, 0.42)),
}
"""Finish name -> what it looks like."""


def stock(name: str) -> Stock:
    """The finish of that name; SpecError with a suggestion when there is none."""
    try:
        return STOCKS[name]
    except KeyError:
        raise SpecError(f'unknown finish "{name}". {did_you_mean(name, STOCKS)}') from None
