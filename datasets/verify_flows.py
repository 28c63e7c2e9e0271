"""Do both flows, and what is told of hidden points, agree with tracks, with each other and with the next picture?

A flow's end is proved by the stored tracks in every frame. Whether the point is seen there can be proved whenever the
frame of that moment is stored too: keyframes at the camera's own rate, or sweeps. Then, where a flow's end is said to
be seen, the next picture must show that very surface there, and its backward flow must lead back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_camera import pixels
from pairforge.datasets.verify_labels import labelled
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64

FLOW_PX, FLOW_SHARE = 1e-2, 1e-5
EDGE_PX = 1e-2
"""Ends so near to the image's edge may count as inside or outside."""
DEPTH_M, DEPTH_SHARE = 0.01, 0.004
"""The next picture shows the point when a pixel beside its end has its part, with a plane through it so nearly."""
BACK_PX, BACK_SHARE = 0.05, 0.02
"""Backward flow between pixels, which is not quite linear in them, leads back to within this and this share of it."""
REFUTED_SHARE, REFUTED_LEAST = 0.02, 6
"""Pixels of one picture that may disagree: on edges, neither picture shows what is between its pixels."""
HIDDEN_SHARE, HIDDEN_LEAST = 0.25, 10
"""The same of those that something seems to hide: there are few of them, and most lie beside an edge."""
MASKS = {"flow_occluded": 1, "backward_flow_occluded": -1}

Mask = NDArray[np.bool_]


def backward_flow(view: FrameView) -> Iterator[Problem]:
    """Backward flow is what depth, tracks and both camera poses give."""
    for cam in labelled(view, "backward_flow"):
        c, stored = cam.camera, cam.camera.extra["backward_flow"].astype(np.float64)
        due, _ = cam.arrivals(-c.flow_dt_ns)
        lost = np.isnan(due).any(axis=-1)
        yield from pixels(
            cam,
            "backward_flow.npy",
            lost != np.isnan(stored).any(axis=-1),
            "have a flow without a point, or none with one",
        )
        off = np.abs(stored - c.intrinsics.shift(cam.centres, due)).max(axis=-1)
        wrong = ~lost & ~(off <= FLOW_PX + FLOW_SHARE * np.abs(stored).max(axis=-1))
        yield from pixels(cam, "backward_flow.npy", wrong, "have a flow that depth and tracks do not give")
        view.measured.add("backward_flow_error_px", off[~lost])


def hidden_masks(view: FrameView) -> Iterator[Problem]:
    """Points whose flow ends outside the image are hidden, and what has no surface is 255."""
    for name, sign in MASKS.items():
        for cam in labelled(view, name):
            mask, member = cam.camera.extra[name], f"{name}.png"
            yield from pixels(
                cam, member, (mask == 255) == cam.hit, "are 255 on a surface, or not where nothing is"
            )
            yield from pixels(cam, member, ~np.isin(mask, (0, 1, 255)), "are neither 0, 1 nor 255")
            uv, _ = cam.arrivals(sign * cam.camera.flow_dt_ns)
            h, w = cam.hit.shape
            with np.errstate(invalid="ignore"):
                deep = np.minimum(uv, [w, h] - uv).min(axis=-1)
                outside = cam.hit & ~(deep > -EDGE_PX)
            yield from pixels(
                cam, member, outside & (mask != 1), "are seen though their point is outside the image"
            )


def both_flows(view: FrameView) -> Iterator[Problem]:
    """Where two pictures are one camera period apart: what is seen in both is the same surface, and the flows of
    both lead to and fro."""
    for cam in view.cameras:
        before = view.scene.before.get(cam.camera.sensor)
        view.scene.before[cam.camera.sensor] = cam.camera
        if before is None or abs(cam.camera.time_ns - before.time_ns - before.flow_dt_ns) > 1:
            continue
        earlier = CameraView(view, before)
        for name, one, other in (("flow_occluded", earlier, cam), ("backward_flow_occluded", cam, earlier)):
            if name in one.camera.extra:
                yield from _compared(view, name, one, other)


