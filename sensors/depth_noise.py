"""The stages of a depth measurement: what is seen, by how much light, matched with what error, lost why.

Sources: K. Khoshelham and S. O. Elberink (2012) for disparity noise, its resolution and sigma = z^2 s / (f b); A.
Handa, T. Whelan, J. McDonald and A. Davison, "A benchmark for RGB-D visual odometry, 3D reconstruction and SLAM"
(2014) for disparities that are quantised after noise; A. Grunnet-Jepsen, J. Sweetser and J. Woodfill, "Best known
methods for tuning Intel RealSense D400 depth cameras" (2018) for active stereo's subpixel error, window and occlusion
shadow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics, Pose
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.scenes.world import Material, Sky
from pairforge.seeding import Stream
from pairforge.sensors.depth_camera import EDGE, FAR, HIDDEN, HOLE, MEASURED, MIRROR, NEAR, NOTHING, WEAK
from pairforge.sensors.ray_engine import Hits, RayEngine, lifted
from pairforge.sensors.ray_poses import part_poses
from pairforge.sensors.timeline import Timeline

U8 = NDArray[np.uint8]
Bools = NDArray[np.bool_]

STEP_AT_EDGE = 0.03
"""Neighbours whose depths differ by more than this share are an edge."""
SPECKLE = 0.35
"""Spread (of the logarithm) of the light from pixel to pixel: where it just does not do, holes are scattered."""
POLISHED = 0.3
"""Roughness from which on metal sends some of the light back to where it came from."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What each pixel (H, W) looks at: true z-``depth`` (inf: nothing), ``instance``; ``light``: how many times as
    much as is needed comes back; ``mirror``: the share that goes elsewhere; ``hidden`` from the second viewpoint."""

    depth: F64
    instance: NDArray[np.uint16]
    light: F64
    mirror: F64
    hidden: Bools


def look(engine: RayEngine, timeline: Timeline, sensor: ConcreteSensor, pose: Pose, time_ns: int) -> Seen:
    """Casts rays through pixel centres, from there to the second viewpoint and to the sun."""
    s, camera, poses = sensor.settings, intrinsics_of(sensor), part_poses(timeline, time_ns)
    shape = (camera.height_px, camera.width_px)
    rays = pose.vectors(camera.rays().reshape(-1, 3))
    hits = engine.cast(np.tile(pose.position_m, (len(rays), 1)), rays, poses)
    hit = hits.hit
    depth = np.where(hit, hits.distance, np.inf).astype(np.float64)
    points = lifted(pose.position_m + rays[hit] * depth[hit][:, None], hits.normal[hit])
    second = pose.points([float(s["baseline_m"]), 0.0, 0.0])
    hidden = np.zeros(len(rays), dtype=np.bool_)
    hidden[hit] = engine.occluded(points, second - points, 1.0, poses)
    if s["method"] == "active_stereo":
        hidden |= _beside_second(camera, depth.reshape(shape), float(s["baseline_m"])).ravel()
    facing = np.zeros(len(rays))
    away = rays[hit] / np.linalg.norm(rays[hit], axis=1, keepdims=True)
    facing[hit] = -np.einsum("ij,ij->i", away, hits.normal[hit])
    sunlit = np.zeros(len(rays))
    sunlit[hit] = _sunlit(engine, points, hits.normal[hit].astype(np.float64), poses)
    diffuse, mirror = _surfaces(engine, hits)
    distance = depth * np.linalg.norm(rays, axis=1)
    with np.errstate(invalid="ignore"):
        light = diffuse / 0.1 * np.clip(facing, 0.0, 1.0) * (float(s["reach_m"]) / distance) ** 2
    light = np.where(hit, light, 0.0) / (1.0 + float(s["sunlight"]) * sunlit)
    return Seen(
        depth.reshape(shape),
        engine.world.instance_of_part[hits.part].reshape(shape),
        light.reshape(shape),
        mirror.reshape(shape),
        hidden.reshape(shape),
    )


def measured(seen: Seen, settings: Mapping[str, Any], stream: Stream) -> tuple[F64, U8]:
    """(H, W) z-depth as measured, 0 for none, and why."""
    depth, edge = _matched(seen.depth, settings, stream / "matching")
    focal_baseline = matching_focal_px(settings) * float(settings["baseline_m"])
    sigma, step = float(settings["disparity_sigma_px"]), float(settings["disparity_step_px"])
    with np.errstate(divide="ignore"):
        disparity = focal_baseline / depth + sigma * (stream / "disparity").rng().standard_normal(depth.shape)
    if step > 0.0:
        disparity = np.rint(disparity / step) * step
    z = focal_baseline / np.maximum(disparity, 1e-9)
    rng = (stream / "light").rng()
    light = seen.light * np.exp(SPECKLE * rng.standard_normal(depth.shape))
    lost = (stream / "holes").rng().random(depth.shape) < float(settings["hole_share"])
    status = np.select(
        [
            ~np.isfinite(depth),
            seen.hidden,
            (light < 1.0) & (seen.mirror > 0.5),
            light < 1.0,
            z < float(settings["min_range_m"]),
            z > float(settings["max_range_m"]),
            lost,
            edge,
        ],
        [NOTHING, HIDDEN, MIRROR, WEAK, NEAR, FAR, HOLE, EDGE],
        MEASURED,
    ).astype(np.uint8)
    return np.where(status <= EDGE, z, 0.0), status


def matching_focal_px(settings: Mapping[str, Any]) -> float:
    """Focal length in pixels of the image that is matched."""
    return float(settings["fx"]) * float(settings["matching_px"]) / float(settings["width_px"])


def at_edges(depth: F64) -> Bools:
    """(H, W) pixels beside one whose depth differs by more than ``STEP_AT_EDGE``."""
    edge = np.zeros(depth.shape, dtype=np.bool_)
    solid = np.where(np.isfinite(depth), depth, 1e9)
    for a, b in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        step = np.abs(solid[a] - solid[b]) > STEP_AT_EDGE * np.minimum(solid[a], solid[b])
        edge[a] |= step
        edge[b] |= step
    return edge


def _matched(depth: F64, settings: Mapping[str, Any], stream: Stream) -> tuple[F64, Bools]:
    """The depth that each pixel's window is matched at, and where it is not its own: near an edge the foreground wins
    where the window, a little off centre, holds some of it; and some pixels at edges lie between both."""
    rng = stream.rng()
    height, width = depth.shape
    reach = int(settings["window_px"])
    rows, columns = np.indices(depth.shape)
    off = rng.integers(-reach, reach + 1, size=(2, *depth.shape))
    beside = depth[np.clip(rows + off[0], 0, height - 1), np.clip(columns + off[1], 0, width - 1)]
    spread = beside < (1.0 - STEP_AT_EDGE) * depth
    found = np.where(spread, beside, depth)
    flying = at_edges(depth) & (rng.random(depth.shape) < float(settings["flying_share"]))
    other = depth[np.clip(rows + rng.integers(-1, 2, depth.shape), 0, height - 1), columns]
    other = np.where(rng.random(depth.shape) < 0.5, other, depth[rows, np.clip(columns + 1, 0, width - 1)])
    share = rng.random(depth.shape)
    flying &= np.isfinite(other) & np.isfinite(found)
    with np.errstate(divide="ignore", invalid="ignore"):
        flying &= np.abs(other - found) > STEP_AT_EDGE * found
        between = 1.0 / (share / found + (1.0 - share) / other)
    return np.where(flying, between, found), spread | flying


def _beside_second(camera: Intrinsics, depth: F64, baseline_m: float) -> Bools:
    """(H, W) points that fall left of the second imager's picture."""
    columns = np.arange(camera.width_px) + 0.5
    return np.asarray(columns - camera.fx * baseline_m / depth < 0.0)


