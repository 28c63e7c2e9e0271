"""Every real sensor in the catalogue makes a spec, says where its values are written, and is named when misspelt."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairforge.errors import SpecError
from pairforge.scenes.check import check
from pairforge.scenes.spec import Aimed, Camera, Lidar, Scene
from pairforge.sensors.catalogue import entry, names
from pairforge.sensors.catalogue.page import markdown
from pairforge.sensors.protocol import SENSORS

SPECS = {"camera": Camera, "lidar": Lidar}


@pytest.mark.parametrize("name", names())
def test_a_model_makes_a_spec_that_checks(name: str) -> None:
    model = entry(name)
    spec = SPECS.get(model.kind) or SENSORS.load(model.kind).spec
    placed = {"position_m": (0.0, 0.0, 2.0)} if issubclass(spec, Aimed) else {}
    check(Scene(name="one", sensors=[spec.like(name, name="one", **placed)]))
    assert len(model.source) > 10
    assert model.title


def test_fields_may_be_changed_and_names_are_suggested() -> None:
    lidar = Lidar.like("velodyne_hdl_32e", name="top", rate_hz=10.0)
    assert (lidar.beams, lidar.elevation_deg, lidar.rate_hz) == (32, (-30.67, 10.67), 10.0)
    with pytest.raises(SpecError, match='Did you mean "velodyne_hdl_32e"'):
        Lidar.like("velodyne_hdl_32", name="top")
    with pytest.raises(SpecError, match="is a lidar, not a camera"):
        Camera.like("velodyne_hdl_32e", name="front")


def test_the_page_is_the_catalogue_word_for_word() -> None:
    page = Path(__file__).parents[2] / "docs" / "sensors" / "catalogue.md"
    assert page.read_text() == markdown()
