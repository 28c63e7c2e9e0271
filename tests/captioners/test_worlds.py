"""The whole way to words in real worlds: spec, physics, rays, facts, captions, and not one claim refuted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.datasets.claims import prove
from pairforge.datasets.claims_happenings import scene_findings
from pairforge.pipeline import Stage, prepare
from pairforge.sample import Keyframe
from pairforge.scenes.library.driving import AVENUE, STREET
from pairforge.scenes.library.kitchen import COUNTER
from pairforge.scenes.library.robot import PICK
from pairforge.scenes.library.scenarios import LEFT_TURN, WRONG_WAY
from pairforge.scenes.library.shelf import BOOKS
from pairforge.scenes.library.tabletop import CONTAIN, DROP, GLASS, STACK
from pairforge.scenes.spec import Camera, Lidar, Scene
from pairforge.seeding import Stream
from pairforge.sensors.boxes import boxes3d
from pairforge.sensors.labels import camera_frame
from pairforge.sensors.lidar import sweep

pytestmark = pytest.mark.slow


def small(scene: Scene) -> Scene:
    """The scene with little sensors and a third of its keyframes."""
    sensors = [
        replace(s, width_px=320, height_px=180)
        if isinstance(s, Camera)
        else (replace(s, columns=360) if isinstance(s, Lidar) else s)
        for s in scene.sensors
    ]
    return replace(scene, sensors=sensors, keyframe_rate_hz=4 / scene.duration_s)


def sensed(ready: Stage, k: int) -> Keyframe:
    """Keyframe ``k`` without a picture."""
    time_ns, seed = ready.concrete.keyframe_times_ns[k], Stream(ready.concrete.seed)
    of_kind = {kind: [s for s in ready.concrete.sensors if s.kind == kind] for kind in ("camera", "lidar")}
    cameras = {s.name: camera_frame(ready.engine, ready.timeline, s, time_ns) for s in of_kind["camera"]}
    lidars = {
        s.name: sweep(ready.engine, ready.timeline, s, time_ns, seed / k / s.name) for s in of_kind["lidar"]
    }
    boxes = boxes3d(ready.world, ready.timeline, time_ns, cameras, lidars, ready.record.ego)
    ego = next((r.instance_id for r in ready.record.instances if r.name == ready.record.ego), 0)
    return Keyframe(0, k, time_ns, cameras, lidars, boxes, ready.timeline.controls_at(ego, time_ns))


ROOMS = {
    "tabletop.contain": {"inside", "at_rest"},
    "tabletop.stack": {"on_top_of", "at_rest"},
    "tabletop.glass": {"material", "at_rest"},
    "shelf.books": {"on_shelf", "visible"},
    "kitchen.counter": {"at_rest", "inside"},
}
"""What must have been said of a room, at least once."""


@pytest.mark.parametrize("scene", [CONTAIN, STACK, GLASS, BOOKS, COUNTER], ids=lambda s: str(s.name))
def test_every_claim_about_a_room_is_proved_and_what_it_is_about_is_said(scene: Scene) -> None:
    ready, said = prepare(small(scene), 3, 0), Counter[str]()
    for k in (0, len(ready.concrete.keyframe_times_ns) - 1):
        frame = sensed(ready, k)
        frame = replace(frame, facts=measure(frame, ready.record))
        captions = write(frame, ready.record, ("short", "dense"), Stream(3) / k)
        frame = replace(frame, captions=captions)
        assert [str(f) for f in prove(frame, ready.record)] == []
        facts = {f.fact_id: f.predicate for f in frame.facts}
        said.update(facts[i] for c in captions for s in c.statements for i in s.fact_ids)
    assert ROOMS[scene.name] <= set(said)


@pytest.mark.parametrize(("scene", "seed"), [(STREET, 5), (AVENUE, 8), (DROP, 5), (DROP, 6), (DROP, 7)])
def test_every_claim_about_a_real_world_is_proved(scene: Scene, seed: int) -> None:
    ready, said = prepare(small(scene), seed, 0), Counter[str]()
    for k in range(len(ready.concrete.keyframe_times_ns)):
        frame = sensed(ready, k)
        frame = replace(frame, facts=measure(frame, ready.record))
        captions = write(frame, ready.record, ready.concrete.captions or ("short", "dense"), Stream(seed) / k)
        frame = replace(frame, captions=captions)
        assert [str(f) for f in prove(frame, ready.record)] == []
        facts = {f.fact_id: f.predicate for f in frame.facts}
        said.update(facts[i] for c in captions for s in c.statements for i in s.fact_ids)
    wanted = {"lead", "distance", "visible"} if scene is not DROP else {"on_top_of", "at_rest", "visible"}
    assert wanted <= set(said)
    assert sum(said.values()) > 100


RULES = (
    (LEFT_TURN, 3, 1, {"must_yield_to", "signal_shows", "visible"}),
    (WRONG_WAY, 3, 6, {"wrong_way", "visible"}),
    (PICK, 1, 6, {"under_way", "at_rest"}),
)
"""Scene, seed and keyframe, and what must be said there."""


@pytest.mark.parametrize("case", RULES, ids=[str(c[0].name) for c in RULES])
def test_rules_and_grips_are_told_of_where_they_matter_and_all_is_proved(
    case: tuple[Scene, int, int, set[str]],
) -> None:
    scene, seed, k, due = case
    ready = prepare(replace(small(scene), keyframe_rate_hz=2.0), seed, 0)
    assert scene_findings(ready.record) == []
    frame = sensed(ready, k)
    frame = replace(frame, facts=measure(frame, ready.record))
    captions = write(frame, ready.record, ("dense",), Stream(seed) / k, ("en", "de", "es", "zh"))
    frame = replace(frame, captions=captions)
    assert [str(f) for f in prove(frame, ready.record)] == []
    facts = {f.fact_id: f.predicate for f in frame.facts}
    for caption in captions:
        said = {facts[i] for s in caption.statements for i in s.fact_ids}
        assert caption.sensor != captions[0].sensor or due <= said, caption.text
