"""Facts: truths measured in the arrays and rows of one keyframe, as stored, never in the spec.

Every formula is written down in docs/captions.md; ``pairforge.datasets.claims`` derives each fact again by its own
code and its own numbers.
"""

from __future__ import annotations

from pairforge.captioners.facts_clip import clip_facts
from pairforge.captioners.facts_ego import ego_facts
from pairforge.captioners.facts_events import cause_facts, event_facts
from pairforge.captioners.facts_frames import frame_facts
from pairforge.captioners.facts_image import image_facts
from pairforge.captioners.facts_inspection import inspection_facts
from pairforge.captioners.facts_lane_change import lane_change_facts
from pairforge.captioners.facts_lidar import lidar_facts
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.facts_next import next_facts
from pairforge.captioners.facts_place import place_facts
from pairforge.captioners.facts_relations import relation_facts
from pairforge.captioners.facts_road import road_facts
from pairforge.captioners.facts_rooms import room_facts
from pairforge.captioners.facts_signals import signal_facts
from pairforge.captioners.facts_sky import sky_facts
from pairforge.captioners.facts_support import support_facts
from pairforge.captioners.facts_table import table_facts
from pairforge.captioners.facts_things import count_facts, thing_facts
from pairforge.captioners.facts_traffic import traffic_facts
from pairforge.sample import Fact, Keyframe, SceneRecord


def measure(frame: Keyframe, record: SceneRecord) -> tuple[Fact, ...]:
    """Every fact of a keyframe, numbered from 1 in a fixed order.

    Reads the cameras' instance, depth and semantic images and 2D boxes, the 3D boxes, the LiDAR returns, the
    stored tracks, lanes and contacts, the controls, and the sky of the concrete scene.
    """
    scene, found = Scene(frame, record), FactList(frame.time_ns)
    for name in scene.eyes:
        image_facts(scene, name, found)
    thing_facts(scene, found)
    for name in scene.eyes:
        relation_facts(scene, name, found)
    if scene.ego_id is not None:
        road_facts(scene, found)
        ego_facts(scene, found)
        next_facts(scene, found)
        lane_change_facts(scene, found)
    else:
        table_facts(scene, found)
        support_facts(scene, found)
        room_facts(scene, found)
    for name in scene.eyes:
        count_facts(scene, name, found)
    inspection_facts(scene, found)
    lidar_facts(scene, found)
    sky_facts(scene, found)
    place_facts(scene, found)
    frame_facts(scene, found)
    traffic_facts(scene, found)
    signal_facts(scene, found)
    event_facts(scene, found)
    cause_facts(scene, found)
    clip_facts(scene, found)
    return tuple(found.facts)
