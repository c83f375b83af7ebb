"""What a run is judged by, as `scenario.yaml` states it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from crowdsim.scenario.value import STRICT, Name, NonNegative, Positive

Evidence = Literal["standard", "literature", "assumption"]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class EgressTimeCriterion:
    """The last attendee leaves within `limit_s` after `from_s`."""

    quantity: Literal["egress_time"]
    limit_s: Positive
    from_s: NonNegative = 0.0
    source: Name
    level_of_evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class DensityExposureCriterion:
    """Attendees spend, on average over all who entered, at most `limit_s` above `above_per_m2`."""

    quantity: Literal["density_exposure"]
    above_per_m2: Positive
    limit_s: NonNegative
    source: Name
    level_of_evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class ExitFlowCriterion:
    """No exit carries more than `limit_per_m_s` people per metre and second over the flow window."""

    quantity: Literal["exit_flow"]
    limit_per_m_s: Positive
    source: Name
    level_of_evidence: Evidence


Criterion = Annotated[
    EgressTimeCriterion | DensityExposureCriterion | ExitFlowCriterion, Field(discriminator="quantity")
]
