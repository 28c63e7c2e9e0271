"""Exact camera labels: rays through pixel centres on the exact geometry, never the beauty pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from pairforge.sample import Box2D, CameraFrame
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import Instance, World
from pairforge.sensors.camera_labels.shot import with_labels
from pairforge.sensors.cones import Window
from pairforge.sensors.flow import forward_flow
from pairforge.sensors.mount import mount_instance, world_from_sensor
from pairforge.sensors.outline import Outline, inside_image, outline
from pairforge.sensors.pixels import PixelHits, cast_view
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.rolling_view import view_at
from pairforge.sensors.solo import solo_pixels
from pairforge.sensors.timeline import Timeline


def camera_frame(
    engine: RayEngine,
    timeline: Timeline,
    sensor: ConcreteSensor,
    time_ns: int,
    rgb: NDArray[np.uint8] | None = None,
) -> CameraFrame:
    """All labels that every camera gives, at one time stamp; ``rgb`` (H, W, 3) is taken as given, black when None.

    Flow reaches to the camera's next frame, 1 / rate_hz later. Boxes are given to every boxed-class instance with a
    pixel in the mask, save the one the camera is mounted on.
    """
    return _frame_and_hits(engine, timeline, sensor, time_ns, rgb)[0]


def _frame_and_hits(
    engine: RayEngine,
    timeline: Timeline,
    sensor: ConcreteSensor,
    time_ns: int,
    rgb: NDArray[np.uint8] | None = None,
) -> tuple[CameraFrame, PixelHits]:
    world, camera = engine.world, intrinsics_of(sensor)
    dt_ns = round(1e9 / float(sensor.settings["rate_hz"]))
    hits = cast_view(engine, view_at(world, timeline, sensor, time_ns))
    view_later = view_at(world, timeline, sensor, time_ns + dt_ns)
    shape = (camera.height_px, camera.width_px)
    depth, part = hits.distance.reshape(shape), hits.part.reshape(shape)
    instance = world.instance_of_part[part]
    carrier = mount_instance(world, sensor)
    frame = CameraFrame(
        sensor=sensor.name,
        time_ns=time_ns,
        flow_dt_ns=dt_ns,
        intrinsics=camera,
        world_from_camera=world_from_sensor(world, timeline, sensor, time_ns),
        world_from_camera_next=world_from_sensor(world, timeline, sensor, time_ns + dt_ns),
        rgb=np.zeros((*shape, 3), np.uint8) if rgb is None else rgb,
        depth=depth,
        normal=hits.normal.reshape(*shape, 3).astype(np.float16),
        part=part,
        instance=instance,
        semantic=world.semantic_of_part[part],
        flow=forward_flow(world, depth, part, hits.view, view_later),
        boxes=boxes2d(engine, hits, instance, carrier.instance_id if carrier else 0),
    )
    return frame, hits


def boxes2d(
    engine: RayEngine, hits: PixelHits, mask: NDArray[np.uint16], carrier_id: int = 0
) -> tuple[Box2D, ...]:
    """Boxes of all boxed-class instances seen in ``mask`` (H, W), in order of their ids, without ``carrier_id``."""
    window = dict(enumerate(find_objects(mask), start=1))
    return tuple(
        _box2d(engine, hits, mask, i, window[i.instance_id])
        for i in boxed_instances(engine.world)
        if i.instance_id != carrier_id and window.get(i.instance_id) is not None
    )


def boxed_instances(world: World) -> tuple[Instance, ...]:
    """The instances whose class gets boxes."""
    return tuple(i for i in world.instances if CLASSES[i.semantic_id].boxed)


def _box2d(
    engine: RayEngine, hits: PixelHits, mask: NDArray[np.uint16], instance: Instance, window: Window
) -> Box2D:
    rows, columns = window
    visible = (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
    visible_px = int(np.count_nonzero(mask[window] == instance.instance_id))
    solid = [k for k in instance.part_ids if len(engine.world.part(k).mesh.faces)]
    whole = outline(hits.view, [(k, engine.bounds(engine.world.part(k).mesh)) for k in solid])
    full = (whole or Outline(visible)).joined(visible)
    solo_px = solo_pixels(engine, hits, mask, instance, window)
    return Box2D(
        instance_id=instance.instance_id,
        visible_px=visible_px,
        solo_px=solo_px,
        visible_box=visible,
        full_box=full.box,
        occlusion=1.0 - visible_px / solo_px,
        truncation=1.0 - inside_image(full, hits.view.camera).area / full.area,
    )


def _sense(at: Sensing) -> CameraFrame:
    return with_labels(at, *_frame_and_hits(at.engine, at.timeline, at.sensor, at.time_ns))


CAMERA = SensorModel("camera", CameraFrame, _sense)
