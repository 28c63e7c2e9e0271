"""What each quality sets in Cycles; the figures behind the choice stand in docs/decisions/0002-render-presets.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pairforge.renderers.protocol import Quality

Settings = Mapping[str, Any]
"""Values by the names that Cycles gives its settings (``scene.cycles``)."""


@dataclass(frozen=True)
class Preset:
    """How a picture is rendered.

    ``soft_samples`` is for pictures with motion blur or depth of field, where few samples a pixel would show as
    streaks. ``cycles`` is set always, ``lamps`` too where the world has lamps that are lit, ``glass`` where it has
    clear glass; what none of them names stays as Blender's factory has it. ``keeps`` holds Blender's data from one
    frame to the next.
    """

    samples: int
    soft_samples: int
    cycles: Settings = field(default_factory=dict)
    lamps: Settings = field(default_factory=dict)
    glass: Settings = field(default_factory=dict)
    keeps: bool = True

    def settings(self, lamps: bool, glass: bool) -> dict[str, Any]:
        """All that is set in a world with or without them.

        >>> PRESETS["standard"].settings(lamps=True, glass=False)["use_light_tree"]
        True
        """
        return {**self.cycles, **(self.lamps if lamps else {}), **(self.glass if glass else {})}


def bounces(most: int, diffuse: int, glossy: int) -> Settings:
    """How often light is reflected on its way, counted after the first hit, for worlds that refract nothing."""
    return {
        "max_bounces": most,
        "diffuse_bounces": diffuse,
        "glossy_bounces": glossy,
        "transmission_bounces": 0,
        "volume_bounces": 0,
        "transparent_max_bounces": 2,
    }


def denoised(quality: str, prefilter: str) -> Settings:
    """OpenImageDenoise at a quality, its guides (albedo and normals) cleaned first."""
    return {
        "use_denoising": True,
        "denoiser": "OPENIMAGEDENOISE",
        "denoising_input_passes": "RGB_ALBEDO_NORMAL",
        "denoising_quality": quality,
        "denoising_prefilter": prefilter,
    }


_COMMON: Settings = {
    "use_adaptive_sampling": False,
    "caustics_reflective": False,
    "caustics_refractive": False,
    "sample_clamp_indirect": 4.0,
    "use_auto_tile": False,
    "use_light_tree": False,
}
_LAMPS: Settings = {"use_light_tree": True}
_GLASS: Settings = {"transparent_max_bounces": 16}
"""How many surfaces of glass a ray may pass: a vessel has four, and one may stand behind three others."""

PRESETS: dict[Quality, Preset] = {
    "draft": Preset(1, 4, {**_COMMON, **bounces(2, 1, 1), **denoised("FAST", "FAST")}, _LAMPS, _GLASS),
    "standard": Preset(4, 8, {**_COMMON, **bounces(3, 2, 2), **denoised("BALANCED", "FAST")}, _LAMPS, _GLASS),
    "high": Preset(64, 64, {**_COMMON, **bounces(6, 4, 4), **denoised("HIGH", "ACCURATE")}, _LAMPS, _GLASS),
}
FACTORY = Preset(16, 16, keeps=False)
"""What one gets who sets nothing in Blender but 16 samples: the presets are measured against it."""
