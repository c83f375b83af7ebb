"""The simulation: a Mesa model whose attendees decide at events and whose kernels move everyone each step."""

from crowdsim.model.attendee import Attendee
from crowdsim.model.crowd_model import CrowdModel

__all__ = ["Attendee", "CrowdModel"]
