from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from scipy import stats

from pairforge.errors import SpecError
from pairforge.scenes.distributions import (
    Choice,
    Distribution,
    Flag,
    Integer,
    LogUniform,
    Normal,
    TruncatedNormal,
    Uniform,
    UniformVector,
    UnitQuaternion,
)
from pairforge.seeding import Stream
from tests.strategies import any_distributions, seeds


def sample(distribution: Distribution[Any], count: int = 600) -> list[Any]:
    return [distribution.draw(Stream(5) / k) for k in range(count)]


@given(any_distributions(), seeds)
def test_a_draw_depends_on_nothing_but_its_stream(distribution: Distribution[Any], seed: int) -> None:
    first = distribution.draw(Stream(seed, "a"))
    distribution.draw(Stream(seed, "b"))
    assert distribution.draw(Stream(seed, "a")) == first


@pytest.mark.parametrize(
    ("distribution", "cdf"),
    [
        (Uniform(2.0, 5.0), stats.uniform(2.0, 3.0).cdf),
        (Normal(1.0, 2.0), stats.norm(1.0, 2.0).cdf),
        (LogUniform(0.01, 10.0), stats.loguniform(0.01, 10.0).cdf),
    ],
)
def test_draws_follow_the_distribution(distribution: Distribution[float], cdf: Any) -> None:
    assert stats.kstest(sample(distribution), cdf).pvalue > 0.01


def test_a_truncated_normal_is_cut_not_clipped() -> None:
    drawn = np.array(sample(TruncatedNormal(0.0, 1.0, -0.5, 2.0)))
    assert drawn.min() >= -0.5
    assert drawn.max() <= 2.0
    assert len(np.unique(drawn)) == len(drawn)
    share = (stats.norm.cdf(0.0) - stats.norm.cdf(-0.5)) / (stats.norm.cdf(2.0) - stats.norm.cdf(-0.5))
    assert abs((drawn < 0).mean() - share) < 0.07


def test_integers_include_both_ends() -> None:
    assert set(sample(Integer(-1, 2))) == {-1, 0, 1, 2}


def test_weights_are_shares() -> None:
    drawn = sample(Choice("a", "b", "c", weights=(1, 3, 0)))
    assert "c" not in drawn
    assert abs(drawn.count("b") / len(drawn) - 0.75) < 0.06
    assert abs(np.mean(sample(Flag(0.2))) - 0.2) < 0.06


def test_orientations_are_uniform_over_all_rotations() -> None:
    q = np.array(sample(UnitQuaternion()))
    assert np.allclose(np.linalg.norm(q, axis=1), 1.0)
    assert (q[:, 0] >= 0).all()
    # The rotation angle of a Haar-uniform rotation has density (1 - cos a) / pi on [0, pi].
    angle = 2 * np.arccos(np.clip(q[:, 0], -1, 1))
    assert stats.kstest(angle, lambda a: (a - np.sin(a)) / math.pi).pvalue > 0.01


def test_points_fill_the_box() -> None:
    drawn = np.array(sample(UniformVector((0.0, -1.0, 2.0), (1.0, 1.0, 2.0))))
    assert (drawn[:, 2] == 2.0).all()
    assert np.allclose(drawn[:, :2].mean(axis=0), [0.5, 0.0], atol=0.06)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Uniform(3, 2), "low 3 is above high 2; swap them"),
        (lambda: Uniform("a", 2), "low must be a number, not 'a'"),  # type: ignore[arg-type]
        (lambda: Uniform(True, 2), "low must be a number, not True"),
        (lambda: Uniform(0.0, math.inf), "high must be finite"),
        (lambda: Normal(0.0, 0.0), "std must be above 0"),
        (lambda: TruncatedNormal(0.0, 1.0, 2.0, 1.0), "swap them"),
        (lambda: LogUniform(0.0, 1.0), "low must be above 0"),
        (lambda: Integer(1.5, 2), "low must be a whole number"),  # type: ignore[arg-type]
        (lambda: Choice(), "at least one option"),
        (lambda: Choice("a", "b", weights=(1.0,)), "2 options but 1 weights"),
        (lambda: Choice("a", "b", weights=(0.0, 0.0)), "not all 0"),
        (lambda: Choice("a", "b", weights=(2.0, -1.0)), "0 or more"),
        (lambda: Flag(1.2), "0..1"),
        (lambda: UniformVector((0.0, 0.0, 1.0), (1.0, 1.0, 0.0)), "swap them"),
    ],
)
def test_nonsense_is_refused_when_written(make: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says.replace(".", r"\.")):
        make()
