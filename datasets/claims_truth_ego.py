"""How surely it holds or fails that our own car brakes, or moves over: what one driver does, another might not."""

from __future__ import annotations

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import CHECKS, RefutedError
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth_scores import scored
from pairforge.sample import Fact


@scored("ego_braking")
def _braking(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """Braking as its check says; not so with a foot well off the brake while the car is under way, or standing."""
    held = _share(proof, "ego_braking", subjects, "")
    if held is not None and held[0] >= 0.0:
        return max(0.02, held[0])
    controls = proof.frame.controls
    if controls is None:
        return 0.0
    return -1.0 if controls.brake <= policy.BRAKE_PEDAL / 2 else 0.0


@scored("ego_moving_over")
def _moving_over(proof: Proof, sensor: str, subjects: tuple[int, ...], argument: str) -> float:
    """Moving over as its check says; not so to the other side, nor at less than half the speed it takes."""
    held = _share(proof, "ego_moving_over", subjects, argument)
    if held is None:
        return 0.0
    share, side = held
    if side == argument and share >= 0.0:
        return max(0.02, share)
    if side != argument and share >= 0.0:
        return -min(1.0, 0.5 + share)
    return min(0.0, 2.0 * share + 1.0)


def _share(
    proof: Proof, predicate: str, subjects: tuple[int, ...], argument: str
) -> tuple[float, str] | None:
    """By what share of its threshold a claim's value is beyond it (at most 1; below 0: short of it), and what the
    check says instead of ``argument``; None where the check refuses it."""
    now = proof.frame.time_ns
    try:
        derived = CHECKS[predicate](proof, Fact(1, predicate, subjects, argument, t0_ns=now, t1_ns=now))
    except (RefutedError, LookupError, ValueError, TypeError):
        return None
    if derived.value is None or not derived.threshold:
        return None
    return min(1.0, derived.value / derived.threshold - 1.0), str(derived.argument)
