"""Verification and validation: published test cases run on the simulator, judged, and put on one page."""
