"""Skin, hair and cloth. Reflectivities are diffuse, at 905 nm, where dyed cloth is brighter than it looks."""

from __future__ import annotations

from pairforge.scenes.world import Material, Rgb

SKIN_TONES: dict[str, Rgb] = {
    "fair": (0.62, 0.36, 0.26),
    "light": (0.50, 0.27, 0.17),
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


def lips(tone: str) -> Material:
    r, g, b = SKIN_TONES[tone]
    return Material(f"lips_{tone}", (r * 0.72, g * 0.42, b * 0.42), "skin", 0.4, lidar_reflectivity=0.5)


def hair(tone: str) -> Material:
    return Material(f"hair_{tone}", HAIR_TONES[tone], "fabric", 0.55, lidar_reflectivity=0.35, scale_m=0.01)


def cloth(tone: str) -> Material:
    return Material(f"cloth_{tone}", CLOTH_TONES[tone], "fabric", 0.9, lidar_reflectivity=0.4, scale_m=0.02)


def leather(tone: str) -> Material:
    return Material(f"shoe_{tone}", CLOTH_TONES[tone], "plain", 0.45, lidar_reflectivity=0.3)


SHIRT = Material("cloth_shirt", (0.15, 0.155, 0.16), "fabric", 0.9, lidar_reflectivity=0.4, scale_m=0.02)
SOLE = Material("shoe_sole", (0.55, 0.54, 0.52), "rubber", 0.8, lidar_reflectivity=0.4)
DARK_SOLE = Material("shoe_dark_sole", (0.02, 0.02, 0.02), "rubber", 0.8, lidar_reflectivity=0.1)
EYE_WHITE = Material("eye_white", (0.72, 0.70, 0.68), "plain", 0.25, lidar_reflectivity=0.5)
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
