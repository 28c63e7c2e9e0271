"""Do a radar's detections agree with its settings, with the tracks, and with where things are?

Cells are worked out anew from the waveform; range rates from the stored tracks, as the change of a part's distance
over the train of chirps; paths over mirrors from their legs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_camera import outside_box_m
from pairforge.datasets.verify_view import FrameView
from pairforge.frames import F64, rotation
from pairforge.sample import Reading
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.taxonomy import BY_NAME

LIGHT_MPS = 299_792_458.0
TARGET, GHOST, CLUTTER, FALSE_ALARM = range(4)
CELLS = 2.5
"""A detection lies within this many cells of what it is of: windows widen a cell to two, and echoes that share one
pull its middle about."""
RATE_TOLERANCE_MPS = 0.02
BOX_TOLERANCE_M = 0.02
SUM_TOLERANCE = 1e-3
CLUTTERED = frozenset(
    BY_NAME[n].semantic_id for n in ("road", "lane_marking", "pavement", "terrain", "vegetation", "floor")
)


@dataclass(eq=False)
class RadarView:
    """One radar frame with what its settings come to."""

    view: FrameView
    reading: Reading
    sensor: ConcreteSensor

    def __getitem__(self, name: str) -> NDArray[Any]:
        array = self.reading.arrays[name]
        return array.astype(np.float64) if array.dtype == np.float32 else array

    @property
    def count(self) -> int:
        return len(self.reading.arrays["range_m"])

    def setting(self, name: str) -> float:
        return float(self.sensor.settings[name])

    @cached_property
    def wavelength_m(self) -> float:
        return LIGHT_MPS / (self.setting("frequency_ghz") * 1e9)

    @cached_property
    def frame_ns(self) -> int:
        return round(self.setting("chirps") * self.setting("chirp_period_us") * 1e3)

    @cached_property
    def range_cell_m(self) -> float:
        return LIGHT_MPS / (2e6 * self.setting("bandwidth_mhz"))

    @cached_property
    def span_mps(self) -> float:
        return self.wavelength_m / (2e-6 * self.setting("chirp_period_us"))

    @cached_property
    def rate_cell_mps(self) -> float:
        return self.span_mps / self.setting("chirps")

    @cached_property
    def beam_cell(self) -> float:
        """In sines of azimuth."""
        return 1.0 / (self.setting("azimuth_channels") * self.setting("spacing_wavelengths"))

    @cached_property
    def real(self) -> NDArray[np.bool_]:
        """(N,) detections that are not of the noise."""
        return np.asarray(self["kind"] != FALSE_ALARM)

    @cached_property
    def true_world(self) -> F64:
        """(N, 3) where the strongest scatterers are."""
        return self.reading.world_from_sensor.points(self["true_position_m"])

    @cached_property
    def speed_mps(self) -> F64:
        """(3,) how fast the radar moves in the world, by its mount's track."""
        now, before = (
            self.view.scene.world_from_sensor_over(self.sensor, np.array([t]))[0][0]
            for t in (self.reading.time_ns, self.reading.time_ns - self.frame_ns)
        )
        return np.asarray((now - before) / (self.frame_ns * 1e-9))

    def some(self, array: str, wrong: NDArray[np.bool_], what: str) -> Iterator[Problem]:
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            message = f"{int(wrong.sum())} detections {what}, the first number {first}"
            yield Problem(self.view.member(self.reading.sensor, array), message)

    def wrapped(self, rate_mps: F64) -> F64:
        """Differences of range rate, as far as one train can tell."""
        return np.asarray((rate_mps + self.span_mps / 2) % self.span_mps - self.span_mps / 2)


def radars(view: FrameView) -> Iterator[RadarView]:
    for reading in view.frame.readings.values():
        sensor = view.scene.sensor(reading.sensor)
        if reading.kind == "radar" and sensor is not None:
            yield RadarView(view, reading, sensor)


