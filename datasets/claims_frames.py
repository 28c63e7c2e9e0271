"""Places in the ego's frame and in things' own, derived once more, with complex numbers for level directions."""

from __future__ import annotations

import cmath
import math
from dataclasses import replace

import numpy as np

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import CHECKS, Derived, RefutedError, check, need, need_ahead, need_sure
from pairforge.datasets.claims_road import spoken
from pairforge.datasets.claims_scene import Proof, Solid
from pairforge.sample import Fact

_TOLD = ("car", "van", "truck", "bus", "cyclist", "pedestrian", "animal")
_ROSE = (
    *("ahead", "ahead on the left", "left", "behind on the left"),
    *("behind", "behind on the right", "right", "ahead on the right"),
)
_TURNS = {"ahead_of": 1 + 0j, "on_left_of": 1j, "to_rear_of": -1 + 0j, "on_right_of": -1j}
_VIEWERS = {
    "ahead_of": ("in_front_of", "behind"),
    "to_rear_of": ("behind", "in_front_of"),
    "on_left_of": ("left_of", "right_of"),
    "on_right_of": ("right_of", "left_of"),
}


def _from(here: Solid, there: Solid) -> complex:
    """The level way from one centre to another, as a complex number: 1 is the first one's heading, 1j its left."""
    way = (there.centre - here.centre)[:2]
    return complex(*way) / complex(*here.heading)


def _told_of(proof: Proof, fact: Fact) -> tuple[Solid, Solid]:
    need(len(fact.subjects) == 2 and fact.subjects[1] == proof.ego, f"subjects {fact.subjects}")
    one = fact.subjects[0]
    need(
        one in proof.solids and one in proof.noticed and one != proof.ego, f"no sensor notices instance {one}"
    )
    need(proof.solids[one].row.semantic in _TOLD, f"a {proof.solids[one].row.semantic}")
    return proof.solids[one], proof.solids[proof.ego or 0]


@check("bearing")
def _bearing(proof: Proof, fact: Fact) -> Derived:
    body, ego = _told_of(proof, fact)
    way = _from(ego, body)
    turns = [way / cmath.rect(1.0, math.pi / 4 * k) for k in range(8)]
    off = [abs(math.degrees(cmath.phase(turn))) for turn in turns]
    k = int(np.argmin(off))
    return Derived(off[k], policy.BEARING_DEG, True, "deg", _ROSE[k], "ego")


@check("closing_speed")
def _closing_speed(proof: Proof, fact: Fact) -> Derived:
    body, ego = _told_of(proof, fact)
    way, rate = (body.centre - ego.centre)[:2], (body.velocity - ego.velocity)[:2]
    speed = -float(way @ rate) / float(np.hypot(*way))
    need(speed >= policy.CLOSING_MPS, f"{speed:.2f} m/s")
    return spoken(speed * 3.6, 1.0, "km/h", "ego")


def _in_sight(proof: Proof, i: int) -> bool:
    """Whether it is among the largest boxed things of some camera."""
    return any(i in _largest(proof, sensor) for sensor in proof.shots)


def _largest(proof: Proof, sensor: str) -> list[int]:
    boxed = [i for i in proof.sure(sensor) if i in proof.solids and proof.row(i).semantic != "table"]
    return sorted(boxed, key=lambda i: (-proof.shots[sensor].px(i), i))[: policy.RELATED_LIMIT]


@check("ahead_of", "to_rear_of", "on_left_of", "on_right_of")
def _own_side(proof: Proof, fact: Fact) -> Derived:
    need(
        len(fact.subjects) == 2 and all(_in_sight(proof, i) for i in fact.subjects),
        "one of them is not in view",
    )
    body, other = (proof.solids[i] for i in fact.subjects)
    need(other.row.has_front, "it has no front of its own")
    way, turn = _from(other, body), _TURNS[fact.predicate]
    need(abs(way) <= policy.FRONT_REACH_M, f"{abs(way):.0f} m away")
    side = turn * complex(*other.heading)
    along = np.array([side.real, side.imag])
    near = (np.array(body.outline.exterior.coords) @ along).min()
    far = (np.array(other.outline.exterior.coords) @ along).max()
    need(near - far >= policy.FRONT_GAP_M, "it is not wholly beyond that side")
    off = abs(math.degrees(cmath.phase(way / turn)))
    return Derived(off, policy.FRONT_DEG, True, "deg", frame="intrinsic")


@check("same_in_view", "opposite_in_view")
def _in_view(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 2)
    need(fact.argument in _TURNS, f"no side {fact.argument!r}")
    own = CHECKS[fact.argument](proof, replace(fact, predicate=fact.argument))
    if (own.threshold or 0.0) < (own.value or 0.0):
        raise RefutedError(f"it is not {fact.argument.replace('_', ' ')} it")
    word = _VIEWERS[fact.argument][fact.predicate == "opposite_in_view"]
    a, b = fact.subjects
    shot = proof.shots[fact.sensor]
    if word in ("left_of", "right_of"):
        need_ahead(proof, fact, policy.SIDES_DEG)
        least = max(
            policy.BESIDE_SHARE * shot.camera.intrinsics.width_px, min(shot.columns(i) for i in (a, b)) / 2
        )
        value = shot.mean_column(b) - shot.mean_column(a)
        value = value if word == "left_of" else -value
    else:
        need_ahead(proof, fact, policy.AHEAD_DEG)
        (here, wide), (there, broad) = (proof.depth_span(fact.sensor, i) for i in (a, b))
        least = (wide + broad) / 2 + policy.DEPTH_SHARE * abs(min(here, there))
        value = there - here if word == "in_front_of" else here - there
    return Derived(value / least, 1.0, unit="ratio", argument=fact.argument, frame="viewer")
