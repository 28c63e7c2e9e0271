"""Files that no one here made become things: size, colour, joints, repairs, and the refusal of what has changed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pybullet as bullet
import pybullet_data
import pytest
import trimesh

from pairforge.assets import collection
from pairforge.assets.ingest import add, examine, found_in
from pairforge.assets.ingest_entry import Options
from pairforge.assets.ingest_files import Files
from pairforge.assets.ingest_model import posed
from pairforge.assets.ingest_urdf import read_urdf
from pairforge.errors import AssetError, SpecError
from pairforge.scenes.build import build
from pairforge.scenes.colours import nearest_colour
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.families import family
from pairforge.scenes.placement import At
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Camera, Prop, Scene
from pairforge.seeding import Stream

BULLET = Path(pybullet_data.getDataPath())
ZLIB = Options(licence="Zlib", source="PyBullet's data package")


def options(**changes: object) -> Options:
    return Options(**{**ZLIB.__dict__, **changes})


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of two things of PyBullet's data package."""
    folder = tmp_path_factory.mktemp("assets") / "pack"
    add(BULLET / "duck.obj", folder, options(unit="m"))
    add(BULLET / "r2d2.urdf", folder, options(noun="robot"))
    return folder


def written(folder: Path, solid: trimesh.Trimesh, name: str = "part.stl") -> Path:
    folder.mkdir(exist_ok=True)
    solid.export(folder / name)
    return folder / name


def levels(path: Path, **changes: object) -> dict[str, tuple[str, str]]:
    seen = examine(path, options(**changes))
    return {v.check: (v.level, v.text) for v in seen.verdicts}


def alone(shape: str, **fields: object) -> Scene:
    prop = Prop(name="thing", shape=shape, place=At((0.0, 0.0, 0.0)), **fields)  # type: ignore[arg-type]
    return Scene(name="alone", props=[prop], sensors=[Camera(name="eye", look_at="thing")])


def test_a_duck_is_yellow_stands_on_the_ground_and_has_the_size_of_its_file(pack: Path):
    kind = family(f"{pack}:duck")
    shape = kind.build(kind.draw(Stream(0)), None)
    lines = (BULLET / "duck.obj").read_text().splitlines()
    raw = np.array([line.split()[1:4] for line in lines if line.startswith("v ")], dtype=float)
    # y is up and z the front in the file: length z, width x, height y.
    np.testing.assert_allclose(shape.size_m, np.ptp(raw, axis=0)[[2, 0, 1]], atol=1e-5)
    mesh = shape.parts[0].mesh
    standing = shape.parts[0].body_from_part.matrix @ np.c_[mesh.vertices, np.ones(len(mesh.vertices))].T
    assert standing[2].min() == pytest.approx(0, abs=1e-5)
    corners = mesh.vertices[mesh.faces].astype(float)
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    (material,) = mesh.materials
    assert material.texture is not None
    assert mesh.uv is not None
    texels = material.texture.pixels
    at = mesh.uv.mean(axis=1) * [1, -1] % 1.0 * texels.shape[1::-1]
    seen = (texels[at[:, 1].astype(int), at[:, 0].astype(int)] / 255) ** 2.2
    names = np.array([nearest_colour(tuple(rgb)) for rgb in seen])
    share = {n: area[names == n].sum() for n in np.unique(names)}
    assert max(share, key=lambda n: share[n]) == "yellow"
    assert "orange" in share  # the beak
    assert "black" in share  # the eyes


@pytest.mark.parametrize("name", ["r2d2.urdf", "kuka_iiwa/model.urdf"])
def test_links_and_masses_are_where_pybullet_puts_them(name: str):
    path = BULLET / name
    model = read_urdf(Files(path.parent), path.name)
    at = {j.name: j.rest + 0.3 * (j.upper - j.rest) for j in model.joints}
    client = bullet.connect(bullet.DIRECT)
    try:
        body = bullet.loadURDF(str(path), physicsClientId=client)
        frames, mass = bullet_frames(body, at, client)
    finally:
        bullet.disconnect(client)
    for link, pose in zip(model.links[1:], posed(model, at)[1:], strict=True):
        np.testing.assert_allclose(pose, frames[link.name], atol=1e-5)
    assert model.mass_kg == pytest.approx(mass)
    assert len(frames) == len(model.links) - 1


