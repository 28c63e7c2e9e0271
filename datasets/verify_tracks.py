"""Do tracked points keep to their parts over the clip, and are they seen where depth says so?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_labels import labelled
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64

KEPT_M = 1e-6
PROJECTED_PX = 1e-2
GAP_M, GAP_PX = 0.02, 4.0
"""What the pixels around a point show is compared within so much, and the size of so many pixels at its depth."""
REFUTED_SHARE, REFUTED_LEAST = 0.025, 3
"""Points of one frame that may disagree: beside an edge, pixels and point need not see the same."""

Mask = NDArray[np.bool_]


def point_tracks(view: FrameView) -> Iterator[Problem]:
    """A tracked point stays where it was on its part, projects to its pixel, and is seen where depth shows it."""
    for cam in labelled(view, "track_ids", "track_part", "track_uv", "track_visible", "track_xyz"):
        c = cam.camera
        ids, part = c.extra["track_ids"].astype(np.int64), c.extra["track_part"].astype(np.int64)
        uv, xyz = c.extra["track_uv"].astype(np.float64), c.extra["track_xyz"]
        if not (np.diff(ids) > 0).all():
            yield Problem(cam.member("track_ids.npy"), "ids do not rise")
            continue
        if (view.scene.instance_of_part[part] < 0).any() or (part == 0).any():
            yield Problem(cam.member("track_part.npy"), "a point is on a part that does not exist")
            continue
        yield from _followed(view, cam, ids, part, uv, xyz)
        yield from _projected(view, cam, uv, xyz)
        yield from _sighted(view, cam, part, uv, xyz)


def _followed(
    view: FrameView, cam: CameraView, ids: NDArray[np.int64], part: NDArray[np.int64], uv: F64, xyz: F64
) -> Iterator[Problem]:
    """Against where each point was when it was first told of; new ones must be seen."""
    known = view.scene.tracked.setdefault(cam.camera.sensor, {})
    lost = [i for i in known if i not in set(ids.tolist())]
    if lost:
        yield Problem(
            cam.member("track_ids.npy"), f"{len(lost)} points of before are gone, the first {lost[0]}"
        )
    times = cam.times_at(uv)
    local = np.zeros_like(xyz)
    for part_id in np.unique(part):
        own = part == part_id
        local[own] = view.scene.into("part", int(part_id), times[own], xyz[own])
    visible, off, moved = cam.camera.extra["track_visible"], np.zeros(len(ids)), 0
    for k, i in enumerate(ids.tolist()):
        if i not in known:
            known[i] = (int(part[k]), local[k])
            moved += int(visible[k] != 1)
            continue
        off[k] = np.inf if known[i][0] != part[k] else float(np.linalg.norm(known[i][1] - local[k]))
    if moved:
        yield Problem(
            cam.member("track_visible.npy"), f"{moved} points are not seen in the frame that chose them"
        )
    wrong = off > KEPT_M + 1e-7 * np.abs(xyz).max(axis=1, initial=0.0)
    if wrong.any():
        yield Problem(
            cam.member("track_xyz.npy"),
            f"{int(wrong.sum())} of {len(ids)} points are not where parts carry them, the first {ids[wrong][0]}",
        )
    view.measured.add("track_drift_m", off[np.isfinite(off)])


def _projected(view: FrameView, cam: CameraView, uv: F64, xyz: F64) -> Iterator[Problem]:
    due = cam.image_of(cam.times_at(uv), xyz)
    with np.errstate(invalid="ignore"):
        off = np.abs(due - uv).max(axis=1)
        wrong = (np.isnan(due[:, 0]) != np.isnan(uv[:, 0])) | (
            off > PROJECTED_PX + 1e-6 * np.abs(due).max(axis=1)
        )
    if wrong.any():
        yield Problem(cam.member("track_uv.npy"), f"{int(wrong.sum())} of {len(uv)} points project elsewhere")
    view.measured.add("track_projection_px", off)


def _sighted(
    view: FrameView, cam: CameraView, part: NDArray[np.int64], uv: F64, xyz: F64
) -> Iterator[Problem]:
    visible, (h, w) = cam.camera.extra["track_visible"], cam.hit.shape
    with np.errstate(invalid="ignore"):
        inside = (uv >= 0).all(axis=1) & (uv < [w, h]).all(axis=1)
    member = cam.member("track_visible.npy")
    if not np.isin(visible, (0, 1)).all():
        yield Problem(member, "a visibility is neither 0 nor 1")
    if (visible[~inside] == 1).any():
        yield Problem(member, f"{int((visible[~inside] == 1).sum())} points are seen outside the image")
    at = np.flatnonzero(inside)
    far = np.linalg.norm(cam.in_camera(cam.times_at(uv[at]), xyz[at]), axis=1)
    slack = GAP_M + GAP_PX * far / cam.camera.intrinsics.fx
    shows, covers = np.zeros(len(at), bool), np.zeros(len(at), bool)
    rows, columns = uv[at, 1].astype(int), uv[at, 0].astype(int)
    shown = np.where(cam.hit, np.linalg.norm(cam.points_camera, axis=-1), np.inf)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            r, c = np.clip(rows + down, 0, h - 1), np.clip(columns + right, 0, w - 1)
            own = cam.camera.part[r, c] == part[at]
            shows |= own & (np.abs(shown[r, c] - far) <= slack)
            covers |= (shown[r, c] < far - NEAR_SHARE * far) & (~own | (shown[r, c] < far - slack / 2))
    refuted = np.where(visible[at] == 1, ~shows, ~covers)
    if refuted.sum() > max(REFUTED_LEAST, REFUTED_SHARE * len(at)):
        yield Problem(
            member,
            f"{int(refuted.sum())} of {len(at)} points are seen or hidden otherwise than depth says",
        )
    if len(at):
        view.measured.add("track_visibility_refuted_share", np.array([refuted.mean()]))


NEAR_SHARE = 1e-3
"""Nearer than the point by more than this share of its distance: something else, not its own surface."""

CHECKS = (point_tracks,)
