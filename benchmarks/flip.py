"""Does it matter that words turn over with the picture? Left and right, learnt by a small dual encoder.

``python -m benchmarks.flip`` makes small pictures of two things seen from all around, each with a sentence that says
which is to the left of which, and the same sentence with the other side, and all of it again in the mirrored world;
the verifier judges every sentence. Then it trains, for each seed and each arm (no augmentation, the picture alone
flipped, picture and sentence flipped), a convolutional and a recurrent encoder against each other, on pictures among
which half of the pairs of things are seen in one arrangement only, and asks which sentence fits pictures of the
arrangement that was held out. Rows that are in ``--out`` are kept, so that it may be stopped at any time. Prints
Markdown. Needs torch (``pip install "pairforge[torch]"``).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.worlds import kept
from pairforge.captioners.caption import tell
from pairforge.captioners.meanings import Mention, Message
from pairforge.captioners.realise import caption_of, phrasings, realise
from pairforge.captioners.references import Told
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_truth import FALSE, TRUE, read_text, truth
from pairforge.errors import PairforgeError
from pairforge.learning.augment.clip import Clip
from pairforge.learning.augment.flip import Flip
from pairforge.learning.augment.protocol import tell as told_anew
from pairforge.pipeline import keyframes, prepare
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.sample import Caption, Fact
from pairforge.scenes.distributions import Choice, Uniform
from pairforge.scenes.placement import On
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Prop, Scene, Weather
from pairforge.seeding import Stream

DATASET_SEED = 23
SHAPES = ("box", "sphere", "cylinder", "cone", "mug", "bottle")
VIEWS, SIZE_PX = 6, 64
ARMS = ("none", "image only", "synchronized")
ASKED = ("held_out", "seen")
EPOCHS, BATCH, RATE = 50, 64, 2e-3
HELD_SHARE = 0.5
"""Of the pairs of things, those of which one arrangement is held out."""


def _thing(name: str) -> Prop:
    return Prop(
        name=name,
        shape=Choice(*SHAPES),
        colour=Choice("red", "green", "blue", "yellow", "white"),
        size_m=Uniform(0.5, 0.7),
        moves=False,
        place=On("floor", x_m=Uniform(-0.8, 0.8), y_m=Uniform(-0.8, 0.8), yaw_deg=Uniform(0.0, 360.0)),
    )


def _eye(k: int) -> Camera:
    step = 360.0 / VIEWS
    return Camera(
        name=f"view_{k}",
        look_at=(0.0, 0.0, 0.25),
        distance_m=Uniform(2.8, 3.6),
        azimuth_deg=Uniform(step * k, step * (k + 1)),
        elevation_deg=Uniform(12.0, 24.0),
        fov_deg=48.0,
        width_px=SIZE_PX,
        height_px=SIZE_PX,
    )


PAIR = Scene(
    name="flip.pair",
    setting=Empty(size_m=60.0),
    props=[_thing("one"), _thing("other")],
    sensors=[_eye(k) for k in range(VIEWS)],
    weather=Weather(sun_elevation_deg=Uniform(30.0, 60.0), cloudiness=0.2),
    duration_s=0.5,
    keyframe_rate_hz=2.0,
    warm_up_s=0.1,
    captions=(),
)
"""Two things on open ground, seen by six cameras."""


@dataclass(frozen=True)
class Saying:
    """A sentence that is true of a view, the same with the other side, and what stands left and right there."""

    right: Caption
    wrong: Caption
    left_noun: str
    right_noun: str


def sayings(clip: Clip, stream: Stream) -> Iterator[tuple[str, Saying]]:
    """(camera, saying) of each view in which two different things stand beside each other, by measured facts."""
    frame, record = clip.frame, clip.record
    for sensor in sorted(frame.cameras):
        beside = [f for f in frame.facts if f.predicate == "left_of" and f.sensor == sensor]
        if len(beside) != 1:
            continue
        told = tell(frame, record, frame.facts, sensor)
        left, right = (_named(told, i) for i in beside[0].subjects)
        if left.word != right.word:
            yield sensor, _said(told, beside[0], left, right, stream / sensor)


def _named(told: Told, instance_id: int) -> Mention:
    word = told.words(instance_id)[0]
    return Mention((instance_id,), (told.category(instance_id, word).fact_id,), "a", (), word)


def _said(told: Told, fact: Fact, left: Mention, right: Mention, stream: Stream) -> Saying:
    """ "A ball is to the left of a box" or "a box is to the right of a ball", in one of the house's phrasings."""
    turned = bool((stream / "turned").rng().random() < 0.5)
    who, other = (right, left) if turned else (left, right)
    pick = int((stream / "phrasing").rng().integers(len(phrasings("left_of", "en"))))
    said = []
    for template in ("right_of", "left_of") if turned else ("left_of", "right_of"):
        message = Message(template, {"who": who, "other": other}, (fact.fact_id,))
        text = realise(phrasings(template, "en")[pick], message.slots, "en")
        said.append(caption_of("contrast", told.sensor, [(text, message.all_fact_ids)], template, "en"))
    return Saying(said[0], said[1], left.word, right.word)


