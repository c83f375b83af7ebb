"""The replay: a run's trajectories, thinned and packed into a page, and the JavaScript that plays them."""

from crowdsim.report.replay.data import Replay, make_replay

__all__ = ["Replay", "make_replay"]
