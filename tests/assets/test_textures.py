"""A texture lands where the file says, the right way up, in both renderers; and files that hold textures are read."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from pairforge.assets.ingest import add, examine
from pairforge.assets.ingest_entry import Options
from pairforge.errors import AssetError
from pairforge.frames import Intrinsics, look_at
from pairforge.registry import RENDERERS
from pairforge.renderers.protocol import View
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.placement import At
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Prop, Scene, Weather
from pairforge.scenes.world import World

CC0 = Options(licence="CC0-1.0", noun="board")
QUADRANTS = {
    "top left": (200, 30, 30),
    "top right": (30, 170, 40),
    "bottom left": (30, 60, 200),
    "bottom right": (230, 200, 30),
}


def picture() -> Image.Image:
    """Four plain quadrants, no two alike."""
    pixels = np.zeros((32, 32, 3), np.uint8)
    for name, rgb in QUADRANTS.items():
        rows = slice(0, 16) if "top" in name else slice(16, 32)
        pixels[rows, slice(0, 16) if "left" in name else slice(16, 32)] = rgb
    return Image.fromarray(pixels)


def encoded(kind: str = "PNG") -> bytes:
    data = io.BytesIO()
    picture().save(data, kind)
    return data.getvalue()


CORNERS = [(-0.5, 0.0, 0.0), (0.5, 0.0, 0.0), (0.5, 1.0, 0.0), (-0.5, 1.0, 0.0), (0.0, 0.5, -0.2)]
UV = [(0, 0), (1, 0), (1, 1), (0, 1), (0.5, 0.5)]
BACK = [(1, 0, 4), (2, 1, 4), (3, 2, 4), (0, 3, 4)]
"""Nothing may be flat, so the square has a blunt tip behind it."""


def quad_glb(folder: Path) -> Path:
    """An upright square that faces +z (glTF's front), its texture as glTF lays it: v downwards in the file."""
    solid = trimesh.Trimesh(CORNERS, [(0, 1, 2), (0, 2, 3), *BACK], process=False)
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=picture(), roughnessFactor=1.0, metallicFactor=0.0
    )
    solid.visual = trimesh.visual.TextureVisuals(UV, material=material)
    path = folder / "quad.glb"
    solid.export(path)
    return path


def quad_obj(folder: Path) -> Path:
    (folder / "board.png").write_bytes(encoded())
    (folder / "quad.mtl").write_text("newmtl board\nKd 1 1 1\nmap_Kd board.png\n")
    path = folder / "quad.obj"
    path.write_text(
        "mtllib quad.mtl\nusemtl board\n"
        + "".join(f"v {x} {y} {z}\n" for x, y, z in CORNERS)
        + "".join(f"vt {u} {v}\n" for u, v in UV)
        + "f 1/1 2/2 3/3 4/4\n"
        + "".join("f " + " ".join(f"{k + 1}/{k + 1}" for k in face) + "\n" for face in BACK)
    )
    return path


USDA = """#usda 1.0
( metersPerUnit = 0.01
  upAxis = "Y" )
def Mesh "board" ( prepend apiSchemas = ["MaterialBindingAPI"] ) {
    int[] faceVertexCounts = [4, 3, 3, 3, 3]
    int[] faceVertexIndices = [0, 1, 2, 3, 1, 0, 4, 2, 1, 4, 3, 2, 4, 0, 3, 4]
    point3f[] points = [(-50, 0, 0), (50, 0, 0), (50, 100, 0), (-50, 100, 0), (0, 50, -20)]
    texCoord2f[] primvars:st = [(0, 0), (1, 0), (1, 1), (0, 1), (0.5, 0.5)] ( interpolation = "vertex" )
    rel material:binding = </m>
}
def Material "m" {
    token outputs:surface.connect = </m/s.outputs:surface>
    def Shader "s" {
        uniform token info:id = "UsdPreviewSurface"
        color3f inputs:diffuseColor.connect = </m/t.outputs:rgb>
        float inputs:roughness = 1
        token outputs:surface
    }
    def Shader "t" {
        uniform token info:id = "UsdUVTexture"
        asset inputs:file = @board.png@
        float3 outputs:rgb
    }
}
"""


