"""Do fixes follow from the satellites stored with them, lie within their covariance of the track, and agree in all
three coordinates? WGS 84 and least squares are written out here once more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

from pairforge.datasets.verify_clip import Clip, clips
from pairforge.datasets.verify_view import Problem, SceneView
from pairforge.frames import F64
from pairforge.scenes.place import Place

COORDINATES_M = 1e-3
TRACK_M = 5e-3
"""Smooth motion leaves the chords of a track by |a| dt^2 / 8: 1.3 mm at 10 g."""
LIKELY = 1e-7
"""A fix whose error is less likely than this under its covariance is refused."""
SIGMAS = 7.0
_A, _F = 6_378_137.0, 1.0 / 298.257223563
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


CHECKS = (gnss_coordinates, gnss_sky, gnss_solution)
