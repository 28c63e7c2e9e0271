"""Hypothesis strategies for scene specs, all in one place."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pairforge.scenes.distributions import (
    Choice,
    Constant,
    Distribution,
    Integer,
    LogUniform,
    Normal,
    TruncatedNormal,
    Uniform,
    Value,
)
from pairforge.scenes.placement import Above, Anywhere, At, On, Placement
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene, Weather

SHAPES = ("box", "sphere", "cylinder", "cone")
COLOURS = ("red", "green", "blue", "yellow", "white")

seeds = st.integers(min_value=0, max_value=2**53 - 1)


def bounds(low: float, high: float) -> SearchStrategy[tuple[float, float]]:
    """Two numbers of [low, high] in rising order."""
    numbers = st.floats(low, high, allow_nan=False)
    return st.tuples(numbers, numbers).map(lambda pair: (min(pair), max(pair)))


def float_distributions(low: float, high: float) -> SearchStrategy[Distribution[float]]:
    """Distributions over positive numbers within [low, high]."""
    spread = bounds(low, high)
    return st.one_of(
        spread.map(lambda b: Uniform(*b)),
        spread.map(lambda b: LogUniform(*b)),
        spread.map(lambda b: TruncatedNormal((b[0] + b[1]) / 2, 0.1 * high, *b)),
        spread.map(lambda b: Choice(*b)),
        spread.map(lambda b: Constant(b[0])),
    )


def values(low: float, high: float) -> SearchStrategy[Value[float]]:
    return st.one_of(st.floats(low, high), float_distributions(low, high))


def any_distributions() -> SearchStrategy[Distribution[Any]]:
    return st.one_of(
        float_distributions(0.1, 9.0),
        st.builds(Normal, st.floats(-5, 5), st.floats(0.1, 5)),
        st.tuples(st.integers(-9, 9), st.integers(0, 9)).map(lambda p: Integer(p[0], p[0] + p[1])),
        st.lists(st.sampled_from(COLOURS), min_size=1, max_size=4).map(lambda names: Choice(*names)),
    )


def places() -> SearchStrategy[Placement]:
    """Placements on the empty setting's floor."""
    return st.one_of(
        st.builds(Anywhere),
        st.builds(On, st.just("floor"), yaw_deg=values(0.0, 360.0)),
        st.builds(Above, st.just("floor"), height_m=values(0.05, 1.0)),
    )


def props(name: str, place: SearchStrategy[Placement] | None = None) -> SearchStrategy[Prop]:
    colours = st.lists(st.sampled_from(COLOURS), min_size=2, unique=True).map(lambda names: Choice(*names))
    return st.builds(
        Prop,
        name=st.just(name),
        shape=st.sampled_from(SHAPES),
        colour=st.one_of(st.none(), st.sampled_from(COLOURS), colours),
        size_m=st.one_of(st.none(), values(0.05, 0.3)),
        place=places() if place is None else place,
        moves=st.booleans(),
    )


@st.composite
def scenes(draw: st.DrawFn, max_props: int = 4) -> Scene:
    """Small scenes of solids on a floor, with a camera and a LiDAR."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=max_props, unique=True))
    return Scene(
        name="any",
        props=[draw(props(name)) for name in names],
        sensors=[
            Camera(name="front", look_at=names[0], distance_m=draw(values(1.0, 3.0))),
            Lidar(name="mast"),
        ],
        weather=Weather(cloudiness=draw(values(0.0, 1.0)), fog_per_m=draw(values(0.0001, 0.1))),
    )


@st.composite
def spaced_scenes(draw: st.DrawFn) -> Scene:
    """Scenes whose things stand a metre apart, so that none can be in another's way."""
    count = draw(st.integers(2, 4))
    things = [draw(props(f"p{k}", st.just(At((float(k), 0.0, 0.0))))) for k in range(count)]
    return Scene(name="spaced", props=things)
