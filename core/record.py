"""What a scene's dataset rows say beside its keyframes, gathered from the world and its timeline."""

from __future__ import annotations

from typing import Any

from pairforge.sample import InstanceRow, PartRow, SceneRecord
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import Instance, World
from pairforge.sensors.timeline import Timeline

EGO = "ego"


def scene_record(index: int, concrete: ConcreteScene, world: World, timeline: Timeline) -> SceneRecord:
    """The scene-wide rows: instances, parts, tracks, lanes, contacts and the concrete spec itself."""
    return SceneRecord(
        scene_index=index,
        scene=concrete.scene,
        seed=concrete.seed,
        concrete=concrete.to_json(),
        instances=tuple(_instance_row(i) for i in world.instances),
        parts=tuple(
            PartRow(p.part_id, p.instance_id, CLASSES[p.semantic_id].name, p.name) for p in world.parts
        ),
        part_tracks=timeline.parts,
        instance_tracks=timeline.bodies,
        part_poses={p.part_id: p.world_from_part for p in world.parts if p.part_id not in timeline.parts},
        instance_poses={
            i.instance_id: i.world_from_body for i in world.instances if i.instance_id not in timeline.bodies
        },
        lanes=tuple((lane.lane_id, lane.width_m, lane.centre_m) for lane in world.lanes),
        contacts=timeline.contacts,
        ego=EGO if any(i.name == EGO for i in world.instances) else None,
        extra={**_notes(world), **_materials(concrete, world)},
    )


def _notes(world: World) -> dict[str, Any]:
    """{"notes": {instance id as text: its shape's notes}}; nothing when no shape has any."""
    notes = {str(i.instance_id): dict(i.shape.notes) for i in world.instances if i.shape.notes}
    return {"notes": notes} if notes else {}


def _materials(concrete: ConcreteScene, world: World) -> dict[str, Any]:
    """{"materials": what each id of the label "material" stands for}; nothing when no camera asks for it."""
    if not any("material" in s.settings.get("labels", ()) for s in concrete.sensors):
        return {}
    rows = [
        {
            "material_id": k,
            "name": m.name,
            "pattern": m.pattern,
            "colour_rgb": list(m.colour),
            "textured": m.texture is not None,
            "roughness": m.roughness,
            "metallic": m.metallic,
            "transmission": m.transmission,
        }
        for k, m in enumerate(world.materials, start=1)
    ]
    return {"materials": rows}


def _instance_row(instance: Instance) -> InstanceRow:
    return InstanceRow(
        instance_id=instance.instance_id,
        name=instance.name,
        family=instance.family,
        semantic=CLASSES[instance.semantic_id].name,
        noun=instance.noun,
        colour=instance.colour,
        colour_rgb=instance.colour_rgb,
        material=instance.material,
        size_m=instance.size_m,
        centre_m=instance.centre_m,
        has_front=instance.has_front,
        moves=instance.moves,
        mass_kg=instance.mass_kg,
        behaviour=str(instance.behaviour.get("kind", "")),
    )
