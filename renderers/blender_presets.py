"""What each quality costs and gives; the figures behind the choice stand in docs/decisions/0002-render-presets.md."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.renderers.protocol import Quality


@dataclass(frozen=True)
class Preset:
    """Cycles settings. ``denoise`` is OpenImageDenoise's quality, "" for none; ``prefilter`` cleans its guides
    first; bounces are counted after the first hit; ``soft_samples`` is for pictures with motion blur or depth of
    field, where one sample a pixel would show as streaks."""

    samples: int
    soft_samples: int
    bounces: int
    diffuse_bounces: int
    glossy_bounces: int
    denoise: str
    prefilter: str


PRESETS: dict[Quality, Preset] = {
    "draft": Preset(
        samples=1,
        soft_samples=4,
        bounces=2,
        diffuse_bounces=1,
        glossy_bounces=1,
        denoise="FAST",
        prefilter="FAST",
    ),
    "standard": Preset(
        4,
        soft_samples=8,
        bounces=3,
        diffuse_bounces=2,
        glossy_bounces=2,
        denoise="BALANCED",
        prefilter="FAST",
    ),
    "high": Preset(
        64,
        soft_samples=64,
        bounces=6,
        diffuse_bounces=4,
        glossy_bounces=4,
        denoise="HIGH",
        prefilter="ACCURATE",
    ),
}