def radar_limits(view: FrameView) -> Iterator[Problem]:
    """Nothing beyond reach and field of view; positions, velocities and folds follow from what was measured."""
    for r in radars(view):
        low, high = r.setting("min_range_m"), r.setting("max_range_m")
        slack = SUM_TOLERANCE
        far = ~((r["range_m"] >= low - slack) & (r["range_m"] <= high + slack))
        yield from r.some("range_m.npy", far, f"are not {low:g} to {high:g} m away")
        for array, setting in (("azimuth_rad", "azimuth_fov_deg"), ("elevation_rad", "elevation_fov_deg")):
            # Azimuth is cut by its sine across the row of antennas, which a raised direction bends.
            half = np.radians(r.setting(setting)) / 2
            seen = np.sin(r[array]) * (np.cos(r["elevation_rad"]) if array == "azimuth_rad" else 1.0)
            yield from r.some(
                f"{array}.npy", ~(np.abs(seen) <= np.sin(half) + slack), f"are outside {setting}"
            )
        if r.count > r.setting("max_detections"):
            yield Problem(view.member(r.reading.sensor, "range_m.npy"), f"{r.count} detections are too many")
        yield from r.some("times_ns.npy", r["times_ns"] != r.reading.time_ns, "are of another time")
        towards = _towards(r["azimuth_rad"], r["elevation_rad"])
        off = np.linalg.norm(r["position_m"] - towards * r["range_m"][:, None], axis=1)
        yield from r.some(
            "position_m.npy", ~(off <= slack * (1 + r["range_m"])), "are not where they are said"
        )
        off = np.linalg.norm(r["velocity_mps"] - towards[:, :2] * r["doppler_mps"][:, None], axis=1)
        yield from r.some("velocity_mps.npy", ~(off <= 1e-2), "have a velocity that is not their range rate")
        measured = r["doppler_mps"] - r.span_mps * r["fold"]
        wide = ~(np.abs(measured) <= r.span_mps / 2 + 1e-2)
        yield from r.some("fold.npy", wide, "have a range rate that one train cannot measure")


def radar_motion(view: FrameView) -> Iterator[Problem]:
    """Compensated velocities are the measured ones and the radar's own motion; range rates are the tracks'."""
    for r in radars(view):
        own = r.reading.world_from_sensor.inverse.vectors(r.speed_mps)
        towards = _towards(r["azimuth_rad"], r["elevation_rad"])
        still = r["doppler_mps"] + towards @ own
        off = np.linalg.norm(r["velocity_compensated_mps"] - towards[:, :2] * still[:, None], axis=1)
        yield from r.some(
            "velocity_compensated_mps.npy", ~(off <= 2e-2), "do not make up for the radar's motion"
        )
        straight = np.flatnonzero(r.real & (r["way"] == 0) & (r["part"] > 0))
        due = _rates(r, straight)
        off = np.abs(due - r["true_doppler_mps"][straight])
        wrong = np.zeros(r.count, np.bool_)
        wrong[straight] = ~(off <= RATE_TOLERANCE_MPS)
        yield from r.some("true_doppler_mps.npy", wrong, "have a range rate that the tracks do not give")
        view.measured.add("radar_doppler_to_tracks_mps", off)


def radar_cells(view: FrameView) -> Iterator[Problem]:
    """What was measured lies within cells of what it is of: range, range rate as it wraps, and azimuth."""
    for r in radars(view):
        known = r.real
        off = np.abs(r["range_m"] - r["true_range_m"])
        limit = CELLS * r.range_cell_m
        yield from r.some("range_m.npy", known & ~(off <= limit), f"are more than {limit:.2f} m off in range")
        view.measured.add("radar_range_error_m", off[known])
        off = np.abs(r.wrapped(r["doppler_mps"] - r["true_doppler_mps"]))
        limit = CELLS * r.rate_cell_mps
        yield from r.some("doppler_mps.npy", known & ~(off <= limit), f"are more than {limit:.2f} m/s off")
        view.measured.add("radar_doppler_error_mps", off[known])
        across = np.sin(r["azimuth_rad"]) * np.cos(r["elevation_rad"])
        off = np.abs(across - _arrival(r)[:, 1])
        span = 1.0 / r.setting("spacing_wavelengths")
        off = np.minimum(off, np.abs(span - off))
        wrong = known & ~(off <= CELLS * r.beam_cell)
        yield from r.some("azimuth_rad.npy", wrong, f"are more than {CELLS * r.beam_cell:.3f} aside")
        view.measured.add("radar_azimuth_error_rad", off[known])
        yield from _map_shape(r)


