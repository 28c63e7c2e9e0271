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
    streaks. What ``cycles`` does not name stays as Blender's factory has it. ``keeps`` holds Blender's data from one
    frame to the next. ``aims_at_sky`` sends shadow rays to the sky too, as the factory does, and not to sun and lamps
    alone; rays that leave a surface find the sky either way.
    """

    samples: int
    soft_samples: int
    cycles: Settings = field(default_factory=dict)
    keeps: bool = True
    aims_at_sky: bool = False


def denoised(quality: str, prefilter: str) -> Settings:
    """OpenImageDenoise at a quality, its guides (albedo and normals) cleaned first."""
    return {
        "use_denoising": True,
        "denoiser": "OPENIMAGEDENOISE",
        "denoising_input_passes": "RGB_ALBEDO_NORMAL",
        "denoising_quality": quality,
        "denoising_prefilter": prefilter,
    }


_LIGHT: Settings = {
    "use_light_tree": True,
    "max_bounces": 6,
    "diffuse_bounces": 4,
    "glossy_bounces": 4,
    "transmission_bounces": 4,
    # A ray may have to pass eight walls of glass.
    "transparent_max_bounces": 16,
    # The factory's blurred mirrors lose light: rooms came out 2 to 3 levels too dark.
    "blur_glossy": 0.0,
}
"""The same in every preset, so that none is darker than another: cut bounces and caustics made leaves and rooms 2 to
5 levels too dark, and saved nothing."""
_FEW_SAMPLES: Settings = {
    # Cycles decides about a pixel after each sixteenth sample, too late for four.
    "use_adaptive_sampling": False,
    "use_auto_tile": False,
    # Blue noise is 0.1 dB better, but Cycles fits it to the number of samples that a world saw first: once a picture
    # with a blur has been taken, others would tell of it.
    "sampling_pattern": "TABULATED_SOBOL",
    # The denoiser blurs; a narrower filter than the factory's 1.5 px gives back what it takes from edges.
    "filter_width": 1.1,
}

PRESETS: dict[Quality, Preset] = {
    # At one sample a picture without shadow rays to the sky is a level darker: the denoiser dims what is so noisy.
    "draft": Preset(1, 4, {**_LIGHT, **_FEW_SAMPLES, **denoised("FAST", "FAST")}, aims_at_sky=True),
    "standard": Preset(4, 8, {**_LIGHT, **_FEW_SAMPLES, **denoised("HIGH", "FAST")}),
    "high": Preset(
        64,
        64,
        {**_LIGHT, **_FEW_SAMPLES, **denoised("HIGH", "ACCURATE"), "max_bounces": 12, "filter_width": 1.3},
    ),
}
FACTORY = Preset(16, 16, keeps=False, aims_at_sky=True)
"""What one gets who sets nothing in Blender but 16 samples: the presets are measured against it."""