def bullet_frames(body: int, at: dict[str, float], client: int) -> tuple[dict[str, np.ndarray], float]:
    """Link name -> its frame in the root link's (4, 4), and the mass of all, by PyBullet's own loader."""
    dynamics = bullet.getDynamicsInfo(body, -1, physicsClientId=client)
    mass = dynamics[0]
    world = bullet.getBasePositionAndOrientation(body, physicsClientId=client)
    root = bullet.multiplyTransforms(*world, *bullet.invertTransform(dynamics[3], dynamics[4]))
    infos = [
        bullet.getJointInfo(body, k, physicsClientId=client)
        for k in range(bullet.getNumJoints(body, physicsClientId=client))
    ]
    for k, info in enumerate(infos):
        mass += bullet.getDynamicsInfo(body, k, physicsClientId=client)[0]
        if info[1].decode() in at:
            bullet.resetJointState(body, k, at[info[1].decode()], physicsClientId=client)
    frames = {}
    for k, info in enumerate(infos):
        state = bullet.getLinkState(body, k, computeForwardKinematics=1, physicsClientId=client)
        frames[info[12].decode()] = np.linalg.inv(matrix(root)) @ matrix(state[4:6])
    return frames, mass


def matrix(pose: object) -> np.ndarray:
    position, xyzw = pose  # type: ignore[misc]
    made = np.eye(4)
    made[:3, :3] = np.array(bullet.getMatrixFromQuaternion(xyzw)).reshape(3, 3)
    made[:3, 3] = position
    return made


def test_a_joint_is_a_named_draw_that_moves_its_link_alone(pack: Path):
    still = build(resolve(alone(f"{pack}:r2d2"), 3))
    turned = build(resolve(alone(f"{pack}:r2d2", params={"joint_head_swivel": Uniform(1.0, 1.2)}), 3))
    moved = [
        a.name.removeprefix("thing.")
        for a, b in zip(still.parts, turned.parts, strict=True)
        if not np.allclose(a.world_from_part.matrix, b.world_from_part.matrix, atol=1e-6)
    ]
    assert moved == ["head", "box"]  # the box hangs on the head
    with pytest.raises(SpecError, match="joint_gripper_extension is 5, beyond"):
        resolve(alone(f"{pack}:r2d2", params={"joint_gripper_extension": 5.0}), 3)
    with pytest.raises(SpecError, match="joint_head_swivel"):
        resolve(alone(f"{pack}:r2d2", params={"joint_head_swivle": 0.5}), 3)


def test_size_and_paint_of_a_spec_are_heeded(pack: Path):
    world = build(resolve(alone(f"{pack}:duck", size_m=0.2, colour="blue", material="rubber"), 0))
    (thing,) = world.instances
    assert max(thing.size_m) == pytest.approx(0.2, abs=1e-5)
    assert (thing.noun, thing.colour, thing.material) == ("duck", "blue", "rubber")
    assert {m.name for p in thing.shape.parts for m in p.mesh.materials} == {"rubber_blue"}
    whole = collection.read(pack).entry("duck")
    assert thing.mass_kg == pytest.approx(whole.mass_kg * (0.2 / whole.largest_m) ** 3)


def test_the_relative_name_is_looked_up_in_the_working_folder_then_in_the_search_path(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError, match="PAIRFORGE_ASSETS"):
        resolve(alone("pack:duck"), 0)
    monkeypatch.setenv("PAIRFORGE_ASSETS", f"/nowhere:{pack.parent}")
    there = resolve(alone("pack:duck"), 0)
    monkeypatch.delenv("PAIRFORGE_ASSETS")
    monkeypatch.chdir(pack.parent)
    assert resolve(alone("pack:duck"), 0) == there
    assert str(pack) not in json.dumps(there.to_json())
    with pytest.raises(SpecError, match='Did you mean "duck"'):
        resolve(alone("pack:dukc"), 0)


