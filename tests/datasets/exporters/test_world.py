from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pxr import Usd, UsdGeom
from scipy.spatial import cKDTree

from pairforge.datasets.reader import Dataset
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from tests.datasets.exporters.check_exporter import check_exporter

pytestmark = pytest.mark.slow
IMPORT = Path(__file__).with_name("blender_import.py")


@pytest.fixture(scope="module", params=["gltf", "usd"])
def exported(request: Any, table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of scene 0."""
    out = check_exporter(request.param, table, tmp_path_factory.mktemp(request.param))
    (found,) = out.glob("*-000000.*")
    return found


def _ours(dataset: Path, time_ns: int) -> dict[str, np.ndarray]:
    """Part name -> its vertices in the world, of the parts whose name is theirs alone."""
    record = Dataset(dataset).record(0)
    parts = build(ConcreteScene.from_json(dict(record.concrete))).parts
    names = [p.name for p in parts]
    found = {}
    for part in parts:
        if names.count(part.name) == 1:
            track = record.part_tracks.get(part.part_id)
            pose = track.at(time_ns) if track else record.part_poses[part.part_id]
            found[part.name] = pose.points(part.mesh.vertices)
    return found


def _moving_knot(dataset: Path) -> int:
    """A time of the simulation, by which something has moved far."""
    record = Dataset(dataset).record(0)
    track = max(record.part_tracks.values(), key=lambda t: float(np.ptp(t.positions_m, axis=0).max()))
    return int(track.times_ns[len(track.times_ns) // 2])


def test_blender_reads_every_part_where_the_simulation_has_it(exported: Path, table: Path, tmp_path: Path):
    time_ns = _moving_knot(table)
    out = tmp_path / "found.npz"
    subprocess.run(
        [sys.executable, str(IMPORT), str(exported), str(time_ns * 1e-9), str(out)],
        check=True,
        capture_output=True,
    )
    theirs, ours = np.load(out), _ours(table, time_ns)
    assert len(ours) > 3
    for name, vertices in ours.items():
        got = theirs[name if exported.suffix == ".glb" else name.replace(".", "_")]
        # Blender lays glTF's vertices out anew, material by material: compare them as sets of points.
        assert cKDTree(vertices).query(got)[0].max() < 2e-5, name
        assert len(got) >= 0.5 * len(vertices), name
        assert np.abs(got.min(axis=0) - vertices.min(axis=0)).max() < 2e-5, name
    dataset = Dataset(table)
    frame = dataset.frame(0, 0)
    for name, view in frame.cameras.items():
        world = theirs[f"camera {name}"] @ np.diag([1.0, -1.0, -1.0, 1.0])
        assert np.abs(world - view.world_from_camera.matrix).max() < 1e-5


def test_usd_interpolates_between_knots_as_the_tracks_do(table: Path, surround: Path, tmp_path: Path):
    """USD's own reader, half way between two steps of the simulation, of cars that turn and roll."""
    from pairforge.datasets.exporters.target import Target
    from pairforge.datasets.exporters.usd import CODES_PER_SECOND
    from pairforge.datasets.exporters.usd import Usd as Exporter

    name = Exporter({}).scene(Dataset(surround), 0, Target(tmp_path))["file"]
    stage = Usd.Stage.Open(str(tmp_path / name))
    assert UsdGeom.GetStageUpAxis(stage) == "Z"
    assert UsdGeom.GetStageMetersPerUnit(stage) == 1.0
    record = Dataset(surround).record(0)
    time_ns = 1_234_567_891
    cache = UsdGeom.XformCache(Usd.TimeCode(time_ns * 1e-9 * CODES_PER_SECOND))
    seen = 0
    for prim in stage.Traverse():
        part_id = prim.GetCustomDataByKey("part_id")
        if part_id in record.part_tracks:
            wanted = record.part_tracks[part_id].at(time_ns).matrix
            off = np.abs(np.array(cache.GetLocalToWorldTransform(prim)).T - wanted)
            assert off[:3, 3].max() < 1e-9
            assert off[:3, :3].max() < 1e-4  # between near rotations USD goes straight, not along the arc
            assert prim.GetParent().GetCustomDataByKey("instance_id") == prim.GetCustomDataByKey(
                "instance_id"
            )
            seen += 1
    assert seen >= 10


def test_gltf_holds_names_ids_and_shared_meshes(table: Path, tmp_path: Path):
    from pairforge.datasets.exporters.gltf import Gltf
    from pairforge.datasets.exporters.target import Target

    name = Gltf({}).scene(Dataset(table), 0, Target(tmp_path))["file"]
    data = (tmp_path / name).read_bytes()
    magic, version, length, size, kind = struct.unpack("<4sII I4s", data[:20])
    assert (magic, version, length, kind) == (b"glTF", 2, len(data), b"JSON")
    document = json.loads(data[20 : 20 + size])
    rows = {r.instance_id: r.name for r in Dataset(table).record(0).instances}
    said = {
        n["extras"]["instance_id"]: n["name"] for n in document["nodes"] if "class" in n.get("extras", {})
    }
    assert said == rows
    assert {c["name"] for c in document["cameras"]} == set(Dataset(table).frame(0, 0).cameras)
    for accessor in document["accessors"]:
        view = document["bufferViews"][accessor["bufferView"]]
        width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
        assert view["byteLength"] == 4 * width * accessor["count"]
        assert view.get("byteOffset", 0) % 4 == 0
