"""The run folder: trajectories and events streamed to disk, and read back."""

from crowdsim.record.export import write_jupedsim
from crowdsim.record.recording import Frame, Recording, Trajectories
from crowdsim.record.writer import Recorder, write_attendees

__all__ = ["Frame", "Recorder", "Recording", "Trajectories", "write_attendees", "write_jupedsim"]
