"""The report stands alone, links phrases to instances, and leaves the dataset as it was."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pairforge.datasets.reader import Dataset
from pairforge.datasets.report import _draws, show
from pairforge.datasets.report_colours import instance_colour
from pairforge.datasets.report_panels import flow
from pairforge.datasets.verify import verify
from pairforge.errors import DatasetError
from tests.datasets.tiny import tiny


@pytest.fixture(scope="module")
def shown(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(tiny_dataset, tmp_path_factory.mktemp("shown") / "dataset"))
    assert show(root) == root / "report" / "index.html"
    return root


def test_the_page_needs_nothing_else(shown: Path) -> None:
    html = (shown / "report" / "index.html").read_text()
    sources = re.findall(r'(?:src|href)="([^"]{0,60})', html)
    assert len(sources) == 6 * 8
    assert all(s.startswith("data:image/jpeg;base64,") or re.fullmatch(r"[\w.-]+\.png", s) for s in sources)
    assert "http" not in html


def test_each_phrase_points_at_its_instances(shown: Path) -> None:
    html = (shown / "report" / "index.html").read_text()
    named = {i for f in tiny(0).frames() for c in f.captions for p in c.phrases for i in p.instance_ids}
    assert named
    assert all(f'<mark data-i="{i}"' in html for i in named)


def test_each_keyframe_has_a_contact_sheet_with_the_picture_in_it(shown: Path) -> None:
    sheets = sorted((shown / "report").glob("*.png"))
    assert [s.name for s in sheets][:2] == ["000000-000000.cam_front.png", "000000-000001.cam_front.png"]
    sheet = np.array(Image.open(sheets[0]))
    rgb = next(tiny(0).frames()).cameras["cam.Front"].rgb
    big = np.array(Image.fromarray(rgb).resize((960, 540), Image.Resampling.LANCZOS))
    assert np.array_equal(sheet[:540, :960], big)


def test_only_the_scenes_asked_for_are_shown_and_the_page_says_so(shown: Path, tmp_path: Path) -> None:
    last = Dataset(shown).scenes[-1]
    html = show(shown, tmp_path / "page", only=[last]).read_text()
    assert re.findall(r"<h2>Scene (\d+)", html) == [str(last)]
    assert f"{len(Dataset(shown).scenes) - 1} more scenes are not shown" in html
    assert {p.name.partition("-")[0] for p in (tmp_path / "page").glob("*.png")} == {f"{last:06d}"}
    with pytest.raises(DatasetError, match="has no scene 99"):
        show(shown, tmp_path / "none", only=[99])
    assert not (tmp_path / "none" / "index.html").exists()


def test_the_names_and_values_that_do_takes_are_on_the_page() -> None:
    assert _draws({"draws": {"mug.size_m": 0.1, "mug.colour": "red"}}) == [
        ("mug.colour", '"red"'),
        ("mug.size_m", "0.1"),
    ]


def test_what_only_trembles_is_drawn_as_still() -> None:
    camera = next(tiny(0).frames()).cameras["cam.Front"]
    still = np.zeros_like(camera.flow)
    drawn = [np.asarray(flow(replace(camera, flow=still + du), 64, 36)) for du in (0.0, 0.002, 3.0)]
    assert np.abs(drawn[1].astype(int) - drawn[0]).max() <= 1
    assert np.abs(drawn[2].astype(int) - drawn[0]).max() > 60


def test_the_report_is_no_part_of_the_dataset(shown: Path) -> None:
    assert verify(shown).ok


def test_neighbouring_ids_have_colours_far_apart() -> None:
    colours = np.array([instance_colour(i) for i in range(1, 40)], dtype=float)
    assert np.linalg.norm(np.diff(colours, axis=0), axis=1).min() > 60


def test_no_two_of_thirty_ids_in_a_row_have_colours_that_one_could_take_for_each_other() -> None:
    def lab(first: int) -> np.ndarray:
        srgb = np.array([instance_colour(i) for i in range(first, first + 30)]) / 255.0
        # CIE 1976 L*a*b* of sRGB (IEC 61966-2-1), white D65: not the space that the colours were chosen in.
        linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
        xyz = linear @ np.array(
            [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
        )
        f = np.cbrt(xyz / [0.9505, 1.0, 1.089])
        return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)

    for first in (1, 122, 800):
        apart = np.linalg.norm(lab(first)[:, None] - lab(first)[None], axis=2) + 1e3 * np.eye(30)
        assert apart.min() > 15.0, (first, apart.min())