def quad_usda(folder: Path) -> Path:
    (folder / "board.png").write_bytes(encoded())
    path = folder / "quad.usda"
    path.write_text(USDA)
    return path


def quad_usdz(folder: Path) -> Path:
    path = folder / "quad.usdz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as package:
        package.writestr("quad.usda", USDA)
        package.writestr("board.png", encoded())
    return path


def image_file(folder: Path) -> Path:
    path = folder / "board.webp"
    data = io.BytesIO()
    picture().save(data, "WEBP", lossless=True)
    path.write_bytes(data.getvalue())
    return path


def module(folder: Path) -> Path:
    """As npm packages carry them."""
    path = folder / "board.png.js"
    path.write_text(f"export default 'data:image/png;base64,{base64.b64encode(encoded()).decode()}'")
    return path


MAKERS = [quad_glb, quad_obj, quad_usda, quad_usdz, image_file, module]


def world_of(path: Path, folder: Path) -> World:
    add(
        path,
        folder / "kept",
        Options(
            licence="CC0-1.0", noun="board", asset_id="board", front=None if path.suffix != ".obj" else "z"
        ),
    )
    prop = Prop(name="board", shape=f"{folder / 'kept'}:board", place=At((0.0, 0.0, 0.1)), moves=False)
    # The sun stands behind the camera, so that all of the board is lit alike.
    sky = Weather(sun_elevation_deg=30.0, sun_azimuth_deg=0.0, cloudiness=0.0)
    concrete = resolve(Scene(name="board", props=[prop], weather=sky, duration_s=0.5), 1)
    return build(ConcreteScene.from_json(concrete.to_json()))


def seen(world: World, renderer: str) -> dict[str, np.ndarray]:
    """Mean colour of the middle of each quadrant, from straight before the board, which faces +x."""
    made = RENDERERS.load(renderer)()
    try:
        made.open(world, "draft")
        rgb = made.render(
            View(Intrinsics.from_fov(64, 64, 40.0), look_at((2.0, 0.0, 0.6), (0.0, 0.0, 0.6)), {})
        )
    finally:
        made.close()
    half = {"top": slice(20, 28), "bottom": slice(36, 44), "left": slice(20, 28), "right": slice(36, 44)}
    return {q: rgb[half[q.split()[0]], half[q.split()[1]]].reshape(-1, 3).mean(axis=0) for q in QUADRANTS}


def hue_of(rgb: np.ndarray) -> np.ndarray:
    """Which way a colour lies from grey, however pale."""
    away = rgb - rgb.mean()
    return away / np.linalg.norm(away)


def check(world: World, renderer: str) -> None:
    """Each quadrant is nearest in hue to its own colour."""
    hues = {q: hue_of(np.array(rgb, dtype=np.float64)) for q, rgb in QUADRANTS.items()}
    for quadrant, rgb in seen(world, renderer).items():
        nearest = max(hues, key=lambda q: float(hues[q] @ hue_of(rgb)))
        assert nearest == quadrant, f"{quadrant} looks like {nearest}: {rgb}"


@pytest.mark.parametrize("make", MAKERS, ids=lambda m: m.__name__)
def test_every_quadrant_is_where_it_belongs(make, tmp_path: Path):
    check(world_of(make(tmp_path), tmp_path), "raycast")


@pytest.mark.slow
def test_blender_lays_the_texture_on_as_the_preview_does(tmp_path: Path):
    check(world_of(quad_glb(tmp_path), tmp_path), "blender")


