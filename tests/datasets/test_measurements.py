"""Quantiles from histograms are those of the values, however the values come."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.datasets.measurements import Measurements


def test_quantiles_are_numpys_within_a_bin_and_merging_changes_nothing() -> None:
    values = np.exp(np.sin(np.arange(20_000) * 0.7) * 6.0 - 9.0)
    whole, halves, other = Measurements(), Measurements(), Measurements()
    whole.add("x_m", values)
    halves.add("x_m", values[:7000])
    other.add("x_m", values[7000:].reshape(-1, 100))
    halves.merge(other)
    found = whole.quantiles()
    assert found == halves.quantiles()
    assert found["x_m_median"] == pytest.approx(np.median(values), rel=0.012)
    assert found["x_m_p999"] == pytest.approx(np.quantile(values, 0.999), rel=0.05)


def test_zeros_count_and_what_is_no_number_does_not() -> None:
    m = Measurements()
    m.add("x", np.array([0.0, 0.0, 1.0, np.nan, np.inf]))
    assert m.quantiles()["x_median"] == 0.0
    assert m.quantiles()["x_p999"] == pytest.approx(1.0, rel=0.012)