def scored(clip: Clip, sensor: str, caption: Caption) -> float:
    """The verifier's score of a text before a view."""
    proof = Proof(clip.frame, clip.record)
    return truth(proof, sensor, read_text(caption, proof.nouns))


def made(index: int) -> tuple[list[dict[str, Any]], NDArray[np.uint8]]:
    """Rows of a scene's views, and their pictures (N, 2, 64, 64, 3): as it is, and mirrored."""
    try:
        ready = prepare(PAIR, DATASET_SEED, index)
    except PairforgeError:
        return [], np.zeros((0, 2, SIZE_PX, SIZE_PX, 3), np.uint8)
    stream = Stream(DATASET_SEED) / "flip" / index
    (frame,) = keyframes(ready, RaycastRenderer(), "draft")
    clip = Clip(ready.record, (frame,))
    mirrored = told_anew(Flip()(clip), stream / "told")
    there = dict(sayings(mirrored, stream / "mirrored"))
    rows, pictures = [], []
    for sensor, said in sayings(clip, stream / "straight"):
        if sensor not in there:
            continue
        other = there[sensor]
        rows.append(
            {
                "scene": index,
                "view": sensor,
                "left": said.left_noun,
                "right": said.right_noun,
                "true": said.right.text,
                "false": said.wrong.text,
                "mirrored_true": other.right.text,
                "mirrored_false": other.wrong.text,
                "mirrored_left": other.left_noun,
                "score_true": scored(clip, sensor, said.right),
                "score_false": scored(clip, sensor, said.wrong),
                "score_synchronized": scored(mirrored, sensor, other.right),
                "score_image_only": scored(mirrored, sensor, said.right),
            }
        )
        pictures.append([clip.frame.cameras[sensor].rgb, mirrored.frame.cameras[sensor].rgb])
    shape = (len(rows), 2, SIZE_PX, SIZE_PX, 3)
    return rows, np.array(pictures, np.uint8).reshape(shape)


def render(out: Path, scenes: int) -> None:
    """Makes the scenes that are not there yet, one file each."""
    out.mkdir(parents=True, exist_ok=True)
    for index in range(scenes):
        path = out / f"{index:05d}.npz"
        if not path.exists():
            start = process_time()
            rows, pictures = made(index)
            beside = path.with_suffix(".part.npz")
            np.savez(beside, rows=json.dumps(rows), pictures=pictures, cpu_s=process_time() - start)
            beside.replace(path)


@dataclass(frozen=True, eq=False)
class Views:
    """All views: ``rows``, and ``pictures`` (N, 2, 3, 32, 32) float32 0..1, each pixel the mean of four."""

    rows: list[dict[str, Any]]
    pictures: NDArray[np.float32]
    cpu_s: float


def loaded(out: Path, scenes: int) -> Views:
    rows, pictures, cpu_s = [], [], 0.0
    for index in range(scenes):
        with np.load(out / f"{index:05d}.npz") as file:
            rows += json.loads(str(file["rows"]))
            pictures.append(file["pictures"])
            cpu_s += float(file["cpu_s"])
    stacked = np.moveaxis(np.concatenate(pictures).astype(np.float32) / 255.0, -1, 2)
    n, half = len(stacked), SIZE_PX // 2
    return Views(rows, stacked.reshape(n, 2, 3, half, 2, half, 2).mean(axis=(4, 6)), cpu_s)


def held_out(seed: int, nouns: tuple[str, ...]) -> frozenset[tuple[str, str]]:
    """(left, right): the arrangements that this seed's learners never see; of no pair both."""
    rng = (Stream(seed) / "held_out").rng()
    pairs = list(combinations(nouns, 2))
    chosen = rng.permutation(len(pairs))[: round(HELD_SHARE * len(pairs))]
    return frozenset(pairs[k] if rng.random() < 0.5 else pairs[k][::-1] for k in sorted(chosen))


def trained(views: Views, arm: str, seed: int) -> dict[str, Any]:
    """Trains one learner and asks it; one row."""
    from benchmarks.flip_model import Learner

    start = process_time()
    nouns = tuple(sorted({r["left"] for r in views.rows} | {r["right"] for r in views.rows}))
    held = held_out(seed, nouns)
    scene_rng = (Stream(seed) / "scenes").rng()
    most = max(r["scene"] for r in views.rows) + 1
    test_scene = scene_rng.random(most) < 0.2
    away = np.array([(r["left"], r["right"]) in held for r in views.rows])
    test = np.array([bool(test_scene[r["scene"]]) for r in views.rows])
    learn = np.flatnonzero(~away & ~test)
    learner = Learner(_words(views.rows), seed)
    for epoch in range(EPOCHS):
        stream = Stream(seed) / "train" / epoch
        flips = (stream / "flip").rng().random(len(learn)) < (0.5 if arm != "none" else 0.0)
        order = (stream / "order").rng().permutation(len(learn))
        for k in range(0, len(order), BATCH):
            batch = order[k : k + BATCH]
            texts, others, meanings = zip(
                *(_taught(views.rows[learn[i]], bool(flips[i]), arm) for i in batch), strict=True
            )
            shifts = (stream / "shift" / k).rng().integers(-2, 3, (len(batch), 2))
            seen = shifted(views.pictures[learn[batch], flips[batch].astype(int)], shifts)
            learner.step(seen, texts, others, meanings, RATE)
    row: dict[str, Any] = {"arm": arm, "seed": seed, "learnt_from": len(learn)}
    for name, which in zip(ASKED, (away, ~away & test), strict=True):
        own = np.flatnonzero(which)
        right = learner.scores(views.pictures[own, 0], [views.rows[i]["true"] for i in own])
        wrong = learner.scores(views.pictures[own, 0], [views.rows[i]["false"] for i in own])
        row |= {name: float((right > wrong).mean()), f"{name}_asked": len(own)}
    return {**row, "cpu_s": process_time() - start}


