"""The tiny scene with a ball whose paint decides: green kills the process that looks at it, white breaks the spec."""

import os
import signal
from dataclasses import dataclass, replace

from tiny_spec import TINY

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Choice
from pairforge.scenes.requirements import Requirement


@dataclass(frozen=True)
class Harmless(Requirement):
    """The ball's paint does no harm."""

    def check(self, candidate):
        paint = next(item.colour for item in candidate.concrete.items if item.name == "ball")
        if paint == "green":
            os.kill(os.getpid(), signal.SIGSEGV)
        if paint == "white":
            raise SpecError("a ball must not be white")
        return


BALL = replace(TINY.props[1], colour=Choice("blue", "green", "white"))
POISON = replace(TINY, props=[TINY.props[0], BALL, TINY.props[2]], require=[Harmless()])