def _sunlit(engine: RayEngine, points: F64, normals: F64, poses: Mapping[int, Pose]) -> F64:
    """(N,) how brightly the sun shines on points: 1 for a surface that faces a high sun in a clear sky."""
    sky: Sky = engine.world.sky
    across = np.cos(sky.sun_elevation)
    sun = np.array(
        [across * np.cos(sky.sun_azimuth), across * np.sin(sky.sun_azimuth), np.sin(sky.sun_elevation)]
    )
    facing = np.maximum(normals @ sun, 0.0)
    lit = np.flatnonzero(facing > 0.0)
    if sky.sun_elevation <= 0.0 or sky.sun_strength <= 0.0 or not len(lit):
        return np.zeros(len(points))
    shaded = engine.occluded(points[lit], np.tile(sun, (len(lit), 1)), np.inf, poses)
    out = np.zeros(len(points))
    out[lit] = sky.sun_strength * facing[lit] * ~shaded
    return out


def _surfaces(engine: RayEngine, hits: Hits) -> tuple[F64, F64]:
    """(N,), (N,) the share of light that surfaces send back evenly, and that they pass on or mirror away."""
    kinds = [_material(m) for m in engine.materials]
    table = np.array([*kinds, (0.0, 0.0)])
    found = table[engine.material_of(hits)]  # -1, nothing hit, is the last row
    return found[:, 0], found[:, 1]


def _material(m: Material) -> tuple[float, float]:
    mirror = max(m.transmission, m.metallic * float(np.clip(1.0 - m.roughness / POLISHED, 0.0, 1.0)))
    return m.lidar_reflectivity * (1.0 - mirror) ** 2, mirror
