"""Is a measured depth the true one within the noise that its model states, and missing where it must be?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_camera import outside_box_m
from pairforge.datasets.verify_view import FrameView
from pairforge.frames import F64
from pairforge.sample import CameraFrame, Reading
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of

SIGMAS = 6.0
SPREAD_TOLERANCE = 0.1
"""By how much the spread of the errors may differ from the model's."""
ROUNDING = 1e-5
"""Share of a depth that float32 loses."""
LEAST_HIDDEN = 0.9
"""Share of the pixels that something nearer covers in the second view that must be without depth."""
LEAST_ALIGNED = 0.9
"""Share of the depths carried into the colour camera that agree with its own, within noise and an edge's reach."""


def depth_status(view: FrameView) -> Iterator[Problem]:
    """A pixel has a depth within range, or says why not."""
    for r, s, member in _cameras(view):
        depth, status = r.arrays["depth_m"], r.arrays["status"]
        has = status <= 1
        if (status > 8).any() or ((depth > 0) != has).any():
            yield Problem(
                member("status.png"), "pixels without a depth say they have one, or the other way round"
            )
        low, high = float(s.settings["min_range_m"]), float(s.settings["max_range_m"])
        if (has & ~((depth >= low * (1 - ROUNDING)) & (depth <= high * (1 + ROUNDING)))).any():
            yield Problem(member("depth_m.npy"), f"depths lie outside {low:g}..{high:g} m")
        nothing = ~np.isfinite(r.arrays["true_depth_m"])
        if (nothing & (status == 0)).any() or (nothing & (r.arrays["instance"] > 0)).any():
            yield Problem(member("true_depth_m.npy"), "there is something where there is nothing")


def depth_noise(view: FrameView) -> Iterator[Problem]:
    """Away from edges the disparity errs by the noise and the step of the model; at edges it is some neighbour's."""
    for r, s, member in _cameras(view):
        depth, true, status = _arrays(r)
        reach = _focal_baseline(s.settings)
        sigma, step = float(s.settings["disparity_sigma_px"]), float(s.settings["disparity_step_px"])
        own = status == 0
        with np.errstate(divide="ignore", invalid="ignore"):
            error = reach / depth - reach / true
        most = SIGMAS * sigma + step / 2
        slack = ROUNDING * reach / np.maximum(depth, 1e-9)
        wrong = own & ~(np.abs(error) <= most + slack)
        if wrong.any():
            yield Problem(
                member("depth_m.npy"), f"{int(wrong.sum())} depths err by more than noise and step allow"
            )
        spread = np.sqrt(sigma**2 + step**2 / 12)
        if own.sum() >= 5000 and spread > 0.0:
            found = float(np.sqrt(np.mean(error[own] ** 2)) / spread)
            view.measured.add("depth_spread_over_model", np.array([found]))
            if abs(found - 1.0) > SPREAD_TOLERANCE:
                yield Problem(
                    member("depth_m.npy"), f"disparities spread {found:.2f} times as far as the model says"
                )
        yield from _edges(r, s.settings, member, most)


def _edges(r: Reading, s: Mapping[str, Any], member: Any, most: float) -> Iterator[Problem]:
    """Depths at edges lie between the nearest and the farthest of their neighbourhood."""
    depth, true, status = _arrays(r)
    size = 2 * (int(s["window_px"]) + 1) + 1
    near = minimum_filter(true, size, mode="nearest")
    far = maximum_filter(np.where(np.isfinite(true), true, 1e9), size, mode="nearest")
    reach = _focal_baseline(s)
    at = status == 1
    disparity = reach / depth[at]
    wrong = ~((disparity <= reach / near[at] + most + 1e-3) & (disparity >= reach / far[at] - most - 1e-3))
    if wrong.any():
        yield Problem(member("depth_m.npy"), f"{int(wrong.sum())} depths at edges are those of no neighbour")


def depth_shadow(view: FrameView) -> Iterator[Problem]:
    """What something nearer covers, seen from the second viewpoint, has no depth."""
    for r, s, member in _cameras(view):
        covered = _covered(r.arrays["true_depth_m"].astype(np.float64), s)
        if covered.sum() < 100:
            continue
        share = float((r.arrays["status"][covered] >= 2).mean())
        view.measured.add("depth_hidden_share", np.array([share]))
        if share < LEAST_HIDDEN:
            yield Problem(
                member("status.png"), f"{share:.1%} of what the second viewpoint cannot see has no depth"
            )


