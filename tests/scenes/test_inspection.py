"""Inspected parts: closed solids, defects of the size and kind they say, twins that differ by the defect alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import trimesh

from pairforge.errors import SpecError
from pairforge.pipeline import Stage, prepare, view
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.families import family
from pairforge.scenes.inspection.gear import involute
from pairforge.scenes.inspection.severity import KINDS
from pairforge.scenes.library import inspection
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Camera, Scene
from pairforge.scenes.world import Shape
from pairforge.seeding import Stream
from pairforge.sensors.labels import camera_frame

FAMILIES = ("machined_plate", "sheet_bracket", "spur_gear", "cast_housing", "circuit_board", "bottle_closure")


def made(name: str, seed: int, **changes: Any) -> Shape:
    kind = family(name)
    return kind.build({**kind.draw(Stream(seed) / "test"), **changes}, None)


def solid_of(shape: Shape) -> trimesh.Trimesh:
    """All parts as one mesh, in mm."""
    meshes = [trimesh.Trimesh(p.mesh.vertices * 1000.0, p.mesh.faces, process=False) for p in shape.parts]
    whole = trimesh.util.concatenate(meshes)
    whole.merge_vertices(digits_vertex=4)
    return whole


@pytest.mark.parametrize("name", FAMILIES)
def test_a_good_part_is_one_closed_solid_on_the_ground(name: str) -> None:
    shape = made(name, 3, defect="none")
    assert [p.name for p in shape.parts] == ["body"]
    assert shape.notes["defects"] == []
    whole = solid_of(shape)
    edges, counts = np.unique(np.sort(whole.edges, axis=1), axis=0, return_counts=True)
    assert (counts % 2 == 1).sum() <= 1e-3 * len(edges)
    assert whole.volume > 0
    assert abs(whole.bounds[0, 2]) < 1e-3
    # A tenth of a millimetre is fine enough for a camera at 100 mm.
    assert max(shape.size_m) < 0.15


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["machined_plate", "spur_gear"])
def test_a_defect_is_a_part_of_its_own_of_the_size_on_record(name: str, kind: str) -> None:
    shape = made(name, 5, defect=kind, marked=True) if name == "spur_gear" else made(name, 5, defect=kind)
    record = shape.notes["defects"][0]
    part = shape.parts[1]
    assert part.name == record["part"]
    assert part.semantic == "defect"
    assert len(part.mesh.faces) > 0
    points = part.mesh.vertices.astype(np.float64) * 1000.0
    hull = points if len(points) < 400 else trimesh.convex.convex_hull(points + 1e-6).vertices
    furthest = np.linalg.norm(hull[:, None] - hull[None], axis=2).max()
    assert record["size_mm"] == pytest.approx(furthest, abs=0.02)
    low, high = points.min(axis=0), points.max(axis=0)
    assert (np.array(record["at_mm"]) >= low - 0.01).all()
    assert (np.array(record["at_mm"]) <= high + 0.01).all()


def test_what_a_defect_takes_or_gives_has_its_sign() -> None:
    good = solid_of(made("machined_plate", 5, defect="none")).volume
    volume = {k: solid_of(made("machined_plate", 5, defect=k)).volume - good for k in KINDS}
    assert all(volume[k] < 0 for k in ("scratch", "dent", "crack", "chip"))
    assert volume["burr"] > 0
    assert volume["missing_hole"] > 0
    assert abs(volume["stain"]) < 5.0


def test_a_dent_is_as_deep_as_asked_and_a_scratch_as_long() -> None:
    dent = made("machined_plate", 2, defect="dent", defect_size_mm=8.0, defect_depth_mm=0.9)
    top = dent.size_m[2]
    deepest = (top - dent.parts[1].mesh.vertices[:, 2].min()) * 1000
    assert deepest == pytest.approx(dent.notes["defects"][0]["depth_mm"], abs=0.02)
    assert deepest == pytest.approx(0.9, abs=0.05)
    scratch = made("machined_plate", 2, defect="scratch", defect_size_mm=14.0)
    assert scratch.notes["defects"][0]["size_mm"] == pytest.approx(14.0, abs=0.8)


def test_an_unknown_defect_is_refused_with_a_suggestion() -> None:
    with pytest.raises(SpecError, match="Did you mean"):
        made("machined_plate", 0, defect="scrach")


def test_involute_teeth_have_the_textbook_thickness() -> None:
    outline = involute(24, 2.0)
    ring = np.asarray(outline.exterior.coords)
    radius, angle = np.hypot(*ring.T), np.unwrap(np.arctan2(ring[:, 0], ring[:, 1]))
    assert radius.max() == pytest.approx(26.0, abs=1e-6)
    # On the pitch circle tooth and gap are equally wide: pi m / 2.
    crossings = np.flatnonzero(np.diff(np.sign(radius - 24.0)))
    at = angle[crossings] + (24.0 - radius[crossings]) / (radius[crossings + 1] - radius[crossings]) * (
        angle[crossings + 1] - angle[crossings]
    )
    widths = np.abs(np.diff(np.sort(at))) * 24.0
    assert widths == pytest.approx(np.full(len(widths), np.pi), abs=0.03)


def small(scene: Scene, width_px: int = 320) -> Scene:
    """The scene with a camera of that width, and no LiDAR."""
    cameras = [
        replace(s, width_px=width_px, height_px=width_px * 9 // 16)
        for s in scene.sensors
        if isinstance(s, Camera)
    ]
    return replace(scene, sensors=cameras)


def shown(ready: Stage) -> tuple[np.ndarray, Any]:
    """Picture and labels of the first keyframe."""
    camera, time_ns = ready.concrete.sensors[0], ready.concrete.keyframe_times_ns[0]
    renderer = RaycastRenderer()
    renderer.open(ready.world, "draft")
    picture = renderer.render(view(ready, camera, time_ns))
    return picture, camera_frame(ready.engine, ready.timeline, camera, time_ns)


@pytest.mark.parametrize("kind", ["scratch", "chip", "missing_hole", "stain"])
def test_twins_differ_by_the_defect_alone(kind: str) -> None:
    scene = small(inspection.PLATE)
    # A seed at which every one of these defects faces the camera.
    bad = prepare(scene, 6, 0, {"part.params.defect": kind, "part.params.second_defect": "none"})
    good = prepare(scene, 6, 0, {"part.params.defect": "none", "part.params.second_defect": "none"})
    changed = {k for k in bad.concrete.draws if bad.concrete.draws[k] != good.concrete.draws[k]}
    assert changed == {"part.params.defect"}
    (a, labels), (b, good_labels) = shown(bad), shown(good)
    defects = [p.part_id for p in bad.record.parts if p.semantic == "defect"]
    assert not [p for p in good.record.parts if p.semantic == "defect"]
    mask = np.isin(labels.part, defects)
    assert mask.any()
    rows, columns = np.nonzero(mask)
    # A hole that is not there also shows what one saw through it; beside that a defect shades what is near.
    halo = 14
    near = np.zeros_like(mask)
    near[
        max(rows.min() - halo, 0) : rows.max() + halo + 1,
        max(columns.min() - halo, 0) : columns.max() + halo + 1,
    ] = True
    away = np.abs(a.astype(int) - b.astype(int)).max(axis=2)[~near]
    # A chip lets light past it, which falls elsewhere.
    assert (away > 0).mean() < (2e-3 if kind == "chip" else 2e-4)
    assert kind == "chip" or away.max(initial=0) <= 1
    assert (labels.part == good_labels.part)[~near].all()
    assert np.allclose(labels.depth[~near], good_labels.depth[~near], atol=2e-7)
    assert np.abs(a.astype(int) - b.astype(int))[mask].max() > 3


def test_none_leaves_every_other_draw_of_the_library_as_it_was() -> None:
    for scene in (inspection.PART, inspection.BOARD):
        for seed in range(1):
            whole, none = resolve(scene, seed), resolve(scene, seed, do={"part.params.defect": "none"})
            differ = {k for k in whole.draws if whole.draws[k] != none.draws[k]}
            assert differ <= {"part.params.defect"}
            assert whole.items[-1].position_m == none.items[-1].position_m


@pytest.mark.slow
def test_many_seeds_of_every_family_build() -> None:
    for name in FAMILIES:
        kinds = set()
        for seed in range(5):
            shape = made(name, seed)
            kinds |= {d["kind"] for d in shape.notes["defects"]}
            for part, record in zip(shape.parts[1:], shape.notes["defects"], strict=True):
                assert part.name == record["part"]
                assert record["size_mm"] > 0.3
                box_low = np.array(shape.centre_m) - np.array(shape.size_m) / 2 - 2e-3
                assert (part.mesh.vertices >= box_low).all()
        assert len(kinds) >= 2, name
