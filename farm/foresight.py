"""What a worker does for its next unit while the present one is pictured."""

from __future__ import annotations

import threading
from typing import Any

from pairforge.farm.protocol import Foresighted


class Foresight:
    """Prepares one unit in a thread beside another's run.

    A hint, never a promise: whoever is given another unit, or finds that preparing failed, prepares it when its turn
    comes, and meets there whatever was wrong.
    """

    def __init__(self) -> None:
        self._job: Foresighted | None = None
        self._thread: threading.Thread | None = None
        self._found: Any = None

    def begin(self, job: Foresighted | None) -> None:
        """Prepare ``job``, unless another is still being prepared."""
        if job is None or self.busy:
            return
        self._job, self._found = job, None
        self._thread = threading.Thread(target=self._prepare, args=(job,), daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether a unit is being prepared at this moment."""
        return self._thread is not None and self._thread.is_alive()

    def take(self, job: object) -> Any:
        """What was prepared for ``job``, once it is ready; None when nothing was, or it failed. Nothing is kept."""
        thread, found_for = self._thread, self._job
        if thread is None or found_for != job:
            self._job = None
            return None
        thread.join()
        found, self._job, self._thread, self._found = self._found, None, None, None
        return found

    def _prepare(self, job: Foresighted) -> None:
        try:
            found = job.foresee()
        except Exception:  # it will be raised where it can be told of: at the unit's own turn
            return
        if self._job is job:
            self._found = found