def _covered(true: F64, s: ConcreteSensor) -> NDArray[np.bool_]:
    """(H, W) points in whose column of the second view another of their row stands well before them.

    A row of pixels stays a row, so each is laid down where its disparity puts it, as wide as it is there.
    """
    camera = intrinsics_of(s)
    rows, width = np.indices(true.shape)[0], true.shape[1]
    with np.errstate(divide="ignore"):
        place = np.arange(width) + 0.5 - camera.fx * float(s.settings["baseline_m"]) / true
    column = np.floor(place).astype(np.int64)
    seen = np.isfinite(true) & (column >= 0) & (column < width)
    front = np.full(true.shape, np.inf)
    np.minimum.at(front, (rows[seen], column[seen]), true[seen])
    covered = np.zeros(true.shape, dtype=np.bool_)
    # Both this column and the next are covered: it is no matter of where within a column it falls.
    beyond = np.minimum(column[seen] + 1, width - 1)
    nearest = np.maximum(front[rows[seen], column[seen]], front[rows[seen], beyond])
    covered[seen] = np.isfinite(nearest) & (nearest < 0.9 * true[seen])
    return covered


def depth_truth(view: FrameView) -> Iterator[Problem]:
    """True depths are of points in the boxes of the instances they name."""
    for r, s, member in _cameras(view):
        true, instance = r.arrays["true_depth_m"].astype(np.float64), r.arrays["instance"]
        points = r.world_from_sensor.points(
            intrinsics_of(s).rays() * np.where(np.isfinite(true), true, 0.0)[..., None]
        )
        for number in np.unique(instance):
            if number == 0:
                continue
            if int(number) not in view.scene.ids:
                yield Problem(member("instance.png"), f"instance {number} does not exist")
                continue
            own = instance == number
            times = np.full(int(own.sum()), r.time_ns, dtype=np.int64)
            if (outside_box_m(view, int(number), times, points[own]) > 0).any():
                yield Problem(
                    member("true_depth_m.npy"), f"points of instance {number} lie outside its 3D box"
                )


def depth_in_colour(view: FrameView) -> Iterator[Problem]:
    """The depth carried into the colour camera is that camera's own, and the transform that of both poses."""
    for r, s, member in _cameras(view):
        colour = view.frame.cameras.get(str(s.settings.get("colour")))
        if colour is None or "depth_in_colour" not in r.arrays:
            continue
        due = (colour.world_from_camera.inverse @ r.world_from_sensor).matrix
        if colour.time_ns == r.time_ns and np.abs(due - r.arrays["colour_from_depth"]).max() > 1e-9:
            yield Problem(member("colour_from_depth.npy"), "it is not what the two poses give")
        share = _aligned(r, s, colour)
        if share is not None:
            view.measured.add("depth_in_colour_share", np.array([share]))
            if share < LEAST_ALIGNED:
                yield Problem(
                    member("depth_in_colour.npy"), f"{share:.1%} agree with the colour camera's depth"
                )


def _aligned(r: Reading, s: ConcreteSensor, colour: CameraFrame) -> float | None:
    """Share of the carried depths that lie within noise of some depth of the colour camera nearby; None: too few."""
    carried = r.arrays["depth_in_colour"].astype(np.float64)
    if carried.shape != colour.depth.shape:
        return 0.0
    has = carried > 0.0
    if has.sum() < 1000:
        return None
    size = 2 * (int(s.settings["window_px"]) + 3) + 1
    true = np.where(np.isfinite(colour.depth), colour.depth, 1e9).astype(np.float64)
    near, far = minimum_filter(true, size), maximum_filter(true, size)
    spread = SIGMAS * (float(s.settings["disparity_sigma_px"]) + float(s.settings["disparity_step_px"]))
    noise = carried**2 * spread / _focal_baseline(s.settings) + 0.01 * carried
    return float(((carried >= near - noise) & (carried <= far + noise))[has].mean())


def _focal_baseline(s: Mapping[str, Any]) -> float:
    """Focal length of the matched image times baseline, px m."""
    return float(s["fx"]) * float(s["matching_px"]) / float(s["width_px"]) * float(s["baseline_m"])


def _arrays(r: Reading) -> tuple[F64, F64, NDArray[np.uint8]]:
    depth, true = (r.arrays[n].astype(np.float64) for n in ("depth_m", "true_depth_m"))
    return depth, true, r.arrays["status"]


def _cameras(view: FrameView) -> Iterator[tuple[Reading, ConcreteSensor, Any]]:
    """Each depth camera's reading, its concrete sensor, and how its members are called."""
    for reading in view.frame.readings.values():
        sensor = view.scene.sensor(reading.sensor)
        if reading.kind == "depth_camera" and sensor is not None:
            yield reading, sensor, lambda array, name=reading.sensor: view.member(name, array)


CHECKS = (depth_status, depth_noise, depth_shadow, depth_truth, depth_in_colour)
