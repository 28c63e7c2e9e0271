"""A benchmark that compares different pictures is worthless: what is given to others, and how agreement is judged."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from benchmarks.peers.agreement import agreement
from benchmarks.peers.exchange import corner_normals, write_exchange
from benchmarks.peers.running import HERE, Measured, Run
from benchmarks.peers.spec import SCENE
from pairforge.renderers.blender_presets import PRESETS
from pairforge.scenes.shapes.meshing import box
from pairforge.scenes.world import Material

PLAIN = Material("plain", (0.5, 0.5, 0.5))


def view(rows: int = 20, columns: int = 30) -> dict:
    """A square 5 m away before a wall at 10 m, below a sky."""
    depth = np.full((rows, columns), 10.0, dtype=np.float32)
    instance = np.ones((rows, columns), dtype=np.uint16)
    depth[:5], instance[:5] = np.inf, 0
    depth[8:14, 10:20], instance[8:14, 10:20] = 5.0, 2
    normal = np.zeros((rows, columns, 3), dtype=np.float32)
    normal[5:, :, 0] = -1.0
    rgb = np.full((rows, columns, 3), 100, dtype=np.uint8)
    return {"rgb": rgb, "depth": depth, "normal": normal, "instance": instance, "semantic": instance + 10}


def test_the_same_arrays_agree_wholly():
    found = agreement([view()], [view()], [view()])
    assert (found.ids, found.classes, found.depth_mm, found.depth_off, found.normal_short) == (0, 0, 0, 0, 0)
    assert found.normal_deg == pytest.approx(0.0, abs=1e-4)
    assert found.rgb_db == 99.0


def test_one_wrong_edge_pixel_is_told_from_one_inside():
    edge, inside = view(), view()
    edge["instance"][8, 10] = 1
    inside["instance"][10, 15] = 1
    at_edge, amid = (agreement([v], [view()], [view()]) for v in (edge, inside))
    assert at_edge.ids == amid.ids == pytest.approx(100 / 600)
    assert at_edge.ids_inside == 0.0 < amid.ids_inside


def test_a_mean_of_two_things_depths_and_normals_is_seen():
    mixed = view()
    mixed["depth"][8, 10:20] = 7.5
    mixed["normal"][8, 10:20] = (-0.6, 0.0, 0.0)
    found = agreement([mixed], [view()], [view()])
    assert found.depth_off == found.normal_short == pytest.approx(100 * 10 / 600)
    assert found.depth_mm == 0.0


def test_something_where_there_is_nothing_is_off():
    wrong = view()
    wrong["depth"][0, 0] = 3.0
    assert agreement([wrong], [view()], [view()]).depth_off == pytest.approx(100 / 600)


def test_a_frame_costs_what_more_frames_cost():
    first, many = Run(1, 10.0, 12.0, 500.0, 1_000_000), Run(5, 18.0, 26.0, 600.0, 3_000_000)
    found = Measured(first, many)
    assert (found.wall_s, found.cpu_s, found.kept_bytes) == (2.0, 3.5, 500_000)


def test_the_scene_holds_sixty_things_that_do_not_overlap():
    things = SCENE["things"]
    assert len({t["name"] for t in things}) == 60
    reach = [np.hypot(*t["extent_m"][:2]) / 2 for t in things]
    for k, a in enumerate(things):
        for j, b in enumerate(things[:k]):
            apart = np.hypot(*(np.subtract(a["position_m"], b["position_m"])[:2]))
            assert apart > reach[k] + reach[j]


def test_a_box_keeps_flat_faces_and_a_smooth_one_gets_its_vertices_means():
    flat = box((1.0, 2.0, 3.0), PLAIN)
    corners = flat.vertices.astype(float)[flat.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    own = across / np.linalg.norm(across, axis=1, keepdims=True)
    np.testing.assert_allclose(corner_normals(flat), np.repeat(own[:, None], 3, axis=1), atol=1e-9)
    ball = trimesh.creation.icosphere(subdivisions=3)
    smooth = replace(
        flat,
        vertices=ball.vertices.astype(np.float32),
        faces=ball.faces.astype(np.int32),
        face_material=np.zeros(len(ball.faces), np.uint8),
        smooth=np.ones(len(ball.faces), bool),
    )
    np.testing.assert_allclose(corner_normals(smooth), smooth.vertices[smooth.faces], atol=0.01)


@pytest.mark.slow
def test_others_are_given_the_triangles_poses_ids_and_light_that_pairforge_uses(tmp_path):
    folder = write_exchange(tmp_path / "exchange", 2)
    world = json.loads((folder / "world.json").read_text())
    assert len(world["objects"]) == 62  # with the ground, and the box that carries the camera
    assert sorted(o["instance_id"] for o in world["objects"]) == list(range(62))
    by_name = {t["name"]: t for t in SCENE["things"]}
    sizes = []
    for given in world["objects"][1:-1]:
        mesh = trimesh.load(folder / given["file"], process=False)
        mesh.apply_transform(np.array(given["world_from_object"]))
        sizes.append(mesh.bounds[1][2] - mesh.bounds[0][2])
        assert mesh.bounds[0][2] == pytest.approx(0.0, abs=1e-6)
    assert sorted(sizes) == pytest.approx(sorted(t["extent_m"][2] for t in by_name.values()), abs=1e-4)
    first, second = (np.array(f["world_from_camera"]) for f in world["frames"])
    step = np.subtract(*(SCENE["camera"]["path"][k]["position_m"] for k in (1, 0)))
    assert np.linalg.norm(second[:3, 3] - first[:3, 3]) == pytest.approx(np.linalg.norm(step), rel=0.2)
    assert world["light"]["cycles"]["max_bounces"] == PRESETS["standard"].cycles["max_bounces"]
    assert (folder / world["light"]["sky"]).stat().st_size > 1000


@pytest.mark.parametrize("path", sorted((HERE / "environments").glob("*.txt")), ids=lambda p: p.stem)
def test_every_package_of_a_peers_environment_is_named_with_its_version(path: Path):
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines)
