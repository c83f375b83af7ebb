"""Attendees as Mesa's agents, made when asked for: one takes as long as its movement over forty steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import mesa
import numpy as np
from mesa.agent import AgentSet

from crowdsim.model.attendee import Attendee

if TYPE_CHECKING:
    from crowdsim.model.crowd_model import CrowdModel
    from crowdsim.model.state import CrowdState


class AgentsOnDemand(mesa.Model):  # type: ignore[misc]
    """A model of which the agents are made when they are asked for.

    Attributes
    ----------
    state : all moving state, as arrays.
    """

    state: CrowdState

    def prepare_agents(self, people: int) -> None:
        """Make room for as many agents as people are planned."""
        self._attendees: dict[int, Attendee] = {}
        self._has_agent = np.zeros(people, bool)

    @property
    def agents(self) -> AgentSet:
        """Those inside, each an `Attendee`."""
        self._make_agents()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], AgentSet]:
        """Those inside, by their class."""
        self._make_agents()
        return super().agents_by_type  # type: ignore[no-any-return]

    @property
    def agent_types(self) -> list[type[mesa.Agent]]:
        """The classes of those inside."""
        self._make_agents()
        return super().agent_types  # type: ignore[no-any-return]

    def remove_agents(self, rows: list[int]) -> None:
        """Take out those of `rows` who are agents."""
        for row in rows:
            if row in self._attendees:
                self._attendees.pop(row).remove()

    def _make_agents(self) -> None:
        """Make agents of all who have entered since the last time and are inside still."""
        rows = self.state.inside[~self._has_agent[self.state.inside]]
        self._has_agent[rows] = True
        for row in rows.tolist():
            self._attendees[row] = Attendee(cast("CrowdModel", self), row)
