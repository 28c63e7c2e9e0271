"""Skin, hair and cloth. Reflectivities are diffuse, at 905 nm, where dyed cloth is brighter than it looks."""

from __future__ import annotations

from pairforge.scenes.world import Material, Rgb

SKIN_TONES: dict[str, Rgb] = {
    "fair": (0.54, 0.315, 0.225),
    "light": (0.45, 0.245, 0.155),
    "olive": (0.36, 0.19, 0.11),
    "brown": (0.20, 0.092, 0.048),
    "dark": (0.075, 0.034, 0.019),
}
HAIR_TONES: dict[str, Rgb] = {
    "black": (0.008, 0.007, 0.006),
    "dark_brown": (0.026, 0.014, 0.008),
    "brown": (0.075, 0.035, 0.015),
    "blond": (0.36, 0.22, 0.085),
    "grey": (0.26, 0.25, 0.24),
    "red": (0.16, 0.04, 0.012),
}
CLOTH_TONES: dict[str, Rgb] = {
    "denim": (0.035, 0.065, 0.14),
    "dark_denim": (0.012, 0.02, 0.045),
    "black": (0.01, 0.01, 0.011),
    "charcoal": (0.035, 0.036, 0.04),
    "khaki": (0.26, 0.19, 0.10),
    "grey": (0.15, 0.155, 0.16),
    "olive": (0.06, 0.07, 0.03),
    "burgundy": (0.10, 0.012, 0.02),
    "white": (0.66, 0.66, 0.64),
    "brown": (0.085, 0.04, 0.018),
}


def skin(tone: str) -> Material:
    return Material(f"skin_{tone}", SKIN_TONES[tone], "skin", 0.5, lidar_reflectivity=0.55)


def lips(tone: str, figure: str = "woman") -> Material:
    """Redder and darker than the skin; a man's less so."""
    r, g, b = SKIN_TONES[tone]
    deep = (0.74, 0.46, 0.46) if figure == "woman" else (0.80, 0.60, 0.58)
    name = f"lips_{tone}" if figure == "woman" else f"lips_{tone}_{figure}"
    colour = (r * deep[0], g * deep[1], b * deep[2])
    return Material(name, colour, "skin", 0.4, lidar_reflectivity=0.5)


def hair(tone: str) -> Material:
    return Material(f"hair_{tone}", HAIR_TONES[tone], "hair", 0.42, lidar_reflectivity=0.35)


def stubble(skin_tone: str, hair_tone: str) -> Material:
    """Skin through which a beard shows."""
    r, g, b = (0.62 * s + 0.38 * h for s, h in zip(SKIN_TONES[skin_tone], HAIR_TONES[hair_tone], strict=True))
    return Material(f"skin_{skin_tone}_stubble_{hair_tone}", (r, g, b), "skin", 0.65, lidar_reflectivity=0.5)


def cloth(tone: str) -> Material:
    return Material(f"cloth_{tone}", CLOTH_TONES[tone], "fabric", 0.9, lidar_reflectivity=0.4, scale_m=0.02)


def leather(tone: str) -> Material:
    return Material(f"shoe_{tone}", CLOTH_TONES[tone], "plain", 0.45, lidar_reflectivity=0.3)


SHIRT = Material("cloth_shirt", (0.15, 0.155, 0.16), "fabric", 0.9, lidar_reflectivity=0.4, scale_m=0.02)
SOLE = Material("shoe_sole", (0.55, 0.54, 0.52), "rubber", 0.8, lidar_reflectivity=0.4)
DARK_SOLE = Material("shoe_dark_sole", (0.02, 0.02, 0.02), "rubber", 0.8, lidar_reflectivity=0.1)
EYE_WHITE = Material("eye_white", (0.36, 0.33, 0.31), "plain", 0.25, lidar_reflectivity=0.5)
EYE_DARK = Material("eye_dark", (0.012, 0.009, 0.007), "plain", 0.15, lidar_reflectivity=0.1)
_BIKE: dict[str, Rgb] = {
    "black": (0.012, 0.012, 0.013),
    "white": (0.75, 0.75, 0.73),
    "red": (0.42, 0.012, 0.012),
    "blue": (0.015, 0.09, 0.42),
    "green": (0.02, 0.15, 0.05),
    "silver": (0.42, 0.43, 0.45),
}


def bike_paint(tone: str) -> Material:
    """Painted metal or a helmet's shell."""
    r, g, b = _BIKE[tone]
    return Material(
        f"bicycle_{tone}", (r, g, b), "paint", 0.3, coat=0.8, lidar_reflectivity=round(0.06 + 0.7 * r, 3)
    )
