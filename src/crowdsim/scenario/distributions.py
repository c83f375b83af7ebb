"""Quantities that vary between attendees, as `scenario.yaml` states them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, NonNegative, Positive, refusal


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Constant:
    """The same duration for everyone."""

    distribution: Literal["constant"]
    value_s: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Uniform:
    """A duration drawn evenly between two bounds."""

    distribution: Literal["uniform"]
    min_s: NonNegative
    max_s: NonNegative

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max_s < self.min_s:
            raise refusal(f"max_s {self.max_s:g}", f"at least min_s ({self.min_s:g} s)")
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Normal:
    """A normally distributed duration; cut off below zero."""

    distribution: Literal["normal"]
    mean_s: NonNegative
    sd_s: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Lognormal:
    """A lognormal duration: `median_s * exp(sigma * N(0, 1))`; sigma has no unit."""

    distribution: Literal["lognormal"]
    median_s: Positive
    sigma: NonNegative


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Exponential:
    """An exponentially distributed duration."""

    distribution: Literal["exponential"]
    mean_s: Positive


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Empirical:
    """A duration drawn evenly from measured ones, with replacement."""

    distribution: Literal["empirical"]
    values_s: Annotated[tuple[NonNegative, ...], Field(min_length=1)]


AnyDuration = Constant | Uniform | Normal | Lognormal | Exponential | Empirical
Duration = Annotated[AnyDuration, Field(discriminator="distribution")]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class TruncatedNormal:
    """A normal distribution cut off at `min` and `max`."""

    mean: Positive
    sd: NonNegative
    min: Positive
    max: Positive

    @model_validator(mode="after")
    def _mean_inside(self) -> Self:
        if not self.min <= self.mean <= self.max:
            raise refusal(f"min {self.min:g}, mean {self.mean:g}, max {self.max:g}", "min <= mean <= max")
        return self
