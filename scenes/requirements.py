"""Requirements: what must hold of a drawn scene; a scene that fails one is redrawn whole."""

from __future__ import annotations


class Requirement:
    """Base of all requirements."""
