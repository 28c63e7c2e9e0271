"""The verifier on a sweep with several returns, ghosts, panes and Doppler: true ones hold, forged ones are named."""

# ruff: noqa: E501 (a table of cases reads best with one case a line)

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pairforge.datasets.manifest import finish
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.generate import Request, generate
from pairforge.sample import LidarFrame
from tests.farm.here import Here

SPEC = """
from pairforge.scenes.beams import Beam, Doppler, Receiver, Surfaces
from pairforge.scenes.placement import At
from pairforge.scenes.spec import Lidar, Prop, Scene, Weather
from pairforge.scenes.settings import Empty

YARD = Scene(
    name="yard",
    setting=Empty(size_m=40.0),
    props=[
        Prop(name="crate", shape="box", colour="white", size_m=1.2, place=At((6.0, 0.5, 0.0)), moves=False),
        Prop(
            name="pane", shape="box", colour="white", material="glass", size_m=1.0, place=At((3.0, -1.5, 0.0)),
            moves=False,
        ),
        Prop(name="behind", shape="box", colour="white", size_m=1.6, place=At((7.0, -3.5, 0.0)), moves=False),
        Prop(name="ball", shape="sphere", colour="red", size_m=0.7, place=At((3.0, 1.5, 2.6))),
    ],
    sensors=[
        Lidar(
            name="top", position_m=(0.0, 0.0, 0.9), beams=24, elevation_deg=(-15.0, 4.0), columns=720,
            max_range_m=60.0,
            beam=Beam(divergence_mrad=2.0, returns=3), receiver=Receiver(quantum_m=0.002, bits=8),
            surfaces=Surfaces(), doppler=Doppler(), labels=["incidence"],
        )
    ],
    weather=Weather(wetness=1.0),
    duration_s=1.0,
    warm_up_s=0.6,
    captions=[],
)
"""
FRAME = 0


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("yard")
    (folder / "yard.py").write_text(SPEC)
    request = Request(f"{folder / 'yard.py'}:YARD", folder / "out", renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    return folder / "out"


def test_a_true_sweep_holds_and_is_measured(clean: Path) -> None:
    report = verify(clean)
    assert [str(f) for f in report.findings] == []
    told = report.measured
    assert told["lidar_ghost_path_m_median"] < 5e-3
    assert told["lidar_ghost_mirror_m_median"] < 2e-2
    assert told["lidar_doppler_mps_p999"] < 0.02
    assert told["lidar_between_returns_m_median"] > 0.1
    x = Dataset(clean).frame(0, FRAME).lidars["top"]
    kinds = np.bincount(x.kind, minlength=5)
    assert (kinds[[0, 2, 4]] > 20).all(), kinds
    assert x.extra["returns_of_ray"].max() >= 2
    assert np.abs(x.extra["velocity_true_mps"]).max() > 0.3, "the ball falls"


def extra(name: str, change: Callable[[LidarFrame], Any]) -> Callable[[LidarFrame], LidarFrame]:
    return lambda x: replace(x, extra={**x.extra, name: change(x)})


def moved(kind: int, name: str, by: Any) -> Callable[[LidarFrame], LidarFrame]:
    """Adds ``by`` to an extra array of all points of a kind."""

    def change(x: LidarFrame) -> Any:
        array = x.extra[name].copy()
        array[x.kind == kind] += np.asarray(by, dtype=array.dtype)
        return array

    return extra(name, change)


def recounted(x: LidarFrame) -> LidarFrame:
    """One return too many for every ray: all agree with each other, and not with what the LiDAR was set to give."""
    more = {n: x.extra[n] for n in x.extra}
    more["returns_of_ray"] = x.extra["returns_of_ray"] + np.uint8(1)
    return replace(x, extra=more)


@dataclass(frozen=True)
class Forgery:
    name: str
    change: Callable[[LidarFrame], LidarFrame]
    check: str
    file: str


FORGERIES = (
    Forgery("returns numbered backwards", extra("return_number", lambda x: x.extra["returns_of_ray"] + 1 - x.extra["return_number"]), "returns", "top.return_number.npy"),
    Forgery("a return too many", recounted, "returns", "top.returns_of_ray.npy"),
    Forgery("ghosts seen elsewhere", moved(2, "source", (0.0, 0.0, 0.4)), "ghosts", "top.source.npy"),
    Forgery("ghosts off a mirror nearer by", moved(2, "via_m", -0.4), "ghosts", "top"),
    Forgery("ghosts without a mirror", extra("via", lambda x: np.where(x.kind == 2, 0, x.extra["via"]).astype(np.uint16)), "ghosts", "top.via.npy"),
    Forgery("ghosts passed off as surfaces", lambda x: replace(x, kind=np.where(x.kind == 2, 0, x.kind).astype(np.uint8)), "sources", "top.source.npy"),
    Forgery("a kind that there is not", lambda x: replace(x, kind=np.where(x.kind == 4, 9, x.kind).astype(np.uint8)), "kinds", "top.kind.npy"),
    Forgery("stray light though nothing dazzles", lambda x: replace(x, kind=np.where(x.kind == 2, 3, x.kind).astype(np.uint8)), "kinds", "top.kind.npy"),
    Forgery("a pane behind what it hides", moved(4, "via_m", 8.0), "panes", "top.via_m.npy"),
    Forgery("a pane where none stands", moved(4, "via_m", 1.5), "panes", "top.via.npy"),
    Forgery("velocities off by a tenth of a metre a second", extra("velocity_true_mps", lambda x: x.extra["velocity_true_mps"] + np.float32(0.1)), "doppler", "top.velocity_true_mps.npy"),
    Forgery("velocities of the other sign", extra("velocity_true_mps", lambda x: -x.extra["velocity_true_mps"]), "doppler", "top.velocity"),
    Forgery("velocities without noise", extra("velocity_mps", lambda x: x.extra["velocity_true_mps"]), "doppler", "top.velocity_mps.npy"),
    Forgery("finer ranges than the device has", lambda x: replace(x, range_m=x.range_m + np.float32(7e-4)), "measures", "top.range_m.npy"),
    Forgery("more bits than the device has", lambda x: replace(x, intensity=np.minimum(x.intensity + np.float32(1e-3), 1)), "measures", "top.intensity.npy"),
    Forgery("a cosine above one", extra("incidence", lambda x: x.extra["incidence"] + np.float32(0.5)), "measures", "top.incidence.npy"),
)  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda f: f.name)
def test_forged_light_is_named(clean: Path, tmp_path: Path, forgery: Forgery) -> None:
    root = Path(shutil.copytree(clean, tmp_path / "dataset"))
    dataset = Dataset(clean)
    frames = [dataset.frame(0, k) for k in range(dataset.scene(0).frames)]
    frames[FRAME] = replace(frames[FRAME], lidars={"top": forgery.change(frames[FRAME].lidars["top"])})
    write_scene(root, dataset.scene(0).slug, dataset.record(0), frames)
    finish(root)
    found = verify(root).findings
    named = [f for f in found if f.check == forgery.check and f.frame == FRAME and forgery.file in f.file]
    assert named, [str(f) for f in found]
