"""Traffic lights: a programme of phases that repeats. The one truth for what lamps show and what drivers obey.

An item that is a traffic light has motion "signal" and the behaviour {"kind": "signal", "programme":
[[state, seconds], ...], "offset_s": x}; lanes name the item that rules them (``ConcreteLane.signal``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.concrete import ConcreteItem
from pairforge.scenes.draws import Draws

SignalState = Literal["green", "yellow", "red", "red_yellow", "off"]
STATES: tuple[str, ...] = get_args(SignalState)


@dataclass(frozen=True)
class Programme:
    """Phases (state, seconds), one after another for ever; at time 0 the programme is ``offset_s`` into its cycle."""

    phases: tuple[tuple[str, float], ...]
    offset_s: float = 0.0

    def __post_init__(self) -> None:
        for state, seconds in self.phases:
            if state not in STATES:
                raise SpecError(f'signal state "{state}". {did_you_mean(state, STATES)}')
            if not seconds > 0.0:
                raise SpecError(f'signal phase "{state}" lasts {seconds:g} s; it must last longer than 0')
        if not self.phases:
            raise SpecError(
                "a signal programme needs at least one phase, as in [('green', 20.0), ('red', 20.0)]"
            )

    @property
    def cycle_s(self) -> float:
        return sum(seconds for _, seconds in self.phases)

    def at(self, time_s: float) -> tuple[str, float]:
        """The state at a time, and the seconds until it changes.

        >>> Programme((("green", 5.0), ("red", 7.0)), offset_s=4.0).at(0.5)
        ('green', 0.5)
        """
        into = (time_s + self.offset_s) % self.cycle_s
        for state, seconds in self.phases:
            if into < seconds:
                return state, seconds - into
            into -= seconds
        return self.phases[0]

    @staticmethod
    def of(behaviour: Mapping[str, Any]) -> Programme:
        """What an item's behaviour says."""
        phases: Sequence[Sequence[Any]] = behaviour["programme"]
        return Programme(
            tuple((str(p[0]), float(p[1])) for p in phases), float(behaviour.get("offset_s", 0.0))
        )


def signal_item(
    draw: Draws,
    name: str,
    programme: Programme,
    *,
    position_m: Sequence[float],
    yaw: float,
    params: Mapping[str, Any] | None = None,
) -> ConcreteItem:
    """A traffic light for a setting's plan, its look drawn below ``name``, its lamps run by ``programme``.

    It looks along ``yaw`` (against the traffic it rules) and stands at ``position_m``, on the right of that traffic:
    an arm (``params`` "reach_m" > 0) reaches towards its own -y. Every number of the programme is a draw of its own
    (``name.offset_s``, ``name.phase_0_s``, …).
    """
    under = draw.under(name)
    phases = tuple(
        (state, float(under(f"phase_{k}_s", seconds))) for k, (state, seconds) in enumerate(programme.phases)
    )
    run = Programme(phases, float(under("offset_s", programme.offset_s)))
    look = {"lit": run.at(0.0)[0], **(params or {})}
    item = draw.item(name, "traffic_light", position_m=position_m, yaw=yaw, params=look)
    return replace(
        item,
        motion="signal",
        behaviour={
            "kind": "signal",
            "programme": [[state, seconds] for state, seconds in run.phases],
            "offset_s": run.offset_s,
        },
    )