def radar_kinds(view: FrameView) -> Iterator[Problem]:
    """Ids are those of parts; noise has none; clutter is ground, plants or rain, which must fall."""
    raining = float(view.record.concrete["sky"]["rain_mm_h"]) > 0.0
    for r in radars(view):
        kind, part = r["kind"], r["part"]
        yield from r.some("kind.npy", (kind > FALSE_ALARM) | (r["way"] > 3), "are of no kind there is")
        instance, semantic = view.scene.instance_of_part[part], view.scene.semantic_of_part[part]
        yield from r.some("part.npy", instance < 0, "are of a part that does not exist")
        yield from r.some(
            "instance.npy", (instance >= 0) & (instance != r["instance"]), "name another instance"
        )
        yield from r.some("semantic.npy", (semantic >= 0) & (semantic != r["semantic"]), "name another class")
        noise = ~r.real & ((part > 0) | np.isfinite(r["true_range_m"]))
        yield from r.some("kind.npy", noise, "are of the noise and yet of something")
        nothing = (part == 0) & ((kind == TARGET) | (kind == GHOST) | ((kind == CLUTTER) & (not raining)))
        yield from r.some("kind.npy", nothing, "are of nothing, and it does not rain")
        ground = np.isin(r["semantic"], sorted(CLUTTERED)) | (part == 0)
        yield from r.some("kind.npy", (kind == CLUTTER) & ~ground, "are called clutter and are things")


def radar_on_things(view: FrameView) -> Iterator[Problem]:
    """What is called a thing is measured where its box is, give or take cells; scatterers lie in their boxes."""
    for r in radars(view):
        for i in np.unique(r["instance"][r.real]):
            if int(i) not in view.scene.ids:
                continue
            own = np.flatnonzero(r.real & (r["instance"] == i))
            outside = outside_box_m(view, int(i), r["times_ns"][own], r.true_world[own])
            wrong = np.zeros(r.count, np.bool_)
            wrong[own] = ~(outside <= BOX_TOLERANCE_M + 1e-4 * r["range_m"][own])
            yield from r.some("true_position_m.npy", wrong, f"lie outside the box of instance {i}")
            thing = own[r["kind"][own] == TARGET]
            near, far = _reach(view, int(i), r)
            slack = (CELLS + 1.0) * r.range_cell_m
            off = np.maximum(near - r["range_m"][thing], r["range_m"][thing] - far)
            wrong = np.zeros(r.count, np.bool_)
            wrong[thing] = ~(off <= slack)
            yield from r.some("range_m.npy", wrong, f"are nearer or farther than instance {i}")
            view.measured.add("radar_off_thing_m", np.maximum(off, 0.0))


