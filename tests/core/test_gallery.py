"""The gallery shows what it says, keeps what is there, and names what it cannot make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pairforge.errors import SpecError
from pairforge.gallery import Draw, make_gallery, tile
from pairforge.registry import RENDERERS
from pairforge.scenes.library.tabletop import DROP
from pairforge.scenes.spec import Camera, Scene

SMALL = replace(
    DROP,
    sensors=[replace(s, width_px=160, height_px=90) for s in DROP.sensors if isinstance(s, Camera)],
    duration_s=0.5,
    require=(),
)


def draws(scene: Scene = SMALL) -> list[Draw]:
    return [Draw(scene, seed, f"seed {seed}") for seed in (0, 1)]


def test_a_sheet_is_made_once_and_kept(tmp_path: Path):
    told: list[tuple[str, str]] = []
    for _ in range(2):
        assert make_gallery({"drop": draws()}, tmp_path, "raycast", "draft", lambda *t: told.append(t)) == {}
    assert told == [("drop", "made"), ("drop", "kept")]
    assert [p.name for p in tmp_path.iterdir()] == ["drop.jpg"]
    with Image.open(tmp_path / "drop.jpg") as image:
        assert image.width == 2 * 480 + 30
        left, right = np.asarray(image)[10:270, 10:490], np.asarray(image)[10:270, 500:980]
    assert np.abs(left.astype(int) - right).mean() > 2, "two seeds show the same picture"


def test_a_tile_carries_the_short_caption_of_its_own_picture():
    renderer = RENDERERS.load("raycast")()
    made = tile(draws()[0], renderer, "draft", 160)
    assert "table" in made.caption
    assert made.picture.size == (160, 90)


def test_a_scene_that_cannot_be_shown_is_named_and_the_others_are_made(tmp_path: Path):
    blind = replace(SMALL, sensors=())
    failed = make_gallery({"blind": draws(blind), "drop": draws()[:1]}, tmp_path, "raycast", "draft")
    assert list(failed) == ["blind"]
    assert "has no camera" in failed["blind"]
    assert (tmp_path / "drop.jpg").exists()


def test_a_scene_without_camera_is_refused():
    with pytest.raises(SpecError, match="no camera"):
        tile(Draw(replace(SMALL, sensors=()), 0, ""), RENDERERS.load("raycast")(), "draft", 160)


def test_the_command_shows_one_seed_under_each_condition(tmp_path: Path):
    from tests.core.test_cli import pairforge, refused

    spec = tmp_path / "s.py"
    spec.write_text(
        "from dataclasses import replace\nfrom tests.core.test_gallery import SMALL\nS = replace(SMALL, name='s')\n"
    )
    options = ("--renderer", "raycast", "--quality", "draft", "--out", str(tmp_path / "g"))
    done = pairforge("gallery", f"{spec}:S", "--weather", "clear,night", *options)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "g" / "s.weather.jpg") as image:
        day, night = np.asarray(image)[10:270, 10:490], np.asarray(image)[10:270, 500:980]
    assert day.mean() > night.mean() + 10
    refused(pairforge("gallery", f"{spec}:S", "--weather", "nite", *options), 'Did you mean "night"?')
    # Whoever has changed a spec, or a field of it, sees the new one and no sheet of before.
    misspelt = ("--weather", "clear", "--set", "duraton_s=1", *options)
    refused(pairforge("gallery", f"{spec}:S", *misspelt), 'Did you mean "duration_s"?')
    old = (tmp_path / "g" / "s.weather.jpg").read_bytes()
    assert pairforge("gallery", f"{spec}:S", "--weather", "clear", *options).returncode == 0
    assert (tmp_path / "g" / "s.weather.jpg").read_bytes() != old
    refused(
        pairforge("gallery", f"{spec}:S", *options[:-1], str(spec)), "is a file where a directory is needed"
    )
    refused(pairforge("gallery", f"{spec}:S", "--moment", "2", *options), "0..1")
    refused(pairforge("gallery", f"{spec}:S", "--seeds", "a", *options), "--seeds")
