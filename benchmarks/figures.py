"""One figure of a benchmark, and where all of them come from: each source asks one module for its own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

_NUMBER = re.compile(r"-?[\d,]*\.?\d+(?:e-?\d+)?")


@dataclass(frozen=True)
class Figure:
    """``value`` in ``unit``; ``ratio`` to what ``to`` names, in the same run. Above 1, ours is better when ``to`` is
    somebody else's or another way of doing the same; for a thing with more in it, it is what that costs."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    to: str = ""


def number(text: str) -> float:
    """The first number of a cell such as "2,506,000", "24x" or "46 %"."""
    found = _NUMBER.search(text)
    if found is None:
        raise ValueError(f'"{text}" holds no number')
    return float(found[0].replace(",", ""))


def rays() -> Iterator[Figure]:
    from benchmarks import rays as of

    for name, _, ours, _, ratio, _ in of.against_bullet():
        yield Figure(name, number(ours), "rays/CPU s", number(ratio), "PyBullet")
    for name, _, cpu in of.sensors():
        yield Figure(name, number(cpu), "CPU s")


def lidar() -> Iterator[Figure]:
    from benchmarks import lidar as of

    for name, _, cpu, _, ratio in of.costs():
        yield Figure(f"LiDAR {name}", number(cpu), "CPU s", number(ratio), "a plain one")


def movers() -> Iterator[Figure]:
    from benchmarks import movers as of

    for name, _, _, moving, share in of.rows():
        yield Figure(name, number(moving), "rays/CPU s", number(share) / 100, "the world at rest")


def labels() -> Iterator[Figure]:
    from benchmarks import labels as of

    for quality, build, first, _, cpu, peak, labelled, share, _ in of.shares(("draft", "standard")):
        yield Figure(f"Blender opens the street, {quality}", number(build), "s")
        yield Figure(f"first street frame, {quality}", number(first), "s")
        yield Figure(f"street frame, {quality}", number(cpu), "CPU s")
        yield Figure(f"its worker, {quality}", number(peak), "MB")
        yield Figure(
            f"labels beside it, {quality}", number(labelled), "CPU s", number(share) / 100, "the picture"
        )


def cameras() -> Iterator[Figure]:
    from benchmarks import cameras as of

    for quality, name, cpu, ratio in of.costs(["draft"], 320):
        yield Figure(f"{name}, 320x180, {quality}", number(cpu), "CPU s", number(ratio), "a pinhole")


def worlds() -> Iterator[Figure]:
    from benchmarks import worlds as of

    for name in ("tabletop.drop", "kitchen.counter", "driving.street", "roads.crossroads"):
        row = of.drawn(name, 0)
        yield Figure(f"{name}: drawn, built, simulated", row["cpu_s"], "CPU s")


def physics() -> Iterator[Figure]:
    from benchmarks import physics as of

    row = of.measure("tabletop.drop", 0)
    for name, value in row.items():
        if name != "seed":
            yield Figure(f"tabletop.drop: {name.replace('_', ' ')}", float(value), "")


def captions() -> Iterator[Figure]:
    from benchmarks import captions as of

    with TemporaryDirectory(prefix="figures-") as folder:
        of.make(Path(folder), ("tabletop.drop",))
        stored = of.opened(Path(folder), ("tabletop.drop",), 0, 1)
        of.said_and_proved(stored[:2], 1)
        pace = of.said_and_proved(stored, 1)
        yield Figure("captions written and proved", pace.captions.total() / pace.cpu_s, "captions/CPU s")
        yield Figure("of that, writing", pace.write_s / pace.cpu_s, "share")
        yield from _loading(Path(folder) / "tabletop.drop")


def _loading(root: Path) -> Iterator[Figure]:
    import torch

    from benchmarks import loading as of

    torch.set_num_threads(1)
    for task in of.TASKS:
        cells = of.compare(root, task, 0, 2).strip("| ").split(" | ")
        name, _, theirs, ours, shuffled, stream = cells
        for way, ratio in (("Loader", ours), ("Loader, shuffled", shuffled), ("KeyframeStream", stream)):
            ms = number(theirs) / number(ratio)
            yield Figure(f"load {name}: {way}", ms, "CPU ms a keyframe", number(ratio), "webdataset")


def counts() -> Iterator[Figure]:
    from benchmarks.history_figures import figures

    for one in figures():
        yield Figure(one.figure, one.value, one.unit)


def peers() -> Iterator[Figure]:
    """Only where ``make peers`` has made the environments."""
    from benchmarks.peers.__main__ import CONTENDERS
    from benchmarks.peers.exchange import write_exchange
    from benchmarks.peers.running import measure

    with TemporaryDirectory(prefix="figures-") as folder:
        exchange = write_exchange(Path(folder) / "exchange", 2)
        ours = None
        for contender in CONTENDERS:
            if (contender.settings == "same" and contender.environment) or not Path(
                contender.python
            ).exists():
                continue
            found = measure(contender, exchange, Path(folder) / "out", 4, 2)
            ours = found.cpu_s if ours is None else ours
            name = f"{contender.name}: a labelled frame at 4 samples"
            yield Figure(name, found.cpu_s, "CPU s", found.cpu_s / ours, "pairforge's")


def presets() -> Iterator[Figure]:
    from benchmarks import presets as of
    from benchmarks.preset_worlds import SIGHTS, seen
    from pairforge.renderers.blender_presets import PRESETS

    sight = seen(SIGHTS["street"], 320)
    for name in ("draft", "standard", "high"):
        found = of.measure(sight.world, sight.view, PRESETS[name])
        yield Figure(f"street frame, 320x180, {name}", found.cpu_s, "CPU s")


QUICK: Mapping[str, Callable[[], Iterable[Figure]]] = {
    "counts": counts,
    "rays": rays,
    "lidar": lidar,
    "movers": movers,
    "worlds": worlds,
    "captions and loading": captions,
    "physics": physics,
    "labels": labels,
    "cameras": cameras,
}
"""Together some five minutes on two cores."""
ALL = {**QUICK, "presets": presets, "peers": peers}


def as_json(figures: Iterable[Figure]) -> str:
    """One JSON object a line: what another program compares."""
    return "".join(json.dumps(vars(f)) + "\n" for f in figures)
