"""Exposure and readout in Blender: things and camera animated over one frame, which is only a unit of time (worker
only).

Cycles' shutter is open from frame -0.5 to 0.5. Its rolling shutter exposes row r of H around ``(r + 1) / H - 0.5`` of
the readout, half a row late, so the animation is half a row late too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy
import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, rotation, wxyz
from pairforge.renderers.blender_scene import MotionData

_MOST_STEPS = 7
_ACTION = "exposure"
_CHANNELS = (("location", 3), ("rotation_quaternion", 4))


def start(scene: Any, motion: MotionData, height_px: int, things: Mapping[int, Any]) -> None:
    """Opens the shutter: animates ``things`` (0 the camera, part id -> object) whose poses ``motion`` gives."""
    span = motion.exposure_s + motion.readout_s
    steps = _steps(len(motion.offsets_s))
    shares = np.linspace(0.0, 1.0, 2**steps + 1)
    offsets = (shares - 0.5) * span - 0.5 * motion.readout_s / height_px
    action = bpy.data.actions.new(_ACTION)
    strip = action.layers.new(_ACTION).strips.new(type="KEYFRAME")
    for key, poses in sorted(motion.poses.items()):
        _animate(action, strip, things[key], shares - 0.5, poses_at(offsets, motion.offsets_s, poses))
        things[key].cycles.use_motion_blur, things[key].cycles.motion_steps = True, steps
    render = scene.render
    render.use_motion_blur, render.motion_blur_position, render.motion_blur_shutter = True, "CENTER", 1.0
    scene.cycles.rolling_shutter_type = "TOP" if motion.readout_s > 0.0 else "NONE"
    scene.cycles.rolling_shutter_duration = motion.exposure_s / span
    scene.frame_set(0)


def stop(scene: Any, motion: MotionData, things: Mapping[int, Any]) -> None:
    """Shuts it, and leaves no trace of ``start``."""
    scene.render.use_motion_blur = False
    scene.cycles.rolling_shutter_type = "NONE"
    for key in motion.poses:
        things[key].animation_data_clear()
        things[key].rotation_mode = "XYZ"
        things[key].cycles.use_motion_blur = False
    bpy.data.actions.remove(bpy.data.actions[_ACTION])


def poses_at(offsets_s: F64, knots_s: F64, poses: F64) -> F64:
    """Poses (N, 7), position and quaternion wxyz, at times (N,) from those (K, 7) at ``knots_s`` (K,): positions
    linear, rotations slerped, both going on as they were outside the knots."""
    k = np.clip(np.searchsorted(knots_s, offsets_s) - 1, 0, len(knots_s) - 2)
    share = ((offsets_s - knots_s[k]) / (knots_s[k + 1] - knots_s[k]))[:, None]
    first, turn = poses[k], rotation(poses[k, 3:])
    step = (turn.inv() * rotation(poses[k + 1, 3:])).as_rotvec()
    turned = wxyz(turn * Rotation.from_rotvec(share * step))
    # Neighbours on the same side of the sphere: Blender interpolates the four numbers.
    flips = np.cumprod(np.r_[1.0, np.where((turned[1:] * turned[:-1]).sum(axis=1) < 0.0, -1.0, 1.0)])
    return np.hstack([first[:, :3] + share * (poses[k + 1, :3] - first[:, :3]), turned * flips[:, None]])


def _steps(instants: int) -> int:
    """Cycles knows poses at 2^steps + 1 times; no fewer than are given, if it can."""
    return min(max(int(np.ceil(np.log2(instants - 1))), 1), _MOST_STEPS)


def _animate(action: Any, strip: Any, thing: Any, frames: F64, poses: F64) -> None:
    thing.rotation_mode = "QUATERNION"
    slot = action.slots.new("OBJECT", thing.name)
    curves = strip.channelbag(slot, ensure=True).fcurves
    column = 0
    for path, size in _CHANNELS:
        for index in range(size):
            keys = curves.new(path, index=index).keyframe_points
            keys.add(len(frames))
            keys.foreach_set("co", np.stack([frames, poses[:, column]], axis=1).astype(np.float32).ravel())
            keys.foreach_set("interpolation", np.ones(len(frames), dtype=np.int32))  # linear
            column += 1
    data = thing.animation_data_create()
    data.action, data.action_slot = action, slot
