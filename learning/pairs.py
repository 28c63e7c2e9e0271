"""Loose pairs: texts beside pictures that they were not written for, with the share of them that is wrong, measured.

Weakly supervised learners take whatever came together: a text and the next moment, another camera, another part of
the clip. Here the verifier reads each text and judges it before the picture that it is paired with, so that the noise
of such pairs is not guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.stats import beta

from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth import FALSE, TRUE, read_text, truth
from pairforge.datasets.reader import Dataset
from pairforge.datasets.readers.protocol import UnreadableError
from pairforge.errors import SpecError, did_you_mean
from pairforge.sample import Caption, Keyframe, SceneRecord
from pairforge.seeding import Stream

Verdict = Literal["true", "refuted", "open"]
KINDS = ("own", "next_moment", "same_clip", "other_camera", "other_scene")
"""``own``: the picture that it was written for, as a yardstick. ``next_moment``: the keyframe after.
``same_clip``: any
other keyframe of the scene. ``other_camera``: another camera at the same keyframe. ``other_scene``: a keyframe of
another scene, as a yardstick too."""


@dataclass(frozen=True)
class LoosePair:
    """A text of one keyframe beside a camera's picture of another (or the same). ``score``: the verifier's, -1..1,
    below 0 where it is wrong; ``verdict`` follows from it."""

    kind: str
    text_key: str
    caption: Caption
    picture_key: str
    sensor: str
    score: float
    verdict: Verdict


@dataclass(frozen=True)
class Noise:
    """Of ``pairs`` pairs of a kind: shares that are refuted, open and true, and the 95 % interval of the first
    (Clopper
    and Pearson 1934)."""

    kind: str
    pairs: int
    refuted: float
    open: float
    true: float
    refuted_least: float
    refuted_most: float


@dataclass(frozen=True, eq=False)
class _Shot:
    frame: Keyframe
    record: SceneRecord
    proof: Proof


def loose_pairs(
    dataset: Dataset,
    kinds: Sequence[str] = KINDS,
    captions: Sequence[str] = ("short", "dense"),
    stream: Stream | None = None,
    language: str = "en",
) -> Iterator[LoosePair]:
    """Every caption of these kinds with one picture of each kind of pair that there is for it, drawn from ``stream``.

    Scenes are read one after another, and at most two are in memory. SpecError for an unknown kind of pair.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise SpecError(f'unknown kind of pair "{kind}". {did_you_mean(kind, KINDS)}')
    draws, before = stream or Stream(0, "pairs"), list[_Shot]()
    for index in dataset.scenes:
        shots = _shots(dataset, index)
        for k, shot in enumerate(shots):
            for n, caption in enumerate(shot.frame.captions):
                if caption.kind in captions and caption.language == language:
                    for kind in kinds:
                        rng = draws / shot.frame.key / n / kind
                        other = _other(kind, shots, k, caption.sensor, before, rng)
                        if other is not None:
                            yield _paired(kind, shot, caption, *other)
        before = shots


def noise_of(pairs: Iterable[LoosePair]) -> tuple[Noise, ...]:
    """What is known of the noise of each kind, in the order in which kinds come."""
    found: dict[str, dict[Verdict, int]] = {}
    for pair in pairs:
        counts = found.setdefault(pair.kind, {"true": 0, "refuted": 0, "open": 0})
        counts[pair.verdict] += 1
    return tuple(_noise(kind, counts) for kind, counts in found.items())


def _judged(caption: Caption, proof: Proof, sensor: str, nouns: frozenset[str]) -> float:
    try:
        return truth(proof, sensor, read_text(caption, nouns | proof.nouns))
    except UnreadableError:
        return 0.0


def _shots(dataset: Dataset, index: int) -> list[_Shot]:
    record = dataset.record(index)
    return [_Shot(f, record, Proof(f, record)) for f in dataset.frames(index)]


def _other(
    kind: str, shots: list[_Shot], k: int, sensor: str, before: list[_Shot], stream: Stream
) -> tuple[_Shot, str] | None:
    """The shot and camera that a text of ``shots[k]`` is paired with; None where there is none of that kind."""
    if kind == "own":
        return shots[k], sensor
    if kind == "next_moment":
        return (shots[k + 1], sensor) if k + 1 < len(shots) else None
    if kind == "other_camera":
        names = [n for n in sorted(shots[k].frame.cameras) if n != sensor]
        return (shots[k], names[int(stream.rng().integers(len(names)))]) if names else None
    others = [s for s in shots if s is not shots[k]] if kind == "same_clip" else before
    others = [s for s in others if sensor in s.frame.cameras]
    return (others[int(stream.rng().integers(len(others)))], sensor) if others else None


def _paired(kind: str, shot: _Shot, caption: Caption, other: _Shot, sensor: str) -> LoosePair:
    score = _judged(caption, other.proof, sensor, shot.proof.nouns)
    verdict: Verdict = "true" if score >= TRUE else "refuted" if score <= FALSE else "open"
    return LoosePair(kind, shot.frame.key, caption, other.frame.key, sensor, score, verdict)


def _noise(kind: str, counts: dict[Verdict, int]) -> Noise:
    n, bad = sum(counts.values()), counts["refuted"]
    least = float(beta.ppf(0.025, bad, n - bad + 1)) if bad else 0.0
    most = float(beta.ppf(0.975, bad + 1, n - bad)) if bad < n else 1.0
    return Noise(kind, n, bad / n, counts["open"] / n, counts["true"] / n, least, most)
