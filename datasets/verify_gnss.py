"""Do fixes follow from the satellites stored with them, lie within their covariance of the track, and agree in all
three coordinates? WGS 84 and least squares are written out here once more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_clip import Clip, clips
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import F64, I64
from pairforge.scenes.place import Place
from pairforge.scenes.taxonomy import BY_NAME

COORDINATES_M = 1e-3
TRACK_M = 5e-3
"""Smooth motion leaves the chords of a track by |a| dt^2 / 8: 1.3 mm at 10 g."""
LIKELY = 1e-7
"""A fix whose error is less likely than this under its covariance is refused."""
SIGMAS = 7.0
_A, _F = 6_378_137.0, 1.0 / 298.257223563
_GRAZE = 2e-3
HIDDEN, BLOCKED, DIRECT, LEAVES, MIRRORED = range(5)


def ecef_of(geodetic: F64) -> F64:
    """(N, 3) from latitude (deg), longitude (deg) and height (m) on WGS 84."""
    latitude, longitude, h = np.radians(geodetic[:, 0]), np.radians(geodetic[:, 1]), geodetic[:, 2]
    e2 = _F * (2.0 - _F)
    n = _A / np.sqrt(1.0 - e2 * np.sin(latitude) ** 2)
    flat = (n + h) * np.cos(latitude)
    return np.stack(
        [flat * np.cos(longitude), flat * np.sin(longitude), (n * (1.0 - e2) + h) * np.sin(latitude)], axis=1
    )


def enu_of(ecef: F64, place: Place) -> F64:
    """(N, 3) east, north, up at a place."""
    a, b = np.radians(place.latitude_deg), np.radians(place.longitude_deg)
    origin = ecef_of(np.array([[place.latitude_deg, place.longitude_deg, place.altitude_m]]))
    east = [-np.sin(b), np.cos(b), 0.0]
    north = [-np.sin(a) * np.cos(b), -np.sin(a) * np.sin(b), np.cos(a)]
    up = [np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)]
    return np.asarray((ecef - origin) @ np.array([east, north, up]).T)


def gnss_coordinates(scene: SceneView) -> Iterator[Problem]:
    """ECEF, geodetic and east-north-up name the same point; the true one is where track and mount put the antenna."""
    place = scene.concrete.place
    b = np.radians(place.x_bearing_deg)
    for clip in clips(scene, "gnss"):
        enu, ecef, geodetic = clip.all("enu_m"), clip.all("ecef_m"), clip.all("geodetic")
        fixed = clip.all("fix") > 0
        for array, values in (("enu_m", enu), ("ecef_m", ecef), ("geodetic", geodetic)):
            yield from clip.problem(
                f"{array}.npy",
                np.isfinite(values).all(axis=1) != fixed,
                "have no fix but a position, or the reverse",
            )
        off_earth = np.linalg.norm(ecef_of(geodetic) - ecef, axis=1)
        yield from clip.problem(
            "geodetic.npy", fixed & ~(off_earth <= COORDINATES_M), "are not where ECEF has them"
        )
        off_local = np.linalg.norm(enu_of(ecef, place) - enu, axis=1)
        yield from clip.problem(
            "ecef_m.npy", fixed & ~(off_local <= COORDINATES_M), "are not where east-north-up is"
        )
        scene.measured.add(
            "gnss_coordinates_apart_m", np.concatenate([off_earth, off_local])[np.tile(fixed, 2)]
        )
        where, _ = clip.placed
        x, y, z = where.T
        east, north = x * np.sin(b) - y * np.cos(b), x * np.cos(b) + y * np.sin(b)
        off = np.linalg.norm(clip.all("true_enu_m") - np.stack([east, north, z], axis=1), axis=1)
        scene.measured.add("gnss_truth_off_track_m", off)
        yield from clip.problem(
            "true_enu_m.npy", ~(off <= TRACK_M), f"are up to {np.nanmax(off):.3g} m off the track"
        )


def gnss_sky(scene: SceneView) -> Iterator[Problem]:
    """Satellites below the mask, or not received, carry no fix; range errors are what the receiver may expect, but
    for the detour of mirrored ones."""
    for clip in clips(scene, "gnss"):
        signal, used = clip.all("signal"), clip.all("used") > 0
        elevation, extra = clip.all("elevation_deg"), clip.all("extra_path_m")
        received = signal >= DIRECT
        low = elevation < float(clip.settings["mask_deg"])
        yield from clip.problem(
            "signal.npy", (low & (signal != HIDDEN)).any(axis=1), "hear a satellite below the mask"
        )
        yield from clip.problem(
            "used.npy", (used & ~received).any(axis=1), "rest on a satellite that is not heard"
        )
        count = used.sum(axis=1)
        yield from clip.problem(
            "satellites.npy", count != clip.all("satellites"), "count other satellites than they use"
        )
        few = (count < 4) != (clip.all("fix") == 0)
        yield from clip.problem(
            "fix.npy", few, "have a fix with fewer than four satellites, or none with more"
        )
        longer = (extra < 0.0) | ((extra > 0.0) & (signal != MIRRORED))
        yield from clip.problem(
            "extra_path_m.npy", longer.any(axis=1), "are longer without a detour, or shorter by one"
        )
        rtk = (clip.all("fix") == 2)[:, None] | np.zeros_like(used)
        known = received & ~(rtk & (signal != DIRECT))
        error = clip.all("range_error_m") - np.where(rtk, 0.0, extra)
        wild = known & ~(np.abs(error) <= SIGMAS * clip.all("range_sigma_m"))
        yield from clip.problem(
            "range_error_m.npy", wild.any(axis=1), f"have a range beyond {SIGMAS:g} sigma"
        )


def gnss_solution(scene: SceneView) -> Iterator[Problem]:
    """The error of each position is what weighted least squares make of the stored ranges, and, where nothing is
    mirrored, within the covariance reported; that is no smaller than the ranges allow."""
    for clip in clips(scene, "gnss"):
        error = clip.all("enu_m") - clip.all("true_enu_m")
        gain_off, narrow, unlikely, score = (np.zeros(len(error)) for _ in range(4))
        covariance, speed = clip.all("covariance_m2"), clip.all("velocity_covariance")
        speed_error = clip.all("velocity_enu_mps") - clip.all("true_velocity_enu_mps")
        for n in np.flatnonzero(clip.all("fix") > 0):
            answer, least = _solved(clip, int(n))
            gain_off[n] = np.linalg.norm(answer - error[n])
            narrow[n] = float(np.linalg.eigvalsh(covariance[n] - least).min()) < -1e-6 * np.trace(least)
            if not ((clip.all("signal")[n] == MIRRORED) & (clip.all("used")[n] > 0)).any():
                score[n] = error[n] @ np.linalg.solve(covariance[n], error[n])
                quick = speed_error[n] @ np.linalg.solve(speed[n], speed_error[n])
                unlikely[n] = max(score[n], quick)
        scene.measured.add("gnss_error_m", np.linalg.norm(error, axis=1))
        scene.measured.add("gnss_normalised_error_squared", score[score > 0.0])
        scene.measured.add("gnss_least_squares_apart_m", gain_off)
        yield from clip.problem("enu_m.npy", ~(gain_off <= COORDINATES_M), "are not what their ranges give")
        yield from clip.problem(
            "covariance_m2.npy", narrow > 0, "report a covariance smaller than their ranges allow"
        )
        bound = float(stats.chi2.ppf(1.0 - LIKELY, 3))
        yield from clip.problem(
            "enu_m.npy",
            unlikely > bound,
            f"lie beyond their covariance (chi-square {unlikely.max():.3g}, 3 degrees)",
        )


def _solved(clip: Clip, n: int) -> tuple[F64, F64]:
    """Error (3,) of the position by the stored ranges, and its covariance (3, 3) by their standard deviations."""
    used = (clip.all("used")[n] > 0) & np.isfinite(clip.all("range_error_m")[n])
    azimuth, elevation = (np.radians(clip.all(a)[n][used]) for a in ("azimuth_deg", "elevation_deg"))
    sigma, ranges = (clip.all(a)[n][used] for a in ("range_sigma_m", "range_error_m"))
    flat = np.cos(elevation)
    towards = np.stack([flat * np.sin(azimuth), flat * np.cos(azimuth), np.sin(elevation)], axis=1)
    design = np.column_stack([-towards, np.ones(len(towards))]) / sigma[:, None]
    answer, *_ = np.linalg.lstsq(design, ranges / sigma, rcond=None)
    return answer[:3], np.linalg.inv(design.T @ design)[:3, :3]


def gnss_sight(scene: SceneView) -> Iterator[Problem]:
    """Rays at what stands still in the scene built anew (leaves and the carrier apart) let straight signals through,
    and stop those that are not straight, unless something that moves might."""
    for clip in clips(scene, "gnss"):
        signal = clip.all("signal")
        azimuth, elevation = (np.radians(clip.all(a)) for a in ("azimuth_deg", "elevation_deg"))
        row, column = np.nonzero(signal > HIDDEN)
        if not len(row):
            continue
        out = clip_out(clip)[row]
        row, column = row[~out], column[~out]
        walls = _Walls(scene, scene.mount_id(clip.sensor))
        eye = clip.placed[0][row]
        straight = (signal[row, column] == DIRECT) | (signal[row, column] == LEAVES)
        agrees = np.zeros(len(row), np.bool_)
        # A ray that grazes an edge may fall to either side: what agrees a little aside agrees.
        for nudge in ((0.0, 0.0), (_GRAZE, 0.0), (-_GRAZE, 0.0), (0.0, _GRAZE), (0.0, -_GRAZE)):
            a, e = azimuth[row, column] + nudge[0], elevation[row, column] + nudge[1]
            agrees |= walls.stop(eye, scene.concrete.place, a, e) != straight
        agrees |= ~straight & _passed_by(
            clip, row, eye, walls.towards(scene.concrete.place, azimuth, elevation)[row, column]
        )
        scene.measured.add("gnss_sight_disagrees", 1.0 - agrees.astype(np.float64))
        wrong = np.zeros(len(signal), np.bool_)
        wrong[row[~agrees]] = True
        yield from clip.problem(
            "signal.npy", wrong, "see a satellite through a wall, or miss one in the open"
        )


def clip_out(clip: Clip) -> NDArray[np.bool_]:
    """(N,) whether an outage silences the receiver."""
    seconds = clip.times_ns * 1e-9
    spans = [(seconds >= a) & (seconds <= b) for a, b in clip.settings["outages_s"]]
    return np.asarray(np.any(spans, axis=0) if spans else np.zeros(len(seconds), np.bool_))


class _Walls:
    """What stands still, as one Embree scene, less leaves and the carrier."""

    def __init__(self, scene: SceneView, carrier: int) -> None:
        from pairforge.open3d import o3d

        leaves = BY_NAME["vegetation"].semantic_id
        solid = [
            p
            for p in scene.world.parts
            if not p.moves and p.semantic_id != leaves and (p.instance_id != carrier or not carrier)
        ]
        geometry: Any = o3d.t.geometry
        self._scene = geometry.RaycastingScene(nthreads=1)
        for p in solid:
            if len(p.mesh.faces):
                corners = p.world_from_part.points(p.mesh.vertices).astype(np.float32)
                self._scene.add_triangles(corners, p.mesh.faces.astype(np.uint32))

    def stop(self, eye: F64, place: Place, azimuth: F64, elevation: F64) -> NDArray[np.bool_]:
        """(R,) whether rays from (R, 3) towards directions from north over east meet anything."""
        rays = np.concatenate([eye, self.towards(place, azimuth, elevation)], axis=1).astype(np.float32)
        return np.asarray(self._scene.test_occlusions(rays, nthreads=1).numpy(), dtype=np.bool_)

    @staticmethod
    def towards(place: Place, azimuth: F64, elevation: F64) -> F64:
        """(..., 3) unit vectors of the world."""
        turn = np.radians(place.x_bearing_deg) - azimuth  # from world x, counter-clockwise
        flat = np.cos(elevation)
        return np.stack([flat * np.cos(turn), flat * np.sin(turn), np.sin(elevation)], axis=-1)


def _passed_by(clip: Clip, row: I64, eye: F64, towards: F64) -> NDArray[np.bool_]:
    """(R,) whether anything that moves, by the ball about its box, could stand in a ray's way."""
    record, carrier = clip.scene.record, clip.scene.mount_id(clip.sensor)
    out = np.zeros(len(row), np.bool_)
    for i, track in record.instance_tracks.items():
        if i == carrier:
            continue
        size = np.linalg.norm(record.instance(i).size_m) / 2 + np.linalg.norm(record.instance(i).centre_m)
        to = track.sample(clip.times_ns)[0][row] - eye
        along = np.einsum("rk,rk->r", to, towards)
        off = np.linalg.norm(to - along[:, None] * towards, axis=1)
        out |= (along > -size) & (off < size)
    return out


CHECKS = (gnss_coordinates, gnss_sky, gnss_solution, gnss_sight)
