"""Measurements of crowdsim itself: how fast it is, and how near to experiments."""
