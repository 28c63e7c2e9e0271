"""The world's metres on Earth: east-north-up at the scene's origin, ECEF, and WGS 84 latitude, longitude, height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pymap3d

from pairforge.frames import F64
from pairforge.scenes.place import Place


@dataclass(frozen=True)
class LocalFrame:
    """A scene's tangent plane. Points are (..., 3)."""

    place: Place

    @property
    def enu_from_world(self) -> F64:
        """(3, 3) rotation: x points to the compass bearing ``x_bearing_deg``, y to the left of it."""
        b = np.radians(self.place.x_bearing_deg)
        return np.array([[np.sin(b), -np.cos(b), 0.0], [np.cos(b), np.sin(b), 0.0], [0.0, 0.0, 1.0]])

    def enu(self, world: F64) -> F64:
        """East, north, up of points or vectors of the world, m."""
        return np.asarray(world @ self.enu_from_world.T, dtype=np.float64)

    def ecef(self, enu: F64) -> F64:
        """Earth-centred, Earth-fixed coordinates of points, m."""
        return np.stack(pymap3d.enu2ecef(*np.moveaxis(enu, -1, 0), *self._origin), axis=-1)

    def geodetic(self, enu: F64) -> F64:
        """Latitude (deg), longitude (deg) and height above the ellipsoid (m) of points."""
        return np.stack(pymap3d.enu2geodetic(*np.moveaxis(enu, -1, 0), *self._origin), axis=-1)

    def enu_of_ecef(self, ecef: F64) -> F64:
        """East, north, up of points given in ECEF, m."""
        return np.stack(pymap3d.ecef2enu(*np.moveaxis(ecef, -1, 0), *self._origin), axis=-1)

    @property
    def _origin(self) -> tuple[float, float, float]:
        return self.place.latitude_deg, self.place.longitude_deg, self.place.altitude_m
