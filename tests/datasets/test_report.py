"""The report stands alone, links phrases to instances, and leaves the dataset as it was."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pairforge.datasets.report import show
from pairforge.datasets.report_colours import instance_colour
from pairforge.datasets.verify import verify
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


def test_the_report_is_no_part_of_the_dataset(shown: Path) -> None:
    assert verify(shown).ok


def test_neighbouring_ids_have_colours_far_apart() -> None:
    colours = np.array([instance_colour(i) for i in range(1, 40)], dtype=float)
    assert np.linalg.norm(np.diff(colours, axis=0), axis=1).min() > 60