def test_a_changed_file_or_entry_is_not_built(tmp_path: Path):
    path = written(tmp_path / "in", trimesh.creation.box(extents=(0.3, 0.2, 0.1)))
    add(path, tmp_path / "to", options(noun="block"))
    concrete = resolve(alone(f"{tmp_path / 'to'}:part"), 0)
    manifest = tmp_path / "to" / "assets.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"block"', '"brick"'))
    with pytest.raises(AssetError, match="not the one this scene was drawn with"):
        build(moved_on(concrete))
    manifest.write_text(text)
    mesh = tmp_path / "to" / "part" / "part.stl"
    mesh.write_bytes(mesh.read_bytes() + b" ")
    from pairforge.scenes.shapes import imported

    imported._loaded.cache_clear()
    with pytest.raises(AssetError, match="has changed since it was added"):
        build(moved_on(concrete))


def moved_on(concrete: object) -> object:
    """The same scene past the cache of built shapes, as another process would build it."""
    from pairforge.scenes import build as module

    module._shape.cache_clear()
    return concrete


def test_safe_repairs_are_made_and_told(tmp_path: Path):
    """An inside-out ball beside a box with a doubled, a flat and a turned face."""
    ball = trimesh.creation.icosphere(subdivisions=2, radius=0.3)
    ball.invert()
    box = trimesh.creation.box(extents=(0.4, 0.4, 0.4))
    faces = np.vstack([box.faces, box.faces[:1], [[0, 0, 1]]])
    faces[3] = faces[3][::-1]
    box = trimesh.Trimesh(box.vertices + np.array([1.0, 0.0, 0.0]), faces, process=False)
    seen = examine(written(tmp_path, trimesh.util.concatenate([ball, box]), "two.ply"), options(noun="pair"))
    told = {v.check: v.text for v in seen.verdicts if v.level == "repaired"}
    assert told["normals"].startswith("320 ")
    assert told["duplicate"].startswith("1 ")
    assert told["degenerate"].startswith("1 ")
    assert told["winding"].split()[0] in ("1", "11")  # either way round, the other faces agree afterwards
    t = seen.model.links[0].triangles
    whole = trimesh.Trimesh(t.vertices, t.faces, process=False)
    assert whole.is_watertight
    assert whole.is_winding_consistent
    expected = trimesh.creation.icosphere(subdivisions=2, radius=0.3).volume + 0.4**3
    assert whole.volume == pytest.approx(expected, rel=1e-5)


def test_a_hollow_stays_hollow(tmp_path: Path):
    inner = trimesh.creation.icosphere(subdivisions=2, radius=0.2)
    inner.invert()
    shell = trimesh.util.concatenate([trimesh.creation.icosphere(subdivisions=2, radius=0.3), inner])
    seen = examine(written(tmp_path, shell, "shell.stl"), options())
    assert not [v for v in seen.verdicts if v.check == "normals" and v.level == "repaired"]


@pytest.mark.parametrize(
    ("extent", "semantic", "unit", "says"),
    [
        (1.2, "object", "m", "0.12"),
        (250.0, "object", "mm", "0.25 m"),
        (4.4, "car", "m", "4.4 m"),
        (4400.0, "car", "mm", "4.4 m"),
        (178.0, "car", "in", "4.521 m"),
    ],
)
def test_the_unit_is_guessed_by_what_is_plausible_for_the_class(
    tmp_path: Path, extent: float, semantic: str, unit: str, says: str
):
    path = written(tmp_path, trimesh.creation.box(extents=(extent, extent / 2, extent / 3)))
    seen = examine(path, options(semantic=semantic))
    assert seen.entry is not None
    assert seen.entry.unit == unit
    text = next(v.text for v in seen.verdicts if v.check == "size")
    assert says in text or unit == "m"


