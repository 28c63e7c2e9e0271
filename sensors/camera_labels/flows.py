"""Optical flow to one camera period earlier, and which points are hidden at the end of either flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pairforge.arrays import ArraySpec
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_BACKWARD = (
    ArraySpec(
        "backward_flow",
        "npy",
        "float32",
        ("H", "W", 2),
        "px",
        "image",
        "(du, dv) of the point to time - flow_dt; nan: none",
        optional=True,
    ),
)


def _mask(name: str, when: str) -> tuple[ArraySpec, ...]:
    what = f"1: the point is hidden or outside the image at {when}; 0: it is seen; 255: nothing hit"
    return (ArraySpec(name, "png", "uint8", ("H", "W"), "1", "image", what, optional=True),)


def backward_flow(shot: Shot) -> Arrays:
    """(H, W, 2) float32, as the forward flow but to ``time_ns - flow_dt_ns``."""
    from pairforge.sensors.camera_labels.motion import then  # labels are listed without what makes them
    from pairforge.sensors.flow import forward_flow

    frame, before = shot.frame, shot.frame.time_ns - shot.frame.flow_dt_ns
    flow = forward_flow(shot.world, frame.depth, frame.part, shot.hits.view, then(shot, before))
    return {"backward_flow": flow}


def flow_occluded(shot: Shot) -> Arrays:
    """(H, W) uint8 at ``time_ns + flow_dt_ns``; see ``motion.hidden_at``."""
    from pairforge.sensors.camera_labels.motion import hidden_at

    return {"flow_occluded": hidden_at(shot, shot.frame.time_ns + shot.frame.flow_dt_ns)}


def backward_flow_occluded(shot: Shot) -> Arrays:
    """(H, W) uint8 at ``time_ns - flow_dt_ns``; see ``motion.hidden_at``."""
    from pairforge.sensors.camera_labels.motion import hidden_at

    return {"backward_flow_occluded": hidden_at(shot, shot.frame.time_ns - shot.frame.flow_dt_ns)}


BACKWARD_FLOW = CameraLabel(
    "backward_flow", "optical flow to one camera period earlier", _BACKWARD, backward_flow, looks_back=True
)
FLOW_OCCLUDED = CameraLabel(
    "flow_occluded",
    "which points are hidden or outside at the end of the flow",
    _mask("flow_occluded", "time + flow_dt"),
    flow_occluded,
)
BACKWARD_FLOW_OCCLUDED = CameraLabel(
    "backward_flow_occluded",
    "which points were hidden or outside one camera period earlier",
    _mask("backward_flow_occluded", "time - flow_dt"),
    backward_flow_occluded,
    looks_back=True,
)
