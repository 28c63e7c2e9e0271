"""An ultrasonic parking sensor: the first echo within its cone, by time of flight.

docs/sensors/ultrasonic.md tells of the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pairforge.arrays import ArraySpec
from pairforge.errors import SpecError
from pairforge.sample import Reading
from pairforge.scenes.distributions import Value
from pairforge.scenes.spec import Device
from pairforge.scenes.typecheck import label
from pairforge.sensors.protocol import Sensing, SensorModel

if TYPE_CHECKING:
    from pairforge.scenes.spec import Scene


@dataclass(frozen=True, kw_only=True)
class Ultrasonic(Device):
    """One element of a bumper's row, ``rate_hz`` pings a second. The defaults are those of a plausible parking unit.

    ``frequency_khz`` of its tone; ``horizontal_beam_deg`` and ``vertical_beam_deg`` are the full widths at half the
    power of its beam, one way. ``min_range_m``: nearer, its membrane still rings and it hears nothing new.
    ``max_range_m`` is where it gives up. Its threshold follows time: an echo may lie ``sensitivity_db`` below that of
    a flat, hard wall at its range (a pole of 75 mm at 3 m lies 19 dB below), but not below what such a wall gives at
    ``reference_m`` in air at 20 degrees, which is the noise. ``temperature_c`` is the air's (the speed of sound
    follows), ``assumed_temperature_c`` what the device takes it for (None: it knows); ``humidity`` is relative, 0..1.
    ``range_noise_m`` is the deviation of the range of a strong echo, ``level_noise_db`` that of an echo's strength
    from ping to ping. ``cross_talk`` is the chance that a ping hears a neighbour's direct sound instead, at a range
    of no meaning. ``rays`` are cast into the cone.
    """

    KIND: ClassVar[str] = "ultrasonic"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rate_hz": (0.1, 100.0),
        "frequency_khz": (20.0, 200.0),
        "horizontal_beam_deg": (1.0, 160.0),
        "vertical_beam_deg": (1.0, 160.0),
        "min_range_m": (0.0, 2.0),
        "max_range_m": (0.1, 20.0),
        "reference_m": (0.1, 40.0),
        "sensitivity_db": (0.0, 60.0),
        "temperature_c": (-50.0, 60.0),
        "humidity": (0.0, 1.0),
        "range_noise_m": (0.0, 1.0),
        "level_noise_db": (0.0, 20.0),
        "cross_talk": (0.0, 1.0),
        "rays": (16, 100_000),
    }

    rate_hz: float = 20.0
    frequency_khz: float = 48.0
    horizontal_beam_deg: float = 75.0
    vertical_beam_deg: float = 40.0
    min_range_m: float = 0.15
    max_range_m: float = 5.5
    reference_m: float = 8.0
    sensitivity_db: float = 24.0
    temperature_c: Value[float] = 20.0
    assumed_temperature_c: float | None = None
    humidity: Value[float] = 0.5
    range_noise_m: float = 0.005
    level_noise_db: float = 1.0
    cross_talk: float = 0.0
    rays: int = 600

    def check(self, scene: Scene) -> None:
        if self.min_range_m >= self.max_range_m:
            raise SpecError(
                f"{label(self)}: min_range_m {self.min_range_m:g} is not below max_range_m {self.max_range_m:g}"
            )


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each ping was sent"),
    ArraySpec("range_m", "npy", "float32", ("N",), "m", "sensor", "measured; inf: no echo"),
    ArraySpec(
        "level_db", "npy", "float32", ("N",), "dB", "", "strength of the echo over the threshold; nan: none"
    ),
    ArraySpec(
        "kind", "npy", "uint8", ("N",), "id", "", "0: nothing heard; 1: an echo; 2: a neighbour's ping"
    ),
    ArraySpec(
        "instance", "npy", "uint16", ("N",), "id", "", "what sent most of it back; 0: stuff or nothing"
    ),
    ArraySpec("part", "npy", "uint16", ("N",), "id", "", "the same; 0: nothing"),
    ArraySpec("semantic", "npy", "uint8", ("N",), "id", "", "the same; 0: nothing"),
    ArraySpec(
        "true_range_m", "npy", "float32", ("N",), "m", "sensor", "half the way of most of it; nan: none"
    ),
    ArraySpec(
        "true_position_m", "npy", "float32", ("N", 3), "m", "sensor", "that point when pinged; nan: none"
    ),
)


def sense(at: Sensing) -> Reading:
    """All pings since the keyframe before. Everything stands still for the milliseconds of a ping's flight."""
    from pairforge.sensors.ultrasonic_echo import pings  # a spec needs no echoes

    return pings(at)


ULTRASONIC = SensorModel(
    "ultrasonic",
    Reading,
    sense,
    ARRAYS,
    Ultrasonic,
    "an ultrasonic parking sensor's ranges",
)
