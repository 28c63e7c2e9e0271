"""What becomes of the scenes of a job."""

from __future__ import annotations

from pathlib import Path

from pairforge.farm import quarantine
from pairforge.farm.plan import Plan
from pairforge.farm.protocol import Done, Failure
from pairforge.farm.report import Reporter


class Shift:
    """The scenes of one job as they end: reported, and set aside where they are at fault."""

    def __init__(self, root: Path, plan: Plan, spec: str, reporter: Reporter) -> None:
        self._root, self._plan, self._spec, self._reporter = root, plan, spec, reporter
        self._made: list[int] = []
        self._failures: list[Failure] = []
        self._poison: dict[int, Failure] = {}

    @property
    def told(self) -> int:
        """How many scenes have ended, one way or the other."""
        return len(self._made) + len(self._failures)

    @property
    def refused(self) -> bool:
        """Whether the disk or the store said no: it would say no to the next scene too."""
        return any(f.reason == "storage" for f in self._failures)

    @property
    def machine(self) -> tuple[Failure, ...]:
        """Failures that are no scene's fault."""
        return tuple(f for f in self._failures if f.index not in self._poison)

    def take(self, result: Done | Failure) -> None:
        """A scene has ended. Raises MachineError when it cannot be set aside."""
        if isinstance(result, Done):
            self._made.append(result.index)
            self._reporter.done(result)
            return
        self._reporter.failed(result)
        self._failures.append(result)
        if quarantine.surely_at_fault(result):
            self._put(result)

    def end(self) -> None:
        """Set aside every scene that is at fault."""
        for failure in quarantine.at_fault(self._failures, len(self._made)):
            if failure.index not in self._poison:
                self._put(failure)
        if self.machine:
            self._reporter.note(
                "the machine or the store is at fault; the scenes that it lost are not set aside"
            )

    def _put(self, failure: Failure) -> None:
        plan = self._plan
        command = quarantine.reproducer(
            self._spec, plan.identity, plan.scenes, plan.executor_limits(), failure
        )
        quarantine.put(self._root, failure, plan.slug(failure.index), command)
        self._poison[failure.index] = failure

    @property
    def made(self) -> tuple[int, ...]:
        """Scenes that are whole now."""
        return tuple(sorted(self._made))

    @property
    def poison(self) -> tuple[int, ...]:
        """Scenes that were set aside."""
        return tuple(sorted(self._poison))
