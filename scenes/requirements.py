"""Requirements: what must hold of a drawn scene; a scene that fails one is redrawn whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pairforge.scenes.candidate import Candidate


class Requirement(ABC):
    """Base of all requirements. Subclass as a frozen dataclass; its repr names it in errors."""

    @abstractmethod
    def check(self, candidate: Candidate) -> str | None:
        """Why it does not hold, or None."""

    def references(self) -> tuple[str, ...]:
        """Names of things it speaks of, checked before anything is drawn."""
        return ()
