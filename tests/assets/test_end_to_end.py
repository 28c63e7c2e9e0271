"""A GLB and a URDF from outside, through the whole way: picture, masks, LiDAR, boxes and words; and the commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pybullet_data
import pytest
import trimesh
from PIL import Image

from pairforge.assets.ingest import add
from pairforge.assets.ingest_entry import Options
from pairforge.cli import main
from pairforge.datasets.claims import prove
from pairforge.pipeline import keyframes, prepare
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.placement import On
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene

BULLET = Path(pybullet_data.getDataPath())


def trophy() -> trimesh.Scene:
    """A gold cup on a black foot, as a modelling program would export it: metres, y up, two materials."""
    pbr = trimesh.visual.material.PBRMaterial
    looks = {"gold": [200, 140, 10, 255], "black": [5, 5, 5, 255]}
    gold, black = (
        trimesh.visual.TextureVisuals(material=pbr(name=n, baseColorFactor=c)) for n, c in looks.items()
    )
    foot = trimesh.creation.box(extents=(0.3, 0.1, 0.2))
    cup = trimesh.creation.cylinder(radius=0.12, height=0.3)
    cup.apply_transform(trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0]))
    cup.apply_translation((0.0, 0.2, 0.0))
    foot.visual, cup.visual = black, gold
    return trimesh.Scene([foot, cup])


def scene(folder: Path) -> Scene:
    prize, droid = f"{folder}:prize", f"{folder}:r2d2"
    at, fov = (0.0, -2.4, 0.9), (-30.0, 5.0)
    return Scene(
        name="shelf",
        setting=Empty(size_m=8.0),
        props=[
            Prop(name="prize", shape=prize, place=On("floor", x_m=-0.6, y_m=0.0), moves=False),
            Prop(name="droid", shape=droid, place=On("floor", x_m=0.6, y_m=0.3, yaw_deg=-90.0), moves=False),
        ],
        sensors=[
            Camera(name="front", position_m=at, yaw_deg=90.0, pitch_deg=-14.0, width_px=160, height_px=100),
            Lidar(name="mast", position_m=at, beams=24, columns=360, elevation_deg=fov),
        ],
        duration_s=0.5,
        warm_up_s=0.1,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("outside")
    trophy().export(home / "prize.glb")
    add(home / "prize.glb", home / "pack", Options(licence="CC0-1.0", noun="trophy"))
    add(BULLET / "r2d2.urdf", home / "pack", Options(licence="Zlib", noun="robot"))
    return home / "pack"


def test_they_are_seen_scanned_boxed_and_named_and_every_word_is_proved(folder: Path):
    ready = prepare(scene(folder), seed=4, index=0)
    (frame,) = keyframes(ready, RaycastRenderer(), "draft")
    assert {i.noun for i in ready.world.instances} == {"trophy", "robot"}
    camera, sweep = frame.cameras["front"], frame.lidars["mast"]
    text = " ".join(c.text for c in frame.captions)
    for instance in ready.world.instances:
        seen = camera.instance == instance.instance_id
        assert seen.sum() > 100
        assert (sweep.instance == instance.instance_id).sum() > 20
        assert any(box.instance_id == instance.instance_id for box in frame.boxes)
        assert instance.noun in text
    gold = camera.rgb[camera.instance == 1].astype(int)
    assert ((gold[:, 0] > gold[:, 2] + 60) & (gold[:, 1] > gold[:, 2])).mean() > 0.3
    assert prove(frame, ready.record) == []


def test_the_glb_stands_up_at_its_size_and_on_the_ground(folder: Path):
    (prize, _) = prepare(scene(folder), seed=4, index=0).world.instances
    # Its y is up and its z the front: 0.2 m deep became 0.24 by the cup, 0.3 m wide, 0.4 m high.
    np.testing.assert_allclose(prize.size_m, (0.24, 0.3, 0.4), atol=1e-3)
    names = {m.name.split(".")[1] for p in prize.shape.parts for m in p.mesh.materials}
    assert names == {"gold", "black"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    try:
        main(arguments)
        code = 0
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    told = capsys.readouterr()
    return code, told.out + told.err


def test_the_commands_add_list_check_and_preview(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    trophy().export(tmp_path / "prize.glb")
    to = str(tmp_path / "pack")
    glb = str(tmp_path / "prize.glb")
    code, said = run(capsys, "assets", "add", glb, "--to", to)
    assert (code, "--licence is needed" in said) == (2, True)
    assert not (tmp_path / "pack").exists()
    code, said = run(capsys, "assets", "check", glb)
    assert (code, "0.4 m" in said) == (0, True)
    code, said = run(capsys, "assets", "add", glb, "--to", to, "--licence", "CC0-1.0", "--noun", "trophy")
    assert (code, f'shape="{to}:prize"' in said) == (0, True)
    code, said = run(capsys, "assets", "list", to)
    how, _, *rows = said.splitlines()  # on a narrow terminal a row takes several lines
    assert (code, how, rows[0].split()[0]) == (0, f'in a spec: shape="{to}:ID"', "prize")
    code, said = run(capsys, "assets", "list", to, "--json")
    (entry,) = json.loads(said)
    assert (entry["noun"], entry["licence"], entry["unit"]) == ("trophy", "CC0-1.0", "m")
    code, said = run(capsys, "assets", "preview", f"{to}:prize", "--out", str(tmp_path / "p.png"))
    assert (code, "trophy" in said) == (0, True)
    picture = np.asarray(Image.open(tmp_path / "p.png")).astype(int)
    yellow = (picture[..., 0] > picture[..., 2] + 60).mean()
    assert 0.03 < yellow < 0.6
    assert run(capsys, "assets", "check", to)[0] == 0
    (tmp_path / "pack" / "prize" / "prize.glb").write_bytes(b"other")
    from pairforge.scenes.shapes import imported

    imported._loaded.cache_clear()
    code, said = run(capsys, "assets", "check", to)
    assert (code, "has changed" in said) == (2, True)


def test_a_folder_with_a_bad_file_keeps_the_good_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    trophy().export(tmp_path / "prize.glb")
    (tmp_path / "torn.stl").write_bytes(b"solid torn")
    code, said = run(capsys, "assets", "add", str(tmp_path), "--to", str(tmp_path / "to"), "--licence", "MIT")
    assert code == 2
    assert "torn.stl" in said
    assert [p.name for p in sorted((tmp_path / "to").iterdir())] == ["assets.json", "prize"]
