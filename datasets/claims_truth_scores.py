"""How surely single claims hold or fail of given things: what ``claims_truth`` is made of.

What holds is what ``claims_checks`` derives. A claim fails only where its opposite holds in its own right, beyond the
dead band between the two, or where a number is off by more than two roundings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

import pairforge.datasets.claims  # noqa: F401  (every check registers itself)
from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import CHECKS, Derived, RefutedError
from pairforge.datasets.claims_palette import colour_distances
from pairforge.datasets.claims_road import METRES, nearest_step
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_table import touches
from pairforge.datasets.claims_words import COLOURS
from pairforge.sample import Fact

Score = Callable[[Proof, str, tuple[int, ...], str], float]
SCORES: dict[str, Score] = {}

ORDER_S = 0.05
"""Two landings closer than this in time have no order."""
OWN_SIDE_COS, OWN_SIDE_M = 0.35, 3.0
"""On its own left: at least 20 degrees off its own axis, and no further from it than this."""
SKY_SHARE, WALL_SHARE = 0.05, 0.005
"""Weather is told of pictures with so much sky and hardly a wall."""


def scored(*predicates: str) -> Callable[[Score], Score]:
    """Registers the score of predicates that have one of their own."""

    def register(function: Score) -> Score:
        for predicate in predicates:
            SCORES[predicate] = function
        return function

    return register


def score_of(proof: Proof, sensor: str, predicate: str, subjects: tuple[int, ...], argument: str) -> float:
    """-1..1: above 0 the claim holds, below 0 it fails, 0 is open."""
    if predicate in SCORES:
        return SCORES[predicate](proof, sensor, subjects, argument)
    derived = _derived(proof, sensor, predicate, subjects, argument)
    if derived is not None and derived.exact:
        return _number(derived, argument)
    held = _held(derived, argument)
    if held is not None:
        return held
    opposites = [
        _held(_derived(proof, sensor, *opposite), opposite[2])
        for opposite in _opposites(predicate, subjects, argument)
    ]
    return -max((o for o in opposites if o is not None), default=0.0)


_REVERSED = {"left_of": "right_of", "right_of": "left_of", "in_front_of": "behind", "behind": "in_front_of"}
_AGAINST: Mapping[str, tuple[str, ...]] = {
    "still": ("moving",),
    "moving": ("still",),
    "slowing": ("still",),
    "parked": ("moving",),
    "oncoming": ("still", "same_lane_ahead"),
    "same_lane_ahead": ("oncoming", "parked"),
    "crossing": ("still",),
    "heading_for_road": ("still",),
    "at_rest": ("falling", "stirring"),
    "stirring": ("at_rest", "falling"),
    "airborne": ("at_rest", "stirring"),
    "closing": ("pulling_away", "same_speed"),
    "pulling_away": ("closing", "same_speed"),
    "same_speed": ("closing", "pulling_away"),
    "ego_still": ("ego_speed",),
    "ego_braking": ("ego_accelerating",),
    "ego_accelerating": ("ego_braking",),
}
_SIDED = frozenset({"side", "roadside", "crossing", "heading_for_road", "entering_lane"})
_OTHER_SIDE = {"left": "right", "right": "left"}


def _opposites(
    predicate: str, subjects: tuple[int, ...], argument: str
) -> list[tuple[str, tuple[int, ...], str]]:
    """Claims that cannot hold together with this one."""
    found: list[tuple[str, tuple[int, ...], str]] = []
    if predicate in _REVERSED:
        found.append((_REVERSED[predicate], subjects, ""))
    if predicate in _SIDED and argument in _OTHER_SIDE:
        found.append((predicate, subjects, _OTHER_SIDE[argument]))
    return found + [(p, subjects, "") for p in _AGAINST.get(predicate, ())]


_OF_A_CAMERA = frozenset(
    [
        *("visible", "partly_hidden", "hidden_behind", "cut_off", "side", "stands_on", "scenery", "unseen"),
        *("count", "at_least", "left_of", "right_of", "in_front_of", "behind", "nearest", "largest"),
        *("on_ground", "defect", "defect_size", "defect_unseen"),
    ]
)


def _derived(
    proof: Proof, sensor: str, predicate: str, subjects: tuple[int, ...], argument: str
) -> Derived | None:
    """What the verifier derives of a claim, whatever it says; None where it is refuted or makes no sense."""
    if predicate not in CHECKS:
        return None
    now = proof.frame.time_ns
    seen_by = sensor if predicate in _OF_A_CAMERA else ""
    fact = Fact(1, predicate, subjects, argument, sensor=seen_by, t0_ns=now, t1_ns=now)
    try:
        return CHECKS[predicate](proof, fact)
    except (RefutedError, LookupError, ValueError, TypeError):
        return None


def _held(derived: Derived | None, argument: str) -> float | None:
    """The margin of what was derived, if it is what was claimed, as a share of its threshold; else None."""
    if derived is None or (argument and derived.argument != argument):
        return None
    if derived.value is None or derived.threshold is None:
        return 1.0
    off = derived.threshold - derived.value if derived.at_most else derived.value - derived.threshold
    if off < 0.0:
        return None
    return float(min(1.0, off / max(abs(derived.threshold), 1e-9)))


def _number(derived: Derived, argument: str) -> float:
    """A spoken number: true within its rounding, false from two roundings off."""
    try:
        off = abs(float(argument) - float(derived.value or 0.0))
    except ValueError:
        return 0.0
    step = 2.0 * float(derived.threshold or 0.0)
    if argument == derived.argument:
        return max(0.02, 1.0 - off / step)
    return -float(min(1.0, (off - step) / step)) if off > step else 0.0


def quality_score(proof: Proof, instance_id: int, quality: str) -> float:
    """A colour, a material or "parked", as an adjective says it."""
    if quality == "parked":
        return score_of(proof, "", "parked", (instance_id,), "")
    if quality in COLOURS:
        row = proof.row(instance_id)
        distances = colour_distances(row.colour_rgb)
        nearest, runner_up = sorted(distances, key=lambda n: distances[n])[:2]
        if nearest == quality and row.colour == quality:
            return 1.0 - distances[nearest] / max(distances[runner_up], 1e-9)
        if nearest == quality:
            return 0.0
        return -(1.0 - distances[nearest] / max(distances[quality], 1e-9))
    own = proof.material(instance_id)
    return 0.0 if not own else 1.0 if own == quality else -1.0


@scored("lead")
def _lead(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """The vehicle ahead in our lane; no other can be where there is one."""
    if _derived(proof, "", "lead", subjects, "") is not None:
        return 1.0
    leads = [f.subjects for f in proof.frame.facts if f.predicate == "lead"]
    return -1.0 if leads and subjects not in leads else _not_ahead(proof, subjects[0])


def _not_ahead(proof: Proof, one: int) -> float:
    """False of what is parked, comes towards us or is behind us, open of all else."""
    if proof.ego is None:
        return -1.0
    ego, body = proof.solids[proof.ego], proof.solids[one]
    behind = float((body.centre - ego.centre)[:2] @ ego.heading) < 0.0
    facts = ((p, (one,), "") for p in ("parked", "oncoming"))
    return -1.0 if behind or any(_derived(proof, "", *f) is not None for f in facts) else 0.0


@scored("falling")
def _falling(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """In free fall; not so what is fixed, or touches something and does not sink."""
    derived = _derived(proof, "", "falling", subjects, "")
    if derived is not None and (held := _held(derived, "")) is not None:
        return held
    one = subjects[0]
    slow = -float(proof.solids[one].velocity[2]) <= policy.FALLING_MPS / 2
    fixed = one not in proof.record.instance_tracks
    return -1.0 if fixed or (slow and bool(touches(proof, one))) else 0.0


@scored("on_ground")
def _on_ground(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """Not on the ground: clear of it by a quarter of its height and 10 cm at least."""
    derived = _derived(proof, sensor, "on_ground", subjects, argument)
    if derived is not None and (held := _held(derived, argument)) is not None:
        return max(held, 0.02)
    corners = proof.solids[subjects[0]].corners[:, 2]
    clear = max(0.10, float(np.ptp(corners)) / 4)
    low = float(corners.min())
    return -float(min(1.0, low / clear - 1.0)) if low > clear else 0.0


@scored("upon")
def _upon(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """Not upon a table: falling, or lying beside it below its top."""
    derived = _derived(proof, "", "upon", subjects, "")
    if derived is not None and derived.value is not None:
        return min(1.0, 0.02 + 10.0 * derived.value)
    if _derived(proof, "", "falling", subjects[:1], "") is not None:
        return -1.0
    body, table = (proof.solids[i] for i in subjects)
    below = float(table.corners[:, 2].max() - body.corners[:, 2].max())
    return -1.0 if below > 0.05 else 0.0


@scored("weather")
def _weather(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """Of pictures that show the sky; words exclude each other only where the air, the clouds or the sun say so."""
    sky = proof.record.concrete.get("sky")
    if not sky or not _open_sky(proof, sensor):
        return 0.0
    return _sky_score({k: float(v) for k, v in sky.items() if isinstance(v, int | float)}, argument)


def _open_sky(proof: Proof, sensor: str) -> bool:
    """Whether a picture shows the sky and no more than a sliver of wall: class ids 0 and 20."""
    semantic = proof.shots[sensor].camera.semantic
    return bool((semantic == 0).mean() >= SKY_SHARE and (semantic == 20).mean() <= WALL_SHARE)


def _between(value: float, no: float, yes: float) -> float:
    """-1 below ``no`` to 0 at it; 0 at ``yes`` to 1 at twice as far; open between."""
    if yes < no:
        return _between(-value, -no, -yes)
    if value >= yes:
        return float(min(1.0, 0.05 + (value - yes) / max(abs(yes), 1e-9)))
    return -float(min(1.0, 0.05 + (no - value) / max(abs(no), 1e-9))) if value <= no else 0.0


def _sky_score(sky: Mapping[str, float], word: str) -> float:
    of = sky.get
    held = {
        "rainy": _between(of("rain_mm_h", 0.0), policy.DRY_RAIN_MM_H, policy.RAIN_MM_H),
        "snowy": _between(of("snow_mm_h", 0.0), policy.DRY_SNOW_MM_H, policy.SNOW_MM_H),
        "foggy": _between(of("fog_per_m", 0.0), policy.CLEAR_FOG_PER_M, policy.FOG_PER_M),
        "dusty": _between(of("dust_per_m", 0.0), policy.CLEAR_FOG_PER_M, policy.FOG_PER_M),
    }
    if word in held:
        return held[word]
    sun, cloud = of("sun_elevation", 0.0), of("cloudiness", 0.0)
    night = _between(sun, 0.0, policy.NIGHT_RAD)
    if word in ("night", "day"):
        return night if word == "night" else _between(sun, policy.NIGHT_RAD, 0.05)
    if word == "twilight":
        inside = min(sun - policy.TWILIGHT_LEAST_RAD, policy.TWILIGHT_RAD - sun)
        outside = max(sun - policy.LOW_SUN_RAD, policy.NIGHT_RAD - sun)
        return (
            min(1.0, 0.05 + inside * 20) if inside >= 0 else -min(1.0, outside * 20) if outside > 0 else 0.0
        )
    clear = min([-s for s in held.values()])
    up = _between(sun, -0.02, 0.05)
    if word == "overcast":
        return min(clear, up, _between(cloud, policy.CLOUDY_MOST, policy.OVERCAST_CLOUD))
    if word == "sunny":
        high = _between(sun, policy.LOW_SUN_RAD, policy.HIGH_SUN_RAD)
        return min(clear, high, _between(cloud, policy.CLOUDY_CLOUD, policy.SUNNY_CLOUD))
    if word == "wet":
        return _between(of("wetness", 0.0), 0.2, policy.WET)
    if word == "snow-covered":
        return _between(of("snow_cover", 0.0), policy.BARE_COVER, policy.SNOW_COVER)
    return 0.0


@scored("camera_distance")
def _camera_distance(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """Level metres from the camera to the middle of the thing's box."""
    eye = proof.shots[sensor].camera.world_from_camera.position_m
    away = float(np.hypot(*(proof.solids[subjects[0]].centre - eye)[:2]))
    step = nearest_step(away, METRES)
    said = np.round(away / step) * step
    text = f"{said:.0f}" if float(said).is_integer() else f"{said:.1f}"
    return _number(Derived(away, step / 2, argument=text, exact=True), argument)