@dataclass(frozen=True, eq=False)
class _Landing:
    """Of pixels of one picture whose flow ends inside another: rows and columns (M,), and whether the other shows
    their surface (``same``), or something in front of it (``behind``); neither where the four pixels around do not
    show one plane, as in foliage, since what is between them is then not known."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    same: Mask
    behind: Mask


def _compared(view: FrameView, name: str, one: CameraView, other: CameraView) -> Iterator[Problem]:
    flow = one.camera.flow if name == "flow_occluded" else one.camera.extra.get("backward_flow")
    if flow is None:
        return
    ends = one.centres + flow
    at = _landing(one, other, ends, other.camera.time_ns)
    hidden = one.camera.extra[name][at.rows, at.columns] == 1
    for due, said, most, least, what in (
        (
            at.behind,
            ~hidden,
            HIDDEN_SHARE,
            HIDDEN_LEAST,
            "are hidden at their flow's end, yet are told to be seen",
        ),
        (
            at.same,
            hidden,
            REFUTED_SHARE,
            REFUTED_LEAST,
            "show at their flow's end, yet are told to be hidden",
        ),
    ):
        wrong, count = int((due & said).sum()), int(due.sum())
        if wrong > max(least, most * count):
            yield Problem(one.member(f"{name}.png"), f"{wrong} of {count} pixels {what}")
        if count >= HIDDEN_LEAST:
            view.measured.add("occlusion_mask_refuted_share", np.array([wrong / count]))
    back = other.camera.extra.get("backward_flow") if name == "flow_occluded" else other.camera.flow
    if back is not None:
        yield from _to_and_fro(view, name, one, other, ends, back, at, hidden)


def _landing(one: CameraView, other: CameraView, ends: F64, time_ns: int) -> _Landing:
    h, w = other.hit.shape
    with np.errstate(invalid="ignore"):
        inside = one.hit & (ends >= 1).all(axis=-1) & (ends < [w - 1, h - 1]).all(axis=-1)
    rows, columns = np.nonzero(inside)
    u, v = ends[inside].T
    left, top = np.floor(u - 0.5).astype(int), np.floor(v - 0.5).astype(int)
    points, part = one.arrivals(time_ns - one.camera.time_ns)[1][inside], one.camera.part[inside]
    z = np.linalg.norm(points, axis=1)
    near = DEPTH_M + DEPTH_SHARE * z
    corner = other.points_camera[top, left], other.normal[top, left], other.camera.part[top, left]
    own, solid, nearer = corner[2] == part, np.ones(len(u), dtype=bool), np.ones(len(u), dtype=bool)
    for down in (0, 1):
        for right in (0, 1):
            r, c = top + down, left + right
            seen = other.points_camera[r, c]
            flat = np.abs(np.einsum("nk,nk->n", seen - corner[0], corner[1])) <= near
            solid &= other.hit[r, c] & (other.camera.part[r, c] == corner[2]) & flat
            nearer &= np.linalg.norm(seen, axis=1) < z - near
    on = np.abs(np.einsum("nk,nk->n", points - corner[0], corner[1])) <= near
    same, behind = solid & own & on, solid & nearer & ~(own & on)
    return _Landing(rows, columns, same, behind)


def _to_and_fro(
    view: FrameView,
    name: str,
    one: CameraView,
    other: CameraView,
    ends: F64,
    back: NDArray[np.float32],
    at: _Landing,
    hidden: Mask,
) -> Iterator[Problem]:
    """There and back again: flow, then the other picture's opposite flow between the four pixels around its end."""
    u, v = ends[at.rows, at.columns].T
    left, top = np.floor(u - 0.5).astype(int), np.floor(v - 0.5).astype(int)
    part = one.camera.part[at.rows, at.columns]
    whole, lead = np.ones(len(u), dtype=bool), np.zeros((len(u), 2))
    corners = []
    for down in (0, 1):
        for right in (0, 1):
            r, c = top + down, left + right
            whole &= other.camera.part[r, c] == part
            weight = np.abs(1 - right - (u - 0.5 - left)) * np.abs(1 - down - (v - 0.5 - top))
            lead += weight[:, None] * back[r, c]
            corners.append(back[r, c].astype(np.float64))
    spread = np.ptp(np.array(corners), axis=0).max(axis=1)
    off = np.abs(ends[at.rows, at.columns] + lead - one.centres[at.rows, at.columns]).max(axis=1)
    asked = whole & ~hidden & at.same & np.isfinite(off)
    wrong = asked & (off > BACK_PX + BACK_SHARE * np.abs(lead).max(axis=1) + spread)
    view.measured.add("there_and_back_px", off[asked])
    if wrong.sum() > max(REFUTED_LEAST, REFUTED_SHARE * asked.sum()):
        yield Problem(
            one.member(f"{name}.png"),
            f"{int(wrong.sum())} of {int(asked.sum())} pixels seen in both pictures are not led back to their start",
        )


CHECKS = (backward_flow, hidden_masks, both_flows)
