"""pairforge roads: exit codes, what is said, and that nothing half-made is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from pairforge.scenes.roads.opendrive_write import opendrive
from tests.core.test_cli import pairforge, refused
from tests.scenes.roads.networks import crossing, motorway


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.xodr"
    path.write_bytes(opendrive(crossing()))
    return path


def test_check_counts_what_a_file_holds(town: Path) -> None:
    done = pairforge("roads", "check", str(town), "--json")
    (row,) = json.loads(done.stdout)
    assert done.returncode == 0
    assert row["ok"] is True
    assert (row["roads"], row["connecting_roads"], row["junctions"]) == (4, 12, 1)
    assert (row["lights"], row["signs"], row["crosswalks"], row["length_m"]) == (4, 4, 4, 320.0)
    assert row["notes"] == []


def test_check_goes_on_past_a_bad_file_and_exits_with_2(town: Path) -> None:
    bad = town.with_name("bad.xodr")
    bad.write_bytes(town.read_bytes()[:500])
    done = pairforge("roads", "check", str(bad), str(town))
    assert "ok" in done.stdout
    refused(done, "refused", "bad.xodr: line")
    rows = json.loads(pairforge("roads", "check", str(bad), str(town), "--json").stdout)
    assert [row["ok"] for row in rows] == [False, True]


def test_a_plan_shows_roads_where_they_are(town: Path) -> None:
    picture = town.with_suffix(".png")
    assert pairforge("roads", "show", str(town), "--out", str(picture), "--width", "400").returncode == 0
    with Image.open(picture) as image:
        assert image.width == 400
        middle = image.crop((190, 190, 210, 210)).convert("L")  # of the crossing: asphalt under arrows
        corner = image.crop((50, 50, 70, 70)).convert("L")
    assert middle.getextrema()[0] < 110
    assert corner.getextrema()[0] > 200
    assert sorted(p.name for p in town.parent.iterdir()) == ["town.png", "town.xodr"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("export", "driving.street", "--out", "{}/x.xodr"), ("has no road network", "Street")),
        (("export", "driving.steet", "--out", "{}/x.xodr"), ('Did you mean "driving.street"',)),
        (("export", "driving.street", "--out", "{}/x.xml"), ("ends in .xodr",)),
        (("show", "{}/none.xodr", "--out", "{}/x.png"), ("cannot be read",)),
        (("show", "{}/bad.xodr", "--out", "{}/x.png"), ("bad.xodr: line 1",)),
        (("show", "{}/good.xodr", "--out", "{}/x.jpg"), ("ends in .png",)),
        (("show", "{}/good.xodr", "--out", "{}/x.png", "--width", "3"), ("200 to 8000",)),
    ],
)
def test_bad_requests_are_refused_and_nothing_is_written(
    tmp_path: Path, command: tuple[str, ...], words: tuple[str, ...]
) -> None:
    (tmp_path / "bad.xodr").write_bytes(b"<OpenDRIVE>")
    (tmp_path / "good.xodr").write_bytes(opendrive(motorway()))
    refused(pairforge("roads", *(word.format(tmp_path) for word in command)), *words)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.xodr", "good.xodr"]


def test_names_between_colons_are_no_pictures(tmp_path: Path) -> None:
    """rich would print :ring: as a picture of one."""
    done = pairforge("roads", "check", f"{tmp_path}/a:ring:b.xodr")
    refused(done, "a:ring:b.xodr")
