"""What surfaces are made of: one material for Cycles, the preview renderer and LiDAR alike.

LiDAR reflectivities are diffuse reflectances at 905 nm, of the order that spectral libraries report: asphalt 0.1 to
0.2, concrete 0.35, road paint 0.7, glass a few percent, leaves 0.5 (they are bright in the near infrared).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.colours import colour_rgb
from pairforge.scenes.world import Material, Rgb


@dataclass(frozen=True)
class _Kind:
    """How a kind of material looks, apart from its colour. ``lidar``: reflectivity of black and of white."""

    pattern: str
    roughness: float
    metallic: float = 0.0
    transmission: float = 0.0
    ior: float = 1.45
    coat: float = 0.0
    lidar: tuple[float, float] = (0.05, 0.8)
    scale_m: float = 1.0


KINDS: Mapping[str, _Kind] = {
    "car_paint": _Kind("paint", 0.35, metallic=0.25, coat=1.0, lidar=(0.04, 0.75)),
    "plastic": _Kind("plain", 0.38, lidar=(0.06, 0.8)),
    "metal": _Kind("metal", 0.28, metallic=1.0, lidar=(0.25, 0.7)),
    "rubber": _Kind("rubber", 0.85, lidar=(0.04, 0.5)),
    "wood": _Kind("wood", 0.55, lidar=(0.25, 0.7), scale_m=0.3),
    "glass": _Kind("glass", 0.02, transmission=1.0, lidar=(0.03, 0.06)),
    "ceramic": _Kind("plain", 0.18, coat=0.8, lidar=(0.08, 0.85)),
    "fabric": _Kind("fabric", 0.95, lidar=(0.12, 0.8), scale_m=0.02),
    "leather": _Kind("fabric", 0.55, lidar=(0.1, 0.6), scale_m=0.05),
    "stone": _Kind("concrete", 0.85, lidar=(0.15, 0.6), scale_m=0.5),
    "concrete": _Kind("concrete", 0.9, lidar=(0.15, 0.5)),
    "brick": _Kind("brick", 0.9, lidar=(0.15, 0.6)),
    "plaster": _Kind("plaster", 0.92, lidar=(0.12, 0.75)),
    "paper": _Kind("plain", 0.9, lidar=(0.1, 0.85)),
}
"""Material kinds that props and shapes may name."""


def reflectivity(colour: Rgb, darkest: float = 0.05, brightest: float = 0.8) -> float:
    """Diffuse reflectance at 905 nm guessed from the colour; red tells more of the near infrared than blue does."""
    grey = 0.55 * colour[0] + 0.3 * colour[1] + 0.15 * colour[2]
    share = float(min(1.0, grey / 0.8) ** 0.6)
    return round(darkest + (brightest - darkest) * share, 4)


def material_of(kind: str, rgb: Rgb, name: str = "") -> Material:
    """A material of a kind in any linear RGB colour; SpecError with a suggestion for an unknown kind."""
    try:
        look = KINDS[kind]
    except KeyError:
        raise SpecError(f'unknown material "{kind}". {did_you_mean(kind, KINDS)}') from None
    return Material(
        name=name or f"{kind}_{rgb[0]:.3f}_{rgb[1]:.3f}_{rgb[2]:.3f}",
        colour=rgb,
        pattern=look.pattern,
        roughness=look.roughness,
        metallic=look.metallic,
        transmission=look.transmission,
        ior=look.ior,
        coat=look.coat,
        lidar_reflectivity=reflectivity(rgb, *look.lidar),
        scale_m=look.scale_m,
    )


def material(kind: str, colour: str) -> Material:
    """A material by names, ``material("car_paint", "red")``; SpecError with a suggestion for unknown names."""
    return material_of(kind, colour_rgb(colour), f"{kind}_{colour}")


def brighter(base: Material, factor: float, name: str) -> Material:
    """``base`` with its colour scaled and clipped to 0..1; no sheeting any more."""
    rgb = (
        min(1.0, base.colour[0] * factor),
        min(1.0, base.colour[1] * factor),
        min(1.0, base.colour[2] * factor),
    )
    return replace(base, name=name, colour=rgb, retro_cd_lx_m2=0.0)


# Ground
ASPHALT = Material("asphalt", (0.082, 0.081, 0.080), "asphalt", roughness=0.9, lidar_reflectivity=0.14)
ASPHALT_PATCH = Material(
    "asphalt_patch", (0.045, 0.045, 0.047), "asphalt", roughness=0.85, lidar_reflectivity=0.1
)
MANHOLE = Material("manhole", (0.05, 0.046, 0.042), "plain", roughness=0.6, lidar_reflectivity=0.2)
PAINT_WHITE = Material("paint_white", (0.68, 0.68, 0.65), "plain", roughness=0.7, lidar_reflectivity=0.72)
PAVING = Material("paving", (0.29, 0.275, 0.255), "concrete", roughness=0.9, lidar_reflectivity=0.33)
PAVING_JOINT = Material(
    "paving_joint", (0.11, 0.105, 0.1), "concrete", roughness=0.95, lidar_reflectivity=0.2
)
KERB = Material("kerb", (0.36, 0.355, 0.345), "concrete", roughness=0.85, lidar_reflectivity=0.38)
CONCRETE = Material("concrete", (0.32, 0.315, 0.30), "concrete", roughness=0.9, lidar_reflectivity=0.36)
GRASS = Material("grass", (0.070, 0.108, 0.028), "grass", roughness=0.95, lidar_reflectivity=0.45)
SOIL = Material("soil", (0.075, 0.048, 0.030), "concrete", roughness=1.0, lidar_reflectivity=0.25)
FIELD = replace(GRASS, name="field", colour=(0.066, 0.105, 0.028))
HILL = Material("hill", (0.058, 0.090, 0.036), "grass", roughness=1.0, lidar_reflectivity=0.4, scale_m=8.0)
FOREST = replace(HILL, name="forest", colour=(0.028, 0.046, 0.022))
"""Open country: fields in many tones, hills that fields climb, and the woods on them."""

# Buildings
BRICK = Material("brick", (0.27, 0.095, 0.055), "brick", roughness=0.9, lidar_reflectivity=0.4)
PLASTER = Material("plaster", (0.62, 0.55, 0.43), "plaster", roughness=0.92, lidar_reflectivity=0.55)
STONE = Material("stone", (0.46, 0.43, 0.37), "concrete", roughness=0.85, lidar_reflectivity=0.45)
ROOF_TILE = Material("roof_tile", (0.22, 0.065, 0.035), "brick", roughness=0.85, lidar_reflectivity=0.35)
SLATE = Material("slate", (0.065, 0.07, 0.08), "concrete", roughness=0.7, lidar_reflectivity=0.15)
ROOF_FELT = Material("roof_felt", (0.085, 0.085, 0.085), "asphalt", roughness=0.95, lidar_reflectivity=0.12)
WINDOW_FRAME = Material("window_frame", (0.66, 0.66, 0.64), "plain", roughness=0.5, lidar_reflectivity=0.6)
WINDOW_FRAME_DARK = Material(
    "window_frame_dark", (0.03, 0.03, 0.033), "plain", roughness=0.5, lidar_reflectivity=0.1
)
WINDOW_GLASS = Material(
    "window_glass", (0.035, 0.045, 0.055), "plain", roughness=0.04, lidar_reflectivity=0.05, lamp="window"
)
"""Windows of buildings are opaque mirrors of the street: a dark pane with a clear reflection, nothing behind."""
SHOP_GLASS = Material(
    "shop_glass", (0.055, 0.055, 0.055), "plain", roughness=0.03, lidar_reflectivity=0.05, lamp="shop"
)
CURTAIN = Material(
    "curtain", (0.50, 0.47, 0.41), "plain", roughness=0.06, lidar_reflectivity=0.1, lamp="window"
)

# Plants
BARK = Material("bark", (0.095, 0.066, 0.044), "bark", roughness=0.95, lidar_reflectivity=0.3)
BARK_PALE = Material("bark_pale", (0.34, 0.32, 0.28), "bark", roughness=0.9, lidar_reflectivity=0.45)
LEAVES = Material("leaves", (0.115, 0.205, 0.036), "leaves", roughness=0.6, lidar_reflectivity=0.5)
LEAVES_DARK = Material("leaves_dark", (0.078, 0.155, 0.033), "leaves", roughness=0.6, lidar_reflectivity=0.48)
LEAVES_LIGHT = Material(
    "leaves_light", (0.175, 0.275, 0.048), "leaves", roughness=0.6, lidar_reflectivity=0.52
)
LEAVES_AUTUMN = Material(
    "leaves_autumn", (0.420, 0.220, 0.030), "leaves", roughness=0.6, lidar_reflectivity=0.5
)
LEAVES_RUST = Material("leaves_rust", (0.350, 0.110, 0.024), "leaves", roughness=0.6, lidar_reflectivity=0.48)

# Street furniture
STEEL = Material("steel", (0.45, 0.46, 0.47), "metal", roughness=0.4, metallic=1.0, lidar_reflectivity=0.5)
GALVANISED = Material(
    "galvanised", (0.30, 0.31, 0.32), "metal", roughness=0.5, metallic=0.7, lidar_reflectivity=0.45
)
IRON_BLACK = Material("iron_black", (0.018, 0.02, 0.02), "plain", roughness=0.45, lidar_reflectivity=0.08)
IRON_GREEN = Material("iron_green", (0.012, 0.05, 0.03), "plain", roughness=0.45, lidar_reflectivity=0.12)
LAMP_GLASS = Material(
    "lamp_glass", (0.75, 0.74, 0.70), "plain", roughness=0.2, lidar_reflectivity=0.3, lamp="street"
)
CLEAR_GLASS = Material(
    "clear_glass", (0.85, 0.9, 0.88), "glass", roughness=0.02, transmission=1.0, lidar_reflectivity=0.05
)
BENCH_WOOD = Material(
    "bench_wood", (0.23, 0.105, 0.045), "wood", roughness=0.6, scale_m=0.3, lidar_reflectivity=0.45
)
RUBBER = Material("rubber", (0.012, 0.012, 0.012), "rubber", roughness=0.85, lidar_reflectivity=0.05)
CONE_ORANGE = Material("cone_orange", (0.80, 0.13, 0.008), "plain", roughness=0.5, lidar_reflectivity=0.6)
# Retroreflective sheeting of class RA2 (EN 12899-1, at 0.2 and 5 degrees) sends the laser back: brighter than any
# diffuse white. A LiDAR without ``surfaces`` knows it by its reflectivity alone.
SIGN_RED = Material(
    "sign_red", (0.50, 0.008, 0.012), "plain", roughness=0.35, lidar_reflectivity=0.9, retro_cd_lx_m2=45.0
)
SIGN_WHITE = Material(
    "sign_white", (0.80, 0.80, 0.79), "plain", roughness=0.35, lidar_reflectivity=0.95, retro_cd_lx_m2=250.0
)
SIGN_BLUE = Material(
    "sign_blue", (0.010, 0.075, 0.36), "plain", roughness=0.35, lidar_reflectivity=0.85, retro_cd_lx_m2=20.0
)
SIGN_YELLOW = Material(
    "sign_yellow", (0.85, 0.52, 0.01), "plain", roughness=0.35, lidar_reflectivity=0.92, retro_cd_lx_m2=170.0
)
LETTERING = replace(SIGN_WHITE, name="lettering", retro_cd_lx_m2=0.0)
SIGN_BLACK = Material("sign_black", (0.012, 0.012, 0.012), "plain", roughness=0.4, lidar_reflectivity=0.1)