def shifted(pictures: NDArray[np.float32], steps: NDArray[np.int64]) -> NDArray[np.float32]:
    """Pictures (N, 3, H, W), each rolled by its own rows and columns (N, 2): an augmentation that every arm has."""
    moved = [np.roll(p, (int(r), int(c)), axis=(1, 2)) for p, (r, c) in zip(pictures, steps, strict=True)]
    return np.stack(moved)


def _taught(row: Mapping[str, Any], flipped: bool, arm: str) -> tuple[str, str, tuple[str, str]]:
    """The sentence that goes with a picture in an arm, the one with the other side, and what the first says stands
    left and right."""
    if flipped and arm == "synchronized":
        return row["mirrored_true"], row["mirrored_false"], (row["right"], row["left"])
    return row["true"], row["false"], (row["left"], row["right"])


def _words(rows: list[dict[str, Any]]) -> tuple[str, ...]:
    texts = (r[k] for r in rows for k in ("true", "false", "mirrored_true", "mirrored_false"))
    return tuple(sorted({w for t in texts for w in t.lower().strip(".").split()}))


def interval(values: list[float]) -> tuple[float, float]:
    """Mean and half the width of its 95 % interval (Student's t over the seeds)."""
    from scipy.stats import t

    n = len(values)
    spread = float(np.std(values, ddof=1)) if n > 1 else float("nan")
    return float(np.mean(values)), float(t.ppf(0.975, max(n - 1, 1))) * spread / n**0.5


def report(views: Views, rows: list[dict[str, Any]]) -> None:
    scores = {k: np.array([r[k] for r in views.rows]) for k in views.rows[0] if k.startswith("score_")}
    print(
        f"{len(views.rows)} views of {len({r['scene'] for r in views.rows})} scenes, {views.cpu_s:.0f} CPU s\n"
    )
    print("| sentence, before picture | proved | refuted | open |\n|---|---|---|---|")
    for name, s in scores.items():
        shares = (float((s >= TRUE).mean()), float((s <= FALSE).mean()))
        print(f"| {name[6:]} | {shares[0]:.3f} | {shares[1]:.3f} | {1 - sum(shares):.3f} |")
    print(
        "\n| arm | held-out arrangements | seen arrangements, new scenes | seeds | CPU s |\n|---|---|---|---|---|"
    )
    for arm in ARMS:
        own = [r for r in rows if r["arm"] == arm]
        cells = ["{:.3f} ± {:.3f}".format(*interval([r[k] for r in own])) for k in ASKED]
        print(f"| {arm} | {' | '.join(cells)} | {len(own)} | {sum(r['cpu_s'] for r in own):.0f} |")
    print("\n| synchronized, seed by seed, less | held-out arrangements | seen arrangements, new scenes |")
    print("|---|---|---|")
    for arm in ARMS[:2]:
        cells = ["{:+.3f} ± {:.3f}".format(*interval(gains(rows, arm, k))) for k in ASKED]
        print(f"| {arm} | {' | '.join(cells)} |")


def gains(rows: list[dict[str, Any]], arm: str, asked: str) -> list[float]:
    """By how much the synchronized arm did better than another with the same seed, for each seed."""
    by = {(r["arm"], r["seed"]): r[asked] for r in rows}
    seeds = sorted({seed for name, seed in by if name == arm})
    return [by[ARMS[-1], seed] - by[arm, seed] for seed in seeds]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    ask.add_argument("--out", type=Path, default=Path("out/flip"))
    ask.add_argument("--scenes", type=int, default=300)
    ask.add_argument("--seeds", type=int, default=5)
    options = ask.parse_args()
    render(options.out, options.scenes)
    views, path = loaded(options.out, options.scenes), options.out / f"rows-{options.scenes}.jsonl"
    rows = list(kept(path))
    have = {(r["arm"], r["seed"]) for r in rows}
    with path.open("a") as file:
        for seed in range(options.seeds):
            for arm in ARMS:
                if (arm, seed) not in have:
                    rows.append(trained(views, arm, seed))
                    file.write(json.dumps(rows[-1]) + "\n")
                    file.flush()
    report(views, [r for r in rows if r["seed"] < options.seeds])


if __name__ == "__main__":
    main()
