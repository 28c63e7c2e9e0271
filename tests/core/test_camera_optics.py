"""A camera with lens, shutter and imager goes the whole way: spec, picture, store, verify."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.datasets.measurements import Measurements
from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.datasets.verify_cycles import cycles
from pairforge.errors import SpecError
from pairforge.generate import Request, generate
from pairforge.renderers.imager import developed
from pairforge.scenes.concrete import ConcreteScene, imager_of, intrinsics_of
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.optics import Imager, Lens, Shutter
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Camera, Prop, Scene
from pairforge.seeding import Stream
from tests.farm.here import Here

SPEC = """
from pairforge.scenes.optics import Imager, Shutter
from pairforge.scenes.placement import Above
from pairforge.scenes.spec import Camera, Prop, Scene

SIZE = dict(look_at=(0.0, 0.0, 0.6), distance_m=1.5, azimuth_deg=30.0, elevation_deg=10.0, width_px=64, height_px=48)
FALL = Scene(
    name="fall",
    props=[Prop(name="ball", shape="sphere", size_m=0.4, place=Above("floor", height_m=1.2, x_m=0.0, y_m=0.0))],
    sensors=[
        Camera(name="plain", **SIZE),
        Camera(
            name="fisheye",
            model="kannala_brandt",
            distortion=(0.02, 0.0, 0.0, 0.0),
            fov_deg=150.0,
            shutter=Shutter(exposure_s=0.01, readout_s=0.06),
            imager=Imager(full_well_e=900.0, read_noise_e=6.0, vignetting=0.4, jpeg_quality=80),
            **SIZE,
        ),
        Camera(
            name="rolling",
            model="brown_conrady",
            distortion=(-0.2, 0.03, 0.001, 0.0),
            shutter=Shutter(readout_s=0.06),
            **SIZE,
        ),
    ],
    duration_s=0.2,
    keyframe_rate_hz=5.0,
    warm_up_s=0.25,
    captions=[],
)
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    root = tmp_path_factory.mktemp("optics")
    (root / "fall.py").write_text(SPEC)
    request = Request(f"{root / 'fall.py'}:FALL", root / "out", renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    return Dataset(root / "out")


def test_it_verifies(dataset: Dataset) -> None:
    assert [str(f) for f in verify(dataset.root).findings] == []


def test_only_the_camera_with_an_imager_is_noisy_and_shaded(dataset: Dataset) -> None:
    cameras = dataset.frame(0, 0).cameras
    grain = {
        name: np.median(np.abs(np.diff(c.rgb[:12].astype(float), axis=1))) for name, c in cameras.items()
    }
    assert grain["plain"] <= 1.0
    assert grain["rolling"] <= 1.0
    assert grain["fisheye"] >= 3.0
    lit = np.isfinite(cameras["fisheye"].intrinsics.rays()[..., 0])
    assert lit.all(), "a corner without light would be mistaken for shade"
    assert cameras["fisheye"].rgb[:4, :4].mean() < 0.9 * cameras["plain"].rgb[:4, :4].mean()


@pytest.mark.slow
def test_cycles_sees_bent_rays_and_rolling_rows_where_labels_are(dataset: Dataset) -> None:
    key = dataset.keys()[0]
    names = list(dataset.frame_by_key(key).cameras)
    measured = Measurements()
    assert list(cycles(dataset, key, names.index("fisheye"), measured)) == []
    assert "cycles_other_id_share_median" in measured.quantiles()


SCENE = Scene(
    name="still",
    props=[Prop(name="ball", shape="sphere", size_m=0.2)],
    sensors=[Camera(name="front", look_at="ball", imager=Imager(exposure_ev=Uniform(-1.0, 1.0)))],
)


def test_settings_of_the_imager_are_draws_that_can_be_replaced() -> None:
    one = resolve(SCENE, 3)
    twin = resolve(SCENE, 3, {"front.imager.exposure_ev": 2.0})
    assert -1.0 <= one.draws["front.imager.exposure_ev"] <= 1.0
    assert {k for k in one.draws if one.draws[k] != twin.draws[k]} == {"front.imager.exposure_ev"}
    again = ConcreteScene.from_json(twin.to_json())
    imager = imager_of(again.sensors[0])
    assert imager == replace(Imager(), exposure_ev=2.0)
    assert imager is not None
    grey = np.full((360, 640, 3), 60, np.uint8)
    assert developed(grey, imager, intrinsics_of(again.sensors[0]), Stream(1, "x")).mean() > 100


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"imager": Imager(vignetting=1.0)}, "vignetting of Imager is 1.0"),
        ({"imager": Imager(bits=20)}, "bits of Imager is 20"),
        ({"lens": Lens(f_number=0.0)}, "f_number of Lens is 0.0"),
        ({"shutter": Shutter(exposure_s=-0.1)}, "exposure_s of Shutter is -0.1"),
    ],
)
def test_optics_that_cannot_be_are_refused_by_name(given: dict[str, object], said: str) -> None:
    (camera,) = SCENE.sensors
    with pytest.raises(SpecError, match=said):
        resolve(replace(SCENE, sensors=[replace(camera, **given)]), 0)  # type: ignore[arg-type]


def test_what_do_puts_out_of_bounds_is_refused_too() -> None:
    with pytest.raises(SpecError, match="full_well_e of Imager is -5"):
        resolve(SCENE, 0, {"front.imager.full_well_e": -5.0})