def test_odd_sizes_and_missing_textures_are_told(tmp_path: Path):
    path = written(tmp_path, trimesh.creation.box(extents=(4.4, 1.8, 1.5)), "car.glb")
    assert levels(path)["size"][0] == "ok"  # 4.4 m is a plausible object
    level, text = levels(path, semantic="pedestrian")["size"]
    assert level == "note"
    assert "odd for pedestrian" in text
    bare = tmp_path / "bare.obj"
    bare.write_text(
        "mtllib gone.mtl\nusemtl paint\n" + trimesh.creation.box(extents=(1, 1, 1)).export(file_type="obj")
    )
    assert "gone.mtl" in levels(bare)["files"][1]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"licence": " "}, "--licence is needed"),
        ({"semantic": "carr"}, 'Did you mean "car"'),
        ({"semantic": "road"}, "no class"),
        ({"unit": "yards"}, "unknown unit"),
        ({"up": "w"}, "no axis"),
        ({"up": "z", "front": "-z"}, "lie on one axis"),
        ({"mass_kg": -1.0}, "cannot be"),
        ({"asset_id": "../up"}, "is no id"),
        ({"materials": {"plastick": "plastic"}}, "no material"),
        ({"paint": "gold"}, "no material"),
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, changes: dict[str, object], says: str):
    path = written(tmp_path / "in", trimesh.creation.box(extents=(0.3, 0.2, 0.1)))
    with pytest.raises(SpecError, match=says):
        add(path, tmp_path / "to", options(**changes))
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("noun", ["goose", "moose", "the 3rd", "a  b"])
def test_words_that_captions_could_not_prove_are_refused(tmp_path: Path, noun: str):
    path = written(tmp_path / "in", trimesh.creation.box(extents=(0.3, 0.2, 0.1)))
    seen = add(path, tmp_path / "to", options(noun=noun))
    assert [v.check for v in seen.refused] == ["noun"]
    assert not (tmp_path / "to").exists()


def test_an_id_is_taken_once_and_a_strange_folder_is_left_alone(tmp_path: Path):
    path = written(tmp_path / "in", trimesh.creation.box(extents=(0.3, 0.2, 0.1)))
    add(path, tmp_path / "to", options())
    with pytest.raises(AssetError, match="already has"):
        add(path, tmp_path / "to", options())
    add(path, tmp_path / "to", options(noun="block"), replace=True)
    assert [a.noun for a in collection.read(tmp_path / "to").assets] == ["block"]
    with pytest.raises(AssetError, match="not empty"):
        add(path, tmp_path / "in", options())


def test_a_folder_gives_its_models_but_not_the_parts_of_its_urdfs(tmp_path: Path):
    written(tmp_path, trimesh.creation.box(extents=(0.3, 0.2, 0.1)), "own.stl")
    written(tmp_path, trimesh.creation.box(extents=(0.3, 0.2, 0.1)), "wheel.stl")
    link = (
        '<link name="a"><visual><geometry><mesh filename="package://x/wheel.stl"/></geometry></visual></link>'
    )
    (tmp_path / "cart.urdf").write_text(f'<robot name="c">{link}</robot>')
    assert [p.name for p in found_in(tmp_path)] == ["cart.urdf", "own.stl"]
    seen = examine(tmp_path / "cart.urdf", options())
    assert sorted(seen.files.read) == ["cart.urdf", "wheel.stl"]


def test_coacd_keeps_the_hollow_of_an_l(tmp_path: Path):
    pytest.importorskip("coacd")
    bars = [
        trimesh.creation.box(bounds=b) for b in ([(0, 0, 0), (0.4, 0.1, 0.1)], [(0, 0, 0.1), (0.1, 0.1, 0.4)])
    ]
    path = written(tmp_path / "in", trimesh.util.concatenate(bars), "l.stl")
    for how in ("hull", "decompose"):
        seen = add(path, tmp_path / how, options(collision=how, noun="bracket"))
        assert seen.entry is not None
    volumes = {}
    for how in ("hull", "decompose"):
        kind = family(f"{tmp_path / how}:l")
        shape = kind.build(kind.draw(Stream(0)), None)
        volumes[how] = sum(trimesh.convex.convex_hull(c.points).volume for c in shape.colliders)
    assert volumes["hull"] > 1.5 * 0.007
    assert volumes["decompose"] == pytest.approx(0.007, rel=0.1)


def test_prefixes_that_a_robot_never_declares_are_let_pass(tmp_path: Path):
    """Exporters write drake: and xacro: attributes into URDFs without declaring them."""
    box = '<visual><geometry><box size="1 1 1"/></geometry></visual>'
    limit = '<limit drake:acceleration="2" effort="1" lower="-1" upper="2" velocity="1"/>'
    joint = f'<joint name="j" type="revolute"><parent link="a"/><child link="b"/><axis xyz="0 0 1"/>{limit}</joint>'
    (tmp_path / "r.urdf").write_text(
        f'<robot name="r"><link name="a">{box}</link><link name="b">{box}</link>{joint}<xacro:x>y</xacro:x></robot>'
    )
    model = examine(tmp_path / "r.urdf", options(noun="robot")).model
    assert [(j.name, j.lower, j.upper) for j in model.joints] == [("j", -1.0, 2.0)]