@scored("landed_before")
def _landed_before(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """Which of two things that fell first touched anything first; what never moves did not land."""
    tracks = proof.record.instance_tracks
    if any(i not in tracks for i in subjects):
        return -1.0
    times = [_first_touch(proof, i) for i in subjects]
    if times[0] is None and times[1] is None:
        return 0.0
    # What is in the air to the end of its track comes down later than that.
    first, second = (
        int(tracks[i].times_ns[-1]) if t is None else t for i, t in zip(subjects, times, strict=True)
    )
    lead = (second - first) * 1e-9
    return float(np.clip(lead / (4 * ORDER_S), -1.0, 1.0)) if abs(lead) >= ORDER_S else 0.0


def _first_touch(proof: Proof, instance_id: int) -> int | None:
    """When a thing that had fallen first touched another, ns; None where it never did."""
    track = proof.record.instance_tracks.get(instance_id)
    times = [c.t0_ns for c in proof.record.contacts if instance_id in (c.instance_a, c.instance_b)]
    if track is None or not times:
        return None
    first = min(times)
    start = float(track.positions_m[0][2])
    return first if start - float(proof.pose(instance_id, first)[0][2]) >= 0.05 else int(track.times_ns[0])


@scored("own_side")
def _own_side(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """On the left of a thing with a front, as it sees it itself, and near it."""
    one, other = (proof.solids[i] for i in subjects)
    if not other.row.has_front:
        return -1.0
    way = (one.centre - other.centre)[:2]
    away = float(np.hypot(*way))
    if away < 1e-6:
        return 0.0
    left = float(np.cross(other.heading, way)) / away
    toward = left if argument == "left" else -left
    if abs(toward) < OWN_SIDE_COS:
        return 0.0
    side = float(np.sign(toward)) * min(1.0, abs(toward))
    return side if side < 0 or away <= OWN_SIDE_M else 0.0