def test_lidar_and_captions_take_the_mean_of_what_is_seen(tmp_path: Path):
    world = world_of(quad_glb(tmp_path), tmp_path)
    (board,) = (i for i in world.instances if i.name == "board")
    linear = [
        np.where((c := np.array(rgb) / 255) <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        for rgb in QUADRANTS.values()
    ]
    assert np.allclose(board.colour_rgb, np.mean(linear, axis=0), atol=0.02)


def test_rewound_faces_keep_their_texture(tmp_path: Path):
    """A closed box wound inside out is turned; its texture coordinates turn with their corners."""
    solid = trimesh.creation.box((1.0, 1.0, 1.0))
    solid.invert()
    uv = solid.vertices[:, :2] + 0.5
    material = trimesh.visual.material.PBRMaterial(baseColorTexture=picture())
    solid.visual = trimesh.visual.TextureVisuals(uv, material=material)
    solid.export(tmp_path / "box.glb")
    triangles = examine(tmp_path / "box.glb", CC0).model.links[0].triangles
    assert triangles.uv is not None
    assert np.allclose(triangles.uv, triangles.vertices[triangles.faces][..., :2] + 0.5, atol=1e-6)


def test_a_mirrored_left_handed_usd_mesh_still_winds_outward(tmp_path: Path):
    box = trimesh.creation.box((1.0, 1.0, 1.0))
    faces = box.faces[:, ::-1]
    path = tmp_path / "box.usda"
    path.write_text(
        '#usda 1.0\n( metersPerUnit = 1\n upAxis = "Z" )\ndef Mesh "b" {\n uniform token orientation = "leftHanded"\n'
        f" int[] faceVertexCounts = {[3] * len(faces)}\n int[] faceVertexIndices = {faces.ravel().tolist()}\n"
        f" point3f[] points = {[tuple(v) for v in box.vertices.tolist()]}\n}}\n"
    )
    seen_box = examine(path, CC0)
    t = seen_box.model.links[0].triangles
    volume = np.einsum(
        "ij,ij->", t.vertices[t.faces[:, 0]], np.cross(t.vertices[t.faces[:, 1]], t.vertices[t.faces[:, 2]])
    )
    assert volume / 6 == pytest.approx(1.0, rel=1e-6)
    assert {v.check: v.level for v in seen_box.verdicts}["normals"] == "ok"


def test_layers_of_a_stage_are_followed_within_the_folder_alone(tmp_path: Path):
    quad_usda(tmp_path)
    (tmp_path / "scene.usda").write_text(
        '#usda 1.0\n( metersPerUnit = 0.01\n upAxis = "Y" )\ndef "a" ( references = @quad.usda@</board> ) {}\n'
    )
    found = examine(tmp_path / "scene.usda", CC0)
    assert found.entry is not None
    assert [k.path for k in found.entry.files] == ["quad.usda", "scene.usda"]
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "out.usda").write_text('#usda 1.0\ndef Xform "a" ( references = @../quad.usda@</board> ) {}\n')
    with pytest.raises(AssetError, match="leads out of"):
        examine(inner / "out.usda", CC0)


INDEX_OUT = b"int[] faceVertexIndices = [0, 1, 9]\npoint3f[] points = [(0, 0, 0)]\n}\n"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.usda", b"#usda 1.0\ndef Mesh {", "cannot be read as USD"),
        ("a.usdc", b"PXR-USDC" + bytes(100), "cannot be read as USD"),
        ("a.usdz", b"PK\x03\x04 cut", "no usdz package"),
        ("a.usda", b'#usda 1.0\ndef Xform "x" {}\n', "holds no mesh"),
        ("a.usda", b'#usda 1.0\ndef Mesh "m" {\nint[] faceVertexCounts = [3]\n' + INDEX_OUT, "not there"),
        ("a.js", b"export default 'data:text/html;base64,AAAA'", "which is not read"),
        ("a.glb.js", b"import fs from 'fs'; export default fs", "single data URL"),
        ("a.png", encoded()[:50], "cannot be read as a picture"),
        ("a.png", b"", "is empty"),
    ],
)  # fmt: skip
def test_bad_files_get_one_clear_sentence(tmp_path: Path, name: str, content: bytes, says: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(AssetError, match=says):
        examine(tmp_path / name, CC0)


def test_a_usdz_member_that_leads_out_is_refused(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.usdz", "w") as package:
        package.writestr("../evil.usda", USDA)
    with pytest.raises(AssetError, match="leads out"):
        examine(tmp_path / "a.usdz", CC0)
    assert not (tmp_path.parent / "evil.usda").exists()
