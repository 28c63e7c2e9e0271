"""The pieces that reference lines are made of: lines, arcs, clothoids and polynomials, at many points at once.

Every piece is followed by its arc length: ``ds`` metres along it, from 0 to its length.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import fresnel, roots_legendre

from pairforge.frames import F64
from pairforge.scenes.roads.network import Geometry

C128 = NDArray[np.complex128]

MOST_TURN = 100.0
"""Radians that one clothoid may turn in all; beyond it a nearly circular one is no longer exact."""

_GENTLE = 1e-3
"""|change of curvature| x length below which a clothoid is integrated: Fresnel's parameters grow with 1 / it."""
_NODES, _WEIGHTS = roots_legendre(16)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
"""Gauss-Legendre quadrature over 0..1."""
_PANELS = 64
"""A polynomial's arc length is tabulated at so many steps."""


class OnCurve(NamedTuple):
    """Points of a plane curve: ``xy_m`` (N, 2), ``heading`` (N,) radians, ``curvature`` (N,) 1/m, float64."""

    xy_m: F64
    heading: F64
    curvature: F64


def along(piece: Geometry, ds: F64) -> OnCurve:
    """The piece at arc lengths ``ds`` (N,) metres from its start."""
    if piece.kind in ("line", "arc", "spiral"):
        local = _turning(piece, ds)
    else:
        local = _polynomial(piece, ds)
    c, s = np.cos(piece.heading), np.sin(piece.heading)
    xy = local.xy_m @ np.array([[c, s], [-s, c]]) + np.array([piece.x_m, piece.y_m])
    return OnCurve(xy, local.heading + piece.heading, local.curvature)


def pointwise(piece: Geometry) -> bool:
    """Whether a point of the piece is the same to the last bit whichever others are asked for with it: sums of
    quadrature are rounded by where in a batch they stand."""
    return piece.kind in ("line", "arc", "spiral") and not _gentle(piece, _change(piece))


def _change(piece: Geometry) -> float:
    """Of curvature per metre."""
    return (piece.curvature_end - piece.curvature_start) / piece.length_m if piece.kind == "spiral" else 0.0


def _gentle(piece: Geometry, change: float) -> bool:
    return 0.0 < abs(change) * piece.length_m**2 < _GENTLE


def _turning(piece: Geometry, ds: F64) -> OnCurve:
    """A curve whose curvature is linear in ds, from the origin along +x."""
    k, change = piece.curvature_start, _change(piece)
    if change == 0.0:
        # The chord of an arc has length ds sinc(k ds / 2) and half its turn; np.sinc takes multiples of pi.
        end = ds * np.sinc(k * ds / (2 * np.pi)) * np.exp(0.5j * k * ds)
    elif _gentle(piece, change):
        end = _integrated(k, change, ds)
    else:
        end = _fresnel(k, change, ds)
    xy = np.stack([end.real, end.imag], axis=-1)
    return OnCurve(xy, k * ds + change * ds**2 / 2, k + change * ds)


def _fresnel(k: float, change: float, ds: F64) -> C128:
    """Integral of exp(i (k u + change u^2 / 2)) over u in 0..ds, by completing the square."""
    if change < 0.0:
        return np.conj(_fresnel(-k, -change, ds))
    scale = np.sqrt(change / np.pi)
    sine_0, cosine_0 = fresnel(k / change * scale)
    sine, cosine = fresnel((ds + k / change) * scale)
    swept = (cosine - cosine_0) + 1j * (sine - sine_0)
    return np.asarray(swept * np.exp(-0.5j * k * k / change) / scale)


def _integrated(k: float, change: float, ds: F64) -> C128:
    """The same integral by quadrature, for a curvature that hardly changes."""
    turn = np.max(np.abs(k * ds), initial=0.0)
    panels = 1 + int(turn / 2.0)
    nodes = ((np.arange(panels)[:, None] + _NODES) / panels).ravel()
    u = ds[:, None] * nodes
    return np.asarray(ds / panels * (np.exp(1j * (k * u + change * u**2 / 2)) @ np.tile(_WEIGHTS, panels)))


def _polynomial(piece: Geometry, ds: F64) -> OnCurve:
    """A curve (u(p), v(p)) of cubics, from its start along its own axes; ds is turned into p by arc length."""
    given = np.array(piece.coefficients)
    if piece.kind == "poly3":
        cubics, p_end, fit_m = np.stack([[0.0, 1.0, 0.0, 0.0], given]), piece.length_m, None
    else:
        cubics, p_end, fit_m = (
            given.reshape(2, 4),
            1.0 if piece.normalised else piece.length_m,
            piece.length_m,
        )
    first = _derivative(cubics)
    p = _parameter(first, p_end, ds, fit_m)
    (du, dv), (ddu, ddv) = _values(first, p), _values(_derivative(first), p)
    speed = np.hypot(du, dv)
    bend = du * ddv - dv * ddu
    curvature = np.divide(bend, speed**3, out=np.zeros_like(bend), where=speed > 1e-9)
    return OnCurve(_values(cubics, p).T, np.arctan2(dv, du), curvature)


def _derivative(polynomials: F64) -> F64:
    """Of polynomials by their coefficients (2, N), lowest power first."""
    return np.asarray(polynomials[:, 1:] * np.arange(1, polynomials.shape[1]))


def _values(polynomials: F64, p: F64) -> F64:
    """u and v, (2, …) for p of any shape."""
    value = np.zeros((2, *p.shape))
    for coefficient in reversed(polynomials.T):
        value = value * p + coefficient.reshape(2, *[1] * p.ndim)
    return value


def _parameter(derivative: F64, p_end: float, ds: F64, fit_m: float | None) -> F64:
    """The parameters at which the curve is ``ds`` long; with ``fit_m`` it counts as so long over 0..p_end, since
    a file's length and its polynomial differ by rounding and the next piece starts at p_end."""
    knots = np.linspace(0.0, p_end, _PANELS + 1)
    step = p_end / _PANELS

    def speed(p: F64) -> F64:
        return np.asarray(np.hypot(*_values(derivative, p)))

    def arc(start: F64, width: F64 | float) -> F64:
        u = start[..., None] + np.asarray(width)[..., None] * _NODES
        return np.asarray(width * (speed(u) @ _WEIGHTS))

    lengths = np.concatenate([[0.0], np.cumsum(arc(knots[:-1], step))])
    wanted = ds if fit_m is None else ds * (lengths[-1] / fit_m)
    panel = np.clip(np.searchsorted(lengths, wanted, side="right") - 1, 0, _PANELS - 1)
    start, left = knots[panel], wanted - lengths[panel]
    whole = lengths[panel + 1] - lengths[panel]
    inside = step * np.divide(left, whole, out=np.zeros_like(left), where=whole > 0.0)
    for _ in range(4):  # Newton; within one of 64 panels the curve is nearly straight
        pace, miss = speed(start + inside), left - arc(start, inside)
        inside = np.clip(inside + np.divide(miss, pace, out=np.zeros_like(miss), where=pace > 1e-9), 0, step)
    return np.asarray(start + inside)
