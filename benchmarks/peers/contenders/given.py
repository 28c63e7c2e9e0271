"""What every contender is given, without pairforge: the folder of the exchange, and what its command line asks.

python CONTENDER.py EXCHANGE OUT --samples 4 --frames 3 --settings same
"""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Asked:
    """One run. ``settings`` "same": light is followed and cleaned as pairforge's preset does; "own": as the contender
    does when nobody says otherwise."""

    exchange: Path
    out: Path
    samples: int
    frames: int
    settings: str

    @property
    def world(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.exchange / "world.json").read_text())
        return document | {"frames": document["frames"][: self.frames]}


def asked() -> Asked:
    """What the command line asks; makes the folder for what is made."""
    ask = argparse.ArgumentParser()
    ask.add_argument("exchange", type=Path)
    ask.add_argument("out", type=Path)
    ask.add_argument("--samples", type=int, default=4)
    ask.add_argument("--frames", type=int, default=1)
    ask.add_argument("--settings", choices=("same", "own", "centres"), default="same")
    found = Asked(**vars(ask.parse_args()))
    found.out.mkdir(parents=True, exist_ok=True)
    return found


def follow_light(scene: Any, light: dict[str, Any], samples: int) -> None:
    """Cycles' settings of a Blender scene, those that its versions share: samples, bounces and clamps."""
    cycles = scene.cycles
    cycles.samples, cycles.use_adaptive_sampling = samples, False
    for name, value in light["cycles"].items():
        with suppress(AttributeError, TypeError):  # what an older Blender does not know
            setattr(cycles, name, value)
