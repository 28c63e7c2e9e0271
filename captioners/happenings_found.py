"""The list that happenings are gathered in."""

from __future__ import annotations

from dataclasses import dataclass, field

from pairforge.sample import Happening


@dataclass
class Found:
    """Happenings in the order they were found, not numbered yet."""

    happenings: list[Happening] = field(default_factory=list)

    def add(
        self,
        kind: str,
        *subjects: int,
        span_ns: tuple[int, int],
        value: float,
        unit: str,
        threshold: float,
        argument: str = "",
        at_most: bool = False,
        evidence: tuple[str, ...] = ("trajectories",),
    ) -> None:
        """Adds one whose value reaches ``threshold`` (with ``at_most``: stays below it); leaves out any other."""
        margin = threshold - value if at_most else value - threshold
        if margin < 0.0:
            return
        t0_ns, t1_ns = (int(t) for t in span_ns)
        self.happenings.append(
            Happening(
                0,
                kind,
                subjects,
                argument,
                t0_ns,
                t1_ns,
                float(value),
                unit,
                float(threshold),
                float(margin),
                evidence,
            )
        )
