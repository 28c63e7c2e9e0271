"""What every generator of road networks makes goes out as OpenDRIVE and comes back the same."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import MISSING, fields
from pathlib import Path

import numpy as np
import pytest
import roadgen

import pairforge.scenes.roads
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.faults import faults
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.opendrive_read import parse_opendrive
from pairforge.scenes.roads.opendrive_write import opendrive
from pairforge.scenes.roads.reference_line import line_at
from pairforge.scenes.roads.setting import RoadSetting
from pairforge.scenes.roads.simplify import simplified
from pairforge.seeding import Stream
from tests.scenes.roads.outside import farthest_from, farthest_line, foreign_lanes, quality

SEEDS = (0, 1, 2)


def generators() -> list[type[RoadSetting]]:
    """All settings that make a network of nothing but draws."""
    for module in pkgutil.iter_modules(pairforge.scenes.roads.__path__, "pairforge.scenes.roads."):
        importlib.import_module(module.name)
    found, queue = set(), [RoadSetting]
    while queue:
        kind = queue.pop()
        queue += kind.__subclasses__()
        needs = [f for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
        own = kind.__module__.startswith("pairforge.")
        if own and not needs and not getattr(kind, "__abstractmethods__", None):
            found.add(kind)
    return sorted(found, key=lambda kind: kind.__name__)


def drawn(kind: type[RoadSetting], seed: int) -> RoadNetwork:
    return kind().lay(Draws(Stream(seed), path="setting"))


GENERATORS = generators()
CASES = [pytest.param(kind, seed, id=f"{kind.__name__}-{seed}") for kind in GENERATORS for seed in SEEDS]


def test_generators_are_found() -> None:
    assert "Crossroads" in {kind.__name__ for kind in GENERATORS}


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_a_generated_network_goes_out_and_comes_back(
    kind: type[RoadSetting], seed: int, tmp_path: Path
) -> None:
    network = drawn(kind, seed)
    assert [str(f) for f in faults(network) if f.level == "wrong"] == []
    path = tmp_path / "roads.xodr"
    path.write_bytes(opendrive(network))
    reading = parse_opendrive(path.read_bytes())
    assert reading.network == simplified(network)
    for before, after in zip(network.roads, reading.network.roads, strict=True):
        s = np.linspace(0.0, before.length_m, 50)
        assert np.allclose(line_at(before, s).xyz_m, line_at(after, s).xyz_m, atol=1e-6)
    assert quality(path).issues == ()
    assert farthest_from(network, foreign_lanes(path)) < 0.05
    assert farthest_line(network, roadgen.read_opendrive(str(path))) < 0.05
