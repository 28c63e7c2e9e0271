"""Lamps of traffic lights over time: before their lens while the state asks for it, inside the housing otherwise."""

from __future__ import annotations

import numpy as np

from pairforge.frames import F64, I64, Pose, Track
from pairforge.scenes.signals import Programme
from pairforge.scenes.world import Instance, World


def lamp_tracks(world: World, times_ns: I64) -> dict[int, Track]:
    """part id -> track of every lamp that a programme runs, on knots (T,) int64 ns.

    A lamp is where its state has it at every knot, so it switches between the last knot before the change and the
    first one at or after it.
    """
    tracks: dict[int, Track] = {}
    for instance in world.instances:
        if instance.behaviour.get("motion") == "signal":
            tracks |= _lamps_of(instance, times_ns)
    return tracks


def states(programme: Programme, times_ns: I64) -> list[str]:
    """The state at each time stamp."""
    return [programme.at(int(t) * 1e-9)[0] for t in times_ns]


def _lamps_of(instance: Instance, times_ns: I64) -> dict[int, Track]:
    shown = states(Programme.of(instance.behaviour), times_ns)
    ids = {piece.name: k for piece, k in zip(instance.shape.parts, instance.part_ids, strict=True)}
    tracks = {}
    for lamp in instance.shape.lamps:
        lit = np.array([state in lamp.lit_in for state in shown])
        dark, bright = (instance.world_from_body @ pose for pose in (lamp.body_from_dark, lamp.body_from_lit))
        tracks[ids[lamp.part]] = Track(
            times_ns, _either(lit, bright, dark, "position_m"), _either(lit, bright, dark, "quaternion_wxyz")
        )
    return tracks


def _either(lit: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], a: Pose, b: Pose, what: str) -> F64:
    return np.asarray(np.where(lit[:, None], getattr(a, what), getattr(b, what)), dtype=np.float64)
