"""Safety criteria with limits and sources, and the verdict they add up to."""

from crowdsim.assess.judge import FAIL, PASS, UNDECIDED, judge

__all__ = ["FAIL", "PASS", "UNDECIDED", "judge"]