def radar_paths(view: FrameView) -> Iterator[Problem]:
    """A path is as long as its legs: straight, over one mirror, or longer than that over two."""
    for r in radars(view):
        there = r["true_position_m"]
        over = r["way"] > 0
        legs = np.linalg.norm(r["via_position_m"], axis=1) + np.linalg.norm(
            there - r["via_position_m"], axis=1
        )
        back = np.linalg.norm(there, axis=1)
        due = np.where(~over, back, np.where(r["way"] == 3, legs, (legs + back) / 2))
        off = r["true_range_m"] - due
        limit = SUM_TOLERANCE * (1 + back)
        # Of two mirrors only the first is on record: then the path is at least as long.
        loose = over & (r.setting("bounces") > 1)
        wrong = r.real & (r["part"] > 0) & ~((np.abs(off) <= limit) | (loose & (off > 0)))
        yield from r.some("true_range_m.npy", wrong, "have a path of another length than its legs")
        nowhere = over & ((r["via_part"] == 0) | (view.scene.instance_of_part[r["via_part"]] < 0))
        yield from r.some("via_part.npy", nowhere, "go over a mirror that does not exist")
        yield from r.some("via_part.npy", ~over & (r["via_part"] > 0), "go straight and yet over a mirror")
        aside = np.abs(_arrival(r)[:, 1] - there[:, 1] / np.maximum(back, 1e-9)) - r.beam_cell
        more = np.maximum(r["true_range_m"] - back - r.range_cell_m, aside)
        ghost = r["kind"] == GHOST
        yield from r.some(
            "kind.npy", ghost & ~(over & (more > -limit)), "are called ghosts, are where they seem"
        )
        hidden = over & (more > limit) & ~ghost
        yield from r.some("kind.npy", hidden, "are ghosts that are not called so")


def _rates(r: RadarView, which: NDArray[np.intp]) -> F64:
    """(n,) m/s range rates of the strongest scatterers, by tracks alone: how the distance to a point of the part
    changes at the end of the train, at its mean velocity and the radar's over it."""
    t, frame_s = r.reading.time_ns, r.frame_ns * 1e-9
    at = r.true_world[which]
    velocity = np.zeros((len(which), 3))
    for part in np.unique(r["part"][which]):
        track = r.view.record.part_tracks.get(int(part))
        if track is None:
            continue
        own = r["part"][which] == part
        positions, quaternions = track.sample(np.array([t - r.frame_ns, t]))
        turns = rotation(quaternions).as_matrix()
        local = (at[own] - positions[1]) @ turns[1]
        velocity[own] = (at[own] - (local @ turns[0].T + positions[0])) / frame_s
    sight = at - r.reading.world_from_sensor.position_m
    sight /= np.maximum(np.linalg.norm(sight, axis=1, keepdims=True), 1e-9)
    return np.asarray(np.einsum("ij,ij->i", velocity - r.speed_mps, sight))


def _arrival(r: RadarView) -> F64:
    """(N, 3) unit directions that the echoes come from: the thing's, or the mirror's."""
    mirrored = (r["way"] >= 2)[:, None]
    at = np.where(mirrored, r["via_position_m"], r["true_position_m"])
    return np.asarray(at / np.maximum(np.linalg.norm(at, axis=1, keepdims=True), 1e-9))


def _towards(azimuth: F64, elevation: F64) -> F64:
    flat = np.cos(elevation)
    return np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)], axis=1)


def _reach(view: FrameView, instance_id: int, r: RadarView) -> tuple[float, float]:
    """The least and largest distance from the radar to an instance's box."""
    row = view.record.instance(instance_id)
    at = view.record.world_from_body(instance_id, r.reading.time_ns).inverse.points(
        r.reading.world_from_sensor.position_m
    )
    offset = np.abs(at - np.array(row.centre_m))
    half = np.array(row.size_m) / 2
    return float(np.linalg.norm(np.maximum(offset - half, 0.0))), float(np.linalg.norm(offset + half))


def _map_shape(r: RadarView) -> Iterator[Problem]:
    """The raw map has a row for each range cell within reach and a column for each chirp."""
    found = r.reading.arrays.get("range_doppler")
    asked = bool(r.sensor.settings["raw"])
    member = r.view.member(r.reading.sensor, "range_doppler.npy")
    if (found is not None) != asked:
        yield Problem(member, f"a raw map was {'' if asked else 'not '}asked for")
    elif found is not None and (
        found.shape[1] != int(r.setting("chirps"))
        or found.shape[0] * r.range_cell_m < r.setting("max_range_m")
    ):
        yield Problem(member, f"its cells, {found.shape}, are not those of the waveform")


CHECKS = (
    radar_limits,
    radar_motion,
    radar_cells,
    radar_kinds,
    radar_on_things,
    radar_paths,
)
