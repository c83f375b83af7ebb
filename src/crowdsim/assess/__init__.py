"""Safety criteria with limits and sources, the verdict they add up to, and what to look at first."""

from crowdsim.assess.by_hand_all import compare_by_hand
from crowdsim.assess.findings import Finding
from crowdsim.assess.judge import FAIL, PASS, UNDECIDED, Assessment, assess, judge

__all__ = ["FAIL", "PASS", "UNDECIDED", "Assessment", "Finding", "assess", "compare_by_hand", "judge"]
