"""What vehicles are made of besides their paint. Reflectivities are diffuse, at 905 nm.

Glass is opaque and dark: what a ray hits is what a camera sees.
"""

from __future__ import annotations

from pairforge.scenes.world import Material

PAINT = Material("vehicle_paint", (0.40, 0.425, 0.45), "paint", 0.35, 0.25, coat=1.0, lidar_reflectivity=0.45)
GLASS = Material("vehicle_glass", (0.012, 0.016, 0.020), "glass", 0.04, coat=0.6, lidar_reflectivity=0.05)
TRIM = Material("vehicle_trim", (0.014, 0.014, 0.015), "plain", 0.5, lidar_reflectivity=0.07)
GLOSS = Material(
    "vehicle_gloss_black", (0.006, 0.006, 0.007), "paint", 0.12, coat=0.8, lidar_reflectivity=0.05
)
SEAM = Material("vehicle_seam", (0.004, 0.004, 0.004), "plain", 0.9, lidar_reflectivity=0.03)
UNDERSIDE = Material("vehicle_underside", (0.012, 0.012, 0.012), "plain", 0.9, lidar_reflectivity=0.05)
CHROME = Material("vehicle_chrome", (0.62, 0.63, 0.65), "metal", 0.14, 1.0, lidar_reflectivity=0.6)
ALLOY = Material("vehicle_alloy", (0.34, 0.35, 0.36), "metal", 0.35, 0.85, coat=0.3, lidar_reflectivity=0.5)
DARK_ALLOY = Material("vehicle_dark_alloy", (0.03, 0.03, 0.033), "metal", 0.35, 0.6, lidar_reflectivity=0.15)
STEEL = Material("vehicle_steel", (0.16, 0.16, 0.165), "metal", 0.5, 0.9, lidar_reflectivity=0.35)
TYRE = Material("vehicle_tyre", (0.014, 0.014, 0.014), "rubber", 0.85, lidar_reflectivity=0.05)
HEADLIGHT = Material(
    "vehicle_headlight",
    (0.72, 0.75, 0.78),
    "plain",
    0.08,
    0.35,
    coat=1.0,
    lidar_reflectivity=0.55,
    lamp="head",
)
TAIL_LIGHT = Material(
    "vehicle_tail_light", (0.42, 0.006, 0.008), "plain", 0.12, coat=1.0, lidar_reflectivity=0.5, lamp="tail"
)
INDICATOR = Material(
    "vehicle_indicator", (0.75, 0.22, 0.008), "plain", 0.15, coat=1.0, lidar_reflectivity=0.5
)
REVERSE_LIGHT = Material(
    "vehicle_reverse_light", (0.7, 0.7, 0.7), "plain", 0.15, coat=1.0, lidar_reflectivity=0.5
)
# Sheeting as ISO 7591 asks of white plates.
PLATE = Material(
    "vehicle_plate", (0.78, 0.78, 0.74), "plain", 0.4, lidar_reflectivity=0.9, retro_cd_lx_m2=45.0
)
CARGO = Material("vehicle_cargo", (0.70, 0.70, 0.69), "paint", 0.5, coat=0.2, lidar_reflectivity=0.65)
