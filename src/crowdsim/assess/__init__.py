"""Safety criteria with limits and sources, and the verdict they add up to."""

from crowdsim.assess.by_hand_all import compare_by_hand
from crowdsim.assess.judge import FAIL, PASS, UNDECIDED, judge

__all__ = ["FAIL", "PASS", "UNDECIDED", "compare_by_hand", "judge"]
