"""Moving pictures of a run: as MP4 through ffmpeg, as GIF, or one still as PNG."""

from crowdsim.report.animation.animate import Animation, Wish, animate, find_problems

__all__ = ["Animation", "Wish", "animate", "find_problems"]
