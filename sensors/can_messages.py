"""The messages on a vehicle's bus: which signals, how often, how coarse, and where their bits lie.

The layout is pairforge's own (no maker publishes theirs), with cycle times and resolutions as usual on a chassis bus.
Every signal fills whole bytes, little-endian; ``dbc()`` says so to any CAN tool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64


@dataclass(frozen=True)
class Signal:
    """``raw`` is a numpy integer type; the value is raw times ``step``."""

    name: str
    raw: str
    step: float
    unit: str

    def quantised(self, values: F64) -> I64:
        """(N,) raw numbers, cut to what fits."""
        info = np.iinfo(self.raw)
        return np.asarray(np.clip(np.rint(values / self.step), info.min, info.max), dtype=np.int64)


@dataclass(frozen=True)
class Message:
    """One frame of 8 bytes, sent every ``period_ms`` from the clock's start on."""

    frame_id: int
    name: str
    period_ms: int
    signals: tuple[Signal, ...]


MESSAGES = (
    Message(
        0x0C4,
        "steering",
        10,
        (
            Signal("steering_wheel_angle_deg", "int16", 0.1, "deg"),
            Signal("steering_wheel_rate_deg_s", "int16", 0.5, "deg/s"),
        ),
    ),
    Message(
        0x0D0,
        "motion",
        20,
        (
            Signal("speed_kmh", "int16", 0.01, "km/h"),
            Signal("yaw_rate_deg_s", "int16", 0.01, "deg/s"),
            Signal("longitudinal_acceleration_mps2", "int16", 0.01, "m/s^2"),
            Signal("lateral_acceleration_mps2", "int16", 0.01, "m/s^2"),
        ),
    ),
    Message(
        0x0D4,
        "wheel_speeds",
        20,
        tuple(Signal(f"wheel_speed_{w}_kmh", "int16", 0.02, "km/h") for w in ("fl", "fr", "rl", "rr")),
    ),
    Message(
        0x0E0,
        "pedals",
        20,
        (Signal("throttle_percent", "uint8", 0.5, "%"), Signal("brake_percent", "uint8", 0.5, "%")),
    ),
    Message(0x1A0, "gearbox", 100, (Signal("gear", "int8", 1.0, ""),)),
    Message(0x1B0, "lights", 100, (Signal("brake_light", "uint8", 1.0, ""),)),
)

SIGNALS: tuple[Signal, ...] = tuple(s for m in MESSAGES for s in m.signals)
INDEX = {s.name: k for k, s in enumerate(SIGNALS)}
"""Signal name -> the number that stands for it in a reading's ``signal``."""


def payload(message: Message, raw: dict[str, I64], count: int) -> NDArray[np.uint8]:
    """(count, 8) the bytes of ``count`` frames; a signal that is missing leaves its bytes 0xFF."""
    out = np.full((count, 8), 0xFF, np.uint8)
    at = 0
    for s in message.signals:
        size = np.dtype(s.raw).itemsize
        if s.name in raw:
            out[:, at : at + size] = (
                raw[s.name].astype(f"<{np.dtype(s.raw).str[1:]}").view(np.uint8).reshape(count, size)
            )
        at += size
    return out


def series(times_ns: I64, signal: NDArray[np.uint8], value: F64, name: str) -> tuple[I64, F64]:
    """Time stamps and values of one signal of a reading; KeyError for a name that is not in ``INDEX``."""
    own = signal == INDEX[name]
    return times_ns[own], value[own]


def dbc() -> str:
    """The whole bus as a DBC file."""
    lines = ['VERSION "pairforge"', "", "NS_ :", "", "BS_:", "", "BU_: vehicle", ""]
    for m in MESSAGES:
        lines.append(f"BO_ {m.frame_id} {m.name}: 8 vehicle")
        start = 0
        for s in m.signals:
            info, bits = np.iinfo(s.raw), 8 * np.dtype(s.raw).itemsize
            sign = "-" if info.min < 0 else "+"
            span = f"[{info.min * s.step:g}|{info.max * s.step:g}]"
            lines.append(
                f' SG_ {s.name} : {start}|{bits}@1{sign} ({s.step:g},0) {span} "{s.unit}" Vector__XXX'
            )
            start += bits
        lines.append("")
    return "\n".join(lines)
